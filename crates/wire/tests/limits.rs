//! The bounds shared by central and displays are written only in `wire`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};

use vyveska_wire::limits::{MAX_DOCUMENT_BYTES, MAX_EVENT_BYTES, MAX_JITTER_MS, MAX_SECTION_BYTES};
use vyveska_wire::text_rendition::MAX_PAGE_LETTERS;

/// The bounds, and the file that each is written in.
const BOUNDS: [(u64, &str); 5] = [
    (MAX_SECTION_BYTES, "crates/wire/src/limits.rs"),
    (MAX_DOCUMENT_BYTES, "crates/wire/src/limits.rs"),
    (MAX_EVENT_BYTES as u64, "crates/wire/src/limits.rs"),
    (MAX_JITTER_MS, "crates/wire/src/limits.rs"),
    (MAX_PAGE_LETTERS as u64, "crates/wire/src/text_rendition.rs"),
];

/// Other numbers that happen to be equal: the file, and a part of the line.
const COINCIDENCES: [(&str, &str); 6] = [
    ("crates/central/src/config/documents.rs", "0 to 60000"),
    ("crates/central/src/config/documents.rs", "0, 60_000"),
    ("crates/pages/src/protocol/frames.rs", "MAX_REPLY_BYTES"),
    (
        "crates/central/src/information/enclosure.rs",
        "MAX_TOTAL_DOCUMENT_BYTES",
    ),
    ("src/app/coat_of_arms.rs", "MAX_MEMORY"),
    ("src/ui/present/service.rs", "let tenths ="),
];

#[test]
fn no_bound_is_written_twice() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    for package in std::fs::read_dir(root.join("crates")).unwrap() {
        collect(&package.unwrap().path().join("src"), &mut files);
    }
    assert!(files.len() > 100, "the sources are not where they were");
    let mut copies = Vec::new();
    for file in files {
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        if name.ends_with("tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let product = text
            .split("\n#[cfg(test)]\nmod tests")
            .next()
            .unwrap_or_default();
        for line in product.lines() {
            let coincidence = |(file, part): &(&str, &str)| name == *file && line.contains(part);
            let values = values(line);
            let is_copy = |(bound, place): &(u64, &str)| name != *place && values.contains(bound);
            if !COINCIDENCES.iter().any(coincidence) && BOUNDS.iter().any(is_copy) {
                copies.push(format!("{name}: {}", line.trim()));
            }
        }
    }
    assert_eq!(copies, [""; 0], "use the constant of vyveska_wire instead");
}

#[test]
fn products_and_shifts_are_evaluated() {
    assert_eq!(values("a: 16 * 1024 * 1024, b: 3 << 2;"), [16 << 20, 12]);
    assert_eq!(
        values("16 * MIB + 100_000_000_u64"),
        [16 << 20, 100_000_000]
    );
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

/// The numbers of a line; products and shifts as their value.
fn values(line: &str) -> Vec<u64> {
    let spaced = line.replace('*', " * ").replace("<<", " << ");
    let mut values: Vec<u64> = Vec::new();
    let mut operator = None;
    let words = spaced.split(|c: char| !(c.is_ascii_alphanumeric() || "_*<".contains(c)));
    for word in words.filter(|word| !word.is_empty()) {
        let value = number(word);
        match (operator.take(), value, values.last_mut()) {
            (Some("*"), Some(value), Some(last)) => *last = last.saturating_mul(value),
            (Some("<<"), Some(value), Some(last)) => {
                *last = last.checked_shl(value as u32).unwrap_or(u64::MAX);
            }
            (_, Some(value), _) => values.push(value),
            (_, None, _) => operator = ["*", "<<"].into_iter().find(|one| *one == word),
        }
    }
    values
}

fn number(word: &str) -> Option<u64> {
    match word {
        "KIB" => return Some(1 << 10),
        "MIB" => return Some(1 << 20),
        "GIB" => return Some(1 << 30),
        _ => {}
    }
    let plain = ["u64", "usize", "u32", "i64"]
        .into_iter()
        .find_map(|end| word.strip_suffix(end))
        .unwrap_or(word);
    plain.replace('_', "").parse().ok()
}
