//! What was made of documents.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use vyveska_board::DocumentHash;
use vyveska_wire::manifest::{ContentHash, ContentRef};

use super::super::{
    Preparation, PreparationLedger, PreparationResult, PreparationStage, PreparationTask,
    StorageError,
};
use super::documents::content_of;
use super::{SqliteStorage, hash, size};

/// How often a claim is tried when others take the same documents.
const ATTEMPTS: u32 = 10;

#[async_trait]
impl PreparationLedger for SqliteStorage {
    async fn claim_preparation(
        &self,
        stage: PreparationStage,
        method: u32,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Option<PreparationTask>, StorageError> {
        let waiting = match stage {
            PreparationStage::Text => "coalesce(preparation.method, 0) < ?",
            PreparationStage::Recognition => "preparation.recognise = 1 AND preparation.method = ?",
        };
        let find = format!(
            "SELECT document.hash, document.size_bytes, document.media_type FROM document \
             LEFT JOIN preparation ON preparation.hash = document.hash \
             WHERE wanted = 1 AND document.hash IS NOT NULL AND {waiting} \
             AND (claimed_until IS NULL OR claimed_until <= ?) \
             ORDER BY document.size_bytes, document.hash LIMIT 1"
        );
        for _ in 0..ATTEMPTS {
            // Most of the time there is none, and looking costs no lock.
            let row = sqlx::query(sqlx::AssertSqlSafe(find.as_str()))
                .bind(method)
                .bind(now)
                .fetch_optional(&self.pool)
                .await?;
            let Some(content) = row.as_ref().map(content_of).transpose()?.flatten() else {
                return Ok(None);
            };
            let attempts: Option<u32> = sqlx::query_scalar(
                "INSERT INTO preparation (hash, attempts, claimed_until) VALUES (?, 1, ?) \
                 ON CONFLICT (hash) DO UPDATE SET attempts = attempts + 1, \
                 claimed_until = excluded.claimed_until \
                 WHERE claimed_until IS NULL OR claimed_until <= ? RETURNING attempts",
            )
            .bind(content.hash.to_string())
            .bind(until)
            .bind(now)
            .fetch_optional(&self.pool)
            .await?;
            if let Some(attempts) = attempts {
                return Ok(Some(PreparationTask { content, attempts }));
            }
        }
        Ok(None)
    }

    async fn keep_preparation(
        &self,
        document: DocumentHash,
        attempts: u32,
        until: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        sqlx::query("UPDATE preparation SET attempts = ?, claimed_until = ? WHERE hash = ?")
            .bind(attempts)
            .bind(until)
            .bind(document.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn record_preparation(
        &self,
        task: &PreparationTask,
        method: u32,
        result: &PreparationResult,
        now: DateTime<Utc>,
    ) -> Result<BTreeSet<String>, StorageError> {
        let document = task.content.hash.to_string();
        let mut transaction = self.writing().await?;
        let before = sqlx::query("SELECT * FROM preparation WHERE hash = ?")
            .bind(&document)
            .fetch_optional(&mut *transaction)
            .await?;
        let before = before.as_ref().map(preparation_of).transpose()?;
        let query = match result {
            PreparationResult::Made {
                pages,
                text,
                recognise,
            } => sqlx::query(
                "UPDATE preparation SET pages = ?, text_hash = ?, text_size_bytes = ?, \
                 recognise = ?, error = NULL, method = ?, prepared_at = ?, attempts = 0, \
                 claimed_until = NULL WHERE hash = ?",
            )
            .bind(pages)
            .bind(text.map(|text| text.hash.to_string()))
            .bind(text.map(|text| size(text.size_bytes)))
            .bind(recognise),
            PreparationResult::Failed { error } => sqlx::query(
                "UPDATE preparation SET recognise = 0, error = ?, method = ?, prepared_at = ?, \
                 attempts = 0, claimed_until = NULL WHERE hash = ?",
            )
            .bind(error),
        };
        query
            .bind(method)
            .bind(now)
            .bind(&document)
            .execute(&mut *transaction)
            .await?;
        let after = match result {
            PreparationResult::Made { pages, text, .. } => Some(Preparation {
                pages: Some(*pages),
                text: *text,
            }),
            PreparationResult::Failed { .. } => before,
        };
        let mut sources = BTreeSet::new();
        if after != before {
            let names: Vec<String> = sqlx::query_scalar(
                "SELECT DISTINCT source_id FROM document WHERE hash = ? AND wanted = 1",
            )
            .bind(&document)
            .fetch_all(&mut *transaction)
            .await?;
            sources.extend(names);
        }
        transaction.commit().await?;
        Ok(sources)
    }

    async fn preparations(
        &self,
        source: &str,
    ) -> Result<BTreeMap<DocumentHash, Preparation>, StorageError> {
        let rows = sqlx::query(
            "SELECT DISTINCT preparation.hash, pages, text_hash, text_size_bytes FROM preparation \
             JOIN document ON document.hash = preparation.hash WHERE source_id = ?",
        )
        .bind(source)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let document = hash("preparation.hash", row.try_get("hash")?)?;
                Ok((document, preparation_of(row)?))
            })
            .collect()
    }
}

fn preparation_of(row: &SqliteRow) -> Result<Preparation, StorageError> {
    let size_bytes: Option<i64> = row.try_get("text_size_bytes")?;
    let text = match row.try_get::<Option<&str>, _>("text_hash")? {
        Some(text) => Some(ContentRef {
            hash: ContentHash(hash("preparation.text_hash", text)?),
            size_bytes: u64::try_from(size_bytes.unwrap_or_default()).unwrap_or_default(),
        }),
        None => None,
    };
    Ok(Preparation {
        pages: row.try_get("pages")?,
        text,
    })
}
