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

/// How many utterances a [`SpeechSink`] keeps.
const KEPT: usize = 20_000;

/// The words spoken, for tests and scripted visits. Clones share what they hold.
///
/// A kiosk before the public keeps none: what it said may name people whose notice has been taken down since.
#[derive(Debug, Clone, Default)]
pub struct SpeechSink {
    heard: Option<Arc<Mutex<Heard>>>,
}

#[derive(Debug, Default)]
struct Heard {
    utterances: Vec<Utterance>,
    speaking: Option<u64>,
}

impl SpeechSink {
    /// Keeps what it hears; the default does not.
    pub fn keeping() -> Self {
        Self {
            heard: Some(Arc::default()),
        }
    }

    /// What was begun to be said so far, the earliest first.
    pub fn spoken(&self) -> Vec<Utterance> {
        self.with(|heard| heard.utterances.clone())
    }

    /// What was begun to be said since the last time this was asked.
    pub fn take(&self) -> Vec<Utterance> {
        self.with(|heard| std::mem::take(&mut heard.utterances))
    }

    /// The number of the utterance that is being said, while one is.
    pub fn speaking(&self) -> Option<u64> {
        self.with(|heard| heard.speaking)
    }

    pub(crate) fn begun(&self, utterance: &Utterance) {
        self.with(|heard| {
            heard.speaking = Some(utterance.number);
            if heard.utterances.len() < KEPT {
                heard.utterances.push(utterance.clone());
            }
        });
    }

    pub(crate) fn ended(&self) {
        self.with(|heard| heard.speaking = None);
    }

    fn with<T: Default>(&self, act: impl FnOnce(&mut Heard) -> T) -> T {
        self.heard.as_ref().map_or_else(T::default, |heard| {
            // Nothing in here panics half-way.
            act(&mut heard.lock().unwrap_or_else(PoisonError::into_inner))
        })
    }
}
