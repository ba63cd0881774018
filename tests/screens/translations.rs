//! The interface is complete in Czech and German: no English shows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use vyveska_board::Language;
use vyveska_board::format::typography::bind;

fn markup() -> Vec<PathBuf> {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    let folders = [
        ui.clone(),
        ui.join("pages"),
        ui.join("widgets"),
        ui.join("theme"),
    ];
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

/// The sentences of the markup, and whether each has singular and plural.
type Sentences = BTreeSet<(String, bool)>;

/// The strings in all `@tr(…)`; before `=>` is the context, after `|` the plural.
fn wanted() -> Sentences {
    let mut wanted = BTreeSet::new();
    for path in markup() {
        let text = std::fs::read_to_string(path).unwrap();
        for call in text.split("@tr(").skip(1) {
            let parts: Vec<&str> = call.split('"').collect();
            let with_context = parts[2].trim() == "=>";
            let first = if with_context { 3 } else { 1 };
            let for_many = parts[first + 1].trim() == "|";
            wanted.insert((parts[first].to_owned(), for_many));
        }
    }
    wanted
}

fn catalogue(language: &str) -> String {
    let path = format!("ui/translations/{language}/LC_MESSAGES/vyveska-markup.po");
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// A catalogue entry.
#[derive(Default)]
struct Entry {
    for_many: bool,
    /// The number of forms that are not empty.
    forms: usize,
}

/// „msgid "words"".
fn said(line: &str) -> Option<(&str, &str)> {
    let (key, words) = line.split_once(" \"")?;
    Some((key, words.strip_suffix('"')?))
}

/// The translation of a Czech text into another language.
pub(crate) fn in_language(czech: &str, language: Language) -> String {
    let find = |text: &str, by: &str, wanted: &str, give: &str| {
        let lines: Vec<_> = text.lines().filter_map(said).collect();
        let pair = lines.windows(2).find(|pair| {
            let found = pair.iter().find(|(key, _)| *key == by);
            found.is_some_and(|(_, words)| *words == wanted)
                && pair[0].0 == "msgid"
                && pair[1].0 == "msgstr"
        })?;
        let given = pair.iter().find(|(key, _)| *key == give);
        given.map(|(_, words)| (*words).to_owned())
    };
    let english = find(&catalogue("cs"), "msgstr", czech, "msgid");
    match (english, language) {
        (Some(english), Language::English) => english,
        (Some(english), Language::German) => {
            find(&catalogue("de"), "msgid", &english, "msgstr").unwrap()
        }
        _ => czech.to_owned(),
    }
}

/// The sentences that have all the forms of the language.
fn translated(text: &str) -> Sentences {
    let forms = text.split("nplurals=").nth(1).unwrap();
    let forms: usize = forms.split(';').next().unwrap().parse().unwrap();
    let mut entries: Vec<(String, Entry)> = Vec::new();
    for line in text.lines() {
        let Some((key, words)) = said(line) else {
            continue;
        };
        match (key, entries.last_mut()) {
            ("msgid", _) => entries.push((words.to_owned(), Entry::default())),
            ("msgid_plural", Some((_, entry))) => entry.for_many = true,
            (key, Some((_, entry))) if key.starts_with("msgstr") && !words.is_empty() => {
                entry.forms += 1;
            }
            _ => {}
        }
    }
    let complete = |entry: &Entry| entry.forms == if entry.for_many { forms } else { 1 };
    entries
        .into_iter()
        .filter(|(words, entry)| !words.is_empty() && complete(entry))
        .map(|(words, entry)| (words, entry.for_many))
        .collect()
}

#[test]
fn every_word_is_translated_in_every_form_and_no_translation_is_left_over() {
    let wanted = wanted();
    assert!(wanted.len() > 50, "the markup was read");
    for language in ["cs", "de"] {
        assert_eq!(translated(&catalogue(language)), wanted, "{language}");
    }
}

/// A sentence that is there twice has one translation that nobody sees, and may contradict the other.
#[test]
fn every_sentence_is_in_a_catalogue_once() {
    for language in ["cs", "de"] {
        let catalogue = catalogue(language);
        let mut seen = BTreeSet::new();
        let mut context = "";
        for line in catalogue.lines() {
            match said(line) {
                Some(("msgctxt", words)) => context = words,
                Some(("msgid", words)) => {
                    assert!(
                        seen.insert((context, words)),
                        "{language}: {words:?} is there twice"
                    );
                    context = "";
                }
                _ => {}
            }
        }
    }
}

#[test]
fn a_sentence_that_lacks_a_form_is_not_translated() {
    let text = catalogue("cs");
    let whole = translated(&text).len();
    let without = |what: &str| {
        let (before, after) = text.split_once(what).unwrap();
        let end = after.find('\n').unwrap();
        translated(&format!("{before}{}", &after[end..])).len()
    };
    assert_eq!(without("msgstr[2]"), whole - 1);
    assert_eq!(without("msgstr[0]"), whole - 1);
}

/// A string literal of the markup, and the calls around it: `@tr`, `@image-url`.
struct Literal {
    line: usize,
    text: String,
    calls: Vec<String>,
    /// The statement up to the literal.
    statement: String,
    in_global: bool,
}

/// All string literals of a markup file.
fn literals(markup: &str) -> Vec<Literal> {
    let mut found = Vec::new();
    let (mut statement, mut calls, mut blocks) = (String::new(), Vec::new(), Vec::new());
    let mut letters = markup.chars().peekable();
    let mut line = 1;
    while let Some(letter) = letters.next() {
        line += usize::from(letter == '\n');
        match letter {
            '/' if letters.peek() == Some(&'/') => {
                while letters.next_if(|letter| *letter != '\n').is_some() {}
                continue;
            }
            '"' => {
                let mut text = String::new();
                while let Some(letter) = letters.next_if(|letter| *letter != '"') {
                    text.push(letter);
                    if letter == '\\' {
                        text.extend(letters.next());
                    }
                }
                letters.next();
                found.push(Literal {
                    line,
                    text,
                    calls: calls.clone(),
                    statement: statement.trim().to_owned(),
                    in_global: blocks.first().is_some_and(|block| *block),
                });
                continue;
            }
            '(' => {
                let name = |letter: char| letter.is_alphanumeric() || "@-_".contains(letter);
                let start = statement
                    .rfind(|letter| !name(letter))
                    .map_or(0, |at| at + 1);
                calls.push(statement[start..].to_owned());
            }
            ')' => drop(calls.pop()),
            '{' => blocks.push(statement.contains("global ")),
            '}' => drop(blocks.pop()),
            _ => {}
        }
        statement.push(letter);
        // The value of a property may have several parts and ends with its semicolon.
        let is_value = statement.trim_start().starts_with("in property");
        if letter == ';' || (matches!(letter, '{' | '}') && !is_value) {
            statement.clear();
        }
    }
    found
}

/// Whether somebody could read it: letters, or punctuation that differs between languages.
fn says_something(text: &str) -> bool {
    // A file or an address is the same in every language.
    if text.is_ascii() && !text.contains(' ') && text.trim_matches('.').contains('.') {
        return false;
    }
    let mut letters = text.replace("\\n", " ");
    letters.retain(|letter| letter.is_alphabetic() || "„“”‚‘’«»".contains(letter));
    !letters.is_empty()
}

/// Literals that need no translation: files, names in the markup, the font, and the sample data of an adapter until the
/// first board is drawn.
fn may_stand(literal: &Literal) -> bool {
    let Literal {
        calls, statement, ..
    } = literal;
    calls
        .iter()
        .any(|call| call == "@tr" || call == "@image-url")
        || statement.starts_with("from")
        || statement.starts_with("accessible-id:")
        || statement.starts_with("out property <string> family:")
        || (literal.in_global && statement.starts_with("in property"))
}

#[test]
fn no_words_are_written_past_the_translations() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in markup() {
        let text = std::fs::read_to_string(&path).unwrap();
        for literal in literals(&text) {
            seen += 1;
            if says_something(&literal.text) && !may_stand(&literal) {
                wrong.push(format!(
                    "{}:{}: {:?}",
                    path.display(),
                    literal.line,
                    literal.text
                ));
            }
        }
    }
    assert!(seen > 500, "the markup was read");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn words_outside_of_a_translation_are_found() {
    let found = |markup: &str| {
        literals(markup)
            .iter()
            .filter(|literal| says_something(&literal.text) && !may_stand(literal))
            .count()
    };
    assert_eq!(found("component A { Text { text: \"Close\"; } }"), 1);
    assert_eq!(
        found("component A { in property <string> text: \"Close\"; }"),
        1
    );
    assert_eq!(
        found("component A { Text { text: @tr(\"Close\") + \" „\" + a; } }"),
        1
    );
    assert_eq!(
        found("component A { Text { text: a == \"\" ? \"–\" : @tr(\"a\" => \"Close\"); } }"),
        0
    );
    assert_eq!(
        found("global A { in property <string> text: \"Close\"; }"),
        0
    );
    assert_eq!(found("import { A } from \"a.slint\"; // \"Close\""), 0);
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
        // Binding more than necessary is allowed.
        let bound = bind(sentence);
        let loose = |(bound, written)| bound == '\u{a0}' && written != bound;
        if bound.chars().zip(sentence.trim().chars()).any(loose) {
            wrong.push(bound.replace('\u{a0}', "~"));
        }
    }
    assert!(wrong.is_empty(), "these want ~ so:\n{}", wrong.join("\n"));
}
