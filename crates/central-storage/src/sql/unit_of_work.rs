//! Changes with their audit entries.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use vyveska_board::{DocumentHash, NoticeId};
use vyveska_wire::enrolment::EnrolmentRefusal;
use vyveska_wire::keys::{DisplayId, PublicKey};

use super::accounts::write_audit;
use super::boards::{close_disabled, in_service, stored_boards};
use super::enrolments::{
    board_of_display, insert_enrolment, lock_enrolment, refusal, revoke_enrolment, use_enrolment,
};
use super::jobs::schedule_publishing;
use super::scope::{BOARD, DISPLAY, found, must_find};
use super::sources::{want_documents_of_live, write_changes};
use super::{DbStorage, Transaction, lock_boards};
use crate::stored::to_json;
use crate::{
    Actor, AuditAction, Enrolled, HeldChange, NewEnrolment, Scope, SourceChanges, Storage,
    StorageError, StoredBoard, UnitOfWork,
};

#[async_trait]
impl Storage for DbStorage {
    async fn begin(
        &self,
        actor: Actor,
        now: DateTime<Utc>,
    ) -> Result<Box<dyn UnitOfWork>, StorageError> {
        let work = Work {
            transaction: self.writing().await?,
            scope: self.scope.clone(),
            actor,
            now,
        };
        Ok(Box::new(DbUnitOfWork { work: Some(work) }))
    }
}

pub(super) struct DbUnitOfWork {
    /// Taken out by each change, and put back by one that succeeds.
    work: Option<Work>,
}

/// What was not saved yet; dropping it takes it back.
pub(super) struct Work {
    pub(super) transaction: Transaction,
    pub(super) scope: Scope,
    pub(super) actor: Actor,
    pub(super) now: DateTime<Utc>,
}

impl DbUnitOfWork {
    /// Makes a change, which takes everything back when it fails.
    pub(super) async fn change<T>(
        &mut self,
        change: impl AsyncFnOnce(&mut Work) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let mut work = self.work.take().ok_or(StorageError::Incomplete)?;
        let done = change(&mut work).await?;
        self.work = Some(work);
        Ok(done)
    }
}

impl Work {
    /// Writes an audit entry of a town; the detail is JSON.
    pub(super) async fn audit(
        &mut self,
        action: AuditAction,
        subject: &str,
        town: Option<&str>,
        detail: &serde_json::Value,
    ) -> Result<(), StorageError> {
        let (transaction, what) = (&mut self.transaction, (action, subject, town));
        write_audit(transaction, &self.actor, self.now, what, detail).await
    }

    /// The town of a board.
    async fn town_of(&mut self, board: &str) -> Result<Option<String>, StorageError> {
        let town = sqlx::query_scalar("SELECT town_id FROM board WHERE id = $1")
            .bind(board)
            .fetch_optional(&mut *self.transaction)
            .await?;
        Ok(town)
    }

    /// The town of a source's board.
    async fn town_of_source(&mut self, source: &str) -> Result<Option<String>, StorageError> {
        let town = sqlx::query_scalar(
            "SELECT board.town_id FROM source JOIN board ON board.id = source.board_id WHERE source.id = $1",
        )
        .bind(source)
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(town)
    }

