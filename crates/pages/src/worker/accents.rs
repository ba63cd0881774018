//! Letters whose accents are drawn apart.
//!
//! TeX and older programs draw "ř" as "r" and a caron over it, in this or the other order, and call the caron by its
//! spacing form. A word of such letters is found only when they are whole again.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::{compose, is_combining_mark};

/// The combining form of an accent that may be drawn over a letter.
pub(super) fn mark_of(text: &str) -> Option<char> {
    let mut letters = text.chars();
    let accent = letters.next().filter(|_| letters.next().is_none())?;
    Some(match accent {
        '`' | '\u{2cb}' => '\u{300}',
        '\u{b4}' | '\u{2ca}' => '\u{301}',
        '^' | '\u{2c6}' => '\u{302}',
        '~' | '\u{2dc}' => '\u{303}',
        '\u{af}' | '\u{2c9}' => '\u{304}',
        '\u{2d8}' => '\u{306}',
        '\u{2d9}' => '\u{307}',
        '\u{a8}' => '\u{308}',
        '\u{b0}' | '\u{2da}' => '\u{30a}',
        '\u{2dd}' => '\u{30b}',
        '\u{2c7}' => '\u{30c}',
        '\u{b8}' => '\u{327}',
        '\u{2db}' => '\u{328}',
        mark if is_combining_mark(mark) => mark,
        _ => return None,
    })
}

/// The letter with the mark; an i without its dot is one that makes room for it.
pub(super) fn accented(letter: char, mark: char) -> Option<char> {
    let letter = match letter {
        '\u{131}' => 'i',
        '\u{237}' => 'j',
        letter => letter,
    };
    compose(letter, mark)
}

/// The text with letters and marks composed.
pub(super) fn composed(text: &str) -> String {
    text.nfc().collect()
}
