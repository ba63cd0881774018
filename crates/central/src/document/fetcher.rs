//! Fetches documents that are due: new ones first, known ones daily, failed ones with backoff.
//!
//! Each source has its own queue and a daily budget, so that no publisher delays the documents of another.
//! The load on a publisher is limited: few requests at a time per host, a pause after each, and a missing document is retried after a day.
//! Of these requests a town has a share, so that where two have their documents at one host, none waits for the other.
//! A document that cannot be fetched stays listed without content and with the reason; content once fetched is kept.
//!
//! Documents wait while the disk is short, so that notices and alerts have room.
//!
//! A known document is asked for by its `ETag` alone. `Last-Modified` counts seconds and is often the time of a file
//! that was copied: another file may have the same.
//!
//! A file without its end is fetched once more: the same bytes twice are what the publisher offers, and are taken.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt as _, future};
use reqwest::StatusCode;
use tokio::io::AsyncReadExt as _;
use tokio::sync::Mutex;
use vyveska_board::{Clock, DocumentHash, MissingReason, PRAGUE};
use vyveska_wire::manifest::ContentHash;

use super::blobs::{Blobs, Incoming};
use super::media_type::{self, HEAD_BYTES, Kind, TAIL_BYTES};
use crate::config::DocumentsConfig;
use crate::entropy::Entropy;
use crate::error::causes;
use crate::fetch::backoff;
use crate::fetch::budget::{Exceeded, Limit, SourceBudget};
use crate::fetch::host_limits::HostLimits;
use crate::fetch::http::{
    self, FetchError, HttpReply, RequestLimits, SourceClient, Validators, scheme_and_host,
};
use crate::storage::{
    AlarmSubject, DocumentResult, DocumentTask, HeldContent, Storage, StorageError,
};

/// The most documents of one run, so that new ones do not wait for a recheck of all known ones.
const MAX_BATCH: u32 = 8;
/// The shortest interval between publications of documents while more of them arrive.
const PUBLISH_EVERY: Duration = Duration::from_secs(5);
/// Concurrent requests over all hosts.
const MAX_CONCURRENT: usize = 64;
/// How long documents wait before it is looked again whether the disk takes them.
const DISK_AGAIN: TimeDelta = TimeDelta::minutes(1);
/// How long a source waits whose hosts have many that wait already.
const CROWDED_AGAIN: TimeDelta = TimeDelta::seconds(10);
/// The kind of the alarm that a source has used up its budget of a day; its subject is the source.
pub(crate) const BUDGET: &str = "budget";
/// The kind of the alarm that documents wait because the disk is short.
pub(crate) const DISK: &str = "disk";
const RETRY_BASE: Duration = Duration::from_secs(60);
const RETRY_CAP: Duration = Duration::from_secs(6 * 3600);
/// The longest delay where the publisher is not the cause: the disk may have room again soon.
const STORE_RETRY_CAP: Duration = Duration::from_secs(10 * 60);
/// The delay after a permanent failure, such as status 404.
const PERMANENT_RETRY: Duration = Duration::from_secs(24 * 3600);
const ACCEPT: &str = "application/pdf, */*;q=0.8";

/// Why documents have to wait for room on the disk; `None` where they need not. It says the same for as long as they do.
///
/// # Errors
///
/// When the system does not say how much of the disk is free.
pub(crate) fn shortage(blobs: &Blobs, config: &DocumentsConfig) -> io::Result<Option<String>> {
    let space = blobs.disk_space()?;
    let kept = config.keep_free_bytes(space.total);
    Ok((space.free < kept).then(|| {
        format!(
            "less than {} MB of the disk with the documents are free, and so much stays free of them (documents.keep_free_mb): documents are not fetched, notices and alerts go on",
            kept / 1_000_000
        )
    }))
}

/// How the documents of one source are fetched.
#[derive(Clone)]
pub struct SourceAccess {
    /// Whose source it is, by which its requests are counted.
    pub town: String,
    pub client: SourceClient,
    /// The folder documents may be read from, when the feed itself is a local file.
    pub folder: Option<PathBuf>,
}

