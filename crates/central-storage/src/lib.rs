//! What the central service knows, and the database that keeps it.
//!
//! The domain model is types and facts, behind narrow repository traits; the rules that decide about them are the
//! central service's.
//!
//! The pure parts decide, storage only keeps. A writer reads a state with its version, decides,
//! and writes all changes at once. If the version has changed in between, nothing is written and it decides again.

use std::path::PathBuf;

mod alarms;
mod answers;
mod clock;
mod displays;
mod documents;
mod facts;
mod holds;
mod preparations;
mod publications;
mod sources;
mod sqlite;

pub use alarms::{Alarm, AlarmRepository};
pub use answers::{AnswerCount, AnswerRepository};
pub use clock::ClockRepository;
pub use displays::{DisplayRepository, RegisteredDisplay, StoredManifest};
pub use documents::{DocumentRepository, DocumentResult, DocumentTask, HeldContent};
pub use facts::{DocumentFacts, NoticeFacts};
pub use holds::{HeldChange, HoldOutcome, HoldReason, HoldRecord, HoldRepository, OpenHold};
pub use preparations::{
    Preparation, PreparationRepository, PreparationResult, PreparationStage, PreparationTask,
};
pub use publications::{CurrentNotice, NewPublication, Publication, PublicationRepository};
pub use sources::{
    AuditEntry, FetchState, KnownNotice, NewRevision, SourceBoard, SourceChanges, SourceRepository,
    SourceState,
};
pub use sqlite::SqliteStorage;

#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    #[error(
        "the database {path} cannot be opened: its folder must be writable, on a disk that is neither full nor read-only"
    )]
    Open {
        path: PathBuf,
        #[source]
        source: sqlx::Error,
    },
    /// What the file holds is no database, or contradicts itself.
    #[error(
        "the database {path} is damaged: put that of the newest backup in its place, and remove {path}-wal and {path}-shm if they are there"
    )]
    Damaged {
        path: PathBuf,
        #[source]
        source: sqlx::Error,
    },
    /// It could not be brought to this version.
    #[error(
        "the database {path} cannot be migrated: it must be writable, on a disk that is neither full nor read-only, and not of a newer version"
    )]
    Migration {
        path: PathBuf,
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    /// What is stored cannot be read.
    #[error("what is stored as {what} cannot be read: {reason}")]
    Unreadable { what: &'static str, reason: String },
    /// Another writer changed the same rows in between; the caller decides again.
    #[error("the state changed meanwhile")]
    Conflict,
}

/// All storage traits in one.
pub trait Storage:
    SourceRepository
    + HoldRepository
    + DocumentRepository
    + PreparationRepository
    + PublicationRepository
    + DisplayRepository
    + AnswerRepository
    + AlarmRepository
    + ClockRepository
{
}

impl<T> Storage for T where
    T: SourceRepository
        + HoldRepository
        + DocumentRepository
        + PreparationRepository
        + PublicationRepository
        + DisplayRepository
        + AnswerRepository
        + AlarmRepository
        + ClockRepository
{
}
