//! The steps after a poll: fetch documents, publish, prepare documents.
//!
//! A changed feed waits briefly for its new documents, so that a notice usually appears complete;
//! then it is published with what has arrived, and completed later.
//! The text of documents is never waited for: it is published later, in batches,
//! since every publication makes every display switch.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use vyveska_board::{Clock, DocumentHash};

use crate::clock::watch::ClockWatch;
use crate::config::Config;
use crate::document::blobs::Blobs;
use crate::document::fetcher::{DocumentFetcher, RunReport};
use crate::error::causes;
use crate::preparation::Preparer;
use crate::publish::{PublishError, Publisher};
use crate::storage::{AlarmSubject, PreparationStage, Storage, StorageError};

/// The shortest interval between publications of documents of one source while more of them arrive.
const DOCUMENTS_EVERY: Duration = Duration::from_secs(5);
/// How often the background task checks for work.
const TICK: Duration = Duration::from_secs(1);
/// The interval between publications of texts while documents are still being prepared.
const TEXTS_EVERY: Duration = Duration::from_secs(30);
/// The shorter interval when no document is left to prepare.
const TEXTS_AFTER: Duration = Duration::from_secs(5);

/// The delay after boards' own content could not be stored again.
const RESTORE_AGAIN: TimeDelta = TimeDelta::minutes(1);

/// The kind of the alarm that stored bytes are damaged or missing; its subject is their hash.
pub const DAMAGED: &str = "damaged";

/// Fetches documents and publishes.
pub struct Pipeline {
    pub config: Arc<Config>,
    pub fetcher: Arc<DocumentFetcher>,
    pub preparer: Arc<Preparer>,
    pub publisher: Arc<Publisher>,
    pub storage: Arc<dyn Storage>,
    pub blobs: Blobs,
    pub clock: Arc<dyn Clock>,
    pub clock_watch: Option<ClockWatch>,
    /// Runs fetches that outlast the wait of a poll.
    pub tasks: TaskTracker,
    pub shutdown: CancellationToken,
    pub pending: Pending,
    pub restore_retry: RestoreRetry,
}

/// Sources whose documents have arrived and are not published yet.
///
/// While a poll waits for its documents, other tasks do not publish them,
/// so that a notice does not appear with some of its documents missing.
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

    fn take(&self) -> BTreeSet<String> {
        if self.polls_waiting.load(Ordering::SeqCst) > 0 {
            return BTreeSet::new();
        }
        let mut pending = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *pending)
    }
}

/// Marks a poll that waits for its documents, until dropped.
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

/// When boards' own content is stored again after an attempt that failed.
#[derive(Debug, Default)]
pub struct RestoreRetry(Mutex<Option<DateTime<Utc>>>);

impl RestoreRetry {
    fn failed_at(&self) -> MutexGuard<'_, Option<DateTime<Utc>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_due(&self, now: DateTime<Utc>) -> bool {
        let elapsed = |at| now.signed_duration_since(at).abs();
        self.failed_at()
            .is_some_and(|at| elapsed(at) >= RESTORE_AGAIN)
    }

    fn done(&self, is_whole: bool, now: DateTime<Utc>) {
        *self.failed_at() = (!is_whole).then_some(now);
    }
}

