//! Accounts, their sessions and invitations, and the audit log.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::Row;
use vyveska_board::DocumentHash;

use super::{DbRow, DbStorage, Transaction, lock_accounts};
use crate::stored::signed;
use crate::{
    AcceptedInvitation, Account, AccountRepository, Actor, Attempt, AuditAction, AuditEntry,
    AuditFilter, CountedFailure, Credentials, FailedSignIn, Grant, Invitation, LockOut,
    NewInvitation, NewSession, PendingSignIn, Role, Session, SignInRepository, SignedIn,
    StorageError,
};

/// A session counts as used again after this time, so that not every page is a write.
const USED_AGAIN: TimeDelta = TimeDelta::minutes(1);

/// Failures are forgotten after this time.
const FAILURES_KEPT: TimeDelta = TimeDelta::days(1);

/// The most failures with addresses that nobody has that are told in a day, so that nobody fills the disk with them.
const UNKNOWN_TOLD: i64 = 1_000;

/// Somebody who may sign in as an administrator, other than `$1`.
pub(super) const ANOTHER_ADMINISTRATOR: &str = "SELECT 1 FROM account \
    JOIN account_role ON account_id = account.id \
    WHERE role = 'administrator' AND disabled_at IS NULL AND account.id <> $1";

/// Writes an audit entry; the detail is JSON.
pub(super) async fn write_audit(
    transaction: &mut Transaction,
    actor: &Actor,
    now: DateTime<Utc>,
    (action, subject, town): (AuditAction, &str, Option<&str>),
    detail: &serde_json::Value,
) -> Result<(), StorageError> {
    let (actor_type, who) = actor.entry();
    sqlx::query(
        "INSERT INTO audit (at, actor_type, who, action, subject, detail, town_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(now)
    .bind(actor_type)
    .bind(who)
    .bind(action.name())
    .bind(subject)
    .bind(detail.to_string())
    .bind(town)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn grant(row: &DbRow) -> Result<Grant, StorageError> {
    let (name, town): (String, Option<String>) = (row.try_get("role")?, row.try_get("town_id")?);
    let role = Role::named(&name);
    let grant = role.and_then(|role| Grant::new(role, town));
    grant.ok_or_else(|| StorageError::Unreadable {
        what: "account_role.role",
        reason: format!("{name:?} is no role there"),
    })
}

pub(super) async fn granted(
    transaction: &mut Transaction,
    account: &str,
) -> Result<Vec<Grant>, StorageError> {
    let rows = sqlx::query("SELECT role, town_id FROM account_role WHERE account_id = $1")
        .bind(account)
        .fetch_all(&mut **transaction)
        .await?;
    let mut grants = rows.iter().map(grant).collect::<Result<Vec<_>, _>>()?;
    grants.sort();
    Ok(grants)
}

pub(super) async fn insert_grant(
    transaction: &mut Transaction,
    account: &str,
    grant: &Grant,
) -> Result<(), StorageError> {
    sqlx::query("INSERT INTO account_role (account_id, role, town_id) VALUES ($1, $2, $3)")
        .bind(account)
        .bind(grant.role().name())
        .bind(grant.town())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Ends all sessions and sign-ins of an account.
pub(super) async fn end_sessions(
    transaction: &mut Transaction,
    account: &str,
) -> Result<(), StorageError> {
    for end in [
        "DELETE FROM session WHERE account_id = $1",
        "DELETE FROM pending_sign_in WHERE account_id = $1",
    ] {
        sqlx::query(end)
            .bind(account)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// Ends the open invitations that an account made, and those that set its own password anew; returns their ids.
pub(super) async fn end_invitations(
    transaction: &mut Transaction,
    account: &str,
) -> Result<Vec<String>, StorageError> {
    let ended = sqlx::query_scalar(
        "DELETE FROM invitation WHERE used_at IS NULL \
         AND (created_by = $1 OR account_id = $1) RETURNING id",
    )
    .bind(account)
    .fetch_all(&mut **transaction)
    .await?;
    Ok(ended)
}

/// Holds the row of an account that may sign in until the transaction ends, and returns its password's hash and its secret:
/// whatever changes those or its roles came before, or waits.
///
/// Whatever else of the account is changed comes after this, so that no two wait for each other.
async fn hold_account(
    transaction: &mut Transaction,
    account: &str,
) -> Result<Option<(String, Option<String>)>, StorageError> {
    let held = sqlx::query_as(
        "UPDATE account SET totp_step = totp_step WHERE id = $1 AND disabled_at IS NULL \
         RETURNING password_hash, totp_secret",
    )
    .bind(account)
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(held)
}

pub(super) async fn insert_invitation(
    transaction: &mut Transaction,
    new: &NewInvitation,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let invitation = &new.invitation;
    let created_by = match actor {
        Actor::Account(account) => Some(account),
        Actor::Person(_) | Actor::Display(_) | Actor::Visitor(_) | Actor::Job(_) => None,
    };
    sqlx::query(
        "INSERT INTO invitation \
         (id, token_hash, email, role, town_id, language, account_id, created_by, created_at, ends_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(&invitation.id)
    .bind(new.token_hash.to_string())
    .bind(&invitation.email)
    .bind(invitation.grant.role().name())
    .bind(invitation.grant.town())
    .bind(&invitation.language)
    .bind(&invitation.account)
    .bind(created_by)
    .bind(now)
    .bind(invitation.ends_at)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn invitation(row: &DbRow) -> Result<Invitation, StorageError> {
    Ok(Invitation {
        id: row.try_get("id")?,
        email: row.try_get("email")?,
        grant: grant(row)?,
        language: row.try_get("language")?,
        account: row.try_get("account_id")?,
        ends_at: row.try_get("ends_at")?,
    })
}

async fn insert_session(
    transaction: &mut Transaction,
    account: &str,
    session: &NewSession,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO session (id, token_hash, account_id, created_at, used_at, ends_at, user_agent) \
         VALUES ($1, $2, $3, $4, $4, $5, $6)",
    )
    .bind(&session.id)
    .bind(session.token_hash.to_string())
    .bind(account)
    .bind(now)
    .bind(session.ends_at)
    .bind(&session.user_agent)
    .execute(&mut **transaction)
    .await?;
    sqlx::query(
        "INSERT INTO known_device (token_hash, account_id, ends_at) VALUES ($1, $2, $3) \
         ON CONFLICT (token_hash, account_id) DO UPDATE SET ends_at = excluded.ends_at",
    )
    .bind(session.device.to_string())
    .bind(account)
    .bind(session.device_ends_at)
    .execute(&mut **transaction)
    .await?;
    let actor = Actor::Account(account.to_owned());
    let what = (AuditAction::SessionBegin, session.id.as_str(), None);
    write_audit(transaction, &actor, now, what, &serde_json::json!({})).await
}

#[async_trait]
impl AccountRepository for DbStorage {
    async fn accounts(&self) -> Result<Vec<Account>, StorageError> {
        let mut transaction = self.reading().await?;
        let rows = sqlx::query(concat!(
            "SELECT account_id, role, town_id FROM account_role WHERE $1 IS NULL OR account_id IN \
             (SELECT account_id FROM account_role AS one WHERE ",
            town_within!("one.town_id", "$1"),
            ")",
        ))
        .bind(self.scope.parameter())
        .fetch_all(&mut *transaction)
        .await?;
        let mut grants: HashMap<String, Vec<Grant>> = HashMap::new();
        for row in &rows {
            let its = grants.entry(row.try_get("account_id")?).or_default();
            its.push(grant(row)?);
        }
        let rows = sqlx::query(
            "SELECT id, email, name, totp_secret IS NOT NULL AS has_totp, disabled_at, \
             (SELECT max(used_at) FROM session WHERE account_id = account.id) AS used_at \
             FROM account ORDER BY name, id",
        )
        .fetch_all(&mut *transaction)
        .await?;
        let mut accounts = Vec::new();
        for row in &rows {
            let id: String = row.try_get("id")?;
            let its = grants.remove(&id);
            if its.is_none() && self.scope.is_limited() {
                continue;
            }
            let mut grants = its.unwrap_or_default();
            grants.sort();
            accounts.push(Account {
                id,
                email: row.try_get("email")?,
                name: row.try_get("name")?,
                grants,
                has_totp: row.try_get("has_totp")?,
                disabled_at: row.try_get("disabled_at")?,
                used_at: row.try_get("used_at")?,
            });
        }
        Ok(accounts)
    }

    async fn invitations(&self, now: DateTime<Utc>) -> Result<Vec<Invitation>, StorageError> {
        let rows = sqlx::query(
            "SELECT id, email, role, town_id, language, account_id, ends_at FROM invitation \
             WHERE used_at IS NULL AND ends_at > $1 AND CAST($2 AS TEXT) IS NULL \
             ORDER BY created_at, id",
        )
        .bind(now)
        .bind(self.scope.parameter())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(invitation).collect()
    }

    async fn sessions(
        &self,
        account: &SignedIn,
        now: DateTime<Utc>,
        idle: TimeDelta,
    ) -> Result<Vec<Session>, StorageError> {
        let rows = sqlx::query(
            "SELECT id, created_at, used_at, user_agent FROM session \
             WHERE account_id = $1 AND ends_at > $2 AND used_at > $3 ORDER BY used_at DESC, id",
        )
        .bind(&account.account)
        .bind(now)
        .bind(now - idle)
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Session {
                    id: row.try_get("id")?,
                    created_at: row.try_get("created_at")?,
                    used_at: row.try_get("used_at")?,
                    user_agent: row.try_get("user_agent")?,
                })
            })
            .collect()
    }

    async fn audit(
        &self,
        filter: &AuditFilter,
        most: u32,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        let rows = sqlx::query(concat!(
            "SELECT audit.id, at, actor_type, COALESCE(account.name, who) AS who, \
             account.email AS who_email, action, COALESCE(about.name, subject) AS subject, \
             about.email AS subject_email, detail, audit.town_id FROM audit \
             LEFT JOIN account ON actor_type = 'account' AND account.id = who \
             LEFT JOIN account AS about ON about.id = subject WHERE ",
            town_within!("audit.town_id", "$1"),
            " AND ($2 IS NULL OR audit.town_id = $2) AND ($3 IS NULL OR action = $3) \
             AND at >= $4 AND at < $5 AND audit.id < $6 ORDER BY audit.id DESC LIMIT $7",
        ))
        .bind(self.scope.parameter())
        .bind(&filter.town)
        .bind(&filter.action)
        .bind(filter.from.unwrap_or(DateTime::UNIX_EPOCH))
        .bind(
            filter
                .until
                .unwrap_or(DateTime::UNIX_EPOCH + TimeDelta::days(365 * 1000)),
        )
        .bind(filter.before.unwrap_or(i64::MAX))
        .bind(i64::from(most))
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(AuditEntry {
                    number: row.try_get("id")?,
                    at: row.try_get("at")?,
                    actor_type: row.try_get("actor_type")?,
                    who: row.try_get("who")?,
                    who_email: row.try_get("who_email")?,
                    action: row.try_get("action")?,
                    subject: row.try_get("subject")?,
                    subject_email: row.try_get("subject_email")?,
                    detail: row.try_get("detail")?,
                    town: row.try_get("town_id")?,
                })
            })
            .collect()
    }
}

#[async_trait]
impl SignInRepository for DbStorage {
    async fn count_attempt(
        &self,
        lock_outs: &[LockOut],
        now: DateTime<Utc>,
    ) -> Result<Attempt, StorageError> {
        let mut transaction = self.writing().await?;
        let mut locked = None;
        let mut counted = vec![None; lock_outs.len()];
        // Always in the same order, so that two attempts do not wait for each other.
        let mut ordered: Vec<_> = lock_outs.iter().zip(&mut counted).collect();
        ordered.sort_by(|(one, _), (other, _)| one.subject.cmp(&other.subject));
        for (LockOut { subject, delay }, counted) in ordered {
            let row = sqlx::query(
                "INSERT INTO sign_in_failure (subject, failures, last_at, previous_at, locked_until) \
                 VALUES ($1, 0, $2, $2, $2) ON CONFLICT (subject) DO UPDATE SET \
                 failures = CASE WHEN sign_in_failure.last_at < $3 THEN 0 \
                 ELSE sign_in_failure.failures END RETURNING failures, locked_until",
            )
            .bind(subject)
            .bind(now)
            .bind(now - FAILURES_KEPT)
            .fetch_one(&mut *transaction)
            .await?;
            let until: DateTime<Utc> = row.try_get("locked_until")?;
            // What would last longer than any was counted by a wrong clock.
            let is_possible = until - now <= delay(u32::MAX);
            if until > now && is_possible {
                locked = locked.max(Some(until));
                continue;
            }
            let before: i64 = row.try_get("failures")?;
            let failures = if is_possible { before + 1 } else { 1 };
            let number = u32::try_from(failures).unwrap_or(u32::MAX);
            let locked_until = now + delay(number);
            *counted = Some(CountedFailure {
                failures: number,
                locked_until: Some(locked_until).filter(|until| *until > now),
            });
            sqlx::query(
                "UPDATE sign_in_failure SET failures = $1, previous_at = last_at, last_at = $2, \
                 locked_until = $3 WHERE subject = $4",
            )
            .bind(failures)
            .bind(now)
            .bind(locked_until)
            .bind(subject)
            .execute(&mut *transaction)
            .await?;
        }
        if let Some(until) = locked {
            transaction.rollback().await?;
            return Ok(Attempt::LockedOut(until));
        }
        transaction.commit().await?;
        Ok(Attempt::Counted(counted.into_iter().flatten().collect()))
    }

    async fn tell_failure(
        &self,
        failed: FailedSignIn<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let mut transaction = self.writing().await?;
        let action = match failed.locked_until {
            Some(_) => AuditAction::SignInLockOut,
            None => AuditAction::SignInFail,
        };
        let mut towns = vec![None];
        if let Some(account) = failed.account {
            let grants = granted(&mut transaction, account).await?;
            let of_towns: BTreeSet<Option<String>> = grants
                .iter()
                .filter_map(Grant::town)
                .map(|town| Some(town.to_owned()))
                .collect();
            towns.extend(of_towns);
        } else {
            let is_enough = sqlx::query(
                "SELECT 1 FROM audit WHERE action = $1 AND at > $2 AND subject = '' \
                 LIMIT 1 OFFSET $3",
            )
            .bind(action.name())
            .bind(now - TimeDelta::days(1))
            .bind(UNKNOWN_TOLD - 1)
            .fetch_optional(&mut *transaction)
            .await?;
            if is_enough.is_some() {
                return Ok(());
            }
        }
        let detail = serde_json::json!({
            "wrong": failed.wrong,
            "locked_until": failed.locked_until,
        });
        let actor = Actor::Visitor(failed.network.to_owned());
        let subject = failed.account.unwrap_or_default();
        for town in &towns {
            let what = (action, subject, town.as_deref());
            write_audit(&mut transaction, &actor, now, what, &detail).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn knows_device(
        &self,
        token_hash: DocumentHash,
        email: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let known = sqlx::query(
            "SELECT 1 FROM known_device JOIN account ON account.id = account_id \
             WHERE token_hash = $1 AND ends_at > $2 AND disabled_at IS NULL \
             AND (CAST($3 AS TEXT) IS NULL OR email = $3) LIMIT 1",
        )
        .bind(token_hash.to_string())
        .bind(now)
        .bind(email)
        .fetch_optional(&self.pool)
        .await?;
        Ok(known.is_some())
    }

    async fn forgive(&self, whose: &[&str], network: Option<&str>) -> Result<(), StorageError> {
        let mut transaction = self.writing().await?;
        // In the order in which they are counted.
        let forgive_all = "DELETE FROM sign_in_failure WHERE subject = $1";
        let forgive_one = "UPDATE sign_in_failure SET failures = failures - 1, \
                           last_at = previous_at, locked_until = previous_at \
                           WHERE subject = $1 AND failures > 0";
        let all = whose.iter().map(|subject| (*subject, forgive_all));
        let one = network.map(|network| (network, forgive_one));
        let mut forgiven: Vec<_> = all.chain(one).collect();
        forgiven.sort_unstable();
        for (subject, forgive) in forgiven {
            sqlx::query(forgive)
                .bind(subject)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn credentials(&self, email: &str) -> Result<Option<Credentials>, StorageError> {
        let mut transaction = self.reading().await?;
        let row = sqlx::query(
            "SELECT id, email, language, password_hash, totp_secret FROM account \
             WHERE email = $1 AND disabled_at IS NULL",
        )
        .bind(email)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let account: String = row.try_get("id")?;
        Ok(Some(Credentials {
            email: row.try_get("email")?,
            language: row.try_get("language")?,
            password_hash: row.try_get("password_hash")?,
            totp_secret: row.try_get("totp_secret")?,
            grants: granted(&mut transaction, &account).await?,
            account,
        }))
    }

    async fn begin_pending(
        &self,
        token_hash: DocumentHash,
        known: &Credentials,
        totp_offer: &str,
        ends_at: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.writing().await?;
        let held = hold_account(&mut transaction, &known.account).await?;
        if held.is_none_or(|(password_hash, _)| password_hash != known.password_hash) {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO pending_sign_in (token_hash, account_id, totp_offer, ends_at) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (account_id) DO UPDATE SET \
             token_hash = excluded.token_hash, totp_offer = excluded.totp_offer, \
             ends_at = excluded.ends_at",
        )
        .bind(token_hash.to_string())
        .bind(&known.account)
        .bind(totp_offer)
        .bind(ends_at)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn pending(
        &self,
        token_hash: DocumentHash,
        now: DateTime<Utc>,
    ) -> Result<Option<PendingSignIn>, StorageError> {
        let row = sqlx::query(
            "SELECT account.id, email, language, totp_secret, totp_offer FROM pending_sign_in \
             JOIN account ON account.id = account_id \
             WHERE token_hash = $1 AND ends_at > $2 AND disabled_at IS NULL",
        )
        .bind(token_hash.to_string())
        .bind(now)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(PendingSignIn {
            account: row.try_get("id")?,
            email: row.try_get("email")?,
            language: row.try_get("language")?,
            totp_secret: row.try_get("totp_secret")?,
            totp_offer: row.try_get("totp_offer")?,
        }))
    }

    async fn complete(
        &self,
        pending: DocumentHash,
        (secret, step): (&str, u64),
        session: &NewSession,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.writing().await?;
        let account: Option<String> =
            sqlx::query_scalar("SELECT account_id FROM pending_sign_in WHERE token_hash = $1")
                .bind(pending.to_string())
                .fetch_optional(&mut *transaction)
                .await?;
        let Some(account) = account else {
            return Ok(false);
        };
        let Some((_, stored)) = hold_account(&mut transaction, &account).await? else {
            return Ok(false);
        };
        let offer: Option<String> = sqlx::query_scalar(
            "DELETE FROM pending_sign_in WHERE token_hash = $1 AND ends_at > $2 \
             RETURNING totp_offer",
        )
        .bind(pending.to_string())
        .bind(now)
        .fetch_optional(&mut *transaction)
        .await?;
        let had_none = stored.is_none();
        if offer.map(|offer| stored.unwrap_or(offer)).as_deref() != Some(secret) {
            return Ok(false);
        }
        let taken = sqlx::query(
            "UPDATE account SET totp_step = $1, totp_secret = $2 \
             WHERE id = $3 AND (totp_secret IS NULL OR totp_step IS NULL OR totp_step < $1)",
        )
        .bind(signed(step))
        .bind(secret)
        .bind(&account)
        .execute(&mut *transaction)
        .await?;
        if taken.rows_affected() == 0 {
            // The sign-in goes on with the next code.
            transaction.rollback().await?;
            return Ok(false);
        }
        if had_none {
            let actor = Actor::Account(account.clone());
            let what = (AuditAction::AccountSetCode, account.as_str(), None);
            write_audit(&mut transaction, &actor, now, what, &serde_json::json!({})).await?;
        }
        insert_session(&mut transaction, &account, session, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn begin_session(
        &self,
        known: &Credentials,
        session: &NewSession,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.writing().await?;
        let account = &known.account;
        let held = hold_account(&mut transaction, account).await?;
        let as_known = (known.password_hash.clone(), known.totp_secret.clone());
        if held != Some(as_known) || granted(&mut transaction, account).await? != known.grants {
            return Ok(false);
        }
        insert_session(&mut transaction, account, session, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn session(
        &self,
        token_hash: DocumentHash,
        now: DateTime<Utc>,
        idle: TimeDelta,
    ) -> Result<Option<SignedIn>, StorageError> {
        let mut transaction = self.reading().await?;
        let row = sqlx::query(
            "SELECT session.id AS session, account.id AS account, email, name, language, used_at \
             FROM session JOIN account ON account.id = account_id WHERE token_hash = $1 \
             AND ends_at > $2 AND used_at > $3 AND used_at < $4 AND disabled_at IS NULL",
        )
        .bind(token_hash.to_string())
        .bind(now)
        .bind(now - idle)
        .bind(now + idle)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let account: String = row.try_get("account")?;
        let signed_in = SignedIn {
            session: row.try_get("session")?,
            email: row.try_get("email")?,
            name: row.try_get("name")?,
            language: row.try_get("language")?,
            grants: granted(&mut transaction, &account).await?,
            used_at: row.try_get("used_at")?,
            account,
        };
        transaction.commit().await?;
        Ok(Some(signed_in))
    }

    async fn count_use(&self, account: &SignedIn, now: DateTime<Utc>) -> Result<(), StorageError> {
        if account.used_at + USED_AGAIN <= now {
            sqlx::query("UPDATE session SET used_at = $1 WHERE id = $2 AND used_at < $1")
                .bind(now)
                .bind(&account.session)
                .execute(&self.writers)
                .await?;
        }
        Ok(())
    }

    async fn end_session(
        &self,
        token_hash: DocumentHash,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let mut transaction = self.writing().await?;
        let ended: Option<(String, String)> =
            sqlx::query_as("DELETE FROM session WHERE token_hash = $1 RETURNING id, account_id")
                .bind(token_hash.to_string())
                .fetch_optional(&mut *transaction)
                .await?;
        if let Some((session, account)) = ended {
            let what = (AuditAction::SessionEnd, session.as_str(), None);
            let actor = Actor::Account(account);
            write_audit(&mut transaction, &actor, now, what, &serde_json::json!({})).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn invitation(
        &self,
        token_hash: DocumentHash,
        now: DateTime<Utc>,
    ) -> Result<Option<Invitation>, StorageError> {
        let row = sqlx::query(
            "SELECT id, email, role, town_id, language, account_id, ends_at FROM invitation \
             WHERE token_hash = $1 AND used_at IS NULL AND ends_at > $2 AND NOT EXISTS \
             (SELECT 1 FROM account WHERE account.id = account_id AND disabled_at IS NOT NULL)",
        )
        .bind(token_hash.to_string())
        .bind(now)
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(invitation).transpose()
    }

    async fn accept_invitation(
        &self,
        token_hash: DocumentHash,
        accepted: &AcceptedInvitation,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.writing().await?;
        // Before the invitation, as whoever ends those of an account does.
        lock_accounts(&mut transaction).await?;
        let row = sqlx::query(
            "UPDATE invitation SET used_at = $1 \
             WHERE token_hash = $2 AND used_at IS NULL AND ends_at > $1 \
             RETURNING id, email, role, town_id, language, account_id, ends_at",
        )
        .bind(now)
        .bind(token_hash.to_string())
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else { return Ok(false) };
        let invitation = invitation(&row)?;
        let grant = &invitation.grant;
        let (account, action) = if let Some(account) = &invitation.account {
            let set = sqlx::query(
                "UPDATE account SET password_hash = $1, totp_secret = NULL, totp_step = NULL \
                 WHERE id = $2 AND disabled_at IS NULL",
            )
            .bind(&accepted.password_hash)
            .bind(account)
            .execute(&mut *transaction)
            .await?;
            if set.rows_affected() == 0 {
                return Ok(false);
            }
            end_sessions(&mut transaction, account).await?;
            sqlx::query("DELETE FROM known_device WHERE account_id = $1")
                .bind(account)
                .execute(&mut *transaction)
                .await?;
            (account, AuditAction::AccountSetPassword)
        } else {
            let email = Some(&invitation.email).filter(|email| !email.is_empty());
            let made = sqlx::query(
                "INSERT INTO account (id, email, name, language, password_hash, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (email) DO NOTHING",
            )
            .bind(&accepted.account)
            .bind(email.unwrap_or(&accepted.email))
            .bind(&accepted.name)
            .bind(&invitation.language)
            .bind(&accepted.password_hash)
            .bind(now)
            .execute(&mut *transaction)
            .await?;
            if made.rows_affected() == 0 {
                return Err(StorageError::Conflict);
            }
            insert_grant(&mut transaction, &accepted.account, grant).await?;
            (&accepted.account, AuditAction::AccountCreate)
        };
        let detail = serde_json::json!({
            "invitation": invitation.id,
            "role": grant.role().name(),
        });
        let actor = Actor::Account(account.clone());
        let what = (action, account.as_str(), grant.town());
        write_audit(&mut transaction, &actor, now, what, &detail).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn has_administrator(&self) -> Result<bool, StorageError> {
        let found = sqlx::query(ANOTHER_ADMINISTRATOR)
            .bind("")
            .fetch_optional(&self.pool)
            .await?;
        Ok(found.is_some())
    }

    async fn invite_administrator(
        &self,
        invitation: &NewInvitation,
        is_first: bool,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.writing().await?;
        lock_accounts(&mut transaction).await?;
        let id = &invitation.invitation.id;
        let replaced =
            sqlx::query("DELETE FROM invitation WHERE id = $1 RETURNING used_at IS NULL AND ends_at > $2 AS is_open")
                .bind(id)
                .bind(now)
                .fetch_optional(&mut *transaction)
                .await?;
        if is_first
            && let Some(row) = replaced
            && row.try_get("is_open")?
        {
            return Ok(false);
        }
        let actor = Actor::Job("administrator link");
        insert_invitation(&mut transaction, invitation, &actor, now).await?;
        let what = (AuditAction::InvitationCreate, id.as_str(), None);
        let detail = serde_json::json!({ "role": "administrator" });
        write_audit(&mut transaction, &actor, now, what, &detail).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn forget_sign_ins(
        &self,
        now: DateTime<Utc>,
        idle: TimeDelta,
    ) -> Result<u64, StorageError> {
        let mut forgotten = 0;
        for (forget, before) in [
            ("DELETE FROM session WHERE ends_at <= $1", now),
            ("DELETE FROM session WHERE used_at <= $1", now - idle),
            ("DELETE FROM pending_sign_in WHERE ends_at <= $1", now),
            ("DELETE FROM known_device WHERE ends_at <= $1", now),
            (
                "DELETE FROM invitation WHERE ends_at <= $1",
                now - FAILURES_KEPT,
            ),
            (
                "DELETE FROM sign_in_failure WHERE last_at < $1",
                now - FAILURES_KEPT,
            ),
            (
                "DELETE FROM used_form WHERE used_at < $1",
                now - FAILURES_KEPT,
            ),
        ] {
            let rows = sqlx::query(forget)
                .bind(before)
                .execute(&self.writers)
                .await?;
            forgotten += rows.rows_affected();
        }
        Ok(forgotten)
    }
}
