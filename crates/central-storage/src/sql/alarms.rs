//! Alarms.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::Row;

use super::DbStorage;
use crate::{Alarm, AlarmRepository, StorageError};

#[async_trait]
impl AlarmRepository for DbStorage {
    async fn raise_alarm(
        &self,
        kind: &str,
        subject: &str,
        message: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let changed = sqlx::query(
            "INSERT INTO alarm (kind, subject, message, opened_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO UPDATE SET \
             message = excluded.message WHERE alarm.message <> excluded.message",
        )
        .bind(kind)
        .bind(subject)
        .bind(message)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(changed.rows_affected() > 0)
    }

    async fn clear_alarm(
        &self,
        kind: &str,
        subject: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let close = "UPDATE alarm SET closed_at = $1 \
                     WHERE kind = $2 AND subject = $3 AND closed_at IS NULL";
        // Usually none is open, and looking takes no write lock.
        if self.alarms().await?.iter().any(|one| one.is(kind, subject)) {
            sqlx::query(close)
                .bind(now)
                .bind(kind)
                .bind(subject)
                .execute(&self.pool)
                .await?;
        }
        Ok(())
    }

    async fn alarms(&self) -> Result<Vec<Alarm>, StorageError> {
        let rows = sqlx::query(
            "SELECT kind, subject, message, opened_at FROM alarm WHERE closed_at IS NULL ORDER BY id",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Alarm {
                    kind: row.try_get("kind")?,
                    subject: row.try_get("subject")?,
                    message: row.try_get("message")?,
                    opened_at: row.try_get("opened_at")?,
                })
            })
            .collect()
    }
}
