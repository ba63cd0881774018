//! Fetches documents whose turn has come: new ones first, known ones daily, failed ones later and later.
//!
//! Politeness is part of the job: few at a time per host, a pause after each, and what is not there is not asked for again soon.
//! A document that cannot be fetched stays listed without content; content once held stays held.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt as _;
use reqwest::Client;
use tokio::io::AsyncReadExt as _;
use tokio::sync::{Notify, Semaphore};
use url::Url;
use vyveska_board::Clock;
use vyveska_wire::manifest::ContentHash;

use super::blobs::{Blobs, Incoming};
use super::media_type::{self, HEAD_BYTES, Kind};
use crate::config::DocumentsConfig;
use crate::entropy::Entropy;
use crate::source::backoff;
use crate::source::http::{self, Answer, FetchError, Validators};
use crate::storage::{DocumentResult, DocumentTask, HeldContent, Storage, StorageError};

/// How many documents one run takes, so that new ones do not wait for all old ones.
const RUN: u32 = 32;
/// How many are fetched at once over all hosts.
const AT_ONCE: usize = 8;
const RETRY_BASE: Duration = Duration::from_secs(60);
const RETRY_CAP: Duration = Duration::from_secs(6 * 3600);
/// When to look again for what the publisher says is not there.
const PERMANENT_RETRY: Duration = Duration::from_secs(24 * 3600);
const ACCEPT: &str = "application/pdf, */*;q=0.8";

