//! The poller of one source: fetches the feed and ingests it, with the storage of whoever has it polled.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::Clock;
use vyveska_board::ofn::FeedBoard;

use crate::alarm;
use crate::config::SourceConfig;
use crate::document::BlobError;
use crate::document::blobs::Blobs;
use crate::entropy::Entropy;
use crate::error::causes;
use crate::fetch::backoff;
use crate::fetch::http::{FetchError, Validators};
use crate::ingest::{Ingest, Origin, PollReport};
use crate::publish::PublishError;
use crate::source::{Source, SourceReply};
use crate::storage::{AlarmSubject, FetchState, HeldChange, Storage, StorageError};

/// The longest delay between polls after failures.
const RETRY_CAP: Duration = Duration::from_secs(3600);
const RETRY_BASE: Duration = Duration::from_secs(30);
/// A longer `Retry-After` is cut to this.
const RETRY_AFTER_CAP: Duration = Duration::from_secs(6 * 3600);
/// The kind of the alarm that a source cannot be polled.
pub(crate) const UNREACHABLE: &str = "unreachable";
/// How many polls fail in a row before that alarm: one that fails is often followed by one that does not.
const TOLERATED_FAILURES: u32 = 2;

#[derive(Debug, thiserror::Error)]
pub enum PollError {
    #[error("the configuration names no source {0:?}")]
    UnknownSource(String),
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The held feed cannot be read, so there is nothing to accept.
    #[error(
        "there is nothing to accept in a feed that cannot be read ({0}): its publisher has to mend it"
    )]
    NothingToAccept(String),
    /// The bytes of the held feed are damaged or gone, as after a restored backup.
    #[error(
        "the feed that is held under the number {0} is damaged or missing: its source brings it again with its next poll, after which `held` lists what is held then"
    )]
    HeldFeedLost(i64),
    /// No hold has this number.
    #[error("nothing is held under the number {0}: `held` lists what is")]
    NotHeld(i64),
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error(transparent)]
    Publish(#[from] PublishError),
}

pub struct Poller {
    pub source: SourceConfig,
    /// The id of the board the source belongs to.
    pub board: String,
    /// Asks the publisher, and reads what it publishes.
    pub feed: Arc<dyn Source>,
    /// Stores the feed as received.
    pub blobs: Blobs,
    pub ingest: Arc<Ingest>,
    pub clock: Arc<dyn Clock>,
    /// Jitter for the delay after failures.
    pub entropy: Arc<dyn Entropy>,
}

/// What came of a poll.
#[derive(Debug)]
pub struct Polled {
    /// What it changed, or why it could not be done.
    pub report: Result<PollReport, PollError>,
    /// When the next one is due.
    pub next: DateTime<Utc>,
}

impl Poller {
    /// Polls now.
    ///
    /// # Errors
    ///
    /// When the result cannot be stored. A feed that cannot be fetched is in the report, and an implausible one is held.
    pub async fn poll(&self, storage: &dyn Storage) -> Result<Polled, StorageError> {
        let state = storage.fetch_state(&self.source.id).await?;
        let report = self.poll_once(storage, &state).await;
        self.log(&report);
        let next = match &report {
            Ok(_) => self.clock.now().earliest + self.interval(),
            Err(error) => self.record_failure(storage, state, error).await?,
        };
        Ok(Polled { report, next })
    }

    /// The time between polls.
    pub fn interval(&self) -> TimeDelta {
        later(self.source.poll_interval())
    }

    /// The longest time until a next poll.
    pub fn longest_delay(&self) -> TimeDelta {
        self.interval().max(later(RETRY_AFTER_CAP))
    }

