//! English.

use vyveska_board::Language;

use super::numbers;
use super::words::Word;

const ALONE: &[(&str, &str)] = &[
    ("no.", "number"),
    ("No.", "number"),
    ("ref.", "reference"),
    ("p.", "page"),
    ("pp.", "pages"),
    ("tel.", "telephone"),
    ("e.g.", "for example"),
    ("i.e.", "that is"),
    ("etc.", "and so on"),
    ("§", "section"),
    ("&", "and"),
    ("%", "percent"),
    ("Kč", "crowns"),
    ("CZK", "crowns"),
    ("m²", "square metres"),
    ("m2", "square metres"),
];

pub(super) fn say(rest: &[Word]) -> Option<(usize, String)> {
    let first = rest.first()?;
    ALONE
        .iter()
        .find(|(written, _)| *written == first.core)
        .map(|(_, said)| (1, (*said).to_owned()))
        .or_else(|| numbers::time(None, rest, Language::English))
}
