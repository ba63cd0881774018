//! Storage: narrow traits named after the job, and their SQLite implementation.
//!
//! The pure parts decide, storage only keeps. A writer reads a state with its version, decides,
//! and writes all changes at once. If the version has changed in between, nothing is written and it decides again.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use url::Url;
use vyveska_board::{DocumentHash, NoticeId};
use vyveska_wire::keys::{DisplayId, PublicKey};
use vyveska_wire::manifest::{ContentRef, Sections};
use vyveska_wire::section::Texts;
use vyveska_wire::survey::NumberedAnswer;

use crate::ingest::facts::NoticeFacts;
use crate::ingest::hold::{HoldReason, OpenHold};

mod sqlite;

pub use sqlite::SqliteStorage;

/// Why storage failed.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database returned an error.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The database could not be brought to this version.
    #[error("the database could not be migrated")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// What is stored cannot be read.
    #[error("what is stored as {what} cannot be read: {reason}")]
    Unreadable { what: &'static str, reason: String },
    /// Another writer changed the same rows in between; the caller decides again.
    #[error("the state changed meanwhile")]
    Conflict,
}

/// All storage traits in one.
pub trait Storage:
    SourceLedger
    + HoldLedger
    + DocumentLedger
    + PreparationLedger
    + PublicationLedger
    + DisplayRegistry
    + AnswerLedger
    + AlarmLedger
{
}

impl<T> Storage for T where
    T: SourceLedger
        + HoldLedger
        + DocumentLedger
        + PreparationLedger
        + PublicationLedger
        + DisplayRegistry
        + AnswerLedger
        + AlarmLedger
{
}

/// The state of fetching a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FetchState {
    /// When the next poll is due.
    pub next_poll_at: Option<DateTime<Utc>>,
    /// When the source last responded to a poll.
    pub polled_at: Option<DateTime<Utc>>,
    /// How many polls failed in a row.
    pub failures: u32,
    /// Why the last one failed.
    pub last_error: Option<String>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// The hash of the bytes last received.
    pub snapshot: Option<DocumentHash>,
}

/// The board as a source describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceBoard {
    pub iri: String,
    pub name: Texts,
    pub page: Option<Url>,
    pub operator_ico: Option<String>,
}

/// A notice as central knows it, between polls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownNotice {
    pub id: NoticeId,
    /// The key under which its source identifies it.
    pub key: String,
    pub withdrawn: bool,
    /// The accepted poll since which it has been missing.
    pub missing_since: Option<DateTime<Utc>>,
    /// The facts of its newest revision.
    pub facts: NoticeFacts,
}

/// What is stored of a source's notices.
#[derive(Debug, Clone, Default)]
pub struct SourceState {
    /// Passed to [`SourceLedger::apply`] with the changes.
    pub version: i64,
    /// Whether any poll has been accepted.
    pub applied: bool,
    /// Every notice except replaced ones.
    pub notices: Vec<KnownNotice>,
    pub hold: Option<OpenHold>,
}

/// A notice or revision to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRevision {
    pub id: NoticeId,
    pub facts: NoticeFacts,
    /// The JSON as received.
    pub raw: String,
    /// The salt of its hash in journals.
    pub salt: String,
}

/// How a hold ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldOutcome {
    /// The feed was plausible again.
    Healed,
    /// A person accepted it.
    Accepted,
    /// A drop lasted as long as the rule demands.
    Matured,
    /// Something else is held instead.
    Superseded,
}

impl HoldOutcome {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healed => "healed",
            Self::Accepted => "accepted",
            Self::Matured => "matured",
            Self::Superseded => "superseded",
        }
    }
}

/// A hold to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldRecord {
    /// The notices concerned, the reason and the times.
    pub hold: OpenHold,
    /// The explanation for a person.
    pub message: String,
    /// The feed that is held.
    pub snapshot: DocumentHash,
}

