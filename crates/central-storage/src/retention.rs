//! What is no longer needed; the central service's rule says when.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use vyveska_board::DocumentHash;

use crate::StorageError;

/// Forgets rows, at most `limit` of a kind at once, and tells which stored bytes may go.
///
/// The rows of notices and of published revisions are the record of what hung, and stay.
#[async_trait]
pub trait RetentionRepository: Send + Sync {
    /// Forgets publications of before an instant with their manifests, except those of each board whose content can be
    /// fetched; returns how many.
    async fn forget_publications(
        &self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<u64, StorageError>;
    /// Ends that the content of publications can be fetched which were replaced before an instant; returns how many names
    /// of content that were.
    async fn forget_replaced_content(&self, before: DateTime<Utc>) -> Result<u64, StorageError>;
    /// Forgets revisions of before an instant that were replaced before they were published; returns how many.
    async fn forget_revisions(
        &self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<u64, StorageError>;
    /// Forgets documents that have not been wanted since before an instant; returns how many.
    async fn forget_documents(
        &self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<u64, StorageError>;
    /// Forgets holds and alarms that were closed before an instant; returns how many.
    async fn forget_closed(&self, before: DateTime<Utc>, limit: u32) -> Result<u64, StorageError>;
    /// Notes at `now` which of these stored bytes nothing names, and returns those that nothing has named since `before`.
    ///
    /// Bytes are named by the publications whose content can be fetched, by documents, wanted or not yet forgotten, by
    /// what was made of documents, by live notices, and feeds by sources and open holds.
    async fn unnamed_content(
        &self,
        stored: &BTreeSet<DocumentHash>,
        now: DateTime<Utc>,
        before: DateTime<Utc>,
    ) -> Result<BTreeSet<DocumentHash>, StorageError>;
    /// Forgets what is known of bytes that are about to be deleted, and what was made of them, which nothing names then.
    ///
    /// `false` where they have come to be named since [`Self::unnamed_content`] found them: nothing is forgotten.
    async fn forget_content(&self, hash: DocumentHash) -> Result<bool, StorageError>;
}
