//! Numbers, dates and times.

use vyveska_board::Language;
use vyveska_board::format::months;

use super::words::{Word, is_number};

/// After these words a number with a dot inside is not a time.
const NOT_BEFORE_TIMES: [&str; 14] = [
    "čl",
    "článek",
    "článku",
    "bod",
    "bodu",
    "kap",
    "kapitola",
    "kapitoly",
    "kapitole",
    "odst",
    "příloha",
    "verze",
    "č",
    "punkt",
];

/// Signs after a number that make it an amount.
const UNITS: [&str; 12] = [
    "kč", "korun", "eur", "obyvatel", "tis", "mil", "m²", "m2", "ha", "osob", "ks", "€",
];

/// The spoken form of a number, date or time that begins here, and the number of words it covers.
pub(super) fn say(rest: &[Word], language: Language) -> Option<(usize, String)> {
    date(rest, language)
        .or_else(|| range(rest, language))
        .or_else(|| grouped(rest))
        .or_else(|| ordinal(rest))
}

/// A time of day; `before` is the word before it.
pub(super) fn time(
    before: Option<&Word>,
    rest: &[Word],
    language: Language,
) -> Option<(usize, String)> {
    let excluded = before.is_some_and(|word| {
        NOT_BEFORE_TIMES.contains(&word.bare().to_lowercase().as_str()) && word.goes_on()
    });
    if excluded {
        return None;
    }
    let word = rest.first()?;
    let (hours, minutes) = word.core.split_once([':', '.'])?;
    if !is_number(hours) || !is_number(minutes) || hours.len() > 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if hours > 24 || minutes > 59 {
        return None;
    }
    let hour_words: &[&str] = match language {
        Language::Czech => &["hod", "hodin", "hodiny", "h"],
        Language::German => &["uhr"],
        Language::English => &[],
    };
    let unit = rest
        .get(1)
        .filter(|next| word.goes_on() && hour_words.contains(&next.bare().to_lowercase().as_str()));
    let said = match language {
        Language::Czech => {
            let hour = plural(hours, ["hodina", "hodiny", "hodin"]);
            let minute = plural(minutes, ["minuta", "minuty", "minut"]);
            match minutes {
                0 => format!("{hours} {hour}"),
                _ => format!("{hours} {hour} {minutes} {minute}"),
            }
        }
        Language::German if minutes == 0 => format!("{hours} Uhr"),
        Language::German => format!("{hours} Uhr {minutes}"),
        Language::English if minutes == 0 => format!("{hours} o'clock"),
        Language::English if minutes < 10 => format!("{hours} oh {minutes}"),
        Language::English => format!("{hours} {minutes}"),
    };
    Some((1 + usize::from(unit.is_some()), said))
}

