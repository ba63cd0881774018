//! Rules about the sources: `docs/architecture.md` names places that exist, and every thread is supervised.

use std::path::{Path, PathBuf};

/// The Rust files of a folder and its folders.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_thread_of_the_kiosk_is_supervised() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    assert!(files.len() > 100);
    // The one place that starts threads, and a stand-in for central in tests.
    let exceptions = ["src/worker.rs", "src/sync/sample_central.rs"];
    for file in files {
        let name = file.strip_prefix(root).expect("a file of the project");
        let is_test = |part: &std::ffi::OsStr| {
            let part = part.to_string_lossy();
            part == "tests" || part == "tests.rs" || part.ends_with("_tests.rs")
        };
        if name.iter().any(is_test) {
            continue;
        }
        if exceptions
            .iter()
            .any(|exception| name == Path::new(exception))
        {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("a source");
        let (code, _tests) = text
            .split_once("#[cfg(test)]\nmod tests {")
            .unwrap_or((&text, ""));
        for start in [
            "thread::spawn(",
            "thread::Builder",
            "thread::scope(",
            "tokio::spawn(",
        ] {
            assert!(
                !code.contains(start),
                "{} starts a thread or task that nobody supervises: {start}",
                name.display()
            );
        }
    }
}

#[test]
fn the_places_of_the_rules_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/architecture.md")).expect("the page");
    let (_, table) = page
        .split_once("## Where is the rule?")
        .expect("the page ends with the list");
    let rows: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| Q") && !line.contains("---"))
        .collect();
    assert!(rows.len() >= 11, "{rows:#?}");
    for row in rows {
        let places: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
        assert!(!places.is_empty(), "{row}");
        for place in places {
            assert!(root.join(place).exists(), "{place} of {row}");
        }
    }
    let after = table.lines().rev().find(|line| !line.trim().is_empty());
    assert!(
        after.is_some_and(|line| line.starts_with('|')),
        "nothing follows the table"
    );
}
