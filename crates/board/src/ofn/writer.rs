//! The strict writer: a board as the norm wants it, valid against its schemas.
//!
//! Where a notice lacks what the norm requires (an IRI, an address), central's own public address stands in.
//! Where there is no value the key is left out; `null` is never written.

use chrono::{Datelike, SecondsFormat};
use serde::{Serialize, Serializer};
use url::Url;

use super::Operator;
use super::board::{BOARD, CONTEXT};
use super::document::{MEDIA_TYPES, is_media_type};
use crate::id::BoardIri;
use crate::language::{Language, LanguageMap};
use crate::moment::{Moment, PRAGUE};
use crate::notice::{Document, Notice};

/// A board as it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenBoard {
    /// The board's identifier; it stays the same when addresses change.
    pub iri: BoardIri,
    /// The board's name; may be blank.
    pub name: LanguageMap,
    /// The board's page for people.
    pub page: Url,
    /// Who runs it: the IČO or the identifier of a public authority has to be there.
    pub operator: Operator,
    /// The public address under which a notice has its page: `<notices>/<NoticeId>`.
    pub notices: Url,
}

/// What the norm requires of a board and this one lacks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The operator has no valid identifier.
    #[error(
        "the board {board} has an operator without a valid IČO or identifier of a public authority; set one of them"
    )]
    NoOperator { board: BoardIri },
    /// The identifier is no IRI.
    #[error("the board's identifier {board} is not an absolute IRI; give it one")]
    BadIri { board: BoardIri },
}

/// Writes a board with its notices in the order given.
///
/// `document_url` says where a document is offered; where it gives nothing, the document is named without an address.
///
/// # Errors
///
/// When the board lacks what the norm requires of it; notices never are the reason.
pub fn write(
    board: &WrittenBoard,
    notices: &[&Notice],
    document_url: impl Fn(&Notice, &Document) -> Option<Url>,
) -> Result<String, WriteError> {
    if !is_iri(board.iri.as_str()) {
        return Err(WriteError::BadIri {
            board: board.iri.clone(),
        });
    }
    let written = Board {
        context: CONTEXT,
        kind: BOARD,
        iri: board.iri.as_str(),
        name: text(&board.name),
        page: strict(&board.page),
        operator: operator(&board.operator).ok_or_else(|| WriteError::NoOperator {
            board: board.iri.clone(),
        })?,
        notices: notices
            .iter()
            .map(|notice| written_notice(notice, board, &document_url))
            .collect(),
    };
    Ok(serde_json::to_string_pretty(&written)
        .expect("texts, lists and objects with text keys are always JSON"))
}

#[derive(Serialize)]
struct Board<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "typ")]
    kind: &'static str,
    iri: &'a str,
    #[serde(rename = "název", skip_serializing_if = "Option::is_none")]
    name: Option<Text<'a>>,
    #[serde(rename = "stránka")]
    page: String,
    #[serde(rename = "provozovatel")]
    operator: WrittenOperator<'a>,
    #[serde(rename = "informace")]
    notices: Vec<WrittenNotice<'a>>,
}

#[derive(Serialize)]
struct WrittenOperator<'a> {
    #[serde(rename = "typ")]
    kind: &'static str,
    #[serde(rename = "ičo", skip_serializing_if = "Option::is_none")]
    ico: Option<&'a str>,
    #[serde(rename = "identifikátor_ovm", skip_serializing_if = "Option::is_none")]
    ovm: Option<&'a str>,
    #[serde(rename = "název", skip_serializing_if = "Option::is_none")]
    name: Option<Text<'a>>,
}

#[derive(Serialize)]
struct WrittenNotice<'a> {
    #[serde(rename = "typ")]
    kind: [&'static str; 2],
    iri: String,
    url: String,
    #[serde(rename = "název")]
    title: Text<'a>,
    #[serde(rename = "popis", skip_serializing_if = "Option::is_none")]
    description: Option<Text<'a>>,
    #[serde(rename = "vyvěšení")]
    posted: Time,
    #[serde(rename = "relevantní_do")]
    relevant_until: Time,
    #[serde(rename = "schválení", skip_serializing_if = "Option::is_none")]
    approved: Option<Time>,
    #[serde(rename = "číslo_jednací", skip_serializing_if = "Option::is_none")]
    reference_number: Option<&'a str>,
    #[serde(rename = "spisová_značka", skip_serializing_if = "Option::is_none")]
    file_number: Option<&'a str>,
    #[serde(rename = "revize")]
    revision: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    agenda: Vec<Agenda<'a>>,
    #[serde(rename = "odbor", skip_serializing_if = "Option::is_none")]
    originator: Option<&'a str>,
    #[serde(rename = "podmínky_užití", skip_serializing_if = "Option::is_none")]
    terms: Option<Terms>,
    #[serde(rename = "dokument", skip_serializing_if = "Vec::is_empty")]
    documents: Vec<WrittenDocument<'a>>,
}

#[derive(Serialize)]
struct Agenda<'a> {
    #[serde(rename = "typ")]
    kind: &'static str,
    #[serde(rename = "název")]
    name: Text<'a>,
}

