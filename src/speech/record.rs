//! Finds the texts of the record in what is said: they stay Czech in every language of the interface.

use std::cmp::Ordering;
use std::sync::Arc;

use vyveska_board::Language;

/// Shorter texts occur inside words of other languages.
const SHORTEST: usize = 3;

/// So many bytes of a text's beginning are known without the rest, because long texts are shortened where they are
/// shown. No more than that is ever compared in vain, so that the work stays in proportion to the text.
const ENOUGH: usize = 200;

/// Texts of the record, in order. Clones share them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordTexts(Arc<[RecordText]>);

#[derive(Debug, PartialEq, Eq)]
struct RecordText {
    text: String,
    /// The longest other text that this one begins with.
    beginning: Option<usize>,
}

impl FromIterator<String> for RecordTexts {
    fn from_iter<T: IntoIterator<Item = String>>(texts: T) -> Self {
        let mut texts: Vec<String> = texts.into_iter().collect();
        texts.retain(|text| text.len() >= SHORTEST);
        texts.sort_unstable();
        texts.dedup();
        let mut ordered: Vec<RecordText> = Vec::with_capacity(texts.len());
        for text in texts {
            let mut beginning = ordered.len().checked_sub(1);
            while let Some(index) = beginning
                && !text.starts_with(&ordered[index].text)
            {
                beginning = ordered[index].beginning;
            }
            ordered.push(RecordText { text, beginning });
        }
        Self(ordered.into())
    }
}

impl RecordTexts {
    /// The length of the longest text of the record that `text` begins with, or of a long beginning of one.
    fn beginning_of(&self, text: &str) -> Option<usize> {
        // In order, what has most in common with it stands right before or after it.
        let place = self
            .0
            .partition_point(|one| compare(&one.text, text).0.is_le());
        let common = |index: usize| {
            self.0
                .get(index)
                .map_or(0, |one| compare(&one.text, text).1)
        };
        let before = place.checked_sub(1).map_or(0, common);
        let most = before.max(common(place));
        if most >= ENOUGH {
            return Some(text.floor_char_boundary(most));
        }
        let mut candidate = place.checked_sub(1);
        while let Some(index) = candidate {
            let length = self.0[index].text.len();
            if length <= before && ends_word(text, length) {
                return Some(length);
            }
            candidate = self.0[index].beginning;
        }
        None
    }

    #[cfg(test)]
    pub fn contains(&self, text: &str) -> bool {
        self.0.iter().any(|one| one.text == text)
    }
}

/// The order of two texts, and how many bytes of their beginnings are the same.
fn compare(one: &str, other: &str) -> (Ordering, usize) {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let common = std::iter::zip(one, other)
        .take_while(|(one, other)| one == other)
        .count();
    #[cfg(test)]
    COMPARED.set(COMPARED.get() + common as u64 + 1);
    (one.get(common).cmp(&other.get(common)), common)
}

#[cfg(test)]
thread_local! {
    static COMPARED: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// How many bytes this thread has compared.
#[cfg(test)]
pub(super) fn bytes_compared() -> u64 {
    COMPARED.get()
}

/// Whether no word goes on over this place.
fn ends_word(text: &str, at: usize) -> bool {
    let (before, after) = text.split_at(at);
    !(before.ends_with(char::is_alphanumeric) && after.starts_with(char::is_alphanumeric))
}

/// Splits a text where words of the record begin and end.
pub(super) fn by_language<'a>(
    text: &'a str,
    language: Language,
    record: &[RecordTexts],
) -> Vec<(&'a str, Language)> {
    let mut parts = Vec::new();
    let (mut said, mut place) = (0, 0);
    while let Some(letter) = text[place..].chars().next() {
        let begins = !letter.is_whitespace() && ends_word(text, place);
        let found = begins.then(|| &text[place..]).and_then(|rest| {
            let lengths = record.iter().filter_map(|texts| texts.beginning_of(rest));
            lengths.max()
        });
        let Some(length) = found else {
            place += letter.len_utf8();
            continue;
        };
        parts.push((&text[said..place], language));
        parts.push((&text[place..place + length], Language::Czech));
        place += length;
        said = place;
    }
    parts.push((&text[said..], language));
    parts.retain(|(text, _)| text.chars().any(char::is_alphanumeric));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(texts: &[&str]) -> [RecordTexts; 1] {
        [texts.iter().map(|text| (*text).to_owned()).collect()]
    }

    #[test]
    fn words_of_the_record_stay_czech() {
        let record = record(&[
            "Záměr pronájmu",
            "Záměr",
            "Záměr prodeje",
            "Majetkový odbor",
        ]);
        let parts = by_language(
            "neu: Záměr pronájmu. ausgehängt 21. 11. Majetkový odbor · MO/3, Záměr pron",
            Language::German,
            &record,
        );
        assert_eq!(
            parts,
            [
                ("neu: ", Language::German),
                ("Záměr pronájmu", Language::Czech),
                (". ausgehängt 21. 11. ", Language::German),
                ("Majetkový odbor", Language::Czech),
                (" · MO/3, ", Language::German),
                ("Záměr", Language::Czech),
                (" pron", Language::German),
            ]
        );
        assert_eq!(
            by_language("Suche", Language::German, &record),
            [("Suche", Language::German)]
        );
    }

    #[test]
    fn a_text_of_the_record_is_no_part_of_a_word() {
        let record = record(&["Rada", "Radar"]);
        let german = |text| (text, Language::German);
        let czech = |text| (text, Language::Czech);
        let split = |text| by_language(text, Language::German, &record);
        assert_eq!(split("Radarem"), [german("Radarem")]);
        assert_eq!(split("Porada"), [german("Porada")]);
        assert_eq!(
            split("„Rada“"),
            [german("„"), czech("Rada"), german("“")][1..2]
        );
    }

    #[test]
    fn a_long_text_is_known_by_its_beginning() {
        let text = "Záměr pronájmu nebytového prostoru. ".repeat(50);
        let record = record(&[&text]);
        let shown = format!("neu: {}…", &text[..600]);
        assert_eq!(
            by_language(&shown, Language::German, &record),
            [("neu: ", Language::German), (&text[..600], Language::Czech)]
        );
    }

    #[test]
    fn finding_the_record_is_linear_work() {
        for filling in ["a", "a ", "ab ", "Záměr prodeje ", "7_", "((", "ř\u{301} "] {
            let text: String = filling.chars().cycle().take(50_000).collect();
            // Many beginnings of the text, each going on otherwise, and whole ones.
            let texts: Vec<String> = (1..400)
                .flat_map(|length| {
                    let beginning: String = text.chars().take(length * length / 3).collect();
                    [format!("{beginning}!"), format!("{beginning}Ž"), beginning]
                })
                .collect();
            let record = [texts.into_iter().collect()];
            let before = bytes_compared();
            by_language(&text, Language::German, &record);
            let compared = bytes_compared() - before;
            assert!(
                compared <= 14 * ENOUGH as u64 * text.len() as u64,
                "{compared} bytes compared for {filling}…"
            );
        }
    }
}
