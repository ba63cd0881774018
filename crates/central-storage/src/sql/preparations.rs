//! Results of preparing documents.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Row, SqlSafeStr as _, Transaction};
use vyveska_board::DocumentHash;
use vyveska_wire::manifest::{ContentHash, ContentRef};

use super::documents::content_of;
use super::{Db, DbRow, DbStorage, SKIP_LOCKED};
use crate::stored::{count, from_json, hash, signed, to_json};
use crate::{
    Drawing, Preparation, PreparationQueue, PreparationRepository, PreparationResult,
    PreparationStage, PreparationTask, StorageError, StoredExamination,
};

#[async_trait]
impl PreparationQueue for DbStorage {
    async fn claim_preparation(
        &self,
        stage: PreparationStage,
        method: u32,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Option<PreparationTask>, StorageError> {
        // A rendition without a method is lost: it is made again, and then the text of what is drawn.
        let waiting = match stage {
            PreparationStage::Text => {
                "coalesce(preparation.method, 0) < $1 \
                 AND (rendition_hash IS NULL OR preparation.drawing_method > 0)"
            }
            PreparationStage::Recognition => {
                "preparation.recognise AND preparation.method = $1 \
                 AND (rendition_hash IS NULL OR preparation.drawing_method > 0)"
            }
            PreparationStage::Drawing => {
                "(preparation.method > 0 OR rendition_hash IS NOT NULL) \
                 AND preparation.drawing_method < $1"
            }
        };
        let find = |lock: &str| {
            format!(
                "SELECT document.hash, document.size_bytes, document.media_type, rendition_hash, \
                 rendition_size_bytes FROM document \
                 LEFT JOIN preparation ON preparation.hash = document.hash \
                 WHERE wanted AND document.hash IS NOT NULL AND {waiting} \
                 AND (claimed_until IS NULL OR claimed_until <= $2) \
                 ORDER BY document.size_bytes NULLS FIRST, document.hash LIMIT 1 {lock}"
            )
        };
        // Usually none waits, and looking takes no lock.
        let found = sqlx::query(AssertSqlSafe(find("")))
            .bind(i64::from(method))
            .bind(now)
            .fetch_optional(&self.pool)
            .await?;
        if found.is_none() {
            return Ok(None);
        }
        let find = AssertSqlSafe(find(SKIP_LOCKED)).into_sql_str();
        let mut transaction = self.writing().await?;
        // Two sources may have the same document, and another claim may be made for it by way of the other source: each
        // time around, one such claim has succeeded.
        loop {
            let row = sqlx::query(find.clone())
                .bind(i64::from(method))
                .bind(now)
                .fetch_optional(&mut *transaction)
                .await?;
            let Some(row) = row else {
                return Ok(None);
            };
            let Some(content) = content_of(&row)? else {
                return Ok(None);
            };
            let rendition = made_of(&row, "rendition_hash", "rendition_size_bytes")?;
            let attempts: Option<i64> = sqlx::query_scalar(
                "INSERT INTO preparation (hash, attempts, claimed_until) VALUES ($1, 1, $2) \
                 ON CONFLICT (hash) DO UPDATE SET attempts = preparation.attempts + 1, \
                 claimed_until = excluded.claimed_until WHERE preparation.claimed_until IS NULL \
                 OR preparation.claimed_until <= $3 RETURNING attempts",
            )
            .bind(content.hash.to_string())
            .bind(until)
            .bind(now)
            .fetch_optional(&mut *transaction)
            .await?;
            if let Some(attempts) = attempts {
                transaction.commit().await?;
                let attempts = count("preparation.attempts", attempts)?;
                return Ok(Some(PreparationTask {
                    content,
                    rendition,
                    attempts,
                }));
            }
        }
    }

    async fn renew_claim(
        &self,
        document: DocumentHash,
        attempts: u32,
        until: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        sqlx::query("UPDATE preparation SET attempts = $1, claimed_until = $2 WHERE hash = $3")
            .bind(i64::from(attempts))
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
        let before = prepared(&document, &mut transaction).await?;
        let query = match result {
            PreparationResult::Made {
                pages,
                text,
                recognise,
            } => sqlx::query(
                "UPDATE preparation SET pages = $1, text_hash = $2, text_size_bytes = $3, \
                 recognise = $4, error = NULL, method = $5, prepared_at = $6, attempts = 0, \
                 claimed_until = NULL WHERE hash = $7",
            )
            .bind(i64::from(*pages))
            .bind(text.map(|text| text.hash.to_string()))
            .bind(text.map(|text| signed(text.size_bytes)))
            .bind(recognise),
            PreparationResult::Failed { error } => sqlx::query(
                "UPDATE preparation SET recognise = FALSE, error = $1, method = $2, prepared_at = $3, \
                 attempts = 0, claimed_until = NULL WHERE hash = $4",
            )
            .bind(error),
        };
        query
            .bind(i64::from(method))
            .bind(now)
            .bind(&document)
            .execute(&mut *transaction)
            .await?;
        let after = match result {
            PreparationResult::Made { pages, text, .. } => Some(Preparation {
                pages: Some(*pages),
                text: *text,
                drawing: before
                    .as_ref()
                    .map_or_else(Drawing::default, |before| before.drawing.clone()),
            }),
            PreparationResult::Failed { .. } => before.clone(),
        };
        let sources = if after == before {
            BTreeSet::new()
        } else {
            sources_of(&document, &mut transaction).await?
        };
        transaction.commit().await?;
        Ok(sources)
    }

    async fn record_drawing(
        &self,
        task: &PreparationTask,
        method: u32,
        drawing: Option<&Drawing>,
        examination: &str,
        now: DateTime<Utc>,
    ) -> Result<BTreeSet<String>, StorageError> {
        let document = task.content.hash.to_string();
        let mut transaction = self.writing().await?;
        let before = prepared(&document, &mut transaction).await?;
        let before = before.unwrap_or_default().drawing;
        let after = drawing.unwrap_or(&before);
        sqlx::query(
            "UPDATE preparation SET rendition_hash = $1, rendition_size_bytes = $2, \
             doubtful_pages = $3, drawing_method = $4, examination = $5, examined_at = $6, \
             method = CASE WHEN $7 THEN 0 ELSE method END, attempts = 0, claimed_until = NULL \
             WHERE hash = $8",
        )
        .bind(after.rendition.map(|made| made.hash.to_string()))
        .bind(after.rendition.map(|made| signed(made.size_bytes)))
        .bind(to_json(&after.doubtful_pages))
        .bind(i64::from(method))
        .bind(examination)
        .bind(now)
        .bind(after.rendition != before.rendition)
        .bind(&document)
        .execute(&mut *transaction)
        .await?;
        let sources = if *after == before {
            BTreeSet::new()
        } else {
            sources_of(&document, &mut transaction).await?
        };
        transaction.commit().await?;
        Ok(sources)
    }
}

#[async_trait]
impl PreparationRepository for DbStorage {
    async fn preparations(
        &self,
        source: &str,
    ) -> Result<BTreeMap<DocumentHash, Preparation>, StorageError> {
        let rows = sqlx::query(concat!(
            "SELECT DISTINCT preparation.hash, pages, text_hash, text_size_bytes, rendition_hash, \
             rendition_size_bytes, doubtful_pages FROM preparation \
             JOIN document ON document.hash = preparation.hash WHERE source_id = $1 AND ",
            source_within!("$1", "$2"),
        ))
        .bind(source)
        .bind(self.scope.parameter())
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let document = hash("preparation.hash", row.try_get("hash")?)?;
                Ok((document, preparation_of(row)?))
            })
            .collect()
    }

    async fn examinations(
        &self,
        source: &str,
    ) -> Result<BTreeMap<DocumentHash, StoredExamination>, StorageError> {
        let rows = sqlx::query(concat!(
            "SELECT DISTINCT preparation.hash, examination, examined_at FROM preparation \
             JOIN document ON document.hash = preparation.hash \
             WHERE source_id = $1 AND wanted AND examined_at IS NOT NULL AND ",
            source_within!("$1", "$2"),
        ))
        .bind(source)
        .bind(self.scope.parameter())
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let document = hash("preparation.hash", row.try_get("hash")?)?;
                let examination = StoredExamination {
                    at: row.try_get("examined_at")?,
                    record: row.try_get("examination")?,
                };
                Ok((document, examination))
            })
            .collect()
    }
}