#[derive(Serialize)]
struct Terms {
    #[serde(rename = "typ")]
    kind: &'static str,
    #[serde(rename = "obsahuje_osobní_údaje")]
    personal_data: bool,
}

#[derive(Serialize)]
struct WrittenDocument<'a> {
    #[serde(rename = "typ")]
    kind: &'static str,
    #[serde(rename = "název", skip_serializing_if = "Option::is_none")]
    title: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(rename = "typ_média", skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
}

fn written_notice<'a>(
    notice: &'a Notice,
    board: &WrittenBoard,
    document_url: &impl Fn(&Notice, &Document) -> Option<Url>,
) -> WrittenNotice<'a> {
    let own_page = own_page(notice, board);
    WrittenNotice {
        kind: ["Digitální objekt", "Informace na úřední desce"],
        iri: notice
            .iri
            .as_ref()
            .map(|iri| iri.as_str())
            .filter(|iri| is_iri(iri))
            .map_or_else(|| strict(&own_page), str::to_owned),
        url: strict(notice.url.as_ref().unwrap_or(&own_page)),
        title: text(&notice.title).unwrap_or(Text(&notice.title)),
        description: text(&notice.description),
        posted: Time(notice.posted),
        relevant_until: Time(notice.relevant_until),
        approved: (notice.approved != Moment::Unspecified).then_some(Time(notice.approved)),
        reference_number: notice
            .reference_number
            .as_ref()
            .map(|number| number.as_str()),
        file_number: notice.file_number.as_ref().map(|number| number.as_str()),
        revision: notice.revision.number().to_string(),
        agenda: notice
            .categories
            .iter()
            .filter_map(text)
            .map(|name| Agenda {
                kind: "Agenda",
                name,
            })
            .collect(),
        originator: notice.originator.as_deref(),
        terms: notice.personal_data.then_some(Terms {
            kind: "Podmínky užití",
            personal_data: true,
        }),
        documents: notice
            .documents
            .iter()
            .map(|document| WrittenDocument {
                kind: "Digitální objekt",
                title: text(&document.title),
                url: document_url(notice, document).as_ref().map(strict),
                media_type: document
                    .media_type
                    .as_deref()
                    .filter(|name| is_media_type(name))
                    .map(|name| format!("{MEDIA_TYPES}{name}")),
            })
            .collect(),
    }
}

/// Central's own page of a notice.
fn own_page(notice: &Notice, board: &WrittenBoard) -> Url {
    let mut page = board.notices.clone();
    if let Ok(mut segments) = page.path_segments_mut() {
        segments.pop_if_empty().push(notice.id.as_str());
    }
    page
}

fn operator(operator: &Operator) -> Option<WrittenOperator<'_>> {
    let ico = operator
        .ico
        .as_deref()
        .filter(|ico| ico.len() == 8 && ico.bytes().all(|byte| byte.is_ascii_digit()));
    let ovm = operator.ovm.as_deref().filter(|ovm| !ovm.trim().is_empty());
    // One of two types, never both: the schema refuses both at once.
    let kind = match (ico, ovm) {
        (_, Some(_)) => "Orgán veřejné moci",
        (Some(_), None) => "Osoba",
        (None, None) => return None,
    };
    Some(WrittenOperator {
        kind,
        ico,
        ovm,
        name: text(&operator.name),
    })
}

/// A text unless it is blank.
fn text(map: &LanguageMap) -> Option<Text<'_>> {
    (!map.is_blank()).then_some(Text(map))
}

/// A language map with Czech or English in it, as the norm requires.
struct Text<'a>(&'a LanguageMap);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let map = self.0;
        let stand_in = (map.get("cs").is_none() && map.get("en").is_none())
            .then(|| ("cs", map.best(Language::Czech)));
        serializer.collect_map(stand_in.into_iter().chain(map.iter()))
    }
}

/// *Časový okamžik* in exactly one of its three forms.
struct Time(Moment);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written {
            #[serde(rename = "typ")]
            kind: &'static str,
            #[serde(rename = "datum", skip_serializing_if = "Option::is_none")]
            day: Option<String>,
            #[serde(rename = "datum_a_čas", skip_serializing_if = "Option::is_none")]
            instant: Option<String>,
            #[serde(rename = "nespecifikovaný", skip_serializing_if = "Option::is_none")]
            unspecified: Option<bool>,
        }

        // A year of five digits has no form in the norm.
        let has_form = |year: i32| (1..=9998).contains(&year);
        let (day, instant) = match self.0 {
            Moment::Date(day) if has_form(day.year()) => (Some(day.to_string()), None),
            Moment::Instant(instant) if has_form(instant.year()) => {
                let local = instant.with_timezone(&PRAGUE).fixed_offset();
                // RFC 3339 has no offsets with seconds, as Prague had before railways.
                let local = if local.offset().local_minus_utc() % 60 == 0 {
                    local
                } else {
                    instant.fixed_offset()
                };
                (
                    None,
                    Some(local.to_rfc3339_opts(SecondsFormat::AutoSi, false)),
                )
            }
            _ => (None, None),
        };
        let unspecified = (day.is_none() && instant.is_none()).then_some(true);
        Written {
            kind: "Časový okamžik",
            day,
            instant,
            unspecified,
        }
        .serialize(serializer)
    }
}

