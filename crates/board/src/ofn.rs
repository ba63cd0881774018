//! The open formal norm „Úřední desky" (OFN, 2021-07-20).
//!
//! Real feeds break it in many ways, so reading is tolerant and writing is strict:
//! one bad field never loses a notice, it becomes a [`Warning`]; what is written validates against the norm's schemas.

use url::Url;

use crate::event::Event;
use crate::id::{BoardIri, FileNumber, NoticeIri, ReferenceNumber};
use crate::language::LanguageMap;
use crate::moment::Moment;
use crate::notice::Channel;

mod address;
mod board;
mod category;
mod decode;
mod document;
mod identity;
mod key;
mod notice;
mod other_end;
mod personal_data;
mod reader;
mod report;
mod salvage;
mod shallow;
mod text;
mod time;
mod writer;

pub use category::{MAX_CATEGORIES, MAX_NAME_CHARS, MAX_ORIGINATOR_CHARS};
pub use decode::MAX_FEED_BYTES;
pub use notice::{MAX_DESCRIPTION_CHARS, MAX_DOCUMENTS, MAX_NUMBER_CHARS, MAX_TITLE_CHARS};
pub use reader::{FeedError, MAX_NOTICES, read};
pub use report::MAX_WARNINGS;
pub use writer::{WriteError, WrittenBoard, write};

/// One board as a feed gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedBoard {
    /// The board's identifier; the feed's address where it gives none.
    pub iri: BoardIri,
    /// The board's name; mostly blank.
    pub name: LanguageMap,
    /// The board's page for people (*stránka*).
    pub page: Option<Url>,
    /// Who runs it (*provozovatel*).
    pub operator: Option<Operator>,
    /// Its notices in the feed's order.
    pub notices: Vec<FeedNotice>,
    /// What could not be read of a feed that is no JSON; what its notices were before still holds.
    pub unread: Vec<UnreadPart>,
    /// What deviated from the norm and what was done about it.
    pub warnings: Vec<Warning>,
}

/// A part of a feed that could not be read: one notice, or several where one broke the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadPart {
    /// Its first and last line in the file, from 1.
    pub lines: (usize, usize),
    /// What the notices in it are called, by their titles, else by their identifiers, as far as that could be told.
    pub names: Vec<String>,
    /// The titles that could be told in it, those of documents among them.
    pub titles: Vec<LanguageMap>,
    /// The keys of the notices in it; `None` when not all of them could be told, so that it may be any.
    pub keys: Option<Vec<FeedKey>>,
}

/// Who runs a board.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Operator {
    /// IČO, eight digits.
    pub ico: Option<String>,
    /// Identifier of a public authority without its own IČO.
    pub ovm: Option<String>,
    /// The name; mostly blank.
    pub name: LanguageMap,
}

/// One notice as a feed gives it, normalised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedNotice {
    /// The key by which the next poll recognises it.
    pub key: FeedKey,
    /// Its identifier, where the feed gives one.
    pub iri: Option<NoticeIri>,
    pub url: Option<Url>,
    /// Its title with entities decoded and white space collapsed; may be blank.
    pub title: LanguageMap,
    /// Its description; mostly blank.
    pub description: LanguageMap,
    pub posted: Moment,
    pub relevant_until: Moment,
    pub approved: Moment,
    pub reference_number: Option<ReferenceNumber>,
    pub file_number: Option<FileNumber>,
    /// *Revize*: the publisher's free-text version mark.
    pub revision_mark: Option<String>,
    /// *Agenda*, and what publishers use in its place.
    pub categories: Vec<LanguageMap>,
    /// Which office or department issued it (`odbor`, authors, …).
    pub originator: Option<String>,
    /// Its documents in order (*dokument* and *příloha*).
    pub documents: Vec<FeedDocument>,
    /// Where it is published; feeds do not say, since what a publisher puts into its open data is for both.
    pub channel: Channel,
    /// Whether the feed says of it, or of one of its documents, that it holds personal data.
    pub personal_data: bool,
    /// The code of the [`PostingRule`] under which it hangs; the norm has no field for it.
    ///
    /// [`PostingRule`]: crate::posting_rule::PostingRule
    pub posting_rule: Option<String>,
    /// What it announces for a day of its own; the norm has no field for it.
    pub event: Option<Event>,
    /// Why its end may be another than the publisher meant, in Czech, for municipal officers; mostly empty.
    pub end_doubts: Vec<String>,
    /// The notice's JSON as received; `{}` where it is longer than a mebibyte.
    pub raw: String,
}

/// A document as a feed names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedDocument {
    /// Its name; may be blank.
    pub title: LanguageMap,
    /// Where it is, absolute.
    pub url: Option<Url>,
    /// What the feed says its bytes are, for instance `application/pdf` (*typ_média*): a claim only.
    pub media_type: Option<String>,
}

/// The key by which a notice is recognised from one poll to the next.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FeedKey {
    Iri(NoticeIri),
    /// Its page, where the IRI is missing.
    Url(Url),
    /// A hash over board, title, posting and reference number, where both are missing.
    Digest([u8; 32]),
}

/// A stable text: `iri:…`, `url:…` or `sha256:…`.
impl std::fmt::Display for FeedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Iri(iri) => write!(f, "iri:{iri}"),
            Self::Url(url) => write!(f, "url:{url}"),
            Self::Digest(digest) => write!(f, "sha256:{}", hex::encode(digest)),
        }
    }
}

/// A deviation from the norm and what was done about it, in Czech, for municipal officers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The notice's IRI, page or title; `None` when it is about the board.
    pub notice: Option<String>,
    /// The field by the norm's name, for instance `relevantní_do`.
    pub field: String,
    /// What is wrong and what was done.
    pub message: String,
}
