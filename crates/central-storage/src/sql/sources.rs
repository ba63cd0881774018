//! Sources and their notices.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::Row;
use vyveska_board::NoticeId;

use super::documents::{last_documents, move_documents, remember, want};
use super::holds::{OPEN_HOLD, hold_of};
use super::scope::{SOURCE, found, must_find};
use super::{DbRow, DbStorage, Transaction};
use crate::stored::{count, from_json, hash, to_json};
use crate::{
    FetchState, HoldRecord, KnownNotice, NewRevision, Scope, SourceBoard, SourceChanges,
    SourceRepository, SourceState, StorageError,
};

/// The notices of a source in their newest revisions that meet a condition, as [`known_notice`] reads them.
macro_rules! known_notices {
    ($($condition:expr),*) => {
        concat!(
            "SELECT notice.id, feed_key, state, missing_since, facts FROM notice \
             JOIN revision ON notice_id = notice.id AND number = notice.revision \
             WHERE source_id = $1 AND ",
            source_within!("$1", "$2"),
            " AND ",
            $($condition,)*
            " ORDER BY notice.id"
        )
    };
}

pub(super) const LIVE_NOTICES: &str = known_notices!("state = 'live'");

/// The first condition on the state is that of the index.
pub(super) const ARCHIVED_NOTICES: &str = known_notices!(
    "state <> 'replaced' AND state <> 'live' AND feed_key IN (SELECT value FROM ",
    rows!("$3"),
    ")"
);

pub(super) const REVIVE_ENDED: &str = "UPDATE notice SET state = 'live', archived_at = NULL \
    WHERE source_id = $1 AND state = 'ended' AND archived_at > $2 RETURNING id";

/// Forgets what was received of the notices in the list `$1` before their newest revision.
pub(super) const FORGET_RAW: &str = concat!(
    "UPDATE revision SET raw = '' WHERE raw <> '' AND notice_id IN (SELECT value FROM ",
    rows!("$1"),
    ") AND number < (SELECT revision FROM notice WHERE notice.id = notice_id)",
);

