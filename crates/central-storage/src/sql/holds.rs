//! Holds: polls that wait for a person or for time.

use std::collections::BTreeSet;

use async_trait::async_trait;
use sqlx::Row;
use vyveska_board::NoticeId;

use super::{DbRow, DbStorage};
use crate::stored::{count, from_json, hash};
use crate::{HeldChange, HoldReason, HoldRepository, OpenHold, StorageError};

/// The open hold of a source.
pub(super) const OPEN_HOLD: &str = concat!(
    "SELECT reason, gone, blanked, opened_at, since, polls \
     FROM hold WHERE source_id = $1 AND closed_at IS NULL AND ",
    source_within!("$1", "$2"),
);

pub(super) fn hold_of(row: &DbRow) -> Result<OpenHold, StorageError> {
    let ids = |column: &'static str| -> Result<BTreeSet<NoticeId>, StorageError> {
        let ids: Vec<String> = from_json(column, row.try_get(column)?)?;
        Ok(ids.into_iter().map(NoticeId::new).collect())
    };
    Ok(OpenHold {
        reason: HoldReason::from_stored(row.try_get("reason")?)?,
        gone: ids("gone")?,
        blanked: ids("blanked")?,
        opened_at: row.try_get("opened_at")?,
        since: row.try_get("since")?,
        polls: count("hold.polls", row.try_get("polls")?)?,
    })
}

#[async_trait]
impl HoldRepository for DbStorage {
    async fn held(&self) -> Result<Vec<HeldChange>, StorageError> {
        let rows = sqlx::query(concat!(
            "SELECT id, source_id, message, snapshot_hash, reason, gone, blanked, opened_at, \
             since, polls FROM hold WHERE closed_at IS NULL AND ",
            source_within!("source_id", "$1"),
            " ORDER BY id",
        ))
        .bind(self.scope.parameter())
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(HeldChange {
                    id: row.try_get("id")?,
                    source: row.try_get("source_id")?,
                    message: row.try_get("message")?,
                    hold: hold_of(row)?,
                    snapshot: hash("hold.snapshot_hash", row.try_get("snapshot_hash")?)?,
                })
            })
            .collect()
    }
}
