//! What follows a poll: fetch the documents, publish, prepare.
//!
//! A changed feed waits a moment for its new documents, so that a notice as a rule appears whole;
//! then it is published with what is there, and completed later.
//! The text of documents is never waited for: it goes out with a later publication, many at once,
//! since every publication is a switch on every display.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use vyveska_board::DocumentHash;

use crate::config::Config;
use crate::document::keeper::DocumentKeeper;
use crate::preparation::Preparer;
use crate::publish::{PublishError, Publisher};
use crate::storage::{PreparationStage, Storage, StorageError};

/// How often the background work looks whether there is any.
const TICK: Duration = Duration::from_secs(1);
/// How often texts are published while there are more to come.
const TEXTS_EVERY: Duration = Duration::from_secs(30);
/// How soon after the last texts further ones are published when no more are to come now.
const TEXTS_AFTER: Duration = Duration::from_secs(5);

/// Fetches documents and publishes.
pub struct Pipeline {
    /// The configuration.
    pub config: Arc<Config>,
    /// Fetches documents.
    pub keeper: Arc<DocumentKeeper>,
    /// Prepares documents.
    pub preparer: Arc<Preparer>,
    /// Publishes boards.
    pub publisher: Arc<Publisher>,
    /// Remembers.
    pub storage: Arc<dyn Storage>,
    /// Where work goes on after a poll has been answered.
    pub tasks: TaskTracker,
    /// Stops that work.
    pub shutdown: CancellationToken,
    /// What the fetching of documents leaves for publishing.
    pub pending: Pending,
}

/// Sources whose documents came and are not published yet.
///
/// While a poll waits for its documents nothing of them is published by others,
/// so that a notice does not appear in pieces.
#[derive(Debug, Default)]
pub struct Pending {
    sources: Mutex<BTreeSet<String>>,
    polls_waiting: AtomicUsize,
}

impl Pending {
    fn add(&self, sources: BTreeSet<String>) {
        let mut pending = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        pending.extend(sources);
    }

    /// What may be published now.
    fn take(&self) -> BTreeSet<String> {
        if self.polls_waiting.load(Ordering::SeqCst) > 0 {
            return BTreeSet::new();
        }
        let mut pending = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *pending)
    }
}

/// A poll that waits for its documents.
struct Waiting<'a>(&'a Pending);

impl<'a> Waiting<'a> {
    fn begin(pending: &'a Pending) -> Self {
        pending.polls_waiting.fetch_add(1, Ordering::SeqCst);
        Self(pending)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.polls_waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Pipeline {
    /// Fetches what a poll made due and publishes the board, at the latest after the configured wait.
    ///
    /// # Errors
    ///
    /// When publishing fails.
    pub async fn after_poll(self: &Arc<Self>, board: &str) -> Result<(), PublishError> {
        let wait = Duration::from_millis(self.config.documents.first_wait_ms);
        let waiting = Waiting::begin(&self.pending);
        let this = self.clone();
        let fetching = self.tasks.spawn(async move {
            let shutdown = this.shutdown.clone();
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = this.fetch_documents() => {}
            }
        });
        // Running out of time is the point; the work goes on in its own task.
        let _ = tokio::time::timeout(wait, fetching).await;
        drop(waiting);
        self.publisher.publish(board).await?;
        self.publish_pending().await;
        Ok(())
    }

    /// Fetches every document that is due and publishes the boards they belong to.
    pub async fn fetch_documents(&self) {
        loop {
            match self.keeper.run_due().await {
                Ok(report) => {
                    self.pending.add(report.changed);
                    self.publish_pending().await;
                    if report.attempted == 0 {
                        return;
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "documents cannot be looked after");
                    return;
                }
            }
        }
    }

    async fn publish_pending(&self) {
        let sources = self.pending.take();
        self.publish_sources(&sources).await;
    }

    async fn publish_sources(&self, sources: &BTreeSet<String>) {
        let boards = self.publisher.boards_of(sources.iter().map(String::as_str));
        for board in boards {
            if let Err(error) = self.publisher.publish(&board).await {
                tracing::error!(board, %error, "the board cannot be published");
            }
        }
    }

    /// Looks after documents, and after what ends or is published elsewhere, until told to stop.
    pub async fn run(self: Arc<Self>) {
        let shutdown = self.shutdown.clone();
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = self.look_after_boards() => {}
            () = self.look_after_documents() => {}
            () = self.look_after_preparations(PreparationStage::Text) => {}
            () = self.look_after_preparations(PreparationStage::Recognition) => {}
        }
        if let Err(error) = self.preparer.give_back().await {
            tracing::warn!(%error, "documents that were being prepared wait until their claims expire");
        }
    }

    async fn look_after_boards(&self) {
        loop {
            self.tick().await;
            tokio::time::sleep(TICK).await;
        }
    }

    async fn look_after_documents(&self) {
        loop {
            self.fetch_documents().await;
            tokio::time::sleep(TICK).await;
        }
    }

    async fn look_after_preparations(&self, stage: PreparationStage) {
        if !self.preparer.is_able() {
            return std::future::pending().await;
        }
        let mut unpublished = BTreeSet::new();
        let mut published: Option<Instant> = None;
        loop {
            let more = match self.preparer.prepare_next(stage).await {
                Ok(Some(sources)) => {
                    unpublished.extend(sources);
                    true
                }
                Ok(None) => false,
                Err(error) => {
                    tracing::error!(%error, "documents cannot be prepared");
                    false
                }
            };
            let pause = if more { TEXTS_EVERY } else { TEXTS_AFTER };
            let since = *published.get_or_insert_with(Instant::now);
            if !unpublished.is_empty() && since.elapsed() >= pause {
                published = Some(Instant::now());
                self.pending.add(std::mem::take(&mut unpublished));
                self.publish_pending().await;
            }
            if !more {
                tokio::time::sleep(TICK).await;
            }
        }
    }

    /// Prepares every document that waits to be, and publishes what that brought.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn prepare_documents(&self) -> Result<(), StorageError> {
        for stage in [PreparationStage::Text, PreparationStage::Recognition] {
            while let Some(sources) = self.preparer.prepare_next(stage).await? {
                self.pending.add(sources);
            }
            self.publish_pending().await;
        }
        Ok(())
    }

    /// Publishes what changes by itself, and notices what other processes published.
    pub async fn tick(&self) {
        let outcome = async {
            self.publisher.publish_told().await?;
            self.publisher.publish_ended().await?;
            self.publisher.notice_others().await
        };
        if let Err(error) = outcome.await {
            tracing::error!(%error, "boards cannot be looked after");
        }
    }

    /// The feeds last received from every source but this one.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn snapshots_besides(
        &self,
        source: &str,
    ) -> Result<BTreeSet<DocumentHash>, StorageError> {
        let mut snapshots = BTreeSet::new();
        let sources = self.config.boards.iter().flat_map(|board| &board.sources);
        for other in sources.filter(|other| other.id != source) {
            snapshots.extend(self.storage.fetch_state(&other.id).await?.snapshot);
        }
        Ok(snapshots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_published_in_pieces_while_a_poll_waits() {
        let pending = Pending::default();
        let sources = BTreeSet::from(["lipnice".to_owned()]);
        let waiting = Waiting::begin(&pending);
        pending.add(sources.clone());
        assert!(pending.take().is_empty());
        drop(waiting);
        assert_eq!(pending.take(), sources);
        assert!(pending.take().is_empty());
    }
}
