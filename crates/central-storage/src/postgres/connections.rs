//! Connections to a server that may cease to answer: its computer is gone, the network drops every packet, the server is
//! stopped. Nothing ends such a connection by itself, so each answer is waited for only so long.
//!
//! A connection that is left while its server owes it an answer is closed, and without waiting for what was not sent yet:
//! a pool that takes such a connection back waits for that without end, and so does whoever closes the pool.

use std::io;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use futures_util::future::{BoxFuture, TryFutureExt as _};
use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _, try_unfold};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{
    PgConnectOptions, PgConnection, PgPoolOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo,
};
use sqlx::{
    Connection as _, Describe, Either, Error, Execute, Executor, PgPool, Postgres, SqlSafeStr,
    SqlStr,
};
use tokio::runtime::Handle;
use tokio::time::timeout;

/// How long reaching the server may take, and how long a query waits for a free connection.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// How long a statement may take, and how long it waits for each answer to it.
const LIMIT: Duration = Duration::from_secs(60);

/// How long the server lets a statement take: less than [`LIMIT`], so that it is the server that says so, which keeps the
/// connection.
const SERVER_LIMIT: &str = "50s";

/// How long a connection may take to show that it still answers, before it is used again and after it was used.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// Connections of which each answers in time, or is closed.
#[derive(Debug, Clone)]
pub(super) struct Connections(PgPool);

impl Connections {
    /// At most `size` connections, each made when it is needed.
    pub(super) fn new(options: PgConnectOptions, size: u32) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(size)
            .acquire_timeout(PATIENCE)
            // The pool's own test would wait for ever.
            .test_before_acquire(false)
            .before_acquire(|connection, _| Box::pin(shows_life(connection)))
            .after_release(|connection, _| Box::pin(shows_life(connection)))
            .connect_lazy_with(options.options([("statement_timeout", SERVER_LIMIT)]));
        Self(pool)
    }

    async fn acquire(&self) -> Result<Answering, Error> {
        let connection = in_time(self.0.acquire()).await?;
        Ok(Answering {
            connection,
            is_owed: false,
        })
    }

    pub(super) async fn begin(&self, statement: impl SqlSafeStr) -> Result<Transaction, Error> {
        let mut connection = self.acquire().await?;
        connection.execute(statement.into_sql_str()).await?;
        Ok(Transaction(Some(connection)))
    }

    /// Does what listens on a connection of its own, made like these, until they are closed.
    pub(super) async fn until_closed<T>(
        &self,
        what: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        self.0.close_event().do_until(what).await?
    }

    /// How these are made.
    pub(super) fn options(&self) -> PgConnectOptions {
        (*self.0.connect_options()).clone()
    }

    /// Closes them once they are free; they count as closed from the call on.
    pub(super) fn close(&self) -> impl Future<Output = ()> + '_ {
        self.0.close()
    }
}

/// A transaction of which each statement is answered in time, or fails; taken back unless it is committed.
pub(super) struct Transaction(
    /// `None` once it has ended.
    Option<Answering>,
);

impl Transaction {
    pub(super) async fn commit(self) -> Result<(), Error> {
        self.end("COMMIT").await
    }

    pub(super) async fn rollback(self) -> Result<(), Error> {
        self.end("ROLLBACK").await
    }

    async fn end(mut self, statement: &'static str) -> Result<(), Error> {
        let mut connection = self.0.take().expect(NOT_ENDED);
        connection.execute(statement).await.map(drop)
    }
}

const NOT_ENDED: &str = "only its end takes the connection of a transaction";

impl Deref for Transaction {
    type Target = Answering;

    fn deref(&self) -> &Answering {
        self.0.as_ref().expect(NOT_ENDED)
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut Answering {
        self.0.as_mut().expect(NOT_ENDED)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let Some(mut connection) = self.0.take().filter(|connection| !connection.is_owed) else {
            return;
        };
        // Closed, which takes it back as well, unless it is used again.
        connection.is_owed = true;
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                timeout(SIGN_OF_LIFE, connection.execute("ROLLBACK"))
                    .await
                    .map(drop)
            });
        }
    }
}

/// A connection of the pool.
#[derive(Debug)]
pub(super) struct Answering {
    connection: PoolConnection<Postgres>,
    /// Whether the server owes it an answer.
    is_owed: bool,
}

impl Answering {
    async fn ask<'a, T, A>(
        &'a mut self,
        question: impl FnOnce(&'a mut PgConnection) -> A,
    ) -> Result<T, Error>
    where
        A: Future<Output = Result<T, Error>>,
    {
        self.is_owed = true;
        let answer = in_time(question(&mut self.connection)).await;
        self.is_owed = !is_answer(&answer);
        answer
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        if self.is_owed {
            // Within seconds, whatever becomes of what is still to be sent.
            self.connection.close_on_drop();
        }
    }
}

/// Whether the server has said so.
fn is_answer<T>(answer: &Result<T, Error>) -> bool {
    matches!(answer, Ok(_) | Err(Error::Database(_)))
}

/// The failure of what was not answered in time.
fn silence() -> Error {
    Error::Io(io::ErrorKind::TimedOut.into())
}

pub(super) async fn in_time<T>(answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(LIMIT, answer)
        .await
        .unwrap_or_else(|_| Err(silence()))
}

/// Whether a connection still answers, after which its server owes it nothing.
async fn shows_life(connection: &mut PgConnection) -> Result<bool, Error> {
    match timeout(SIGN_OF_LIFE, connection.ping()).await {
        Ok(answered) => answered.map(|()| true),
        Err(_) => Err(silence()),
    }
}

impl<'c> Executor<'c> for &'c mut Answering {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let Answering {
            connection,
            is_owed,
        } = self;
        *is_owed = true;
        let answers = (connection.fetch_many(query), is_owed);
        try_unfold(answers, |(mut answers, is_owed)| async move {
            let answer = in_time(answers.try_next()).await;
            *is_owed = matches!(answer, Ok(Some(_))) || !is_answer(&answer);
            Ok(answer?.map(|answer| (answer, (answers, is_owed))))
        })
        .boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        Box::pin(self.ask(|connection| connection.fetch_optional(query)))
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'c: 'e,
    {
        Box::pin(self.ask(|connection| connection.prepare_with(sql, parameters)))
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        'c: 'e,
    {
        Box::pin(self.ask(|connection| connection.describe(sql)))
    }
}

impl<'c> Executor<'c> for &'c Connections {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let answers = async move {
            let mut connection = self.acquire().await?;
            let answers: Vec<_> = connection.fetch_many(query).try_collect().await?;
            Ok::<_, Error>(stream::iter(answers.into_iter().map(Ok)))
        };
        answers.try_flatten_stream().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        Box::pin(async move { self.acquire().await?.fetch_optional(query).await })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, Error>>
    where
        'c: 'e,
    {
        Box::pin(async move { self.acquire().await?.prepare_with(sql, parameters).await })
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
    where
        'c: 'e,
    {
        Box::pin(async move { self.acquire().await?.describe(sql).await })
    }
}
