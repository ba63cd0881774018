//! Addresses: trimmed, freed of control characters and HTML escapes, resolved against the feed, percent-encoded.
//!
//! Only `http` and `https` come out. `file` does only when the feed itself is a file,
//! and then only for what lies in the feed's folder: what a feed says must not open other files.

use serde_json::Value;
use url::Url;

use super::key;
use super::report::{Report, quoted};
use super::text;

/// A longer address is left out, with a warning.
const MAX_ADDRESS_CHARS: usize = 4_000;

/// How often an ampersand may have been escaped for HTML.
const MAX_ESCAPES: usize = 4;

pub(super) fn address(
    value: &Value,
    field: &str,
    feed_url: &Url,
    report: &mut Report<'_>,
) -> Option<Url> {
    match value {
        Value::String(text) if text.trim().is_empty() => {
            report.deviates(field, "prázdná adresa; vynechána");
            None
        }
        Value::String(text) => from_text(text, field, feed_url, report),
        Value::Array(several) => match several.first() {
            Some(first) if !first.is_array() => {
                report.tidied(field, "seznam místo adresy; vzat první prvek");
                address(first, field, feed_url, report)
            }
            _ => {
                report.deviates(field, "prázdný seznam místo adresy; vynechán");
                None
            }
        },
        Value::Object(map) => match key::IRI.of(map).or_else(|| key::URL.of(map)) {
            Some(Value::String(text)) => {
                report.tidied(field, "objekt místo adresy; vzata adresa v něm");
                from_text(text, field, feed_url, report)
            }
            _ => {
                report.deviates(field, "objekt místo adresy; vynechán");
                None
            }
        },
        other => {
            report.deviates(
                field,
                format!("{} místo adresy; vynecháno", text::kind(other)),
            );
            None
        }
    }
}

fn from_text(text: &str, field: &str, feed_url: &Url, report: &mut Report<'_>) -> Option<Url> {
    let written: String = text
        .trim_matches(|c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}')
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_ADDRESS_CHARS + 1)
        .collect();
    if written.chars().count() > MAX_ADDRESS_CHARS {
        report.deviates(field, "adresa je příliš dlouhá; vynechána");
        return None;
    }
    let mut done = Vec::new();
    if written != text {
        done.push("mezery kolem ní nebo řídicí znaky odstraněny");
    }
    let mut plain = unescaped(&written);
    if plain != written {
        done.push("entity HTML převedeny na znaky");
    }
    while let Some(inner) = without_outer_scheme(&plain) {
        plain = inner.to_owned();
        done.push("začátek http:// uveden dvakrát; vzat jednou");
    }
    if plain
        .get(..4)
        .is_some_and(|head| head.eq_ignore_ascii_case("www."))
    {
        plain.insert_str(0, "https://");
        done.push("doplněno https://");
    }
    let resolved = match Url::parse(&plain) {
        // Browsers read a backslash as a slash: a folder of the office's network would become a host on the web.
        _ if is_network_folder(&plain) => Err(url::ParseError::InvalidDomainCharacter),
        Ok(url) => Ok(url),
        // `#` alone is what a template writes where it has no link.
        Err(_) if plain.starts_with('#') => Err(url::ParseError::RelativeUrlWithoutBase),
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            done.push("relativní adresa doplněna podle adresy zdroje");
            feed_url.join(&plain)
        }
        Err(error) => Err(error),
    };
    let Some(url) = resolved.ok().filter(|url| is_allowed(url, feed_url)) else {
        report.deviates(
            field,
            format!("nepoužitelná adresa {}; vynechána", quoted(text)),
        );
        return None;
    };
    if plain.chars().any(|c| !c.is_ascii() || c == ' ') {
        done.push("znaky mimo ASCII a mezery zakódovány");
    }
    if !done.is_empty() {
        report.tidied(field, format!("adresa: {}", done.join("; ")));
    }
    Some(url)
}

/// The address inside `https://http://…`, which templates write; its outer host would be `http`.
fn without_outer_scheme(text: &str) -> Option<&str> {
    let inner = without_scheme(text)?;
    without_scheme(inner).map(|_| inner)
}

fn without_scheme(text: &str) -> Option<&str> {
    text.strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
}

/// Whether an address begins as `\\server\folder` does.
fn is_network_folder(text: &str) -> bool {
    let slashes = text.get(..2).unwrap_or_default();
    slashes.contains('\\') && slashes.chars().all(|c| matches!(c, '/' | '\\'))
}

fn is_allowed(url: &Url, feed_url: &Url) -> bool {
    match url.scheme() {
        "http" | "https" => url.host_str().is_some_and(|host| !host.is_empty()),
        "file" if feed_url.scheme() == "file" => {
            let folder = feed_url
                .path()
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder);
            let path = url.path();
            url.host() == feed_url.host()
                && path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
                // Dots are resolved by now; what remains encoded would be resolved by whoever opens it.
                && !path.to_ascii_lowercase().contains("%2f")
                && !path.to_ascii_lowercase().contains("%5c")
        }
        _ => false,
    }
}