/// An address without the characters that browsers tolerate and the norm forbids.
fn strict(url: &Url) -> String {
    let text = url.as_str();
    // Brackets belong in an address only around an IPv6 host.
    let authority = text.find("://").map_or(0, |at| at + 3);
    let path = text[authority..]
        .find(['/', '?', '#'])
        .map_or(text.len(), |at| authority + at);
    let mut strict = text[..path].to_owned();
    let rest = &text[path..];
    let mut fragments = 0;
    for (at, c) in rest.char_indices() {
        let stray_percent = c == '%'
            && !rest
                .get(at + 1..at + 3)
                .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        fragments += usize::from(c == '#');
        if stray_percent || is_forbidden(c) || matches!(c, '[' | ']') || c == '#' && fragments > 1 {
            let mut buffer = [0; 4];
            for byte in c.encode_utf8(&mut buffer).bytes() {
                strict.push_str(&format!("%{byte:02X}"));
            }
        } else {
            strict.push(c);
        }
    }
    strict
}

/// Whether a text is an absolute IRI.
fn is_iri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    let escaped = rest.split('%').skip(1).all(|after| {
        after
            .get(..2)
            .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    });
    let authority_is_plain = match rest.strip_prefix("//") {
        Some(rest) => {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
            !host.is_empty()
                && !host.contains('@')
                && port.bytes().all(|byte| byte.is_ascii_digit())
        }
        None => !rest.is_empty(),
    };
    named
        && escaped
        && authority_is_plain
        && rest.matches('#').count() <= 1
        && !rest
            .chars()
            .any(|c| is_forbidden(c) || matches!(c, '[' | ']'))
}

/// Whether a character occurs in no IRI.
fn is_forbidden(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`')
        || matches!(
            c,
            '\u{e000}'..='\u{f8ff}'
                | '\u{fdd0}'..='\u{fdef}'
                | '\u{fff0}'..='\u{ffff}'
                | '\u{e0000}'..='\u{e0fff}'
                | '\u{f0000}'..
        )
        || (u32::from(c) & 0xfffe) == 0xfffe
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iris_are_distinguished_from_other_texts() {
        for iri in [
            "https://data.obec.example/zdroj/úřední-deska/informace/2018-13",
            "urn:uuid:1",
            "https://obec.example:8080/a?b=c#d",
            "https://obec.example/%C5%99",
        ] {
            assert!(is_iri(iri), "{iri}");
        }
        for text in [
            "",
            "123",
            "informace/1",
            "a b:c",
            "https://",
            "https://obec.example/a b",
            "https://obec.example/%zz",
            "https://obec.example/{a}",
            "https://obec.example/a#b#c",
            "1a:b",
            "https://[::1",
            "https://obec.example:x/",
        ] {
            assert!(!is_iri(text), "{text}");
        }
    }

    #[test]
    fn addresses_lose_what_only_browsers_put_up_with() {
        let url = Url::parse("https://obec.example/a|b?c=[d]&e=%zz#f").unwrap();
        assert_eq!(
            strict(&url),
            "https://obec.example/a%7Cb?c=%5Bd%5D&e=%25zz#f"
        );
        let plain = "http://[::1]:80/a?b=c";
        assert_eq!(
            strict(&Url::parse("http://[::1]:8080/a?b=c").unwrap()),
            plain.replace(":80/", ":8080/")
        );
    }

    fn written(moment: Moment) -> String {
        serde_json::to_string(&Time(moment)).unwrap()
    }

    #[test]
    fn a_moment_has_one_form() {
        assert_eq!(
            written(Moment::Date("2026-12-06".parse().unwrap())),
            r#"{"typ":"Časový okamžik","datum":"2026-12-06"}"#
        );
        assert_eq!(
            written(Moment::Instant("2026-11-25T16:00:00Z".parse().unwrap())),
            r#"{"typ":"Časový okamžik","datum_a_čas":"2026-11-25T17:00:00+01:00"}"#
        );
        for none in [
            Moment::Unspecified,
            Moment::Date(chrono::NaiveDate::MAX),
            Moment::Instant(chrono::DateTime::<chrono::Utc>::MAX_UTC),
        ] {
            assert_eq!(
                written(none),
                r#"{"typ":"Časový okamžik","nespecifikovaný":true}"#
            );
        }
    }

    #[test]
    fn a_text_in_neither_czech_nor_english_stands_as_czech_too() {
        let german: LanguageMap = [("de".to_owned(), "Bekanntmachung".to_owned())]
            .into_iter()
            .collect();
        assert_eq!(
            serde_json::to_string(&Text(&german)).unwrap(),
            r#"{"cs":"Bekanntmachung","de":"Bekanntmachung"}"#
        );
        assert_eq!(
            serde_json::to_string(&Text(&LanguageMap::new())).unwrap(),
            r#"{"cs":""}"#
        );
    }
}
