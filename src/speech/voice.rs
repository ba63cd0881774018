//! The voice: speaks utterances aloud.

use std::sync::{Arc, Mutex, PoisonError};

use super::utterance::Utterance;

/// Speaks one utterance at a time.
pub trait Voice {
    /// Starts an utterance. The one before stops at once and is not reported as finished.
    fn speak(&mut self, utterance: &Utterance);

    /// Stops at once.
    fn stop(&mut self);

    /// Whether it can be heard. If not, the words have to be shown, and nothing is reported as finished.
    fn is_audible(&self) -> bool;
}

/// The voice of a device without sound.
#[derive(Debug, Clone, Copy, Default)]
pub struct SilentVoice;

impl Voice for SilentVoice {
    fn speak(&mut self, _utterance: &Utterance) {}

    fn stop(&mut self) {}

    fn is_audible(&self) -> bool {
        false
    }
}

/// How many utterances a [`SpeechSink`] records.
const MAX_RECORDED: usize = 20_000;

/// Records spoken words for tests and the driver. Clones share the record.
///
/// A kiosk in public use records none: the words may name people whose notice has been taken down since.
#[derive(Debug, Clone, Default)]
pub struct SpeechSink {
    recorded: Option<Arc<Mutex<Recorded>>>,
}

#[derive(Debug, Default)]
struct Recorded {
    utterances: Vec<Utterance>,
    speaking: Option<u64>,
}

impl SpeechSink {
    /// A sink that records; the default does not.
    pub fn keeping() -> Self {
        Self {
            recorded: Some(Arc::default()),
        }
    }

    /// All utterances started so far, earliest first.
    pub fn spoken(&self) -> Vec<Utterance> {
        self.with(|recorded| recorded.utterances.clone())
    }

    /// The utterances started since the last call.
    pub fn take(&self) -> Vec<Utterance> {
        self.with(|recorded| std::mem::take(&mut recorded.utterances))
    }

    /// The number of the utterance being spoken.
    pub fn speaking(&self) -> Option<u64> {
        self.with(|recorded| recorded.speaking)
    }

    pub(crate) fn begun(&self, utterance: &Utterance) {
        self.with(|recorded| {
            recorded.speaking = Some(utterance.number);
            if recorded.utterances.len() < MAX_RECORDED {
                recorded.utterances.push(utterance.clone());
            }
        });
    }

    pub(crate) fn ended(&self) {
        self.with(|recorded| recorded.speaking = None);
    }

    fn with<T: Default>(&self, act: impl FnOnce(&mut Recorded) -> T) -> T {
        self.recorded.as_ref().map_or_else(T::default, |recorded| {
            // No code under this lock panics half-way, so a poisoned lock is usable.
            act(&mut recorded.lock().unwrap_or_else(PoisonError::into_inner))
        })
    }
}
