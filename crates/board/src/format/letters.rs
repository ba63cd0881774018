//! How much one letter may carry.
//!
//! A letter with hundreds of marks is no text, and programs that shape text count them in a byte.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation as _;

/// The most characters of one letter (a grapheme cluster): the letter and its marks, or the parts of an emoji. Nothing
/// that somebody writes has as many.
const MAX_CHARACTERS: usize = 16;

/// Ends a letter that was cut, so that what is left of it does not join the next one: it is never seen (zero width).
const END: char = '\u{200b}';

/// The text, with what exceeds the bound of a letter left out.
pub fn bounded_letters(text: &str) -> Cow<'_, str> {
    if !may_exceed(text) {
        return Cow::Borrowed(text);
    }
    let mut bounded = String::with_capacity(text.len());
    for letter in text.graphemes(true) {
        match letter.char_indices().nth(MAX_CHARACTERS) {
            Some((end, _)) => {
                bounded.push_str(&letter[..end]);
                bounded.push(END);
            }
            None => bounded.push_str(letter),
        }
    }
    Cow::Owned(bounded)
}

/// Whether a letter may be too long. Only characters above the Latin ones join others, and the two signs among those
/// that are emoji, so that most texts need no division into letters.
///
/// Half as many in a row are enough: a Latin letter may stand between what joins it in front and its marks.
fn may_exceed(text: &str) -> bool {
    let joins = |character| character >= '\u{300}' || matches!(character, '©' | '®');
    text.split(|character| !joins(character))
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
        check(
            &format!("Z{}!", marks(300)),
            &format!("Z{}{END}!", marks(15)),
        );
        check(&marks(300), &format!("{}{END}", marks(16)));
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
            "©\u{200d}",
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
                    let bounded = bounded_letters(&text);
                    for letter in bounded.graphemes(true) {
                        assert!(letter.chars().count() <= MAX_CHARACTERS, "{text:?}");
                    }
                    assert_eq!(bounded_letters(&bounded), bounded, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn what_stands_after_a_letter_without_end_stays() {
        for joining in ["\u{600}", "👩\u{200d}", "\u{1100}"] {
            let text = format!(
                "{} konec {}.",
                joining.repeat(3_000),
                "žluťoučký ".repeat(500)
            );
            let bounded = bounded_letters(&text);
            assert!(
                bounded.ends_with(&text[text.find("konec").unwrap()..]),
                "{joining:?}"
            );
        }
    }
}