/// The text with HTML's ampersands undone, however often they were escaped.
///
/// Only ampersands: `&copy=` in a query is no entity.
pub(super) fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..MAX_ESCAPES {
        if !text.contains('&') {
            break;
        }
        let next = ["&amp;", "&AMP;", "&#38;", "&#038;", "&#x26;"]
            .iter()
            .fold(text.clone(), |text, entity| text.replace(entity, "&"));
        if next == text {
            break;
        }
        text = next;
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::report::Warnings;
    use super::*;

    #[track_caller]
    fn check_from(feed: &str, value: Value, expected: Option<&str>, warning: Option<&str>) {
        let mut warnings = Warnings::default();
        let feed = Url::parse(feed).unwrap();
        let found = address(&value, "url", &feed, &mut warnings.about("n"));
        let warnings = warnings.finish();
        assert_eq!(found.as_ref().map(Url::as_str), expected, "{warnings:?}");
        match (warnings.last(), warning) {
            (None, None) => {}
            (Some(found), Some(expected)) => {
                assert!(found.message.contains(expected), "{warnings:?}");
            }
            _ => panic!("{value}: {warnings:?}"),
        }
    }

    #[track_caller]
    fn check(text: &str, expected: Option<&str>, warning: Option<&str>) {
        check_from(
            "https://obec.example/data/deska.json",
            json!(text),
            expected,
            warning,
        );
    }

    #[test]
    fn a_plain_address_raises_no_warning() {
        check(
            "https://obec.example/a?b=c&d=e",
            Some("https://obec.example/a?b=c&d=e"),
            None,
        );
    }

    #[test]
    fn html_escapes_are_undone_however_deep() {
        let plain = Some("https://obec.example/f.ashx?a=1&b=2");
        check(
            "https://obec.example/f.ashx?a=1&amp;b=2",
            plain,
            Some("entity"),
        );
        check(
            "https://obec.example/f.ashx?a=1&amp;amp;b=2",
            plain,
            Some("entity"),
        );
        check(
            "https://obec.example/f.ashx?a=1&#38;b=2",
            plain,
            Some("entity"),
        );
        check(
            "https://obec.example/?a=1&copy=2",
            Some("https://obec.example/?a=1&copy=2"),
            None,
        );
    }

    #[test]
    fn a_relative_address_is_resolved_against_the_feed() {
        check(
            "content/1/a.pdf",
            Some("https://obec.example/data/content/1/a.pdf"),
            Some("relativní"),
        );
        check(
            "/a.pdf",
            Some("https://obec.example/a.pdf"),
            Some("relativní"),
        );
        check(
            "//cdn.example/a.pdf",
            Some("https://cdn.example/a.pdf"),
            Some("relativní"),
        );
        check(
            "www.obec.example/a.pdf",
            Some("https://www.obec.example/a.pdf"),
            Some("https://"),
        );
    }

    #[test]
    fn a_scheme_within_a_scheme_is_taken_once() {
        check(
            "https://http://obec.example/a.pdf",
            Some("http://obec.example/a.pdf"),
            Some("dvakrát"),
        );
        check(
            "https://obec.example/?z=http://obec.example/a.pdf",
            Some("https://obec.example/?z=http://obec.example/a.pdf"),
            None,
        );
    }

    #[test]
    fn letters_and_spaces_are_percent_encoded() {
        check(
            " https://obec.example/vyhláška č. 1.pdf\n",
            Some("https://obec.example/vyhl%C3%A1%C5%A1ka%20%C4%8D.%201.pdf"),
            Some("zakódovány"),
        );
        check(
            "https://obec.example/vyhl%C3%A1%C5%A1ka.pdf",
            Some("https://obec.example/vyhl%C3%A1%C5%A1ka.pdf"),
            None,
        );
    }

    #[test]
    fn only_the_web_is_let_through() {
        for junk in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "mailto:a@obec.example",
            "ftp://obec.example/a",
            "http://",
            "https://:80/",
            "#",
            "C:\\dokumenty\\a.pdf",
            "\\\\server\\deska\\a.pdf",
            "/\\server/a.pdf",
            "\\/server/a.pdf",
        ] {
            check(junk, None, Some("nepoužitelná"));
        }
        check(" ", None, Some("prázdná"));
        check(
            &format!("https://obec.example/{}", "a".repeat(5_000)),
            None,
            Some("dlouhá"),
        );
    }

    #[test]
    fn a_local_feed_names_documents_of_its_own_folder() {
        let feed = "file:///srv/deska/deska.json";
        check_from(
            feed,
            json!("a/b.pdf"),
            Some("file:///srv/deska/a/b.pdf"),
            Some("relativní"),
        );
        check_from(
            feed,
            json!("https://obec.example/"),
            Some("https://obec.example/"),
            None,
        );
        for junk in [
            "../a.pdf",
            "/etc/passwd",
            "file:///etc/passwd",
            "..%2f..%2fetc/passwd",
            "a/../../b.pdf",
            "file://server/srv/deska/a.pdf",
            "/srv/deskad/a.pdf",
        ] {
            check_from(feed, json!(junk), None, Some("nepoužitelná"));
        }
    }

    #[test]
    fn other_shapes_are_read_where_they_hold_an_address() {
        let feed = "https://obec.example/";
        let plain = Some("https://obec.example/a");
        check_from(
            feed,
            json!(["https://obec.example/a"]),
            plain,
            Some("seznam"),
        );
        check_from(
            feed,
            json!({"@id": "https://obec.example/a"}),
            plain,
            Some("objekt"),
        );
        for junk in [
            json!(null),
            json!([]),
            json!({}),
            json!(1),
            json!([[]]),
            json!({"url": 1}),
        ] {
            check_from(feed, junk, None, Some("vynech"));
        }
    }
}
