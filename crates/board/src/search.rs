//! The pure rules of searching: query parsing, ranking and excerpts.
//!
//! | Module | What it decides |
//! | --- | --- |
//! | [`words`] | what a word is, and how numbers of files are kept |
//! | [`query`] | which words were typed |
//! | [`topic`] | which everyday and foreign words mean a category |
//! | [`entry`] | which short texts of a notice are searched, and which hit is better |
//! | [`mod@excerpt`] | what of a text is shown, with the hits marked |
//!
//! Storage and indexing of the texts are in the kiosk.

pub mod entry;
pub mod excerpt;
pub mod query;
pub mod topic;
pub mod words;

pub use crate::fold::{Folded, fold};
pub use entry::{Entry, Place, Rank, show};
pub use excerpt::{Excerpt, excerpt};
pub use query::{InTexts, Query, Term};
