//! Information pages: what a town publishes besides its official notices.
//!
//! A page has a kind; a kiosk passes over kinds it does not know, and pages it cannot read,
//! so that an older kiosk can still read the board of a newer central service.
//! States („otevřeno", „uzavřeno") do not travel: the kiosk derives them from the dates by its own clock.

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use url::Url;
use vyveska_board::hours::{Exception, Interval, OpeningHours};

use crate::document::DocumentRecord;
use crate::manifest::ContentRef;
use crate::moment::MomentRecord;
use crate::readable::readable;
use crate::survey::Survey;
use crate::texts::Texts;

/// Information pages and surveys.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct InformationSection {
    /// The pages in the order they are offered.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "readable"
    )]
    pub pages: Vec<InformationPage>,
    /// Questions to passers-by.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "readable"
    )]
    pub surveys: Vec<Survey>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InformationPage {
    /// Unique among the pages of a board.
    pub id: String,
    pub title: Texts,
    /// A sentence or two under the title.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub lead: Texts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PictureRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<PictureRecord>,
    /// Where more is to be found, for a telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
    /// Whether it takes part in the idle rotation.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub idle: bool,
    #[serde(flatten)]
    pub content: PageContent,
}

/// A picture: PNG or JPEG.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureRecord {
    pub content: ContentRef,
    /// A text alternative.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub description: Texts,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PageContent {
    /// When offices are open.
    Hours {
        #[serde(deserialize_with = "readable")]
        offices: Vec<OfficeRecord>,
    },
    Contacts {
        #[serde(deserialize_with = "readable")]
        contacts: Vec<ContactRecord>,
    },
    /// Grants that can be applied for.
    Grants {
        #[serde(deserialize_with = "readable")]
        grants: Vec<GrantRecord>,
    },
    Events {
        #[serde(deserialize_with = "readable")]
        events: Vec<EventRecord>,
    },
    Tourism {
        #[serde(deserialize_with = "readable")]
        places: Vec<PlaceRecord>,
    },
    /// Documents that plan the town's future.
    Documents {
        #[serde(deserialize_with = "readable")]
        documents: Vec<PublishedDocumentRecord>,
    },
    /// What was lost and found.
    LostAndFound {
        #[serde(deserialize_with = "readable")]
        items: Vec<FoundItemRecord>,
    },
    /// What will not work for a while.
    Outages {
        #[serde(deserialize_with = "readable")]
        outages: Vec<OutageRecord>,
    },
    /// Plain text.
    Text {
        /// Paragraphs, separated by empty lines.
        text: Texts,
    },
    /// A kind that this version does not know.
    #[serde(other)]
    Unknown,
}

/// An office and its hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeRecord {
    pub name: Texts,
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub place: Texts,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub note: Texts,
    /// Monday to Sunday.
    pub week: [Vec<IntervalRecord>; 7],
    /// Whether public holidays are like any other day.
    #[serde(default, skip_serializing_if = "is_false")]
    pub open_on_holidays: bool,
    /// Dates with hours of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<ExceptionRecord>,
}

/// A stretch of time in a day, as it travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntervalRecord {
    /// The first reading.
    pub from: NaiveTime,
    /// The reading at which it is over; not after `from` means in the night to the next day.
    pub to: NaiveTime,
}

/// A date with hours of its own, as it travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionRecord {
    pub date: NaiveDate,
    /// When it is open; closed when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<IntervalRecord>,
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub note: Texts,
}

impl OfficeRecord {
    /// The hours as [`vyveska_board::hours`] computes with them.
    pub fn hours(&self) -> OpeningHours {
        let intervals = |records: &[IntervalRecord]| {
            let interval = |record: &IntervalRecord| Interval {
                from: record.from,
                to: record.to,
            };
            records.iter().map(interval).collect::<Vec<_>>()
        };
        OpeningHours {
            week: std::array::from_fn(|day| intervals(&self.week[day])),
            exceptions: self
                .exceptions
                .iter()
                .map(|record| {
                    let intervals = intervals(&record.hours);
                    (record.date, Exception { intervals })
                })
                .collect(),
            open_on_holidays: self.open_on_holidays,
        }
    }
}

/// Whom to ask about what.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ContactRecord {
    /// The office or the matter.
    pub name: Texts,
    /// Who answers.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub person: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Where to go.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub place: Texts,
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub note: Texts,
}

/// A grant programme.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GrantRecord {
    pub name: Texts,
    /// Who may apply.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub who: Texts,
    /// How much there is altogether, in crowns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation_czk: Option<u64>,
    /// The most for one project, in crowns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_czk: Option<u64>,
    /// From when one may apply.
    #[serde(default)]
    pub opens: MomentRecord,
    /// Through when.
    #[serde(default)]
    pub closes: MomentRecord,
    /// When the results were or will be made known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluated: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub note: Texts,
    /// Where the rules and forms are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
}

