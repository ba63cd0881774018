//! Documents to fetch and their stored bytes.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Row};
use url::Url;
use vyveska_board::{DocumentHash, MissingReason};
use vyveska_wire::manifest::ContentHash;

use super::jobs::{schedule_fetching, schedule_publishing};
use super::scope::{SOURCE, must_find};
use super::{DbRow, DbStorage, Transaction, list};
use crate::stored::{count, from_json, hash, signed, to_json};
use crate::{
    DocumentRepository, DocumentResult, DocumentTask, HeldContent, MovedDocument, NoticeFacts,
    StorageError,
};

/// The time of the next fetch for a document without an address: the end of the year 9999.
const NEVER: DateTime<Utc> =
    DateTime::from_timestamp(253_402_300_799, 0).expect("chrono knows later years");

/// When the next document of a source is due.
pub(super) const NEXT_DUE: &str = concat!(
    "SELECT min(next_attempt_at) FROM document \
     WHERE source_id = $1 AND wanted AND next_attempt_at <> $2 AND ",
    source_within!("$1", "$3"),
);

/// The documents of a source that are due, in the order in which they are fetched.
pub(super) const DUE: &str = concat!(
    "SELECT source_id, url, hash, size_bytes, media_type, missing, etag, failures \
     FROM document WHERE source_id = $1 AND wanted \
     AND (next_attempt_at <= $2 OR next_attempt_at > $3) AND next_attempt_at <> $4 AND ",
    source_within!("$1", "$6"),
    " ORDER BY hash IS NOT NULL, failures, next_attempt_at, url LIMIT $5",
);

#[async_trait]
impl DocumentRepository for DbStorage {
    async fn next_due(&self, source: &str) -> Result<Option<DateTime<Utc>>, StorageError> {
        let next = sqlx::query_scalar(NEXT_DUE)
            .bind(source)
            .bind(NEVER)
            .bind(self.scope.parameter())
            .fetch_one(&self.pool)
            .await?;
        Ok(next)
    }

