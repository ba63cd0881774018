//! What it means that typed words are found in a text, pure.
//!
//! [`mod@fold`] decides which letters are the same.
//! Where texts are kept and how they are looked up quickly is the kiosk's affair.

pub mod fold;

pub use fold::{Folded, fold};
