//! Texts in some languages.

use std::collections::BTreeMap;

use vyveska_board::LanguageMap;

/// A text in some languages, by language code.
pub type Texts = BTreeMap<String, String>;

/// The wire form of a language map.
pub fn texts(map: &LanguageMap) -> Texts {
    map.iter()
        .map(|(code, text)| (code.to_owned(), text.to_owned()))
        .collect()
}

/// The language map of its wire form.
pub fn language_map(texts: &Texts) -> LanguageMap {
    texts
        .iter()
        .map(|(code, text)| (code.clone(), text.clone()))
        .collect()
}
