//! Reading aloud what the screen shows.
//!
//! [`narrator`] decides what is said, from the elements declared by the markup and the user's keys and touches;
//! a [`voice`] says it. No code in here depends on a particular screen, and only [`espeak`] and [`audio_output`]
//! perform IO.

pub mod audio_output;
pub mod element;
pub mod espeak;
pub mod keys;
pub mod narrator;
pub mod pronounce;
pub mod record;
pub mod sentences;
pub mod utterance;
pub mod voice;
mod words;
