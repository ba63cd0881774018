//! Changes of accounts, their roles and invitations, with their audit entries.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::accounts::{
    ANOTHER_ADMINISTRATOR, end_invitations, end_sessions, granted, insert_grant, insert_invitation,
};
use super::lock_accounts;
use super::scope::found;
use super::unit_of_work::{DbUnitOfWork, Work};
use crate::{AccountChanges, Actor, AuditAction, Grant, NewInvitation, Role, StorageError};

impl Work {
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

    async fn invite(&mut self, new: &NewInvitation) -> Result<(), StorageError> {
        self.of_union()?;
        // Whoever is disabled meanwhile waits for this, or this for that.
        lock_accounts(&mut self.transaction).await?;
        if let Actor::Account(account) = &self.actor {
            let administers = sqlx::query(
                "SELECT 1 FROM account JOIN account_role ON account_id = account.id \
                 WHERE account.id = $1 AND role = 'administrator' AND disabled_at IS NULL",
            )
            .bind(account)
            .fetch_optional(&mut *self.transaction)
            .await?;
            administers.ok_or(StorageError::NotFound)?;
        }
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

    async fn set_name(&mut self, name: &str) -> Result<(), StorageError> {
        let account = self.account()?;
        let set = sqlx::query("UPDATE account SET name = $1 WHERE id = $2")
            .bind(name)
            .bind(&account)
            .execute(&mut *self.transaction)
            .await?;
        found(set.rows_affected())?;
        let detail = serde_json::json!({ "name": name });
        self.audit(AuditAction::AccountSetName, &account, None, &detail)
            .await
    }

    async fn set_password(
        &mut self,
        before: &str,
        password_hash: &str,
        session: &str,
    ) -> Result<bool, StorageError> {
        let account = self.account()?;
        let set = sqlx::query(
            "UPDATE account SET password_hash = $1 WHERE id = $2 AND password_hash = $3",
        )
        .bind(password_hash)
        .bind(&account)
        .bind(before)
        .execute(&mut *self.transaction)
        .await?;
        if set.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("DELETE FROM session WHERE account_id = $1 AND id <> $2")
            .bind(&account)
            .bind(session)
            .execute(&mut *self.transaction)
            .await?;
        sqlx::query("DELETE FROM pending_sign_in WHERE account_id = $1")
            .bind(&account)
            .execute(&mut *self.transaction)
            .await?;
        let detail = serde_json::json!({});
        self.audit(AuditAction::AccountSetPassword, &account, None, &detail)
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
}

#[async_trait]
impl AccountChanges for DbUnitOfWork {
    async fn invite(&mut self, invitation: &NewInvitation) -> Result<(), StorageError> {
        self.change(async |work| work.invite(invitation).await)
            .await
    }

    async fn end_invitation(&mut self, invitation: &str) -> Result<(), StorageError> {
        self.change(async |work| work.end_invitation(invitation).await)
            .await
    }

    async fn set_grants(
        &mut self,
        account: &str,
        before: &[Grant],
        grants: &[Grant],
    ) -> Result<bool, StorageError> {
        self.change(async |work| work.set_grants(account, before, grants).await)
            .await
    }

    async fn set_disabled(
        &mut self,
        account: &str,
        is_disabled: bool,
    ) -> Result<bool, StorageError> {
        self.change(async |work| work.set_disabled(account, is_disabled).await)
            .await
    }

    async fn set_name(&mut self, name: &str) -> Result<(), StorageError> {
        self.change(async |work| work.set_name(name).await).await
    }

    async fn set_password(
        &mut self,
        before: &str,
        password_hash: &str,
        session: &str,
    ) -> Result<bool, StorageError> {
        self.change(async |work| work.set_password(before, password_hash, session).await)
            .await
    }

    async fn set_language(&mut self, language: &str) -> Result<(), StorageError> {
        self.change(async |work| work.set_language(language).await)
            .await
    }

    async fn end_session(&mut self, session: &str) -> Result<(), StorageError> {
        self.change(async |work| work.end_session(session).await)
            .await
    }
}
