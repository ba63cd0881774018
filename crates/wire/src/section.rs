//! The sections a manifest names.
//!
//! A section is JSON whose exact bytes are hashed, so its readers keep the bytes they got.
//! Sections that several displays share are the same bytes.
//! Unknown fields are ignored: an older kiosk reads the sections of a newer central service.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;
use vyveska_board::settings::{
    DeadlineDays, IdlePageSeconds, ListTimeoutSeconds, NewDays, PageTimeoutSeconds,
    StaleAfterMinutes,
};
use vyveska_board::{
    Channel, Document, DocumentHash, FileNumber, Notice, NoticeId, NoticeIri, ReferenceNumber,
    Revision,
};

pub use vyveska_board::settings::Night as NightRecord;

pub use crate::alert::AlertsSection;
pub use crate::document::{DocumentRecord, rendition};
pub use crate::doubtful_pages::DoubtfulPages;
use crate::idle_settings::IdleSettings;
pub use crate::information::InformationSection;
use crate::manifest::{ContentHash, ContentRef};
pub use crate::moment::MomentRecord;
use crate::paper_copy_contact::PaperCopyContact;
pub use crate::texts::{Texts, language_map, texts};

/// The notices of a board.
///
/// The displays, the public web page and the open data are all made from these bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticesSection {
    pub board: BoardRecord,
    /// Every notice delivered to displays, including those that appear later; the order has no meaning.
    pub notices: Vec<NoticeRecord>,
}

/// The exact bytes in the place of the notices of a board of which central has never accepted any, where alerts are not to
/// wait for that.
///
/// No display can read them as [`NoticesSection`]: it keeps the notices that it has, and takes alerts and settings alone.
pub const NOTICES_UNKNOWN: &[u8] = br#"{"unknown":true}"#;

/// Whose board a section is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardRecord {
    /// The publisher's identifier of the board.
    pub iri: String,
    pub name: Texts,
    pub page: Option<Url>,
    /// The operator's IČO: eight digits.
    pub operator_ico: Option<String>,
}

/// A notice in one revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRecord {
    pub id: String,
    /// Counted from 1.
    pub revision: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iri: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Url>,
    pub title: Texts,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub description: Texts,
    pub posted: MomentRecord,
    pub relevant_until: MomentRecord,
    #[serde(default, skip_serializing_if = "MomentRecord::is_unspecified")]
    pub approved: MomentRecord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_number: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Texts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub originator: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentRecord>,
    #[serde(default)]
    pub channel: ChannelRecord,
    #[serde(default)]
    pub personal_data: bool,
    /// Random text, new for every revision, that salts the notice's hash in journals:
    /// once the salt is deleted, the hash reveals nothing about the people the notice named.
    pub salt: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelRecord {
    #[default]
    BoardAndWeb,
    WebOnly,
}

impl ChannelRecord {
    /// Whether it is that of a notice that says nothing of it.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl From<Channel> for ChannelRecord {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::BoardAndWeb => Self::BoardAndWeb,
            Channel::WebOnly => Self::WebOnly,
        }
    }
}

impl From<ChannelRecord> for Channel {
    fn from(record: ChannelRecord) -> Self {
        match record {
            ChannelRecord::BoardAndWeb => Self::BoardAndWeb,
            ChannelRecord::WebOnly => Self::WebOnly,
        }
    }
}

/// The settings of a town: its name, the board's address, and how the kiosk behaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsSection {
    /// The municipality, for instance „Město Lipnice nad Rolavou".
    pub town: Texts,
    /// The web address of the board as people type it.
    pub web_address: String,
    /// The board's own public page; a notice's is `notice/{id}` below it. Without one there are no QR codes of notices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_page: Option<Url>,
    /// Which part of the board this display is and where the others are, in words. Only in sections from before there
    /// were assignments: see [`crate::assignment::Assignment::part`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub part: Texts,
    /// The coat of arms as PNG.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coat_of_arms: Option<ContentRef>,
    /// The town's own colour, „#1F4E5F"; it is darkened as far as white text on it needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
    /// Where to get a copy on paper.
    #[serde(
        rename = "copies",
        default,
        skip_serializing_if = "PaperCopyContact::is_empty"
    )]
    pub paper_copy_contact: PaperCopyContact,
    /// The hash of the PIN of the service screen. Only in sections from before there were assignments, whose
    /// [`crate::assignment::Assignment::service_pin_hash`] it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_pin_hash: Option<String>,
    /// When the screen is dimmed.
    #[serde(default)]
    pub night: NightRecord,
    /// How long one page of titles of the idle rotation is shown at most.
    #[serde(default)]
    pub idle_page_seconds: IdlePageSeconds,
    /// What is shown between the pages of titles.
    #[serde(default)]
    pub idle: IdleSettings,
    /// After how long without a touch the countdown begins in lists.
    #[serde(default)]
    pub list_timeout_seconds: ListTimeoutSeconds,
    /// The same while a document is open.
    #[serde(default)]
    pub page_timeout_seconds: PageTimeoutSeconds,
    /// How long a notice counts as new.
    #[serde(default)]
    pub new_days: NewDays,
    /// From how many days before its end on a notice says how many are left.
    #[serde(default)]
    pub deadline_days: DeadlineDays,
    /// After how long without contact with central the board states its age.
    #[serde(default)]
    pub stale_after_minutes: StaleAfterMinutes,
}

