//! Finds the texts on the screen that are Czech although the interface is in another language.
//!
//! Most of what a town publishes is in Czech; it is shown unchanged and read by the Czech voice
//! (EN 301 549, 5.1.3.14). The language cannot be told from single words, so the data decide:
//! a text without a version in the language of the interface is Czech.

use serde::Serialize;
use serde_json::Value;
use vyveska_board::format::typography::NO_BREAK;
use vyveska_board::{Language, LanguageMap, category};

use crate::speech::record::RecordTexts;
use crate::state::{BoardContent, SearchResult};
use crate::ui::office::short_office;
use crate::ui::paragraphs;

/// Shorter texts are ignored, because they occur inside words of other languages.
const FEWEST_LETTERS: usize = 3;

/// The Czech texts of a board that is shown in another language.
#[derive(Debug, Default)]
struct CzechTexts {
    texts: Vec<String>,
}

/// Every text of the board without a version in `language`; none when that is Czech.
pub(super) fn czech_texts(board: &BoardContent, language: Language) -> RecordTexts {
    let mut czech = CzechTexts::default();
    if language == Language::Czech {
        return RecordTexts::default();
    }
    // The label of the language button.
    czech.add("Čeština");
    czech.add_notices(board, language);
    czech.add_untranslated(&board.information, language);
    czech.add_untranslated(&board.alerts, language);
    czech.add_untranslated(&board.settings, language);
    czech.texts.into_iter().collect()
}

/// The excerpts of a search result.
pub(super) fn passages(answer: &SearchResult) -> RecordTexts {
    let mut czech = CzechTexts::default();
    for found in &answer.found {
        czech.add(&found.excerpt.text);
    }
    czech.texts.into_iter().collect()
}

impl CzechTexts {
    fn add_notices(&mut self, board: &BoardContent, language: Language) {
        let town = board.town.best(Language::Czech);
        for entry in &board.notices {
            let notice = &entry.notice;
            self.add_unless_translated(&notice.title, language);
            self.add_unless_translated(&notice.description, language);
            for document in &notice.documents {
                self.add_unless_translated(&document.title, language);
            }
            for kind in &notice.categories {
                let name = kind.best(Language::Czech);
                if category::name_of(kind, language) == name.trim() {
                    self.add(name);
                }
            }
            if let Some(originator) = &notice.originator {
                self.add(originator);
                self.add(&short_office(originator, town));
            }
        }
    }

    fn add_unless_translated(&mut self, text: &LanguageMap, language: Language) {
        if text.get(language.code()).is_none() {
            self.add(text.best(language));
        }
    }

    /// Adds the texts of a section that exist in Czech only. Every text in a section is a map by language.
    fn add_untranslated(&mut self, section: &impl Serialize, language: Language) {
        match serde_json::to_value(section) {
            Ok(value) => self.add_untranslated_of(&value, language),
            Err(error) => tracing::warn!(%error, "some Czech texts are said in another voice"),
        }
    }

    fn add_untranslated_of(&mut self, value: &Value, language: Language) {
        match value {
            Value::Object(fields) => match fields.get(Language::Czech.code()) {
                Some(Value::String(czech)) => {
                    if !fields.contains_key(language.code()) {
                        self.add(czech);
                    }
                }
                _ => {
                    for value in fields.values() {
                        self.add_untranslated_of(value, language);
                    }
                }
            },
            Value::Array(values) => {
                for value in values {
                    self.add_untranslated_of(value, language);
                }
            }
            _ => {}
        }
    }

    /// Adds the lines of a text as they are shown, with single ordinary spaces, as the narrator says them.
    fn add(&mut self, text: &str) {
        for line in paragraphs::lines(text) {
            let line = line.replace(NO_BREAK, " ");
            if line.chars().filter(|letter| letter.is_alphabetic()).count() >= FEWEST_LETTERS {
                self.texts.push(line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use vyveska_wire::information::{InformationPage, InformationSection, PageContent};
    use vyveska_wire::section::Texts;

    use super::*;
    use crate::store::samples::{content, notice};

    fn texts(of: &[(&str, &str)]) -> Texts {
        of.iter()
            .map(|(code, text)| ((*code).to_owned(), (*text).to_owned()))
            .collect()
    }

    fn information() -> InformationSection {
        let page = InformationPage {
            id: "hodiny".to_owned(),
            title: texts(&[("cs", "Úřední hodiny"), ("de", "Öffnungszeiten")]),
            lead: texts(&[("cs", "Volejte předem.\n\nDěkujeme.")]),
            picture: None,
            map: None,
            url: None,
            idle: true,
            content: PageContent::Text {
                text: texts(&[("cs", "V pátek je zavřeno.")]),
            },
        };
        InformationSection {
            pages: vec![page],
            surveys: Vec::new(),
        }
    }

    fn board() -> BoardContent {
        let mut bilingual = notice("1", 1, &[]);
        bilingual
            .title
            .insert("de".to_owned(), "Hinweis".to_owned());
        bilingual.description = texts(&[("cs", "Podrobnosti u  paní Novákové.")]);
        let mut czech = notice("2", 1, &[]);
        czech.originator = Some("Městský úřad Lipnice, odbor dopravy".to_owned());
        czech.categories = vec![
            texts(&[("cs", "Rozpočet")]),
            texts(&[("cs", "Obecní slepice")]),
        ];
        BoardContent {
            information: information(),
            ..content(vec![bilingual, czech])
        }
    }

    #[test]
    fn a_text_without_a_german_version_is_czech() {
        let found = czech_texts(&board(), Language::German);
        for text in [
            "Podrobnosti u paní Novákové.",
            "Oznámení 2",
            "Obecní slepice",
            "Městský úřad Lipnice, odbor dopravy",
            "Městský úřad, odbor dopravy",
            "Volejte předem.",
            "Děkujeme.",
            "V pátek je zavřeno.",
            "Město Lipnice",
        ] {
            assert!(found.contains(text), "{text}: {found:?}");
        }
        for text in ["Oznámení 1", "Rozpočet", "Úřední hodiny"] {
            assert!(!found.contains(text), "{text}: {found:?}");
        }
    }

    #[test]
    fn on_a_czech_screen_nothing_needs_another_voice() {
        assert_eq!(
            czech_texts(&board(), Language::Czech),
            RecordTexts::default()
        );
    }
}
