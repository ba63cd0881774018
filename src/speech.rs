//! Reading aloud what the screen shows.

pub mod audio_output;
pub mod element;
pub mod espeak;
pub mod pronounce;
pub mod sentences;
pub mod utterance;
pub mod voice;
