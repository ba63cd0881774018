//! Fetches documents and sections by hash.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::{StreamExt as _, stream};
use tokio::time::Instant;
use tracing::{debug, warn};
use vyveska_wire::manifest::{ContentHash, ContentRef};

use super::client::{CentralClient, ClientError, ContentReply};
use super::{Backoff, Interrupted, Shared, SyncEvent, blocking};
use crate::store::{PartialContent, StoreError};

/// Why one document could not be fetched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DownloadError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("it ended after {received} of {expected} bytes")]
    Short { received: u64, expected: u64 },
    #[error("it took too long")]
    TooSlow,
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

impl DownloadError {
    /// Whether other documents would fail in the same way.
    fn concerns_everything(&self) -> bool {
        match self {
            Self::Client(error) => {
                matches!(
                    error,
                    ClientError::Unreachable(_) | ClientError::NotLetIn(_) | ClientError::PlainHttp
                )
            }
            Self::Store(error) => matches!(error, StoreError::Io { .. }),
            Self::Short { .. } | Self::TooSlow | Self::Interrupted(_) => false,
        }
    }

    /// Whether it makes sense to try again at once.
    fn may_pass(&self) -> bool {
        !matches!(
            self,
            Self::Client(ClientError::NotFound | ClientError::NotLetIn(_) | ClientError::PlainHttp)
                | Self::Store(
                    StoreError::TooLarge { .. } | StoreError::Busy(_) | StoreError::Io { .. }
                )
        )
    }
}

/// The documents that failed, and when to try them again.
#[derive(Debug, Default)]
pub(crate) struct Failures(Mutex<HashMap<ContentHash, Failed>>);

#[derive(Debug)]
struct Failed {
    times: u32,
    not_before: Instant,
}

impl Failures {
    fn all(&self) -> MutexGuard<'_, HashMap<ContentHash, Failed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_due(&self, hash: &ContentHash) -> bool {
        self.all()
            .get(hash)
            .is_none_or(|failed| failed.not_before <= Instant::now())
    }

    /// Notes a failure; true when it is the first.
    fn note(&self, hash: ContentHash, backoff: &Backoff, random: u64) -> bool {
        let now = Instant::now();
        let mut all = self.all();
        let failed = all.entry(hash).or_insert(Failed {
            times: 0,
            not_before: now,
        });
        failed.times += 1;
        failed.not_before = now + backoff.delay(failed.times, random);
        failed.times == 1
    }

    fn forget(&self, hash: &ContentHash) {
        self.all().remove(hash);
    }

    pub(crate) fn keep_only(&self, wanted: &HashSet<ContentHash>) {
        self.all().retain(|hash, _| wanted.contains(hash));
    }
}

/// Fetches the documents in order, a few at once. Stops early when nothing can be fetched.
pub(crate) async fn fetch_all<C: CentralClient>(
    shared: Arc<Shared<C>>,
    failures: Arc<Failures>,
    wanted: Vec<ContentRef>,
) {
    let mut results = stream::iter(wanted)
        .map(|content| {
            let shared = Arc::clone(&shared);
            async move { (content.hash, fetch_patiently(&shared, &content).await) }
        })
        .buffer_unordered(shared.config.parallel_downloads.max(1));
    while let Some((hash, result)) = results.next().await {
        match result {
            Ok(()) => {
                failures.forget(&hash);
                shared.emit(SyncEvent::ContentArrived(hash));
            }
            Err(DownloadError::Store(StoreError::Busy(_))) => {}
            Err(error) => {
                let first = failures.note(hash, &shared.config.document_backoff, shared.random());
                if first {
                    warn!(document = %hash, %error, "a document cannot be fetched; the board is shown without it");
                    shared.emit(SyncEvent::Trouble {
                        reason: format!("document {hash} cannot be fetched: {error}"),
                    });
                }
                if error.concerns_everything() {
                    return;
                }
            }
        }
    }
}

