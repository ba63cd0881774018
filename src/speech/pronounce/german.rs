//! German.

use vyveska_board::Language;

use super::numbers;
use super::words::Word;

const ALONE: &[(&str, &str)] = &[
    ("Nr.", "Nummer"),
    ("Abs.", "Absatz"),
    ("Art.", "Artikel"),
    ("Str.", "Straße"),
    ("Tel.", "Telefon"),
    ("usw.", "und so weiter"),
    ("bzw.", "beziehungsweise"),
    ("ca.", "circa"),
    ("inkl.", "inklusive"),
    ("Az.", "Aktenzeichen"),
    ("Gz.", "Geschäftszeichen"),
    ("S.", "Seite"),
    ("z.B.", "zum Beispiel"),
    ("d.h.", "das heißt"),
    ("§", "Paragraf"),
    ("&", "und"),
    ("%", "Prozent"),
    ("€", "Euro"),
    ("EUR", "Euro"),
    ("Kč", "Kronen"),
    ("m²", "Quadratmeter"),
    ("m2", "Quadratmeter"),
];

pub(super) fn say(rest: &[Word]) -> Option<(usize, String)> {
    let first = rest.first()?;
    if let (Some(second), "z." | "d.") = (rest.get(1), first.core.as_str()) {
        match (first.core.as_str(), second.core.as_str()) {
            ("z.", "B.") => return Some((2, "zum Beispiel".to_owned())),
            ("d.", "h.") => return Some((2, "das heißt".to_owned())),
            _ => {}
        }
    }
    ALONE
        .iter()
        .find(|(written, _)| *written == first.core)
        .map(|(_, said)| (1, (*said).to_owned()))
        .or_else(|| numbers::time(None, rest, Language::German))
}
