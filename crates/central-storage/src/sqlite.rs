//! SQLite: one file beside the documents, for a central service on one machine.
//!
//! WAL mode lets readers continue while a poll is written. Every write begins with `BEGIN IMMEDIATE`,
//! so that two processes (the service and a command) wait for each other instead of failing midway. Writers have one
//! connection of their own: however many wait, they take none from readers.
//!
//! On a full disk SQLite may end a transaction by itself. The connection then cannot roll it back, counts it as open, and
//! refuses every further one; it is closed and replaced.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteRow, SqliteSynchronous,
};
use sqlx::{Connection as _, Sqlite};

use crate::migrations::{APPLIED, check_applied};
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
#[path = "sql/account_changes.rs"]
mod account_changes;
#[expect(clippy::duplicate_mod, reason = "one text for both databases")]
#[path = "sql/accounts.rs"]
mod accounts;
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
#[path = "sql/enrolments.rs"]
mod enrolments;
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
#[path = "sql/statuses.rs"]
mod statuses;
#[expect(clippy::duplicate_mod, reason = "one text for both databases")]
#[path = "sql/unit_of_work.rs"]
mod unit_of_work;

/// The query for the documents of a source that are due.
#[cfg(feature = "testing")]
pub const DOCUMENTS_DUE: &str = documents::DUE;
/// The query for when the next one is.
#[cfg(feature = "testing")]
pub const NEXT_DOCUMENT_DUE: &str = documents::NEXT_DUE;

type Db = Sqlite;
type DbRow = SqliteRow;
type DbStorage = SqliteStorage;
type Transaction = sqlx::Transaction<'static, Sqlite>;

/// How many connections there are at once that read.
const READERS: u32 = 4;

/// Nothing has to be locked: one writer follows the other.
fn skip_locked(_table: &str) -> String {
    String::new()
}

/// The rows of a JSON list of texts, in the column `value`.
fn list(parameter: &str) -> String {
    format!("json_each({parameter})")
}

/// No version had migrations 5, 6 and 18; their numbers stay free, since databases remember what was applied, and its
/// exact bytes.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");