/// How one source's documents are fetched.
#[derive(Debug, Clone)]
pub struct SourceAccess {
    /// The client, with the certificates of the source.
    pub client: Client,
    /// The folder documents may be read from; only where the feed itself is a local file.
    pub folder: Option<PathBuf>,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunReport {
    /// How many documents were asked for.
    pub attempted: usize,
    /// The sources of documents that have, or may have, other bytes than before.
    pub changed: BTreeSet<String>,
}

/// Fetches and keeps documents.
pub struct DocumentKeeper {
    storage: Arc<dyn Storage>,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    config: DocumentsConfig,
    sources: HashMap<String, SourceAccess>,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
    under_way: UnderWay,
}

impl DocumentKeeper {
    /// A keeper of the documents of these sources.
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
            config,
            sources,
            hosts: Mutex::default(),
            under_way: UnderWay::default(),
        }
    }

    /// Fetches some of the documents that are due; call again while it attempts any.
    ///
    /// # Errors
    ///
    /// When storage fails; a document that cannot be fetched is no error.
    pub async fn run_due(&self) -> Result<RunReport, StorageError> {
        let due = self.storage.due(self.clock.now().earliest, RUN).await?;
        let outcomes: Vec<Result<Attempt, StorageError>> = futures_util::stream::iter(due)
            .map(|task| self.attempt(task))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut report = RunReport::default();
        for outcome in outcomes {
            report.attempted += 1;
            report.changed.extend(outcome?.changed);
        }
        Ok(report)
    }

    /// Fetches one document and remembers how it went.
    ///
    /// Where another run is at it already, waits for that one, so that who waits for documents gets them all.
    async fn attempt(&self, task: DocumentTask) -> Result<Attempt, StorageError> {
        let Some(_claim) = self.under_way.claim(&task) else {
            self.under_way.finished(&task).await;
            return Ok(Attempt {
                changed: Some(task.source),
            });
        };
        let fetched = self.fetch(&task).await;
        let now = self.clock.now().earliest;
        let recheck = TimeDelta::hours(i64::from(self.config.recheck_hours));
        let (result, next) = match fetched {
            Ok(result) => (result, now + recheck),
            Err(error) => {
                let delay = self.retry_delay(&task, &error);
                tracing::warn!(source = task.source, url = %task.url, %error, "a document cannot be fetched");
                let error = error.to_string();
                (DocumentResult::Failed { error }, later(now, delay))
            }
        };
        let changed = match &result {
            DocumentResult::Content { content, .. } => {
                task.held.as_ref().map(|held| held.hash) != Some(content.hash)
            }
            DocumentResult::NotModified | DocumentResult::Failed { .. } => false,
        };
        self.storage.record(&task, &result, now, next).await?;
        Ok(Attempt {
            changed: changed.then(|| task.source.clone()),
        })
    }

    fn retry_delay(&self, task: &DocumentTask, error: &FetchError) -> Duration {
        let failures = task.failures.saturating_add(1);
        let delay = backoff::delay(failures, RETRY_BASE, RETRY_CAP, self.entropy.unit());
        let wanted = error.retry_after().unwrap_or_default().min(RETRY_CAP);
        let permanent = if error.is_permanent() {
            PERMANENT_RETRY
        } else {
            Duration::ZERO
        };
        delay.max(wanted).max(permanent)
    }

    async fn fetch(&self, task: &DocumentTask) -> Result<DocumentResult, FetchError> {
        let Some(access) = self.sources.get(&task.source) else {
            return Err(FetchError::Address("of an unknown source".to_owned()));
        };
        match task.url.scheme() {
            "http" | "https" => self.fetch_http(access, task).await,
            "file" => match &access.folder {
                Some(folder) => self.read_file(folder, task).await,
                None => Err(FetchError::Address(task.url.to_string())),
            },
            _ => Err(FetchError::Address(task.url.to_string())),
        }
    }

    async fn fetch_http(
        &self,
        access: &SourceAccess,
        task: &DocumentTask,
    ) -> Result<DocumentResult, FetchError> {
        let host = self.host(&task.url);
        let Ok(_turn) = host.acquire().await else {
            return Err(FetchError::Address(task.url.to_string()));
        };
        let result = self.fetch_http_now(access, task).await;
        if self.config.pause_ms > 0 {
            tokio::time::sleep(Duration::from_millis(self.config.pause_ms)).await;
        }
        result
    }

    async fn fetch_http_now(
        &self,
        access: &SourceAccess,
        task: &DocumentTask,
    ) -> Result<DocumentResult, FetchError> {
        let validators = self.validators(task).await?;
        let timeout = Duration::from_secs(self.config.timeout_seconds);
        let answer =
            http::conditional_get(&access.client, &task.url, ACCEPT, &validators, timeout).await?;
        let Answer::Found(response) = answer else {
            return Ok(DocumentResult::NotModified);
        };
        let validators = http::validators(&response);
        let claims_html = http::claims_html(&response);
        let receiving = tokio::sync::Mutex::new(self.receive().await?);
        let read = http::read_body(*response, self.max_bytes(), |piece| async {
            receiving.lock().await.write(piece).await
        })
        .await;
        let content = receiving.into_inner().finish(read, claims_html).await?;
        Ok(DocumentResult::Content {
            content,
            etag: validators.etag,
            last_modified: validators.last_modified,
        })
    }

    /// What the publisher recognises our copy by; nothing when the copy is gone from the store.
    async fn validators(&self, task: &DocumentTask) -> Result<Validators, FetchError> {
        let Some(held) = &task.held else {
            return Ok(Validators::default());
        };
        let there = self
            .blobs
            .holds(held.hash.0, held.size_bytes)
            .await
            .map_err(store_error)?;
        Ok(if there {
            Validators {
                etag: task.etag.clone(),
                last_modified: task.last_modified.clone(),
            }
        } else {
            Validators::default()
        })
    }

    /// Reads a document beside a feed that is a local file; nothing outside the feed's folder is read.
    async fn read_file(
        &self,
        folder: &Path,
        task: &DocumentTask,
    ) -> Result<DocumentResult, FetchError> {
        let outside = || FetchError::Address(task.url.to_string());
        let path = task.url.to_file_path().map_err(|()| outside())?;
        let path = tokio::fs::canonicalize(path).await?;
        let folder = tokio::fs::canonicalize(folder).await?;
        if !path.starts_with(&folder) {
            return Err(outside());
        }
        let mut file = tokio::fs::File::open(path)
            .await?
            .take(self.max_bytes() + 1);
        let mut receiving = self.receive().await?;
        let mut buffer = vec![0; HEAD_BYTES];
        let read = loop {
            match file.read(&mut buffer).await {
                Ok(0) => break Ok(()),
                Ok(length) => {
                    let piece = bytes::Bytes::copy_from_slice(&buffer[..length]);
                    if let Err(error) = receiving.write(piece).await {
                        break Err(error);
                    }
                    if receiving.received > self.max_bytes() {
                        break Err(FetchError::TooLarge {
                            limit_bytes: self.max_bytes(),
                        });
                    }
                }
                Err(error) => break Err(error.into()),
            }
        };
        let content = receiving.finish(read, false).await?;
        Ok(DocumentResult::Content {
            content,
            etag: None,
            last_modified: None,
        })
    }

    async fn receive(&self) -> Result<Receiving, FetchError> {
        let name = self.entropy.hex(16);
        Ok(Receiving {
            incoming: self.blobs.receive(&name).await.map_err(store_error)?,
            head: Vec::new(),
            received: 0,
        })
    }

    const fn max_bytes(&self) -> u64 {
        self.config.max_size_mb * 1_000_000
    }

    fn host(&self, url: &Url) -> Arc<Semaphore> {
        let host = format!(
            "{}:{}",
            url.host_str().unwrap_or_default(),
            url.port_or_known_default().unwrap_or_default()
        );
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts
            .entry(host)
            .or_insert_with(|| Arc::new(Semaphore::new(self.config.per_host)))
            .clone()
    }
}

