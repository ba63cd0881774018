//! Displays and their assignments.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::Row;
use vyveska_wire::keys::DisplayId;

use super::DbStorage;
use super::scope::{DISPLAY, must_find};
use crate::stored::{signed, unsigned};
use crate::{DisplayRepository, RegisteredDisplay, StorageError, StoredAssignment};

#[async_trait]
impl DisplayRepository for DbStorage {
    async fn display(&self, id: &DisplayId) -> Result<Option<RegisteredDisplay>, StorageError> {
        let found: Option<(String, DateTime<Utc>)> = sqlx::query_as(concat!(
            "SELECT board_id, registered_at FROM display WHERE id = $1 AND ",
            board_within!("board_id", "$2"),
        ))
        .bind(id.as_str())
        .bind(self.scope.parameter())
        .fetch_optional(&self.pool)
        .await?;
        Ok(found.map(|(board, registered_at)| RegisteredDisplay {
            id: id.clone(),
            board,
            registered_at,
        }))
    }

    async fn displays(&self, ids: &[&DisplayId]) -> Result<Vec<RegisteredDisplay>, StorageError> {
        let rows: Vec<(String, String, DateTime<Utc>)> = sqlx::query_as(concat!(
            "SELECT id, board_id, registered_at FROM display WHERE ",
            board_within!("board_id", "$1"),
        ))
        .bind(self.scope.parameter())
        .fetch_all(&self.pool)
        .await?;
        let asked: HashMap<&str, &DisplayId> = ids.iter().map(|id| (id.as_str(), *id)).collect();
        let known = rows.into_iter().filter_map(|(id, board, registered_at)| {
            Some(RegisteredDisplay {
                id: (*asked.get(id.as_str())?).clone(),
                board,
                registered_at,
            })
        });
        Ok(known.collect())
    }

    async fn assignment(&self, id: &DisplayId) -> Result<Option<StoredAssignment>, StorageError> {
        let row = sqlx::query(concat!(
            "SELECT number, bytes FROM assignment WHERE display_id = $1 AND ",
            display_within!("$1", "$2"),
        ))
        .bind(id.as_str())
        .bind(self.scope.parameter())
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(StoredAssignment {
            number: unsigned(row.try_get("number")?),
            bytes: row.try_get("bytes")?,
        }))
    }

    async fn set_assignment(
        &self,
        id: &DisplayId,
        assignment: &StoredAssignment,
    ) -> Result<(), StorageError> {
        let mut transaction = self.writing().await?;
        must_find(DISPLAY, id.as_str(), &self.scope, &mut transaction).await?;
        let replaced = sqlx::query(
            "INSERT INTO assignment (display_id, number, bytes) VALUES ($1, $2, $3) \
             ON CONFLICT (display_id) DO UPDATE SET number = excluded.number, \
             bytes = excluded.bytes WHERE assignment.number < excluded.number",
        )
        .bind(id.as_str())
        .bind(signed(assignment.number))
        .bind(&assignment.bytes)
        .execute(&mut *transaction)
        .await?;
        if replaced.rows_affected() == 0 {
            return Err(StorageError::Conflict);
        }
        transaction.commit().await?;
        Ok(())
    }
}
