//! Where central remembers: narrow traits named after the job, and the SQLite behind them.
//!
//! The pure parts decide, storage only remembers: a writer reads a state with its version, decides,
//! and hands back all changes at once; if someone else wrote in between, nothing is written and it decides again.

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

/// What storage cannot do.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database refused.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The database could not be brought to this version.
    #[error("the database could not be migrated")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// What is stored cannot be read.
    #[error("what is stored as {what} cannot be read: {reason}")]
    Unreadable {
        /// Which column.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// Someone else changed the same thing in between; decide again.
    #[error("the state changed meanwhile")]
    Conflict,
}

/// Everything central remembers.
pub trait Storage:
    SourceLedger
    + HoldLedger
    + DocumentLedger
    + PreparationLedger
    + PublicationLedger
    + DisplayRegistry
    + AnswerLedger
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
{
}

/// What is remembered of a source's fetching.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FetchState {
    /// When the next poll is due.
    pub next_poll_at: Option<DateTime<Utc>>,
    /// When a poll last brought an answer.
    pub polled_at: Option<DateTime<Utc>>,
    /// How many polls failed in a row.
    pub failures: u32,
    /// Why the last one failed.
    pub last_error: Option<String>,
    /// The answer's `ETag`.
    pub etag: Option<String>,
    /// The answer's `Last-Modified`.
    pub last_modified: Option<String>,
    /// The bytes last received.
    pub snapshot: Option<DocumentHash>,
}

/// The board as a source describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceBoard {
    /// The publisher's identifier.
    pub iri: String,
    /// What it is called.
    pub name: Texts,
    /// Its page.
    pub page: Option<Url>,
    /// The operator's IČO.
    pub operator_ico: Option<String>,
}

/// A notice as central knows it, between polls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownNotice {
    /// Central's identifier.
    pub id: NoticeId,
    /// What its source recognises it by.
    pub key: String,
    /// Whether it was withdrawn.
    pub withdrawn: bool,
    /// Since which believed poll it is missing.
    pub missing_since: Option<DateTime<Utc>>,
    /// What its newest revision says.
    pub facts: NoticeFacts,
}

/// What is known of a source's notices.
#[derive(Debug, Clone, Default)]
pub struct SourceState {
    /// To be handed back with the changes.
    pub version: i64,
    /// Whether a poll was ever believed.
    pub applied: bool,
    /// Every notice except replaced ones.
    pub notices: Vec<KnownNotice>,
    /// What is held.
    pub hold: Option<OpenHold>,
}

/// A notice or revision to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRevision {
    /// Of which notice.
    pub id: NoticeId,
    /// What the feed says.
    pub facts: NoticeFacts,
    /// The same as received.
    pub raw: String,
    /// Salts the hash in journals.
    pub salt: String,
}

/// How a hold ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldOutcome {
    /// The feed was believable again.
    Healed,
    /// A person accepted it.
    Accepted,
    /// A drop stood for as long as the rule wants.
    Matured,
    /// Something else is held instead.
    Superseded,
}

impl HoldOutcome {
    /// As it is stored.
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
    /// What is held, why and since when.
    pub hold: OpenHold,
    /// In words.
    pub message: String,
    /// The feed that is held.
    pub snapshot: DocumentHash,
}

/// What one poll changes; written all at once or not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceChanges {
    /// The board as the feed describes it, when the feed is believed.
    pub board: Option<SourceBoard>,
    /// How many warnings the reader had.
    pub warnings: usize,
    /// Notices that give up their key: the publisher reused it.
    pub replaced: Vec<NoticeId>,
    /// New notices with their keys.
    pub added: Vec<(String, NewRevision)>,
    /// New revisions.
    pub revised: Vec<NewRevision>,
    /// Notices recognised under another key.
    pub rekeyed: Vec<(NoticeId, String)>,
    /// Withdrawn notices that came back.
    pub reinstated: Vec<NoticeId>,
    /// Notices that are withdrawn.
    pub withdrawn: Vec<NoticeId>,
    /// Notices missing for the first time.
    pub missing: Vec<NoticeId>,
    /// Notices no longer missing.
    pub found: Vec<NoticeId>,
    /// How the open hold ends, when it does.
    pub close_hold: Option<HoldOutcome>,
    /// What is held from now on.
    pub hold: Option<HoldRecord>,
    /// Who accepted what, when a person did.
    pub audit: Option<AuditEntry>,
}

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Who did it.
    pub who: String,
    /// What was done, for instance `hold.accept`.
    pub action: &'static str,
    /// To what.
    pub subject: String,
    /// With what consequence, in JSON.
    pub detail: String,
}

