//! The sample town: Lipnice nad Rolavou, a town that does not exist, with a board like a real one.
//!
//! It publishes what a town would: an open-data feed after the Czech open formal norm, a page per notice, and documents.
//! The product must treat it like any other town, so this crate depends on no other part of it.
//! Every day in `notices.json` is relative to today, and so the board is never out of date.
//!
//! - [`SampleTown`]: the town and its notices, read from `notices.json` and `documents/`
//! - [`Day`]: days relative to today
//! - [`feed`]: the town's notices as the feed's JSON-LD
//! - [`information`]: pages, a survey and an alert, as files for the central service
//! - [`Publisher`]: the HTTP server, which a test can change while it runs

mod day;
pub mod feed;
mod http;
pub mod information;
mod page;
mod publisher;
mod town;

pub use day::{Day, DayError, fill_in};
pub use publisher::{Fault, PublishError, Publisher, Today};
pub use town::{Attachment, LoadError, Notice, SampleTown, TownFacts, Until};