/// What one poll changes; written all at once or not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceChanges {
    /// The board as the feed describes it, when the feed is accepted.
    pub board: Option<SourceBoard>,
    /// How many warnings the reader had.
    pub warnings: usize,
    /// Notices that give up their key: the publisher reused it.
    pub replaced: Vec<NoticeId>,
    pub added: Vec<(String, NewRevision)>,
    pub revised: Vec<NewRevision>,
    /// Notices recognised under another key.
    pub rekeyed: Vec<(NoticeId, String)>,
    /// Withdrawn notices that came back.
    pub reinstated: Vec<NoticeId>,
    pub withdrawn: Vec<NoticeId>,
    /// Notices missing for the first time.
    pub missing: Vec<NoticeId>,
    /// Notices no longer missing.
    pub found: Vec<NoticeId>,
    /// How the open hold ends, if it ends.
    pub close_hold: Option<HoldOutcome>,
    /// The hold from now on.
    pub hold: Option<HoldRecord>,
    /// The audit entry, when a person accepted the poll.
    pub audit: Option<AuditEntry>,
}

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    pub who: String,
    /// What was done, for instance `hold.accept`.
    pub action: &'static str,
    pub subject: String,
    /// The consequences, in JSON.
    pub detail: String,
}

/// Stores sources and their notices.
#[async_trait]
pub trait SourceLedger: Send + Sync {
    /// The state of fetching the source.
    async fn fetch_state(&self, source: &str) -> Result<FetchState, StorageError>;
    /// Stores the state of fetching the source.
    async fn set_fetch_state(&self, source: &str, state: &FetchState) -> Result<(), StorageError>;
    /// The source's notices with their version.
    async fn source_state(&self, source: &str) -> Result<SourceState, StorageError>;
    /// Writes the changes decided on `version` of the state; [`StorageError::Conflict`] when it is no longer that.
    async fn apply(
        &self,
        source: &str,
        version: i64,
        changes: &SourceChanges,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// The board as the source describes it; `None` before a poll was accepted.
    async fn source_board(&self, source: &str) -> Result<Option<SourceBoard>, StorageError>;
}

/// A hold as listed for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldChange {
    /// The number by which it is accepted.
    pub id: i64,
    pub source: String,
    pub message: String,
    /// Why, and which notices.
    pub hold: OpenHold,
    /// The feed that is held.
    pub snapshot: DocumentHash,
}

/// Lists holds.
#[async_trait]
pub trait HoldLedger: Send + Sync {
    async fn held(&self) -> Result<Vec<HeldChange>, StorageError>;
}

/// A document to be fetched from its publisher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentTask {
    pub source: String,
    pub url: Url,
    /// The bytes that are stored already.
    pub held: Option<HeldContent>,
    /// The `ETag` it had.
    pub etag: Option<String>,
    /// The `Last-Modified` it had.
    pub last_modified: Option<String>,
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
        last_modified: Option<String>,
    },
    /// The publisher reports no change.
    NotModified,
    /// The attempt failed; the stored bytes stay.
    Failed { error: String },
}