/// Remembers sources and their notices.
#[async_trait]
pub trait SourceLedger: Send + Sync {
    /// What is remembered of fetching the source.
    async fn fetch_state(&self, source: &str) -> Result<FetchState, StorageError>;
    /// Remembers how fetching went.
    async fn set_fetch_state(&self, source: &str, state: &FetchState) -> Result<(), StorageError>;
    /// What is known of the source's notices.
    async fn source_state(&self, source: &str) -> Result<SourceState, StorageError>;
    /// Writes the changes decided on `version` of the state; [`StorageError::Conflict`] when it is no longer that.
    async fn apply(
        &self,
        source: &str,
        version: i64,
        changes: &SourceChanges,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// The board as the source describes it; `None` before a poll was believed.
    async fn source_board(&self, source: &str) -> Result<Option<SourceBoard>, StorageError>;
}

/// A hold as a person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldChange {
    /// To accept it by.
    pub id: i64,
    /// Of which source.
    pub source: String,
    /// Why, in words.
    pub message: String,
    /// Why, and which notices.
    pub hold: OpenHold,
    /// The feed that is held.
    pub snapshot: DocumentHash,
}

/// Answers questions about holds.
#[async_trait]
pub trait HoldLedger: Send + Sync {
    /// What is held now.
    async fn held(&self) -> Result<Vec<HeldChange>, StorageError>;
}

/// A document to be fetched from its publisher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentTask {
    /// Of which source.
    pub source: String,
    /// Where it is.
    pub url: Url,
    /// What central holds of it already.
    pub held: Option<HeldContent>,
    /// The `ETag` it had.
    pub etag: Option<String>,
    /// The `Last-Modified` it had.
    pub last_modified: Option<String>,
    /// How many attempts failed in a row.
    pub failures: u32,
}

/// Bytes central holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldContent {
    /// Their hash.
    pub hash: vyveska_wire::manifest::ContentHash,
    /// How many.
    pub size_bytes: u64,
    /// What they are.
    pub media_type: Option<String>,
}

/// What an attempt to fetch a document brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentResult {
    /// Bytes, the same as before or others.
    Content {
        /// The bytes.
        content: HeldContent,
        /// Their `ETag`.
        etag: Option<String>,
        /// Their `Last-Modified`.
        last_modified: Option<String>,
    },
    /// The publisher says nothing changed.
    NotModified,
    /// Nothing; what was held stays held.
    Failed {
        /// Why.
        error: String,
    },
}

/// Remembers documents at their publishers.
#[async_trait]
pub trait DocumentLedger: Send + Sync {
    /// Says which documents of a source are wanted; others are no longer fetched.
    async fn want(
        &self,
        source: &str,
        urls: &BTreeSet<Url>,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// Documents whose turn has come, those never fetched first.
    async fn due(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<DocumentTask>, StorageError>;
    /// Remembers an attempt; `next` is when the next is due.
    async fn record(
        &self,
        task: &DocumentTask,
        result: &DocumentResult,
        now: DateTime<Utc>,
        next: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// Says which documents somebody hands over without an address: they are held already, and never fetched.
    ///
    /// `source` is a name that no source has.
    async fn hand_over(
        &self,
        source: &str,
        documents: &[HeldContent],
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// What is held of a source's documents, by address.
    async fn contents(
        &self,
        source: &str,
    ) -> Result<std::collections::BTreeMap<String, HeldContent>, StorageError>;
}

/// What is made of a document, one after the other.
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
    /// Its bytes.
    pub content: HeldContent,
    /// Which attempt this is, counted from 1.
    pub attempts: u32,
}

/// What preparing a document brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreparationResult {
    /// It could be read.
    Made {
        /// How many pages it has.
        pages: u32,
        /// Its text, kept as content; `None` when it has none.
        text: Option<ContentRef>,
        /// Whether pages wait for recognition.
        recognise: bool,
    },
    /// Nothing more can be made of it; what was made before stays.
    Failed {
        /// Why.
        error: String,
    },
}

/// What was made of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preparation {
    /// How many pages it has.
    pub pages: Option<u32>,
    /// Its text.
    pub text: Option<ContentRef>,
}

/// Remembers what was made of documents, by the hash of their bytes.
#[async_trait]
pub trait PreparationLedger: Send + Sync {
    /// Claims a wanted document that waits for this stage, small ones first, until the claim expires.
    ///
    /// What an older `method` made waits to be made anew.
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
    /// Remembers what came of a claimed document and gives the claim back; tells which sources have something new by it.
    async fn record_preparation(
        &self,
        task: &PreparationTask,
        method: u32,
        result: &PreparationResult,
        now: DateTime<Utc>,
    ) -> Result<BTreeSet<String>, StorageError>;
    /// What was made of a source's documents, by the hash of their bytes.
    async fn preparations(
        &self,
        source: &str,
    ) -> Result<std::collections::BTreeMap<DocumentHash, Preparation>, StorageError>;
}

/// A notice in its newest revision, as it may be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentNotice {
    /// Central's identifier.
    pub id: NoticeId,
    /// Counted from 1.
    pub revision: u32,
    /// What the feed says.
    pub facts: NoticeFacts,
    /// The same as received.
    pub raw: String,
    /// The bytes of its documents in the order of the facts.
    pub contents: Vec<Option<HeldContent>>,
    /// Salts the hash in journals.
    pub salt: String,
    /// Whether this revision was ever published.
    pub published: bool,
}

