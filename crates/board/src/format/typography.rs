//! Czech typography: which words must not be separated by a line break.
//!
//! A single-letter preposition, an abbreviation before its number, a day and its month:
//! typesetters bind them with a non-breaking space, publishers of feeds do not, so the kiosk does.

use crate::Language;

use super::letters::bounded_letters;
use super::{months, weekdays};

/// U+00A0: no line ends at it.
pub const NO_BREAK: char = '\u{a0}';

/// Abbreviations that belong to what follows them.
const BEFORE: &[&str] = &[
    "arch.", "bc.", "bl.", "č.", "čís.", "čj.", "čl.", "dr.", "ev.", "ing.", "j.", "judr.", "k.",
    "kat.", "mgr.", "mudr.", "nám.", "např.", "odd.", "odst.", "p.", "par.", "parc.", "phdr.",
    "písm.", "pí", "rndr.", "sp.", "st.", "str.", "sv.", "tel.", "tj.", "tř.", "tzv.", "ul.", "ú.",
    "zn.",
];

/// Words that belong to the number before them.
const AFTER: &[&str] = &[
    "sb.", "kč", "eur", "tis.", "mil.", "mld.", "ha", "m", "m2", "m²", "m3", "m³", "km", "km2",
    "km²", "cm", "mm", "kg", "t", "kw", "kv", "mw", "%", "‰", "°c", "hod.", "hodin", "hodiny",
    "min.", "minut", "h", "ks", "let", "dnů", "dní", "dny", "leden", "uhr",
];

/// Puts non-breaking spaces where Czech typesetting wants them, and makes any other white space one plain space.
///
/// Every text that is shown comes through here, so that none has a letter that cannot be set.
pub fn bind(text: &str) -> String {
    let text = bounded_letters(text);
    let mut bound = String::with_capacity(text.len() + 8);
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        bound.push_str(word);
        if let Some(next) = words.peek() {
            bound.push(if holds(word, next) { NO_BREAK } else { ' ' });
        }
    }
    bound
}

/// Whether two neighbouring words stay on one line.
fn holds(word: &str, next: &str) -> bool {
    let bare = word.trim_start_matches(['(', '[', '„', '‚', '"', '–', '-']);
    is_single_letter_word(bare)
        || matches!(bare, "§" | "§§")
        || is_ordinal(bare)
        || among(BEFORE, bare)
        || (ends_in_digit(bare) && (is_unit(next) || continues_number(bare, next)))
        || (is_name(bare) && is_house_number(next))
        || (is_hour(next) && is_weekday(bare))
}

/// „pá", „po–čt", „Monday": a day belongs to the hours after it.
fn is_weekday(word: &str) -> bool {
    let word = word.trim_end_matches(':');
    word.split(['–', '-']).all(|day| {
        let day = day.to_lowercase();
        Language::ALL.iter().any(|language| {
            let names = weekdays::names(*language).iter();
            weekdays::short(*language).contains(&day.as_str())
                || names
                    .map(|name| name.to_lowercase())
                    .any(|name| name == day)
        })
    })
}

/// „8.00–17.00", „14:30".
fn is_hour(word: &str) -> bool {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    matches!(digits, 1..=2)
        && matches!(
            word.as_bytes()[digits..],
            [b'.' | b':', b'0'..=b'9', ..] | [0xe2, 0x80, 0x93, ..]
        )
}

/// Prepositions and conjunctions of one letter.
fn is_single_letter_word(word: &str) -> bool {
    let mut letters = word.chars();
    matches!(
        (letters.next(), letters.next()),
        (
            Some(
                'k' | 's'
                    | 'v'
                    | 'z'
                    | 'o'
                    | 'u'
                    | 'a'
                    | 'i'
                    | 'K'
                    | 'S'
                    | 'V'
                    | 'Z'
                    | 'O'
                    | 'U'
                    | 'A'
                    | 'I'
            ),
            None
        )
    )
}

