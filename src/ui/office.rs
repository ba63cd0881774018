//! Short names of offices.
//!
//! On a town's own board „Městský úřad Lipnice nad Rolavou, odbor dopravy" is „Městský úřad, odbor dopravy":
//! the header says whose board it is, and the distinguishing part comes into view.

/// Offices that are named by their municipality.
const OFFICES: [&str; 4] = [
    "Městský úřad",
    "Obecní úřad",
    "Úřad městyse",
    "Magistrát města",
];

/// The originator without the name of the municipality whose board this is.
pub(crate) fn short_office(originator: &str, town: &str) -> String {
    // „Město Lipnice nad Rolavou": the first word says what it is, the others which.
    let Some((_, place)) = town.split_once([' ', '\u{a0}']) else {
        return originator.to_owned();
    };
    for office in OFFICES {
        let rest = originator
            .strip_prefix(office)
            .and_then(|rest| rest.strip_prefix([' ', '\u{a0}']))
            .and_then(|rest| rest.strip_prefix(place));
        if let Some(rest) = rest
            && (rest.is_empty() || rest.starts_with([',', ' ']))
        {
            return format!("{office}{rest}");
        }
    }
    originator.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOWN: &str = "Město Lipnice nad Rolavou";

    #[track_caller]
    fn check(originator: &str, expected: &str) {
        assert_eq!(short_office(originator, TOWN), expected);
    }

    #[test]
    fn the_towns_own_offices_lose_its_name_and_others_keep_theirs() {
        check(
            "Městský úřad Lipnice nad Rolavou, odbor dopravy",
            "Městský úřad, odbor dopravy",
        );
        check("Městský úřad Lipnice nad Rolavou", "Městský úřad");
        check(
            "Městský úřad Rolava, stavební úřad",
            "Městský úřad Rolava, stavební úřad",
        );
        check("Finanční úřad", "Finanční úřad");
        check("", "");
        assert_eq!(short_office("Městský úřad", "Lipnice"), "Městský úřad");
    }
}
