//! The entries of pages: configuration format and conversion to the wire type.

use std::path::PathBuf;

use serde::Deserialize;
use vyveska_wire::information::{
    ContactRecord, EventRecord, ExceptionRecord, FoundItemRecord, GrantRecord, IntervalRecord,
    OfficeRecord, OutageRecord, PlaceRecord, PublishedDocumentRecord, Supply,
};

use crate::config::TextConfig;
use crate::information::InvalidValue;
use crate::information::enclosure::{Enclosures, PictureConfig};
use crate::information::value::{self, MomentConfig, TEXT, TITLE};

/// The most entries of a page.
const MAX_ENTRIES: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfficeConfig {
    name: TextConfig,
    #[serde(default)]
    place: TextConfig,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    note: TextConfig,
    #[serde(default)]
    mon: Vec<String>,
    #[serde(default)]
    tue: Vec<String>,
    #[serde(default)]
    wed: Vec<String>,
    #[serde(default)]
    thu: Vec<String>,
    #[serde(default)]
    fri: Vec<String>,
    #[serde(default)]
    sat: Vec<String>,
    #[serde(default)]
    sun: Vec<String>,
    /// Whether the office is open on public holidays. Default `false`.
    #[serde(default)]
    open_on_holidays: bool,
    #[serde(default)]
    exceptions: Vec<ExceptionConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExceptionConfig {
    date: MomentConfig,
    /// Closed when empty.
    #[serde(default)]
    hours: Vec<String>,
    #[serde(default)]
    note: TextConfig,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContactConfig {
    name: TextConfig,
    #[serde(default)]
    person: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    place: TextConfig,
    #[serde(default)]
    note: TextConfig,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GrantConfig {
    name: TextConfig,
    #[serde(default)]
    who: TextConfig,
    /// In Czech crowns.
    allocation: Option<u64>,
    /// The most for one project, in Czech crowns.
    most: Option<u64>,
    opens: Option<MomentConfig>,
    closes: Option<MomentConfig>,
    evaluated: Option<MomentConfig>,
    #[serde(default)]
    note: TextConfig,
    url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventConfig {
    name: TextConfig,
    from: MomentConfig,
    until: Option<MomentConfig>,
    #[serde(default)]
    place: TextConfig,
    #[serde(default)]
    text: TextConfig,
    picture: Option<PictureConfig>,
    url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlaceConfig {
    name: TextConfig,
    #[serde(default)]
    distance: TextConfig,
    #[serde(default)]
    text: TextConfig,
    picture: Option<PictureConfig>,
    url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentConfig {
    name: TextConfig,
    #[serde(default)]
    text: TextConfig,
    url: Option<String>,
    /// A PDF, JPEG, PNG or TIFF file that displays show page by page.
    file: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemConfig {
    name: TextConfig,
    found_on: Option<MomentConfig>,
    #[serde(default)]
    found_at: TextConfig,
    #[serde(default)]
    collect_at: TextConfig,
    collect_until: Option<MomentConfig>,
    picture: Option<PictureConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutageConfig {
    what: Supply,
    #[serde(default)]
    name: TextConfig,
    #[serde(default)]
    area: TextConfig,
    from: MomentConfig,
    until: Option<MomentConfig>,
    #[serde(default)]
    operator: String,
    #[serde(default)]
    note: TextConfig,
    url: Option<String>,
}

/// Converts each entry of a list; the key names its place.
pub(super) fn each<C, R>(
    key: &str,
    name: &str,
    list: &[C],
    mut record: impl FnMut(&C, &str) -> Result<R, InvalidValue>,
) -> Result<Vec<R>, InvalidValue> {
    let key = format!("{key}.{name}");
    value::at_most(&key, list, MAX_ENTRIES)?;
    list.iter()
        .enumerate()
        .map(|(index, one)| record(one, &format!("{key}[{index}]")))
        .collect()
}

impl OfficeConfig {
    pub(super) fn record(&self, key: &str) -> Result<OfficeRecord, InvalidValue> {
        let at = |name: &str| format!("{key}.{name}");
        let days = [
            ("mon", &self.mon),
            ("tue", &self.tue),
            ("wed", &self.wed),
            ("thu", &self.thu),
            ("fri", &self.fri),
            ("sat", &self.sat),
            ("sun", &self.sun),
        ];
        let mut week: [Vec<IntervalRecord>; 7] = Default::default();
        for (day, (name, written)) in week.iter_mut().zip(days) {
            *day = value::intervals(&at(name), written)?;
        }
        Ok(OfficeRecord {
            name: value::title(&at("name"), &self.name, TITLE)?,
            place: value::text(&at("place"), &self.place, TITLE)?,
            phone: value::plain(&at("phone"), &self.phone)?,
            note: value::text(&at("note"), &self.note, TEXT)?,
            week,
            open_on_holidays: self.open_on_holidays,
            exceptions: each(key, "exceptions", &self.exceptions, |one, key| {
                Ok(ExceptionRecord {
                    date: one.date.day(&format!("{key}.date"))?,
                    hours: value::intervals(&format!("{key}.hours"), &one.hours)?,
                    note: value::text(&format!("{key}.note"), &one.note, TITLE)?,
                })
            })?,
        })
    }
}

impl ContactConfig {
    pub(super) fn record(&self, key: &str) -> Result<ContactRecord, InvalidValue> {
        let at = |name: &str| format!("{key}.{name}");
        Ok(ContactRecord {
            name: value::title(&at("name"), &self.name, TITLE)?,
            person: value::plain(&at("person"), &self.person)?,
            phone: value::plain(&at("phone"), &self.phone)?,
            email: value::plain(&at("email"), &self.email)?,
            place: value::text(&at("place"), &self.place, TITLE)?,
            note: value::text(&at("note"), &self.note, TEXT)?,
        })
    }
}

impl GrantConfig {
    pub(super) fn record(&self, key: &str) -> Result<GrantRecord, InvalidValue> {
        let at = |name: &str| format!("{key}.{name}");
        let record = GrantRecord {
            name: value::title(&at("name"), &self.name, TITLE)?,
            who: value::text(&at("who"), &self.who, TEXT)?,
            allocation_czk: self.allocation,
            most_czk: self.most,
            opens: value::moment(&at("opens"), self.opens)?,
            closes: value::moment(&at("closes"), self.closes)?,
            evaluated: value::day(&at("evaluated"), self.evaluated)?,
            note: value::text(&at("note"), &self.note, TEXT)?,
            url: value::url(&at("url"), self.url.as_deref())?,
        };
        let (opens, closes) = (
            vyveska_board::Moment::from(record.opens),
            vyveska_board::Moment::from(record.closes),
        );
        if let (Some(opens), Some(closes)) = (opens.start(), closes.end())
            && opens >= closes
        {
            return Err(InvalidValue::at(&at("closes"), "must come after opens"));
        }
        Ok(record)
    }
}

impl EventConfig {
    pub(super) fn record(
        &self,
        key: &str,
        enclosures: &mut Enclosures,
    ) -> Result<EventRecord, InvalidValue> {
        let at = |name: &str| format!("{key}.{name}");
        Ok(EventRecord {
            name: value::title(&at("name"), &self.name, TITLE)?,
            from: self.from.record(&at("from"))?,
            until: value::moment(&at("until"), self.until)?,
            place: value::text(&at("place"), &self.place, TITLE)?,
            text: value::text(&at("text"), &self.text, TEXT)?,
            picture: enclosures.picture(&at("picture"), self.picture.as_ref())?,
            url: value::url(&at("url"), self.url.as_deref())?,
        })
    }
}

impl PlaceConfig {
    pub(super) fn record(
        &self,
        key: &str,
        enclosures: &mut Enclosures,
    ) -> Result<PlaceRecord, InvalidValue> {
        let at = |name: &str| format!("{key}.{name}");
        Ok(PlaceRecord {
            name: value::title(&at("name"), &self.name, TITLE)?,
            distance: value::text(&at("distance"), &self.distance, TITLE)?,
            text: value::text(&at("text"), &self.text, TEXT)?,
            picture: enclosures.picture(&at("picture"), self.picture.as_ref())?,
            url: value::url(&at("url"), self.url.as_deref())?,
        })
    }
}

impl DocumentConfig {
    pub(super) fn record(
        &self,
        key: &str,
        enclosures: &mut Enclosures,
    ) -> Result<PublishedDocumentRecord, InvalidValue> {
        let at = |name: &str| format!("{key}.{name}");
        Ok(PublishedDocumentRecord {
            name: value::title(&at("name"), &self.name, TITLE)?,
            text: value::text(&at("text"), &self.text, TEXT)?,
            url: value::url(&at("url"), self.url.as_deref())?,
            document: enclosures.document(&at("file"), self.file.as_deref())?,
        })
    }
}

impl ItemConfig {
    pub(super) fn record(
        &self,
        key: &str,
        enclosures: &mut Enclosures,
    ) -> Result<FoundItemRecord, InvalidValue> {
        let at = |name: &str| format!("{key}.{name}");
        Ok(FoundItemRecord {
            name: value::title(&at("name"), &self.name, TITLE)?,
            found_on: value::day(&at("found_on"), self.found_on)?,
            found_at: value::text(&at("found_at"), &self.found_at, TITLE)?,
            collect_at: value::text(&at("collect_at"), &self.collect_at, TITLE)?,
            collect_until: value::day(&at("collect_until"), self.collect_until)?,
            picture: enclosures.picture(&at("picture"), self.picture.as_ref())?,
        })
    }
}

impl OutageConfig {
    pub(super) fn record(&self, key: &str) -> Result<OutageRecord, InvalidValue> {
        let at = |name: &str| format!("{key}.{name}");
        let name = value::text(&at("name"), &self.name, TITLE)?;
        if self.what == Supply::Other && name.is_empty() {
            return Err(InvalidValue::at(
                &at("name"),
                "say in words what will not work",
            ));
        }
        Ok(OutageRecord {
            what: self.what,
            name,
            area: value::text(&at("area"), &self.area, TEXT)?,
            from: self.from.record(&at("from"))?,
            until: value::moment(&at("until"), self.until)?,
            operator: value::plain(&at("operator"), &self.operator)?,
            note: value::text(&at("note"), &self.note, TEXT)?,
            url: value::url(&at("url"), self.url.as_deref())?,
        })
    }
}
