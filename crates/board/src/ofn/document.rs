//! Documents of a notice (*dokument*, *příloha*).

use std::collections::HashSet;

use serde_json::{Map, Value};
use url::Url;

use super::key::{self, Name};
use super::report::{Report, quoted};
use super::text::{self, Shape};
use super::{FeedDocument, address, personal_data};
use crate::language::LanguageMap;

/// Where the norm keeps its media types.
pub(super) const MEDIA_TYPES: &str = "http://www.iana.org/assignments/media-types/";

/// What the path of an address ends with when it leads to a document, not to a page.
const DOCUMENT_ENDINGS: [&str; 15] = [
    ".pdf", ".doc", ".docx", ".odt", ".rtf", ".xls", ".xlsx", ".ods", ".jpg", ".jpeg", ".png",
    ".tif", ".tiff", ".webp", ".zip",
];

/// Reads documents until there are `max`.
#[derive(Debug)]
pub(super) struct Documents<'f> {
    feed_url: &'f Url,
    max: usize,
    found: Vec<FeedDocument>,
    addresses: HashSet<Url>,
    personal_data: bool,
}

impl<'f> Documents<'f> {
    pub(super) fn new(feed_url: &'f Url, max: usize) -> Self {
        Self {
            feed_url,
            max,
            found: Vec::new(),
            addresses: HashSet::new(),
            personal_data: false,
        }
    }

    /// Takes what stands in a field for documents.
    pub(super) fn take(&mut self, value: &Value, name: &Name, report: &mut Report<'_>) {
        let field = name.norm;
        match value {
            Value::Array(several) => {
                for (index, value) in several.iter().enumerate() {
                    if self.found.len() >= self.max {
                        report.deviates(
                            field,
                            format!(
                                "příliš mnoho dokumentů; {} posledních vynecháno",
                                several.len() - index
                            ),
                        );
                        // What they say of the notice still holds.
                        for map in several[index..].iter().filter_map(Value::as_object) {
                            self.personal_data |= personal_data::is_marked(map, report);
                        }
                        return;
                    }
                    self.take_one(value, field, report);
                }
            }
            Value::Object(map) if is_numbered_list(map) => {
                report.tidied(field, "objekt místo seznamu; přečteny jeho hodnoty");
                self.take(&Value::Array(map.values().cloned().collect()), name, report);
            }
            Value::Object(map) if map.is_empty() => {
                report.deviates(field, "prázdný objekt místo seznamu; vynechán");
            }
            Value::Object(_) | Value::String(_) => {
                report.tidied(field, "jediná hodnota místo seznamu; přečtena");
                self.take_one(value, field, report);
            }
            Value::Null => report.deviates(field, "null místo seznamu; bráno jako prázdný"),
            other => report.deviates(
                field,
                format!("{} místo seznamu dokumentů; vynecháno", text::kind(other)),
            ),
        }
    }

    /// The documents found, and whether one of them says that it holds personal data.
    pub(super) fn finish(self) -> (Vec<FeedDocument>, bool) {
        (self.found, self.personal_data)
    }

    fn take_one(&mut self, value: &Value, field: &str, report: &mut Report<'_>) {
        let document = match value {
            Value::Object(map) => {
                self.personal_data |= personal_data::is_marked(map, report);
                self.read(map, field, report)
            }
            Value::String(_) => {
                let Some(url) = address::address(value, field, self.feed_url, report) else {
                    return;
                };
                report.tidied(field, "pouhá adresa místo dokumentu; přečtena");
                FeedDocument {
                    title: LanguageMap::new(),
                    url: Some(url),
                    media_type: None,
                }
            }
            other => {
                report.deviates(
                    field,
                    format!("{} místo dokumentu; vynecháno", text::kind(other)),
                );
                return;
            }
        };
        if self.found.len() >= self.max {
            report.deviates(field, "příliš mnoho dokumentů; vynechán");
            return;
        }
        if let Some(url) = &document.url
            && !self.addresses.insert(url.clone())
        {
            report.tidied(
                field,
                format!(
                    "dokument {} uveden dvakrát; vzat jednou",
                    quoted(url.as_str())
                ),
            );
            return;
        }
        self.found.push(document);
    }

    fn read(&self, map: &Map<String, Value>, field: &str, report: &mut Report<'_>) -> FeedDocument {
        let title = match key::TITLE.of(map) {
            Some(value) => text::language_map(
                value,
                &format!("{field}.název"),
                Shape::Line(super::MAX_TITLE_CHARS),
                report,
            ),
            None => {
                report.tidied(&format!("{field}.název"), "dokument nemá název");
                LanguageMap::new()
            }
        };
        let url = match key::URL.of(map) {
            Some(value) => address::address(value, &format!("{field}.url"), self.feed_url, report),
            None => {
                report.deviates(
                    &format!("{field}.url"),
                    "dokument nemá adresu; uveden bez ní",
                );
                None
            }
        };
        let media_type = key::MEDIA_TYPE
            .of(map)
            .and_then(|value| media_type(value, &format!("{field}.typ_média"), report));
        FeedDocument {
            title,
            url,
            media_type,
        }
    }
}

