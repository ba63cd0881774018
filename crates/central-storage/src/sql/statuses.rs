//! What displays tell about themselves.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::Row;

use super::{DbRow, DbStorage};
use crate::stored::{display_id, signed};
use crate::{
    DisplayState, HeardStatus, NewStatus, SilentDisplay, StatusLog, StatusRepository, StorageError,
};

/// Every display of the boards in service within the scope `$1`.
macro_rules! states {
    () => {
        concat!(
            "SELECT display.id AS display_id, display.board_id, display.registered_at, \
             heard_at, state, state_since, status FROM display \
             JOIN board ON board.id = display.board_id AND board.enabled \
             LEFT JOIN display_status ON display_status.display_id = display.id WHERE ",
            board_within!("display.board_id", "$1")
        )
    };
}

#[async_trait]
impl StatusRepository for DbStorage {
    async fn display_states(&self) -> Result<Vec<DisplayState>, StorageError> {
        let rows = sqlx::query(concat!(states!(), " ORDER BY display.id"))
            .bind(self.scope.parameter())
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(state).collect()
    }

    async fn display_state(&self, display: &str) -> Result<Option<DisplayState>, StorageError> {
        let row = sqlx::query(concat!(states!(), " AND display.id = $2"))
            .bind(self.scope.parameter())
            .bind(display)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(state).transpose()
    }
}

#[async_trait]
impl StatusLog for DbStorage {
    async fn set_statuses(
        &self,
        statuses: &[NewStatus],
        gap: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let mut transaction = self.writing().await?;
        for new in statuses {
            sqlx::query(
                "INSERT INTO display_status \
                 (display_id, number, heard_at, state, state_since, status) \
                 SELECT $1, $2, $3, $4, $3, $5 WHERE EXISTS (SELECT 1 FROM display WHERE id = $1) \
                 ON CONFLICT (display_id) DO UPDATE SET number = excluded.number, \
                 heard_at = excluded.heard_at, state = excluded.state, \
                 state_since = CASE WHEN display_status.state = excluded.state \
                 AND display_status.heard_at >= $6 AND display_status.heard_at <= excluded.heard_at \
                 THEN display_status.state_since ELSE excluded.heard_at END, \
                 status = excluded.status WHERE display_status.number < excluded.number \
                 OR display_status.heard_at > excluded.heard_at",
            )
            .bind(new.display.as_str())
            .bind(signed(new.number))
            .bind(new.heard_at)
            .bind(&new.state)
            .bind(&new.status)
            .bind(gap)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn silent_displays(
        &self,
        before: DateTime<Utc>,
    ) -> Result<Vec<SilentDisplay>, StorageError> {
        let rows = sqlx::query(
            "SELECT display_id, town_id, heard_at FROM display_status \
             JOIN display ON display.id = display_id \
             JOIN board ON board.id = board_id AND board.enabled \
             WHERE heard_at < $1 ORDER BY display_id",
        )
        .bind(before)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(SilentDisplay {
                    display: row.try_get("display_id")?,
                    town: row.try_get("town_id")?,
                    heard_at: row.try_get("heard_at")?,
                })
            })
            .collect()
    }
}

fn state(row: &DbRow) -> Result<DisplayState, StorageError> {
    let heard_at: Option<DateTime<Utc>> = row.try_get("heard_at")?;
    let heard = match heard_at {
        Some(heard_at) => Some(HeardStatus {
            heard_at,
            state: row.try_get("state")?,
            state_since: row.try_get("state_since")?,
            status: row.try_get("status")?,
        }),
        None => None,
    };
    Ok(DisplayState {
        display: display_id(row.try_get("display_id")?),
        board: row.try_get("board_id")?,
        registered_at: row.try_get("registered_at")?,
        heard,
    })
}
