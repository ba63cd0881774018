//! The conformance suite on SQLite, and what concerns SQLite alone.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod conformance;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tokio::task::JoinSet;
use vyveska_central_storage::testing::{DOCUMENTS_DUE, NEXT_DOCUMENT_DUE};
use vyveska_central_storage::{
    AlarmSubject, JobKind, LeaseTime, ServiceStorage, SqliteStorage, StorageError,
};

/// An empty database.
struct TestDatabase {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl TestDatabase {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            path: folder.path().join("central.sqlite"),
            _folder: folder,
        }
    }

    /// Opens it as another process would.
    async fn open(&self) -> Result<Arc<dyn ServiceStorage>, StorageError> {
        Ok(Arc::new(SqliteStorage::open(&self.path).await?))
    }

    /// Opens it to be read alone.
    async fn open_to_read(&self) -> Result<Option<Arc<dyn ServiceStorage>>, StorageError> {
        let opened = SqliteStorage::open_to_read(&self.path).await?;
        Ok(opened.map(|storage| Arc::new(storage) as Arc<dyn ServiceStorage>))
    }

    async fn pool(&self) -> SqlitePool {
        let address = format!("sqlite://{}", self.path.display());
        SqlitePool::connect(&address).await.unwrap()
    }

    /// Makes it as it was before a migration.
    async fn make_before(&self, migration: i64) {
        let mut migrator = sqlx::migrate!("./migrations/sqlite");
        let earlier = migrator.iter().filter(|one| one.version < migration);
        migrator.migrations = earlier.cloned().collect();
        let options = SqliteConnectOptions::new()
            .filename(&self.path)
            .create_if_missing(true);
        let pool = SqlitePool::connect_with(options).await.unwrap();
        migrator.run(&pool).await.unwrap();
        pool.close().await;
    }

    async fn execute(&self, statement: &'static str) {
        let pool = self.pool().await;
        sqlx::raw_sql(statement).execute(&pool).await.unwrap();
        pool.close().await;
    }

    /// The number that a query finds.
    async fn count(&self, query: &'static str) -> i64 {
        let pool = self.pool().await;
        let count = sqlx::query_scalar(query).fetch_one(&pool).await.unwrap();
        pool.close().await;
        count
    }
}

/// What SQLite does to find the rows of a query.
async fn plan(database: &TestDatabase, query: &str) -> String {
    let pool = database.pool().await;
    let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {query}"));
    let rows: Vec<(i64, i64, i64, String)> =
        sqlx::query_as(explain).fetch_all(&pool).await.unwrap();
    pool.close().await;
    rows.into_iter().map(|row| row.3 + "\n").collect()
}

#[tokio::test]
async fn the_documents_of_a_source_that_are_due_are_found_in_their_order_by_indexes() {
    let database = TestDatabase::new().await;
    database.open().await.unwrap().close().await;
    let due = plan(&database, DOCUMENTS_DUE).await;
    assert!(due.contains("document_due (source_id=?)"), "{due}");
    assert!(!due.contains("ORDER BY"), "sorted anew: {due}");
    let next = plan(&database, NEXT_DOCUMENT_DUE).await;
    assert!(next.contains("document_next (source_id=?)"), "{next}");
}

#[tokio::test]
async fn readers_go_on_while_more_writers_wait_than_there_are_connections() {
    let database = TestDatabase::new().await;
    let storage = database.open().await.unwrap();
    let pool = database.pool().await;
    let another = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let mut writers = JoinSet::new();
    for _ in 0..20 {
        let storage = storage.clone();
        writers.spawn(async move {
            let subject = AlarmSubject::Service("central");
            let raised = storage.raise_alarm("job", subject, "it fails", conformance::start());
            raised.await.unwrap()
        });
    }
    // Each of them waits for its connection, or for the lock, from here on.
    tokio::task::yield_now().await;
    for _ in 0..20 {
        assert_eq!(storage.alarms().await.unwrap(), []);
        assert!(writers.try_join_next().is_none(), "the lock is held");
    }
    another.rollback().await.unwrap();
    let raised = writers
        .join_all()
        .await
        .into_iter()
        .filter(|raised| *raised);
    assert_eq!(raised.count(), 1, "the others find it open");
    pool.close().await;
}

#[tokio::test]
async fn a_database_of_november_2026_is_taken_over() {
    let database = TestDatabase::new().await;
    let kept = "../../tests/fixtures/data-2026-11/central/central.sqlite";
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join(kept);
    std::fs::copy(kept, &database.path).unwrap();
    let storage = database.open().await.unwrap();
    let notices = storage.current_notices("hlubina").await.unwrap();
    let documents = notices.iter().flat_map(|notice| &notice.contents);
    assert_eq!((notices.len(), documents.flatten().count()), (4, 2));
    assert!(notices.iter().all(|notice| notice.published));
    let publication = storage.publication("hlubina").await.unwrap().unwrap();
    let displays = "SELECT count(*) FROM display WHERE board_id = 'hlubina'";
    let displays = sqlx::query_scalar::<_, i64>(displays);
    let displays = displays.fetch_one(&database.pool().await).await;
    assert_eq!(displays.unwrap(), 1);
    // That of the display: its number stays, and the board's is signed anew.
    let manifest = storage.manifest("hlubina").await.unwrap().unwrap();
    assert_eq!(manifest.publication, publication.id);
    assert_eq!(
        (manifest.number, manifest.bytes.len()),
        (1_795_881_114_037, 0)
    );
    // Its poll is due when it was.
    let due: DateTime<Utc> = "2026-11-28T15:52:17.019852326Z".parse().unwrap();
    for (now, count) in [(due - TimeDelta::microseconds(1), 0), (due, 1)] {
        let time = LeaseTime {
            now,
            latest: due,
            until: due + TimeDelta::minutes(5),
        };
        let leased = storage.lease(JobKind::Poll, &[], 1, time).await.unwrap();
        assert!(leased.iter().all(|job| job.key == "hlubina"), "{leased:?}");
        assert_eq!(leased.iter().len(), count);
    }
    let contents = storage.contents("hlubina").await.unwrap();
    let prepared = storage.preparations("hlubina").await.unwrap();
    assert_eq!((contents.len(), prepared.len()), (2, 2));
    for content in contents.values() {
        assert!(prepared[&content.hash.0].pages.is_some());
    }
}