impl SettingsSection {
    /// The public page of a notice of this board; never the address its publisher gave.
    pub fn permalink(&self, notice: &str) -> Option<Url> {
        let mut page = self.public_page.clone()?;
        page.path_segments_mut()
            .ok()?
            .pop_if_empty()
            .extend(["notice", notice]);
        Some(page)
    }

    /// Settings of a town with everything else at its default.
    pub fn of_town(name: &str, web_address: &str) -> Self {
        Self {
            town: [("cs".to_owned(), name.to_owned())].into(),
            web_address: web_address.to_owned(),
            public_page: None,
            part: Texts::new(),
            coat_of_arms: None,
            colour: None,
            paper_copy_contact: PaperCopyContact::default(),
            service_pin_hash: None,
            night: NightRecord::default(),
            idle_page_seconds: IdlePageSeconds::default(),
            idle: IdleSettings::default(),
            list_timeout_seconds: ListTimeoutSeconds::default(),
            page_timeout_seconds: PageTimeoutSeconds::default(),
            new_days: NewDays::default(),
            deadline_days: DeadlineDays::default(),
            stale_after_minutes: StaleAfterMinutes::default(),
        }
    }
}

impl NoticesSection {
    /// Everything this section names by hash: every document, and only then what central made from them,
    /// renditions before texts.
    pub fn content(&self) -> impl Iterator<Item = ContentRef> + '_ {
        self.documents()
            .filter_map(|document| document.content)
            .chain(self.documents().filter_map(|document| document.rendition))
            .chain(self.documents().filter_map(|document| document.text))
    }

    fn documents(&self) -> impl Iterator<Item = &DocumentRecord> {
        self.notices.iter().flat_map(|notice| &notice.documents)
    }
}

impl NoticeRecord {
    /// The wire form of a notice.
    pub fn from_notice(notice: &Notice, salt: impl Into<String>) -> Self {
        Self {
            id: notice.id.as_str().to_owned(),
            revision: notice.revision.number(),
            iri: notice.iri.as_ref().map(|iri| iri.as_str().to_owned()),
            url: notice.url.clone(),
            title: texts(&notice.title),
            description: texts(&notice.description),
            posted: notice.posted.into(),
            relevant_until: notice.relevant_until.into(),
            approved: notice.approved.into(),
            reference_number: notice
                .reference_number
                .as_ref()
                .map(|number| number.as_str().to_owned()),
            file_number: notice
                .file_number
                .as_ref()
                .map(|number| number.as_str().to_owned()),
            categories: notice.categories.iter().map(texts).collect(),
            originator: notice.originator.clone(),
            documents: notice.documents.iter().map(DocumentRecord::from).collect(),
            channel: notice.channel.into(),
            personal_data: notice.personal_data,
            salt: salt.into(),
        }
    }

    /// The notice of this record. A revision of 0, which central never sends, counts as the first.
    pub fn to_notice(&self) -> Notice {
        Notice {
            id: NoticeId::new(&self.id),
            revision: Revision::new(self.revision).unwrap_or(Revision::FIRST),
            iri: self.iri.as_deref().map(NoticeIri::new),
            url: self.url.clone(),
            title: language_map(&self.title),
            description: language_map(&self.description),
            posted: self.posted.into(),
            relevant_until: self.relevant_until.into(),
            approved: self.approved.into(),
            reference_number: self.reference_number.as_deref().map(ReferenceNumber::new),
            file_number: self.file_number.as_deref().map(FileNumber::new),
            categories: self.categories.iter().map(language_map).collect(),
            originator: self.originator.clone(),
            documents: self.documents.iter().map(Document::from).collect(),
            channel: self.channel.into(),
            personal_data: self.personal_data,
        }
    }

    /// The salted hash by which journals name this revision's content.
    ///
    /// What central derives from the documents, and why one is missing, is not part of what was posted:
    /// it comes later than the notice and may change, while the revision stays the same.
    ///
    /// # Panics
    ///
    /// Never: a record always serialises.
    pub fn salted_hash(&self) -> ContentHash {
        let mut posted = self.clone();
        for document in &mut posted.documents {
            document.missing = None;
            document.pages = None;
            document.text = None;
            document.rendition = None;
            document.doubtful_pages = DoubtfulPages::default();
        }
        let mut hash = Sha256::new();
        hash.update(self.salt.as_bytes());
        hash.update(b"\n");
        hash.update(serde_json::to_vec(&posted).expect("a notice record serialises"));
        ContentHash(DocumentHash::from_digest(hash.finalize().into()))
    }
}

#[cfg(test)]
mod tests {
    use vyveska_board::MissingReason;

    use super::*;

