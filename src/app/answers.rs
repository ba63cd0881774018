//! Stores survey answers on a thread of its own, so that a slow disk never blocks the interface.

use std::sync::Arc;
use std::sync::mpsc::{self, Sender};

use anyhow::Context as _;
use vyveska_board::Clock as _;
use vyveska_wire::survey::SurveyAnswer;

use crate::clock::DeviceClock;
use crate::store::Outbox;
use crate::worker::Worker;

/// Stores survey answers one after the other.
pub(super) struct AnswerWorker {
    // Dropped before what its thread receives from, so that the thread may end.
    worker: Worker,
    answers: Option<Sender<SurveyAnswer>>,
}

impl AnswerWorker {
    pub(super) fn start(outbox: Arc<Outbox>, clock: Arc<DeviceClock>) -> anyhow::Result<Self> {
        let (sender, answers) = mpsc::channel::<SurveyAnswer>();
        let worker = Worker::start("answers", move || {
            for answer in answers {
                match outbox.keep_answer(&answer, clock.now().earliest) {
                    Ok(true) => {}
                    Ok(false) => {
                        tracing::warn!("too many answers wait for central; this one is dropped")
                    }
                    Err(error) => tracing::error!(%error, "an answer could not be stored"),
                }
            }
        })
        .context("cannot start the answer worker")?;
        Ok(Self {
            worker,
            answers: Some(sender),
        })
    }

    /// Queues an answer for storing.
    pub(super) fn keep(&self, answer: SurveyAnswer) {
        if let Some(answers) = &self.answers
            && answers.send(answer).is_err()
        {
            tracing::error!("an answer could not be stored: the worker has ended");
        }
    }

    /// Waits until every queued answer is stored.
    pub(super) fn stop(&mut self) {
        self.worker.may_end();
        drop(self.answers.take());
        self.worker.join();
    }
}
