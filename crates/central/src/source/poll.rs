//! One source's poller: ask, take in, fetch the new documents, publish.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Client;
use tokio_util::sync::CancellationToken;
use vyveska_board::Clock;

use super::backoff;
use super::feed::{self, FeedAnswer, FeedBounds};
use super::http::{FetchError, Validators};
use crate::config::SourceConfig;
use crate::document::BlobError;
use crate::document::blobs::Blobs;
use crate::entropy::Entropy;
use crate::ingest::{Ingest, IngestError, PollReport};
use crate::pipeline::Pipeline;
use crate::publish::PublishError;
use crate::storage::{FetchState, Storage, StorageError};

/// How often the poller looks at the clock.
const TICK: Duration = Duration::from_millis(500);
/// After failures a source is asked at least this often.
const RETRY_CAP: Duration = Duration::from_secs(3600);
const RETRY_BASE: Duration = Duration::from_secs(30);
/// A publisher may ask to be left alone for this long at most.
const RETRY_AFTER_CAP: Duration = Duration::from_secs(6 * 3600);

/// Why a poll brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum PollError {
    /// There is no such source.
    #[error("the configuration names no source {0:?}")]
    UnknownSource(String),
    /// The publisher could not be asked.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// What came could not be taken in.
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The feed could not be kept.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// What was taken in could not be published.
    #[error(transparent)]
    Publish(#[from] PublishError),
}

/// Polls one source.
pub struct Poller {
    /// The source.
    pub source: SourceConfig,
    /// Its board.
    pub board: String,
    /// Asks the publisher.
    pub client: Client,
    /// Within these bounds.
    pub bounds: FeedBounds,
    /// Remembers how it went.
    pub storage: Arc<dyn Storage>,
    /// Keeps the feed.
    pub blobs: Blobs,
    /// Takes it in.
    pub ingest: Arc<Ingest>,
    /// Fetches its documents and publishes.
    pub pipeline: Arc<Pipeline>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance, for the delay after failures.
    pub entropy: Arc<dyn Entropy>,
    /// One poll at a time.
    pub turn: tokio::sync::Mutex<()>,
    /// When the next poll is due.
    pub next: Mutex<Option<DateTime<Utc>>>,
}