    fn record() -> NoticeRecord {
        NoticeRecord {
            id: "n-1".into(),
            revision: 2,
            iri: Some("https://lipnice.example/deska/1".into()),
            url: None,
            title: [("cs".into(), "Záměr pronájmu".into())].into(),
            description: Texts::new(),
            posted: MomentRecord::Date("2026-11-21".parse().unwrap()),
            relevant_until: MomentRecord::Instant("2026-12-06T12:00:00Z".parse().unwrap()),
            approved: MomentRecord::Unspecified,
            reference_number: Some("MO/311/2026".into()),
            file_number: None,
            categories: vec![[("cs".into(), "Prodej a pronájem".into())].into()],
            originator: Some("Majetkový odbor".into()),
            documents: vec![DocumentRecord {
                title: [("cs".into(), "Záměr".into())].into(),
                content: Some(ContentRef::to(b"%PDF")),
                missing: None,
                media_type: Some("application/pdf".into()),
                url: None,
                pages: Some(3),
                text: Some(ContentRef::to(b"{}")),
                rendition: Some(ContentRef::to(b"%PDF drawn")),
                doubtful_pages: vec![2].into(),
            }],
            channel: ChannelRecord::BoardAndWeb,
            personal_data: true,
            salt: "00ff".into(),
        }
    }

    #[test]
    fn notices_that_are_unknown_are_not_read_as_none() {
        assert!(serde_json::from_slice::<NoticesSection>(NOTICES_UNKNOWN).is_err());
    }

    #[test]
    fn a_notice_travels_without_loss() {
        let record = record();
        let json = serde_json::to_string(&record).unwrap();
        let read: NoticeRecord = serde_json::from_str(&json).unwrap();
        assert_eq!(read, record);
        assert_eq!(
            NoticeRecord::from_notice(&read.to_notice(), read.salt.clone()),
            record
        );
    }

    #[test]
    fn a_new_salt_changes_the_hash() {
        let one = record();
        let mut other = record();
        other.salt = "00fe".into();
        assert_ne!(one.salted_hash(), other.salted_hash());
        assert_eq!(one.salted_hash(), record().salted_hash());
    }

    #[test]
    fn what_was_made_of_documents_comes_after_all_of_them_and_is_no_part_of_what_was_posted() {
        let mut other = record();
        other.documents[0].content = Some(ContentRef::to(b"%PDF-2"));
        let section = NoticesSection {
            board: BoardRecord {
                iri: String::new(),
                name: Texts::new(),
                page: None,
                operator_ico: None,
            },
            notices: vec![record(), other],
        };
        let named: Vec<ContentRef> = section.content().collect();
        let (rendition, text) = (ContentRef::to(b"%PDF drawn"), ContentRef::to(b"{}"));
        assert_eq!(
            named,
            [
                ContentRef::to(b"%PDF"),
                ContentRef::to(b"%PDF-2"),
                rendition,
                rendition,
                text,
                text
            ]
        );

        let mut unprepared = record();
        unprepared.documents[0].pages = None;
        unprepared.documents[0].text = None;
        unprepared.documents[0].rendition = None;
        unprepared.documents[0].doubtful_pages = DoubtfulPages::default();
        assert_eq!(unprepared.salted_hash(), record().salted_hash());
    }

    #[test]
    fn a_document_without_rendition_and_doubt_keeps_its_exact_bytes() {
        let hash = ContentRef::to(b"%PDF").hash;
        let written = format!(
            r#"{{"title":{{"cs":"Záměr"}},"content":{{"hash":"{hash}","size_bytes":4}},"media_type":"application/pdf","pages":3}}"#
        );
        let read: DocumentRecord = serde_json::from_str(&written).unwrap();
        assert!(read.rendition.is_none() && read.doubtful_pages.is_empty());
        assert_eq!(serde_json::to_string(&read).unwrap(), written);
    }

    #[test]
    fn why_a_document_is_missing_is_no_part_of_what_was_posted() {
        let mut missing = record();
        missing.documents[0].content = None;
        let posted = missing.salted_hash();
        assert!(!serde_json::to_string(&missing).unwrap().contains("missing"));
        missing.documents[0].missing = Some(MissingReason::WebPage);
        assert_eq!(missing.salted_hash(), posted);
        let json = serde_json::to_string(&missing).unwrap();
        assert!(json.contains(r#""missing":"web_page""#), "{json}");
        let newer = json.replace("web_page", "eaten_by_the_dog");
        let read: NoticeRecord = serde_json::from_str(&newer).unwrap();
        let reason = read.documents[0].missing;
        assert_eq!(reason, Some(MissingReason::Unavailable));
    }

    #[test]
    fn fields_of_a_newer_central_are_ignored_and_missing_settings_have_defaults() {
        let json = r#"{"town":{"cs":"Město"},"web_address":"a.example","weather":"fine"}"#;
        let read: SettingsSection = serde_json::from_str(json).unwrap();
        assert_eq!(read, SettingsSection::of_town("Město", "a.example"));
    }
}
