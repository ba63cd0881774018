//! What a word is.
//!
//! A word is a run of letters and digits in a folded text. Numbers of files are written apart or together
//! ("OD/4821/2026", "OD 4821/2026", "od48212026"), so a run of words joined by slashes or dashes that holds a digit
//! is also kept written together, from each of its words to its end.

use std::collections::BTreeSet;
use std::ops::Range;

/// Longer words are cut, so that a text without spaces does not fill the index.
pub const LONGEST_WORD: usize = 40;

/// More words in one number are not written together.
const MOST_PARTS: usize = 8;

/// The words of a folded text.
pub fn words(folded: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    runs(folded, char::is_alphanumeric)
}

/// The runs of words joined by slashes or dashes.
pub(super) fn chunks(folded: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    runs(folded, |letter| {
        letter.is_alphanumeric() || is_joint(letter)
    })
}

fn is_joint(letter: char) -> bool {
    matches!(letter, '/' | '-' | '_' | '\\')
}

fn runs(text: &str, belongs: impl Fn(char) -> bool) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text.get(at..)?.find(&belongs)?;
        let end = text[start..]
            .find(|letter| !belongs(letter))
            .map_or(text.len(), |length| start + length);
        at = end;
        Some(start..end)
    })
}

/// Whether words written like this belong to one number.
pub(super) fn is_number(chunk: &str) -> bool {
    chunk.contains(|letter: char| letter.is_numeric())
}

/// The letters and digits of a text, together.
pub(super) fn together(folded: &str) -> String {
    folded
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect()
}

/// The word, or its beginning when it is longer than any that is kept.
pub(super) fn bounded(word: &str) -> &str {
    match word.char_indices().nth(LONGEST_WORD) {
        Some((end, _)) => &word[..end],
        None => word,
    }
}

/// The words under which a page of text is found, each once, sorted.
pub fn index_words(folded: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut keep = |word: &str| {
        let word = bounded(word);
        if !found.contains(word) {
            found.insert(word.to_owned());
        }
    };
    for chunk in chunks(folded) {
        let chunk = &folded[chunk];
        words(chunk).for_each(|word| keep(&chunk[word]));
        numbers_together(chunk).for_each(|number| keep(&number));
    }
    found
}

/// A number of several words written together: whole, and from its second word on, and so forth.
pub(super) fn numbers_together(chunk: &str) -> impl Iterator<Item = String> + '_ {
    let parts: Vec<Range<usize>> = if is_number(chunk) {
        words(chunk).take(MOST_PARTS).collect()
    } else {
        Vec::new()
    };
    let several = parts.len().saturating_sub(1);
    parts
        .into_iter()
        .take(several)
        .map(|part| together(&chunk[part.start..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::fold;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = index_words(&fold(text));
        assert_eq!(
            found.iter().map(String::as_str).collect::<Vec<_>>(),
            expected
        );
    }

    #[test]
    fn words_are_letters_and_digits() {
        check(
            "Záměr – prodej, „zahrady“.",
            &["prodej", "zahrady", "zamer"],
        );
        check("Plzeň-jih", &["jih", "plzen"]);
        check("  \n", &[]);
    }

    #[test]
    fn numbers_are_also_written_together() {
        check(
            "OD/4821/2026",
            &["2026", "4821", "48212026", "od", "od48212026"],
        );
        check("p. č. 455/1", &["1", "455", "4551", "c", "p"]);
    }

    #[test]
    fn an_endless_word_is_cut() {
        let found = index_words(&"ž".repeat(100_000));
        assert_eq!(found.len(), 1);
        assert_eq!(found.first().unwrap().chars().count(), LONGEST_WORD);
        let found = index_words(&"1/".repeat(50_000));
        assert!(found.len() < 20);
    }
}
