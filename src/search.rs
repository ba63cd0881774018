//! Finding notices as somebody types.
//!
//! What the words mean is decided in [`vyveska_board::search`]; here is where they are looked up.
//! Short texts of posted notices are few and are searched in memory; the text of documents is kept in an index of
//! its own on disk ([`TextIndex`]), so that a board of ten thousand notices takes neither memory nor time.
//! Only what is posted is in either, and what is taken down leaves both, for real.
//! All of it is one thread's ([`SearchDesk`]): the interface says what it wants and goes on.

mod desk;
mod finder;
#[cfg(test)]
mod tests;
mod text_index;

pub use desk::{SearchDesk, Texts};
pub use finder::Finder;
pub use text_index::{PageKey, SearchError, TextIndex};