/// What came of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunReport {
    /// Whether documents changed, or why they cannot be fetched, in the runs of which this is the last: no more is due.
    pub changed: bool,
    /// When the next document is due, which may be now; `None` when none is fetched.
    pub next: Option<DateTime<Utc>>,
}

/// The documents of one source.
struct SourceQueue {
    access: SourceAccess,
    budget: Arc<SourceBudget>,
    run: Mutex<RunState>,
}

/// Held by the run that fetches.
#[derive(Default)]
struct RunState {
    /// Whether anything changed since a report said so.
    changed: bool,
}

pub struct DocumentFetcher {
    blobs: Blobs,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    config: DocumentsConfig,
    queues: HashMap<String, SourceQueue>,
    hosts: HostLimits,
}

impl DocumentFetcher {
    /// `sources` is by source id.
    pub fn new(
        blobs: Blobs,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        config: DocumentsConfig,
        sources: HashMap<String, SourceAccess>,
    ) -> Self {
        let queues = sources.into_iter().map(|(source, access)| {
            let queue = SourceQueue {
                access,
                budget: Arc::new(SourceBudget::new(config.budget())),
                run: Mutex::default(),
            };
            (source, queue)
        });
        let pause = Duration::from_millis(config.pause_ms);
        Self {
            blobs,
            clock,
            entropy,
            queues: queues.collect(),
            hosts: HostLimits::new(config.at_one_host(), MAX_CONCURRENT, pause),
            config,
        }
    }

