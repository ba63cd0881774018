//! Documents to fetch and their stored bytes.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use url::Url;
use vyveska_board::DocumentHash;
use vyveska_wire::manifest::ContentHash;

use super::{SqliteStorage, hash, size};
use crate::{DocumentRepository, DocumentResult, DocumentTask, HeldContent, StorageError};

/// The time of the next fetch for a document without an address; times are compared as text.
const NEVER: &str = "9999-12-31T23:59:59+00:00";

#[async_trait]
impl DocumentRepository for SqliteStorage {
    async fn want(
        &self,
        source: &str,
        urls: &BTreeSet<Url>,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let mut transaction = self.writing().await?;
        sqlx::query("UPDATE document SET wanted = 0 WHERE source_id = ?")
            .bind(source)
            .execute(&mut *transaction)
            .await?;
        for url in urls {
            sqlx::query(
                "INSERT INTO document (source_id, url, wanted, next_attempt_at) VALUES (?, ?, 1, ?) \
                 ON CONFLICT (source_id, url) DO UPDATE SET wanted = 1",
            )
            .bind(source)
            .bind(url.as_str())
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn due(
        &self,
        now: DateTime<Utc>,
        latest: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<DocumentTask>, StorageError> {
        let rows = sqlx::query(
            "SELECT * FROM document WHERE wanted = 1 \
             AND (next_attempt_at <= ? OR next_attempt_at > ?) AND next_attempt_at <> ? \
             ORDER BY hash IS NOT NULL, failures, next_attempt_at, url LIMIT ?",
        )
        .bind(now)
        .bind(latest)
        .bind(NEVER)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(task_of).collect()
    }

    async fn record(
        &self,
        task: &DocumentTask,
        result: &DocumentResult,
        now: DateTime<Utc>,
        next: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let query = match result {
            DocumentResult::Content {
                content,
                etag,
                last_modified,
            } => sqlx::query(
                "UPDATE document SET hash = ?, size_bytes = ?, media_type = ?, etag = ?, \
                 last_modified = ?, failures = 0, last_error = NULL, checked_at = ?, \
                 next_attempt_at = ? WHERE source_id = ? AND url = ?",
            )
            .bind(content.hash.to_string())
            .bind(size(content.size_bytes))
            .bind(&content.media_type)
            .bind(etag)
            .bind(last_modified),
            DocumentResult::NotModified => sqlx::query(
                "UPDATE document SET failures = 0, last_error = NULL, checked_at = ?, \
                 next_attempt_at = ? WHERE source_id = ? AND url = ?",
            ),
            DocumentResult::Failed { error } => sqlx::query(
                "UPDATE document SET failures = failures + 1, last_error = ?, checked_at = ?, \
                 next_attempt_at = ? WHERE source_id = ? AND url = ?",
            )
            .bind(error),
        };
        query
            .bind(now)
            .bind(next)
            .bind(&task.source)
            .bind(task.url.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn register_documents(
        &self,
        source: &str,
        documents: &[HeldContent],
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let mut transaction = self.writing().await?;
        sqlx::query("DELETE FROM document WHERE source_id = ?")
            .bind(source)
            .execute(&mut *transaction)
            .await?;
        for document in documents {
            sqlx::query(
                "INSERT INTO document (source_id, url, wanted, hash, size_bytes, media_type, \
                 checked_at, next_attempt_at) VALUES (?, ?, 1, ?, ?, ?, ?, ?) \
                 ON CONFLICT (source_id, url) DO NOTHING",
            )
            .bind(source)
            .bind(format!("urn:sha256:{}", document.hash))
            .bind(document.hash.to_string())
            .bind(size(document.size_bytes))
            .bind(&document.media_type)
            .bind(now)
            .bind(NEVER)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn requeue_lost_content(
        &self,
        lost: &BTreeSet<DocumentHash>,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let mut transaction = self.writing().await?;
        for hash in lost {
            sqlx::query(
                "UPDATE document SET next_attempt_at = ? WHERE hash = ? AND next_attempt_at <> ?",
            )
            .bind(now)
            .bind(hash.to_string())
            .bind(NEVER)
            .execute(&mut *transaction)
            .await?;
            sqlx::query(
                "UPDATE preparation SET method = 0, attempts = 0, claimed_until = NULL \
                 WHERE text_hash = ?",
            )
            .bind(hash.to_string())
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn contents(&self, source: &str) -> Result<BTreeMap<String, HeldContent>, StorageError> {
        let rows = sqlx::query("SELECT * FROM document WHERE source_id = ? AND hash IS NOT NULL")
            .bind(source)
            .fetch_all(&self.pool)
            .await?;
        let mut contents = BTreeMap::new();
        for row in &rows {
            if let Some(content) = content_of(row)? {
                contents.insert(row.try_get("url")?, content);
            }
        }
        Ok(contents)
    }
}

/// The content a row names, where it names one.
pub(super) fn content_of(row: &SqliteRow) -> Result<Option<HeldContent>, StorageError> {
    let Some(text) = row.try_get::<Option<&str>, _>("hash")? else {
        return Ok(None);
    };
    let size_bytes: Option<i64> = row.try_get("size_bytes")?;
    Ok(Some(HeldContent {
        hash: ContentHash(hash("hash", text)?),
        size_bytes: u64::try_from(size_bytes.unwrap_or_default()).unwrap_or_default(),
        media_type: row.try_get("media_type")?,
    }))
}

fn task_of(row: &SqliteRow) -> Result<DocumentTask, StorageError> {
    let url: &str = row.try_get("url")?;
    Ok(DocumentTask {
        source: row.try_get("source_id")?,
        url: Url::parse(url).map_err(|error| StorageError::Unreadable {
            what: "document.url",
            reason: error.to_string(),
        })?,
        held: content_of(row)?,
        etag: row.try_get("etag")?,
        last_modified: row.try_get("last_modified")?,
        failures: row.try_get("failures")?,
    })
}
