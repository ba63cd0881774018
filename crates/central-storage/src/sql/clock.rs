//! The time last seen.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::DbStorage;
use crate::{ClockRepository, StorageError};

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
}
