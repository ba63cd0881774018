//! Czech dates, counts and typography for pages.

use chrono::{Datelike as _, Timelike as _};
use vyveska_board::{Moment, PRAGUE};

const NBSP: char = '\u{a0}';

/// A moment as people read it: "6. 12. 2026", "6. 12. 2026 v 14.30"; nothing when left open.
pub(super) fn moment(moment: &Moment) -> Option<String> {
    match moment {
        Moment::Date(date) => Some(day(*date)),
        Moment::Instant(instant) => {
            let local = instant.with_timezone(&PRAGUE);
            let time = format!("{}.{:02}", local.hour(), local.minute());
            Some(format!("{} v{NBSP}{time}", day(local.date_naive())))
        }
        Moment::Unspecified => None,
    }
}

/// The end of posting; a last day is included.
pub(super) fn until(until: &Moment) -> String {
    match (until, moment(until)) {
        (Moment::Date(_), Some(text)) => format!("do {text} včetně"),
        (_, Some(text)) => format!("do {text}"),
        (_, None) => "do odvolání".to_owned(),
    }
}

fn day(date: chrono::NaiveDate) -> String {
    format!(
        "{}.{NBSP}{}.{NBSP}{}",
        date.day(),
        date.month(),
        date.year()
    )
}

/// A count with its noun in the right form: for 1, for 2 to 4, for the rest.
pub(super) fn count(count: usize, forms: [&str; 3]) -> String {
    let form = match count {
        1 => forms[0],
        2..=4 => forms[1],
        _ => forms[2],
    };
    format!("{count}{NBSP}{form}")
}

/// A size as people read it.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes}{NBSP}B"),
        1_000..1_000_000 => format!("{}{NBSP}kB", bytes.div_ceil(1_000)),
        _ => {
            let tenths = bytes.div_ceil(100_000);
            format!("{},{}{NBSP}MB", tenths / 10, tenths % 10)
        }
    }
}

/// Puts no-break spaces after what must not end a line: one-letter words, abbreviations, days and months.
pub(super) fn tied(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let mut tied = String::with_capacity(text.len());
    for (index, word) in words.iter().enumerate() {
        tied.push_str(word);
        if let Some(next) = words.get(index + 1) {
            tied.push(if holds_on(word, next) { NBSP } else { ' ' });
        }
    }
    tied
}

fn holds_on(word: &str, next: &str) -> bool {
    let word = word.trim_start_matches(['(', '„', '"']);
    let one_letter = word.chars().count() == 1
        && word
            .chars()
            .all(|letter| "ksvzouaiKSVZOUAI".contains(letter));
    let abbreviation = matches!(
        word,
        "č." | "§"
            | "čp."
            | "p."
            | "parc."
            | "st."
            | "čj."
            | "odst."
            | "ul."
            | "nám."
            | "tř."
            | "k."
    );
    let ordinal = word.strip_suffix('.').is_some_and(|digits| {
        (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    });
    one_letter || abbreviation || (ordinal && next.starts_with(|c: char| c.is_ascii_digit()))
}

/// The kind of a document in a word.
pub(super) fn kind(media_type: &str) -> &'static str {
    match media_type {
        "application/pdf" => "PDF",
        "image/jpeg" => "obrázek JPEG",
        "image/png" => "obrázek PNG",
        "image/tiff" => "obrázek TIFF",
        "image/webp" => "obrázek WebP",
        "image/gif" => "obrázek GIF",
        "text/plain" => "text",
        "application/rtf" => "RTF",
        "application/zip" => "archiv ZIP",
        "application/xml" => "XML",
        "application/x-ole-storage" => "dokument Office",
        "application/pkcs7-mime" => "podepsaný soubor",
        other if other.contains("wordprocessing") => "dokument Word",
        other if other.contains("spreadsheetml") => "tabulka Excel",
        other if other.contains("presentationml") => "prezentace PowerPoint",
        other if other.contains("opendocument") => "dokument OpenDocument",
        _ => "soubor",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_written_as_czech_writes_them() {
        let date = Moment::Date("2026-12-06".parse().unwrap());
        assert_eq!(until(&date), "do 6.\u{a0}12.\u{a0}2026 včetně");
        let instant = Moment::Instant("2026-12-06T13:05:00Z".parse().unwrap());
        assert_eq!(until(&instant), "do 6.\u{a0}12.\u{a0}2026 v\u{a0}14.05");
        assert_eq!(until(&Moment::Unspecified), "do odvolání");
    }

    #[test]
    fn counts_agree_with_their_noun() {
        let forms = ["příloha", "přílohy", "příloh"];
        assert_eq!(count(1, forms), "1\u{a0}příloha");
        assert_eq!(count(4, forms), "4\u{a0}přílohy");
        assert_eq!(count(0, forms), "0\u{a0}příloh");
        assert_eq!(count(34, forms), "34\u{a0}příloh");
    }

    #[test]
    fn short_words_are_tied_to_the_next() {
        assert_eq!(
            tied("Záměr pronájmu p. č. 12 v k. ú. Lipnice od 6. 12. a dále"),
            "Záměr pronájmu p.\u{a0}č.\u{a0}12 v\u{a0}k.\u{a0}ú. Lipnice od 6.\u{a0}12. a\u{a0}dále"
        );
    }

    #[test]
    fn sizes_are_rounded_up() {
        assert_eq!(size(999), "999\u{a0}B");
        assert_eq!(size(204_800), "205\u{a0}kB");
        assert_eq!(size(1_230_000), "1,3\u{a0}MB");
    }
}
