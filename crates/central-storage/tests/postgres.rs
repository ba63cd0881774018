//! The conformance suite on PostgreSQL, and what concerns PostgreSQL alone.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod conformance;

use std::collections::BTreeMap;
use std::error::Error as _;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use conformance::boards::board;
use conformance::{manifest, sections, start};
use sqlx::{Connection as _, PgConnection, Row as _, SqlitePool};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use vyveska_central_storage::testing::{PostgresServer, execute};
use vyveska_central_storage::{
    Actor, AlarmSubject, JobKind, NewJob, NewPublication, PostgresStorage, ServiceStorage,
    SqliteStorage, StorageError,
};

/// An empty database: a schema of its own.
struct TestDatabase {
    address: String,
}

impl TestDatabase {
    async fn new() -> Self {
        Self {
            address: PostgresServer::of_this_process().schema().await,
        }
    }

    /// Opens it as another process would.
    async fn open(&self) -> Result<Arc<dyn ServiceStorage>, StorageError> {
        Ok(Arc::new(PostgresStorage::open(&self.address).await?))
    }

    /// Opens it as two other processes would.
    async fn open_twice(&self) -> [Arc<dyn ServiceStorage>; 2] {
        [self.open().await.unwrap(), self.open().await.unwrap()]
    }

    /// Opens it to be read alone.
    async fn open_to_read(&self) -> Result<Option<Arc<dyn ServiceStorage>>, StorageError> {
        let opened = PostgresStorage::open_to_read(&self.address).await?;
        Ok(opened.map(|storage| Arc::new(storage) as Arc<dyn ServiceStorage>))
    }