    /// Adds or replaces a board with its sources.
    async fn save_board(&mut self, board: &StoredBoard) -> Result<(), StorageError> {
        let town = sqlx::query(concat!(
            "INSERT INTO town (id, name) SELECT $1, $2 WHERE ",
            town_within!("$1", "$3"),
            " ON CONFLICT (id) DO UPDATE SET name = excluded.name",
        ))
        .bind(&board.town.id)
        .bind(to_json(&board.town.name))
        .bind(self.scope.parameter())
        .execute(&mut *self.transaction)
        .await?;
        found(town.rows_affected())?;
        let saved = sqlx::query(concat!(
            "INSERT INTO board (id, town_id, enabled, settings) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (id) DO UPDATE SET town_id = excluded.town_id, \
             enabled = excluded.enabled, settings = excluded.settings WHERE ",
            town_within!("board.town_id", "$5"),
        ))
        .bind(&board.id)
        .bind(&board.town.id)
        .bind(board.enabled)
        .bind(&board.settings)
        .bind(self.scope.parameter())
        .execute(&mut *self.transaction)
        .await?;
        found(saved.rows_affected())?;
        for (position, source) in (0_i64..).zip(&board.sources) {
            let saved = sqlx::query(concat!(
                "INSERT INTO source (id, board_id, position, enabled, settings) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET \
                 board_id = excluded.board_id, position = excluded.position, \
                 enabled = excluded.enabled, settings = excluded.settings WHERE ",
                board_within!("source.board_id", "$6"),
            ))
            .bind(&source.id)
            .bind(&board.id)
            .bind(position)
            .bind(source.enabled)
            .bind(&source.settings)
            .bind(self.scope.parameter())
            .execute(&mut *self.transaction)
            .await?;
            found(saved.rows_affected())?;
        }
        sqlx::query(
            "UPDATE job SET town_id = $1 WHERE (town_id IS NULL OR town_id <> $1) \
             AND ((kind = 'publish' AND key = $2) OR (kind IN ('poll', 'fetch') \
             AND key IN (SELECT id FROM source WHERE board_id = $2)))",
        )
        .bind(&board.town.id)
        .bind(&board.id)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    async fn boards(&mut self) -> Result<Vec<StoredBoard>, StorageError> {
        lock_boards(&mut self.transaction).await?;
        stored_boards(&mut self.transaction, &self.scope).await
    }

    async fn save_boards(&mut self, boards: &[StoredBoard]) -> Result<(), StorageError> {
        lock_boards(&mut self.transaction).await?;
        let before = in_service(&mut self.transaction).await?;
        for board in boards {
            self.save_board(board).await?;
        }
        close_disabled(&mut self.transaction, &self.scope, self.now).await?;
        for source in in_service(&mut self.transaction).await?.difference(&before) {
            want_documents_of_live(&mut self.transaction, source, self.now).await?;
        }
        for board in boards {
            let sources = board.sources.iter().map(|source| {
                let detail = serde_json::json!({
                    "enabled": source.enabled,
                    "settings": source.settings,
                });
                (source.id.as_str(), detail)
            });
            let detail = serde_json::json!({
                "town": board.town.id,
                "town_name": board.town.name,
                "enabled": board.enabled,
                // They hold the hashes of PINs, which are no auditor's business; that they changed is.
                "settings_hash": DocumentHash::of(board.settings.as_bytes()).to_string(),
                "sources": sources.collect::<BTreeMap<_, _>>(),
            });
            let town = Some(board.town.id.as_str());
            self.audit(AuditAction::BoardSave, &board.id, town, &detail)
                .await?;
        }
        Ok(())
    }

    async fn accept(
        &mut self,
        held: &HeldChange,
        version: i64,
        changes: &SourceChanges,
    ) -> Result<(), StorageError> {
        let open = sqlx::query(
            "SELECT id FROM hold WHERE id = $1 AND source_id = $2 AND snapshot_hash = $3 \
             AND closed_at IS NULL",
        )
        .bind(held.id)
        .bind(&held.source)
        .bind(held.snapshot.to_string())
        .fetch_optional(&mut *self.transaction)
        .await?;
        open.ok_or(StorageError::NotFound)?;
        let (transaction, scope, now) = (&mut self.transaction, &self.scope, self.now);
        write_changes(transaction, scope, &held.source, version, changes, now).await?;
        schedule_publishing(transaction, [held.source.as_str()], now).await?;
        let detail = serde_json::json!({
            "reason": held.hold.reason.as_str(),
            "message": held.message,
            "feed": held.snapshot.to_string(),
            "added": changes.added.len(),
            "revised": changes.revised.len(),
            "withdrawn": changes.withdrawn.len() + changes.replaced.len(),
        });
        let subject = format!("{}/{}", held.source, held.id);
        let town = self.town_of_source(&held.source).await?;
        self.audit(AuditAction::HoldAccept, &subject, town.as_deref(), &detail)
            .await
    }

    async fn push(
        &mut self,
        source: &str,
        version: i64,
        changes: &SourceChanges,
    ) -> Result<(), StorageError> {
        let (transaction, scope, now) = (&mut self.transaction, &self.scope, self.now);
        write_changes(transaction, scope, source, version, changes, now).await?;
        schedule_publishing(transaction, [source], now).await?;
        let added = changes.added.iter().map(|(_, revision)| &revision.id);
        let revised = changes.revised.iter().map(|revision| &revision.id);
        let detail = serde_json::json!({
            "added": added.map(NoticeId::as_str).collect::<Vec<_>>(),
            "revised": revised.map(NoticeId::as_str).collect::<Vec<_>>(),
        });
        let town = self.town_of_source(source).await?;
        self.audit(AuditAction::NoticePush, source, town.as_deref(), &detail)
            .await
    }

    async fn register(
        &mut self,
        id: &DisplayId,
        key: &PublicKey,
        board: &str,
    ) -> Result<(), StorageError> {
        self.insert_display(id, key, board, None).await.map(drop)
    }

    /// Adds a display with its audit entry, which names the token; `false` where there is one.
    async fn insert_display(
        &mut self,
        id: &DisplayId,
        key: &PublicKey,
        board: &str,
        enrolment: Option<&str>,
    ) -> Result<bool, StorageError> {
        must_find(BOARD, board, &self.scope, &mut self.transaction).await?;
        let registered = sqlx::query(
            "INSERT INTO display (id, public_key, board_id, registered_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        )
        .bind(id.as_str())
        .bind(key.to_pem())
        .bind(board)
        .bind(self.now)
        .execute(&mut *self.transaction)
        .await?;
        if registered.rows_affected() == 0 {
            return Ok(false);
        }
        let detail = match enrolment {
            Some(enrolment) => serde_json::json!({ "board": board, "enrolment": enrolment }),
            None => serde_json::json!({ "board": board }),
        };
        let town = self.town_of(board).await?;
        let town = town.as_deref();
        self.audit(AuditAction::DisplayRegister, id.as_str(), town, &detail)
            .await?;
        Ok(true)
    }

    async fn enrol(
        &mut self,
        token_hash: DocumentHash,
        id: &DisplayId,
        key: &PublicKey,
    ) -> Result<Enrolled, StorageError> {
        let token = lock_enrolment(&mut self.transaction, &self.scope, token_hash).await?;
        let Some(token) = token else {
            return Ok(Enrolled::Refused(EnrolmentRefusal::Unknown));
        };
        match board_of_display(&mut self.transaction, id).await? {
            Some(board) if board == token.board => return Ok(Enrolled::Known),
            Some(_) => return Ok(Enrolled::Refused(EnrolmentRefusal::OtherBoard)),
            None => {}
        }
        if let Some(refusal) = refusal(&token, self.now) {
            return Ok(Enrolled::Refused(refusal));
        }
        let enrolment = Some(token.id.as_str());
        if !self
            .insert_display(id, key, &token.board, enrolment)
            .await?
        {
            return Err(StorageError::Conflict);
        }
        use_enrolment(&mut self.transaction, &token.id, id).await?;
        Ok(Enrolled::Registered)
    }

    async fn add_enrolment(&mut self, new: &NewEnrolment) -> Result<(), StorageError> {
        must_find(BOARD, &new.board, &self.scope, &mut self.transaction).await?;
        insert_enrolment(&mut self.transaction, new, self.now).await?;
        let detail = serde_json::json!({
            "board": new.board,
            "displays": new.displays,
            "ends_at": new.ends_at,
        });
        let town = self.town_of(&new.board).await?;
        let town = town.as_deref();
        self.audit(AuditAction::EnrolmentCreate, &new.id, town, &detail)
            .await
    }

    async fn revoke_enrolment(&mut self, id: &str) -> Result<(), StorageError> {
        let (transaction, now) = (&mut self.transaction, self.now);
        let board = revoke_enrolment(transaction, &self.scope, id, now).await?;
        let detail = serde_json::json!({ "board": board });
        let town = self.town_of(&board).await?;
        self.audit(AuditAction::EnrolmentRevoke, id, town.as_deref(), &detail)
            .await
    }

    async fn take_form(&mut self, form: &str) -> Result<bool, StorageError> {
        let taken = sqlx::query(
            "INSERT INTO used_form (id, used_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(form)
        .bind(self.now)
        .execute(&mut *self.transaction)
        .await?;
        Ok(taken.rows_affected() > 0)
    }

    async fn move_display(&mut self, id: &DisplayId, board: &str) -> Result<(), StorageError> {
        must_find(DISPLAY, id.as_str(), &self.scope, &mut self.transaction).await?;
        must_find(BOARD, board, &self.scope, &mut self.transaction).await?;
        let moved = sqlx::query("UPDATE display SET board_id = $1 WHERE id = $2")
            .bind(board)
            .bind(id.as_str())
            .execute(&mut *self.transaction)
            .await?;
        found(moved.rows_affected())?;
        let detail = serde_json::json!({ "board": board });
        let town = self.town_of(board).await?;
        self.audit(
            AuditAction::DisplayMove,
            id.as_str(),
            town.as_deref(),
            &detail,
        )
        .await
    }
}

#[async_trait]
impl UnitOfWork for DbUnitOfWork {
    async fn boards(&mut self) -> Result<Vec<StoredBoard>, StorageError> {
        self.change(async |work| work.boards().await).await
    }

    async fn save_boards(&mut self, boards: &[StoredBoard]) -> Result<(), StorageError> {
        self.change(async |work| work.save_boards(boards).await)
            .await
    }

    async fn accept(
        &mut self,
        held: &HeldChange,
        version: i64,
        changes: &SourceChanges,
    ) -> Result<(), StorageError> {
        self.change(async |work| work.accept(held, version, changes).await)
            .await
    }

    async fn push(
        &mut self,
        source: &str,
        version: i64,
        changes: &SourceChanges,
    ) -> Result<(), StorageError> {
        self.change(async |work| work.push(source, version, changes).await)
            .await
    }

    async fn register(
        &mut self,
        id: &DisplayId,
        key: &PublicKey,
        board: &str,
    ) -> Result<(), StorageError> {
        self.change(async |work| work.register(id, key, board).await)
            .await
    }

    async fn enrol(
        &mut self,
        token_hash: DocumentHash,
        id: &DisplayId,
        key: &PublicKey,
    ) -> Result<Enrolled, StorageError> {
        self.change(async |work| work.enrol(token_hash, id, key).await)
            .await
    }

    async fn add_enrolment(&mut self, new: &NewEnrolment) -> Result<(), StorageError> {
        self.change(async |work| work.add_enrolment(new).await)
            .await
    }

    async fn revoke_enrolment(&mut self, id: &str) -> Result<(), StorageError> {
        self.change(async |work| work.revoke_enrolment(id).await)
            .await
    }

    async fn move_display(&mut self, id: &DisplayId, board: &str) -> Result<(), StorageError> {
        self.change(async |work| work.move_display(id, board).await)
            .await
    }

    async fn take_form(&mut self, form: &str) -> Result<bool, StorageError> {
        self.change(async |work| work.take_form(form).await).await
    }

    async fn save(mut self: Box<Self>) -> Result<(), StorageError> {
        let work = self.work.take().ok_or(StorageError::Incomplete)?;
        Ok(work.transaction.commit().await?)
    }

    async fn cancel(self: Box<Self>) -> Result<(), StorageError> {
        if let Some(work) = self.work {
            work.transaction.rollback().await?;
        }
        Ok(())
    }
}