impl Pipeline {
    /// Fetches the documents of a poll and publishes the board, at the latest after `documents.first_wait_ms`.
    ///
    /// # Errors
    ///
    /// When publishing fails.
    pub async fn after_poll(self: &Arc<Self>, board: &str) -> Result<(), PublishError> {
        let wait = Duration::from_millis(self.config.documents.first_wait_ms);
        let waiting = Waiting::begin(&self.pending);
        let this = self.clone();
        let boards = self.config.boards.iter();
        let sources: BTreeSet<String> = boards
            .filter(|one| one.id == board)
            .flat_map(|board| board.sources.iter().map(|source| source.id.clone()))
            .collect();
        let fetching = self.tasks.spawn(async move {
            let shutdown = this.shutdown.clone();
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = this.fetch_sources(&sources) => {}
            }
        });
        // A time-out is expected here; the fetch goes on in its own task.
        let _ = tokio::time::timeout(wait, fetching).await;
        drop(waiting);
        self.publisher.publish(board).await?;
        self.publish_pending().await;
        Ok(())
    }

    /// Fetches every document that is due and publishes the boards they belong to.
    pub async fn fetch_documents(&self) {
        self.fetch_sources(&self.sources_due().await).await;
        self.publish_pending().await;
    }

    async fn sources_due(&self) -> BTreeSet<String> {
        self.fetcher.sources_due().await.unwrap_or_else(|error| {
            tracing::error!(error = causes(&error), "due documents cannot be read");
            BTreeSet::new()
        })
    }

    /// Fetches the documents of sources that are due, all sources at the same time.
    async fn fetch_sources(&self, sources: &BTreeSet<String>) {
        join_all(sources.iter().map(|source| self.fetch_source(source))).await;
    }

    async fn fetch_source(&self, source: &str) {
        let mut published: Option<Instant> = None;
        loop {
            let report = self.fetcher.run_due(source).await.unwrap_or_else(|error| {
                tracing::error!(
                    source,
                    error = causes(&error),
                    "documents cannot be fetched"
                );
                RunReport::default()
            });
            if report.changed {
                self.pending.add(BTreeSet::from([source.to_owned()]));
            }
            let is_done = report.attempted == 0;
            if is_done || published.is_none_or(|at| at.elapsed() >= DOCUMENTS_EVERY) {
                published = Some(Instant::now());
                self.publish_pending().await;
            }
            if is_done {
                return;
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
                tracing::error!(
                    board,
                    error = causes(&error),
                    "the board cannot be published"
                );
            }
        }
    }

    /// The background task: documents that are due, notices that end, changes by other processes; until shutdown.
    pub async fn run(self: Arc<Self>) {
        let shutdown = self.shutdown.clone();
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = self.run_boards() => {}
            () = self.run_documents() => {}
            () = self.run_preparation(PreparationStage::Text) => {}
            () = self.run_preparation(PreparationStage::Drawing) => {}
            () = self.run_preparation(PreparationStage::Recognition) => {}
        }
        if let Err(error) = self.preparer.release_claims().await {
            tracing::warn!(
                error = causes(&error),
                "documents that were being prepared wait until their claims expire"
            );
        }
    }

    async fn run_boards(&self) {
        loop {
            self.tick().await;
            tokio::time::sleep(TICK).await;
        }
    }

    /// Starts with each source that has documents due and is not being fetched; a slow one delays none of the others.
    async fn run_documents(&self) {
        let mut running = BTreeSet::new();
        let mut fetches = FuturesUnordered::new();
        loop {
            for source in self.sources_due().await {
                if running.insert(source.clone()) {
                    fetches.push(async move {
                        self.fetch_source(&source).await;
                        source
                    });
                }
            }
            self.publish_pending().await;
            let mut tick = std::pin::pin!(tokio::time::sleep(TICK));
            loop {
                tokio::select! {
                    Some(source) = fetches.next() => drop(running.remove(&source)),
                    () = &mut tick => break,
                }
            }
        }
    }

    async fn run_preparation(&self, stage: PreparationStage) {
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
                    tracing::error!(error = causes(&error), "documents cannot be prepared");
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

    /// Prepares every document not prepared yet and publishes the result.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn prepare_documents(&self) -> Result<(), StorageError> {
        for stage in [
            PreparationStage::Text,
            PreparationStage::Drawing,
            // Of the renditions that were made.
            PreparationStage::Text,
            PreparationStage::Recognition,
        ] {
            while let Some(sources) = self.preparer.prepare_next(stage).await? {
                self.pending.add(sources);
            }
            self.publish_pending().await;
        }
        Ok(())
    }

    /// Publishes boards that change with time, and picks up what other processes published.
    pub async fn tick(&self) {
        if let Some(watch) = &self.clock_watch
            && let Err(error) = watch.tick().await
        {
            tracing::error!(error = causes(&error), "the time cannot be stored");
        }
        for outcome in [
            self.publisher.publish_extras().await,
            self.publisher.publish_ended().await,
            self.publisher.notice_others().await,
        ] {
            if let Err(error) = outcome {
                tracing::error!(error = causes(&error), "boards cannot be republished");
            }
        }
        if let Err(error) = self.repair().await {
            tracing::error!(error = causes(&error), "damaged bytes cannot be made again");
        }
    }

    /// Has bytes that were found damaged or missing made again; their alarm stays open until they are intact or no board
    /// names them any more.
    async fn repair(&self) -> Result<(), PublishError> {
        let mut found = self.blobs.take_damaged();
        let repaired = self.repair_found(&mut found).await;
        if repaired.is_err() {
            self.blobs.report_damaged(found);
        }
        repaired
    }

    /// Removes from `found` what needs nothing more.
    async fn repair_found(&self, found: &mut BTreeSet<DocumentHash>) -> Result<(), PublishError> {
        let now = self.clock.now().earliest;
        let mut is_open = false;
        for alarm in self.storage.alarms().await? {
            let Some(hash) = alarm.subject.parse().ok().filter(|_| alarm.kind == DAMAGED) else {
                continue;
            };
            if self.blobs.is_intact(hash).await? || !self.is_named(hash).await? {
                let subject = AlarmSubject::Service(&alarm.subject);
                let cleared = self.storage.clear_alarm(DAMAGED, subject, now);
                cleared.await?;
                tracing::info!(%hash, "damaged bytes were made again or are no longer needed");
            } else {
                // It was made due when the alarm was raised; failed attempts are retried with their own delays.
                found.remove(&hash);
                is_open = true;
            }
        }
        if !found.is_empty() {
            self.storage.requeue_lost_content(found, now).await?;
        }
        let is_due = is_open && self.restore_retry.is_due(now);
        if !found.is_empty() || is_due {
            let is_whole = self.publisher.restore_board_content().await;
            self.restore_retry.done(is_whole, now);
        }
        while let Some(hash) = found.first().copied() {
            let message = "the stored bytes are damaged or missing";
            let subject = hash.to_string();
            let subject = AlarmSubject::Service(&subject);
            let raised = self.storage.raise_alarm(DAMAGED, subject, message, now);
            raised.await?;
            tracing::error!(%hash, "stored bytes are damaged or missing and are made again");
            found.remove(&hash);
        }
        Ok(())
    }

    /// Whether a board's publications name this content.
    async fn is_named(&self, hash: DocumentHash) -> Result<bool, StorageError> {
        for board in &self.config.boards {
            if self.storage.named_content(&board.id, hash).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_published_while_a_poll_waits() {
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
