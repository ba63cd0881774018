//! Displays and their manifests.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::Row;
use vyveska_wire::keys::{DisplayId, PublicKey};

use super::DbStorage;
use crate::stored::signed;
use crate::{DisplayRepository, RegisteredDisplay, StorageError, StoredManifest};

#[async_trait]
impl DisplayRepository for DbStorage {
    async fn display(&self, id: &DisplayId) -> Result<Option<RegisteredDisplay>, StorageError> {
        let board: Option<String> =
            sqlx::query_scalar("SELECT board_id FROM display WHERE id = $1")
                .bind(id.as_str())
                .fetch_optional(&self.pool)
                .await?;
        Ok(board.map(|board| RegisteredDisplay {
            id: id.clone(),
            board,
        }))
    }

    async fn register(
        &self,
        id: &DisplayId,
        key: &PublicKey,
        board: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        sqlx::query(
            "INSERT INTO display (id, public_key, board_id, registered_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        )
        .bind(id.as_str())
        .bind(key.to_pem())
        .bind(board)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn displays_of(&self, board: &str) -> Result<Vec<RegisteredDisplay>, StorageError> {
        let ids: Vec<String> =
            sqlx::query_scalar("SELECT id FROM display WHERE board_id = $1 ORDER BY id")
                .bind(board)
                .fetch_all(&self.pool)
                .await?;
        Ok(ids
            .into_iter()
            .map(|id| RegisteredDisplay {
                id: DisplayId::from_stored(id),
                board: board.to_owned(),
            })
            .collect())
    }

    async fn manifest(&self, id: &DisplayId) -> Result<Option<StoredManifest>, StorageError> {
        let row = sqlx::query(
            "SELECT number, publication_id, bytes FROM manifest WHERE display_id = $1 \
             ORDER BY number DESC LIMIT 1",
        )
        .bind(id.as_str())
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let number: i64 = row.try_get("number")?;
        Ok(Some(StoredManifest {
            number: u64::try_from(number).unwrap_or_default(),
            publication: row.try_get("publication_id")?,
            bytes: row.try_get("bytes")?,
        }))
    }

    async fn add_manifest(
        &self,
        id: &DisplayId,
        manifest: &StoredManifest,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let added = sqlx::query(
            "INSERT INTO manifest (display_id, number, created_at, publication_id, bytes) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(id.as_str())
        .bind(signed(manifest.number))
        .bind(now)
        .bind(manifest.publication)
        .bind(&manifest.bytes)
        .execute(&self.pool)
        .await?;
        if added.rows_affected() == 0 {
            return Err(StorageError::Conflict);
        }
        Ok(())
    }
}
