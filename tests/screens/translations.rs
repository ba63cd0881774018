//! The interface is complete in Czech and German: no English shows through.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use vyveska::ui::typography::bind;

fn markup() -> Vec<PathBuf> {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    let folders = [ui.clone(), ui.join("pages"), ui.join("widgets")];
    let files = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap());
    files
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "slint")
        })
        .collect()
}

/// The first words in every `@tr(…)`; what stands before `=>` is only the context.
fn wanted() -> BTreeSet<String> {
    let mut wanted = BTreeSet::new();
    for path in markup() {
        let text = std::fs::read_to_string(path).unwrap();
        for call in text.split("@tr(").skip(1) {
            let mut quoted = call.split('"').skip(1).step_by(2);
            let first = quoted.next().unwrap();
            let with_context = call
                .split('"')
                .nth(2)
                .is_some_and(|after| after.trim() == "=>");
            let words = if with_context {
                quoted.next().unwrap()
            } else {
                first
            };
            wanted.insert(words.to_owned());
        }
    }
    wanted
}

fn catalogue(language: &str) -> String {
    let path = format!("ui/translations/{language}/LC_MESSAGES/vyveska.po");
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn translated(language: &str) -> BTreeSet<String> {
    let text = catalogue(language);
    let quoted = |line: &str, key: &str| -> Option<String> {
        line.strip_prefix(key)?
            .strip_prefix(" \"")?
            .strip_suffix('"')
            .map(str::to_owned)
    };
    let mut translated = BTreeSet::new();
    let mut id = String::new();
    for line in text.lines() {
        if let Some(found) = quoted(line, "msgid") {
            id = found;
        } else if let Some(found) = quoted(line, "msgstr").or_else(|| quoted(line, "msgstr[0]"))
            && !found.is_empty()
        {
            translated.insert(id.clone());
        }
    }
    translated
}

#[test]
fn every_word_is_translated_and_no_translation_is_left_over() {
    let wanted = wanted();
    assert!(wanted.len() > 50, "the markup was read");
    for language in ["cs", "de"] {
        assert_eq!(translated(language), wanted, "{language}");
    }
}

#[test]
fn no_czech_sentence_leaves_a_preposition_or_an_abbreviation_at_a_lines_end() {
    let text = catalogue("cs");
    let sentences = text
        .lines()
        .filter(|line| line.starts_with("msgstr"))
        .filter_map(|line| line.split_once('"')?.1.strip_suffix('"'))
        .flat_map(|sentence| sentence.split("\\n"));
    let mut wrong = Vec::new();
    for sentence in sentences {
        // More may be bound than has to be.
        let bound = bind(sentence);
        let loose = |(bound, written)| bound == '\u{a0}' && written != bound;
        if bound.chars().zip(sentence.trim().chars()).any(loose) {
            wrong.push(bound.replace('\u{a0}', "~"));
        }
    }
    assert!(wrong.is_empty(), "these want ~ so:\n{}", wrong.join("\n"));
}
