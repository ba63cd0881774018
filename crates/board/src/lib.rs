//! The notice board's domain, without IO.
//!
//! Notices, documents, the rules of what is posted when, and the feed formats.
//! Nothing here does IO, waits, or reads a clock of its own: bytes and time come in as arguments,
//! values and warnings come out.
//!
//! | Module | What it decides |
//! | --- | --- |
//! | [`id`] | identifiers, hashes and official numbers as types of their own |
//! | [`language`] | texts in several languages |
//! | [`moment`] | dates as boards state them: a day, an instant, or unspecified |
//! | [`clock`] | what is known about now |
//! | [`notice`] | a notice and its documents |
//! | [`event`] | what a notice announces for a day of its own |
//! | [`posting`] | what is posted for given clock bounds |
//! | [`posting_rule`] | under which legal rule a notice hangs |
//! | [`settings`] | the settings of a board: bounds and defaults |
//! | [`format`](mod@format) | how dates, periods and counts are written in each language |
//! | [`category`] | what categories are called in three languages |
//! | [`fold`](mod@fold) | which letters are the same |
//! | [`search`] | which words are found in which texts |
//! | [`collation`] | the order of the Czech alphabet |
//! | [`holidays`] | the Czech public holidays |
//! | [`hours`] | when an office is open, and until when |
//! | [`ofn`] | the Czech open-data norm for notice boards: tolerant reader, strict writer |

pub mod category;
pub mod clock;
pub mod collation;
pub mod event;
pub mod fold;
pub mod format;
pub mod holidays;
pub mod hours;
pub mod id;
pub mod language;
pub mod moment;
pub mod notice;
pub mod ofn;
pub mod posting;
pub mod posting_rule;
pub mod search;
pub mod settings;

pub use clock::{Clock, ClockBounds, ClockTrust, FakeClock};
pub use event::{Event, EventKind};
pub use id::{
    BoardIri, DocumentHash, FileNumber, NoticeId, NoticeIri, ParseHashError, ReferenceNumber,
};
pub use language::{Language, LanguageMap};
pub use moment::{Moment, PRAGUE};
pub use notice::{Channel, Document, MissingReason, Notice, Rendition, Revision};
