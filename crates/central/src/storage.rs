//! Storage: narrow traits named after the job, and their SQLite implementation.
//!
//! The pure parts decide, storage only keeps. A writer reads a state with its version, decides,
//! and writes all changes at once. If the version has changed in between, nothing is written and it decides again.

use std::path::PathBuf;

mod alarms;
mod answers;
mod clock;
mod displays;
mod documents;
mod holds;
mod preparations;
mod publications;
mod sources;
mod sqlite;

pub use alarms::{Alarm, AlarmLedger};
pub use answers::{AnswerCount, AnswerLedger};
pub use clock::ClockMemory;
pub use displays::{DisplayRegistry, RegisteredDisplay, StoredManifest};
pub use documents::{DocumentLedger, DocumentResult, DocumentTask, HeldContent};
pub use holds::{HeldChange, HoldLedger, HoldOutcome, HoldRecord};
pub use preparations::{
    Preparation, PreparationLedger, PreparationResult, PreparationStage, PreparationTask,
};
pub use publications::{CurrentNotice, NewPublication, Publication, PublicationLedger};
pub use sources::{
    AuditEntry, FetchState, KnownNotice, NewRevision, SourceBoard, SourceChanges, SourceLedger,
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
    SourceLedger
    + HoldLedger
    + DocumentLedger
    + PreparationLedger
    + PublicationLedger
    + DisplayRegistry
    + AnswerLedger
    + AlarmLedger
    + ClockMemory
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
        + ClockMemory
{
}
