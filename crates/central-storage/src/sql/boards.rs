//! Towns, their boards, and the sources of these.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::Row;

use super::{DbStorage, Transaction};
use crate::stored::from_json;
use crate::{BoardRepository, HoldOutcome, Scope, StorageError, StoredBoard, StoredSource, Town};

#[async_trait]
impl BoardRepository for DbStorage {
    async fn boards(&self) -> Result<Vec<StoredBoard>, StorageError> {
        stored_boards(&mut self.reading().await?, &self.scope).await
    }

    async fn close_disabled(&self, now: DateTime<Utc>) -> Result<(), StorageError> {
        let mut transaction = self.writing().await?;
        close_disabled(&mut transaction, &self.scope, now).await?;
        transaction.commit().await?;
        Ok(())
    }
}

pub(super) async fn stored_boards(
    transaction: &mut Transaction,
    scope: &Scope,
) -> Result<Vec<StoredBoard>, StorageError> {
    let rows = sqlx::query(concat!(
        "SELECT id, board_id, enabled, settings FROM source WHERE ",
        board_within!("source.board_id", "$1"),
        " ORDER BY board_id, position, id",
    ))
    .bind(scope.parameter())
    .fetch_all(&mut **transaction)
    .await?;
    let mut sources: HashMap<String, Vec<StoredSource>> = HashMap::new();
    for row in rows {
        let source = StoredSource {
            id: row.try_get("id")?,
            enabled: row.try_get("enabled")?,
            settings: row.try_get("settings")?,
        };
        let board = row.try_get("board_id")?;
        sources.entry(board).or_default().push(source);
    }
    let rows = sqlx::query(concat!(
        "SELECT board.id, town_id, name, enabled, settings FROM board \
         JOIN town ON town.id = town_id WHERE ",
        board_within!("board.id", "$1"),
        " ORDER BY board.id",
    ))
    .bind(scope.parameter())
    .fetch_all(&mut **transaction)
    .await?;
    rows.iter()
        .map(|row| {
            let id: String = row.try_get("id")?;
            Ok(StoredBoard {
                town: Town {
                    id: row.try_get("town_id")?,
                    name: from_json("town.name", row.try_get("name")?)?,
                },
                enabled: row.try_get("enabled")?,
                settings: row.try_get("settings")?,
                sources: sources.remove(&id).unwrap_or_default(),
                id,
            })
        })
        .collect()
}

pub(super) async fn close_disabled(
    transaction: &mut Transaction,
    scope: &Scope,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    sqlx::query(concat!(
        "UPDATE hold SET closed_at = $1, outcome = $3 WHERE closed_at IS NULL AND source_id NOT IN (",
        in_service!(),
        ") AND ",
        source_within!("source_id", "$2"),
    ))
    .bind(now)
    .bind(scope.parameter())
    .bind(HoldOutcome::Disabled.as_str())
    .execute(&mut **transaction)
    .await?;
    // An instant that is still to come was of a wrong clock.
    for close in [
        concat!(
            "UPDATE alarm SET closed_at = $1 WHERE closed_at IS NULL \
             AND ((subject_type = 'source' AND subject NOT IN (",
            in_service!(),
            ")) OR (subject_type = 'board' AND subject NOT IN (SELECT id FROM board WHERE enabled))) AND ",
            alarm_within!("$2"),
        ),
        concat!(
            "UPDATE document SET wanted = FALSE, unwanted_since = $1 \
             WHERE (wanted OR unwanted_since > $1) AND source_id NOT IN (",
            in_service!(),
            ") AND ",
            source_within!("source_id", "$2"),
        ),
        concat!(
            "UPDATE board SET disabled_at = CASE WHEN NOT enabled THEN $1 END \
             WHERE ((enabled AND disabled_at IS NOT NULL) \
             OR (NOT enabled AND (disabled_at IS NULL OR disabled_at > $1))) AND ",
            board_within!("board.id", "$2"),
        ),
    ] {
        sqlx::query(close)
            .bind(now)
            .bind(scope.parameter())
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// The sources that are in service, and the names under which the boards that are keep documents of their own.
pub(super) async fn in_service(
    transaction: &mut Transaction,
) -> Result<BTreeSet<String>, StorageError> {
    let names: Vec<String> = sqlx::query_scalar(in_service!())
        .fetch_all(&mut **transaction)
        .await?;
    Ok(names.into_iter().collect())
}