#[async_trait]
impl SourceRepository for DbStorage {
    async fn fetch_state(&self, source: &str) -> Result<FetchState, StorageError> {
        let row = sqlx::query(concat!(
            "SELECT polled_at, failures, last_error, etag, last_modified, snapshot_hash \
             FROM source_state WHERE source_id = $1 AND ",
            source_within!("$1", "$2"),
        ))
        .bind(source)
        .bind(self.scope.parameter())
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(FetchState::default());
        };
        let snapshot: Option<String> = row.try_get("snapshot_hash")?;
        Ok(FetchState {
            polled_at: row.try_get("polled_at")?,
            failures: count("source_state.failures", row.try_get("failures")?)?,
            last_error: row.try_get("last_error")?,
            etag: row.try_get("etag")?,
            last_modified: row.try_get("last_modified")?,
            snapshot: snapshot
                .map(|text| hash("source_state.snapshot_hash", &text))
                .transpose()?,
        })
    }

    async fn set_fetch_state(&self, source: &str, state: &FetchState) -> Result<(), StorageError> {
        let mut transaction = self.writing().await?;
        must_find(SOURCE, source, &self.scope, &mut transaction).await?;
        sqlx::query(
            "INSERT INTO source_state \
             (source_id, polled_at, failures, last_error, etag, last_modified, snapshot_hash) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (source_id) DO UPDATE SET \
             polled_at = excluded.polled_at, \
             failures = excluded.failures, last_error = excluded.last_error, etag = excluded.etag, \
             last_modified = excluded.last_modified, snapshot_hash = excluded.snapshot_hash",
        )
        .bind(source)
        .bind(state.polled_at)
        .bind(i64::from(state.failures))
        .bind(&state.last_error)
        .bind(&state.etag)
        .bind(&state.last_modified)
        .bind(state.snapshot.map(|hash| hash.to_string()))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn source_state(&self, source: &str) -> Result<SourceState, StorageError> {
        // One transaction, so that the version belongs to the rows read.
        let mut transaction = self.reading().await?;
        let read: Option<(i64, Option<DateTime<Utc>>, Option<String>)> = sqlx::query_as(concat!(
            "SELECT version, applied_at, board FROM source_state WHERE source_id = $1 AND ",
            source_within!("$1", "$2"),
        ))
        .bind(source)
        .bind(self.scope.parameter())
        .fetch_optional(&mut *transaction)
        .await?;
        let (version, applied_at, board) = read.unwrap_or_default();
        let rows = sqlx::query(LIVE_NOTICES)
            .bind(source)
            .bind(self.scope.parameter())
            .fetch_all(&mut *transaction)
            .await?;
        let notices = rows.iter().map(known_notice).collect::<Result<_, _>>()?;
        let hold = sqlx::query(OPEN_HOLD)
            .bind(source)
            .bind(self.scope.parameter())
            .fetch_optional(&mut *transaction)
            .await?;
        let hold = hold.map(|row| hold_of(&row)).transpose()?;
        Ok(SourceState {
            version,
            applied: applied_at.is_some(),
            board: board.map(|json| board_of(&json)).transpose()?,
            notices,
            hold,
        })
    }

    async fn archived(
        &self,
        source: &str,
        keys: &BTreeSet<String>,
    ) -> Result<Vec<KnownNotice>, StorageError> {
        let rows = sqlx::query(ARCHIVED_NOTICES)
            .bind(source)
            .bind(self.scope.parameter())
            .bind(to_json(keys))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(known_notice).collect()
    }

    async fn apply(
        &self,
        source: &str,
        version: i64,
        changes: &SourceChanges,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let mut transaction = self.writing().await?;
        write_changes(&mut transaction, &self.scope, source, version, changes, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn revive_ended(&self, source: &str, now: DateTime<Utc>) -> Result<(), StorageError> {
        let mut transaction = self.writing().await?;
        must_find(SOURCE, source, &self.scope, &mut transaction).await?;
        let revived: Vec<String> = sqlx::query_scalar(REVIVE_ENDED)
            .bind(source)
            .bind(now)
            .fetch_all(&mut *transaction)
            .await?;
        if revived.is_empty() {
            return Ok(());
        }
        sqlx::query("UPDATE source_state SET version = version + 1 WHERE source_id = $1")
            .bind(source)
            .execute(&mut *transaction)
            .await?;
        want_documents_of_live(&mut transaction, source, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn source_board(&self, source: &str) -> Result<Option<SourceBoard>, StorageError> {
        let board: Option<Option<String>> = sqlx::query_scalar(concat!(
            "SELECT board FROM source_state WHERE source_id = $1 AND ",
            source_within!("$1", "$2"),
        ))
        .bind(source)
        .bind(self.scope.parameter())
        .fetch_optional(&self.pool)
        .await?;
        board.flatten().map(|json| board_of(&json)).transpose()
    }
}

fn board_of(json: &str) -> Result<SourceBoard, StorageError> {
    from_json("source_state.board", json)
}

/// Wants the documents of the live notices of a source, with the bytes they had.
pub(super) async fn want_documents_of_live(
    transaction: &mut Transaction,
    source: &str,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let live: Vec<String> = sqlx::query_scalar(
        "SELECT id FROM notice WHERE source_id = $1 AND state = 'live' ORDER BY id",
    )
    .bind(source)
    .fetch_all(&mut **transaction)
    .await?;
    if live.is_empty() {
        return Ok(());
    }
    let live: Vec<&str> = live.iter().map(String::as_str).collect();
    let documents = last_documents(transaction, &live).await?;
    let urls = documents.keys().cloned().collect();
    want(transaction, source, &urls, now).await?;
    remember(transaction, source, &documents).await
}

fn known_notice(row: &DbRow) -> Result<KnownNotice, StorageError> {
    Ok(KnownNotice {
        id: NoticeId::new(row.try_get::<String, _>("id")?),
        key: row.try_get("feed_key")?,
        archived: row.try_get::<&str, _>("state")? != "live",
        missing_since: row.try_get("missing_since")?,
        facts: from_json("revision.facts", row.try_get("facts")?)?,
    })
}

/// Writes changes decided on `version` of a source's state.
pub(super) async fn write_changes(
    transaction: &mut Transaction,
    scope: &Scope,
    source: &str,
    version: i64,
    changes: &SourceChanges,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    must_find(SOURCE, source, scope, transaction).await?;
    claim_version(transaction, source, version).await?;
    if let Some(board) = &changes.board {
        sqlx::query(
            "UPDATE source_state SET board = $1, warnings = $2, applied_at = $3 WHERE source_id = $4",
        )
        .bind(to_json(board))
        .bind(i64::try_from(changes.warnings).unwrap_or(i64::MAX))
        .bind(now)
        .bind(source)
        .execute(&mut **transaction)
        .await?;
    }
    let reinstated: Vec<&str> = changes.reinstated.iter().map(NoticeId::as_str).collect();
    let returning = last_documents(transaction, &reinstated).await?;
    for id in &changes.replaced {
        set_state(transaction, source, id, "replaced", Some(now)).await?;
    }
    for (id, key) in &changes.rekeyed {
        let rekey = "UPDATE notice SET feed_key = $1 WHERE id = $2 AND source_id = $3";
        let rekeyed = sqlx::query(rekey)
            .bind(key)
            .bind(id.as_str())
            .bind(source)
            .execute(&mut **transaction)
            .await?;
        found(rekeyed.rows_affected())?;
    }
    for (key, revision) in &changes.added {
        sqlx::query(
            "INSERT INTO notice (id, source_id, feed_key, state, revision, created_at) \
             VALUES ($1, $2, $3, 'live', 0, $4)",
        )
        .bind(revision.id.as_str())
        .bind(source)
        .bind(key)
        .bind(now)
        .execute(&mut **transaction)
        .await?;
        add_revision(transaction, source, revision, now).await?;
    }
    for revision in &changes.revised {
        add_revision(transaction, source, revision, now).await?;
    }
    for (id, facts, _) in &changes.readdressed {
        let readdressed = sqlx::query(
            "UPDATE revision SET facts = $1 WHERE notice_id = $2 AND number = \
             (SELECT revision FROM notice WHERE id = $2 AND source_id = $3)",
        )
        .bind(to_json(facts))
        .bind(id.as_str())
        .bind(source)
        .execute(&mut **transaction)
        .await?;
        found(readdressed.rows_affected())?;
    }
    for id in &changes.reinstated {
        set_state(transaction, source, id, "live", None).await?;
    }
    for id in &changes.withdrawn {
        set_state(transaction, source, id, "withdrawn", Some(now)).await?;
    }
    for id in &changes.ended {
        set_state(transaction, source, id, "ended", Some(now)).await?;
    }
    for id in &changes.missing {
        set_missing(transaction, source, id, Some(now)).await?;
    }
    for id in &changes.found {
        set_missing(transaction, source, id, None).await?;
    }
    if let Some(documents) = &changes.documents {
        want(transaction, source, documents, now).await?;
        remember(transaction, source, &returning).await?;
        let moved = changes.readdressed.iter().flat_map(|(_, _, moved)| moved);
        move_documents(transaction, source, moved).await?;
    }
    write_hold(transaction, source, changes, now).await
}

/// Increases the version; [`StorageError::Conflict`] when another writer did.
async fn claim_version(
    transaction: &mut Transaction,
    source: &str,
    version: i64,
) -> Result<(), StorageError> {
    sqlx::query("INSERT INTO source_state (source_id) VALUES ($1) ON CONFLICT DO NOTHING")
        .bind(source)
        .execute(&mut **transaction)
        .await?;
    let claimed = sqlx::query(
        "UPDATE source_state SET version = version + 1 WHERE source_id = $1 AND version = $2",
    )
    .bind(source)
    .bind(version)
    .execute(&mut **transaction)
    .await?;
    if claimed.rows_affected() == 0 {
        return Err(StorageError::Conflict);
    }
    Ok(())
}

async fn set_state(
    transaction: &mut Transaction,
    source: &str,
    id: &NoticeId,
    state: &str,
    archived_at: Option<DateTime<Utc>>,
) -> Result<(), StorageError> {
    // One that is archived already has been since it ended.
    let set = sqlx::query(
        "UPDATE notice SET state = $1, missing_since = NULL, archived_at = \
         CASE WHEN $2 IS NOT NULL THEN coalesce(archived_at, $2) END \
         WHERE id = $3 AND source_id = $4",
    )
    .bind(state)
    .bind(archived_at)
    .bind(id.as_str())
    .bind(source)
    .execute(&mut **transaction)
    .await?;
    found(set.rows_affected())
}

async fn set_missing(
    transaction: &mut Transaction,
    source: &str,
    id: &NoticeId,
    since: Option<DateTime<Utc>>,
) -> Result<(), StorageError> {
    let set = "UPDATE notice SET missing_since = $1 WHERE id = $2 AND source_id = $3";
    let set = sqlx::query(set)
        .bind(since)
        .bind(id.as_str())
        .bind(source)
        .execute(&mut **transaction)
        .await?;
    found(set.rows_affected())
}

async fn add_revision(
    transaction: &mut Transaction,
    source: &str,
    revision: &NewRevision,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let nothing = vec![serde_json::Value::Null; revision.facts.documents.len()];
    let number = "UPDATE notice SET revision = revision + 1 WHERE id = $1 AND source_id = $2";
    let numbered = sqlx::query(number)
        .bind(revision.id.as_str())
        .bind(source)
        .execute(&mut **transaction)
        .await?;
    found(numbered.rows_affected())?;
    sqlx::query(FORGET_RAW)
        .bind(to_json(&[revision.id.as_str()]))
        .execute(&mut **transaction)
        .await?;
    sqlx::query(
        "INSERT INTO revision (notice_id, number, created_at, facts, contents, raw, salt) \
         SELECT id, revision, $1, $2, $3, $4, $5 FROM notice WHERE id = $6",
    )
    .bind(now)
    .bind(to_json(&revision.facts))
    .bind(to_json(&nothing))
    .bind(&revision.raw)
    .bind(&revision.salt)
    .bind(revision.id.as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn write_hold(
    transaction: &mut Transaction,
    source: &str,
    changes: &SourceChanges,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    if let Some(outcome) = changes.close_hold {
        sqlx::query(
            "UPDATE hold SET closed_at = $1, outcome = $2 WHERE source_id = $3 AND closed_at IS NULL",
        )
        .bind(now)
        .bind(outcome.as_str())
        .bind(source)
        .execute(&mut **transaction)
        .await?;
    }
    let Some(HoldRecord {
        hold,
        message,
        snapshot,
    }) = &changes.hold
    else {
        return Ok(());
    };
    let ids = |ids: &std::collections::BTreeSet<NoticeId>| {
        to_json(&ids.iter().map(NoticeId::as_str).collect::<Vec<_>>())
    };
    sqlx::query(
        "INSERT INTO hold (source_id, reason, message, gone, blanked, opened_at, since, polls, snapshot_hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (source_id) WHERE closed_at IS NULL DO UPDATE SET \
         reason = excluded.reason, message = excluded.message, gone = excluded.gone, \
         blanked = excluded.blanked, since = excluded.since, polls = excluded.polls, \
         snapshot_hash = excluded.snapshot_hash",
    )
    .bind(source)
    .bind(hold.reason.as_str())
    .bind(message)
    .bind(ids(&hold.gone))
    .bind(ids(&hold.blanked))
    .bind(hold.opened_at)
    .bind(hold.since)
    .bind(i64::from(hold.polls))
    .bind(snapshot.to_string())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
