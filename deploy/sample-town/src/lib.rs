//! The sample town: Lipnice nad Rolavou, a town that does not exist, with a board like a real one.
//!
//! It publishes what a town would: an open-data feed after the Czech open formal norm, a page per notice, and documents.
//! Nothing downstream may know that it is a sample, so this crate depends on no other part of the product.
//! Every day in `notices.json` is relative to today, and so the board is never out of date.
//!
//! - [`SampleTown`]: what the town has to say, read from `notices.json` and `documents/`
//! - [`Day`]: days relative to today
//! - [`feed`]: the town's notices as the feed's JSON-LD
//! - [`information`]: what the town tells besides its notices, as files for the central service
//! - [`Publisher`]: the HTTP server, with what a test needs to change it while it runs

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