/// Stores which documents are fetched and their bytes' hashes.
#[async_trait]
pub trait DocumentLedger: Send + Sync {
    /// Sets which documents of a source are wanted; others are no longer fetched.
    async fn want(
        &self,
        source: &str,
        urls: &BTreeSet<Url>,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// Documents that are due, those never fetched first.
    async fn due(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<DocumentTask>, StorageError>;
    /// Stores the result of an attempt; `next` is when the next is due.
    async fn record(
        &self,
        task: &DocumentTask,
        result: &DocumentResult,
        now: DateTime<Utc>,
        next: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// Sets the documents that a board brings itself, without an address: their bytes are stored already, and they are never fetched.
    ///
    /// `source` is a name that no configured source can have.
    async fn register_documents(
        &self,
        source: &str,
        documents: &[HeldContent],
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// Has bytes that were lost made again: documents are fetched and texts prepared when next due, which is now.
    async fn make_again(
        &self,
        lost: &BTreeSet<DocumentHash>,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// The stored bytes of a source's documents, by address.
    async fn contents(
        &self,
        source: &str,
    ) -> Result<std::collections::BTreeMap<String, HeldContent>, StorageError>;
}

/// The steps of preparing a document, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreparationStage {
    /// The pages are counted and the text that the document itself has is read.
    Text,
    /// Pages without text are recognised from their pictures.
    Recognition,
}

/// A document to be prepared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparationTask {
    pub content: HeldContent,
    /// Which attempt this is, counted from 1.
    pub attempts: u32,
}

/// The result of preparing a document.
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

/// The stored result of preparing a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preparation {
    pub pages: Option<u32>,
    pub text: Option<ContentRef>,
}

/// Stores the results of preparing documents, by the hash of their bytes.
#[async_trait]
pub trait PreparationLedger: Send + Sync {
    /// Claims a wanted document that waits for this stage, small ones first, until the claim expires.
    ///
    /// Results of an older `method` are made again.
    async fn claim_preparation(
        &self,
        stage: PreparationStage,
        method: u32,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Option<PreparationTask>, StorageError>;
    /// Moves the expiry of a claim, and sets how many attempts count.
    async fn keep_preparation(
        &self,
        document: DocumentHash,
        attempts: u32,
        until: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// Stores the result of a claimed document and releases the claim; returns the sources whose notices changed by it.
    async fn record_preparation(
        &self,
        task: &PreparationTask,
        method: u32,
        result: &PreparationResult,
        now: DateTime<Utc>,
    ) -> Result<BTreeSet<String>, StorageError>;
    /// The results for a source's documents, by the hash of their bytes.
    async fn preparations(
        &self,
        source: &str,
    ) -> Result<std::collections::BTreeMap<DocumentHash, Preparation>, StorageError>;
}

/// A notice in its newest revision, as it may be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentNotice {
    pub id: NoticeId,
    /// Counted from 1.
    pub revision: u32,
    pub facts: NoticeFacts,
    /// The JSON as received.
    pub raw: String,
    /// The bytes of its documents in the order of the facts.
    pub contents: Vec<Option<HeldContent>>,
    /// The salt of its hash in journals.
    pub salt: String,
    /// Whether this revision was ever published.
    pub published: bool,
}

/// A publication: the sections of a board from one moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Grows with every publication.
    pub id: i64,
    pub sections: Sections,
    /// When the next notice of it ends.
    pub changes_at: Option<DateTime<Utc>>,
}

/// A publication to be written.
#[derive(Debug, Clone)]
pub struct NewPublication {
    /// The publication it follows; 0 for the first.
    pub after: i64,
    pub sections: Sections,
    /// When the next notice of it ends.
    pub changes_at: Option<DateTime<Utc>>,
    /// Everything it names, the sections included.
    pub content: Vec<HeldContent>,
    /// The revisions it publishes.
    pub revisions: Vec<(NoticeId, u32)>,
}

/// Stores publications.
#[async_trait]
pub trait PublicationLedger: Send + Sync {
    /// The live notices of a source in their newest revisions.
    async fn current_notices(&self, source: &str) -> Result<Vec<CurrentNotice>, StorageError>;
    /// Sets the bytes of a revision's documents; only before it is published.
    async fn set_contents(
        &self,
        id: &NoticeId,
        revision: u32,
        contents: &[Option<HeldContent>],
    ) -> Result<(), StorageError>;
    /// Adds a revision that differs by the bytes of its documents.
    async fn add_revision(
        &self,
        notice: &CurrentNotice,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// The newest publication of a board.
    async fn publication(&self, board: &str) -> Result<Option<Publication>, StorageError>;
    /// Adds a publication; [`StorageError::Conflict`] when another was added meanwhile.
    async fn publish(
        &self,
        board: &str,
        publication: &NewPublication,
        now: DateTime<Utc>,
    ) -> Result<Publication, StorageError>;
    /// Moves the instant at which the board changes by itself.
    async fn set_changes_at(
        &self,
        publication: i64,
        changes_at: Option<DateTime<Utc>>,
    ) -> Result<(), StorageError>;
    /// The content with this hash, if one of the board's newest publications names it.
    async fn named_content(
        &self,
        board: &str,
        hash: DocumentHash,
    ) -> Result<Option<HeldContent>, StorageError>;
    /// The number of the newest publication of any board: a cheap way to notice that another process published.
    async fn newest_publication(&self) -> Result<i64, StorageError>;
}

/// A registered display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredDisplay {
    pub id: DisplayId,
    pub board: String,
}

/// A signed manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredManifest {
    pub number: u64,
    /// The publication it announces.
    pub publication: i64,
    /// The envelope's exact bytes.
    pub bytes: Vec<u8>,
}

/// Stores displays and their manifests.
#[async_trait]
pub trait DisplayRegistry: Send + Sync {
    async fn display(&self, id: &DisplayId) -> Result<Option<RegisteredDisplay>, StorageError>;
    /// Registers a display; a registered one stays as it is.
    async fn register(
        &self,
        id: &DisplayId,
        key: &PublicKey,
        board: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    async fn displays_of(&self, board: &str) -> Result<Vec<RegisteredDisplay>, StorageError>;
    async fn manifest(&self, id: &DisplayId) -> Result<Option<StoredManifest>, StorageError>;
    /// Adds a manifest; [`StorageError::Conflict`] when its number is taken.
    async fn add_manifest(
        &self,
        id: &DisplayId,
        manifest: &StoredManifest,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
}

/// How often one answer was given to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerCount {
    pub board: String,
    pub survey: String,
    pub question: String,
    /// The number of the rating, or the identifier of the choice.
    pub answer: String,
    /// The first day it was given.
    pub first: NaiveDate,
    pub last: NaiveDate,
    pub count: i64,
}

/// Stores answers to surveys.
#[async_trait]
pub trait AnswerLedger: Send + Sync {
    /// Stores answers, all or none; those stored before stay as they are. Answers are told apart by display, outbox
    /// and number; `outbox` is empty for a display without one.
    async fn take_answers(
        &self,
        display: &RegisteredDisplay,
        outbox: &str,
        answers: &[NumberedAnswer],
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// How often each answer was given.
    async fn count_answers(&self) -> Result<Vec<AnswerCount>, StorageError>;
}

impl HoldReason {
    /// As it is stored and listed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Hollow => "hollow",
            Self::Drop => "drop",
            Self::Blanked => "blanked",
            Self::Broken => "broken",
        }
    }

