//! Texts in one language or several.

use serde::{Deserialize, Serialize};
use vyveska_wire::section::Texts;

/// A text, in Czech or by language.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(untagged)]
pub enum TextConfig {
    /// In Czech.
    Czech(String),
    /// By language code.
    ByLanguage(Texts),
}

impl Default for TextConfig {
    fn default() -> Self {
        Self::ByLanguage(Texts::new())
    }
}

impl TextConfig {
    /// Converts to the wire type.
    pub fn texts(&self) -> Texts {
        match self {
            Self::Czech(text) if text.trim().is_empty() => Texts::new(),
            Self::Czech(text) => [("cs".to_owned(), text.clone())].into(),
            Self::ByLanguage(texts) => texts.clone(),
        }
    }
}
