//! Which letters count as the same.
//!
//! "uredni", "úřední" and "UREDNI" are one word: texts are decomposed, lose their marks and capitals, and typographic
//! quotes, dashes and spaces become plain ones. Compatibility forms are decomposed too, because pages of documents
//! hold ligatures ("ﬁ") where a reader types two letters. A few letters do not decompose and have a table.
//!
//! [`Folded`] remembers where each letter came from, so that hits can be marked in the text as it was written.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The text normalised for searching.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars() {
        fold_letter(letter, |plain| folded.push(plain));
    }
    folded
}

/// A folded text with a map back to its original.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    text: String,
    /// For every byte of the folded text, where the letter it belongs to starts and ends in the original.
    origins: Vec<(u32, u32)>,
}

impl Folded {
    /// Folds a text of at most 4 GB.
    ///
    /// # Panics
    ///
    /// When the text is longer than that.
    pub fn new(original: &str) -> Self {
        assert!(
            u32::try_from(original.len()).is_ok(),
            "texts are bounded long before they are folded"
        );
        let mut folded = Self {
            text: String::with_capacity(original.len()),
            origins: Vec::with_capacity(original.len()),
        };
        for (start, letter) in original.char_indices() {
            let end = start + letter.len_utf8();
            let before = folded.text.len();
            fold_letter(letter, |plain| folded.text.push(plain));
            if folded.text.len() == before {
                // A combining mark belongs to the letter before it, so that a highlight does not separate them.
                if is_combining_mark(letter) {
                    folded.stretch_last(end as u32);
                }
            } else {
                folded
                    .origins
                    .resize(folded.text.len(), (start as u32, end as u32));
            }
        }
        folded
    }

    fn stretch_last(&mut self, end: u32) {
        let Some(&(start, _)) = self.origins.last() else {
            return;
        };
        for origin in self.origins.iter_mut().rev() {
            if origin.0 != start {
                break;
            }
            origin.1 = end;
        }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Which part of the original a part of the folded text came from, whole letters with their marks.
    ///
    /// An empty or impossible range gives an empty one.
    pub fn origin(&self, part: Range<usize>) -> Range<usize> {
        match self.origins.get(part) {
            Some([(start, _), .., (_, end)]) => *start as usize..*end as usize,
            Some([(start, end)]) => *start as usize..*end as usize,
            _ => 0..0,
        }
    }
}

fn fold_letter(letter: char, mut push: impl FnMut(char)) {
    if letter.is_ascii() {
        push(letter.to_ascii_lowercase());
        return;
    }
    for part in std::iter::once(letter).nfkd() {
        for small in part.to_lowercase() {
            let pair = match small {
                'ß' => "ss",
                'æ' => "ae",
                'œ' => "oe",
                'þ' => "th",
                _ => "",
            };
            if pair.is_empty() {
                plain(small).into_iter().for_each(&mut push);
            } else {
                pair.chars().for_each(&mut push);
            }
        }
    }
}

/// A lower-case letter without diacritics; `None` for combining marks and invisible characters.
fn plain(small: char) -> Option<char> {
    Some(match small {
        // Letters that Unicode does not decompose.
        'ł' => 'l',
        'đ' | 'ð' => 'd',
        'ø' => 'o',
        'ħ' => 'h',
        'ŧ' => 't',
        'ı' => 'i',
        'ς' => 'σ',
        '‘' | '’' | '‚' | '‛' | '′' | '‹' | '›' => '\'',
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' => '"',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => '-',
        '⁄' | '∕' => '/',
        // Soft hyphens and other invisible characters do not separate words.
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => return None,
        mark if is_combining_mark(mark) => return None,
        space if space.is_whitespace() => ' ',
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(fold(text), expected);
        assert_eq!(Folded::new(text).as_str(), expected);
    }

    #[test]
    fn letters_lose_their_marks_and_capitals() {
        check("uredni", "uredni");
        check("úřední", "uredni");
        check("UREDNI", "uredni");
        check(
            "Příliš žluťoučký kůň úpěl ďábelské ódy",
            "prilis zlutoucky kun upel dabelske ody",
        );
        check(
            "Straße, GROẞ, Łódź, Ærø, Đuro",
            "strasse, gross, lodz, aero, duro",
        );
        check("Müller & Söhne", "muller & sohne");
    }

    #[test]
    fn written_apart_or_together_a_mark_is_a_mark() {
        check("u\u{301}r\u{30c}edni\u{301}", "uredni");
        check("İzmir", "izmir");
    }

    #[test]
    fn typographic_signs_become_plain() {
        check("„Lipnice“ – část II‑A", "\"lipnice\" - cast ii-a");
        check("č.\u{a0}j.\u{202f}5", "c. j. 5");
        check("od\u{ad}stáv\u{200b}ka", "odstavka");
        check("ﬁnanční ﬂ", "financni fl");
    }

    #[test]
    fn a_hit_is_found_again_in_the_original() {
        let original = "Ulice Ka\u{301}rlovarská, Große";
        let folded = Folded::new(original);
        let at = |word: &str| {
            let start = folded.as_str().find(word).unwrap();
            &original[folded.origin(start..start + word.len())]
        };
        assert_eq!(at("karlo"), "Ka\u{301}rlo");
        assert_eq!(at("ka"), "Ka\u{301}");
        assert_eq!(at("ska"), "ská");
        // Half an expanded letter marks the whole.
        assert_eq!(at("gros"), "Groß");
        assert_eq!(folded.origin(3..3), 0..0);
        assert_eq!(folded.origin(900..903), 0..0);
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,60}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once.clone());
            let folded = Folded::new(&text);
            prop_assert_eq!(folded.as_str(), once);
        }

        #[test]
        fn every_place_has_an_original(text in "[a-zÁČĎŘŽßæ\u{300}\u{30c}\u{ad} ﬁ]{1,40}", from in 0usize..60, length in 1usize..20) {
            let folded = Folded::new(&text);
            let letters: Vec<usize> = folded.as_str().char_indices().map(|(at, _)| at).chain([folded.as_str().len()]).collect();
            let (from, to) = (from.min(letters.len() - 1), (from + length).min(letters.len() - 1));
            if from >= to {
                return Ok(());
            }
            let part = letters[from]..letters[to];
            let origin = folded.origin(part.clone());
            // A slice at wrong places would panic here.
            let again = fold(&text[origin.clone()]);
            prop_assert!(again.contains(&folded.as_str()[part.clone()]), "{again:?} at {origin:?}");
            // Whole letters only: what follows does not begin with a mark of ours.
            let next = text[origin.end..].chars().next();
            prop_assert!(!next.is_some_and(is_combining_mark));
            // Nothing before it folds to something that belongs to the part.
            prop_assert!(fold(&text[..origin.start]).len() <= part.start);
        }
    }
}
