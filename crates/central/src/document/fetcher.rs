//! Fetches documents that are due: new ones first, known ones daily, failed ones with backoff.
//!
//! The load on a publisher is limited: few requests at a time per host, a pause after each, and a missing document is retried after a day.
//! A document that cannot be fetched stays listed without content and with the reason; content once fetched is kept.
//!
//! A known document is asked for by its `ETag` alone. `Last-Modified` counts seconds and is often the time of a file
//! that was copied: another file may have the same.
//!
//! A file without its end is fetched once more: the same bytes twice are what the publisher offers, and are taken.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt as _;
use reqwest::StatusCode;
use tokio::io::AsyncReadExt as _;
use tokio::sync::Notify;
use url::Url;
use vyveska_board::{Clock, DocumentHash, MissingReason};
use vyveska_wire::manifest::ContentHash;

use super::blobs::{Blobs, Incoming};
use super::media_type::{self, HEAD_BYTES, Kind, TAIL_BYTES};
use crate::config::DocumentsConfig;
use crate::entropy::Entropy;
use crate::error::causes;
use crate::source::backoff;
use crate::source::host_limits::HostLimits;
use crate::source::http::{self, FetchError, HttpReply, SourceClient, Validators, scheme_and_host};
use crate::storage::{DocumentResult, DocumentTask, HeldContent, Storage, StorageError};

/// The most documents of one run, so that new ones do not wait for a recheck of all known ones.
const MAX_BATCH: u32 = 32;
/// Concurrent requests over all hosts.
const MAX_CONCURRENT: usize = 8;
const RETRY_BASE: Duration = Duration::from_secs(60);
const RETRY_CAP: Duration = Duration::from_secs(6 * 3600);
/// The delay after a permanent failure, such as status 404.
const PERMANENT_RETRY: Duration = Duration::from_secs(24 * 3600);
const ACCEPT: &str = "application/pdf, */*;q=0.8";

/// How the documents of one source are fetched.
#[derive(Clone)]
pub struct SourceAccess {
    pub client: SourceClient,
    /// The folder documents may be read from, when the feed itself is a local file.
    pub folder: Option<PathBuf>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunReport {
    /// How many documents were requested.
    pub attempted: usize,
    /// The sources of documents whose bytes changed or may have changed, or that are missing for another reason.
    pub changed: BTreeSet<String>,
}

pub struct DocumentFetcher {
    storage: Arc<dyn Storage>,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    config: DocumentsConfig,
    sources: HashMap<String, SourceAccess>,
    hosts: HostLimits,
    in_flight: InFlight,
}

impl DocumentFetcher {
    /// `sources` is by source id.
    pub fn new(
        storage: Arc<dyn Storage>,
        blobs: Blobs,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        config: DocumentsConfig,
        sources: HashMap<String, SourceAccess>,
    ) -> Self {
        Self {
            storage,
            blobs,
            clock,
            entropy,
            hosts: HostLimits::new(config.per_host, Duration::from_millis(config.pause_ms)),
            config,
            sources,
            in_flight: InFlight::default(),
        }
    }

    /// Fetches a batch of the documents that are due; call again while the result names any.
    ///
    /// # Errors
    ///
    /// When storage fails; a document that cannot be fetched is no error.
    pub async fn run_due(&self) -> Result<RunReport, StorageError> {
        let now = self.clock.now().earliest;
        // The longest pause between two attempts.
        let longest = TimeDelta::from_std(RETRY_CAP.max(PERMANENT_RETRY))
            .unwrap_or(TimeDelta::days(1))
            .max(self.recheck());
        let due = self.storage.due(now, now + longest, MAX_BATCH).await?;
        let outcomes: Vec<Result<Attempt, StorageError>> = futures_util::stream::iter(due)
            .map(|task| self.attempt(task))
            .buffer_unordered(MAX_CONCURRENT)
            .collect()
            .await;
        let mut report = RunReport::default();
        for outcome in outcomes {
            report.attempted += 1;
            report.changed.extend(outcome?.changed);
        }
        Ok(report)
    }

