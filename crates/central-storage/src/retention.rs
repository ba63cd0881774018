//! What is no longer needed; the central service's rule says when.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use vyveska_board::DocumentHash;

use crate::StorageError;

/// Forgets rows, at most about `limit` of a kind in a transaction, so that nobody waits long, and tells which stored bytes
/// may go. What takes long to find is looked for before the transaction.
///
/// The rows of notices and of published revisions are the record of what hung, and stay.
#[async_trait]
pub trait RetentionRepository: Send + Sync {
    /// The sources that have live notices, each with whether it is in service.
    async fn live_sources(&self) -> Result<BTreeMap<String, bool>, StorageError>;
    /// Forgets publications that were replaced by an instant, or whose board left service by then, with their manifests;
    /// returns how many.
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
    /// Forgets documents that have not been wanted since before an instant, and those that are not wanted and have no
    /// bytes; returns how many.
    async fn forget_documents(
        &self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<u64, StorageError>;
    /// Forgets what was made of documents that are not known any more and whose hash begins with this byte; returns of how
    /// many.
    async fn forget_preparations(&self, first: u8) -> Result<u64, StorageError>;
    /// Forgets holds and alarms that were closed before an instant; returns how many.
    async fn forget_closed(&self, before: DateTime<Utc>, limit: u32) -> Result<u64, StorageError>;
    /// Notes at `now` which of these stored bytes nothing names, and returns those that nothing has named since `before`.
    ///
    /// Bytes are named by the newest publications of boards, by wanted documents, by what was made of these, by live
    /// notices, and feeds by sources and open holds; by boards, notices and sources only while these are in service.
    async fn unnamed_content(
        &self,
        stored: &BTreeSet<DocumentHash>,
        now: DateTime<Utc>,
        before: DateTime<Utc>,
    ) -> Result<BTreeSet<DocumentHash>, StorageError>;
    /// Forgets what is known of bytes that are about to be deleted, and what was made of them, which nothing names then.
    ///
    /// `false` where they have come to be named since [`Self::unnamed_content`] found them, or where a publication, a
    /// document or what was made of one is yet to be forgotten that has them: nothing is forgotten.
    async fn forget_content(&self, hash: DocumentHash) -> Result<bool, StorageError>;
}
