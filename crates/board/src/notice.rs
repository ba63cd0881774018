//! A notice and its documents.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::id::{DocumentHash, FileNumber, NoticeId, NoticeIri, ReferenceNumber};
use crate::language::LanguageMap;
use crate::moment::Moment;

/// Where a notice is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Channel {
    /// On the displays and on the web, from one record.
    #[default]
    BoardAndWeb,
    /// On the web only: not compared with the displays.
    WebOnly,
}

/// The version of a notice: 1 for the first, one more for every change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(u32);

impl Revision {
    pub const FIRST: Self = Self(1);

    /// The revision of this number; `None` for 0.
    pub const fn new(number: u32) -> Option<Self> {
        if number == 0 {
            None
        } else {
            Some(Self(number))
        }
    }

    /// Counted from 1.
    pub const fn number(self) -> u32 {
        self.0
    }

    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// One document of a notice (*příloha*), byte for byte as the publisher gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The name; may be blank, because publishers often give none.
    pub title: LanguageMap,
    /// The hash of its exact bytes; `None` while central could not fetch it.
    pub hash: Option<DocumentHash>,
    /// Why central could not fetch it; `None` when it has its bytes, or while nobody has tried yet.
    pub missing: Option<MissingReason>,
    /// How many bytes it has; 0 while it could not be fetched.
    pub size_bytes: u64,
    /// What its bytes are, for instance `application/pdf`, detected from the bytes themselves.
    pub media_type: Option<String>,
    /// Where the publisher offers it.
    pub url: Option<Url>,
    /// How many pages it has; `None` while central has not counted them, or cannot.
    pub pages: Option<u32>,
    /// Its text with word positions, where central could prepare one.
    pub text: Option<Rendition>,
    /// A PDF with the same pages that is drawn in its place, where the document itself would be drawn wrong.
    /// What is posted, proven and downloaded stays the document.
    pub rendition: Option<Rendition>,
    /// The pages that may be drawn wrong all the same, counted from 1, ascending.
    pub doubtful_pages: Vec<u32>,
}

/// Why a document could not be fetched from its publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingReason {
    /// The publisher gave no address, or none that leads to a file on the web.
    NoAddress,
    /// Nothing is at the address.
    NotFound,
    /// The publisher asks for a log-in, or refuses.
    AccessDenied,
    /// A web page is there instead of a file.
    WebPage,
    /// The file has no bytes.
    Empty,
    /// Only a part of the file arrives.
    Incomplete,
    /// It is larger than displays take.
    TooLarge,
    /// The address redirects in a circle.
    RedirectLoop,
    /// The address leads out of the public internet.
    NotPublic,
    /// It does not arrive in the time that central waits for it.
    TooSlow,
    /// Central cannot store it, such as on a full disk.
    NotStored,
    /// Anything else, also what a newer central service may state.
    #[serde(other)]
    Unavailable,
}

impl MissingReason {
    /// Whether the publisher may offer the file all the same.
    pub const fn is_undecided(self) -> bool {
        matches!(self, Self::TooSlow | Self::NotStored | Self::Unavailable)
    }
}

/// Bytes that central made from a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rendition {
    pub hash: DocumentHash,
    pub size_bytes: u64,
}

/// One notice (*informace na úřední desce*) in one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub id: NoticeId,
    pub revision: Revision,
    /// The publisher's identifier, where it gave one.
    pub iri: Option<NoticeIri>,
    pub url: Option<Url>,
    pub title: LanguageMap,
    pub description: LanguageMap,
    /// The start of posting as the publisher claims it (*vyvěšení*).
    pub posted: Moment,
    /// The end of posting (*relevantní do*); a date means through the end of that day.
    pub relevant_until: Moment,
    /// The approval of what is announced (*schválení*).
    pub approved: Moment,
    pub reference_number: Option<ReferenceNumber>,
    pub file_number: Option<FileNumber>,
    /// Categories as the publisher names them (*agenda*), in its order.
    pub categories: Vec<LanguageMap>,
    /// Which office or department issued it, where the feed says.
    pub originator: Option<String>,
    pub documents: Vec<Document>,
    pub channel: Channel,
    /// Whether it holds personal data, so that it is also removed while the clock is unsure.
    pub personal_data: bool,
}