async fn fetch_patiently<C: CentralClient>(
    shared: &Shared<C>,
    content: &ContentRef,
) -> Result<(), DownloadError> {
    let mut attempt = 1;
    loop {
        let limited = tokio::time::timeout(shared.config.attempt_limit, fetch(shared, content));
        let error = match limited.await.unwrap_or(Err(DownloadError::TooSlow)) {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if attempt >= shared.config.document_attempts || !error.may_pass() {
            return Err(error);
        }
        debug!(document = %content.hash, %error, "trying again");
        shared.back_off(attempt).await;
        attempt += 1;
    }
}

async fn fetch<C: CentralClient>(
    shared: &Shared<C>,
    content: &ContentRef,
) -> Result<(), DownloadError> {
    let (store, wanted) = (Arc::clone(&shared.store), *content);
    let mut partial = blocking(move || store.begin(&wanted)).await??;
    if partial.offset() < content.size_bytes {
        let answer = shared
            .client
            .content(shared.time.now(), &content.hash, partial.offset())
            .await;
        let answer = match answer {
            // Central cannot continue from our offset; the next attempt begins anew.
            Err(error @ ClientError::Malformed(_)) => {
                blocking(move || partial.restart()).await??;
                return Err(error.into());
            }
            answer => answer?,
        };
        partial = receive(partial, content, answer).await?;
    }
    Ok(blocking(move || partial.commit()).await??)
}

async fn receive(
    mut partial: Box<dyn PartialContent>,
    content: &ContentRef,
    mut answer: ContentReply,
) -> Result<Box<dyn PartialContent>, DownloadError> {
    let mut offset = answer.offset;
    while let Some(chunk) = answer.body.next().await {
        let chunk = chunk?;
        partial = blocking(move || {
            if partial.offset() != offset {
                partial.restart()?;
            }
            let written = partial.write(&chunk);
            if matches!(written, Err(StoreError::TooMany(_))) {
                partial.restart()?;
            }
            written.map(|()| partial)
        })
        .await??;
        offset = partial.offset();
    }
    if partial.offset() < content.size_bytes {
        return Err(DownloadError::Short {
            received: partial.offset(),
            expected: content.size_bytes,
        });
    }
    Ok(partial)
}

/// Fetches a section into memory, resuming interrupted attempts, and verifies it.
pub(crate) async fn fetch_section<C: CentralClient>(
    shared: &Shared<C>,
    content: &ContentRef,
) -> Result<Vec<u8>, DownloadError> {
    let mut bytes = Vec::new();
    let mut attempt = 1;
    loop {
        let more = fetch_into(shared, content, &mut bytes);
        let limited = tokio::time::timeout(shared.config.attempt_limit, more);
        let error = match limited.await.unwrap_or(Err(DownloadError::TooSlow)) {
            Ok(()) if ContentHash::of(&bytes) == content.hash => return Ok(bytes),
            Ok(()) => StoreError::WrongBytes(content.hash).into(),
            Err(error) => error,
        };
        if !matches!(
            error,
            DownloadError::Short { .. } | DownloadError::Client(ClientError::Unreachable(_))
        ) {
            bytes.clear();
        }
        if attempt >= shared.config.document_attempts || !error.may_pass() {
            return Err(error);
        }
        shared.back_off(attempt).await;
        attempt += 1;
    }
}

async fn fetch_into<C: CentralClient>(
    shared: &Shared<C>,
    content: &ContentRef,
    bytes: &mut Vec<u8>,
) -> Result<(), DownloadError> {
    let mut answer = shared
        .client
        .content(shared.time.now(), &content.hash, bytes.len() as u64)
        .await?;
    if answer.offset != bytes.len() as u64 {
        bytes.clear();
    }
    while let Some(chunk) = answer.body.next().await {
        let chunk = chunk?;
        if (bytes.len() + chunk.len()) as u64 > content.size_bytes {
            return Err(StoreError::TooMany(content.hash).into());
        }
        bytes.extend_from_slice(&chunk);
    }
    let (received, expected) = (bytes.len() as u64, content.size_bytes);
    if received < expected {
        return Err(DownloadError::Short { received, expected });
    }
    Ok(())
}
