//! Background work: jobs and their leases.
//!
//! A row of `job` is always locked before that of its town in `job_turn`.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Row, SqlSafeStr as _};

use super::{DbStorage, Transaction, list, skip_locked};
use crate::stored::{count, to_json};
use crate::{JobKind, JobRepository, LeaseTime, LeasedJob, NewJob, StorageError};

/// Whether nobody holds a job: `$2` is now, and no lease ends after `$3`.
pub(super) const FREE: &str =
    "(job.leased_until IS NULL OR job.leased_until <= $2 OR job.leased_until > $3)";

/// By when a town last had its turn, in an order; an instant after `$3` was of a wrong clock.
pub(super) const LAST_TURN: &str =
    "CASE WHEN job_turn.leased_at <= $3 THEN job_turn.leased_at END NULLS FIRST";

/// Whether a job of the kind `$1` can be leased by [`JobRepository::lease`], at `$2` and `$3` as above: `$4` is the latest
/// time at which one may be due, and a town holds fewer than `$5`.
///
/// Each alternative names the kind, so that SQLite looks each up in the index.
pub(super) const LEASABLE: &str = "(\
    (job.kind = $1 AND job.leased_until IS NULL AND job.run_at <= $2) \
    OR (job.kind = $1 AND job.leased_until IS NULL AND job.run_at > $4) \
    OR (job.kind = $1 AND job.leased_until <= $2) \
    OR (job.kind = $1 AND job.leased_until > $3)) \
    AND (job.town_id IS NULL OR job.town_id NOT IN (SELECT held.town_id FROM job AS held \
    WHERE held.kind = $1 AND held.leased_until > $2 AND held.leased_until <= $3 \
    AND held.town_id IS NOT NULL GROUP BY held.town_id HAVING count(*) >= $5))";

/// Whether the source or the board of a job is in service.
const IN_SERVICE: &str = concat!(
    "CASE kind WHEN 'publish' THEN 'board:' || key ELSE key END IN (",
    in_service!(),
    ")"
);

/// Brings a job forward that is there already.
const OR_BRING_FORWARD: &str = " ON CONFLICT (kind, key) DO UPDATE SET town_id = excluded.town_id, \
    run_at = CASE WHEN job.run_at <= excluded.run_at THEN job.run_at ELSE excluded.run_at END";

/// The same, for whoever may know its town no better than the job does.
const OR_ONLY_BRING_FORWARD: &str = " ON CONFLICT (kind, key) DO UPDATE SET \
    run_at = CASE WHEN job.run_at <= excluded.run_at THEN job.run_at ELSE excluded.run_at END";

/// Leaves a job when it is due that is there already.
const OR_SET_TOWN: &str = " ON CONFLICT (kind, key) DO UPDATE SET town_id = excluded.town_id";