/// Something that takes place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EventRecord {
    pub name: Texts,
    pub from: MomentRecord,
    #[serde(default)]
    pub until: MomentRecord,
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub place: Texts,
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub text: Texts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PictureRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
}

/// A place worth seeing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PlaceRecord {
    pub name: Texts,
    /// How far it is, in words.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub distance: Texts,
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub text: Texts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PictureRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
}

/// A document outside the official board.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PublishedDocumentRecord {
    pub name: Texts,
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub text: Texts,
    /// Where it is to be read on a telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
    /// The document itself, to be read at the display; without it there is only the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentRecord>,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FoundItemRecord {
    pub name: Texts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_on: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub found_at: Texts,
    /// Where it can be collected.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub collect_at: Texts,
    /// Through when; from then on it is not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collect_until: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<PictureRecord>,
}

/// Something that will not work for a while; not shown once it is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutageRecord {
    pub what: Supply,
    /// In words, where the kind is not enough.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub name: Texts,
    /// Streets and parts of the town.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub area: Texts,
    pub from: MomentRecord,
    /// Through when.
    #[serde(default)]
    pub until: MomentRecord,
    /// Who is responsible.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub operator: String,
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub note: Texts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
}

/// What an outage cuts off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Supply {
    Electricity,
    Water,
    Gas,
    /// Heating and warm water.
    Heat,
    /// A road is closed.
    Road,
    /// Anything else.
    #[default]
    #[serde(other)]
    Other,
}

impl InformationSection {
    /// Everything this section names by hash: the pictures, then the documents, and only then what was made from them.
    pub fn content(&self) -> impl Iterator<Item = ContentRef> + '_ {
        let pictures = self.pages.iter().flat_map(|page| {
            let on_page = page.picture.iter().chain(&page.map);
            on_page
                .chain(page.content.pictures())
                .map(|picture| picture.content)
        });
        let documents = || self.pages.iter().flat_map(|page| page.content.documents());
        pictures
            .chain(documents().filter_map(|document| document.content))
            .chain(documents().filter_map(|document| document.rendition))
            .chain(documents().filter_map(|document| document.text))
    }
}

impl PageContent {
    /// The documents that can be read at the display.
    pub fn documents(&self) -> impl Iterator<Item = &DocumentRecord> {
        let documents: &[PublishedDocumentRecord] = match self {
            Self::Documents { documents } => documents,
            _ => &[],
        };
        documents.iter().filter_map(|one| one.document.as_ref())
    }

    /// The same, to be changed.
    pub fn documents_mut(&mut self) -> impl Iterator<Item = &mut DocumentRecord> {
        let documents: &mut [PublishedDocumentRecord] = match self {
            Self::Documents { documents } => documents,
            _ => &mut [],
        };
        documents.iter_mut().filter_map(|one| one.document.as_mut())
    }

    /// The pictures of the page's entries.
    pub fn pictures(&self) -> impl Iterator<Item = &PictureRecord> {
        let (events, places, items): (&[EventRecord], &[PlaceRecord], &[FoundItemRecord]) =
            match self {
                Self::Events { events } => (events, &[], &[]),
                Self::Tourism { places } => (&[], places, &[]),
                Self::LostAndFound { items } => (&[], &[], items),
                Self::Hours { .. }
                | Self::Contacts { .. }
                | Self::Grants { .. }
                | Self::Documents { .. }
                | Self::Outages { .. }
                | Self::Text { .. }
                | Self::Unknown => (&[], &[], &[]),
            };
        let of_events = events.iter().filter_map(|event| event.picture.as_ref());
        let of_places = places.iter().filter_map(|place| place.picture.as_ref());
        let of_items = items.iter().filter_map(|item| item.picture.as_ref());
        of_events.chain(of_places).chain(of_items)
    }
}

