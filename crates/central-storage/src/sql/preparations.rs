//! Results of preparing documents.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Row, SqlSafeStr as _, SqlStr};
use vyveska_board::DocumentHash;
use vyveska_wire::manifest::{ContentHash, ContentRef};

use super::documents::{add_row, content_of};
use super::jobs::{FREE, LAST_TURN, remove, schedule_publishing, take_or_make};
use super::{DbRow, DbStorage, Transaction};
use crate::stored::{count, from_json, hash, signed, to_json};
use crate::{
    Drawing, JobKind, LeaseTime, Preparation, PreparationQueue, PreparationRepository,
    PreparationResult, PreparationStage, PreparationTask, StorageError, StoredExamination,
};

/// The next document that waits for a stage, of those that fulfil a condition, which may name the hash `$6`: `$1` is the
/// kind of the job, `$2` now, no lease ends after `$3`, and none is due after `$4`; results older than `$5` are made again.
pub(super) fn find_waiting(stage: PreparationStage, and: &str) -> String {
    // A rendition without a method is lost: it is made again, and then the text of what is drawn.
    let waiting = match stage {
        PreparationStage::Text => {
            "preparation.method < $5 AND (rendition_hash IS NULL OR drawing_method > 0)"
        }
        PreparationStage::Recognition => {
            "preparation.recognise AND preparation.method = $5 \
             AND (rendition_hash IS NULL OR drawing_method > 0)"
        }
        PreparationStage::Drawing => {
            "drawing_method < $5 AND (preparation.method > 0 OR rendition_hash IS NOT NULL)"
        }
    };
    // SQLite takes the tables of a CROSS JOIN in this order: few rows wait, and documents are many.
    format!(
        "SELECT document.hash, document.size_bytes, document.media_type, rendition_hash, \
         rendition_size_bytes, board.town_id FROM preparation CROSS JOIN document \
         LEFT JOIN job ON job.kind = $1 AND job.key = document.hash \
         LEFT JOIN board ON board.id = {} LEFT JOIN job_turn ON job_turn.kind = $1 \
         AND job_turn.town_id = coalesce(board.town_id, '') \
         WHERE document.hash = preparation.hash AND wanted AND {waiting} AND {and} AND {FREE} \
         AND (job.leased_until IS NOT NULL OR job.run_at IS NULL OR job.run_at <= $2 \
         OR job.run_at > $4) ORDER BY {LAST_TURN}, document.size_bytes NULLS FIRST, \
         document.hash LIMIT 1",
        board_of!("document.source_id"),
    )
}

#[async_trait]
impl PreparationQueue for DbStorage {
    async fn claim_preparation(
        &self,
        stage: PreparationStage,
        method: u32,
        time: LeaseTime,
    ) -> Result<Option<PreparationTask>, StorageError> {
        let kind = match stage {
            PreparationStage::Text => JobKind::Read,
            PreparationStage::Recognition => JobKind::Recognise,
            PreparationStage::Drawing => JobKind::Draw,
        };
        let (next, this) = (
            AssertSqlSafe(find_waiting(stage, "$6 IS NULL")).into_sql_str(),
            AssertSqlSafe(find_waiting(stage, "preparation.hash = $6")).into_sql_str(),
        );
        let find = |query: &SqlStr, hash: Option<&str>| {
            sqlx::query(query.clone())
                .bind(kind.as_str())
                .bind(time.now)
                .bind(time.longest())
                .bind(time.latest)
                .bind(i64::from(method))
                .bind(hash.map(str::to_owned))
        };
        // Each time around, another process was granted a lease or stored a result.
        loop {
            // Where many wait it takes long to find the next one, which keeps no writer waiting.
            let found = find(&next, None).fetch_optional(&self.pool).await?;
            let Some(row) = found else {
                return Ok(None);
            };
            let key: String = row.try_get("hash")?;
            let mut transaction = self.writing().await?;
            let found = find(&this, Some(&key)).fetch_optional(&mut *transaction);
            let Some(row) = found.await? else {
                continue;
            };
            let Some(content) = content_of(&row)? else {
                return Ok(None);
            };
            let rendition = made_of(&row, "rendition_hash", "rendition_size_bytes")?;
            let town: Option<&str> = row.try_get("town_id")?;
            match take_or_make(&mut transaction, kind, &key, town, time).await {
                Ok(Some(job)) => {
                    transaction.commit().await?;
                    return Ok(Some(PreparationTask {
                        content,
                        rendition,
                        job,
                    }));
                }
                Ok(None) => {}
                Err(error) => {
                    return Err(self.remove_unreadable(transaction, kind, key, error).await);
                }
            }
        }
    }

    async fn record_preparation(
        &self,
        task: &PreparationTask,
        method: u32,
        result: &PreparationResult,
        now: DateTime<Utc>,
        publish_at: DateTime<Utc>,
    ) -> Result<BTreeSet<String>, StorageError> {
        let document = task.content.hash.to_string();
        let mut transaction = self.writing().await?;
        add_row(&document, &mut transaction).await?;
        let before = prepared(&document, &mut transaction).await?;
        let query = match result {
            PreparationResult::Made {
                pages,
                text,
                recognise,
            } => sqlx::query(
                "UPDATE preparation SET pages = $1, text_hash = $2, text_size_bytes = $3, \
                 recognise = $4, error = NULL, method = $5, prepared_at = $6 WHERE hash = $7",
            )
            .bind(i64::from(*pages))
            .bind(text.map(|text| text.hash.to_string()))
            .bind(text.map(|text| signed(text.size_bytes)))
            .bind(recognise),
            PreparationResult::Failed { error } => sqlx::query(
                "UPDATE preparation SET recognise = FALSE, error = $1, method = $2, \
                 prepared_at = $3 WHERE hash = $4",
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
        let is_changed = after != before;
        end(transaction, task, is_changed, publish_at).await
    }

    async fn record_drawing(
        &self,
        task: &PreparationTask,
        method: u32,
        drawing: Option<&Drawing>,
        examination: &str,
        now: DateTime<Utc>,
        publish_at: DateTime<Utc>,
    ) -> Result<BTreeSet<String>, StorageError> {
        let document = task.content.hash.to_string();
        let mut transaction = self.writing().await?;
        add_row(&document, &mut transaction).await?;
        let before = prepared(&document, &mut transaction).await?;
        let before = before.unwrap_or_default().drawing;
        let after = drawing.unwrap_or(&before);
        sqlx::query(
            "UPDATE preparation SET rendition_hash = $1, rendition_size_bytes = $2, \
             doubtful_pages = $3, drawing_method = $4, examination = $5, examined_at = $6, \
             method = CASE WHEN $7 THEN 0 ELSE method END WHERE hash = $8",
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
        let is_changed = *after != before;
        end(transaction, task, is_changed, publish_at).await
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

/// Ends the job of a result that was stored; the sources whose notices changed by it.
async fn end(
    mut transaction: Transaction,
    task: &PreparationTask,
    is_changed: bool,
    publish_at: DateTime<Utc>,
) -> Result<BTreeSet<String>, StorageError> {
    remove(&mut transaction, &task.job).await?;
    let mut sources = BTreeSet::new();
    if is_changed {
        sources = sources_of(&task.content.hash.to_string(), &mut transaction).await?;
        let names = sources.iter().map(String::as_str);
        schedule_publishing(&mut transaction, names, publish_at).await?;
    }
    transaction.commit().await?;
    Ok(sources)
}

/// What is stored of a document; `None` when nothing is.
async fn prepared(
    document: &str,
    transaction: &mut Transaction,
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
    transaction: &mut Transaction,
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
