//! Polls, and the documents that a publication waits for.
//!
//! A changed feed waits briefly for its new documents, so that a notice usually appears complete; then it is published
//! with what has arrived, and completed later.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use tokio::time::Instant;

use super::{JobRunner, Outcome, TICK};
use crate::error::causes;
use crate::ingest::PollReport;
use crate::poll::{PollError, Poller};
use crate::publish::PublishError;
use crate::storage::{JobKind, Storage, StorageError};

impl JobRunner {
    /// The poller of a source.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn poller(&self, source: &str) -> Result<&Poller, PollError> {
        let poller = self.pollers.get(source);
        poller.ok_or_else(|| PollError::UnknownSource(source.to_owned()))
    }

    pub(super) async fn poll(
        self: &Arc<Self>,
        storage: &Arc<dyn Storage>,
        source: &str,
    ) -> Outcome {
        let Some(poller) = self.pollers.get(source) else {
            return Ok(None);
        };
        let polled = poller.poll(&**storage).await?;
        if polled.report.is_ok()
            && let Err(error) = self.after_poll(storage, &poller.board).await
        {
            let (board, error) = (&poller.board, causes(&error));
            tracing::error!(board, error, "the board cannot be published");
            // The publisher of the feed is not asked again for that.
            let now = self.clock.now().earliest;
            self.schedule_publications([source], now).await?;
        }
        Ok(Some(polled.next))
    }

    /// Polls a source now, whether it is due or not, and publishes what changed; a poll that is being done ends first.
    ///
    /// # Errors
    ///
    /// When there is no such source, its feed cannot be fetched, storage fails, or the service stops; an implausible feed is
    /// held and is no error.
    pub async fn poll_now(self: &Arc<Self>, source: &str) -> Result<PollReport, PollError> {
        let poller = self.poller(source)?;
        let kind = JobKind::Poll;
        let next = self.clock.now().earliest + poller.interval();
        let job = self.new_job(kind, source, &poller.board, next);
        self.storage.schedule(&[job]).await?;
        while !self.shutdown.is_cancelled() {
            let time = self.lease_time(kind);
            if let Some(job) = self.storage.lease_job(kind, source, time).await? {
                let storage = self.storage_of(&job);
                if let Some((polled, job)) = self.hold(&job, poller.poll(&*storage)).await {
                    let outcome = polled.as_ref().map(|polled| Some(polled.next));
                    let outcome = outcome.map_err(|error| (causes(error), self.retry_delay(&job)));
                    self.settle(&job, outcome).await;
                    let report = polled?.report?;
                    self.after_poll(&storage, &poller.board).await?;
                    return Ok(report);
                }
            }
            tokio::time::sleep(TICK).await;
        }
        Err(StorageError::Conflict.into())
    }

    /// Fetches the documents of a poll and publishes the board, at the latest after `documents.first_wait_ms`.
    async fn after_poll(
        self: &Arc<Self>,
        storage: &Arc<dyn Storage>,
        board: &str,
    ) -> Result<(), PublishError> {
        let wait = Duration::from_millis(self.config.documents.first_wait_ms);
        let its = self.config.board(board);
        let sources = its.into_iter().flat_map(|board| &board.sources);
        // In tasks of their own, so that what is leased goes on after the wait.
        let fetches = sources.map(|source| {
            let fetch = self
                .clone()
                .fetch_all(storage.clone(), source.id.clone(), wait);
            self.tasks.spawn(fetch)
        });
        let _ = tokio::time::timeout(wait, join_all(fetches)).await;
        self.publisher.publish(&**storage, board).await?;
        Ok(())
    }

    /// Fetches documents of a source until none is due, or the wait is over: then its ordinary job goes on with them.
    async fn fetch_all(self: Arc<Self>, storage: Arc<dyn Storage>, source: String, wait: Duration) {
        if let Err(error) = self.try_fetch_all(&*storage, &source, wait).await {
            let error = causes(&error);
            tracing::error!(source, error, "due documents cannot be read");
        }
    }

    async fn try_fetch_all(
        &self,
        storage: &dyn Storage,
        source: &str,
        wait: Duration,
    ) -> Result<(), StorageError> {
        let until = Instant::now() + wait;
        let publish_from =
            self.clock.now().earliest + TimeDelta::from_std(wait).unwrap_or_default();
        while Instant::now() < until
            && !self.shutdown.is_cancelled()
            && self.fetcher.has_due(storage, source).await?
        {
            let time = self.lease_time(JobKind::Fetch);
            let leased = self.storage.lease_job(JobKind::Fetch, source, time).await?;
            let Some(job) = leased else {
                // Another process or task is at it.
                tokio::time::sleep(TICK).await;
                continue;
            };
            let its = self.storage_of(&job);
            let fetch = self.fetch(&*its, source, publish_from);
            let next = self.perform(&job, fetch).await;
            if next.is_none_or(|next| next > self.clock.now().earliest) {
                break;
            }
        }
        Ok(())
    }

    /// Fetches a batch of the documents of a source that are due. Once none is, the board is published, not before
    /// `publish_from`.
    pub(super) async fn fetch(
        &self,
        storage: &dyn Storage,
        source: &str,
        publish_from: DateTime<Utc>,
    ) -> Outcome {
        let report = self.fetcher.run_due(storage, source).await?;
        if report.changed {
            let run_at = publish_from.max(self.clock.now().earliest);
            self.schedule_publications([source], run_at).await?;
        }
        Ok(report.next)
    }
}
