//! Alarms.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::Row;

use super::SqliteStorage;
use crate::{Alarm, AlarmRepository, StorageError};

#[async_trait]
impl AlarmRepository for SqliteStorage {
    async fn raise_alarm(
        &self,
        kind: &str,
        subject: &str,
        message: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let changed = sqlx::query(
            "INSERT INTO alarm (kind, subject, message, opened_at) VALUES (?, ?, ?, ?) \
             ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO UPDATE SET \
             message = excluded.message WHERE message <> excluded.message",
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
        let close = "UPDATE alarm SET closed_at = ? \
                     WHERE kind = ? AND subject = ? AND closed_at IS NULL";
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
        let rows = sqlx::query("SELECT * FROM alarm WHERE closed_at IS NULL ORDER BY id")
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

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[tokio::test]
    async fn an_alarm_is_open_once_until_it_is_cleared() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("central.sqlite");
        let storage = SqliteStorage::open(&path).await.unwrap();
        let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
        let later = now + TimeDelta::minutes(5);
        let raise = async |message: &str, at| {
            let raised = storage.raise_alarm("shortened", "lipnice", message, at);
            raised.await.unwrap()
        };
        assert!(raise("one", now).await);
        assert!(!raise("one", later).await, "nothing new");
        assert!(raise("two", later).await);
        let open = storage.alarms().await.unwrap();
        assert_eq!(open.len(), 1);
        assert_eq!(
            (open[0].message.as_str(), open[0].opened_at),
            ("two", now),
            "open since the first"
        );

        storage
            .clear_alarm("shortened", "rolava", later)
            .await
            .unwrap();
        assert_eq!(storage.alarms().await.unwrap(), open);
        storage
            .clear_alarm("shortened", "lipnice", later)
            .await
            .unwrap();
        assert_eq!(storage.alarms().await.unwrap(), []);
        assert!(raise("two", later).await);
    }
}
