//! Texts in several languages.
//!
//! Czech is the language of the record; every other language informs.

use std::collections::BTreeMap;

/// A language the interface speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// Czech, the language of the record.
    #[default]
    Czech,
    German,
    English,
}

impl Language {
    /// Every language, in the order the interface offers them.
    pub const ALL: [Self; 3] = [Self::Czech, Self::German, Self::English];

    /// The code of ISO 639-1.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Czech => "cs",
            Self::German => "de",
            Self::English => "en",
        }
    }

    /// What the language calls itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Czech => "Čeština",
            Self::German => "Deutsch",
            Self::English => "English",
        }
    }
}

/// One text in some languages, keyed by language code (`cs`, `de`, `en`, …).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LanguageMap(BTreeMap<String, String>);

impl LanguageMap {
    /// A text known in no language.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// A text known in Czech only.
    pub fn czech(text: impl Into<String>) -> Self {
        [("cs".to_owned(), text.into())].into_iter().collect()
    }

    /// The text in exactly this language.
    pub fn get(&self, code: &str) -> Option<&str> {
        self.0.get(code).map(String::as_str)
    }

    /// The text in the wanted language, else in Czech, else in English, else in any; empty when there is none.
    pub fn best(&self, wanted: Language) -> &str {
        self.get(wanted.code())
            .or_else(|| self.get("cs"))
            .or_else(|| self.get("en"))
            .or_else(|| self.0.values().next().map(String::as_str))
            .unwrap_or_default()
    }

    /// Sets the text of one language.
    pub fn insert(&mut self, code: impl Into<String>, text: impl Into<String>) {
        self.0.insert(code.into(), text.into());
    }

    /// Languages and texts, by language code.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(code, text)| (code.as_str(), text.as_str()))
    }

    /// Whether no language holds anything but white space.
    pub fn is_blank(&self) -> bool {
        self.0.values().all(|text| text.trim().is_empty())
    }
}

impl FromIterator<(String, String)> for LanguageMap {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(texts: T) -> Self {
        Self(texts.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn czech_stands_in_for_a_missing_language() {
        let mut text = LanguageMap::czech("Oznámení");
        assert_eq!(text.best(Language::German), "Oznámení");
        text.insert("de", "Bekanntmachung");
        assert_eq!(text.best(Language::German), "Bekanntmachung");
        assert_eq!(LanguageMap::new().best(Language::Czech), "");
    }
}
