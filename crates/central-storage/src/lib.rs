//! What the central service knows, and the database that keeps it.
//!
//! The domain model is types and facts, behind narrow repository traits; the rules that decide about them are the
//! central service's. The pure parts decide, storage only keeps. A writer reads a state with its version, decides,
//! and writes all changes at once. If the version has changed in between, nothing is written and it decides again.
//!
//! A [`Storage`] carries the [`Scope`] of its caller, and finds and changes only what is within it. Whoever opens the
//! database has all of it, as a [`ServiceStorage`], and lets others in by [`ServiceStorage::within`]. Changes that
//! somebody answers for are made by a [`UnitOfWork`], which writes the audit log.
//!
//! # One text for two databases
//!
//! The queries of `src/sql` are compiled twice, as modules of `sqlite.rs` and of `postgres.rs`, so that the two cannot
//! drift apart; what differs has a name in those two files. `tests/conformance` is run on both, and the migrations
//! stand side by side with equal numbers and names. A text that both understand
//!
//! - numbers its parameters (`$1`), and names the columns it reads;
//! - binds `i64`, never an unsigned number, and compares truth values with nothing (`wanted`, not `wanted = 1`);
//! - names the table in an upsert (`WHERE alarm.message <> excluded.message`), and learns identifiers by `RETURNING`;
//! - says where NULL comes in an order, and always gives one: PostgreSQL has no order of its own;
//! - compares texts by their bytes (`COLLATE "C"` in PostgreSQL), without `LIKE`.
//!
//! Instants are cut to microseconds by the clock, since PostgreSQL keeps no more. It keeps no NUL in a text either.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

mod account_changes;
mod accounts;
mod alarms;
mod answers;
mod boards;
mod clock;
mod displays;
mod documents;
mod enrolments;
mod facts;
mod holds;
mod jobs;
mod migrations;
mod postgres;
mod preparations;
mod publications;
mod retention;
mod scope;
mod sources;
mod sqlite;
mod statuses;
mod stored;
#[cfg(feature = "testing")]
pub mod testing;
mod unit_of_work;

pub use account_changes::AccountChanges;
pub use accounts::{
    AcceptedInvitation, Account, AccountRepository, Attempt, AuditAction, AuditEntry, AuditFilter,
    CountedFailure, Credentials, FailedSignIn, Grant, Invitation, LockOut, NewInvitation,
    NewSession, PendingSignIn, Role, Session, SignInRepository, SignedIn,
};
pub use alarms::{Alarm, AlarmRepository, AlarmSubject};
pub use answers::{AnswerCount, AnswerRepository};
pub use boards::{BoardRepository, StoredBoard, StoredSource, Town};
pub use clock::ClockRepository;
pub use displays::{DisplayRepository, RegisteredDisplay, StoredAssignment};
pub use documents::{DocumentRepository, DocumentResult, DocumentTask, HeldContent};
pub use enrolments::{Enrolled, EnrolledDisplay, Enrolment, EnrolmentRepository, NewEnrolment};
pub use facts::{DocumentFacts, MovedDocument, NoticeFacts};
pub use holds::{HeldChange, HoldOutcome, HoldReason, HoldRecord, HoldRepository, OpenHold};
pub use jobs::{JobKind, JobRepository, LeaseTime, LeasedJob, NewJob};
pub use postgres::PostgresStorage;
pub use preparations::{
    Drawing, Preparation, PreparationQueue, PreparationRepository, PreparationResult,
    PreparationStage, PreparationTask, StoredExamination,
};
pub use publications::{
    CurrentNotice, NewManifest, NewPublication, Publication, PublicationRepository,
    RevisionContents, StoredManifest,
};
pub use retention::RetentionRepository;
pub use scope::Scope;
pub use sources::{
    FetchState, KnownNotice, NewRevision, SourceBoard, SourceChanges, SourceRepository, SourceState,
};
pub use sqlite::SqliteStorage;
pub use statuses::{
    DisplayState, HeardStatus, NewStatus, SilentDisplay, StatusLog, StatusRepository,
};
pub use unit_of_work::{Actor, UnitOfWork};

