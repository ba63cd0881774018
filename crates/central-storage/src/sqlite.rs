//! SQLite: one file beside the documents, for a central service on one machine.
//!
//! WAL mode lets readers continue while a poll is written. Every write begins with `BEGIN IMMEDIATE`,
//! so that two processes (the service and a command) wait for each other instead of failing midway.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};

use crate::{Scope, ServiceStorage, Storage, StorageError};

/// The same as [`list`], as a literal.
macro_rules! rows {
    ($list:tt) => {
        concat!("json_each(", $list, ")")
    };
}

#[expect(clippy::duplicate_mod, reason = "one text for both databases")]
#[macro_use]
#[path = "sql/scope.rs"]
mod scope;
#[expect(clippy::duplicate_mod, reason = "one text for both databases")]
#[path = "sql/alarms.rs"]
mod alarms;
#[expect(clippy::duplicate_mod, reason = "one text for both databases")]
#[path = "sql/answers.rs"]
mod answers;
#[expect(clippy::duplicate_mod, reason = "one text for both databases")]
#[path = "sql/boards.rs"]
mod boards;
#[expect(clippy::duplicate_mod, reason = "one text for both databases")]
#[path = "sql/clock.rs"]
mod clock;
#[expect(clippy::duplicate_mod, reason = "one text for both databases")]
#[path = "sql/displays.rs"]
mod displays;
#[expect(clippy::duplicate_mod, reason = "one text for both databases")]
#[path = "sql/documents.rs"]
mod documents;
#[expect(clippy::duplicate_mod, reason = "one text for both databases")]
#[path = "sql/holds.rs"]
mod holds;
#[expect(clippy::duplicate_mod, reason = "one text for both databases")]
#[path = "sql/jobs.rs"]
mod jobs;
#[expect(clippy::duplicate_mod, reason = "one text for both databases")]
#[path = "sql/preparations.rs"]
mod preparations;
#[expect(clippy::duplicate_mod, reason = "one text for both databases")]
#[path = "sql/publications.rs"]
mod publications;
#[expect(clippy::duplicate_mod, reason = "one text for both databases")]
#[path = "sql/retention.rs"]
mod retention;
#[expect(clippy::duplicate_mod, reason = "one text for both databases")]
#[path = "sql/sources.rs"]
mod sources;
#[expect(clippy::duplicate_mod, reason = "one text for both databases")]
#[path = "sql/unit_of_work.rs"]
mod unit_of_work;

type Db = Sqlite;
type DbRow = SqliteRow;
type DbStorage = SqliteStorage;

/// Nothing has to be locked: one writer follows the other.
fn skip_locked(_table: &str) -> String {
    String::new()
}

/// The rows of a JSON list of texts, in the column `value`.
fn list(parameter: &str) -> String {
    format!("json_each({parameter})")
}

/// A database in a file.
#[derive(Debug, Clone)]
pub struct SqliteStorage {
    pool: SqlitePool,
    scope: Scope,
}

impl SqliteStorage {
    /// Opens the database file, makes it when missing, and brings it to this version.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened or migrated.
    pub async fn open(path: &Path) -> Result<Self, StorageError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A manifest number given to a display must survive a power cut: numbers only grow.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(20));
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await
            .map_err(|source| cannot_open(path, source))?;
        // No version had migrations 5 and 6; their numbers stay free, since databases remember what was applied, and
        // its exact bytes.
        sqlx::migrate!("./migrations/sqlite")
            .run(&pool)
            .await
            .map_err(|source| cannot_migrate(path, source))?;
        let scope = Scope::of_service();
        Ok(Self { pool, scope })
    }

    /// A transaction whose reads see the same moment.
    async fn reading(&self) -> Result<Transaction<'static, Db>, StorageError> {
        Ok(self.pool.begin().await?)
    }

    async fn writing(&self) -> Result<Transaction<'static, Db>, StorageError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// A transaction in which publications are numbered: one after the other, so that a larger number is later.
    async fn publishing(&self) -> Result<Transaction<'static, Db>, StorageError> {
        self.writing().await
    }
}

#[async_trait]
impl ServiceStorage for SqliteStorage {
    fn within(&self, scope: Scope) -> Arc<dyn Storage> {
        let pool = self.pool.clone();
        Arc::new(Self { pool, scope })
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}

/// Whether the database file itself is to blame: `SQLITE_CORRUPT` or `SQLITE_NOTADB`.
fn is_damage(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    let code: Option<i32> = code.and_then(|code| code.parse().ok());
    // The lowest byte of an extended result code is the primary one.
    matches!(code.map(|code| code & 0xff), Some(11 | 26))
}

fn cannot_open(path: &Path, source: sqlx::Error) -> StorageError {
    let path = path.to_owned();
    if is_damage(&source) {
        StorageError::Damaged { path, source }
    } else {
        StorageError::Open { path, source }
    }
}

fn cannot_migrate(path: &Path, source: MigrateError) -> StorageError {
    let path = path.to_owned();
    match source {
        MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _)
            if is_damage(&source) =>
        {
            StorageError::Damaged { path, source }
        }
        MigrateError::VersionMissing(_) => StorageError::Newer {
            database: path.display().to_string(),
        },
        source => StorageError::Migration { path, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opens what a damage leaves of a database.
    async fn open_damaged(damage: fn(&mut Vec<u8>)) -> (Result<(), StorageError>, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("central.sqlite");
        // The last connection takes the write-ahead log into the file.
        let storage = SqliteStorage::open(&path).await.unwrap();
        storage.close().await;
        let mut bytes = std::fs::read(&path).unwrap();
        damage(&mut bytes);
        std::fs::write(&path, bytes).unwrap();
        let opened = SqliteStorage::open(&path).await;
        (opened.map(drop), path.display().to_string())
    }

    #[tokio::test]
    async fn a_damaged_database_is_said_to_be_damaged() {
        let damages: [fn(&mut Vec<u8>); 3] = [
            |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2),
            |bytes: &mut Vec<u8>| bytes[..100].fill(b'x'),
            |bytes: &mut Vec<u8>| bytes[4096..].fill(0),
        ];
        for damage in damages {
            let (opened, path) = open_damaged(damage).await;
            let error = opened.unwrap_err();
            assert!(matches!(error, StorageError::Damaged { .. }), "{error:?}");
            let words = error.to_string();
            for part in [path.as_str(), "is damaged", "backup"] {
                assert!(words.contains(part), "{words}");
            }
        }
    }

    #[tokio::test]
    async fn an_intact_database_is_opened_again() {
        let (opened, _) = open_damaged(|_| {}).await;
        opened.unwrap();
    }

    #[tokio::test]
    async fn jobs_that_are_due_are_found_by_their_index() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("central.sqlite");
        let storage = SqliteStorage::open(&path).await.unwrap();
        let explain = format!(
            "EXPLAIN QUERY PLAN SELECT job.key FROM job WHERE {}",
            jobs::LEASABLE
        );
        let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(sqlx::AssertSqlSafe(explain))
            .bind("poll")
            .bind("now")
            .bind("longest")
            .bind("latest")
            .bind(1)
            .fetch_all(&storage.pool)
            .await
            .unwrap();
        let searches = rows.iter().filter(|row| row.3.starts_with("SEARCH job "));
        let searches: Vec<&str> = searches.map(|row| row.3.as_str()).collect();
        let expected = [
            "leased_until=? AND run_at<?",
            "leased_until=? AND run_at>?",
            "leased_until<?",
            "leased_until>?",
        ]
        .map(|bounds| format!("SEARCH job USING INDEX job_due (kind=? AND {bounds})"));
        assert_eq!(searches, expected);
    }
}