/// What is stored of a document; `None` when nothing is.
async fn prepared(
    document: &str,
    transaction: &mut Transaction<'_, Db>,
) -> Result<Option<Preparation>, StorageError> {
    let row = sqlx::query(
        "SELECT pages, text_hash, text_size_bytes, rendition_hash, rendition_size_bytes, \
         doubtful_pages FROM preparation WHERE hash = $1",
    )
    .bind(document)
    .fetch_optional(&mut **transaction)
    .await?;
    row.as_ref().map(preparation_of).transpose()
}

/// The sources whose notices have a document.
async fn sources_of(
    document: &str,
    transaction: &mut Transaction<'_, Db>,
) -> Result<BTreeSet<String>, StorageError> {
    let names: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT source_id FROM document WHERE hash = $1 AND wanted")
            .bind(document)
            .fetch_all(&mut **transaction)
            .await?;
    Ok(names.into_iter().collect())
}

/// The content that was made of a document, where there is one.
fn made_of(
    row: &DbRow,
    name: &'static str,
    size_name: &str,
) -> Result<Option<ContentRef>, StorageError> {
    let Some(made) = row.try_get::<Option<&str>, _>(name)? else {
        return Ok(None);
    };
    let size_bytes: Option<i64> = row.try_get(size_name)?;
    Ok(Some(ContentRef {
        hash: ContentHash(hash(name, made)?),
        size_bytes: u64::try_from(size_bytes.unwrap_or_default()).unwrap_or_default(),
    }))
}

fn preparation_of(row: &DbRow) -> Result<Preparation, StorageError> {
    let pages: Option<i64> = row.try_get("pages")?;
    Ok(Preparation {
        pages: pages
            .map(|pages| count("preparation.pages", pages))
            .transpose()?,
        text: made_of(row, "text_hash", "text_size_bytes")?,
        drawing: Drawing {
            rendition: made_of(row, "rendition_hash", "rendition_size_bytes")?,
            doubtful_pages: from_json("doubtful_pages", row.try_get("doubtful_pages")?)?,
        },
    })
}