/// A publication: the sections of a board from some moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Grows with every publication.
    pub id: i64,
    /// The sections.
    pub sections: Sections,
    /// When the next notice of it ends.
    pub changes_at: Option<DateTime<Utc>>,
}

/// A publication to be written.
#[derive(Debug, Clone)]
pub struct NewPublication {
    /// The newest one this was made after; 0 when there is none.
    pub after: i64,
    /// The sections.
    pub sections: Sections,
    /// When the next notice of it ends.
    pub changes_at: Option<DateTime<Utc>>,
    /// Everything it names, the sections included.
    pub content: Vec<HeldContent>,
    /// Revisions that are published by it.
    pub revisions: Vec<(NoticeId, u32)>,
}

/// Remembers what was published.
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
    /// The content of this hash, when one of the board's newest publications names it.
    async fn named_content(
        &self,
        board: &str,
        hash: DocumentHash,
    ) -> Result<Option<HeldContent>, StorageError>;
    /// The number of the newest publication of any board: a cheap way to notice that another process published.
    async fn newest_publication(&self) -> Result<i64, StorageError>;
}

/// A display that was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredDisplay {
    /// Its identifier.
    pub id: DisplayId,
    /// Which board it shows.
    pub board: String,
}

/// A manifest as it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredManifest {
    /// Its number.
    pub number: u64,
    /// Which publication it stands for.
    pub publication: i64,
    /// The envelope's exact bytes.
    pub bytes: Vec<u8>,
}

/// Remembers displays and their manifests.
#[async_trait]
pub trait DisplayRegistry: Send + Sync {
    /// The display of this id.
    async fn display(&self, id: &DisplayId) -> Result<Option<RegisteredDisplay>, StorageError>;
    /// Lets a display in; one that was let in before stays as it is.
    async fn register(
        &self,
        id: &DisplayId,
        key: &PublicKey,
        board: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// The displays of a board.
    async fn displays_of(&self, board: &str) -> Result<Vec<RegisteredDisplay>, StorageError>;
    /// The newest manifest of a display.
    async fn manifest(&self, id: &DisplayId) -> Result<Option<StoredManifest>, StorageError>;
    /// Adds a manifest; [`StorageError::Conflict`] when its number is taken.
    async fn add_manifest(
        &self,
        id: &DisplayId,
        manifest: &StoredManifest,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
}

/// How often a question was answered so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerCount {
    /// On which board.
    pub board: String,
    /// In which survey.
    pub survey: String,
    /// Which question.
    pub question: String,
    /// The number of the face, or the identifier of the choice.
    pub answer: String,
    /// The first day it was given.
    pub first: NaiveDate,
    /// The last.
    pub last: NaiveDate,
    /// How often.
    pub count: i64,
}

/// Remembers what passers-by answered.
#[async_trait]
pub trait AnswerLedger: Send + Sync {
    /// Takes answers, all or none; those taken before stay as they are.
    async fn take_answers(
        &self,
        display: &RegisteredDisplay,
        answers: &[NumberedAnswer],
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// How often what was answered.
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