/// A database in a file.
#[derive(Debug, Clone)]
pub struct SqliteStorage {
    /// Reads.
    pool: SqlitePool,
    writers: SqlitePool,
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
        let writers = SqlitePoolOptions::new()
            .max_connections(1)
            .after_release(|connection, _| Box::pin(is_free(connection)))
            .connect_with(options.clone())
            .await
            .map_err(|source| cannot_open(path, source))?;
        // One process after the other, so that the second one finds done what the first one has done.
        let mut transaction = writers
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(|source| cannot_open(path, source))?;
        MIGRATIONS
            .run(&mut *transaction)
            .await
            .map_err(|source| cannot_migrate(path, source))?;
        transaction
            .commit()
            .await
            .map_err(|source| cannot_open(path, source))?;
        let pool = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options)
            .await
            .map_err(|source| cannot_open(path, source))?;
        Ok(Self {
            pool,
            writers,
            scope: Scope::of_service(),
        })
    }

    /// Opens the database file as it is, to be read alone; `None` when there is none.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or another version of this program has used it last.
    pub async fn open_to_read(path: &Path) -> Result<Option<Self>, StorageError> {
        if !path.exists() {
            return Ok(None);
        }
        let options = SqliteConnectOptions::new().filename(path).read_only(true);
        let pool = SqlitePoolOptions::new()
            .connect_with(options)
            .await
            .map_err(|source| cannot_open(path, source))?;
        let applied = sqlx::query_scalar(APPLIED).fetch_all(&pool).await?;
        check_applied(&MIGRATIONS, applied, path.display().to_string())?;
        Ok(Some(Self {
            writers: pool.clone(),
            pool,
            scope: Scope::of_service(),
        }))
    }

    /// A transaction whose reads see the same moment.
    async fn reading(&self) -> Result<Transaction, StorageError> {
        Ok(self.pool.begin().await?)
    }

    async fn writing(&self) -> Result<Transaction, StorageError> {
        Ok(self.writers.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// A transaction in which publications are numbered: one after the other, so that a larger number is later.
    async fn publishing(&self) -> Result<Transaction, StorageError> {
        self.writing().await
    }
}

/// Nothing has to be locked: one writer follows the other.
async fn number_publications(_transaction: &mut Transaction) -> Result<(), StorageError> {
    Ok(())
}

/// Whether a connection that is given back is in no transaction.
async fn is_free(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // A transaction that was dropped is rolled back before the response to this.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// Nothing has to be locked: one writer follows the other.
async fn lock_boards(_transaction: &mut Transaction) -> Result<(), StorageError> {
    Ok(())
}

/// Nothing has to be locked: one writer follows the other.
async fn lock_accounts(_transaction: &mut Transaction) -> Result<(), StorageError> {
    Ok(())
}

/// Nobody is waiting: SQLite has no notifications.
async fn notify_publication(_transaction: &mut Transaction) -> Result<(), StorageError> {
    Ok(())
}

#[async_trait]
impl ServiceStorage for SqliteStorage {
    fn within(&self, scope: Scope) -> Arc<dyn Storage> {
        Arc::new(Self {
            scope,
            ..self.clone()
        })
    }

    async fn wait_for_publication(&self) -> Result<(), StorageError> {
        std::future::pending().await
    }

    async fn close(&self) {
        self.pool.close().await;
        self.writers.close().await;
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
    use crate::PreparationStage;

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
    async fn no_connection_is_left_unable_to_write_by_a_full_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("central.sqlite");
        let storage = SqliteStorage::open(&path).await.unwrap();
        let mut connection = storage.writers.acquire().await.unwrap();
        // As many as there are, of this connection alone.
        let no_more_pages = sqlx::raw_sql("PRAGMA max_page_count = 1");
        no_more_pages.execute(&mut *connection).await.unwrap();
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
        let fill = "INSERT INTO town (id, name) VALUES ('t', hex(zeroblob(1000000)))";
        let filled = sqlx::query(fill).execute(&mut *transaction).await;
        let full = filled.unwrap_err().into_database_error().unwrap();
        assert_eq!(full.code().as_deref(), Some("13"), "{full}");
        drop(transaction);
        drop(connection);
        let mut transaction = storage.writing().await.unwrap();
        let write = "INSERT INTO town (id, name) VALUES ('t', '{}')";
        let written = sqlx::query(write).execute(&mut *transaction).await;
        written.unwrap();
        transaction.commit().await.unwrap();
        let towns = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM town");
        assert_eq!(towns.fetch_one(&storage.pool).await.unwrap(), 1);
    }

    /// What SQLite does to find the rows of a query.
    async fn plan(query: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("central.sqlite");
        let storage = SqliteStorage::open(&path).await.unwrap();
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {query}"));
        let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain)
            .fetch_all(&storage.pool)
            .await
            .unwrap();
        rows.into_iter().map(|row| row.3 + "\n").collect()
    }

    #[tokio::test]
    async fn queries_find_their_rows_by_indexes() {
        let (unnamed, known) = (
            retention::find_unnamed(""),
            retention::find_unnamed(&format!("AND {}", retention::UNKNOWN)),
        );
        let queries: [(&str, &[&str]); 9] = [
            (
                alarms::OPEN_ALARM,
                &["alarm_open (kind=? AND subject=? AND subject_type=?)"],
            ),
            (
                answers::RECEIVED,
                &["answer_received (display_id=? AND received_at>?)"],
            ),
            (
                publications::PUBLISHED_AFTER,
                &["SEARCH publication USING INTEGER PRIMARY KEY (rowid>?)"],
            ),
            (
                sources::LIVE_NOTICES,
                &["notice_by_source (source_id=? AND state=?)"],
            ),
            (
                sources::FORGET_RAW,
                &["SEARCH revision USING INDEX sqlite_autoindex_revision_1 (notice_id=?"],
            ),
            (
                sources::ARCHIVED_NOTICES,
                &["notice_by_key (source_id=? AND feed_key=?)"],
            ),
            (
                sources::REVIVE_ENDED,
                &["notice_ended (source_id=? AND archived_at>?)"],
            ),
            (
                &unnamed,
                &[
                    "publication_content_by_hash (hash=?)",
                    "publication_by_board (board_id=? AND id>?)",
                    "document_by_hash (hash=?)",
                    "preparation_by_text (text_hash=?)",
                    "preparation_by_rendition (rendition_hash=?)",
                ],
            ),
            (&known, &["document_unwanted_by_hash (hash=?)"]),
        ];
        for (query, indexes) in queries {
            let plan = plan(query).await;
            for index in indexes {
                assert!(plan.contains(index), "{index}: {plan}");
            }
        }
    }

    #[tokio::test]
    async fn documents_that_wait_to_be_prepared_are_found_without_a_look_at_the_others() {
        for (stage, index) in [
            (PreparationStage::Text, "preparation_by_method (method<?)"),
            (
                PreparationStage::Recognition,
                "preparation_to_recognise (method=?)",
            ),
            (
                PreparationStage::Drawing,
                "preparation_by_drawing_method (drawing_method<?)",
            ),
        ] {
            let plan = plan(&preparations::find_waiting(stage, "$6 IS NULL")).await;
            for index in [index, "document_by_hash (hash=?)"] {
                assert!(plan.contains(index), "{index}: {plan}");
            }
        }
    }

    #[tokio::test]
    async fn publications_to_forget_are_found_without_a_look_for_each() {
        for query in [
            retention::OLD_PUBLICATIONS,
            retention::REPLACED_WITH_CONTENT,
        ] {
            let plan = plan(query).await;
            assert!(!plan.contains("CORRELATED"), "{plan}");
        }
    }

    #[tokio::test]
    async fn jobs_that_are_due_are_found_by_their_index() {
        let plan = plan(&format!("SELECT job.key FROM job WHERE {}", jobs::LEASABLE)).await;
        for bounds in [
            "leased_until=? AND run_at<?",
            "leased_until=? AND run_at>?",
            "leased_until<?",
            "leased_until>?",
        ] {
            let search = format!("SEARCH job USING INDEX job_due (kind=? AND {bounds})");
            assert!(plan.contains(&search), "{search}: {plan}");
        }
    }
}
