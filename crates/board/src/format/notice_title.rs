//! The title of a notice, where its publisher may have given none.

use super::{Phrase, say};
use crate::{Language, LanguageMap};

const UNTITLED: Phrase = [
    "Oznámení bez názvu",
    "Bekanntmachung ohne Titel",
    "Untitled notice",
];

/// The title, or a substitute in the language of the reader where it is blank.
pub fn notice_title(title: &LanguageMap, language: Language) -> &str {
    match title.best(language).trim() {
        "" => say(UNTITLED, language),
        title => title,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::typography::bind;

    /// The table that the web and the kiosk are held to as well; `~` stands for the non-breaking space.
    #[test]
    fn a_title_is_never_blank() {
        let table = include_str!("../../tests/fixtures/titles.json");
        let table: Vec<serde_json::Value> = serde_json::from_str(table).unwrap();
        for case in table {
            let texts = case["title"].as_object().unwrap();
            let title: LanguageMap = texts
                .iter()
                .map(|(code, text)| (code.clone(), text.as_str().unwrap().to_owned()))
                .collect();
            for language in Language::ALL {
                assert_eq!(
                    bind(notice_title(&title, language)).replace('\u{a0}', "~"),
                    case[language.code()],
                    "{title:?}"
                );
            }
        }
    }
}
