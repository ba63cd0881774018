//! PostgreSQL: a server of its own, for a central service that one machine is not enough for.
//!
//! Writers change rows only where a version or state is still what they saw, in one statement, which locks the row:
//! the isolation of a plain `BEGIN` suffices for them. What has to be one moment is read in a repeatable transaction.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgListener, PgPoolOptions, PgRow};
use sqlx::{ConnectOptions as _, Connection as _, Postgres};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::migrations::{APPLIED, check_applied};
use crate::{Scope, ServiceStorage, Storage, StorageError};

use connections::{Connections, PATIENCE, Transaction, in_time};

/// The same as [`list`], as a literal.
macro_rules! rows {
    ($list:tt) => {
        concat!(
            "json_array_elements_text(",
            $list,
            "::json) AS list (value)"
        )
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
mod connections;
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

type Db = Postgres;
type DbRow = PgRow;
type DbStorage = PostgresStorage;

/// Passes over rows of a table that another process is just leasing something by.
fn skip_locked(table: &str) -> String {
    format!("FOR UPDATE OF {table} SKIP LOCKED")
}

/// The rows of a JSON list of texts, in the column `value`.
fn list(parameter: &str) -> String {
    format!("json_array_elements_text({parameter}::json) AS list (value)")
}

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/postgres");

/// How many queries run at once that read.
const READERS: u32 = 8;

/// How many transactions run at once that write: however many wait for a lock, they take no connection from readers.
const WRITERS: u32 = 4;

/// How long it is listened for notifications that do not come until it is listened anew: a connection may have gone
/// without a word.
const QUIET: Duration = Duration::from_secs(60);

/// The channel of notifications that something was published. Channels are of the whole database, tables of a schema.
macro_rules! channel {
    () => {
        "'publication_' || 'publication'::regclass::oid"
    };
}

/// A database on a server.
#[derive(Debug, Clone)]
pub struct PostgresStorage {
    /// Reads.
    pool: Connections,
    writers: Connections,
    scope: Scope,
    /// Nothing where no notification is waited for, and after the listener has failed.
    listener: Arc<Mutex<Option<PgListener>>>,
}

impl PostgresStorage {
    /// Connects to a database, for instance `postgres://vyveska@host/vyveska`, and brings it to this version.
    ///
    /// A password that is not in the address is looked for where PostgreSQL's own programs do: `PGPASSWORD`, and the file
    /// `PGPASSFILE` or `~/.pgpass`.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached, does not let this user in, or the database cannot be migrated. No error tells
    /// the password.
    pub async fn open(address: &str) -> Result<Self, StorageError> {
        let options = options(address)?;
        migrate(connect(&options).await?)
            .await
            .map_err(|source| cannot_migrate(&options, source))?;
        Ok(Self {
            pool: Connections::new(options.clone(), READERS),
            writers: Connections::new(options, WRITERS),
            scope: Scope::of_service(),
            listener: Arc::default(),
        })
    }

    /// Connects to a database as it is, to read it alone; `None` when no service has used it yet.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached, does not let this user in, or another version of this program has used the
    /// database last. No error tells the password.
    pub async fn open_to_read(address: &str) -> Result<Option<Self>, StorageError> {
        let options = options(address)?.options([("default_transaction_read_only", "on")]);
        connect(&options).await?.close().await?;
        let pool = Connections::new(options.clone(), READERS);
        let is_used = "SELECT to_regclass('_sqlx_migrations') IS NOT NULL";
        if !sqlx::query_scalar::<_, bool>(is_used)
            .fetch_one(&pool)
            .await?
        {
            return Ok(None);
        }
        let applied = sqlx::query_scalar(APPLIED).fetch_all(&pool).await?;
        let name = format!("{} at {}", database(&options), server(&options));
        check_applied(&MIGRATIONS, applied, name)?;
        Ok(Some(Self {
            writers: pool.clone(),
            pool,
            scope: Scope::of_service(),
            listener: Arc::default(),
        }))
    }

    /// A transaction whose reads see the same moment.
    async fn reading(&self) -> Result<Transaction, StorageError> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Ok(self.pool.begin(begin).await?)
    }

    async fn writing(&self) -> Result<Transaction, StorageError> {
        Ok(self.writers.begin("BEGIN").await?)
    }

    /// A transaction in which publications are numbered: one after the other, so that a larger number is later.
    async fn publishing(&self) -> Result<Transaction, StorageError> {
        let mut transaction = self.writing().await?;
        number_publications(&mut transaction).await?;
        Ok(transaction)
    }

    /// Listens for notifications from now on, by a connection that nothing else waits for.
    async fn listen(&self) -> Result<PgListener, sqlx::Error> {
        let pool = PgPoolOptions::new().max_connections(1);
        let pool = pool.acquire_timeout(PATIENCE);
        let pool = pool.connect_lazy_with(self.pool.options());
        let mut listener = PgListener::connect_with(&pool).await?;
        let channel: String = sqlx::query_scalar(concat!("SELECT ", channel!()))
            .fetch_one(&mut listener)
            .await?;
        listener.listen(&channel).await?;
        Ok(listener)
    }
}

/// Lets nobody else number a publication until the transaction ends, so that a larger number is later.
async fn number_publications(transaction: &mut Transaction) -> Result<(), StorageError> {
    sqlx::query("LOCK TABLE publication IN SHARE ROW EXCLUSIVE MODE")
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Wakes who waits for publications, when the transaction is committed.
async fn notify_publication(transaction: &mut Transaction) -> Result<(), StorageError> {
    sqlx::query(concat!("SELECT pg_notify(", channel!(), ", '')"))
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Lets nobody else change boards until the transaction ends.
async fn lock_boards(transaction: &mut Transaction) -> Result<(), StorageError> {
    sqlx::query("LOCK TABLE board IN SHARE ROW EXCLUSIVE MODE")
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Lets nobody else change accounts until the transaction ends, so that of two administrators one stays.
async fn lock_accounts(transaction: &mut Transaction) -> Result<(), StorageError> {
    sqlx::query("LOCK TABLE account IN SHARE ROW EXCLUSIVE MODE")
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

#[async_trait]
impl ServiceStorage for PostgresStorage {
    fn within(&self, scope: Scope) -> Arc<dyn Storage> {
        Arc::new(Self {
            scope,
            ..self.clone()
        })
    }

    async fn wait_for_publication(&self) -> Result<(), StorageError> {
        let mut kept = self.listener.lock().await;
        // What fails or is cancelled is taken away, and the next call listens anew.
        let listener = match kept.take() {
            Some(mut listener) => {
                // Nothing is received when the connection was lost and made anew, and with it notifications.
                let received = self.pool.until_closed(listener.try_recv());
                let Ok(received) = timeout(QUIET, received).await else {
                    return Ok(());
                };
                received?;
                while listener.next_buffered().is_some() {}
                listener
            }
            None => self.pool.until_closed(in_time(self.listen())).await?,
        };
        *kept = Some(listener);
        Ok(())
    }

    async fn close(&self) {
        // The pool counts as closed from here on, which ends a wait for notifications.
        let closing = self.pool.close();
        drop(self.listener.lock().await.take());
        closing.await;
        self.writers.close().await;
    }
}

fn options(address: &str) -> Result<PgConnectOptions, StorageError> {
    let options: PgConnectOptions = address
        .parse()
        .map_err(|source| StorageError::Address { source })?;
    Ok(options
        .application_name("vyveska-central")
        // A process that hangs in the middle of a change keeps the others waiting no longer, which is less than they wait.
        .options([("idle_in_transaction_session_timeout", "30s")]))
}

/// A pool would go on trying instead of saying why it cannot.
async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StorageError> {
    let connected = timeout(PATIENCE, options.connect()).await;
    let connected = connected
        .map_err(|_| sqlx::Error::Io(io::ErrorKind::TimedOut.into()))
        .flatten();
    connected.map_err(|source| cannot_connect(options, source))
}

async fn migrate(mut connection: PgConnection) -> Result<(), MigrateError> {
    MIGRATIONS.run(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// The server as a person knows it: `host:port`, or the folder of its socket.
fn server(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(folder) => folder.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

/// The database of a user is called as the user where the address names none.
fn database(options: &PgConnectOptions) -> String {
    let name = options.get_database();
    name.unwrap_or(options.get_username()).to_owned()
}

fn cannot_connect(options: &PgConnectOptions, source: sqlx::Error) -> StorageError {
    let server = server(options);
    let user = options.get_username().to_owned();
    let code = source.as_database_error().and_then(|error| error.code());
    match code.as_deref() {
        // invalid_password, invalid_authorization_specification
        Some("28P01" | "28000") => StorageError::Refused {
            server,
            user,
            source,
        },
        // invalid_catalog_name
        Some("3D000") => StorageError::NoDatabase {
            server,
            user,
            database: database(options),
        },
        _ => StorageError::Unreachable { server, source },
    }
}

fn cannot_migrate(options: &PgConnectOptions, source: MigrateError) -> StorageError {
    let database = format!("{} at {}", database(options), server(options));
    match source {
        MigrateError::VersionMissing(_) => StorageError::Newer { database },
        source => StorageError::ServerMigration {
            database,
            user: options.get_username().to_owned(),
            source,
        },
    }
}