    /// Makes it as it was before a migration.
    async fn make_before(&self, migration: i64) {
        let mut migrator = sqlx::migrate!("./migrations/postgres");
        let earlier = migrator.iter().filter(|one| one.version < migration);
        migrator.migrations = earlier.cloned().collect();
        let mut connection = PgConnection::connect(&self.address).await.unwrap();
        migrator.run(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    async fn execute(&self, statement: &'static str) {
        execute(&self.address, statement.to_owned()).await;
    }

    /// The number that a query finds.
    async fn count(&self, query: &'static str) -> i64 {
        let mut connection = PgConnection::connect(&self.address).await.unwrap();
        let count = sqlx::query_scalar(query).fetch_one(&mut connection);
        let count = count.await.unwrap();
        connection.close().await.unwrap();
        count
    }
}

/// Why a database cannot be opened, in all words that reach a log.
async fn refused(address: &str) -> String {
    let error = PostgresStorage::open(address).await.unwrap_err();
    let source = error.source().map(ToString::to_string);
    format!("{error}: {} {error:?}", source.unwrap_or_default())
}

#[track_caller]
fn check_says(words: &str, parts: &[&str]) {
    for part in parts {
        assert!(words.contains(part), "{part:?} is missing in {words:?}");
    }
    assert!(!words.contains("hunter2"), "the password is told: {words}");
}

#[tokio::test]
async fn what_is_wrong_with_an_address_is_said_with_its_remedy_and_without_its_password() {
    let server = PostgresServer::of_this_process();
    let folder = server.socket_folder().display().to_string();
    for prepare in [
        "CREATE ROLE clerk LOGIN PASSWORD 'right'",
        "CREATE DATABASE town",
    ] {
        server.execute(prepare.to_owned()).await;
    }
    let address = |user: &str, database: &str| {
        format!("postgres://{user}@localhost/{database}?host={folder}")
    };

    let words = refused(&address("clerk:hunter2", "town")).await;
    check_says(
        &words,
        &[folder.as_str(), "clerk", "PGPASSFILE", "pg_hba.conf"],
    );
    let words = refused(&address("vyveska:hunter2", "village")).await;
    check_says(&words, &["createdb --owner=vyveska village"]);
    // PostgreSQL 15 lets only the owner make tables.
    let words = refused(&address("clerk:right", "town")).await;
    check_says(&words, &["town", "the user clerk must own it"]);
    let words = refused("postgres://clerk:hunter2@127.0.0.1:1/town").await;
    check_says(&words, &["127.0.0.1:1", "must be running"]);
    let words = refused("postgres://clerk:hunter2@127.0.0.1:x/town").await;
    check_says(&words, &["postgres://user@host/database"]);
}

#[tokio::test]
async fn a_node_that_is_back_keeps_no_other_waiting_that_is_back_too() {
    let database = TestDatabase::new().await;
    let storage = database.open().await.unwrap();
    let (day, later) = (TimeDelta::days(1), start() + TimeDelta::days(2));
    for node in ["one", "two"] {
        storage
            .keep_node(node, start(), start() - day)
            .await
            .unwrap();
    }
    let mut connection = PgConnection::connect(&database.address).await.unwrap();
    let mut other = connection.begin().await.unwrap();
    sqlx::query("UPDATE node SET seen_at = $1 WHERE name = 'two'")
        .bind(later)
        .execute(&mut *other)
        .await
        .unwrap();
    storage.keep_node("one", later, later - day).await.unwrap();
    other.commit().await.unwrap();
    let nodes = database.count("SELECT count(*) FROM node").await;
    assert_eq!(nodes, 2);
}

#[tokio::test]
async fn a_writer_that_a_deadlock_took_back_is_told_of_a_conflict() {
    let database = TestDatabase::new().await;
    let storage = database.open().await.unwrap();
    database
        .execute(
            "CREATE FUNCTION deadlock() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END $$; \
             CREATE TRIGGER deadlock BEFORE INSERT ON job FOR EACH ROW EXECUTE FUNCTION deadlock()",
        )
        .await;
    let job = NewJob {
        kind: JobKind::Poll,
        key: "lipnice".to_owned(),
        town: None,
        run_at: start(),
    };
    let scheduled = storage.schedule(&[job]).await;
    assert!(matches!(scheduled, Err(StorageError::Conflict)));
}

/// Adds a publication of a board that has none; its number.
async fn publish(storage: &dyn ServiceStorage) -> i64 {
    let new = NewPublication {
        after: 0,
        sections: sections(b"notices"),
        manifest: manifest(1),
        changes_at: None,
        content: Vec::new(),
        revisions: Vec::new(),
    };
    let published = storage.publish("lipnice", &new, start()).await;
    published.unwrap().id
}

#[tokio::test]
async fn a_publication_waits_for_one_that_is_not_complete() {
    let database = TestDatabase::new().await;
    let storage = database.open().await.unwrap();
    let mut other = PgConnection::connect(&database.address).await.unwrap();
    let incomplete = "BEGIN; INSERT INTO publication (board_id, created_at, sections) \
                      VALUES ('rolava', now(), '{}')";
    let begun = sqlx::raw_sql(incomplete).execute(&mut other);
    begun.await.unwrap();
    let publishing = tokio::spawn(async move {
        let published = publish(&*storage).await;
        (published, storage.newest_publication().await.unwrap())
    });
    let waits = "SELECT EXISTS (SELECT FROM pg_locks \
                 WHERE NOT granted AND relation = 'publication'::regclass)";
    while !sqlx::query_scalar::<_, bool>(waits)
        .fetch_one(&mut other)
        .await
        .unwrap()
    {
        assert!(!publishing.is_finished(), "it did not wait");
    }
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    let (id, newest) = publishing.await.unwrap();
    assert_eq!(
        id, newest,
        "what became visible last has the largest number"
    );
    other.close().await.unwrap();
}

#[tokio::test]
async fn readers_go_on_while_writers_wait_for_a_lock() {
    let database = TestDatabase::new().await;
    let storage = database.open().await.unwrap();
    let mut other = PgConnection::connect(&database.address).await.unwrap();
    let locked = sqlx::raw_sql("BEGIN; LOCK TABLE alarm IN SHARE ROW EXCLUSIVE MODE");
    locked.execute(&mut other).await.unwrap();
    let mut writers = JoinSet::new();
    for _ in 0..20 {
        let storage = storage.clone();
        writers.spawn(async move {
            let subject = AlarmSubject::Service("central");
            let raised = storage.raise_alarm("job", subject, "it fails", start());
            raised.await.unwrap()
        });
    }
    // Each of them waits for its connection, or for the lock, from here on.
    tokio::task::yield_now().await;
    for _ in 0..20 {
        assert_eq!(storage.alarms().await.unwrap(), []);
        assert!(writers.try_join_next().is_none(), "the lock is held");
    }
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    let raised = writers
        .join_all()
        .await
        .into_iter()
        .filter(|raised| *raised);
    assert_eq!(raised.count(), 1, "the others find it open");
    other.close().await.unwrap();
}

#[tokio::test]
async fn boards_are_read_for_a_change_when_no_other_is_changing_them() {
    let database = TestDatabase::new().await;
    let storage = database.open().await.unwrap();
    let actor = Actor::Person("clerk".to_owned());
    let mut first = storage.begin(actor.clone(), start()).await.unwrap();
    assert_eq!(first.boards().await.unwrap(), []);
    let second = tokio::spawn(async move {
        let mut second = storage.begin(actor, start()).await.unwrap();
        second.boards().await.unwrap()
    });
    let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'board'::regclass";
    while database.count(waits).await == 0 {
        assert!(!second.is_finished(), "it did not wait");
    }
    let boards = [board("lipnice", "lipnice", &["a"])];
    first.save_boards(&boards).await.unwrap();
    first.save().await.unwrap();
    assert_eq!(second.await.unwrap(), boards);
}

/// Waits in a task of its own for what others publish.
fn waiting(storage: &Arc<dyn ServiceStorage>) -> JoinHandle<Result<(), StorageError>> {
    let storage = storage.clone();
    tokio::spawn(async move { storage.wait_for_publication().await })
}

#[tokio::test]
async fn a_publication_of_another_process_wakes_who_waits() {
    let database = TestDatabase::new().await;
    let [storage, other] = database.open_twice().await;
    // What was published before may have been missed.
    storage.wait_for_publication().await.unwrap();
    let woken = waiting(&storage);
    other.set_clock_seen(start()).await.unwrap();
    assert_eq!(storage.clock_seen().await.unwrap(), Some(start()));
    assert!(!woken.is_finished(), "nothing was published");
    publish(&*other).await;
    woken.await.unwrap().unwrap();
    assert_eq!(storage.published_after(0).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_publication_is_noticed_although_nobody_was_waiting_when_it_came() {
    let database = TestDatabase::new().await;
    let [storage, other] = database.open_twice().await;
    storage.wait_for_publication().await.unwrap();
    publish(&*other).await;
    storage.wait_for_publication().await.unwrap();
}

#[tokio::test]
async fn a_lost_connection_wakes_who_waits_and_is_made_again() {
    let database = TestDatabase::new().await;
    let [storage, other] = database.open_twice().await;
    storage.wait_for_publication().await.unwrap();
    let woken = waiting(&storage);
    let lost = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                WHERE query = 'LISTEN \"publication_' || 'publication'::regclass::oid || '\"'";
    assert_eq!(database.count(lost).await, 1);
    woken.await.unwrap().unwrap();
    let woken = waiting(&storage);
    publish(&*other).await;
    woken.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_closed_database_wakes_nobody_any_more() {
    let database = TestDatabase::new().await;
    for waits in [false, true] {
        let storage = database.open().await.unwrap();
        storage.wait_for_publication().await.unwrap();
        let woken = waits.then(|| waiting(&storage));
        storage.close().await;
        if let Some(woken) = woken {
            assert!(woken.await.unwrap().is_err());
        }
        assert!(storage.wait_for_publication().await.is_err());
    }
}

/// What lies between a service and its server, and may cease to let anything through.
struct Network {
    /// Of an empty database, through it.
    address: String,
    is_up: watch::Sender<bool>,
    /// How many connections are stuck, each by [`MOST`].
    stuck: watch::Sender<usize>,
}

/// Of what is sent on a connection no more is passed on, in bytes.
const MOST: usize = 1_000_000;

impl Network {
    async fn new() -> Self {
        let server = PostgresServer::of_this_process();
        let folder = server.socket_folder();
        let (is_up, up) = watch::channel(true);
        let stuck = watch::Sender::new(0);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let here = listener.local_addr().unwrap().to_string();
        let socket = folder.join(".s.PGSQL.5432");
        tokio::spawn(Self::carry(listener, socket, up, stuck.clone()));
        let direct = server.schema().await;
        let through = direct.replace(&format!("host={}&", folder.display()), "");
        Self {
            address: through.replace("@localhost/", &format!("@{here}/")),
            is_up,
            stuck,
        }
    }

    async fn carry(
        listener: TcpListener,
        socket: PathBuf,
        is_up: watch::Receiver<bool>,
        stuck: watch::Sender<usize>,
    ) {
        loop {
            let (from, to) = listener.accept().await.unwrap().0.into_split();
            let (answers, questions) = UnixStream::connect(&socket).await.unwrap().into_split();
            let stuck = stuck.clone();
            let up = is_up.clone();
            tokio::spawn(async move {
                // Held open, and read no more.
                let (mut from, mut questions) = (from, questions);
                let most = (&mut from).take(MOST as u64);
                if pass(most, &mut questions, up).await == MOST {
                    stuck.send_modify(|count| *count += 1);
                    std::future::pending::<()>().await;
                }
            });
            tokio::spawn(pass(answers, to, is_up.clone()));
        }
    }
}

/// Passes on what comes while the network is up, and the rest once it is again; how many bytes that were.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut is_up: watch::Receiver<bool>,
) -> usize {
    let (mut buffer, mut passed) = ([0; 4096], 0);
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let is_gone = is_up.wait_for(|is_up| *is_up).await.is_err();
        if is_gone || to.write_all(&buffer[..length]).await.is_err() {
            return passed;
        }
        passed += length;
    }
    if passed < MOST {
        let _ = to.shutdown().await;
    }
    passed
}

#[track_caller]
fn check_silent<T: std::fmt::Debug>(asked: Result<T, StorageError>) {
    assert!(matches!(asked, Err(StorageError::Silent(_))), "{asked:?}");
}

#[tokio::test]
async fn a_server_that_falls_silent_keeps_nobody_waiting_and_is_used_again_when_it_answers() {
    let network = Network::new().await;
    let storage = PostgresStorage::open(&network.address).await.unwrap();
    let storage: Arc<dyn ServiceStorage> = Arc::new(storage);
    // As many as there are connections that write.
    let mut units = Vec::new();
    for _ in 0..4 {
        let actor = Actor::Job("configuration");
        units.push(storage.begin(actor, start()).await.unwrap());
    }
    storage.wait_for_publication().await.unwrap();
    storage.alarms().await.unwrap();
    network.is_up.send_replace(false);
    // No answer comes, and with nothing else to do every limit is over at once.
    tokio::time::pause();
    let begun = units.pop().unwrap();
    check_silent(begun.save().await);
    for mut begun in units {
        check_silent(begun.boards().await);
    }
    storage.wait_for_publication().await.unwrap();
    check_silent(storage.wait_for_publication().await);
    let subject = AlarmSubject::Service("central");
    // More often than there are connections.
    for _ in 0..20 {
        check_silent(storage.alarms().await);
        check_silent(
            storage
                .raise_alarm("job", subject, "it fails", start())
                .await,
        );
    }
    tokio::time::resume();
    network.is_up.send_replace(true);
    let mut others = JoinSet::new();
    for number in 0..20 {
        let storage = storage.clone();
        others.spawn(async move {
            let message = number.to_string();
            let raised = storage.raise_alarm("job", subject, &message, start());
            assert!(raised.await.unwrap());
            storage.alarms().await.unwrap();
        });
    }
    others.join_all().await;
    storage.wait_for_publication().await.unwrap();
    storage.close().await;
}

#[tokio::test]
async fn what_was_not_sent_to_a_silent_server_keeps_no_connection() {
    let network = Network::new().await;
    let storage = PostgresStorage::open(&network.address).await.unwrap();
    let storage: Arc<dyn ServiceStorage> = Arc::new(storage);
    let subject = AlarmSubject::Service("central");
    // More often than there are connections, and more than is on its way.
    for count in 1..=6 {
        let raising = storage.clone();
        let raised = tokio::spawn(async move {
            let large = "x".repeat(32 * MOST);
            raising.raise_alarm("job", subject, &large, start()).await
        });
        let mut stuck = network.stuck.subscribe();
        stuck.wait_for(|stuck| *stuck == count).await.unwrap();
        tokio::time::pause();
        check_silent(raised.await.unwrap());
        // Until whatever is waited for is over.
        tokio::time::sleep(Duration::from_secs(60)).await;
        tokio::time::resume();
    }
    let raised = storage.raise_alarm("job", subject, "it fails", start());
    assert!(raised.await.unwrap());
    tokio::time::pause();
    let closed = tokio::time::timeout(Duration::from_secs(600), storage.close()).await;
    assert!(closed.is_ok(), "closing waits for the server");
}

#[tokio::test]
async fn the_server_is_told_how_long_a_statement_may_take() {
    let database = TestDatabase::new().await;
    let storage = database.open().await.unwrap();
    // As the server does to one that takes too long.
    let cancel = "CREATE FUNCTION cancel() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                  IF current_setting('statement_timeout') <> '50s' THEN RETURN NEW; END IF; \
                  RAISE EXCEPTION 'canceling statement' USING ERRCODE = '57014'; END $$; \
                  CREATE TRIGGER cancel BEFORE INSERT ON alarm FOR EACH ROW EXECUTE FUNCTION cancel()";
    database.execute(cancel).await;
    let subject = AlarmSubject::Service("central");
    let raised = storage.raise_alarm("job", subject, "it fails", start());
    let raised = raised.await;
    assert!(matches!(raised, Err(StorageError::Silent(_))), "{raised:?}");
}

/// Of each column: its type as SQLite would have it, and whether it may be NULL.
type Columns = BTreeMap<(String, String), (&'static str, bool)>;

async fn columns_of_postgres(address: &str) -> Columns {
    let mut connection = PgConnection::connect(address).await.unwrap();
    let rows = sqlx::query(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES', \
         collation_name::text FROM information_schema.columns \
         WHERE table_schema = current_schema() AND table_name <> '_sqlx_migrations'",
    );
    let rows = rows.fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let column = |row: &sqlx::postgres::PgRow| {
        let (table, column): (String, String) = (row.get(0), row.get(1));
        let kind = match row.get(2) {
            "bigint" | "boolean" => "INTEGER",
            "timestamp with time zone" | "date" => "TEXT",
            "bytea" => "BLOB",
            "text" => {
                let order: Option<&str> = row.get(4);
                assert_eq!(order, Some("C"), "{table}.{column}");
                "TEXT"
            }
            other => panic!("{table}.{column} is {other}"),
        };
        ((table, column), (kind, row.get(3)))
    };
    rows.iter().map(column).collect()
}

async fn columns_of_sqlite(path: &std::path::Path) -> Columns {
    let address = format!("sqlite://{}", path.display());
    let pool = SqlitePool::connect(&address).await.unwrap();
    let rows = sqlx::query(
        "SELECT tables.name, columns.name, columns.type, \
         columns.\"notnull\" = 0 AND columns.pk = 0 FROM sqlite_schema AS tables, \
         pragma_table_info(tables.name) AS columns WHERE tables.type = 'table' \
         AND tables.name NOT IN ('_sqlx_migrations', 'sqlite_sequence')",
    );
    let rows = rows.fetch_all(&pool).await.unwrap();
    pool.close().await;
    let column = |row: &sqlx::sqlite::SqliteRow| {
        let kind = match row.get(2) {
            "INTEGER" => "INTEGER",
            "TEXT" => "TEXT",
            "BLOB" => "BLOB",
            other => panic!("{other}"),
        };
        ((row.get(0), row.get(1)), (kind, row.get(3)))
    };
    rows.iter().map(column).collect()
}

#[tokio::test]
async fn the_migrations_make_the_same_tables_in_both_databases() {
    let database = TestDatabase::new().await;
    database.open().await.unwrap().close().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("central.sqlite");
    SqliteStorage::open(&path).await.unwrap().close().await;
    let columns = columns_of_sqlite(&path).await;
    assert!(columns.len() > 50, "{columns:?}");
    assert_eq!(columns, columns_of_postgres(&database.address).await);
}
