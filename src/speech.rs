//! Reading aloud what the screen shows.
//!
//! [`narrator`] decides what is said, from the elements the markup declares and the keys and fingers of the user;
//! a [`voice`] says it. Nothing in here knows a screen by name, and nothing but [`espeak`] and [`audio_output`]
//! touches the world.

pub mod audio_output;
pub mod element;
pub mod espeak;
pub mod keys;
pub mod narrator;
pub mod pronounce;
pub mod sentences;
pub mod utterance;
pub mod voice;
mod words;