    /// Fetches one document and stores the result.
    ///
    /// When another run fetches it already, waits for that one, so that a caller that waits for documents gets all of them.
    async fn attempt(&self, task: DocumentTask) -> Result<Attempt, StorageError> {
        let Some(_claim) = self.in_flight.claim(&task) else {
            self.in_flight.finished(&task).await;
            return Ok(Attempt {
                changed: Some(task.source),
            });
        };
        let fetched = self.fetch(&task).await;
        let now = self.clock.now().earliest;
        let (result, next) = match fetched {
            Ok(result) => (result, now + self.recheck()),
            Err(error) => {
                let delay = self.retry_delay(&task, &error);
                tracing::warn!(source = task.source, host = scheme_and_host(&task.url), %error, "a document cannot be fetched");
                let result = DocumentResult::Failed {
                    error: error.to_string(),
                    reason: missing_reason(&error),
                };
                (result, later(now, delay))
            }
        };
        let changed = match &result {
            DocumentResult::Content { content, .. } => {
                task.held.as_ref().map(|held| held.hash) != Some(content.hash)
            }
            DocumentResult::Failed { reason, .. } => {
                task.held.is_none() && task.missing != Some(*reason)
            }
            DocumentResult::NotModified => false,
        };
        self.storage.record(&task, &result, now, next).await?;
        Ok(Attempt {
            changed: changed.then(|| task.source.clone()),
        })
    }

    fn recheck(&self) -> TimeDelta {
        TimeDelta::hours(i64::from(self.config.recheck_hours))
    }

    fn retry_delay(&self, task: &DocumentTask, error: &FetchError) -> Duration {
        let failures = task.failures.saturating_add(1);
        let delay = backoff::delay(failures, RETRY_BASE, RETRY_CAP, self.entropy.unit());
        let requested = error.retry_after().unwrap_or_default().min(RETRY_CAP);
        let permanent = if error.is_permanent() {
            PERMANENT_RETRY
        } else {
            Duration::ZERO
        };
        delay.max(requested).max(permanent)
    }

    /// Fetches a document, once more where it ended early.
    async fn fetch(&self, task: &DocumentTask) -> Result<DocumentResult, FetchError> {
        let held = task.held.as_ref().map(|held| held.hash.0);
        match self.fetch_once(task, held).await {
            Err(FetchError::Truncated(hash)) => self.fetch_once(task, Some(hash)).await,
            Err(FetchError::CutOff(_)) => self.fetch_once(task, held).await,
            other => other,
        }
    }

    /// `seen` are bytes that are taken although they lack their end.
    async fn fetch_once(
        &self,
        task: &DocumentTask,
        seen: Option<DocumentHash>,
    ) -> Result<DocumentResult, FetchError> {
        let Some(access) = self.sources.get(&task.source) else {
            return Err(FetchError::Address(
                "a document of an unknown source".to_owned(),
            ));
        };
        match task.url.scheme() {
            "http" | "https" => self.fetch_http(access, task, seen).await,
            "file" => match &access.folder {
                Some(folder) => self.read_file(folder, task, seen).await,
                None => Err(FetchError::Address(scheme_and_host(&task.url))),
            },
            _ => Err(FetchError::Address(scheme_and_host(&task.url))),
        }
    }

    async fn fetch_http(
        &self,
        access: &SourceAccess,
        task: &DocumentTask,
        seen: Option<DocumentHash>,
    ) -> Result<DocumentResult, FetchError> {
        let validators = self.validators(task).await?;
        let timeout = Duration::from_secs(self.config.timeout_seconds);
        let reply = http::conditional_get(
            &access.client,
            &task.url,
            ACCEPT,
            &validators,
            timeout,
            Some(&self.hosts),
        )
        .await?;
        let HttpReply::Found(response, _place) = reply else {
            return Ok(DocumentResult::NotModified);
        };
        let etag = http::validators(&response).etag;
        let claims_html = http::claims_html(&response);
        let path = response.url().path().to_owned();
        let receiving = tokio::sync::Mutex::new(self.receive().await?);
        let read = http::read_body(*response, self.config.max_bytes(), |chunk| async {
            receiving.lock().await.write(chunk).await
        })
        .await;
        let receiving = receiving.into_inner();
        let content = receiving.finish(read, claims_html, &path, seen).await?;
        Ok(DocumentResult::Content { content, etag })
    }

