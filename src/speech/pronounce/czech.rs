//! Czech as officials write it.

use vyveska_board::Language;

use super::numbers;
use super::words::Word;

/// Abbreviations of several words, without their full stops.
const TOGETHER: &[(&[&str], &str)] = &[
    (&["s", "r", "o"], "es er o"),
    (&["č", "j"], "číslo jednací"),
    (&["č", "p"], "číslo popisné"),
    (&["č", "ev"], "číslo evidenční"),
    (&["č", "e"], "číslo evidenční"),
    (&["p", "č"], "parcelní číslo"),
    (&["parc", "č"], "parcelní číslo"),
    (&["poz", "p", "č"], "pozemková parcela číslo"),
    (&["st", "p"], "stavební parcela"),
    (&["k", "ú"], "katastrální území"),
    (&["sp", "zn"], "spisová značka"),
    (&["a", "s"], "á es"),
    (&["v", "r"], "vlastní rukou"),
    (&["v", "z"], "v zastoupení"),
    (&["t", "č"], "toho času"),
    (&["n", "m"], "nad mořem"),
];

/// Abbreviations of one word, in lower case, without the full stop that they require.
const ALONE: &[(&str, &str)] = &[
    ("č", "číslo"),
    ("čís", "číslo"),
    ("čj", "číslo jednací"),
    ("čp", "číslo popisné"),
    ("čl", "článek"),
    ("odst", "odstavec"),
    ("písm", "písmeno"),
    ("ust", "ustanovení"),
    ("zák", "zákona"),
    ("vyhl", "vyhlášky"),
    ("nař", "nařízení"),
    ("ul", "ulice"),
    ("nám", "náměstí"),
    ("tř", "třída"),
    ("tel", "telefon"),
    ("mob", "mobil"),
    ("např", "například"),
    ("tj", "to jest"),
    ("tzn", "to znamená"),
    ("tzv", "takzvaně"),
    ("atd", "a tak dále"),
    ("apod", "a podobně"),
    ("aj", "a jiné"),
    ("popř", "popřípadě"),
    ("příp", "případně"),
    ("resp", "respektive"),
    ("vč", "včetně"),
    ("tis", "tisíc"),
    ("mil", "milionů"),
    ("mld", "miliard"),
    ("hod", "hodin"),
    ("min", "minut"),
    ("str", "strana"),
    ("sb", "Sbírky"),
    ("ing", "inženýr"),
    ("mgr", "magistr"),
    ("bc", "bakalář"),
    ("judr", "doktor práv"),
    ("mudr", "doktor"),
    ("phdr", "doktor"),
    ("rndr", "doktor"),
    ("odb", "odbor"),
    ("odd", "oddělení"),
    ("okr", "okres"),
    ("parc", "parcela"),
    ("poz", "pozemková"),
];

/// Words and signs with a spoken form of their own.
const EXACT: &[(&str, &str)] = &[
    ("§", "paragraf"),
    ("§§", "paragrafy"),
    ("%", "procent"),
    ("‰", "promile"),
    ("Kč", "korun"),
    ("Kč/m2", "korun za metr čtvereční"),
    ("Kč/m²", "korun za metr čtvereční"),
    ("€", "eur"),
    ("EUR", "eur"),
    ("&", "a"),
    ("m2", "metrů čtverečních"),
    ("m²", "metrů čtverečních"),
    ("m3", "metrů krychlových"),
    ("m³", "metrů krychlových"),
    ("km", "kilometrů"),
    ("cm", "centimetrů"),
    ("mm", "milimetrů"),
    ("kg", "kilogramů"),
    ("ha", "hektarů"),
    ("kW", "kilowattů"),
    ("kV", "kilovoltů"),
    ("cca", "cirka"),
    ("MěÚ", "městský úřad"),
    ("OÚ", "obecní úřad"),
    ("KÚ", "krajský úřad"),
    ("ČEZ", "Čez"),
    ("ZŠ", "základní škola"),
    ("MŠ", "mateřská škola"),
    ("čp", "číslo popisné"),
    ("čj", "číslo jednací"),
    ("vč", "včetně"),
];

/// The spoken form of what begins here, if it differs, and the number of words it covers.
pub(super) fn say(before: Option<&Word>, rest: &[Word]) -> Option<(usize, String)> {
    if let Some(said) = together(rest) {
        return Some(said);
    }
    let first = rest.first()?;
    // „§7", „č.100/2001".
    if let Some(number) = first.core.strip_prefix('§').filter(|rest| !rest.is_empty()) {
        return Some((1, format!("paragraf {number}")));
    }
    if let Some((abbreviation, number)) = first.core.split_once('.')
        && number.starts_with(|c: char| c.is_ascii_digit())
        && let Some(said) = alone(abbreviation)
    {
        return Some((1, format!("{said} {number}")));
    }
    if let Some((_, said)) = EXACT.iter().find(|(written, _)| *written == first.core) {
        return Some((1, (*said).to_owned()));
    }
    if first.has_stop()
        && let Some(said) = alone(first.bare())
    {
        return Some((1, said.to_owned()));
    }
    numbers::time(before, rest, Language::Czech)
}

fn alone(written: &str) -> Option<&'static str> {
    let small = written.to_lowercase();
    ALONE
        .iter()
        .find(|(abbreviation, _)| *abbreviation == small)
        .map(|(_, said)| *said)
}

/// „č. j." and „č.j.".
fn together(rest: &[Word]) -> Option<(usize, String)> {
    let first = rest.first()?;
    TOGETHER.iter().find_map(|(parts, said)| {
        let written: Vec<&str> = first.bare().split('.').collect();
        let is = |written: &str, part: &str| written.to_lowercase() == part;
        let in_one = first.has_stop()
            && written.len() == parts.len()
            && written.iter().zip(*parts).all(|(a, b)| is(a, b));
        if in_one {
            return Some((1, (*said).to_owned()));
        }
        let apart = rest.len() >= parts.len()
            && rest
                .iter()
                .zip(*parts)
                .all(|(word, part)| word.has_stop() && is(word.bare(), part))
            && rest[..parts.len() - 1].iter().all(Word::goes_on);
        apart.then(|| (parts.len(), (*said).to_owned()))
    })
}