    async fn poll_once(
        &self,
        storage: &dyn Storage,
        state: &FetchState,
    ) -> Result<PollReport, PollError> {
        // A "not modified" answer is of use only while the previous bytes are still stored.
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
        let (bytes, validators) = match (self.feed.fetch(&validators).await?, kept) {
            (SourceReply::Snapshot { bytes, validators }, _) => (bytes, validators),
            // An unchanged feed counts as a poll: a withdrawal needs two agreeing polls, a large drop three.
            (SourceReply::NotModified, Some(kept)) => (kept, validators),
            (SourceReply::NotModified, None) => {
                return Err(FetchError::Store("the stored feed is missing".to_owned()).into());
            }
        };
        let snapshot = self.blobs.put_feed(&bytes).await?;
        let origin = Origin {
            source: &self.source.id,
            snapshot,
        };
        let board = self.read(bytes).await;
        let report = self.ingest.take(storage, origin, board).await?;
        let now = self.clock.now().earliest;
        let fetch_state = FetchState {
            polled_at: Some(now),
            failures: 0,
            last_error: None,
            etag: validators.etag,
            last_modified: validators.last_modified,
            snapshot: Some(snapshot),
        };
        storage
            .set_fetch_state(&self.source.id, &fetch_state)
            .await?;
        let subject = AlarmSubject::Source(&self.source.id);
        alarm::note(storage, UNREACHABLE, subject, None, now).await?;
        Ok(report)
    }

    /// Reads the board of a snapshot; the error explains to a person why there is none.
    async fn read(&self, snapshot: Vec<u8>) -> Result<FeedBoard, String> {
        let feed = self.feed.clone();
        // Reading a large feed would block the runtime.
        let read = tokio::task::spawn_blocking(move || feed.read(&snapshot)).await;
        read.unwrap_or_else(|_| Err("the reader failed".to_owned()))
    }

    /// Accepts a hold of this source on behalf of `who`.
    ///
    /// # Errors
    ///
    /// When the held feed is gone or cannot be read, or storage fails.
    pub async fn accept(
        &self,
        storage: &dyn Storage,
        held: &HeldChange,
        who: &str,
    ) -> Result<PollReport, PollError> {
        let snapshot = self
            .blobs
            .feed(held.snapshot)
            .await
            .map_err(|error| match error {
                BlobError::Damaged(_) => PollError::HeldFeedLost(held.id),
                error => error.into(),
            })?;
        let board = self.read(snapshot).await;
        let board = board.map_err(PollError::NothingToAccept)?;
        Ok(self.ingest.accept(storage, held, &board, who).await?)
    }

    /// Stores why a poll failed; when the next one is due.
    async fn record_failure(
        &self,
        storage: &dyn Storage,
        state: FetchState,
        error: &PollError,
    ) -> Result<DateTime<Utc>, StorageError> {
        let failures = state.failures.saturating_add(1);
        let requested = match error {
            PollError::Fetch(error) => error.retry_after().unwrap_or_default(),
            _ => Duration::ZERO,
        };
        let interval = self.source.poll_interval();
        let base = RETRY_BASE.min(interval);
        let cap = RETRY_CAP.max(interval);
        let delay = backoff::delay(failures, base, cap, self.entropy.unit())
            .max(requested.min(RETRY_AFTER_CAP));
        let now = self.clock.now().earliest;
        let state = FetchState {
            failures,
            last_error: Some(error.to_string()),
            ..state
        };
        let source = &self.source.id;
        storage.set_fetch_state(source, &state).await?;
        if failures > TOLERATED_FAILURES {
            let reason = format!("it cannot be polled: {}", causes(error));
            let subject = AlarmSubject::Source(source);
            alarm::note(storage, UNREACHABLE, subject, Some(&reason), now).await?;
        }
        Ok(now + later(delay))
    }

    fn log(&self, report: &Result<PollReport, PollError>) {
        let source = self.source.id.as_str();
        match report {
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
            Err(error) => tracing::error!(
                source,
                error = causes(error),
                "a poll could not be taken in"
            ),
        }
    }
}

/// A delay as the calendar counts it.
fn later(delay: Duration) -> TimeDelta {
    TimeDelta::from_std(delay).unwrap_or(TimeDelta::days(1))
}