const fn yes() -> bool {
    true
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
const fn is_true(flag: &bool) -> bool {
    *flag
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::section::DoubtfulPages;

    fn czech(text: &str) -> Texts {
        [("cs".to_owned(), text.to_owned())].into()
    }

    fn picture(bytes: &[u8]) -> PictureRecord {
        PictureRecord {
            content: ContentRef::to(bytes),
            description: czech("most"),
        }
    }

    fn section() -> InformationSection {
        let page = |id: &str, content| InformationPage {
            id: id.into(),
            title: czech(id),
            lead: Texts::new(),
            picture: None,
            map: None,
            url: None,
            idle: true,
            content,
        };
        let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        let mut week: [Vec<IntervalRecord>; 7] = Default::default();
        week[0] = vec![IntervalRecord {
            from: time(8),
            to: time(17),
        }];
        let office = OfficeRecord {
            name: czech("Podatelna"),
            place: Texts::new(),
            phone: "352 000 111".into(),
            note: Texts::new(),
            week,
            open_on_holidays: false,
            exceptions: vec![ExceptionRecord {
                date: "2026-12-28".parse().unwrap(),
                hours: Vec::new(),
                note: czech("dovolená"),
            }],
        };
        let hours = InformationPage {
            map: Some(picture(b"map")),
            ..page(
                "hodiny",
                PageContent::Hours {
                    offices: vec![office],
                },
            )
        };
        let place = PlaceRecord {
            name: czech("Kamenný most"),
            picture: Some(picture(b"bridge")),
            ..PlaceRecord::default()
        };
        let tourism = InformationPage {
            picture: Some(picture(b"town")),
            idle: false,
            ..page(
                "vylety",
                PageContent::Tourism {
                    places: vec![place],
                },
            )
        };
        InformationSection {
            pages: vec![hours, tourism],
            surveys: Vec::new(),
        }
    }

    #[test]
    fn pages_travel_without_loss() {
        let json = serde_json::to_string(&section()).unwrap();
        let read: InformationSection = serde_json::from_str(&json).unwrap();
        assert_eq!(read, section());
    }

    #[test]
    fn pages_of_kinds_to_come_and_pages_that_cannot_be_read_are_passed_over() {
        let mut json = serde_json::to_value(section()).unwrap();
        let pages = json["pages"].as_array_mut().unwrap();
        pages.insert(
            0,
            serde_json::json!({
                "id": "parking", "title": { "cs": "Parkování" }, "kind": "parking", "free": 12
            }),
        );
        pages.push(serde_json::json!({ "id": 7 }));
        pages.push(serde_json::json!("rubbish"));
        let hours = &mut pages[1]["offices"];
        hours.as_array_mut().unwrap().push("rubbish".into());
        let read: InformationSection = serde_json::from_value(json).unwrap();
        assert_eq!(read.pages.len(), 3);
        assert_eq!(read.pages[0].content, PageContent::Unknown);
        assert_eq!(read.pages[1..], section().pages);
    }

    #[test]
    fn an_empty_section_is_one() {
        let read: InformationSection = serde_json::from_str("{}").unwrap();
        assert_eq!(read, InformationSection::default());
        assert_eq!(serde_json::to_string(&read).unwrap(), "{}");
    }

    #[test]
    fn every_picture_is_named() {
        let named: Vec<_> = section().content().collect();
        let expected = [&b"map"[..], b"town", b"bridge"].map(ContentRef::to);
        assert_eq!(named, expected);
    }

    #[test]
    fn documents_are_named_after_pictures_and_what_was_made_of_them_after_all_documents() {
        let mut section = section();
        let published = |bytes: &[u8], text: &[u8]| PublishedDocumentRecord {
            document: Some(DocumentRecord {
                title: Texts::new(),
                content: Some(ContentRef::to(bytes)),
                missing: None,
                media_type: Some("application/pdf".into()),
                url: None,
                pages: Some(6),
                text: Some(ContentRef::to(text)),
                rendition: Some(ContentRef::to(&[text, b" drawn"].concat())),
                doubtful_pages: DoubtfulPages::default(),
            }),
            ..PublishedDocumentRecord::default()
        };
        let elsewhere = PublishedDocumentRecord::default();
        section.pages[0].content = PageContent::Documents {
            documents: vec![
                published(b"plan", b"t1"),
                elsewhere,
                published(b"map", b"t2"),
            ],
        };
        let json = serde_json::to_string(&section).unwrap();
        assert_eq!(
            serde_json::from_str::<InformationSection>(&json).unwrap(),
            section
        );
        let named: Vec<_> = section.content().collect();
        let expected = [
            &b"map"[..],
            b"town",
            b"bridge",
            b"plan",
            b"map",
            b"t1 drawn",
            b"t2 drawn",
            b"t1",
            b"t2",
        ];
        assert_eq!(named, expected.map(ContentRef::to));
    }

    #[test]
    fn hours_are_those_that_were_written() {
        let PageContent::Hours { offices } = &section().pages[0].content else {
            panic!("the first page has the hours");
        };
        let hours = offices[0].hours();
        let on = |date: &str| hours.on(date.parse().unwrap()).0.len();
        assert_eq!(on("2026-11-23"), 1);
        assert_eq!(on("2026-11-24"), 0);
        assert_eq!(on("2026-12-28"), 0);
    }

    #[test]
    fn a_supply_to_come_is_some_supply() {
        let read: Supply = serde_json::from_str("\"internet\"").unwrap();
        assert_eq!(read, Supply::Other);
    }
}