    /// Whether documents of a source are due.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn has_due(&self, storage: &dyn Storage, source: &str) -> Result<bool, StorageError> {
        let next = storage.next_due(source).await?;
        let is_due = |next| self.is_due(next, self.clock.now().earliest);
        Ok(self.queues.contains_key(source) && next.is_some_and(is_due))
    }

    /// Fetches a batch of a source's documents that are due.
    ///
    /// Runs of a source come one after the other.
    ///
    /// # Errors
    ///
    /// When storage fails; a document that cannot be fetched is no error.
    pub async fn run_due(
        &self,
        storage: &dyn Storage,
        source: &str,
    ) -> Result<RunReport, StorageError> {
        let Some(queue) = self.queues.get(source) else {
            return Ok(RunReport::default());
        };
        let mut state = queue.run.lock().await;
        let now = self.clock.now().earliest;
        let latest = now + self.longest_delay();
        let due = storage.due(source, now, latest, MAX_BATCH).await?;
        if !due.is_empty() && matches!(shortage(&self.blobs, &self.config), Ok(Some(_))) {
            return Ok(RunReport {
                changed: std::mem::take(&mut state.changed),
                next: Some(now + DISK_AGAIN),
            });
        }
        // Many sources at one slow host would take the place of every other source.
        let town = &queue.access.town;
        let is_crowded = |task: &DocumentTask| self.hosts.is_crowded(&task.url, town);
        if !due.is_empty() && due.iter().all(is_crowded) {
            return Ok(RunReport {
                changed: false,
                next: Some(now + CROWDED_AGAIN),
            });
        }
        // The others would be downloaded in vain.
        let store_fails = AtomicBool::new(false);
        let outcomes: Vec<Result<bool, StorageError>> = futures_util::stream::iter(due)
            .take_while(|_| future::ready(!store_fails.load(Ordering::Relaxed)))
            .map(|task| self.attempt(storage, queue, task, &store_fails))
            .buffer_unordered(self.hosts.of_town_at_host())
            .collect()
            .await;
        for changed in outcomes {
            state.changed |= changed?;
        }
        let next = storage.next_due(source).await?;
        let now = self.clock.now().earliest;
        let is_due = next.is_some_and(|next| self.is_due(next, now));
        let exceeded = queue.budget.exceeded(now).filter(|_| is_due);
        // Where another node had used up its budget, this one has fetched what waited.
        self.note_budget(storage, source, exceeded, now).await?;
        let disk_again = store_fails.into_inner().then(|| now + DISK_AGAIN);
        let put_off = exceeded.map(|exceeded| exceeded.until).or(disk_again);
        let is_last = !is_due || put_off.is_some();
        Ok(RunReport {
            changed: is_last && std::mem::take(&mut state.changed),
            next: put_off.or(next),
        })
    }

    /// The longest time until a next attempt.
    pub fn longest_delay(&self) -> TimeDelta {
        let longest = TimeDelta::from_std(RETRY_CAP.max(PERMANENT_RETRY));
        longest.unwrap_or(TimeDelta::days(1)).max(self.recheck())
    }

    /// What is due later than by the longest delay got that time from a wrong clock.
    fn is_due(&self, next: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        next <= now || next > now + self.longest_delay()
    }

    /// Raises or clears the alarm that a source waits because its budget is used up.
    async fn note_budget(
        &self,
        storage: &dyn Storage,
        source: &str,
        exceeded: Option<Exceeded>,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let subject = AlarmSubject::Source(source);
        let Some(Exceeded { limit, until }) = exceeded else {
            return storage.clear_alarm(BUDGET, subject, now).await;
        };
        let key = match limit {
            Limit::Documents => "source_documents",
            Limit::Bytes => "source_mb",
            Limit::Time => "source_minutes",
        };
        let until = until.with_timezone(&PRAGUE).format("%Y-%m-%d %H:%M %Z");
        let message = format!(
            "what its documents may cost in a day is used up (documents.{key}): the others wait until {until}"
        );
        if storage.raise_alarm(BUDGET, subject, &message, now).await? {
            tracing::warn!(source, message, "documents wait");
        }
        Ok(())
    }

    /// Fetches one document and stores the result, unless the budget is used up; whether boards show anything else by it.
    ///
    /// What cannot be stored sets `store_fails` and costs the source no document of its budget.
    async fn attempt(
        &self,
        storage: &dyn Storage,
        queue: &SourceQueue,
        task: DocumentTask,
        store_fails: &AtomicBool,
    ) -> Result<bool, StorageError> {
        if queue
            .budget
            .take_document(self.clock.now().earliest)
            .is_err()
        {
            return Ok(false);
        }
        let fetched = self.fetch(queue, &task).await;
        let now = self.clock.now().earliest;
        let (result, next) = match fetched {
            Ok(result) => (result, now + self.recheck()),
            Err(error) => {
                if matches!(error, FetchError::Store(_)) {
                    store_fails.store(true, Ordering::Relaxed);
                    queue.budget.give_back_document();
                }
                let delay = self.retry_delay(&task, &error);
                tracing::warn!(source = task.source, host = scheme_and_host(&task.url), %error, "a document cannot be fetched");
                let reason = missing_reason(&error);
                // A publisher that does not answer has not put a file back.
                let known = task.missing.filter(|_| task.held.is_some());
                let result = DocumentResult::Failed {
                    error: error.to_string(),
                    reason: match reason.is_undecided() {
                        true => known.unwrap_or(reason),
                        false => reason,
                    },
                };
                (result, later(now, delay))
            }
        };
        // A poll that waits for this document publishes it before that.
        let wait = Duration::from_millis(self.config.first_wait_ms);
        let publish_at = later(now, wait.max(PUBLISH_EVERY));
        let recorded = storage.record(&task, &result, now, next, publish_at);
        recorded.await
    }

    fn recheck(&self) -> TimeDelta {
        TimeDelta::hours(i64::from(self.config.recheck_hours))
    }

    fn retry_delay(&self, task: &DocumentTask, error: &FetchError) -> Duration {
        let failures = task.failures.saturating_add(1);
        let cap = match error {
            FetchError::Store(_) => STORE_RETRY_CAP,
            _ => RETRY_CAP,
        };
        let delay = backoff::delay(failures, RETRY_BASE, cap, self.entropy.unit());
        let requested = error.retry_after().unwrap_or_default().min(RETRY_CAP);
        let permanent = if error.is_permanent() {
            PERMANENT_RETRY
        } else {
            Duration::ZERO
        };
        delay.max(requested).max(permanent)
    }

    /// Fetches a document, once more where it ended early.
    async fn fetch(
        &self,
        queue: &SourceQueue,
        task: &DocumentTask,
    ) -> Result<DocumentResult, FetchError> {
        let held = task.held.as_ref().map(|held| held.hash.0);
        match self.fetch_once(queue, task, held).await {
            Err(FetchError::Truncated(hash)) => self.fetch_once(queue, task, Some(hash)).await,
            Err(FetchError::CutOff(_)) => self.fetch_once(queue, task, held).await,
            other => other,
        }
    }

    /// `seen` are bytes that are taken although they lack their end.
    async fn fetch_once(
        &self,
        queue: &SourceQueue,
        task: &DocumentTask,
        seen: Option<DocumentHash>,
    ) -> Result<DocumentResult, FetchError> {
        match task.url.scheme() {
            "http" | "https" => self.fetch_http(queue, task, seen).await,
            "file" => match &queue.access.folder {
                Some(folder) => self.read_file(queue, folder, task, seen).await,
                None => Err(FetchError::Address(scheme_and_host(&task.url))),
            },
            _ => Err(FetchError::Address(scheme_and_host(&task.url))),
        }
    }

    async fn fetch_http(
        &self,
        queue: &SourceQueue,
        task: &DocumentTask,
        seen: Option<DocumentHash>,
    ) -> Result<DocumentResult, FetchError> {
        let validators = self.validators(task).await?;
        let timeout = Duration::from_secs(self.config.timeout_seconds);
        let limits = RequestLimits {
            hosts: &self.hosts,
            town: &queue.access.town,
            budget: &queue.budget,
        };
        let reply = http::conditional_get(
            &queue.access.client,
            &task.url,
            ACCEPT,
            &validators,
            timeout,
            Some(limits),
        )
        .await?;
        let HttpReply::Found(response, _place) = reply else {
            return Ok(DocumentResult::NotModified);
        };
        let etag = http::validators(&response).etag;
        let claims_html = http::claims_html(&response);
        let path = response.url().path().to_owned();
        let receiving = Mutex::new(self.receive(&queue.budget).await?);
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
        queue: &SourceQueue,
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
        let mut receiving = self.receive(&queue.budget).await?;
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

    async fn receive<'a>(&self, budget: &'a SourceBudget) -> Result<Receiving<'a>, FetchError> {
        let name = self.entropy.hex(16);
        Ok(Receiving {
            incoming: self.blobs.receive(&name).await.map_err(store_error)?,
            budget,
            head: Vec::new(),
            tail: Vec::new(),
            received: 0,
        })
    }
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
        FetchError::Store(_) => MissingReason::NotStored,
        FetchError::Transport(error) if error.is_timeout() && !error.is_connect() => {
            MissingReason::TooSlow
        }
        FetchError::File(_)
        | FetchError::Downgrade(_)
        | FetchError::Encoding(_)
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
struct Receiving<'a> {
    incoming: Incoming,
    budget: &'a SourceBudget,
    head: Vec<u8>,
    tail: Vec<u8>,
    received: u64,
}

impl Receiving<'_> {
    async fn write(&mut self, chunk: bytes::Bytes) -> Result<(), FetchError> {
        let room = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&chunk[..chunk.len().min(room)]);
        let last = &chunk[chunk.len().saturating_sub(TAIL_BYTES)..];
        let surplus = (self.tail.len() + last.len()).saturating_sub(TAIL_BYTES);
        self.tail.drain(..surplus);
        self.tail.extend_from_slice(last);
        self.received += chunk.len() as u64;
        self.budget.add_bytes(chunk.len() as u64);
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
