//! A notice's categories in the language of the interface.

use vyveska_board::format::typography;
use vyveska_board::{Language, LanguageMap, category};

/// All of them: „Veřejné vyhlášky, Doprava".
pub fn all(categories: &[LanguageMap], language: Language) -> String {
    let names: Vec<String> = categories
        .iter()
        .map(|category| one(category, language))
        .filter(|name| !name.is_empty())
        .collect();
    names.join(", ")
}

/// The category in the language, with its short words bound.
pub fn one(category: &LanguageMap, language: Language) -> String {
    typography::bind(category::name_of(category, language))
}
