//! Keeps what passers-by answer, on a thread of its own: a slow disk never makes the interface wait.

use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;

use anyhow::Context as _;
use vyveska_board::Clock as _;
use vyveska_wire::survey::Answer;

use crate::clock::DeviceClock;
use crate::store::BoardStore;

/// Takes answers and keeps them one after the other.
pub(super) struct AnswerKeeper {
    answers: Option<Sender<Answer>>,
    thread: Option<JoinHandle<()>>,
}

impl AnswerKeeper {
    /// Starts it.
    pub(super) fn start(
        store: Arc<dyn BoardStore>,
        clock: Arc<DeviceClock>,
    ) -> anyhow::Result<Self> {
        let (sender, answers) = mpsc::channel::<Answer>();
        let thread = std::thread::Builder::new()
            .name("answers".into())
            .spawn(move || {
                for answer in answers {
                    match store.keep_answer(&answer, clock.now().earliest) {
                        Ok(true) => {}
                        Ok(false) => tracing::warn!(
                            "too many answers wait for central; this one is not kept"
                        ),
                        Err(error) => tracing::error!(%error, "an answer could not be kept"),
                    }
                }
            })
            .context("cannot start the thread that keeps answers")?;
        Ok(Self {
            answers: Some(sender),
            thread: Some(thread),
        })
    }

    /// Keeps an answer soon.
    pub(super) fn keep(&self, answer: Answer) {
        if let Some(answers) = &self.answers
            && answers.send(answer).is_err()
        {
            tracing::error!("an answer could not be kept: its thread has ended");
        }
    }

    /// Waits until everything is kept.
    pub(super) fn stop(&mut self) {
        drop(self.answers.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that keeps answers ended badly");
        }
    }
}