impl Poller {
    /// Polls whenever it is due, until told to stop.
    pub async fn run(self: Arc<Self>, shutdown: CancellationToken) {
        if let Err(error) = self.remember_next().await {
            tracing::error!(source = self.source.id, %error, "cannot read when the source is due");
        }
        loop {
            if self.is_due() {
                // A poll that is cut off at shutdown has written all or nothing.
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    result = self.poll() => self.log(result),
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Polls now, whether it is due or not, and publishes what changed.
    ///
    /// # Errors
    ///
    /// When the publisher cannot be asked or storage fails; a feed that is not believable is no error.
    pub async fn poll(&self) -> Result<PollReport, PollError> {
        let _turn = self.turn.lock().await;
        let state = self.storage.fetch_state(&self.source.id).await?;
        match self.poll_once(&state).await {
            Ok(report) => {
                self.pipeline.after_poll(&self.board).await?;
                Ok(report)
            }
            Err(error) => {
                self.remember_failure(state, &error).await?;
                Err(error)
            }
        }
    }

    async fn poll_once(&self, state: &FetchState) -> Result<PollReport, PollError> {
        // Without the bytes of last time, "not modified" would be of no use.
        let kept = match state.snapshot {
            Some(snapshot) => self.blobs.feed(snapshot).await.ok(),
            None => None,
        };
        let validators = match kept {
            Some(_) => Validators {
                etag: state.etag.clone(),
                last_modified: state.last_modified.clone(),
            },
            None => Validators::default(),
        };
        let answer = feed::fetch(&self.client, &self.source.url, &validators, self.bounds).await?;
        let (bytes, validators) = match (answer, kept) {
            (FeedAnswer::Body { bytes, validators }, _) => (bytes, validators),
            // An unchanged feed is a poll too: two polls agree on a withdrawal, three on a drop.
            (FeedAnswer::NotModified, Some(kept)) => (kept, validators),
            (FeedAnswer::NotModified, None) => {
                return Err(FetchError::Store("the feed of last time is gone".to_owned()).into());
            }
        };
        let snapshot = self.blobs.put_feed(&bytes).await?;
        let report = self.ingest.take(&self.source, bytes, snapshot).await?;
        let now = self.clock.now().earliest;
        let interval =
            TimeDelta::from_std(self.source.poll_interval()).unwrap_or(TimeDelta::days(1));
        let next = now + interval;
        let fetch_state = FetchState {
            next_poll_at: Some(next),
            polled_at: Some(now),
            failures: 0,
            last_error: None,
            etag: validators.etag,
            last_modified: validators.last_modified,
            snapshot: Some(snapshot),
        };
        self.storage
            .set_fetch_state(&self.source.id, &fetch_state)
            .await?;
        self.set_next(next);
        if let Some(old) = state.snapshot.filter(|old| *old != snapshot) {
            self.forget(old).await?;
        }
        Ok(report)
    }

    async fn remember_failure(
        &self,
        state: FetchState,
        error: &PollError,
    ) -> Result<(), StorageError> {
        let failures = state.failures.saturating_add(1);
        let wanted = match error {
            PollError::Fetch(error) => error.retry_after().unwrap_or_default(),
            _ => Duration::ZERO,
        };
        let interval = self.source.poll_interval();
        let base = RETRY_BASE.min(interval);
        let cap = RETRY_CAP.max(interval);
        let delay = backoff::delay(failures, base, cap, self.entropy.unit())
            .max(wanted.min(RETRY_AFTER_CAP));
        let now = self.clock.now().earliest;
        let next = now + TimeDelta::from_std(delay).unwrap_or(TimeDelta::hours(1));
        self.set_next(next);
        let state = FetchState {
            next_poll_at: Some(next),
            failures,
            last_error: Some(error.to_string()),
            ..state
        };
        self.storage.set_fetch_state(&self.source.id, &state).await
    }

    /// Forgets a feed unless it is the one that is held.
    async fn forget(&self, old: vyveska_board::DocumentHash) -> Result<(), PollError> {
        let held = self.storage.held().await?;
        let others = self.pipeline.snapshots_besides(&self.source.id).await?;
        if !held.iter().any(|one| one.snapshot == old) && !others.contains(&old) {
            self.blobs.forget_feed(old).await?;
        }
        Ok(())
    }

    async fn remember_next(&self) -> Result<(), StorageError> {
        let state = self.storage.fetch_state(&self.source.id).await?;
        let soonest = self.clock.now().earliest
            + TimeDelta::from_std(self.source.poll_interval()).unwrap_or(TimeDelta::days(1));
        if let Some(next) = state.next_poll_at {
            self.set_next(next.min(soonest));
        }
        Ok(())
    }

    fn set_next(&self, next: DateTime<Utc>) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Some(next);
    }

    fn is_due(&self) -> bool {
        let next = *self.next.lock().unwrap_or_else(PoisonError::into_inner);
        next.is_none_or(|next| self.clock.now().earliest >= next)
    }

    fn log(&self, result: Result<PollReport, PollError>) {
        let source = self.source.id.as_str();
        match result {
            Ok(report) => {
                if let Some((reason, message)) = &report.held {
                    let reason = reason.as_str();
                    tracing::warn!(source, reason, message, "a change of the feed is held");
                }
                tracing::info!(
                    source,
                    added = report.added,
                    revised = report.revised,
                    withdrawn = report.withdrawn,
                    warnings = report.warnings,
                    "polled"
                );
            }
            Err(PollError::Fetch(error)) => {
                tracing::warn!(source, %error, "the source cannot be polled; the board stays as it is");
            }
            Err(error) => tracing::error!(source, %error, "a poll could not be taken in"),
        }
    }
}