fn plural(number: u32, forms: [&'static str; 3]) -> &'static str {
    match number {
        1 => forms[0],
        2..=4 => forms[1],
        _ => forms[2],
    }
}

/// „21. 11. 2026", „21.11.2026", „21. 11.", „21. listopadu", „6 Dec 2026".
fn date(rest: &[Word], language: Language) -> Option<(usize, String)> {
    let first = rest.first()?;
    // Written without spaces.
    let mut parts = first.core.split('.');
    if let (Some(day), Some(month), Some(year), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
        && let Some(day) = day_number(day)
        && let Some(month) = month_number(month)
        && (year.is_empty() || (is_number(year) && year.len() == 4))
    {
        let said = said_date(day, month, language);
        let year = if year.is_empty() {
            String::new()
        } else {
            format!(" {year}")
        };
        return Some((1, said + &year));
    }
    let day = day_number(first.bare())?;
    let second = rest.get(1).filter(|_| first.goes_on())?;
    let by_name = months::number_of(&second.core, language);
    let month = match by_name {
        Some(month) if first.has_stop() || language == Language::English => month,
        _ if first.has_stop() && second.has_stop() => month_number(second.bare())?,
        _ => return None,
    };
    let said = said_date(day, month, language);
    let year = rest
        .get(2)
        .filter(|_| second.goes_on())
        .map(Word::bare)
        .filter(|year| is_number(year) && year.len() == 4);
    Some(match year {
        Some(year) => (3, format!("{said} {year}")),
        None => (2, said),
    })
}

fn day_number(text: &str) -> Option<u32> {
    is_number(text)
        .then(|| text.parse().ok())
        .flatten()
        .filter(|day| (1..=31).contains(day) && text.len() <= 2)
}

fn month_number(text: &str) -> Option<u32> {
    day_number(text).filter(|month| *month <= 12)
}

fn said_date(day: u32, month: u32, language: Language) -> String {
    let name = months::names(language)[(month as usize - 1).min(11)];
    match language {
        Language::Czech => format!("{} {name}", czech_day(day)),
        Language::German => format!("{} {name}", german_day(day)),
        Language::English => {
            let ending = match day {
                1 | 21 | 31 => "st",
                2 | 22 => "nd",
                3 | 23 => "rd",
                _ => "th",
            };
            format!("{day}{ending} of {name}")
        }
    }
}

/// „dvacátého prvního".
fn czech_day(day: u32) -> String {
    const ONES: [&str; 20] = [
        "",
        "prvního",
        "druhého",
        "třetího",
        "čtvrtého",
        "pátého",
        "šestého",
        "sedmého",
        "osmého",
        "devátého",
        "desátého",
        "jedenáctého",
        "dvanáctého",
        "třináctého",
        "čtrnáctého",
        "patnáctého",
        "šestnáctého",
        "sedmnáctého",
        "osmnáctého",
        "devatenáctého",
    ];
    let tens = match day / 10 {
        2 => "dvacátého",
        3 => "třicátého",
        _ => return ONES[day.min(19) as usize].to_owned(),
    };
    match day % 10 {
        0 => tens.to_owned(),
        one => format!("{tens} {}", ONES[one as usize]),
    }
}

/// „einundzwanzigsten".
fn german_day(day: u32) -> String {
    const ONES: [&str; 20] = [
        "",
        "ersten",
        "zweiten",
        "dritten",
        "vierten",
        "fünften",
        "sechsten",
        "siebten",
        "achten",
        "neunten",
        "zehnten",
        "elften",
        "zwölften",
        "dreizehnten",
        "vierzehnten",
        "fünfzehnten",
        "sechzehnten",
        "siebzehnten",
        "achtzehnten",
        "neunzehnten",
    ];
    const AND: [&str; 10] = [
        "",
        "einund",
        "zweiund",
        "dreiund",
        "vierund",
        "fünfund",
        "sechsund",
        "siebenund",
        "achtund",
        "neunund",
    ];
    let tens = match day / 10 {
        2 => "zwanzigsten",
        3 => "dreißigsten",
        _ => return ONES[day.min(19) as usize].to_owned(),
    };
    format!("{}{tens}", AND[(day % 10) as usize])
}

/// „2–4".
fn range(rest: &[Word], language: Language) -> Option<(usize, String)> {
    let first = rest.first()?;
    let (from, to) = first.bare().split_once('–')?;
    let through = match language {
        Language::Czech => "až",
        Language::German => "bis",
        Language::English => "to",
    };
    (is_number(from) && is_number(to)).then(|| (1, format!("{from} {through} {to}")))
}

/// „1 200 000": one number, unless it is a telephone number.
fn grouped(rest: &[Word]) -> Option<(usize, String)> {
    let first = rest.first()?;
    if !is_number(&first.core) || first.core.len() > 3 || !first.goes_on() || first.core == "0" {
        return None;
    }
    let mut digits = first.core.clone();
    let mut taken = 1;
    for word in &rest[1..] {
        let bare = word.core.trim_end_matches("-").trim_end_matches(",");
        if !is_number(bare) || bare.len() != 3 {
            break;
        }
        digits.push_str(bare);
        taken += 1;
        if !word.goes_on() || bare.len() != word.core.len() {
            break;
        }
    }
    let is_amount = rest
        .get(taken)
        .is_some_and(|next| UNITS.contains(&next.bare().to_lowercase().as_str()));
    if taken == 3 && first.core.len() == 3 && !is_amount {
        let spaced = [&digits[..3], &digits[3..6], &digits[6..]].join(" ");
        return Some((taken, spaced));
    }
    (taken > 1 && digits.len() <= 15).then_some((taken, digits))
}

/// „21. zasedání": the full stop does not end a sentence. And „1200,-".
fn ordinal(rest: &[Word]) -> Option<(usize, String)> {
    let first = rest.first()?;
    if let Some(amount) = first
        .core
        .strip_suffix(",-")
        .filter(|amount| is_number(amount))
    {
        return Some((1, amount.to_owned()));
    }
    let goes_on = rest.get(1).is_some_and(|next| {
        next.core
            .chars()
            .next()
            .is_some_and(|c| c.is_lowercase() || c.is_ascii_digit())
    });
    let is_ordinal = first.has_stop() && is_number(first.bare()) && first.bare().len() <= 3;
    (is_ordinal && (goes_on || rest.len() == 1)).then(|| (1, first.bare().to_owned()))
}
