//! How much one letter may carry.
//!
//! A letter with hundreds of marks is no text, and programs that shape text count them in a byte.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation as _;

/// The most characters of one letter (a grapheme cluster): the letter and its marks, or the parts of an emoji. Nothing
/// that somebody writes has as many.
const MAX_CHARACTERS: usize = 16;

/// The text, with what exceeds the bound of a letter left out.
pub fn bounded_letters(text: &str) -> Cow<'_, str> {
    let mut bounded = Cow::Borrowed(text);
    // What is left of two letters may be one letter.
    while may_exceed(&bounded) {
        let exceeds = |letter: &str| letter.chars().count() > MAX_CHARACTERS;
        if !bounded.graphemes(true).any(exceeds) {
            break;
        }
        let kept = bounded
            .graphemes(true)
            .flat_map(|letter| letter.chars().take(MAX_CHARACTERS));
        bounded = Cow::Owned(kept.collect());
    }
    bounded
}

/// Only characters above the Latin ones join others, so that most texts need no division into letters.
fn may_exceed(text: &str) -> bool {
    text.split(|character| character < '\u{300}')
        .any(|run| run.chars().nth(MAX_CHARACTERS / 2 - 1).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(bounded_letters(text), expected);
    }

    #[test]
    fn a_letter_keeps_only_as_many_marks_as_letters_have() {
        let marks = |count| "\u{301}".repeat(count);
        check(&format!("Z{}!", marks(300)), &format!("Z{}!", marks(15)));
        check(&marks(300), &marks(16));
        // A family and a flag are one letter each.
        for text in [
            "Z\u{301}ámě\u{30c}r",
            "👩🏽\u{200d}❤\u{fe0f}\u{200d}💋\u{200d}👨🏽 🇨🇿",
            "„Přílohy“ – Объявление ประกาศ 공고문",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn no_letter_is_longer_whatever_it_consists_of() {
        let parts = [
            "\u{301}",
            // Half a syllable, a joined emoji, a sign that joins what follows, a mark of half width, a tag, a conjunct.
            "\u{1100}",
            "👩\u{200d}",
            "\u{600}",
            "\u{ff9e}",
            "\u{e0061}",
            "क\u{94d}",
        ];
        for first in parts {
            for second in parts {
                for text in [
                    format!("a{}b{}c", first.repeat(300), second.repeat(300)),
                    format!("a{}{}b", first.repeat(9), second.repeat(9)).repeat(40),
                    format!("{}a{}", first.repeat(8), second.repeat(8)),
                ] {
                    for letter in bounded_letters(&text).graphemes(true) {
                        assert!(letter.chars().count() <= MAX_CHARACTERS, "{text:?}");
                    }
                }
            }
        }
    }
}
