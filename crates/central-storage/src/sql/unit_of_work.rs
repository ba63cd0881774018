//! Changes with their audit entries.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use vyveska_board::{DocumentHash, NoticeId};
use vyveska_wire::enrolment::EnrolmentRefusal;
use vyveska_wire::keys::{DisplayId, PublicKey};

use super::accounts::{
    ANOTHER_ADMINISTRATOR, end_invitations, end_sessions, granted, insert_grant, insert_invitation,
    write_audit,
};
use super::boards::{close_disabled, in_service, stored_boards};
use super::enrolments::{
    board_of_display, insert_enrolment, lock_enrolment, refusal, revoke_enrolment, use_enrolment,
};
use super::jobs::schedule_publishing;
use super::scope::{BOARD, DISPLAY, found, must_find};
use super::sources::{want_documents_of_live, write_changes};
use super::{DbStorage, Transaction, lock_accounts, lock_boards};
use crate::stored::to_json;
use crate::{
    Actor, AuditAction, Enrolled, Grant, HeldChange, NewEnrolment, NewInvitation, Role, Scope,
    SourceChanges, Storage, StorageError, StoredBoard, UnitOfWork,
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

struct DbUnitOfWork {
    /// Taken out by each change, and put back by one that succeeds.
    work: Option<Work>,
}

/// What was not saved yet; dropping it takes it back.
struct Work {
    transaction: Transaction,
    scope: Scope,
    actor: Actor,
    now: DateTime<Utc>,
}

impl DbUnitOfWork {
    fn take(&mut self) -> Result<Work, StorageError> {
        self.work.take().ok_or(StorageError::Incomplete)
    }
}

impl Work {
    /// Writes an audit entry of a town; the detail is JSON.
    async fn audit(
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

    /// Refuses what only the union may do.
    fn of_union(&self) -> Result<(), StorageError> {
        found(u64::from(!self.scope.is_limited()))
    }

    /// The account that acts.
    fn account(&self) -> Result<String, StorageError> {
        match &self.actor {
            Actor::Account(account) => Ok(account.clone()),
            _ => Err(StorageError::NotFound),
        }
    }

    /// Whether somebody else may administer.
    async fn has_another_administrator(&mut self, than: &str) -> Result<bool, StorageError> {
        let found = sqlx::query(ANOTHER_ADMINISTRATOR)
            .bind(than)
            .fetch_optional(&mut *self.transaction)
            .await?;
        Ok(found.is_some())
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

    async fn invite(&mut self, new: &NewInvitation) -> Result<(), StorageError> {
        self.of_union()?;
        let invitation = &new.invitation;
        if let Some(account) = &invitation.account {
            sqlx::query("DELETE FROM invitation WHERE account_id = $1 AND used_at IS NULL")
                .bind(account)
                .execute(&mut *self.transaction)
                .await?;
        }
        insert_invitation(&mut self.transaction, new, &self.actor, self.now).await?;
        let detail = serde_json::json!({
            "email": invitation.email,
            "role": invitation.grant.role().name(),
            "account": invitation.account,
        });
        let town = invitation.grant.town();
        self.audit(AuditAction::InvitationCreate, &invitation.id, town, &detail)
            .await
    }

    async fn end_invitation(&mut self, invitation: &str) -> Result<(), StorageError> {
        self.of_union()?;
        let ended: Option<(String, Option<String>)> = sqlx::query_as(
            "DELETE FROM invitation WHERE id = $1 AND used_at IS NULL RETURNING email, town_id",
        )
        .bind(invitation)
        .fetch_optional(&mut *self.transaction)
        .await?;
        let (email, town) = ended.ok_or(StorageError::NotFound)?;
        let detail = serde_json::json!({ "email": email });
        let action = AuditAction::InvitationEnd;
        self.audit(action, invitation, town.as_deref(), &detail)
            .await
    }

    /// Writes entries of what is done with an account: the union's with this detail, and one for each town of these roles
    /// with the roles there.
    async fn audit_account(
        &mut self,
        action: AuditAction,
        account: &str,
        detail: &serde_json::Value,
        (before, after): (&[Grant], &[Grant]),
    ) -> Result<(), StorageError> {
        self.audit(action, account, None, detail).await?;
        let all = before.iter().chain(after);
        let towns: BTreeSet<&str> = all.filter_map(Grant::town).collect();
        for town in towns {
            let there = after.iter().filter(|grant| grant.town() == Some(town));
            let roles: Vec<&str> = there.map(|grant| grant.role().name()).collect();
            let detail = serde_json::json!({ "roles": roles });
            self.audit(action, account, Some(town), &detail).await?;
        }
        Ok(())
    }

    async fn set_grants(
        &mut self,
        account: &str,
        before: &[Grant],
        grants: &[Grant],
    ) -> Result<bool, StorageError> {
        self.of_union()?;
        lock_accounts(&mut self.transaction).await?;
        let known = sqlx::query("SELECT 1 FROM account WHERE id = $1")
            .bind(account)
            .fetch_optional(&mut *self.transaction)
            .await?;
        known.ok_or(StorageError::NotFound)?;
        if granted(&mut self.transaction, account).await? != before {
            return Err(StorageError::Conflict);
        }
        let mut roles = grants.iter().map(Grant::role);
        let administers = roles.any(|role| role == Role::Administrator);
        if !administers && !self.has_another_administrator(account).await? {
            return Ok(false);
        }
        sqlx::query("DELETE FROM account_role WHERE account_id = $1")
            .bind(account)
            .execute(&mut *self.transaction)
            .await?;
        for grant in grants {
            insert_grant(&mut self.transaction, account, grant).await?;
        }
        end_sessions(&mut self.transaction, account).await?;
        let mut before_roles = before.iter().map(Grant::role);
        let administered = before_roles.any(|role| role == Role::Administrator);
        let ended = if administered && !administers {
            end_invitations(&mut self.transaction, account).await?
        } else {
            Vec::new()
        };
        let listed = grants
            .iter()
            .map(|grant| serde_json::json!({ "role": grant.role().name(), "town": grant.town() }));
        let detail = serde_json::json!({
            "roles": listed.collect::<Vec<_>>(),
            "invitations_ended": ended,
        });
        let action = AuditAction::AccountSetRoles;
        self.audit_account(action, account, &detail, (before, grants))
            .await?;
        Ok(true)
    }

    async fn set_disabled(
        &mut self,
        account: &str,
        is_disabled: bool,
    ) -> Result<bool, StorageError> {
        self.of_union()?;
        lock_accounts(&mut self.transaction).await?;
        if is_disabled && !self.has_another_administrator(account).await? {
            return Ok(false);
        }
        let set = sqlx::query("UPDATE account SET disabled_at = $1 WHERE id = $2")
            .bind(is_disabled.then_some(self.now))
            .bind(account)
            .execute(&mut *self.transaction)
            .await?;
        found(set.rows_affected())?;
        end_sessions(&mut self.transaction, account).await?;
        let ended = if is_disabled {
            end_invitations(&mut self.transaction, account).await?
        } else {
            Vec::new()
        };
        let grants = granted(&mut self.transaction, account).await?;
        let action = if is_disabled {
            AuditAction::AccountDisable
        } else {
            AuditAction::AccountEnable
        };
        let detail = serde_json::json!({ "invitations_ended": ended });
        self.audit_account(action, account, &detail, (&grants, &grants))
            .await?;
        Ok(true)
    }

    async fn set_language(&mut self, language: &str) -> Result<(), StorageError> {
        let account = self.account()?;
        let set = sqlx::query("UPDATE account SET language = $1 WHERE id = $2")
            .bind(language)
            .bind(&account)
            .execute(&mut *self.transaction)
            .await?;
        found(set.rows_affected())?;
        let detail = serde_json::json!({ "language": language });
        self.audit(AuditAction::AccountSetLanguage, &account, None, &detail)
            .await
    }

    async fn end_session(&mut self, session: &str) -> Result<(), StorageError> {
        let account = self.account()?;
        let ended = sqlx::query("DELETE FROM session WHERE id = $1 AND account_id = $2")
            .bind(session)
            .bind(&account)
            .execute(&mut *self.transaction)
            .await?;
        found(ended.rows_affected())?;
        self.audit(
            AuditAction::SessionEnd,
            session,
            None,
            &serde_json::json!({}),
        )
        .await
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
        let mut work = self.take()?;
        let boards = work.boards().await?;
        self.work = Some(work);
        Ok(boards)
    }

    async fn save_boards(&mut self, boards: &[StoredBoard]) -> Result<(), StorageError> {
        let mut work = self.take()?;
        work.save_boards(boards).await?;
        self.work = Some(work);
        Ok(())
    }

    async fn accept(
        &mut self,
        held: &HeldChange,
        version: i64,
        changes: &SourceChanges,
    ) -> Result<(), StorageError> {
        let mut work = self.take()?;
        work.accept(held, version, changes).await?;
        self.work = Some(work);
        Ok(())
    }

    async fn push(
        &mut self,
        source: &str,
        version: i64,
        changes: &SourceChanges,
    ) -> Result<(), StorageError> {
        let mut work = self.take()?;
        work.push(source, version, changes).await?;
        self.work = Some(work);
        Ok(())
    }

    async fn register(
        &mut self,
        id: &DisplayId,
        key: &PublicKey,
        board: &str,
    ) -> Result<(), StorageError> {
        let mut work = self.take()?;
        work.register(id, key, board).await?;
        self.work = Some(work);
        Ok(())
    }

    async fn enrol(
        &mut self,
        token_hash: DocumentHash,
        id: &DisplayId,
        key: &PublicKey,
    ) -> Result<Enrolled, StorageError> {
        let mut work = self.take()?;
        let enrolled = work.enrol(token_hash, id, key).await?;
        self.work = Some(work);
        Ok(enrolled)
    }

    async fn add_enrolment(&mut self, new: &NewEnrolment) -> Result<(), StorageError> {
        let mut work = self.take()?;
        work.add_enrolment(new).await?;
        self.work = Some(work);
        Ok(())
    }

    async fn revoke_enrolment(&mut self, id: &str) -> Result<(), StorageError> {
        let mut work = self.take()?;
        work.revoke_enrolment(id).await?;
        self.work = Some(work);
        Ok(())
    }

    async fn move_display(&mut self, id: &DisplayId, board: &str) -> Result<(), StorageError> {
        let mut work = self.take()?;
        work.move_display(id, board).await?;
        self.work = Some(work);
        Ok(())
    }

    async fn take_form(&mut self, form: &str) -> Result<bool, StorageError> {
        let mut work = self.take()?;
        let done = work.take_form(form).await?;
        self.work = Some(work);
        Ok(done)
    }

    async fn set_grants(
        &mut self,
        account: &str,
        before: &[Grant],
        grants: &[Grant],
    ) -> Result<bool, StorageError> {
        let mut work = self.take()?;
        let done = work.set_grants(account, before, grants).await?;
        self.work = Some(work);
        Ok(done)
    }

    async fn set_disabled(
        &mut self,
        account: &str,
        is_disabled: bool,
    ) -> Result<bool, StorageError> {
        let mut work = self.take()?;
        let done = work.set_disabled(account, is_disabled).await?;
        self.work = Some(work);
        Ok(done)
    }

    async fn invite(&mut self, invitation: &NewInvitation) -> Result<(), StorageError> {
        let mut work = self.take()?;
        work.invite(invitation).await?;
        self.work = Some(work);
        Ok(())
    }

    async fn end_invitation(&mut self, invitation: &str) -> Result<(), StorageError> {
        let mut work = self.take()?;
        work.end_invitation(invitation).await?;
        self.work = Some(work);
        Ok(())
    }

    async fn set_language(&mut self, language: &str) -> Result<(), StorageError> {
        let mut work = self.take()?;
        work.set_language(language).await?;
        self.work = Some(work);
        Ok(())
    }

    async fn end_session(&mut self, session: &str) -> Result<(), StorageError> {
        let mut work = self.take()?;
        work.end_session(session).await?;
        self.work = Some(work);
        Ok(())
    }

    async fn save(mut self: Box<Self>) -> Result<(), StorageError> {
        Ok(self.take()?.transaction.commit().await?)
    }

    async fn cancel(self: Box<Self>) -> Result<(), StorageError> {
        if let Some(work) = self.work {
            work.transaction.rollback().await?;
        }
        Ok(())
    }
}
