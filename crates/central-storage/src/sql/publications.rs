//! Publications and their manifests.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, Row};
use vyveska_board::{DocumentHash, NoticeId};

use super::documents::content_of;
use super::jobs::schedule_publishing;
use super::scope::{BOARD, NOTICE, must_find};
use super::sources::FORGET_RAW;
use super::{Db, DbRow, DbStorage, Transaction, notify_publication, number_publications};
use crate::stored::{count, from_json, signed, to_json, unsigned};
use crate::{
    CurrentNotice, HeldContent, NewPublication, Publication, PublicationRepository,
    RevisionContents, StorageError, StoredManifest,
};

/// How many of a board's newest publications keep their content available, the older ones for some time alone
/// ([`RetentionRepository::forget_replaced_content`]).
///
/// A display that is fetching one can finish it after the next ones are published.
///
/// [`RetentionRepository::forget_replaced_content`]: crate::RetentionRepository::forget_replaced_content
const FETCHABLE_PUBLICATIONS: i64 = 3;

/// How many rows one statement inserts; databases bound the number of its parameters.
const ROWS_AT_ONCE: usize = 1000;

/// The publications after `$1`, the newest last. This is asked every second, and grouping would scan those before too.
pub(super) const PUBLISHED_AFTER: &str = concat!(
    "SELECT board_id, id FROM publication WHERE id > $1 AND ",
    board_within!("board_id", "$2"),
    " ORDER BY id",
);

/// Gives the newest revisions of the notices in the list `$1` what was received of the ones before.
const COPY_RAW: &str = concat!(
    "UPDATE revision SET raw = (SELECT before.raw FROM revision AS before \
     WHERE before.notice_id = revision.notice_id AND before.number = revision.number - 1) \
     WHERE notice_id IN (SELECT value FROM ",
    rows!("$1"),
    ") AND number = (SELECT notice.revision FROM notice WHERE notice.id = notice_id)"
);

