//! The words of the admin, by language, from `translations/`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use vyveska_board::Language;
use vyveska_board::format::typography::bind;

type Table = BTreeMap<String, String>;

fn file(language: Language) -> &'static str {
    match language {
        Language::Czech => include_str!("../../../translations/cs.toml"),
        Language::German => include_str!("../../../translations/de.toml"),
        Language::English => include_str!("../../../translations/en.toml"),
    }
}

fn table(language: Language) -> &'static Table {
    static TABLES: OnceLock<[Table; Language::ALL.len()]> = OnceLock::new();
    let read = |language| {
        let texts: Table = toml::from_str(file(language)).expect("a table of texts");
        let bound = texts.into_iter().map(|(key, text)| (key, bind(&text)));
        bound.collect()
    };
    let tables = TABLES.get_or_init(|| Language::ALL.map(read));
    let place = Language::ALL.iter().position(|one| *one == language);
    &tables[place.expect("every language is listed")]
}

/// The words of a language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words(pub(super) Language);

impl Words {
    /// The code of the language.
    pub(super) const fn code(self) -> &'static str {
        self.0.code()
    }

    /// The text of a key, which is in every file.
    pub(super) fn t(self, key: &str) -> &'static str {
        table(self.0).get(key).map_or("", String::as_str)
    }

    /// The same with a value in place of `{}`.
    pub(super) fn with(self, key: &str, value: impl ToString) -> String {
        self.t(key).replace("{}", &value.to_string())
    }

    /// The text of a key where there is one.
    pub(super) fn find(self, key: &str) -> Option<&'static str> {
        table(self.0).get(key).map(String::as_str)
    }
}

/// The language of a code; Czech where it is none of ours.
pub(super) fn language(code: &str) -> Language {
    let mut all = Language::ALL.into_iter();
    all.find(|one| one.code() == code).unwrap_or_default()
}

/// The first of our languages that a browser asks for.
pub(super) fn asked(headers: &HeaderMap) -> Language {
    let header = headers.get(ACCEPT_LANGUAGE);
    let header = header.and_then(|header| header.to_str().ok()).unwrap_or("");
    let codes = header.split(',').filter_map(|one| one.trim().get(..2));
    let mut found = codes.filter_map(|code| {
        let mut all = Language::ALL.into_iter();
        all.find(|one| code.eq_ignore_ascii_case(one.code()))
    });
    found.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::storage::AuditAction;

    /// The texts of all files below a folder that end so.
    fn texts(folder: &Path, end: &str) -> String {
        let mut text = String::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                text += &texts(&path, end);
            } else if path.extension().is_some_and(|found| found == end) {
                text += &std::fs::read_to_string(path).unwrap();
            }
        }
        text
    }

    #[test]
    fn every_language_has_every_text_and_each_is_used() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let uses = texts(&root.join("templates/admin"), "html")
            + &texts(&root.join("src/web/admin"), "rs")
            + &std::fs::read_to_string(root.join("src/web/admin.rs")).unwrap();
        let calls = [".t(\"", ".with(\""].into_iter();
        let used: BTreeSet<&str> = calls
            .flat_map(|call| uses.split(call).skip(1))
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(used.len() > 80, "{used:?}");
        let czech: BTreeSet<&str> = table(Language::Czech).keys().map(String::as_str).collect();
        for language in Language::ALL {
            let keys: BTreeSet<&str> = table(language).keys().map(String::as_str).collect();
            assert_eq!(keys, czech, "{language:?}");
            for (key, text) in table(language) {
                assert!(!text.trim().is_empty(), "{key}");
                let places = |text: &str| text.matches("{}").count();
                assert_eq!(places(text), places(Words(Language::Czech).t(key)), "{key}");
            }
        }
        for key in used {
            assert!(czech.contains(key), "{key} is used and has no text");
        }
        let actions = AuditAction::ALL.map(|action| format!("action.{}", action.name()));
        let worded = czech.iter().filter(|key| key.starts_with("action."));
        assert_eq!(
            worded.copied().collect::<BTreeSet<_>>(),
            actions.iter().map(String::as_str).collect::<BTreeSet<_>>()
        );
        // Of these the end follows from what is stored.
        let families = ["role.", "action.", "actor.", "attention."];
        for key in czech {
            let is_of_family = families.iter().any(|family| key.starts_with(family));
            let is_used = uses.contains(&format!("\"{key}\""));
            assert!(is_used || is_of_family, "{key} is not used");
        }
    }

    #[test]
    fn a_browser_asks_for_a_language() {
        for (header, expected) in [
            ("de-AT,de;q=0.9,en;q=0.8", Language::German),
            ("sk,en;q=0.7", Language::English),
            ("EN", Language::English),
            ("", Language::Czech),
            ("*, x", Language::Czech),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, header.parse().unwrap());
            assert_eq!(asked(&headers), expected, "{header}");
        }
        assert_eq!(language("en"), Language::English);
        assert_eq!(language("../"), Language::Czech);
    }
}
