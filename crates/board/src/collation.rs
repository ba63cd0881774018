//! The order of the Czech alphabet.
//!
//! Code points put „čaj" after „žába" and „chléb" before „hora"; the tables of the Unicode CLDR for Czech do not:
//! č, ch, ř, š and ž are letters of their own, other diacritics decide only between otherwise equal texts.
//! Two choices are ours. Figures come before letters, as CLDR has it (ČSN 97 6030 puts them last),
//! because that is where readers expect them; and they are compared as numbers, „č. 2" before „č. 10".
//! Quotation marks and brackets at the beginning of a text do not count.

use std::cmp::Ordering;
use std::sync::LazyLock;

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed};
use icu_locale_core::locale;

static CZECH: LazyLock<CollatorBorrowed<'static>> = LazyLock::new(|| {
    Collator::try_new(locale!("cs-u-kn").into(), CollatorOptions::default())
        .expect("the tables for Czech are compiled in")
});

/// Which of two texts comes first in a Czech list.
pub fn compare(a: &str, b: &str) -> Ordering {
    CZECH
        .compare(bare(a), bare(b))
        // Texts that are equal in Czech still need one stable order.
        .then_with(|| a.cmp(b))
}

/// The text from its first letter or figure on; all of it when it has none.
fn bare(text: &str) -> &str {
    text.find(char::is_alphanumeric)
        .map_or(text, |start| &text[start..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The words are already in their order; any other arrangement of them has to come back to it.
    #[track_caller]
    fn check(ordered: &[&str]) {
        let mut words: Vec<&str> = ordered.iter().rev().copied().collect();
        words.sort_by(|a, b| compare(a, b));
        assert_eq!(words, ordered);
    }

    #[test]
    fn czech_letters_have_their_places() {
        check(&[
            "cena", "čaj", "hora", "chléb", "ibis", "řepa", "šum", "žába",
        ]);
        check(&["hudba", "chata"]);
        check(&["Hranice", "Chodov"]);
        check(&["rak", "řeka", "sůl", "šála", "zub", "žal"]);
    }

    #[test]
    fn other_marks_only_break_a_tie() {
        check(&["dal", "ďal", "dam", "dám", "dan"]);
        check(&["ruka", "růže", "rybník"]);
        check(&["lípa", "Lipnice", "Lípy"]);
    }

    #[test]
    fn figures_come_first_and_count_as_numbers() {
        check(&[
            "2. zasedání",
            "10. zasedání",
            "Zasedání č. 3",
            "Zasedání č. 21",
        ]);
    }

    #[test]
    fn words_come_before_longer_words() {
        check(&["Nad Labem", "Nad Rolavou", "nadace"]);
    }

    #[test]
    fn marks_before_the_first_letter_do_not_count() {
        check(&["Auto", "„Bydlení u lesa“", "(Cena) domu", "Dům"]);
        check(&["…", "dům"]);
    }

    proptest! {
        #[test]
        fn any_texts_have_one_order(a in ".{0,20}", b in ".{0,20}", c in ".{0,20}") {
            prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            prop_assert_eq!(compare(&a, &a), Ordering::Equal);
            if compare(&a, &b).is_le() && compare(&b, &c).is_le() {
                prop_assert!(compare(&a, &c).is_le());
            }
        }
    }
}
