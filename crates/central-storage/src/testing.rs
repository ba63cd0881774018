//! For tests: a PostgreSQL server that lives as long as their process, with a schema for each of them.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

pub use crate::sqlite::{DOCUMENTS_DUE, NEXT_DOCUMENT_DUE};

const SCRIPT: &str = include_str!("testing/postgres.sh");

/// A server that only this process uses.
#[derive(Debug)]
pub struct PostgresServer {
    /// Where its socket is.
    folder: PathBuf,
    schemas: AtomicU32,
    /// Ends when its standard input does, which is with this process.
    _script: Child,
}

impl PostgresServer {
    /// The server of this process, started at the first call.
    ///
    /// # Panics
    ///
    /// When it cannot be started; the message names what is missing.
    pub fn of_this_process() -> &'static Self {
        static SERVER: OnceLock<PostgresServer> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    fn start() -> Self {
        let mut script = Command::new("sh")
            .args(["-c", SCRIPT, SCRIPT])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("sh starts");
        let mut line = String::new();
        let mut output = BufReader::new(script.stdout.take().expect("a pipe"));
        output.read_line(&mut line).expect("sh writes text");
        if line.is_empty() {
            let mut words = String::new();
            let mut errors = script.stderr.take().expect("a pipe");
            errors.read_to_string(&mut words).expect("sh writes text");
            panic!("no PostgreSQL server for the tests: {words}");
        }
        Self {
            folder: PathBuf::from(line.trim_end()),
            schemas: AtomicU32::new(0),
            _script: script,
        }
    }

    pub fn socket_folder(&self) -> &Path {
        &self.folder
    }

    /// The address of the database for its superuser.
    pub fn address(&self) -> String {
        let folder = self.folder.display();
        format!("postgres://vyveska@localhost/postgres?host={folder}")
    }

    /// Makes an empty schema; the address of the database with this schema alone.
    ///
    /// # Panics
    ///
    /// When the server is gone.
    pub async fn schema(&self) -> String {
        let name = format!("test_{}", self.schemas.fetch_add(1, Ordering::Relaxed));
        self.execute(format!("CREATE SCHEMA {name}")).await;
        format!("{}&options[search_path]={name}", self.address())
    }

    /// Executes a statement as the superuser.
    ///
    /// # Panics
    ///
    /// When it fails.
    pub async fn execute(&self, statement: String) {
        execute(&self.address(), statement).await;
    }
}

/// Executes a statement in a database.
///
/// # Panics
///
/// When it fails.
pub async fn execute(address: &str, statement: String) {
    let mut connection = PgConnection::connect(address).await.expect("the server");
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await
        .expect("the statement");
    connection.close().await.expect("the server");
}
