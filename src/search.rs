//! Search over posted notices while a person types.
//!
//! [`vyveska_board::search`] decides what the words mean; this module looks them up.
//! The short texts of posted notices are searched in memory. The text of documents is kept in an index on disk
//! ([`TextIndex`]), so that a board of ten thousand notices needs little memory and answers quickly.
//! Both hold only what is posted. What is taken down is erased from both, also from the file.
//! One thread ([`SearchWorker`]) does all of it; the interface never waits for it.

mod finder;
#[cfg(test)]
mod tests;
mod text_index;
mod worker;

pub use finder::Finder;
pub use text_index::{PageKey, SearchError, TextIndex};
pub use worker::{SearchWorker, Texts};
