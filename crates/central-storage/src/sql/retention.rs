//! What is no longer needed.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use vyveska_board::DocumentHash;

use super::{DbStorage, list};
use crate::stored::{from_json, hash, to_json};
use crate::{HeldContent, RetentionRepository, StorageError};

/// Publications that another of their board replaced by `$1`, and those of boards that left service by then; at most
/// `$2`, the oldest. It goes through them once, which takes a moment, and is asked before anything is locked.
pub(super) const OLD_PUBLICATIONS: &str = "SELECT old.id FROM publication AS old \
    JOIN (SELECT board_id, max(id) AS newest FROM publication WHERE created_at <= $1 \
    GROUP BY board_id) AS by_then ON by_then.board_id = old.board_id \
    LEFT JOIN board ON board.id = old.board_id \
    WHERE old.id < newest OR (old.created_at <= $1 AND (board.id IS NULL \
    OR NOT (enabled OR coalesce(disabled_at > $1, TRUE)))) ORDER BY old.id LIMIT $2";

/// Publications that another of their board replaced before `$1`, and whose content can be fetched; asked in the same way.
pub(super) const REPLACED_WITH_CONTENT: &str = "SELECT old.id FROM publication AS old \
    JOIN (SELECT board_id, max(id) AS newest FROM publication WHERE created_at < $1 \
    GROUP BY board_id) AS by_then ON by_then.board_id = old.board_id WHERE old.id < newest \
    AND old.id IN (SELECT publication_id FROM publication_content) ORDER BY old.id";

/// Of how many publications the content goes in one transaction.
const CONTENTS_AT_ONCE: usize = 20;

/// Whether the newest publication of a board in service names the bytes of this hash.
macro_rules! hangs {
    ($hash:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM publication_content AS named \
             JOIN publication ON publication.id = publication_id \
             JOIN board ON board.id = board_id WHERE named.hash = ",
            $hash,
            " AND enabled AND NOT EXISTS \
             (SELECT 1 FROM publication AS newer WHERE newer.board_id = publication.board_id \
             AND newer.id > publication.id))"
        )
    };
}

/// Whether nothing but a live notice needs the bytes of the hash `value`.
const UNNAMED: &str = concat!(
    "NOT ",
    hangs!("value"),
    " AND NOT EXISTS (SELECT 1 FROM document WHERE wanted AND hash = value) \
    AND NOT EXISTS (SELECT 1 FROM preparation JOIN document ON document.hash = preparation.hash \
    WHERE wanted AND text_hash = value) \
    AND NOT EXISTS (SELECT 1 FROM preparation JOIN document ON document.hash = preparation.hash \
    WHERE wanted AND rendition_hash = value) \
    AND NOT EXISTS (SELECT 1 FROM hold WHERE closed_at IS NULL AND snapshot_hash = value) \
    AND NOT EXISTS (SELECT 1 FROM source_state WHERE snapshot_hash = value AND source_id IN (",
    in_service!(),
    "))"
);

/// Whether no row that stays for a while, although nothing needs it, has the hash `value`.
pub(super) const UNKNOWN: &str = "\
    NOT EXISTS (SELECT 1 FROM publication_content WHERE hash = value) \
    AND NOT EXISTS (SELECT 1 FROM document WHERE NOT wanted AND hash = value) \
    AND NOT EXISTS (SELECT 1 FROM preparation WHERE text_hash = value) \
    AND NOT EXISTS (SELECT 1 FROM preparation WHERE rendition_hash = value)";

#[async_trait]
impl RetentionRepository for DbStorage {
    async fn live_sources(&self) -> Result<BTreeMap<String, bool>, StorageError> {
        let sources: Vec<(String, bool)> = sqlx::query_as(concat!(
            "SELECT source_id, source_id IN (",
            in_service!(),
            ") FROM source_state WHERE EXISTS (SELECT 1 FROM notice \
             WHERE notice.source_id = source_state.source_id AND state = 'live') ORDER BY source_id",
        ))
        .fetch_all(&self.pool)
        .await?;
        Ok(sources.into_iter().collect())
    }

