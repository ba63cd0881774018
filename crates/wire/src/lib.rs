//! What displays and the central service say to each other.
//!
//! Types, their exact bytes, signing and verifying; nothing else: no IO and no clock.
//! Everything central says with authority travels in an [`envelope`]; everything a display asks carries a [`token`].
//!
//! | Module | What travels |
//! | --- | --- |
//! | [`keys`] | key pairs, their files, and the identifiers made from them |
//! | [`envelope`] | the signed envelope |
//! | [`manifest`] | what the displays of a board should show, by hash |
//! | [`assignment`] | which board a display shows, and what else is its own |
//! | [`section`] | the notices, the settings and the other parts a manifest names |
//! | [`document`], [`moment`], [`texts`] | what several sections consist of |
//! | [`idle_settings`] | the idle rotation |
//! | [`text_rendition`] | the text of a document, for search, the reading view and speech |
//! | [`information`] | information pages |
//! | [`alert`] | messages over the board |
//! | [`survey`] | questions to passers-by, and their answers |
//! | [`now`] | the time, signed |
//! | [`token`] | what every request of a display carries |
//! | [`enrolment`] | the file and the token that let new displays in |
//! | [`pairing`] | the short code that names a new display |
//! | [`service_pin`] | the PIN of the service screen, hashed |
//! | [`event`] | the event stream |
//! | [`status`] | how a display is, told by itself |
//! | [`journal`] | the entries of a display's sealed journal and their chain |
//! | [`limits`] | the largest section, document and event, and the longest jitter |

pub mod alert;
pub mod assignment;
pub mod document;
mod doubtful_pages;
pub mod enrolment;
pub mod envelope;
pub mod event;
pub mod idle_settings;
pub mod information;
pub mod journal;
pub mod keys;
pub mod limits;
pub mod manifest;
pub mod moment;
pub mod now;
pub mod pairing;
pub mod paper_copy_contact;
mod readable;
pub mod section;
pub mod service_pin;
pub mod status;
pub mod survey;
pub mod text_rendition;
pub mod texts;
pub mod token;

/// The path under which the display interface lives, without a slash at its end.
pub const DISPLAY_API: &str = "/display/v1";