    /// The validators of the stored copy; none when the copy is damaged or missing.
    async fn validators(&self, task: &DocumentTask) -> Result<Validators, FetchError> {
        let Some(held) = &task.held else {
            return Ok(Validators::default());
        };
        let is_stored = self
            .blobs
            .recheck(held.hash.0, held.size_bytes)
            .await
            .map_err(store_error)?;
        Ok(if is_stored {
            Validators {
                etag: task.etag.clone(),
                last_modified: None,
            }
        } else {
            Validators::default()
        })
    }

    /// Reads a document beside a feed that is a local file. Links are resolved first: nothing outside the feed's folder is read.
    async fn read_file(
        &self,
        folder: &Path,
        task: &DocumentTask,
        seen: Option<DocumentHash>,
    ) -> Result<DocumentResult, FetchError> {
        let outside = || FetchError::Address(scheme_and_host(&task.url));
        let path = task.url.to_file_path().map_err(|()| outside())?;
        let path = tokio::fs::canonicalize(path).await?;
        let folder = tokio::fs::canonicalize(folder).await?;
        if !path.starts_with(&folder) {
            return Err(outside());
        }
        let mut file = tokio::fs::File::open(path)
            .await?
            .take(self.config.max_bytes() + 1);
        let mut receiving = self.receive().await?;
        let mut buffer = vec![0; HEAD_BYTES];
        let read = loop {
            match file.read(&mut buffer).await {
                Ok(0) => break Ok(()),
                Ok(length) => {
                    let chunk = bytes::Bytes::copy_from_slice(&buffer[..length]);
                    if let Err(error) = receiving.write(chunk).await {
                        break Err(error);
                    }
                    if receiving.received > self.config.max_bytes() {
                        break Err(FetchError::TooLarge {
                            limit_bytes: self.config.max_bytes(),
                        });
                    }
                }
                Err(error) => break Err(error.into()),
            }
        };
        let path = task.url.path();
        let content = receiving.finish(read, false, path, seen).await?;
        Ok(DocumentResult::Content {
            content,
            etag: None,
        })
    }

    async fn receive(&self) -> Result<Receiving, FetchError> {
        let name = self.entropy.hex(16);
        Ok(Receiving {
            incoming: self.blobs.receive(&name).await.map_err(store_error)?,
            head: Vec::new(),
            tail: Vec::new(),
            received: 0,
        })
    }
}

struct Attempt {
    /// The source of the document, when its bytes, or the reason why it is missing, changed or may have changed.
    changed: Option<String>,
}

/// What passers-by are told of an attempt that failed.
fn missing_reason(error: &FetchError) -> MissingReason {
    match error {
        FetchError::Status { status, .. } => match *status {
            StatusCode::NOT_FOUND | StatusCode::GONE => MissingReason::NotFound,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => MissingReason::AccessDenied,
            _ => MissingReason::Unavailable,
        },
        FetchError::LogIn => MissingReason::AccessDenied,
        FetchError::Html { .. } => MissingReason::WebPage,
        FetchError::Empty => MissingReason::Empty,
        FetchError::CutOff(_) | FetchError::Truncated(_) => MissingReason::Incomplete,
        FetchError::TooLarge { .. } => MissingReason::TooLarge,
        FetchError::TooManyRedirects => MissingReason::RedirectLoop,
        FetchError::NotPublic(_) | FetchError::Address(_) => MissingReason::NotPublic,
        FetchError::File(error) if error.kind() == io::ErrorKind::NotFound => {
            MissingReason::NotFound
        }
        FetchError::File(_)
        | FetchError::Downgrade(_)
        | FetchError::Encoding(_)
        | FetchError::Store(_)
        | FetchError::Transport(_) => MissingReason::Unavailable,
    }
}

fn later(now: DateTime<Utc>, delay: Duration) -> DateTime<Utc> {
    now + TimeDelta::from_std(delay).unwrap_or(TimeDelta::days(1))
}

fn store_error(error: super::BlobError) -> FetchError {
    FetchError::Store(causes(&error))
}

/// A document being received, with its first and last bytes for detection.
struct Receiving {
    incoming: Incoming,
    head: Vec<u8>,
    tail: Vec<u8>,
    received: u64,
}

impl Receiving {
    async fn write(&mut self, chunk: bytes::Bytes) -> Result<(), FetchError> {
        let room = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&chunk[..chunk.len().min(room)]);
        let last = &chunk[chunk.len().saturating_sub(TAIL_BYTES)..];
        let surplus = (self.tail.len() + last.len()).saturating_sub(TAIL_BYTES);
        self.tail.drain(..surplus);
        self.tail.extend_from_slice(last);
        self.received += chunk.len() as u64;
        self.incoming.write(chunk).await.map_err(store_error)
    }

