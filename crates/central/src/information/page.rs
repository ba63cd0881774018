//! Information pages: configuration format and conversion to the wire type.

mod entry;

use std::collections::HashSet;
use std::path::Path;

use serde::Deserialize;
use vyveska_wire::information::{InformationPage, InformationSection, PageContent};

use super::enclosure::{Enclosures, PictureConfig};
use super::survey::SurveyConfig;
use super::value::{self, TEXT, TITLE};
use super::{InformationError, InvalidValue};
use crate::config::TextConfig;

use entry::{
    ContactConfig, DocumentConfig, EventConfig, GrantConfig, ItemConfig, OfficeConfig,
    OutageConfig, PlaceConfig, each,
};

/// The most pages of a board.
const MAX_PAGES: usize = 30;

/// A file with pages and surveys.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PagesFile {
    #[serde(default)]
    pages: Vec<PageConfig>,
    #[serde(default)]
    surveys: Vec<SurveyConfig>,
}

/// One `[[pages]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageConfig {
    /// Unique in the file.
    id: String,
    kind: Kind,
    title: TextConfig,
    /// A sentence or two under the title.
    #[serde(default)]
    lead: TextConfig,
    picture: Option<PictureConfig>,
    map: Option<PictureConfig>,
    url: Option<String>,
    /// Whether it takes part in the idle rotation. Default `true`.
    #[serde(default = "yes")]
    idle: bool,
    /// Only for a `text` page.
    #[serde(default)]
    text: TextConfig,
    #[serde(default)]
    offices: Vec<OfficeConfig>,
    #[serde(default)]
    contacts: Vec<ContactConfig>,
    #[serde(default)]
    grants: Vec<GrantConfig>,
    #[serde(default)]
    events: Vec<EventConfig>,
    #[serde(default)]
    places: Vec<PlaceConfig>,
    #[serde(default)]
    documents: Vec<DocumentConfig>,
    #[serde(default)]
    items: Vec<ItemConfig>,
    #[serde(default)]
    outages: Vec<OutageConfig>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Hours,
    Contacts,
    Grants,
    Events,
    Tourism,
    Documents,
    LostAndFound,
    Outages,
    Text,
}

const fn yes() -> bool {
    true
}

