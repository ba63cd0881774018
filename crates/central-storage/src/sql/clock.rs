//! The time last seen, and when each node was.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::AssertSqlSafe;

use super::{DbStorage, skip_locked};
use crate::{ClockRepository, StorageError};

/// By how much the clock of a node may be behind another's and the node is not taken for gone.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::days(7);

#[async_trait]
impl ClockRepository for DbStorage {
    async fn clock_seen(&self) -> Result<Option<DateTime<Utc>>, StorageError> {
        let seen = sqlx::query_scalar("SELECT seen_at FROM clock")
            .fetch_optional(&self.pool)
            .await?;
        Ok(seen)
    }

    async fn set_clock_seen(&self, now: DateTime<Utc>) -> Result<(), StorageError> {
        sqlx::query(
            "INSERT INTO clock (id, seen_at) VALUES (1, $1) \
             ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at",
        )
        .bind(now)
        .execute(&self.writers)
        .await?;
        Ok(())
    }

    async fn keep_node(
        &self,
        name: &str,
        now: DateTime<Utc>,
        before: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let mut transaction = self.writing().await?;
        sqlx::query(
            "INSERT INTO node (name, seen_at) SELECT $1, coalesce(max(seen_at), $2) FROM node \
             WHERE seen_at > $2 AND seen_at <= $3 \
             ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at",
        )
        .bind(name)
        .bind(now)
        .bind(now + CLOCKS_DIFFER)
        .execute(&mut *transaction)
        .await?;
        // One that another process has locked is back.
        let gone = format!(
            "DELETE FROM node WHERE name IN (SELECT name FROM node WHERE seen_at < $1 {})",
            skip_locked("node")
        );
        sqlx::query(AssertSqlSafe(gone))
            .bind(before)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "UPDATE alarm SET closed_at = $1 WHERE closed_at IS NULL AND subject_type = 'node' \
             AND subject NOT IN (SELECT name FROM node)",
        )
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }
}
