//! The words of a page with their positions.

use crate::geometry::PageRect;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    pub text: String,
    /// In page points.
    #[serde(flatten)]
    pub bounds: PageRect,
    /// Which line of the page it belongs to, counted from zero in the order of the document.
    pub line: u32,
}

/// The text of one page, in the order of the document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PageText {
    pub words: Vec<Word>,
    /// Glyphs without a Unicode mapping; many of them mean that the page needs OCR.
    pub unknown_letters: u32,
    /// Glyphs that nobody sees, since they are covered, in the colour of their ground, tiny or beside the page. They are
    /// in no word, but whoever opens the file can read them.
    pub hidden_letters: u32,
    /// Whether the page had more words than are kept.
    pub truncated: bool,
}

impl PageText {
    /// The words as plain text, one output line for each line of the page.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut plain = String::new();
        let mut line = None;
        for word in &self.words {
            match line {
                None => {}
                Some(line) if line == word.line => plain.push(' '),
                Some(_) => plain.push('\n'),
            }
            plain.push_str(&word.text);
            line = Some(word.line);
        }
        plain
    }
}
