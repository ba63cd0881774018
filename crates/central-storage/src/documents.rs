//! Documents: where they come from and which bytes they have.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;
use vyveska_board::{DocumentHash, MissingReason};

use crate::StorageError;

/// A document to be fetched from its publisher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentTask {
    pub source: String,
    pub url: Url,
    /// The bytes that are stored already.
    pub held: Option<HeldContent>,
    /// Why the last attempt failed.
    pub missing: Option<MissingReason>,
    /// The `ETag` it had.
    pub etag: Option<String>,
    /// How many attempts failed in a row.
    pub failures: u32,
}

/// Stored bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldContent {
    pub hash: vyveska_wire::manifest::ContentHash,
    pub size_bytes: u64,
    pub media_type: Option<String>,
}

/// The result of an attempt to fetch a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentResult {
    /// Bytes, the same as before or different.
    Content {
        content: HeldContent,
        etag: Option<String>,
    },
    /// The publisher reports no change.
    NotModified,
    /// The attempt failed; the stored bytes stay.
    Failed {
        error: String,
        reason: MissingReason,
    },
}

/// Stores which documents are fetched and their bytes' hashes; [`SourceChanges::documents`] sets which.
///
/// [`SourceChanges::documents`]: crate::SourceChanges::documents
#[async_trait]
pub trait DocumentRepository: Send + Sync {
    /// When the next wanted document of a source is due; `None` when none is fetched.
    async fn next_due(&self, source: &str) -> Result<Option<DateTime<Utc>>, StorageError>;
    /// Documents of a source that are due, those never fetched first.
    ///
    /// One that is due after `latest` got that time from a wrong clock, and is due too.
    async fn due(
        &self,
        source: &str,
        now: DateTime<Utc>,
        latest: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<DocumentTask>, StorageError>;
    /// Stores the result of an attempt; `next` is when the next is due.
    ///
    /// Returns whether the board shows another document by it, or another reason why there is none. Then the board is
    /// published at `publish_at`.
    async fn record(
        &self,
        task: &DocumentTask,
        result: &DocumentResult,
        now: DateTime<Utc>,
        next: DateTime<Utc>,
        publish_at: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
    /// Sets the documents that a board brings itself, without an address: their bytes are stored already, and they are never fetched.
    ///
    /// `source` is a name that no configured source can have.
    async fn register_documents(
        &self,
        source: &str,
        documents: &[HeldContent],
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// Has bytes that were lost made again: documents are fetched, and texts and renditions prepared, all due now. A text
    /// that is made of a lost rendition waits for it.
    async fn requeue_lost_content(
        &self,
        lost: &BTreeSet<DocumentHash>,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// The stored bytes of a source's documents, by address.
    async fn contents(&self, source: &str) -> Result<BTreeMap<String, HeldContent>, StorageError>;
    /// Why the last attempt to fetch documents of a source failed, by address; those that are wanted, stored or not.
    async fn missing(&self, source: &str) -> Result<BTreeMap<String, MissingReason>, StorageError>;
}
