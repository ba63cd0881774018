//! What says words aloud.

use std::sync::{Arc, Mutex, PoisonError};

use super::utterance::Utterance;

/// Says one utterance at a time.
pub trait Voice {
    /// Begins to say something. What it was saying before stops at once and is never reported as said.
    fn speak(&mut self, utterance: &Utterance);

    /// Stops at once.
    fn stop(&mut self);

    /// Whether anybody can hear it. When not, its words have to be shown, and nothing is ever reported as said.
    fn is_audible(&self) -> bool;
}

/// A voice that nobody hears: on a device without sound.
#[derive(Debug, Clone, Copy, Default)]
pub struct SilentVoice;

impl Voice for SilentVoice {
    fn speak(&mut self, _utterance: &Utterance) {}

    fn stop(&mut self) {}

    fn is_audible(&self) -> bool {
        false
    }
}

/// How many utterances a [`SpeechSink`] remembers.
const REMEMBERED: usize = 2_000;

/// The words spoken, for tests and scripted visits. Clones share what they hold.
#[derive(Debug, Clone, Default)]
pub struct SpeechSink {
    heard: Arc<Mutex<Heard>>,
}

#[derive(Debug, Default)]
struct Heard {
    utterances: Vec<Utterance>,
    speaking: Option<u64>,
}

impl SpeechSink {
    /// What was begun to be said so far, the earliest first.
    pub fn spoken(&self) -> Vec<Utterance> {
        self.lock().utterances.clone()
    }

    /// What was begun to be said since the last time this was asked.
    pub fn take(&self) -> Vec<Utterance> {
        std::mem::take(&mut self.lock().utterances)
    }

    /// The number of the utterance that is being said, while one is.
    pub fn speaking(&self) -> Option<u64> {
        self.lock().speaking
    }

    pub(crate) fn begun(&self, utterance: &Utterance) {
        let mut heard = self.lock();
        if heard.utterances.len() >= REMEMBERED {
            heard.utterances.remove(0);
        }
        heard.speaking = Some(utterance.number);
        heard.utterances.push(utterance.clone());
    }

    pub(crate) fn ended(&self) {
        self.lock().speaking = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Heard> {
        // Nothing in here panics half-way.
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A voice for tests: it can be heard, but an utterance is said only when the test says so.
#[derive(Debug, Clone, Default)]
pub struct FakeVoice {
    /// Its words.
    pub sink: SpeechSink,
}

impl Voice for FakeVoice {
    fn speak(&mut self, utterance: &Utterance) {
        self.sink.begun(utterance);
    }

    fn stop(&mut self) {
        self.sink.ended();
    }

    fn is_audible(&self) -> bool {
        true
    }
}