    fn from_stored(text: &str) -> Result<Self, StorageError> {
        [
            Self::Empty,
            Self::Hollow,
            Self::Drop,
            Self::Blanked,
            Self::Broken,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == text)
        .ok_or_else(|| StorageError::Unreadable {
            what: "hold.reason",
            reason: format!("{text:?} is not a reason"),
        })
    }
}

/// A condition that a person has to look into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// For instance `shortened`.
    pub kind: String,
    /// The board or the content it concerns.
    pub subject: String,
    pub message: String,
    pub opened_at: DateTime<Utc>,
}

impl Alarm {
    /// Whether it is of this kind and concerns this subject.
    pub fn is(&self, kind: &str, subject: &str) -> bool {
        self.kind == kind && self.subject == subject
    }
}

/// Stores alarms; at most one of a kind is open for a subject.
#[async_trait]
pub trait AlarmLedger: Send + Sync {
    /// Opens an alarm or updates the message of the open one; returns whether anything changed.
    async fn raise_alarm(
        &self,
        kind: &str,
        subject: &str,
        message: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
    /// Closes the open alarm, if there is one.
    async fn clear_alarm(
        &self,
        kind: &str,
        subject: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// The open alarms, the oldest first.
    async fn alarms(&self) -> Result<Vec<Alarm>, StorageError>;
}