/// How one attempt went.
struct Attempt {
    /// The source whose document has, or may have, other bytes now.
    changed: Option<String>,
}

fn later(now: DateTime<Utc>, delay: Duration) -> DateTime<Utc> {
    now + TimeDelta::from_std(delay).unwrap_or(TimeDelta::days(1))
}

fn store_error(error: super::BlobError) -> FetchError {
    FetchError::Store(error.to_string())
}

/// A document on its way in, with the head that says what it is.
struct Receiving {
    incoming: Incoming,
    head: Vec<u8>,
    received: u64,
}

impl Receiving {
    async fn write(&mut self, piece: bytes::Bytes) -> Result<(), FetchError> {
        let room = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&piece[..piece.len().min(room)]);
        self.received += piece.len() as u64;
        self.incoming.write(piece).await.map_err(store_error)
    }

    async fn finish(
        self,
        read: Result<(), FetchError>,
        claims_html: bool,
    ) -> Result<HeldContent, FetchError> {
        let kind = read.and_then(|()| match media_type::tell(&self.head, claims_html) {
            Kind::Document(_) if self.received == 0 => {
                Err(FetchError::Store("the document is empty".to_owned()))
            }
            Kind::Document(media_type) => Ok(media_type),
            Kind::Html => Err(FetchError::Html {
                expected: "a document",
            }),
        });
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
}

/// The documents that are being fetched, so that two runs do not fetch one at once.
#[derive(Default)]
struct UnderWay {
    keys: Mutex<HashSet<(String, Url)>>,
    released: Notify,
}

/// The right to fetch one document, given back when dropped.
struct Claim<'a> {
    under_way: &'a UnderWay,
    key: (String, Url),
}

impl UnderWay {
    fn keys(&self) -> MutexGuard<'_, HashSet<(String, Url)>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn claim(&self, task: &DocumentTask) -> Option<Claim<'_>> {
        let key = (task.source.clone(), task.url.clone());
        let free = self.keys().insert(key.clone());
        // Lazily: a claim that was never held must not be dropped, for dropping gives it back.
        free.then(|| Claim {
            under_way: self,
            key,
        })
    }

    /// Waits until nobody fetches this document.
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
        self.under_way.keys().remove(&self.key);
        self.under_way.released.notify_waiters();
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
            etag: None,
            last_modified: None,
            failures: 0,
        }
    }

    #[test]
    fn a_document_is_claimed_once_until_the_claim_is_given_back() {
        let under_way = UnderWay::default();
        let first = under_way.claim(&task());
        assert!(first.is_some());
        assert!(under_way.claim(&task()).is_none());
        // The refusal must not have given the first claim back.
        assert!(under_way.claim(&task()).is_none());
        drop(first);
        assert!(under_way.claim(&task()).is_some());
    }

    #[test]
    fn who_finds_a_document_claimed_waits_until_it_is_there() {
        let under_way = UnderWay::default();
        let task = task();
        let claim = under_way.claim(&task);
        let mut waiting = std::pin::pin!(under_way.finished(&task));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(claim);
        assert!(waiting.now_or_never().is_some());
    }
}
