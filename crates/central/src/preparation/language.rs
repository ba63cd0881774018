//! Detects the language of a page by its stop words.
//!
//! Speech needs it: Czech read by a German voice cannot be understood.
//! A page of numbers or names gives no language.

use vyveska_wire::text_rendition::TextPage;

const LANGUAGES: [(&str, &[&str]); 3] = [
    (
        "cs",
        &[
            "je", "se", "na", "ve", "ze", "podle", "pro", "který", "která", "které", "nebo",
            "jsou", "byl", "bude", "dne", "do", "od", "po", "při", "za", "si", "že", "jako", "tak",
            "ke", "k", "o", "u", "v", "z", "s", "č", "města", "obce", "zákona", "úřad",
        ],
    ),
    (
        "de",
        &[
            "und", "der", "die", "das", "den", "dem", "des", "ist", "sind", "wird", "von", "zu",
            "zum", "zur", "mit", "für", "auf", "nach", "bei", "nicht", "ein", "eine", "einer",
            "im", "am", "oder", "über", "gemäß",
        ],
    ),
    (
        "en",
        &[
            "the", "of", "and", "is", "are", "to", "for", "with", "by", "from", "this", "that",
            "shall", "which", "not", "or", "be", "will", "on", "at",
        ],
    ),
];
/// A page with fewer stop words gives no language.
const FEWEST: usize = 5;

/// The language of a page; `None` when its words are ambiguous.
pub(super) fn detect(page: &TextPage) -> Option<&'static str> {
    let mut counts = [0_usize; LANGUAGES.len()];
    for word in page.words() {
        let word = word
            .text
            .trim_matches(|letter: char| !letter.is_alphabetic());
        let word = word.to_lowercase();
        for (count, (_, words)) in counts.iter_mut().zip(LANGUAGES) {
            *count += usize::from(words.contains(&word.as_str()));
        }
    }
    let (best, count) = counts
        .into_iter()
        .enumerate()
        .max_by_key(|(_, count)| *count)?;
    let others = counts.iter().sum::<usize>() - count;
    (count >= FEWEST && count >= 2 * others).then_some(LANGUAGES[best].0)
}

#[cfg(test)]
mod tests {
    use vyveska_wire::text_rendition::{Paragraph, TextBox, TextLine, TextWord};

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let word = |word: &str| TextWord {
            text: word.to_owned(),
            place: TextBox::new(0.0, 0.0, 1.0, 1.0),
            confidence: None,
        };
        let page = TextPage {
            paragraphs: vec![Paragraph {
                lines: vec![TextLine {
                    words: text.split(' ').map(word).collect(),
                }],
                ..Paragraph::default()
            }],
            ..TextPage::empty(595.0, 842.0)
        };
        assert_eq!(detect(&page), expected, "{text}");
    }

    #[test]
    fn each_language_is_detected_by_its_stop_words() {
        check(
            "Město zveřejňuje podle § 39 zákona záměr, který se týká pozemku v obci na okraji města.",
            Some("cs"),
        );
        check(
            "Die Stadt veröffentlicht gemäß dem Gesetz den Plan für das Grundstück, und der Rat wird die Anträge prüfen.",
            Some("de"),
        );
        check(
            "The town will publish the plan of the site by the end of this month for all, and the council is to decide.",
            Some("en"),
        );
    }

    #[test]
    fn numbers_names_and_mixed_pages_give_no_language() {
        check("401 402/4 Jan Novák 12 000 Kč", None);
        check("", None);
        check("podle zákona se na je die der und das ist", None);
    }
}