    async fn due(
        &self,
        source: &str,
        now: DateTime<Utc>,
        latest: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<DocumentTask>, StorageError> {
        let rows = sqlx::query(DUE)
            .bind(source)
            .bind(now)
            .bind(latest)
            .bind(NEVER)
            .bind(i64::from(limit))
            .bind(self.scope.parameter())
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
        publish_at: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.writing().await?;
        must_find(SOURCE, &task.source, &self.scope, &mut transaction).await?;
        let is_changed = changes(task, result, &mut transaction).await?;
        let query = match result {
            DocumentResult::Content { content, etag } => sqlx::query(
                "UPDATE document SET hash = $1, size_bytes = $2, media_type = $3, etag = $4, \
                 failures = 0, last_error = NULL, missing = NULL, checked_at = $5, \
                 next_attempt_at = $6 WHERE source_id = $7 AND url = $8",
            )
            .bind(content.hash.to_string())
            .bind(signed(content.size_bytes))
            .bind(&content.media_type)
            .bind(etag),
            DocumentResult::NotModified => sqlx::query(
                "UPDATE document SET failures = 0, last_error = NULL, missing = NULL, checked_at = $1, \
                 next_attempt_at = $2 WHERE source_id = $3 AND url = $4",
            ),
            DocumentResult::Failed { error, reason } => sqlx::query(
                "UPDATE document SET failures = failures + 1, last_error = $1, missing = $2, \
                 checked_at = $3, next_attempt_at = $4 WHERE source_id = $5 AND url = $6",
            )
            .bind(error)
            .bind(to_json(reason)),
        };
        query
            .bind(now)
            .bind(next)
            .bind(&task.source)
            .bind(task.url.as_str())
            .execute(&mut *transaction)
            .await?;
        if let DocumentResult::Content { content, .. } = result {
            add_row(&content.hash.to_string(), &mut transaction).await?;
        }
        if is_changed {
            schedule_publishing(&mut transaction, [task.source.as_str()], publish_at).await?;
        }
        transaction.commit().await?;
        Ok(is_changed)
    }

    async fn register_documents(
        &self,
        source: &str,
        documents: &[HeldContent],
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let mut transaction = self.writing().await?;
        must_find(SOURCE, source, &self.scope, &mut transaction).await?;
        sqlx::query("DELETE FROM document WHERE source_id = $1")
            .bind(source)
            .execute(&mut *transaction)
            .await?;
        for document in documents {
            sqlx::query(
                "INSERT INTO document (source_id, url, wanted, hash, size_bytes, media_type, \
                 checked_at, next_attempt_at) VALUES ($1, $2, TRUE, $3, $4, $5, $6, $7) \
                 ON CONFLICT (source_id, url) DO NOTHING",
            )
            .bind(source)
            .bind(format!("urn:sha256:{}", document.hash))
            .bind(document.hash.to_string())
            .bind(signed(document.size_bytes))
            .bind(&document.media_type)
            .bind(now)
            .bind(NEVER)
            .execute(&mut *transaction)
            .await?;
            add_row(&document.hash.to_string(), &mut transaction).await?;
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
        let mut sources = BTreeSet::new();
        for hash in lost {
            let fetched: Vec<String> = sqlx::query_scalar(concat!(
                "UPDATE document SET next_attempt_at = $1 \
                 WHERE hash = $2 AND next_attempt_at <> $3 AND ",
                source_within!("source_id", "$4"),
                " RETURNING source_id",
            ))
            .bind(now)
            .bind(hash.to_string())
            .bind(NEVER)
            .bind(self.scope.parameter())
            .fetch_all(&mut *transaction)
            .await?;
            sources.extend(fetched);
            sqlx::query(concat!(
                "UPDATE preparation SET method = 0 WHERE text_hash = $1 AND ",
                prepared_within!("$2"),
            ))
            .bind(hash.to_string())
            .bind(self.scope.parameter())
            .execute(&mut *transaction)
            .await?;
            sqlx::query(concat!(
                "UPDATE preparation SET drawing_method = 0 WHERE rendition_hash = $1 AND ",
                prepared_within!("$2"),
            ))
            .bind(hash.to_string())
            .bind(self.scope.parameter())
            .execute(&mut *transaction)
            .await?;
        }
        let sources = sources.iter().map(String::as_str);
        schedule_fetching(&mut transaction, sources, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn contents(&self, source: &str) -> Result<BTreeMap<String, HeldContent>, StorageError> {
        let rows = sqlx::query(concat!(
            "SELECT url, hash, size_bytes, media_type FROM document \
             WHERE source_id = $1 AND hash IS NOT NULL AND ",
            source_within!("$1", "$2"),
        ))
        .bind(source)
        .bind(self.scope.parameter())
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

    async fn missing(&self, source: &str) -> Result<BTreeMap<String, MissingReason>, StorageError> {
        let rows = sqlx::query(concat!(
            "SELECT url, missing FROM document \
             WHERE source_id = $1 AND wanted AND missing IS NOT NULL AND ",
            source_within!("$1", "$2"),
        ))
        .bind(source)
        .bind(self.scope.parameter())
        .fetch_all(&self.pool)
        .await?;
        let mut missing = BTreeMap::new();
        for row in &rows {
            if let Some(reason) = missing_of(row)? {
                missing.insert(row.try_get("url")?, reason);
            }
        }
        Ok(missing)
    }
}

/// Whether a wanted document has other bytes by a result, or is missing for another reason.
async fn changes(
    task: &DocumentTask,
    result: &DocumentResult,
    transaction: &mut Transaction,
) -> Result<bool, StorageError> {
    let row = sqlx::query(
        "SELECT hash, size_bytes, media_type, missing FROM document \
         WHERE source_id = $1 AND url = $2 AND wanted",
    )
    .bind(&task.source)
    .bind(task.url.as_str())
    .fetch_optional(&mut **transaction)
    .await?;
    let Some(row) = row else {
        return Ok(false);
    };
    let missing = missing_of(&row)?;
    Ok(match result {
        DocumentResult::Content { content, .. } => {
            let held = content_of(&row)?.map(|held| held.hash);
            missing.is_some() || held != Some(content.hash)
        }
        DocumentResult::NotModified => missing.is_some(),
        DocumentResult::Failed { reason, .. } => missing != Some(*reason),
    })
}

/// Gives a document that was forgotten, and is wanted again, the bytes it had, unless these are gone as well: what is
/// known of bytes goes before they do.
const REMEMBER: &str = "UPDATE document SET hash = $1, size_bytes = $2, media_type = $3 \
    WHERE source_id = $4 AND url = $5 AND hash IS NULL AND (\
    EXISTS (SELECT 1 FROM publication_content WHERE publication_content.hash = $1) \
    OR EXISTS (SELECT 1 FROM preparation WHERE preparation.hash = $1) \
    OR EXISTS (SELECT 1 FROM unnamed_content WHERE unnamed_content.hash = $1))";

/// The documents of notices in their newest revisions, with the bytes they had there.
pub(super) async fn last_documents(
    transaction: &mut Transaction,
    notices: &[&str],
) -> Result<BTreeMap<Url, Option<HeldContent>>, StorageError> {
    let newest = format!(
        "SELECT facts, contents FROM notice JOIN revision ON notice_id = notice.id \
         AND number = notice.revision WHERE notice.id IN (SELECT value FROM {}) ORDER BY notice.id",
        list("$1")
    );
    let rows = sqlx::query(AssertSqlSafe(newest))
        .bind(to_json(notices))
        .fetch_all(&mut **transaction)
        .await?;
    let mut documents = BTreeMap::new();
    for row in &rows {
        let facts: NoticeFacts = from_json("revision.facts", row.try_get("facts")?)?;
        let contents: Vec<Option<HeldContent>> =
            from_json("revision.contents", row.try_get("contents")?)?;
        let contents = contents.into_iter().chain(std::iter::repeat(None));
        for (document, content) in facts.documents.into_iter().zip(contents) {
            if let Some(url) = document.url {
                let known = documents.entry(url).or_insert(None);
                *known = content.or(known.take());
            }
        }
    }
    Ok(documents)
}

/// Gives documents that were forgotten their bytes again.
pub(super) async fn remember(
    transaction: &mut Transaction,
    source: &str,
    documents: &BTreeMap<Url, Option<HeldContent>>,
) -> Result<(), StorageError> {
    for (url, content) in documents {
        let Some(content) = content else {
            continue;
        };
        sqlx::query(REMEMBER)
            .bind(content.hash.to_string())
            .bind(signed(content.size_bytes))
            .bind(&content.media_type)
            .bind(source)
            .bind(url.as_str())
            .execute(&mut **transaction)
            .await?;
        add_row(&content.hash.to_string(), transaction).await?;
    }
    Ok(())
}

/// Gives documents at new addresses that were never fetched there the bytes they had at their old ones.
pub(super) async fn move_documents(
    transaction: &mut Transaction,
    source: &str,
    moved: impl Iterator<Item = &MovedDocument>,
) -> Result<(), StorageError> {
    for document in moved {
        sqlx::query(
            "UPDATE document SET hash = before.hash, size_bytes = before.size_bytes, \
             media_type = before.media_type, missing = before.missing FROM document AS before \
             WHERE document.source_id = $1 AND document.url = $2 AND document.hash IS NULL \
             AND document.checked_at IS NULL AND before.source_id = $1 AND before.url = $3",
        )
        .bind(source)
        .bind(document.to.as_str())
        .bind(document.from.as_str())
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

/// Sets which documents of a source are wanted, and has them fetched; others are no longer fetched.
pub(super) async fn want(
    transaction: &mut Transaction,
    source: &str,
    urls: &BTreeSet<Url>,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let urls = to_json(&urls.iter().map(Url::as_str).collect::<Vec<_>>());
    let listed = list("$2");
    // An instant that is still to come was of a wrong clock.
    let forget = format!(
        "UPDATE document SET wanted = FALSE, unwanted_since = $3 WHERE source_id = $1 \
         AND (wanted OR unwanted_since > $3) AND url NOT IN (SELECT value FROM {listed})"
    );
    sqlx::query(AssertSqlSafe(forget))
        .bind(source)
        .bind(&urls)
        .bind(now)
        .execute(&mut **transaction)
        .await?;
    // SQLite would take ON CONFLICT for the condition of a join without the WHERE.
    let want = format!(
        "INSERT INTO document (source_id, url, wanted, next_attempt_at) \
         SELECT $1, value, TRUE, $3 FROM {listed} WHERE TRUE \
         ON CONFLICT (source_id, url) DO UPDATE SET wanted = TRUE, unwanted_since = NULL \
         WHERE NOT document.wanted"
    );
    sqlx::query(AssertSqlSafe(want))
        .bind(source)
        .bind(&urls)
        .bind(now)
        .execute(&mut **transaction)
        .await?;
    schedule_fetching(transaction, [source], now).await
}

/// Makes the row of a document, unless no source has its bytes any more: nothing would name what was made of them.
pub(super) async fn add_row(
    document: &str,
    transaction: &mut Transaction,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO preparation (hash) SELECT $1 \
         WHERE EXISTS (SELECT 1 FROM document WHERE wanted AND hash = $1) \
         OR EXISTS (SELECT 1 FROM document WHERE NOT wanted AND hash = $1) ON CONFLICT DO NOTHING",
    )
    .bind(document)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// The content a row names, where it names one.
pub(super) fn content_of(row: &DbRow) -> Result<Option<HeldContent>, StorageError> {
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

fn missing_of(row: &DbRow) -> Result<Option<MissingReason>, StorageError> {
    let text = row.try_get::<Option<&str>, _>("missing")?;
    text.map(|text| from_json("document.missing", text))
        .transpose()
}

fn task_of(row: &DbRow) -> Result<DocumentTask, StorageError> {
    let url: &str = row.try_get("url")?;
    Ok(DocumentTask {
        source: row.try_get("source_id")?,
        url: Url::parse(url).map_err(|error| StorageError::Unreadable {
            what: "document.url",
            reason: error.to_string(),
        })?,
        held: content_of(row)?,
        missing: missing_of(row)?,
        etag: row.try_get("etag")?,
        failures: count("document.failures", row.try_get("failures")?)?,
    })
}