#[async_trait]
impl JobRepository for DbStorage {
    async fn schedule(&self, jobs: &[NewJob]) -> Result<(), StorageError> {
        let mut jobs: Vec<&NewJob> = jobs.iter().collect();
        // Always in the same order, so that two of these never wait for each other.
        jobs.sort_by_key(|job| (job.kind, &job.key));
        let mut transaction = self.writing().await?;
        for job in jobs {
            let town = job.town.as_deref();
            let (kind, or) = (job.kind, OR_ONLY_BRING_FORWARD);
            make(&mut transaction, kind, &job.key, town, job.run_at, or).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn keep_jobs(
        &self,
        kind: JobKind,
        keys: &BTreeMap<String, Option<String>>,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let mut transaction = self.writing().await?;
        let remove = format!(
            "DELETE FROM job WHERE kind = $1 AND key NOT IN (SELECT value FROM {}) \
             AND NOT {IN_SERVICE}",
            list("$2"),
        );
        sqlx::query(AssertSqlSafe(remove))
            .bind(kind.as_str())
            .bind(to_json(&keys.keys().collect::<Vec<_>>()))
            .execute(&mut *transaction)
            .await?;
        for (key, town) in keys {
            let town = town.as_deref();
            make(&mut transaction, kind, key, town, now, OR_SET_TOWN).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn missing_jobs(
        &self,
        kind: JobKind,
        keys: &[&str],
    ) -> Result<Vec<String>, StorageError> {
        let missing = format!(
            "SELECT value FROM {} WHERE value NOT IN (SELECT key FROM job WHERE kind = $2) \
             AND ($2 = 'forget' OR CASE $2 WHEN 'publish' THEN 'board:' || value ELSE value END \
             IN ({})) ORDER BY value",
            list("$1"),
            in_service!(),
        );
        let missing = sqlx::query_scalar(AssertSqlSafe(missing))
            .bind(to_json(&keys))
            .bind(kind.as_str())
            .fetch_all(&self.pool)
            .await?;
        Ok(missing)
    }

    async fn is_left(
        &self,
        kind: JobKind,
        key: &str,
        before: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let remove = format!("DELETE FROM job WHERE kind = $1 AND key = $2 AND NOT {IN_SERVICE}");
        sqlx::query(AssertSqlSafe(remove))
            .bind(kind.as_str())
            .bind(key)
            .execute(&self.writers)
            .await?;
        let left = sqlx::query(
            "SELECT 1 FROM job WHERE kind = $1 AND key = $2 \
             AND (leased_until <= $3 OR leased_until IS NULL AND run_at <= $3)",
        )
        .bind(kind.as_str())
        .bind(key)
        .bind(before)
        .fetch_optional(&self.pool)
        .await?;
        Ok(left.is_some())
    }

    async fn lease(
        &self,
        kind: JobKind,
        not: &[String],
        per_town: u32,
        time: LeaseTime,
    ) -> Result<Option<LeasedJob>, StorageError> {
        // Usually nothing is due, and looking takes no lock.
        let not = to_json(&not);
        let leasable = format!(
            "{LEASABLE} AND job.key NOT IN (SELECT value FROM {})",
            list("$6")
        );
        let look = format!("SELECT job.key FROM job WHERE {leasable} LIMIT 1");
        let due = sqlx::query(AssertSqlSafe(look))
            .bind(kind.as_str())
            .bind(time.now)
            .bind(time.longest())
            .bind(time.latest)
            .bind(i64::from(per_town))
            .bind(&not)
            .fetch_optional(&self.pool)
            .await?;
        if due.is_none() {
            return Ok(None);
        }
        let find = format!(
            "SELECT job.key FROM job LEFT JOIN job_turn ON job_turn.kind = job.kind \
             AND job_turn.town_id = coalesce(job.town_id, '') WHERE {leasable} \
             ORDER BY {LAST_TURN}, job.run_at NULLS FIRST, job.key LIMIT 1 {}",
            skip_locked("job")
        );
        let find = AssertSqlSafe(find).into_sql_str();
        // Each time around, another process was granted a lease.
        loop {
            let mut transaction = self.writing().await?;
            let found: Option<String> = sqlx::query_scalar(find.clone())
                .bind(kind.as_str())
                .bind(time.now)
                .bind(time.longest())
                .bind(time.latest)
                .bind(i64::from(per_town))
                .bind(&not)
                .fetch_optional(&mut *transaction)
                .await?;
            let Some(key) = found else {
                return Ok(None);
            };
            let job = match take(&mut transaction, kind, &key, time).await {
                Ok(Some(job)) => job,
                Ok(None) => continue,
                Err(error) => {
                    return Err(self.remove_unreadable(transaction, kind, key, error).await);
                }
            };
            // Another process may have leased one of the same town meanwhile: taking the turn has waited for it.
            let held: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM job WHERE kind = $1 AND leased_until > $2 \
                 AND leased_until <= $3 AND town_id = $4",
            )
            .bind(kind.as_str())
            .bind(time.now)
            .bind(time.longest())
            .bind(&job.town)
            .fetch_one(&mut *transaction)
            .await?;
            if held <= i64::from(per_town) {
                transaction.commit().await?;
                return Ok(Some(job));
            }
            transaction.rollback().await?;
        }
    }

    async fn lease_job(
        &self,
        kind: JobKind,
        key: &str,
        time: LeaseTime,
    ) -> Result<Option<LeasedJob>, StorageError> {
        let mut transaction = self.writing().await?;
        match take(&mut transaction, kind, key, time).await {
            Ok(job) => {
                transaction.commit().await?;
                Ok(job)
            }
            Err(error) => {
                let key = key.to_owned();
                Err(self.remove_unreadable(transaction, kind, key, error).await)
            }
        }
    }

    async fn renew(&self, job: &LeasedJob, until: DateTime<Utc>) -> Result<(), StorageError> {
        let renewed = sqlx::query(
            "UPDATE job SET leased_until = $4 \
             WHERE kind = $1 AND key = $2 AND lease = $3 AND leased_until IS NOT NULL",
        )
        .bind(job.kind.as_str())
        .bind(&job.key)
        .bind(job.lease)
        .bind(until)
        .execute(&self.writers)
        .await?;
        was_held(renewed.rows_affected())
    }

    async fn finish(
        &self,
        job: &LeasedJob,
        next: Option<DateTime<Utc>>,
    ) -> Result<(), StorageError> {
        let finished = sqlx::query(
            "UPDATE job SET leased_until = NULL, attempts = 0, unfinished = 0, error = NULL, \
             run_at = CASE WHEN run_at <= $4 OR $4 IS NULL THEN run_at ELSE $4 END \
             WHERE kind = $1 AND key = $2 AND lease = $3 AND leased_until IS NOT NULL",
        )
        .bind(job.kind.as_str())
        .bind(&job.key)
        .bind(job.lease)
        .bind(next)
        .execute(&self.writers)
        .await?;
        was_held(finished.rows_affected())
    }

    async fn retry(
        &self,
        job: &LeasedJob,
        error: &str,
        next: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let failed = sqlx::query(
            "UPDATE job SET leased_until = NULL, unfinished = unfinished - 1, error = $5, \
             run_at = CASE WHEN run_at <= $4 THEN run_at ELSE $4 END \
             WHERE kind = $1 AND key = $2 AND lease = $3 AND leased_until IS NOT NULL",
        )
        .bind(job.kind.as_str())
        .bind(&job.key)
        .bind(job.lease)
        .bind(next)
        .bind(error)
        .execute(&self.writers)
        .await?;
        was_held(failed.rows_affected())
    }

    async fn put_off(&self, job: &LeasedJob, due: DateTime<Utc>) -> Result<(), StorageError> {
        let put_off = sqlx::query(
            "UPDATE job SET leased_until = NULL, \
             run_at = CASE WHEN run_at <= $4 THEN run_at ELSE $4 END \
             WHERE kind = $1 AND key = $2 AND lease = $3 AND leased_until IS NOT NULL",
        )
        .bind(job.kind.as_str())
        .bind(&job.key)
        .bind(job.lease)
        .bind(due)
        .execute(&self.writers)
        .await?;
        was_held(put_off.rows_affected())
    }

    async fn release(&self, job: &LeasedJob, due: DateTime<Utc>) -> Result<(), StorageError> {
        let released = sqlx::query(
            "UPDATE job SET leased_until = NULL, attempts = attempts - 1, \
             unfinished = unfinished - 1, run_at = CASE WHEN run_at <= $4 THEN run_at ELSE $4 END \
             WHERE kind = $1 AND key = $2 AND lease = $3 AND leased_until IS NOT NULL",
        )
        .bind(job.kind.as_str())
        .bind(&job.key)
        .bind(job.lease)
        .bind(due)
        .execute(&self.writers)
        .await?;
        was_held(released.rows_affected())
    }
}

impl DbStorage {
    /// Why a job could not be leased: one whose row is to blame is removed.
    pub(super) async fn remove_unreadable(
        &self,
        transaction: Transaction,
        kind: JobKind,
        key: String,
        error: StorageError,
    ) -> StorageError {
        let reason = match &error {
            StorageError::Unreadable { reason, .. } => reason.clone(),
            StorageError::Database(error) if is_of_row(error) => error.to_string(),
            _ => return error,
        };
        let remove = async {
            transaction.rollback().await?;
            sqlx::query("DELETE FROM job WHERE kind = $1 AND key = $2")
                .bind(kind.as_str())
                .bind(&key)
                .execute(&self.writers)
                .await
        };
        match remove.await {
            Ok(_) => StorageError::UnreadableJob { kind, key, reason },
            Err(error) => error.into(),
        }
    }
}

/// Whether an error comes from what a row holds.
fn is_of_row(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    // numeric_value_out_of_range
    matches!(error, sqlx::Error::ColumnDecode { .. }) || code.as_deref() == Some("22003")
}

fn was_held(rows: u64) -> Result<(), StorageError> {
    (rows > 0).then_some(()).ok_or(StorageError::Conflict)
}

/// `or` says what becomes of a job that is there already.
async fn make(
    transaction: &mut Transaction,
    kind: JobKind,
    key: &str,
    town: Option<&str>,
    run_at: DateTime<Utc>,
    or: &'static str,
) -> Result<(), StorageError> {
    let make = format!("INSERT INTO job (kind, key, town_id, run_at) VALUES ($1, $2, $3, $4){or}");
    sqlx::query(AssertSqlSafe(make))
        .bind(kind.as_str())
        .bind(key)
        .bind(town)
        .bind(run_at)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Leases a job, unless another holds it, and uses up its town's turn.
pub(super) async fn take(
    transaction: &mut Transaction,
    kind: JobKind,
    key: &str,
    time: LeaseTime,
) -> Result<Option<LeasedJob>, StorageError> {
    // A job that is removed and made again counts on by the time.
    let take = format!(
        "UPDATE job SET run_at = NULL, leased_until = $5, attempts = attempts + 1, \
         unfinished = unfinished + 1, lease = CASE WHEN lease < $6 THEN $6 ELSE lease + 1 END \
         WHERE kind = $1 AND key = $4 AND {FREE} RETURNING town_id, attempts, unfinished, lease"
    );
    let taken = sqlx::query(AssertSqlSafe(take))
        .bind(kind.as_str())
        .bind(time.now)
        .bind(time.longest())
        .bind(key)
        .bind(time.until)
        .bind(time.now.timestamp_micros())
        .fetch_optional(&mut **transaction)
        .await?;
    let Some(row) = taken else {
        return Ok(None);
    };
    let job = LeasedJob {
        kind,
        key: key.to_owned(),
        town: row.try_get("town_id")?,
        until: time.until,
        attempts: count("job.attempts", row.try_get("attempts")?)?,
        unfinished: count("job.unfinished", row.try_get("unfinished")?)?,
        lease: row.try_get("lease")?,
    };
    sqlx::query(
        "INSERT INTO job_turn (kind, town_id, leased_at) VALUES ($1, $2, $3) \
         ON CONFLICT (kind, town_id) DO UPDATE SET leased_at = excluded.leased_at",
    )
    .bind(kind.as_str())
    .bind(job.town.as_deref().unwrap_or_default())
    .bind(time.now)
    .execute(&mut **transaction)
    .await?;
    Ok(Some(job))
}

/// Leases a job that is made for that where it is missing.
pub(super) async fn take_or_make(
    transaction: &mut Transaction,
    kind: JobKind,
    key: &str,
    town: Option<&str>,
    time: LeaseTime,
) -> Result<Option<LeasedJob>, StorageError> {
    let or = " ON CONFLICT (kind, key) DO NOTHING";
    make(transaction, kind, key, town, time.now, or).await?;
    take(transaction, kind, key, time).await
}

/// Removes a job that was done for good, unless another has leased it since.
pub(super) async fn remove(
    transaction: &mut Transaction,
    job: &LeasedJob,
) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM job WHERE kind = $1 AND key = $2 AND lease = $3")
        .bind(job.kind.as_str())
        .bind(&job.key)
        .bind(job.lease)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Has the documents of sources fetched, of those in service.
pub(super) async fn schedule_fetching<'a>(
    transaction: &mut Transaction,
    sources: impl IntoIterator<Item = &'a str>,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let fetch = format!(
        "INSERT INTO job (kind, key, town_id, run_at) \
         SELECT 'fetch', source.id, town_id, $2 FROM source JOIN board ON board.id = board_id \
         WHERE source.enabled AND board.enabled AND source.id IN (SELECT value FROM {}) \
         ORDER BY source.id{OR_BRING_FORWARD}",
        list("$1")
    );
    schedule_for(transaction, fetch, sources, at).await
}

/// Has the boards of sources published, of those in service; `board:ID` stands for the board itself.
pub(super) async fn schedule_publishing<'a>(
    transaction: &mut Transaction,
    sources: impl IntoIterator<Item = &'a str>,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    let publish = format!(
        "INSERT INTO job (kind, key, town_id, run_at) \
         SELECT 'publish', board.id, town_id, $2 FROM board \
         WHERE enabled AND board.id IN (SELECT {} FROM {}) ORDER BY board.id{OR_BRING_FORWARD}",
        board_of!("value"),
        list("$1")
    );
    schedule_for(transaction, publish, sources, at).await
}

async fn schedule_for<'a>(
    transaction: &mut Transaction,
    statement: String,
    sources: impl IntoIterator<Item = &'a str>,
    at: DateTime<Utc>,
) -> Result<(), StorageError> {
    sqlx::query(AssertSqlSafe(statement))
        .bind(to_json(&sources.into_iter().collect::<Vec<_>>()))
        .bind(at)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