#[async_trait]
impl PublicationRepository for DbStorage {
    async fn current_notices(&self, source: &str) -> Result<Vec<CurrentNotice>, StorageError> {
        let rows = sqlx::query(concat!(
            "SELECT notice.id, number, facts, contents, salt, published_at FROM notice \
             JOIN revision ON notice_id = notice.id AND number = notice.revision \
             WHERE source_id = $1 AND state = 'live' AND ",
            source_within!("$1", "$2"),
            " ORDER BY notice.id",
        ))
        .bind(source)
        .bind(self.scope.parameter())
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(CurrentNotice {
                    id: NoticeId::new(row.try_get::<String, _>("id")?),
                    source: source.to_owned(),
                    revision: count("revision.number", row.try_get("number")?)?,
                    facts: from_json("revision.facts", row.try_get("facts")?)?,
                    contents: from_json("revision.contents", row.try_get("contents")?)?,
                    salt: row.try_get("salt")?,
                    published: row
                        .try_get::<Option<DateTime<Utc>>, _>("published_at")?
                        .is_some(),
                })
            })
            .collect()
    }

    async fn set_contents(&self, revisions: &[RevisionContents]) -> Result<(), StorageError> {
        let mut transaction = self.writing().await?;
        for revision in revisions {
            let notice = revision.notice.as_str();
            must_find(NOTICE, notice, &self.scope, &mut transaction).await?;
            let written = sqlx::query(
                "UPDATE revision SET contents = $1 \
                 WHERE notice_id = $2 AND number = $3 AND published_at IS NULL",
            )
            .bind(to_json(&revision.contents))
            .bind(notice)
            .bind(i64::from(revision.number))
            .execute(&mut *transaction)
            .await?;
            if written.rows_affected() == 0 {
                return Err(StorageError::Conflict);
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn add_revisions(
        &self,
        notices: &[CurrentNotice],
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let mut transaction = self.writing().await?;
        for notice in notices {
            let id = notice.id.as_str();
            must_find(NOTICE, id, &self.scope, &mut transaction).await?;
            let moved =
                sqlx::query("UPDATE notice SET revision = $1 WHERE id = $2 AND revision = $1 - 1")
                    .bind(i64::from(notice.revision))
                    .bind(id)
                    .execute(&mut *transaction)
                    .await?;
            if moved.rows_affected() == 0 {
                return Err(StorageError::Conflict);
            }
        }
        for notices in notices.chunks(ROWS_AT_ONCE) {
            let ids: Vec<&str> = notices.iter().map(|notice| notice.id.as_str()).collect();
            QueryBuilder::<Db>::new(
                "INSERT INTO revision (notice_id, number, created_at, facts, contents, raw, salt) ",
            )
            .push_values(notices, |mut row, notice| {
                row.push_bind(notice.id.as_str())
                    .push_bind(i64::from(notice.revision))
                    .push_bind(now)
                    .push_bind(to_json(&notice.facts))
                    .push_bind(to_json(&notice.contents))
                    .push_bind("")
                    .push_bind(&notice.salt);
            })
            .build()
            .execute(&mut *transaction)
            .await?;
            for raw in [COPY_RAW, FORGET_RAW] {
                sqlx::query(raw)
                    .bind(to_json(&ids))
                    .execute(&mut *transaction)
                    .await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn publication(&self, board: &str) -> Result<Option<Publication>, StorageError> {
        let row = sqlx::query(concat!(
            "SELECT id, created_at, sections, changes_at FROM publication WHERE board_id = $1 AND ",
            board_within!("$1", "$2"),
            " ORDER BY id DESC LIMIT 1",
        ))
        .bind(board)
        .bind(self.scope.parameter())
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(publication_of).transpose()
    }

    async fn publish(
        &self,
        board: &str,
        publication: &NewPublication,
        now: DateTime<Utc>,
    ) -> Result<Publication, StorageError> {
        let mut transaction = self.writing().await?;
        must_find(BOARD, board, &self.scope, &mut transaction).await?;
        for revision in &publication.revisions {
            let notice = revision.notice.as_str();
            must_find(NOTICE, notice, &self.scope, &mut transaction).await?;
            let published = sqlx::query(
                "UPDATE revision SET contents = $1, published_at = coalesce(published_at, $2) \
                 WHERE notice_id = $3 AND number = $4 AND (published_at IS NULL OR contents = $1)",
            )
            .bind(to_json(&revision.contents))
            .bind(now)
            .bind(notice)
            .bind(i64::from(revision.number))
            .execute(&mut *transaction)
            .await?;
            if published.rows_affected() == 0 {
                return Err(StorageError::Conflict);
            }
        }
        // Boards wait for each other from here on alone.
        number_publications(&mut transaction).await?;
        if newest_of(&mut transaction, board).await? != publication.after {
            return Err(StorageError::Conflict);
        }
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO publication (board_id, created_at, sections, changes_at) \
             VALUES ($1, $2, $3, $4) RETURNING id",
        )
        .bind(board)
        .bind(now)
        .bind(to_json(&publication.sections))
        .bind(publication.changes_at)
        .fetch_one(&mut *transaction)
        .await?;
        let manifest = StoredManifest {
            number: publication.manifest.number,
            publication: id,
            bytes: publication.manifest.bytes.clone(),
        };
        insert_manifest(&mut transaction, board, &manifest, now).await?;
        notify_publication(&mut transaction).await?;
        for contents in publication.content.chunks(ROWS_AT_ONCE) {
            QueryBuilder::<Db>::new(
                "INSERT INTO publication_content (publication_id, hash, size_bytes, media_type) ",
            )
            .push_values(contents, |mut row, content| {
                row.push_bind(id)
                    .push_bind(content.hash.to_string())
                    .push_bind(signed(content.size_bytes))
                    .push_bind(&content.media_type);
            })
            .push(" ON CONFLICT DO NOTHING")
            .build()
            .execute(&mut *transaction)
            .await?;
        }
        sqlx::query(
            "DELETE FROM publication_content WHERE publication_id IN (SELECT id FROM publication \
             WHERE board_id = $1 AND id NOT IN \
             (SELECT id FROM publication WHERE board_id = $1 ORDER BY id DESC LIMIT $2))",
        )
        .bind(board)
        .bind(FETCHABLE_PUBLICATIONS)
        .execute(&mut *transaction)
        .await?;
        if let Some(at) = publication.changes_at {
            let board = format!("board:{board}");
            schedule_publishing(&mut transaction, [board.as_str()], at).await?;
        }
        transaction.commit().await?;
        Ok(Publication {
            id,
            created_at: now,
            sections: publication.sections.clone(),
            changes_at: publication.changes_at,
        })
    }

    async fn manifest(&self, board: &str) -> Result<Option<StoredManifest>, StorageError> {
        let row = sqlx::query(concat!(
            "SELECT number, publication_id, bytes FROM manifest WHERE board_id = $1 AND ",
            board_within!("$1", "$2"),
            " ORDER BY number DESC LIMIT 1",
        ))
        .bind(board)
        .bind(self.scope.parameter())
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(StoredManifest {
            number: unsigned(row.try_get("number")?),
            publication: row.try_get("publication_id")?,
            bytes: row.try_get("bytes")?,
        }))
    }

    async fn add_manifest(
        &self,
        board: &str,
        manifest: &StoredManifest,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let mut transaction = self.publishing().await?;
        must_find(BOARD, board, &self.scope, &mut transaction).await?;
        if newest_of(&mut transaction, board).await? != manifest.publication {
            return Err(StorageError::Conflict);
        }
        insert_manifest(&mut transaction, board, manifest, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn set_changes_at(
        &self,
        publication: i64,
        changes_at: Option<DateTime<Utc>>,
    ) -> Result<(), StorageError> {
        let mut transaction = self.writing().await?;
        let board: Option<String> = sqlx::query_scalar(concat!(
            "UPDATE publication SET changes_at = $1 WHERE id = $2 AND ",
            board_within!("board_id", "$3"),
            " RETURNING board_id",
        ))
        .bind(changes_at)
        .bind(publication)
        .bind(self.scope.parameter())
        .fetch_optional(&mut *transaction)
        .await?;
        let board = format!("board:{}", board.ok_or(StorageError::NotFound)?);
        if let Some(at) = changes_at {
            schedule_publishing(&mut transaction, [board.as_str()], at).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn named_content(
        &self,
        board: &str,
        hash: DocumentHash,
    ) -> Result<Option<HeldContent>, StorageError> {
        let row = sqlx::query(concat!(
            "SELECT hash, size_bytes, media_type FROM publication_content WHERE hash = $1 \
             AND publication_id IN (SELECT id FROM publication WHERE board_id = $2 \
             ORDER BY id DESC LIMIT $3) AND ",
            board_within!("$2", "$4"),
            " LIMIT 1",
        ))
        .bind(hash.to_string())
        .bind(board)
        .bind(FETCHABLE_PUBLICATIONS)
        .bind(self.scope.parameter())
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.as_ref().map(content_of).transpose()?.flatten())
    }

    async fn newest_publication(&self) -> Result<i64, StorageError> {
        let newest: Option<i64> = sqlx::query_scalar(concat!(
            "SELECT max(id) FROM publication WHERE ",
            board_within!("board_id", "$1"),
        ))
        .bind(self.scope.parameter())
        .fetch_one(&self.pool)
        .await?;
        Ok(newest.unwrap_or(0))
    }

    async fn published_after(&self, publication: i64) -> Result<Vec<(String, i64)>, StorageError> {
        let published: Vec<(String, i64)> = sqlx::query_as(PUBLISHED_AFTER)
            .bind(publication)
            .bind(self.scope.parameter())
            .fetch_all(&self.pool)
            .await?;
        let newest: HashMap<String, i64> = published.into_iter().collect();
        let mut newest: Vec<_> = newest.into_iter().collect();
        newest.sort_by_key(|(_, publication)| *publication);
        Ok(newest)
    }
}

/// The newest publication of a board; 0 where there is none.
async fn newest_of(transaction: &mut Transaction, board: &str) -> Result<i64, StorageError> {
    let newest: Option<i64> =
        sqlx::query_scalar("SELECT max(id) FROM publication WHERE board_id = $1")
            .bind(board)
            .fetch_one(&mut **transaction)
            .await?;
    Ok(newest.unwrap_or(0))
}

/// Puts a manifest in the place of those that the publication has; [`StorageError::Conflict`] unless its number exceeds
/// every one of the board.
async fn insert_manifest(
    transaction: &mut Transaction,
    board: &str,
    manifest: &StoredManifest,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let number = signed(manifest.number);
    let newest: Option<i64> =
        sqlx::query_scalar("SELECT max(number) FROM manifest WHERE board_id = $1")
            .bind(board)
            .fetch_one(&mut **transaction)
            .await?;
    if newest.is_some_and(|newest| newest >= number) {
        return Err(StorageError::Conflict);
    }
    sqlx::query("DELETE FROM manifest WHERE board_id = $1 AND publication_id = $2")
        .bind(board)
        .bind(manifest.publication)
        .execute(&mut **transaction)
        .await?;
    sqlx::query(
        "INSERT INTO manifest (board_id, number, created_at, publication_id, bytes) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(board)
    .bind(number)
    .bind(now)
    .bind(manifest.publication)
    .bind(&manifest.bytes)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn publication_of(row: &DbRow) -> Result<Publication, StorageError> {
    Ok(Publication {
        id: row.try_get("id")?,
        created_at: row.try_get("created_at")?,
        sections: from_json("publication.sections", row.try_get("sections")?)?,
        changes_at: row.try_get("changes_at")?,
    })
}
