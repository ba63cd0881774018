//! Numbers with their nouns, and numbers out of several, in every language.

use crate::Language;

use super::typography::NO_BREAK;

/// The forms of a noun in Czech, German and English: for one, for two to four, and for any other number.
pub type Forms = [[&'static str; 3]; Language::ALL.len()];

/// „1 příloha", „3 přílohy", „5 příloh".
pub fn counted(number: usize, forms: Forms, language: Language) -> String {
    let [czech, german, english] = forms;
    let [one, few, many] = match language {
        Language::Czech => czech,
        Language::German => german,
        Language::English => english,
    };
    let noun = match number {
        1 => one,
        2..=4 => few,
        _ => many,
    };
    format!("{number}{NO_BREAK}{noun}")
}

/// „1 ze 3", „1 z 5", „1 von 3", „1 of 3".
pub fn one_of(language: Language, number: u32, total: u32) -> String {
    let of = match language {
        Language::Czech => czech_of(total),
        Language::German => "von",
        Language::English => "of",
    };
    format!("{number}{NO_BREAK}{of}{NO_BREAK}{total}")
}

/// Whether Czech says „z" or „ze" before a number, by how the number is said aloud.
pub fn czech_of(number: u32) -> &'static str {
    // The first word said decides: dvou, tří, čtyř, šesti, sedmi, sta and their like begin with two consonants or s, š.
    let leading = match number {
        1_000_000.. => number / 1_000_000,
        1_000..=1_999 => return "z",
        2_000.. => number / 1_000,
        100..=199 => return "ze",
        200.. => number / 100,
        20.. => number / 10,
        12 | 13 | 14 | 16 | 17 => return "ze",
        10.. => return "z",
        _ => number,
    };
    match leading {
        2 | 3 | 4 | 6 | 7 => "ze",
        0 | 1 | 5 | 8 | 9 => "z",
        larger => czech_of(larger),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(of: &str, numbers: &[u32]) {
        for number in numbers {
            assert_eq!(czech_of(*number), of, "{number}");
        }
    }

    #[test]
    fn czech_says_ze_where_it_is_said() {
        check(
            "ze",
            &[
                2, 3, 4, 6, 7, 12, 14, 16, 20, 34, 47, 60, 100, 120, 300, 2_000,
            ],
        );
        check("z", &[1, 5, 8, 9, 10, 11, 15, 18, 19, 50, 88, 1_000, 5_000]);
    }

    #[test]
    fn a_number_out_of_several_never_breaks() {
        assert_eq!(one_of(Language::Czech, 1, 3), "1\u{a0}ze\u{a0}3");
        assert_eq!(one_of(Language::German, 5, 34), "5\u{a0}von\u{a0}34");
        assert_eq!(one_of(Language::English, 2, 2), "2\u{a0}of\u{a0}2");
    }

    #[test]
    fn a_noun_agrees_with_its_number() {
        let forms = [
            ["příloha", "přílohy", "příloh"],
            ["Anlage", "Anlagen", "Anlagen"],
            ["attachment", "attachments", "attachments"],
        ];
        let czech = |number| counted(number, forms, Language::Czech);
        assert_eq!(czech(1), "1\u{a0}příloha");
        assert_eq!(czech(4), "4\u{a0}přílohy");
        assert_eq!(czech(0), "0\u{a0}příloh");
        assert_eq!(czech(34), "34\u{a0}příloh");
        assert_eq!(counted(1, forms, Language::German), "1\u{a0}Anlage");
    }

    #[test]
    fn no_number_panics() {
        for number in [0, 999_999, 1_000_000, 12_000_000, u32::MAX] {
            assert!(!czech_of(number).is_empty());
        }
    }
}
