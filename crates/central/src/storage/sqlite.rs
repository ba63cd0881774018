//! The SQLite implementation of the storage traits: one file beside the documents, for a central service on one machine.
//!
//! WAL mode lets readers continue while a poll is written. Every write begins with `BEGIN IMMEDIATE`,
//! so that two processes (the service and a command) wait for each other instead of failing midway.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};
use vyveska_board::DocumentHash;

use super::StorageError;

mod alarms;
mod answers;
mod clock;
mod displays;
mod documents;
mod holds;
mod preparations;
mod publications;
mod sources;

/// The SQLite implementation of [`super::Storage`].
#[derive(Debug, Clone)]
pub struct SqliteStorage {
    pool: SqlitePool,
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
            .map_err(|source| StorageError::Open {
                path: path.to_owned(),
                source,
            })?;
        // No version had migrations 5 and 6; their numbers stay free, since databases remember what was applied.
        sqlx::migrate!("./migrations")
            .run(&pool)
            .await
            .map_err(|source| StorageError::Migration {
                path: path.to_owned(),
                source,
            })?;
        Ok(Self { pool })
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn writing(&self) -> Result<Transaction<'_, Sqlite>, StorageError> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }
}

fn to_json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("what central stores always serialises")
}

fn from_json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, StorageError> {
    serde_json::from_str(text).map_err(|error| StorageError::Unreadable {
        what,
        // Its message might quote what is stored.
        reason: format!(
            "{:?} error in line {}, column {}",
            error.classify(),
            error.line(),
            error.column()
        ),
    })
}

fn hash(what: &'static str, text: &str) -> Result<DocumentHash, StorageError> {
    text.parse().map_err(
        |error: vyveska_board::ParseHashError| StorageError::Unreadable {
            what,
            reason: error.to_string(),
        },
    )
}

fn size(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
