//! Alarms.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::Row;

use super::DbStorage;
use super::scope::{BOARD, DISPLAY, NOTHING, SOURCE, TOWN, must_find};
use crate::{Alarm, AlarmRepository, AlarmSubject, StorageError};

/// The open alarm of a kind and a subject, whose type is `$3`.
pub(super) const OPEN_ALARM: &str = "SELECT 1 FROM alarm \
    WHERE kind = $1 AND subject = $2 AND subject_type = $3 AND closed_at IS NULL";

#[async_trait]
impl AlarmRepository for DbStorage {
    async fn raise_alarm(
        &self,
        kind: &str,
        subject: AlarmSubject<'_>,
        message: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.writing().await?;
        let query = match subject {
            AlarmSubject::Board(_) => BOARD,
            AlarmSubject::Source(_) => SOURCE,
            AlarmSubject::Display(_) => DISPLAY,
            AlarmSubject::Town(_) => TOWN,
            AlarmSubject::Service(_) | AlarmSubject::Node(_) => NOTHING,
        };
        must_find(query, subject.id(), &self.scope, &mut transaction).await?;
        let changed = sqlx::query(
            "INSERT INTO alarm (kind, subject, subject_type, message, opened_at) \
             VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (kind, subject, subject_type) WHERE closed_at IS NULL DO UPDATE SET \
             message = excluded.message WHERE alarm.message <> excluded.message",
        )
        .bind(kind)
        .bind(subject.id())
        .bind(subject.type_name())
        .bind(message)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(changed.rows_affected() > 0)
    }

    async fn clear_alarm(
        &self,
        kind: &str,
        subject: AlarmSubject<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let close = concat!(
            "UPDATE alarm SET closed_at = $1 WHERE kind = $2 AND subject = $3 AND subject_type = $4 \
             AND closed_at IS NULL AND ",
            alarm_within!("$5"),
        );
        // Usually it is not open, and looking takes no write lock.
        let open = sqlx::query(OPEN_ALARM)
            .bind(kind)
            .bind(subject.id())
            .bind(subject.type_name())
            .fetch_optional(&self.pool)
            .await?;
        if open.is_some() {
            sqlx::query(close)
                .bind(now)
                .bind(kind)
                .bind(subject.id())
                .bind(subject.type_name())
                .bind(self.scope.parameter())
                .execute(&self.writers)
                .await?;
        }
        Ok(())
    }

    async fn alarms(&self) -> Result<Vec<Alarm>, StorageError> {
        let rows = sqlx::query(concat!(
            "SELECT kind, subject, message, opened_at, CASE subject_type WHEN 'board' THEN subject \
             WHEN 'source' THEN (SELECT board_id FROM source WHERE source.id = subject) \
             WHEN 'display' THEN (SELECT board_id FROM display WHERE display.id = subject) \
             WHEN 'town' THEN (SELECT min(board.id) FROM board WHERE town_id = subject AND enabled) \
             END AS board \
             FROM alarm WHERE closed_at IS NULL AND ",
            alarm_within!("$1"),
            " ORDER BY id",
        ))
        .bind(self.scope.parameter())
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Alarm {
                    kind: row.try_get("kind")?,
                    subject: row.try_get("subject")?,
                    board: row.try_get("board")?,
                    message: row.try_get("message")?,
                    opened_at: row.try_get("opened_at")?,
                })
            })
            .collect()
    }
}