    /// `path` is that of the address that answered; `seen` are bytes that are taken although they lack their end.
    async fn finish(
        self,
        read: Result<(), FetchError>,
        claims_html: bool,
        path: &str,
        seen: Option<DocumentHash>,
    ) -> Result<HeldContent, FetchError> {
        let kind = read.and_then(|()| self.judge(claims_html, path, seen));
        let media_type = match kind {
            Ok(media_type) => media_type,
            Err(error) => {
                self.incoming.abandon().await;
                return Err(error);
            }
        };
        let (hash, size_bytes) = self.incoming.finish().await.map_err(store_error)?;
        Ok(HeldContent {
            hash: ContentHash(hash),
            size_bytes,
            media_type: Some(media_type.to_owned()),
        })
    }

    /// The media type of what was received, when it is a document.
    fn judge(
        &self,
        claims_html: bool,
        path: &str,
        seen: Option<DocumentHash>,
    ) -> Result<&'static str, FetchError> {
        if self.received == 0 {
            return Err(FetchError::Empty);
        }
        match media_type::detect(&self.head, claims_html) {
            Kind::Html if media_type::asks_for_login(&self.head, path) => Err(FetchError::LogIn),
            Kind::Html => Err(FetchError::Html {
                expected: "a document",
            }),
            Kind::Document(media_type) if media_type::is_cut_off(media_type, &self.tail) => {
                let hash = self.incoming.hash();
                (seen == Some(hash))
                    .then_some(media_type)
                    .ok_or(FetchError::Truncated(hash))
            }
            Kind::Document(media_type) => Ok(media_type),
        }
    }
}

/// The documents being fetched, so that two runs do not fetch the same one.
#[derive(Default)]
struct InFlight {
    keys: Mutex<HashSet<(String, Url)>>,
    released: Notify,
}

/// An exclusive claim on one document, released on drop.
struct Claim<'a> {
    in_flight: &'a InFlight,
    key: (String, Url),
}

impl InFlight {
    fn keys(&self) -> MutexGuard<'_, HashSet<(String, Url)>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn claim(&self, task: &DocumentTask) -> Option<Claim<'_>> {
        let key = (task.source.clone(), task.url.clone());
        let free = self.keys().insert(key.clone());
        // `then`, not `then_some`: a `Claim` made for a refused claim would release the first one on drop.
        free.then(|| Claim {
            in_flight: self,
            key,
        })
    }

    /// Waits until this document is no longer being fetched.
    async fn finished(&self, task: &DocumentTask) {
        let key = (task.source.clone(), task.url.clone());
        loop {
            let released = self.released.notified();
            if !self.keys().contains(&key) {
                return;
            }
            released.await;
        }
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.in_flight.keys().remove(&self.key);
        self.in_flight.released.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn task() -> DocumentTask {
        DocumentTask {
            source: "lipnice".to_owned(),
            url: "https://lipnice.example/a.pdf".parse().unwrap(),
            held: None,
            missing: None,
            etag: None,
            failures: 0,
        }
    }

    #[test]
    fn a_document_is_claimed_once_until_the_claim_is_released() {
        let in_flight = InFlight::default();
        let first = in_flight.claim(&task());
        assert!(first.is_some());
        assert!(in_flight.claim(&task()).is_none());
        // A refused claim must not release the first one.
        assert!(in_flight.claim(&task()).is_none());
        drop(first);
        assert!(in_flight.claim(&task()).is_some());
    }

    #[test]
    fn a_second_run_waits_until_a_claimed_document_is_fetched() {
        let in_flight = InFlight::default();
        let task = task();
        let claim = in_flight.claim(&task);
        let mut waiting = std::pin::pin!(in_flight.finished(&task));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(claim);
        assert!(waiting.now_or_never().is_some());
    }
}
