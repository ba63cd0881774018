//! Feeds of invented boards, which all benches of central read.

use std::fmt::Write as _;
use std::path::Path;

/// Writes the feed of a board: of each notice what follows its number in the title, and its last day, if it has one.
pub(crate) fn write_feed<'a>(
    path: &Path,
    board: &str,
    notices: impl IntoIterator<Item = (String, Option<&'a str>)>,
) {
    let mut entries = String::new();
    for (number, (more, end)) in notices.into_iter().enumerate() {
        let comma = if number == 0 { "" } else { "," };
        let end = match end {
            Some(day) => format!(r#""datum": "{day}""#),
            None => r#""nespecifikovaný": true"#.to_owned(),
        };
        write!(
            entries,
            r#"{comma}{{"typ": ["Digitální objekt", "Informace na úřední desce"],
            "iri": "https://{board}.example/deska/{number}", "url": "https://{board}.example/{number}",
            "název": {{"cs": "Oznámení č. {number}{more} o konání veřejného projednání změny územního plánu"}},
            "číslo_jednací": "MU/{number}/2026", "agenda": [{{"název": {{"cs": "Odbor výstavby"}}}}],
            "vyvěšení": {{"typ": "Časový okamžik", "datum": "2026-01-02"}},
            "relevantní_do": {{"typ": "Časový okamžik", {end}}}}}"#
        )
        .expect("memory");
    }
    let feed = format!(
        r#"{{"@context": "https://ofn.gov.cz/úřední-desky/2021-07-20/kontexty/úřední-deska.jsonld",
        "typ": "Úřední deska", "iri": "https://{board}.example/deska", "stránka": "https://{board}.example/deska",
        "informace": [{entries}]}}"#
    );
    std::fs::write(path, feed).expect("a writable folder");
}