/// Reads pages and surveys.
///
/// # Errors
///
/// When the text is not TOML of the expected shape, a value is invalid or a picture cannot be read; the error names the key.
pub fn read_pages(
    text: &str,
    path: &Path,
    enclosures: &mut Enclosures,
) -> Result<InformationSection, InformationError> {
    let file: PagesFile = toml::from_str(text).map_err(|error| InformationError::Syntax {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    section(&file, enclosures).map_err(|wrong| wrong.of(path))
}

fn section(
    file: &PagesFile,
    enclosures: &mut Enclosures,
) -> Result<InformationSection, InvalidValue> {
    value::at_most("pages", &file.pages, MAX_PAGES)?;
    let mut ids = HashSet::new();
    let mut pages = Vec::new();
    for (index, page) in file.pages.iter().enumerate() {
        let key = format!("pages[{index}]");
        pages.push(page.record(&key, enclosures)?);
        if !ids.insert(&page.id) {
            let message = format!("{:?} is taken by an earlier page", page.id);
            return Err(InvalidValue::at(&format!("{key}.id"), message));
        }
    }
    Ok(InformationSection {
        pages,
        surveys: super::survey::records(&file.surveys)?,
    })
}

impl PageConfig {
    fn record(
        &self,
        key: &str,
        enclosures: &mut Enclosures,
    ) -> Result<InformationPage, InvalidValue> {
        let at = |name: &str| format!("{key}.{name}");
        Ok(InformationPage {
            id: value::id(&at("id"), &self.id)?,
            title: value::title(&at("title"), &self.title, TITLE)?,
            lead: value::text(&at("lead"), &self.lead, TEXT)?,
            picture: enclosures.picture(&at("picture"), self.picture.as_ref())?,
            map: enclosures.picture(&at("map"), self.map.as_ref())?,
            url: value::url(&at("url"), self.url.as_deref())?,
            idle: self.idle,
            content: self.content(key, enclosures)?,
        })
    }

    fn content(&self, key: &str, enclosures: &mut Enclosures) -> Result<PageContent, InvalidValue> {
        self.check_lists(key)?;
        Ok(match self.kind {
            Kind::Hours => PageContent::Hours {
                offices: each(key, "offices", &self.offices, OfficeConfig::record)?,
            },
            Kind::Contacts => PageContent::Contacts {
                contacts: each(key, "contacts", &self.contacts, ContactConfig::record)?,
            },
            Kind::Grants => PageContent::Grants {
                grants: each(key, "grants", &self.grants, GrantConfig::record)?,
            },
            Kind::Events => PageContent::Events {
                events: each(key, "events", &self.events, |one, key| {
                    one.record(key, enclosures)
                })?,
            },
            Kind::Tourism => PageContent::Tourism {
                places: each(key, "places", &self.places, |one, key| {
                    one.record(key, enclosures)
                })?,
            },
            Kind::Documents => PageContent::Documents {
                documents: each(key, "documents", &self.documents, |one, key| {
                    one.record(key, enclosures)
                })?,
            },
            Kind::LostAndFound => PageContent::LostAndFound {
                items: each(key, "items", &self.items, |one, key| {
                    one.record(key, enclosures)
                })?,
            },
            Kind::Outages => PageContent::Outages {
                outages: each(key, "outages", &self.outages, OutageConfig::record)?,
            },
            Kind::Text => PageContent::Text {
                text: value::title(&format!("{key}.text"), &self.text, TEXT)?,
            },
        })
    }

    /// Refuses a list that belongs to another kind of page: it would be ignored silently.
    fn check_lists(&self, key: &str) -> Result<(), InvalidValue> {
        let lists = [
            ("offices", Kind::Hours, self.offices.len()),
            ("contacts", Kind::Contacts, self.contacts.len()),
            ("grants", Kind::Grants, self.grants.len()),
            ("events", Kind::Events, self.events.len()),
            ("places", Kind::Tourism, self.places.len()),
            ("documents", Kind::Documents, self.documents.len()),
            ("items", Kind::LostAndFound, self.items.len()),
            ("outages", Kind::Outages, self.outages.len()),
            ("text", Kind::Text, self.text.texts().len()),
        ];
        match lists
            .into_iter()
            .find(|(_, kind, length)| *length > 0 && *kind != self.kind)
        {
            Some((name, ..)) => Err(InvalidValue::at(
                &format!("{key}.{name}"),
                "does not belong on a page of this kind",
            )),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<InformationSection, InformationError> {
        let path = Path::new("/nowhere/information.toml");
        read_pages(text, path, &mut Enclosures::beside(path))
    }

    #[track_caller]
    fn check_refused(text: &str, expected: &str) {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    const HOURS: &str = r#"
        [[pages]]
        id = "hodiny"
        kind = "hours"
        title = { cs = "Úřední hodiny", de = "Öffnungszeiten" }
        [[pages.offices]]
        name = "Podatelna"
        mon = ["8:00-12:00", "13:00-17:00"]
        wed = ["8:00-17:00"]
        [[pages.offices.exceptions]]
        date = 2026-12-28
        note = "dovolená"
    "#;

    #[test]
    fn hours_are_read_with_their_exceptions() {
        let section = read(HOURS).unwrap();
        let PageContent::Hours { offices } = &section.pages[0].content else {
            panic!("the page has hours");
        };
        assert_eq!(offices[0].week[0].len(), 2);
        assert!(offices[0].week[1].is_empty());
        assert_eq!(offices[0].exceptions[0].note["cs"], "dovolená");
        assert!(section.pages[0].idle);
    }

    #[test]
    fn a_wrong_value_is_named_by_its_key() {
        check_refused(
            &HOURS.replace("13:00-17:00", "13-17"),
            "pages[0].offices[0].mon: \"13-17\" must be like",
        );
        check_refused(
            &HOURS.replace("kind = \"hours\"", "kind = \"grants\""),
            "pages[0].offices: does not belong",
        );
        check_refused(
            &HOURS.replace("\"hodiny\"", "\"Hodiny\""),
            "pages[0].id: \"Hodiny\"",
        );
        check_refused(
            &format!("{HOURS}{HOURS}"),
            "pages[1].id: \"hodiny\" is taken",
        );
        check_refused(
            &HOURS.replace("{ cs = \"Úřední hodiny\", de", "{ de"),
            "pages[0].title: must be there in Czech",
        );
        check_refused(&HOURS.replace("wed =", "web ="), "web");
        check_refused(
            &HOURS.replace("mon =", &format!("phone = \"{}\"\nmon =", "1".repeat(121))),
            "pages[0].offices[0].phone: at most 120 characters",
        );
        check_refused(
            &HOURS.replace("2026-12-28", "2026-12-28T08:00:00"),
            "pages[0].offices[0].exceptions[0].date",
        );
        check_refused(
            &HOURS.replace(
                "kind =",
                "picture = { file = \"none.png\", description = \"x\" }\nkind =",
            ),
            "pages[0].picture: cannot read /nowhere/none.png",
        );
    }

    #[test]
    fn a_grant_that_closes_before_it_opens_is_a_mistake() {
        let grants = r#"
            [[pages]]
            id = "dotace"
            kind = "grants"
            title = "Dotace"
            [[pages.grants]]
            name = "Spolky"
            allocation = 600000
            opens = 2026-12-01
            closes = 2026-12-31T12:00:00
        "#;
        assert!(read(grants).is_ok());
        check_refused(
            &grants.replace("2026-12-31", "2026-11-30"),
            "pages[0].grants[0].closes: must come after",
        );
    }

    const DOCUMENTS: &str = r#"
        [[pages]]
        id = "dokumenty"
        kind = "documents"
        title = "Strategické dokumenty"
        [[pages.documents]]
        name = "Strategický plán"
        file = "plan.pdf"
    "#;

    #[test]
    fn a_document_is_taken_by_its_bytes_whatever_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("information.toml");
        let write = |bytes: &[u8]| std::fs::write(folder.path().join("plan.pdf"), bytes).unwrap();
        let read = || {
            let mut enclosures = Enclosures::beside(&path);
            let section = read_pages(DOCUMENTS, &path, &mut enclosures);
            section.map(|section| (section, enclosures.into_read()))
        };
        write(b"%PDF-1.4 a plan");
        let (section, (pictures, documents)) = read().unwrap();
        let document = section.pages[0].content.documents().next().unwrap();
        assert_eq!(document.media_type.as_deref(), Some("application/pdf"));
        assert_eq!(document.content, Some(documents[0].0));
        assert_eq!(documents[0].2, b"%PDF-1.4 a plan");
        assert!(pictures.is_empty());

        write(b"PK\x03\x04 word/document.xml");
        let error = read().unwrap_err().to_string();
        assert!(
            error.contains("pages[0].documents[0].file") && error.contains("neither PDF"),
            "{error}"
        );
        let huge = std::fs::File::create(folder.path().join("plan.pdf")).unwrap();
        huge.set_len(vyveska_wire::limits::MAX_DOCUMENT_BYTES + 1)
            .unwrap();
        let error = read().unwrap_err().to_string();
        assert!(error.contains("at most 100 MB"), "{error}");
    }
}
