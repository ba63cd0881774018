//! Sources: where a board's notices come from.

pub mod feed;
