//! What follows a poll: fetch the documents, publish.
//!
//! A changed feed waits a moment for its new documents, so that a notice as a rule appears whole;
//! then it is published with what is there, and completed later.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use vyveska_board::DocumentHash;

use crate::config::Config;
use crate::document::keeper::DocumentKeeper;
use crate::publish::{PublishError, Publisher};
use crate::storage::{Storage, StorageError};

/// How often the background work looks whether there is any.
const TICK: Duration = Duration::from_secs(1);

/// Fetches documents and publishes.
pub struct Pipeline {
    /// The configuration.
    pub config: Arc<Config>,
    /// Fetches documents.
    pub keeper: Arc<DocumentKeeper>,
    /// Publishes boards.
    pub publisher: Arc<Publisher>,
    /// Remembers.
    pub storage: Arc<dyn Storage>,
    /// Where work goes on after a poll has been answered.
    pub tasks: TaskTracker,
    /// Stops that work.
    pub shutdown: CancellationToken,
}

impl Pipeline {
    /// Fetches what a poll made due and publishes the board, at the latest after the configured wait.
    ///
    /// # Errors
    ///
    /// When publishing fails.
    pub async fn after_poll(self: &Arc<Self>, board: &str) -> Result<(), PublishError> {
        let wait = Duration::from_millis(self.config.documents.first_wait_ms);
        let quiet_until = Instant::now() + wait;
        let this = self.clone();
        let fetching = self.tasks.spawn(async move {
            let shutdown = this.shutdown.clone();
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = this.fetch_documents(quiet_until) => {}
            }
        });
        // Running out of time is the point; the work goes on in its own task.
        let _ = tokio::time::timeout(wait, fetching).await;
        self.publisher.publish(board).await
    }

    /// Fetches every document that is due and publishes the boards they belong to.
    pub async fn fetch_documents(&self, quiet_until: Instant) {
        let mut changed = BTreeSet::new();
        loop {
            match self.keeper.run_due().await {
                Ok(report) => {
                    changed.extend(report.changed);
                    if report.attempted == 0 {
                        break;
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "documents cannot be looked after");
                    break;
                }
            }
            if Instant::now() >= quiet_until {
                self.publish_sources(&std::mem::take(&mut changed)).await;
            }
        }
        self.publish_sources(&changed).await;
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
            self.fetch_documents(Instant::now()).await;
            tokio::time::sleep(TICK).await;
        }
    }

    /// Publishes what changes by itself, and notices what other processes published.
    pub async fn tick(&self) {
        let outcome = async {
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