/// A day, a month, a meeting: „6.", „21.".
fn is_ordinal(word: &str) -> bool {
    word.strip_suffix('.').is_some_and(|digits| {
        matches!(digits.len(), 1..=2) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// „Školní", „Náměstí".
fn is_name(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
        && word.chars().nth(2).is_some()
        && word.chars().all(char::is_alphabetic)
}

/// „12", „1187/26", „14a"; a year is none.
fn is_house_number(word: &str) -> bool {
    let bare = word.trim_end_matches([',', '.', ';', ')', ':']);
    let digits = bare.trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    let number =
        |part: &str| matches!(part.len(), 1..=3) && part.bytes().all(|byte| byte.is_ascii_digit());
    match digits.split_once('/') {
        Some((description, orientation)) => {
            matches!(description.len(), 1..=4)
                && description.bytes().all(|byte| byte.is_ascii_digit())
                && number(orientation)
        }
        None => number(digits),
    }
}

fn is_unit(word: &str) -> bool {
    let bare = word.trim_end_matches([',', ';', ')', ']', ':', '?', '!']);
    among(AFTER, bare)
        || among(AFTER, bare.trim_end_matches('.'))
        || among(months::names(Language::Czech), bare)
}

/// „1 200 000": groups of three digits after one to three.
fn continues_number(word: &str, next: &str) -> bool {
    let group = next.trim_end_matches([',', '.', ';', ')']);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    word.len() <= 3
        && digits(word)
        && (group.split_once(',').map_or(group, |(whole, _)| whole)).len() == 3
        && group
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b',')
}

fn ends_in_digit(word: &str) -> bool {
    word.bytes()
        .last()
        .is_some_and(|byte| byte.is_ascii_digit())
}

fn among(list: &[&str], word: &str) -> bool {
    // Longer than any entry, in bytes: not worth folding.
    word.len() <= 16 && list.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `~` stands for the non-breaking space.
    #[track_caller]
    fn check(expected: &str) {
        let plain = expected.replace('~', " ");
        assert_eq!(bind(&plain).replace(NO_BREAK, "~"), expected);
    }

    #[test]
    fn single_letters_hold_to_what_follows() {
        check("Dům v~Tisové u~Pily a~k~tomu i~les");
        check("O~uzavírce a~(v~obci) Z~hřiště");
        check("Opatření obecné povahy");
    }

    #[test]
    fn abbreviations_hold_to_their_numbers() {
        check("pozemek p.~č.~1182/4 v~k.~ú.~Lipnice nad Rolavou");
        check("č.~j.~OD/4821/2026, sp.~zn.~S~12/2026");
        check("podle §~172 odst.~1 písm.~c) zákona č.~183/2006~Sb.");
        check("ul.~Karlovarská, č.~p.~214, tel.~352~000~111");
    }

    #[test]
    fn dates_hold_together() {
        check("od 6.~12.~2026 do 21.~listopadu 2026");
        check("Pozvánka na 21.~zasedání zastupitelstva");
        check("dražba 12.~1.~2027 v~10.00");
    }

    #[test]
    fn a_weekday_holds_to_its_hours() {
        check("po a~st~8.00–17.00, út a~čt~8.00–14.00, pá~8.00–13.00");
        check("po–čt~7–15, Fr~8.00–12.00, v~pátek~9:00");
        check("Montag~8.00–17.00, Monday~8:00");
        check("do 6.~12.~2026 po 12 letech");
    }

    #[test]
    fn numbers_hold_to_their_units() {
        check("za 1~250~000~Kč, 12~%, 300~m² a~8~hodin");
        check("rok 2027 a~výhled na 100~let");
    }

    #[test]
    fn a_street_and_its_number_hold_together() {
        check("Cisterna stojí u~školy, Školní~12.");
        check("Náměstí~1, Nádražní~1187/14a a~Tisová~214");
        check("Návrh rozpočtu na rok 2027, Rozpočet 2027");
        check("Sprechstunde bis 18.00~Uhr");
    }

    #[test]
    fn white_space_of_any_kind_becomes_one_space() {
        assert_eq!(bind("  Záměr\u{a0} prodeje\n\tlesa "), "Záměr prodeje lesa");
        assert_eq!(bind(""), "");
    }
}
