//! What was prepared from documents, by the hash of their bytes.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use vyveska_board::DocumentHash;
use vyveska_wire::manifest::ContentRef;

use crate::{HeldContent, LeaseTime, LeasedJob, StorageError};

/// The steps of preparing a document, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreparationStage {
    /// The pages are counted and the text that the document itself has is read, or that of its rendition.
    Text,
    /// Pages without text are recognised from their pictures.
    Recognition,
    /// Other engines are asked whether the document that was read is drawn right.
    Drawing,
}

/// A document to be prepared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparationTask {
    pub content: HeldContent,
    /// The PDF that is drawn in its place; `None` when the document itself is drawn.
    pub rendition: Option<ContentRef>,
    /// Its lease, which is renewed, given back, or tried again as that of every job.
    pub job: LeasedJob,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreparationResult {
    /// The document was read.
    Made {
        pages: u32,
        /// Its text, stored as content; `None` when it has none.
        text: Option<ContentRef>,
        /// Whether pages wait for recognition.
        recognise: bool,
    },
    /// The document cannot be prepared; earlier results stay.
    Failed { error: String },
}

/// How displays draw a document right, and where they may not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drawing {
    /// The PDF that is drawn in its place, stored as content; `None` when the document itself is drawn.
    pub rendition: Option<ContentRef>,
    /// The pages that may be drawn wrong all the same, counted from 1, ascending.
    pub doubtful_pages: Vec<u32>,
}

/// What the engines said of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredExamination {
    pub at: DateTime<Utc>,
    /// As it was given to [`PreparationQueue::record_drawing`].
    pub record: String,
}

/// The stored result of preparing a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preparation {
    pub pages: Option<u32>,
    pub text: Option<ContentRef>,
    pub drawing: Drawing,
}

/// Hands out the documents that wait to be prepared, and stores the results by the hash of their bytes, whichever
/// towns have them: it belongs to the service, and no scope leads to it.
#[async_trait]
pub trait PreparationQueue: Send + Sync {
    /// Leases a wanted document that waits for this stage, of the town that was served longest ago, small ones first.
    ///
    /// Results of an older `method` are made again.
    async fn claim_preparation(
        &self,
        stage: PreparationStage,
        method: u32,
        time: LeaseTime,
    ) -> Result<Option<PreparationTask>, StorageError>;
    /// Stores the result of a document and ends its job; returns the sources whose notices changed by it, and has their
    /// boards published at `publish_at`.
    ///
    /// The result is stored where the lease was lost as well: it follows from the bytes alone.
    async fn record_preparation(
        &self,
        task: &PreparationTask,
        method: u32,
        result: &PreparationResult,
        now: DateTime<Utc>,
        publish_at: DateTime<Utc>,
    ) -> Result<BTreeSet<String>, StorageError>;
    /// Stores how a document is drawn, in the same way.
    ///
    /// Without a drawing the earlier one stays; where the rendition changes, the text waits to be made anew.
    /// `examination` is what the engines said, in JSON.
    async fn record_drawing(
        &self,
        task: &PreparationTask,
        method: u32,
        drawing: Option<&Drawing>,
        examination: &str,
        now: DateTime<Utc>,
        publish_at: DateTime<Utc>,
    ) -> Result<BTreeSet<String>, StorageError>;
}

/// What was prepared from the documents of sources.
#[async_trait]
pub trait PreparationRepository: Send + Sync {
    /// The results for a source's documents, by the hash of their bytes.
    async fn preparations(
        &self,
        source: &str,
    ) -> Result<BTreeMap<DocumentHash, Preparation>, StorageError>;
    /// What the engines said of a source's documents, by the hash of their bytes.
    async fn examinations(
        &self,
        source: &str,
    ) -> Result<BTreeMap<DocumentHash, StoredExamination>, StorageError>;
}