#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
    /// It may be that nothing is changed, or all that the caller wanted.
    #[error("the database does not answer in time")]
    Silent(#[source] sqlx::Error),
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
        "the database {path} cannot be migrated: it must be writable, on a disk that is neither full nor read-only"
    )]
    Migration {
        path: PathBuf,
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    #[error(
        "the database {database} was used by a newer version of this program: start that version again, or put back a backup that is older than it"
    )]
    Newer { database: String },
    /// Whoever only reads a database brings it to no other version.
    #[error(
        "the database {database} was used by an older version of this program last: starting the service with this version brings it up to date"
    )]
    Older { database: String },
    /// The address of a PostgreSQL database cannot be understood.
    #[error("the address of the database is wrong: it looks like postgres://user@host/database")]
    Address {
        #[source]
        source: sqlx::Error,
    },
    #[error(
        "PostgreSQL at {server} cannot be reached: it must be running, and take connections from this computer"
    )]
    Unreachable {
        server: String,
        #[source]
        source: sqlx::Error,
    },
    #[error(
        "PostgreSQL at {server} does not let the user {user} in: the password must be right, in the address or in the file that PGPASSFILE names, and pg_hba.conf must name the user"
    )]
    Refused {
        server: String,
        user: String,
        #[source]
        source: sqlx::Error,
    },
    #[error(
        "PostgreSQL at {server} has no database {database}: make it there with `createdb --owner={user} {database}`"
    )]
    NoDatabase {
        server: String,
        user: String,
        database: String,
    },
    #[error("the database {database} cannot be migrated: the user {user} must own it")]
    ServerMigration {
        database: String,
        user: String,
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    /// What is stored cannot be read.
    #[error("what is stored as {what} cannot be read: {reason}")]
    Unreadable { what: &'static str, reason: String },
    /// What is stored of a job cannot be read. It was removed, so that it keeps no other waiting.
    #[error("what is stored of a job could not be read and was removed: {reason}")]
    UnreadableJob {
        kind: JobKind,
        key: String,
        reason: String,
    },
    /// Another writer changed the same rows in between; the caller decides again.
    #[error("the state changed meanwhile")]
    Conflict,
    /// A part of a unit of work failed before, and with it all of it was taken back.
    #[error("a part of the change failed, and nothing of it is saved")]
    Incomplete,
    /// There is no such row, or it is not within the caller's scope.
    #[error("there is nothing of this name")]
    NotFound,
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code());
        let timed_out = std::io::ErrorKind::TimedOut;
        match (code.as_deref(), &error) {
            // serialization_failure, deadlock_detected: PostgreSQL took one of several writers back.
            (Some("40001" | "40P01"), _) => Self::Conflict,
            // query_canceled: by the limit for a statement.
            (Some("57014"), _) | (None, sqlx::Error::PoolTimedOut) => Self::Silent(error),
            (None, sqlx::Error::Io(io)) if io.kind() == timed_out => Self::Silent(error),
            _ => Self::Database(error),
        }
    }
}

/// What belongs to towns, within a scope: a query for anything else finds nothing, and a change of it is
/// [`StorageError::NotFound`].
#[async_trait]
pub trait Storage:
    BoardRepository
    + SourceRepository
    + HoldRepository
    + DocumentRepository
    + PreparationRepository
    + PublicationRepository
    + DisplayRepository
    + EnrolmentRepository
    + StatusRepository
    + AnswerRepository
    + AlarmRepository
    + AccountRepository
{
    /// Begins changes that `actor` answers for.
    async fn begin(
        &self,
        actor: Actor,
        now: DateTime<Utc>,
    ) -> Result<Box<dyn UnitOfWork>, StorageError>;
}

/// The whole database: every town, and what belongs to none.
#[async_trait]
pub trait ServiceStorage:
    Storage
    + JobRepository
    + PreparationQueue
    + ClockRepository
    + RetentionRepository
    + StatusLog
    + SignInRepository
{
    /// The same database, kept within a scope.
    fn within(&self, scope: Scope) -> Arc<dyn Storage>;
    /// Waits until something may have been published, by this or another process, since the call before returned. The
    /// first call returns at once, and so does the next one after an error.
    ///
    /// Only a help for whoever asks from time to time: SQLite never wakes anybody.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached, or the database is closed.
    async fn wait_for_publication(&self) -> Result<(), StorageError>;
    /// Closes every connection.
    async fn close(&self);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    fn migrations(database: &str) -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let files = std::fs::read_dir(folder.join(database)).unwrap();
        files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn migrations_stand_side_by_side() {
        assert_eq!(migrations("sqlite"), migrations("postgres"));
    }
}