/// Whether an address leads to a document by the looks of its path.
pub(super) fn leads_to_document(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    DOCUMENT_ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// Whether a text looks like the name of a file.
pub(super) fn is_file_name(text: &str) -> bool {
    let text = text.to_lowercase();
    DOCUMENT_ENDINGS.iter().any(|ending| text.ends_with(ending))
}

/// The media type in its plain form, `application/pdf`.
pub(super) fn media_type(value: &Value, field: &str, report: &mut Report<'_>) -> Option<String> {
    let text = value.as_str().map(str::trim).unwrap_or_default();
    let plain = text
        .strip_prefix(MEDIA_TYPES)
        .or_else(|| text.strip_prefix("https://www.iana.org/assignments/media-types/"));
    let plain_or_text = plain.unwrap_or(text);
    if !is_media_type(plain_or_text) {
        report.deviates(
            field,
            format!("nečitelný typ média {}; vynechán", quoted(text)),
        );
        return None;
    }
    if plain.is_none() {
        report.tidied(
            field,
            format!("typ média {text} není zapsán jako IRI; přečten"),
        );
    }
    Some(plain_or_text.to_ascii_lowercase())
}

/// Whether a text is a media type in its plain form.
pub(super) fn is_media_type(text: &str) -> bool {
    text.len() <= 120
        && text.split('/').count() == 2
        && text.split('/').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
        })
}

/// Whether an object is a list that a generator wrote with its indices as keys.
pub(super) fn is_numbered_list(map: &Map<String, Value>) -> bool {
    !map.is_empty()
        && map
            .iter()
            .all(|(key, value)| key.parse::<u32>().is_ok() && value.is_object())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Warning;
    use super::super::report::Warnings;
    use super::*;

    fn read(value: &Value) -> (Vec<FeedDocument>, bool, Vec<Warning>) {
        let feed = Url::parse("https://obec.example/deska").unwrap();
        let mut warnings = Warnings::default();
        let mut documents = Documents::new(&feed, 3);
        documents.take(value, &key::DOCUMENT, &mut warnings.about("n"));
        let (documents, personal_data) = documents.finish();
        (documents, personal_data, warnings.finish())
    }

    fn document(n: u32) -> Value {
        json!({
            "typ": "Digitální objekt",
            "název": {"cs": format!("Příloha {n}")},
            "url": format!("https://obec.example/{n}.pdf"),
            "typ_média": "http://www.iana.org/assignments/media-types/application/pdf",
        })
    }

    #[track_caller]
    fn check(value: Value, count: usize, warning: Option<&str>) {
        let (documents, _, warnings) = read(&value);
        assert_eq!(documents.len(), count, "{warnings:?}");
        match (warnings.last(), warning) {
            (None, None) => {}
            (Some(found), Some(expected)) => {
                assert!(found.message.contains(expected), "{warnings:?}");
            }
            _ => panic!("{value}: {warnings:?}"),
        }
    }

    #[test]
    fn every_shape_of_a_list_is_read() {
        check(json!([document(1), document(2)]), 2, None);
        check(json!([]), 0, None);
        check(document(1), 1, Some("jediná hodnota"));
        check(
            json!({"0": document(1), "2": document(2)}),
            2,
            Some("objekt místo seznamu"),
        );
        check(json!("a.pdf"), 1, Some("pouhá adresa"));
        check(json!(null), 0, Some("null"));
        check(json!({}), 0, Some("prázdný objekt"));
        check(json!(5), 0, Some("číslo"));
        check(json!([null, document(1)]), 1, Some("null"));
    }

    #[test]
    fn a_document_without_name_or_address_is_kept() {
        check(
            json!([{"typ": "Digitální objekt", "url": "https://obec.example/a"}]),
            1,
            Some("nemá název"),
        );
        check(
            json!([{"název": {}, "url": "https://obec.example/a"}]),
            1,
            Some("prázdný objekt"),
        );
        check(json!([{"název": {"cs": "24340"}}]), 1, Some("nemá adresu"));
        check(
            json!([{"název": {"cs": "a"}, "url": "javascript:x"}]),
            1,
            Some("nepoužitelná"),
        );
    }

    #[test]
    fn one_address_is_one_document() {
        check(json!([document(1), document(1)]), 1, Some("dvakrát"));
    }

    #[test]
    fn documents_are_bounded() {
        let many: Vec<_> = (0..10).map(document).collect();
        check(json!(many), 3, Some("7 posledních vynecháno"));
    }

    #[test]
    fn a_media_type_is_read_as_iri_or_plain() {
        let (documents, _, warnings) = read(&json!([document(1)]));
        assert_eq!(documents[0].media_type.as_deref(), Some("application/pdf"));
        assert_eq!(warnings, []);
        let mut plain = document(1);
        plain["typ_média"] = json!("application/PDF");
        let (documents, _, warnings) = read(&json!([plain]));
        assert_eq!(documents[0].media_type.as_deref(), Some("application/pdf"));
        assert_eq!(warnings[0].field, "dokument.typ_média");
        let mut junk = document(1);
        junk["typ_média"] = json!("PDF");
        assert_eq!(read(&json!([junk])).0[0].media_type, None);
    }

    #[test]
    fn a_document_with_personal_data_says_so() {
        let mut personal = document(1);
        personal["podmínky_užití"] =
            json!({"typ": "Podmínky užití", "obsahuje_osobní_údaje": true});
        assert!(read(&json!([personal])).1);
        assert!(!read(&json!([document(1)])).1);
    }
}
