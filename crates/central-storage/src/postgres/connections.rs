//! Connections to a server that may cease to answer: its computer is gone, the network drops every packet, the server is
//! stopped. Nothing ends such a connection by itself, so each answer is waited for only so long.
//!
//! A connection that was left while its server owed it an answer is closed, unless the answer comes soon after all.

use std::io;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, StreamExt as _, TryStreamExt as _, try_unfold};
use sqlx::postgres::{
    PgConnectOptions, PgConnection, PgPoolOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo,
};
use sqlx::{
    Connection as _, Describe, Either, Error, Execute, Executor, PgPool, Postgres, SqlSafeStr,
    SqlStr,
};
use tokio::time::timeout;

/// How long reaching the server may take, and how long a query waits for a free connection.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// How long a statement may take, and how long it waits for each answer to it.
const LIMIT: Duration = Duration::from_secs(60);

/// [`LIMIT`], as the server is told it.
const SERVER_LIMIT: &str = "60s";

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

    pub(super) async fn begin(&self, statement: impl SqlSafeStr) -> Result<Transaction, Error> {
        let begun = in_time(self.0.begin_with(statement)).await?;
        Ok(Transaction(Answering(begun)))
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
pub(super) struct Transaction(Answering);

impl Transaction {
    pub(super) async fn commit(self) -> Result<(), Error> {
        in_time(self.0.0.commit()).await
    }

    pub(super) async fn rollback(self) -> Result<(), Error> {
        in_time(self.0.0.rollback()).await
    }
}

impl Deref for Transaction {
    type Target = Answering;

    fn deref(&self) -> &Answering {
        &self.0
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut Answering {
        &mut self.0
    }
}

/// What executes the statements of a transaction.
#[derive(Debug)]
pub(super) struct Answering(sqlx::Transaction<'static, Postgres>);

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

/// Passes statements on to the executor that `$inner` makes, with a limit for each answer.
macro_rules! executor {
    ($outer:ty, $this:ident => $inner:expr) => {
        impl<'c> Executor<'c> for $outer {
            type Database = Postgres;

            fn fetch_many<'e, 'q: 'e, E>(
                self,
                query: E,
            ) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
            where
                'c: 'e,
                E: 'q + Execute<'q, Postgres>,
            {
                let $this = self;
                try_unfold($inner.fetch_many(query), |mut answers| async move {
                    let answer = in_time(answers.try_next()).await?;
                    Ok(answer.map(|answer| (answer, answers)))
                })
                .boxed()
            }

            fn fetch_optional<'e, 'q: 'e, E>(
                self,
                query: E,
            ) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
            where
                'c: 'e,
                E: 'q + Execute<'q, Postgres>,
            {
                let $this = self;
                Box::pin(in_time($inner.fetch_optional(query)))
            }

            fn prepare_with<'e>(
                self,
                sql: SqlStr,
                parameters: &'e [PgTypeInfo],
            ) -> BoxFuture<'e, Result<PgStatement, Error>>
            where
                'c: 'e,
            {
                let $this = self;
                Box::pin(in_time($inner.prepare_with(sql, parameters)))
            }

            fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, Error>>
            where
                'c: 'e,
            {
                let $this = self;
                Box::pin(in_time($inner.describe(sql)))
            }
        }
    };
}

executor!(&'c Connections, this => &this.0);
executor!(&'c mut Answering, this => &mut *this.0);
