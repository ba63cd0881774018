//! Reading aloud.

pub mod element;