    async fn forget_publications(
        &self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<u64, StorageError> {
        let old: Vec<i64> = sqlx::query_scalar(OLD_PUBLICATIONS)
            .bind(before)
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await?;
        if old.is_empty() {
            return Ok(0);
        }
        let mut transaction = self.publishing().await?;
        // A board may have come back meanwhile, whose newest one stays.
        let still_old = format!(
            "SELECT id FROM publication AS old WHERE id IN ({}) AND (EXISTS \
             (SELECT 1 FROM publication AS newer WHERE newer.board_id = old.board_id \
             AND newer.id > old.id) OR NOT EXISTS \
             (SELECT 1 FROM board WHERE board.id = old.board_id AND enabled))",
            numbers("$1")
        );
        let old: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(still_old))
            .bind(to_json(&old))
            .fetch_all(&mut *transaction)
            .await?;
        for (table, column) in [
            ("manifest", "publication_id"),
            ("publication_content", "publication_id"),
            ("publication", "id"),
        ] {
            let forget = format!("DELETE FROM {table} WHERE {column} IN ({})", numbers("$1"));
            sqlx::query(AssertSqlSafe(forget))
                .bind(to_json(&old))
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(old.len() as u64)
    }

    async fn forget_replaced_content(&self, before: DateTime<Utc>) -> Result<u64, StorageError> {
        let replaced: Vec<i64> = sqlx::query_scalar(REPLACED_WITH_CONTENT)
            .bind(before)
            .fetch_all(&self.pool)
            .await?;
        let mut forgotten = 0;
        // What was replaced stays so, and needs no other look.
        for replaced in replaced.chunks(CONTENTS_AT_ONCE) {
            let forget = format!(
                "DELETE FROM publication_content WHERE publication_id IN ({})",
                numbers("$1")
            );
            let done = sqlx::query(AssertSqlSafe(forget))
                .bind(to_json(&replaced))
                .execute(&self.writers)
                .await?;
            forgotten += done.rows_affected();
        }
        Ok(forgotten)
    }

    async fn forget_revisions(
        &self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<u64, StorageError> {
        let done = sqlx::query(
            "DELETE FROM revision WHERE published_at IS NULL AND (notice_id, number) IN \
             (SELECT notice_id, number FROM revision JOIN notice ON notice.id = notice_id \
             WHERE published_at IS NULL AND revision.created_at < $1 AND number < notice.revision \
             ORDER BY revision.created_at LIMIT $2)",
        )
        .bind(before)
        .bind(i64::from(limit))
        .execute(&self.writers)
        .await?;
        Ok(done.rows_affected())
    }

    async fn forget_documents(
        &self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<u64, StorageError> {
        // What hangs by a source that another replaced goes on hanging, with what was prepared of it.
        let done = sqlx::query(concat!(
            "DELETE FROM document WHERE NOT wanted AND (source_id, url) IN \
             (SELECT source_id, url FROM document WHERE NOT wanted AND unwanted_since < $1 AND NOT ",
            hangs!("document.hash"),
            " ORDER BY unwanted_since LIMIT $2)",
        ))
        .bind(before)
        .bind(i64::from(limit))
        .execute(&self.writers)
        .await?;
        let without_bytes = sqlx::query(
            "DELETE FROM document WHERE NOT wanted AND (source_id, url) IN \
             (SELECT source_id, url FROM document WHERE NOT wanted AND hash IS NULL \
             ORDER BY source_id, url LIMIT $1)",
        )
        .bind(i64::from(limit))
        .execute(&self.writers)
        .await?;
        Ok(done.rows_affected() + without_bytes.rows_affected())
    }

    async fn forget_preparations(&self, first: u8) -> Result<u64, StorageError> {
        let begins = format!("{first:02x}");
        // Behind every digit.
        let end = format!("{begins}g");
        let mut transaction = self.writing().await?;
        let done = sqlx::query(
            "DELETE FROM preparation WHERE hash >= $1 AND hash < $2 AND NOT EXISTS \
             (SELECT 1 FROM document WHERE wanted AND document.hash = preparation.hash) \
             AND NOT EXISTS \
             (SELECT 1 FROM document WHERE NOT wanted AND document.hash = preparation.hash)",
        )
        .bind(&begins)
        .bind(&end)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "DELETE FROM job WHERE kind IN ('read', 'recognise', 'draw') AND key >= $1 \
             AND key < $2 AND NOT EXISTS \
             (SELECT 1 FROM document WHERE wanted AND document.hash = job.key) \
             AND NOT EXISTS \
             (SELECT 1 FROM document WHERE NOT wanted AND document.hash = job.key)",
        )
        .bind(&begins)
        .bind(&end)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(done.rows_affected())
    }

    async fn forget_closed(&self, before: DateTime<Utc>, limit: u32) -> Result<u64, StorageError> {
        let mut forgotten = 0;
        for table in ["hold", "alarm"] {
            let forget = format!(
                "DELETE FROM {table} WHERE id IN \
                 (SELECT id FROM {table} WHERE closed_at < $1 ORDER BY id LIMIT $2)"
            );
            let done = sqlx::query(AssertSqlSafe(forget))
                .bind(before)
                .bind(i64::from(limit))
                .execute(&self.writers)
                .await?;
            forgotten += done.rows_affected();
        }
        Ok(forgotten)
    }

    async fn unnamed_content(
        &self,
        stored: &BTreeSet<DocumentHash>,
        now: DateTime<Utc>,
        before: DateTime<Utc>,
    ) -> Result<BTreeSet<DocumentHash>, StorageError> {
        let stored = texts(stored);
        let found: Vec<String> = sqlx::query_scalar(AssertSqlSafe(find_unnamed("")))
            .bind(&stored)
            .fetch_all(&self.pool)
            .await?;
        let mut unnamed = hashes(&found)?;
        if !unnamed.is_empty() {
            let contents: Vec<String> = sqlx::query_scalar(concat!(
                "SELECT contents FROM notice JOIN revision ON notice_id = notice.id \
                 AND number = notice.revision WHERE state = 'live' AND source_id IN (",
                in_service!(),
                ")",
            ))
            .fetch_all(&self.pool)
            .await?;
            for contents in &contents {
                let contents: Vec<Option<HeldContent>> = from_json("revision.contents", contents)?;
                for content in contents.into_iter().flatten() {
                    unnamed.remove(&content.hash.0);
                }
            }
        }
        let unnamed = texts(&unnamed);
        let mut transaction = self.writing().await?;
        let named = format!(
            "DELETE FROM unnamed_content WHERE hash IN (SELECT value FROM {}) \
             AND hash NOT IN (SELECT value FROM {})",
            list("$1"),
            list("$2")
        );
        sqlx::query(AssertSqlSafe(named))
            .bind(&stored)
            .bind(&unnamed)
            .execute(&mut *transaction)
            .await?;
        // An instant that is still to come was of a wrong clock.
        let note = format!(
            "INSERT INTO unnamed_content (hash, since) SELECT value, $2 FROM {} WHERE TRUE \
             ON CONFLICT (hash) DO UPDATE SET since = excluded.since \
             WHERE unnamed_content.since > excluded.since",
            list("$1")
        );
        sqlx::query(AssertSqlSafe(note))
            .bind(&unnamed)
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        let since = format!(
            "SELECT hash FROM unnamed_content WHERE since <= $2 \
             AND hash IN (SELECT value FROM {}) ORDER BY hash",
            list("$1")
        );
        let found: Vec<String> = sqlx::query_scalar(AssertSqlSafe(since))
            .bind(&unnamed)
            .bind(before)
            .fetch_all(&mut *transaction)
            .await?;
        transaction.commit().await?;
        hashes(&found)
    }

    async fn forget_content(&self, hash: DocumentHash) -> Result<bool, StorageError> {
        // A live notice names nothing anew that no document names.
        let find = find_unnamed(&format!("AND {UNKNOWN}"));
        let mut transaction = self.publishing().await?;
        let unnamed: Option<String> = sqlx::query_scalar(AssertSqlSafe(find))
            .bind(texts(&BTreeSet::from([hash])))
            .fetch_optional(&mut *transaction)
            .await?;
        if unnamed.is_none() {
            return Ok(false);
        }
        for table in ["unnamed_content", "preparation"] {
            let forget = format!("DELETE FROM {table} WHERE hash = $1");
            sqlx::query(AssertSqlSafe(forget))
                .bind(hash.to_string())
                .execute(&mut *transaction)
                .await?;
        }
        sqlx::query("DELETE FROM job WHERE kind IN ('read', 'recognise', 'draw') AND key = $1")
            .bind(hash.to_string())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// Those of the hashes in the list `$1` whose bytes nothing but a live notice needs; a condition may follow.
pub(super) fn find_unnamed(and: &str) -> String {
    let stored = list("$1");
    format!("SELECT value FROM {stored} WHERE {UNNAMED} {and}")
}

/// The numbers in a JSON list.
fn numbers(parameter: &str) -> String {
    format!("SELECT CAST(value AS BIGINT) FROM {}", list(parameter))
}

/// A JSON list.
fn texts(hashes: &BTreeSet<DocumentHash>) -> String {
    to_json(&hashes.iter().map(ToString::to_string).collect::<Vec<_>>())
}

fn hashes(texts: &[String]) -> Result<BTreeSet<DocumentHash>, StorageError> {
    let texts = texts.iter();
    texts
        .map(|text| hash("unnamed_content.hash", text))
        .collect()
}
