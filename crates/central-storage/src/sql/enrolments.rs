//! Tokens that have displays registered for a board.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::Row;
use vyveska_board::DocumentHash;
use vyveska_wire::enrolment::EnrolmentRefusal;
use vyveska_wire::keys::DisplayId;

use super::scope::found;
use super::{DbRow, DbStorage, Transaction};
use crate::{EnrolledDisplay, Enrolment, EnrolmentRepository, NewEnrolment, Scope, StorageError};

fn enrolment(row: &DbRow) -> Result<Enrolment, StorageError> {
    let count = |column: &'static str| -> Result<u32, StorageError> {
        let count: i64 = row.try_get(column)?;
        u32::try_from(count).map_err(|error| StorageError::Unreadable {
            what: "enrolment",
            reason: format!("{column} is {count}: {error}"),
        })
    };
    Ok(Enrolment {
        id: row.try_get("id")?,
        board: row.try_get("board_id")?,
        ends_at: row.try_get("ends_at")?,
        displays: count("displays")?,
        used: count("used")?,
        revoked_at: row.try_get("revoked_at")?,
    })
}

#[async_trait]
impl EnrolmentRepository for DbStorage {
    async fn enrolment(&self, token_hash: DocumentHash) -> Result<Option<Enrolment>, StorageError> {
        let row = sqlx::query(concat!(
            "SELECT id, board_id, ends_at, displays, used, revoked_at FROM enrolment \
             WHERE token_hash = $1 AND ",
            board_within!("board_id", "$2"),
        ))
        .bind(token_hash.to_string())
        .bind(self.scope.parameter())
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(enrolment).transpose()
    }

    async fn enrolments(&self, now: DateTime<Utc>) -> Result<Vec<Enrolment>, StorageError> {
        let rows = sqlx::query(concat!(
            "SELECT id, board_id, ends_at, displays, used, revoked_at FROM enrolment \
             WHERE ends_at > $1 AND ",
            board_within!("board_id", "$2"),
            " ORDER BY ends_at, id",
        ))
        .bind(now)
        .bind(self.scope.parameter())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(enrolment).collect()
    }

    async fn enrolled_displays(
        &self,
        after: DateTime<Utc>,
    ) -> Result<Vec<EnrolledDisplay>, StorageError> {
        let rows = sqlx::query(concat!(
            "SELECT id, board_id, registered_at, enrolment_id FROM display \
             WHERE enrolment_id IS NOT NULL AND registered_at > $1 AND ",
            board_within!("board_id", "$2"),
            " ORDER BY registered_at DESC, id",
        ))
        .bind(after)
        .bind(self.scope.parameter())
        .fetch_all(&self.pool)
        .await?;
        let displays = rows.iter().map(|row| {
            Ok(EnrolledDisplay {
                display: row.try_get("id")?,
                board: row.try_get("board_id")?,
                registered_at: row.try_get("registered_at")?,
                enrolment: row.try_get("enrolment_id")?,
            })
        });
        displays.collect()
    }
}

/// A token, which nobody else uses or revokes until the transaction ends.
pub(super) async fn lock_enrolment(
    transaction: &mut Transaction,
    scope: &Scope,
    token_hash: DocumentHash,
) -> Result<Option<Enrolment>, StorageError> {
    let row = sqlx::query(concat!(
        "UPDATE enrolment SET used = used WHERE token_hash = $1 AND ",
        board_within!("enrolment.board_id", "$2"),
        " RETURNING id, board_id, ends_at, displays, used, revoked_at",
    ))
    .bind(token_hash.to_string())
    .bind(scope.parameter())
    .fetch_optional(&mut **transaction)
    .await?;
    row.as_ref().map(enrolment).transpose()
}

/// Why a token lets no other display in.
pub(super) fn refusal(token: &Enrolment, now: DateTime<Utc>) -> Option<EnrolmentRefusal> {
    if token.revoked_at.is_some() {
        Some(EnrolmentRefusal::Revoked)
    } else if token.ends_at <= now {
        Some(EnrolmentRefusal::Expired)
    } else if token.used >= token.displays {
        Some(EnrolmentRefusal::Spent)
    } else {
        None
    }
}

/// The board of a display, of whichever town.
pub(super) async fn board_of_display(
    transaction: &mut Transaction,
    id: &DisplayId,
) -> Result<Option<String>, StorageError> {
    let board = sqlx::query_scalar("SELECT board_id FROM display WHERE id = $1")
        .bind(id.as_str())
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(board)
}

/// Counts the registration of a display as a use of a token.
pub(super) async fn use_enrolment(
    transaction: &mut Transaction,
    token: &str,
    display: &DisplayId,
) -> Result<(), StorageError> {
    let counted = sqlx::query("UPDATE enrolment SET used = used + 1 WHERE id = $1")
        .bind(token)
        .execute(&mut **transaction)
        .await?;
    found(counted.rows_affected())?;
    let noted = sqlx::query("UPDATE display SET enrolment_id = $1 WHERE id = $2")
        .bind(token)
        .bind(display.as_str())
        .execute(&mut **transaction)
        .await?;
    found(noted.rows_affected())
}

pub(super) async fn insert_enrolment(
    transaction: &mut Transaction,
    new: &NewEnrolment,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO enrolment (id, token_hash, board_id, created_at, ends_at, displays, used) \
         VALUES ($1, $2, $3, $4, $5, $6, 0)",
    )
    .bind(&new.id)
    .bind(new.token_hash.to_string())
    .bind(&new.board)
    .bind(now)
    .bind(new.ends_at)
    .bind(i64::from(new.displays))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Revokes a token that is not; its board.
pub(super) async fn revoke_enrolment(
    transaction: &mut Transaction,
    scope: &Scope,
    id: &str,
    now: DateTime<Utc>,
) -> Result<String, StorageError> {
    let board = sqlx::query_scalar(concat!(
        "UPDATE enrolment SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL AND ",
        board_within!("enrolment.board_id", "$3"),
        " RETURNING board_id",
    ))
    .bind(now)
    .bind(id)
    .bind(scope.parameter())
    .fetch_optional(&mut **transaction)
    .await?;
    board.ok_or(StorageError::NotFound)
}
