//! People who sign in: their accounts, roles and sessions, and how they come to them.
//!
//! Of every secret that opens something (session, invitation) only the hash is stored.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::DocumentHash;

use crate::StorageError;

/// What somebody may do, for the union or for a town.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Accounts and everything else, for all towns.
    Administrator,
    /// Notices of all towns.
    Coordinator,
    /// Notices of a town.
    Editor,
    /// Alerts of a town: its mayor, or who commands in a crisis.
    Mayor,
    /// Displays.
    Technician,
    /// The audit log.
    Reader,
}

impl Role {
    pub const ALL: [Self; 6] = [
        Self::Administrator,
        Self::Coordinator,
        Self::Editor,
        Self::Mayor,
        Self::Technician,
        Self::Reader,
    ];

    /// As it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Coordinator => "coordinator",
            Self::Editor => "editor",
            Self::Mayor => "mayor",
            Self::Technician => "technician",
            Self::Reader => "reader",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    pub const fn may_be_of_union(self) -> bool {
        !matches!(self, Self::Editor | Self::Mayor)
    }

    pub const fn may_be_of_town(self) -> bool {
        !matches!(self, Self::Administrator | Self::Coordinator)
    }
}

/// A role, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    role: Role,
    town: Option<String>,
}

impl Grant {
    /// A role in a town, or for the union where there is none; `None` where there is no such role there.
    pub fn new(role: Role, town: Option<String>) -> Option<Self> {
        let is_possible = match town {
            Some(_) => role.may_be_of_town(),
            None => role.may_be_of_union(),
        };
        is_possible.then_some(Self { role, town })
    }

    pub const fn role(&self) -> Role {
        self.role
    }

    /// `None` is the union: every town.
    pub fn town(&self) -> Option<&str> {
        self.town.as_deref()
    }
}

/// Whoever has signed in, by a session that lasts.
///
/// It comes from the database alone, so that nobody else can make one for a [`Scope`](crate::Scope):
///
/// ```compile_fail,E0616
/// fn of_another_town(account: &mut vyveska_central_storage::SignedIn) {
///     account.grants.clear();
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    pub(crate) session: String,
    pub(crate) account: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) language: String,
    pub(crate) grants: Vec<Grant>,
    pub(crate) used_at: DateTime<Utc>,
}

impl SignedIn {
    /// The id of the session, which is not its token.
    pub fn session(&self) -> &str {
        &self.session
    }

    pub fn account(&self) -> &str {
        &self.account
    }

    pub fn email(&self) -> &str {
        &self.email
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// `cs`, `de` or `en`.
    pub fn language(&self) -> &str {
        &self.language
    }

    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }
}

/// An account as an administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    pub email: String,
    pub name: String,
    pub grants: Vec<Grant>,
    /// Whether signing in takes a code as well.
    pub has_totp: bool,
    pub disabled_at: Option<DateTime<Utc>>,
    /// When a session of it was last used.
    pub used_at: Option<DateTime<Utc>>,
}

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: String,
    pub created_at: DateTime<Utc>,
    /// To the minute.
    pub used_at: DateTime<Utc>,
    pub user_agent: String,
}

/// A link that makes an account, or sets the password of one anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: String,
    /// Empty where whoever has the link says it.
    pub email: String,
    pub grant: Grant,
    /// `cs`, `de` or `en`.
    pub language: String,
    /// The account whose password and code it sets anew.
    pub account: Option<String>,
    pub ends_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInvitation {
    pub invitation: Invitation,
    /// Of the token in the link.
    pub token_hash: DocumentHash,
}

/// What whoever was invited says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedInvitation {
    /// For an account that is made.
    pub account: String,
    /// In lower case; counts where the invitation has none.
    pub email: String,
    pub name: String,
    pub password_hash: String,
}

/// What signing in has to know of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    pub account: String,
    pub email: String,
    pub language: String,
    pub password_hash: String,
    /// In base 32.
    pub totp_secret: Option<String>,
    pub grants: Vec<Grant>,
}

/// A sign-in whose password was right and whose code is still to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingSignIn {
    pub account: String,
    pub email: String,
    pub language: String,
    /// In base 32.
    pub totp_secret: Option<String>,
    /// The secret that is offered where there is none, in base 32.
    pub totp_offer: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    pub id: String,
    pub token_hash: DocumentHash,
    pub ends_at: DateTime<Utc>,
    pub user_agent: String,
    /// Of the token by which the browser is known from now on.
    pub device: DocumentHash,
    pub device_ends_at: DateTime<Utc>,
}

/// Whose failures an attempt is counted with, and for how long so many of them lock out.
#[derive(Debug, Clone)]
pub struct LockOut {
    /// For instance the network of a client.
    pub subject: String,
    pub delay: fn(failures: u32) -> TimeDelta,
}

/// What became of an attempt to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// It was not counted: until then somebody is locked out.
    LockedOut(DateTime<Utc>),
    /// It counts as failed with each subject, in their order.
    Counted(Vec<CountedFailure>),
}

/// A failure of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountedFailure {
    /// How many there are with this one.
    pub failures: u32,
    /// Until when it locks out, where it does.
    pub locked_until: Option<DateTime<Utc>>,
}

/// A failed attempt to sign in, for the audit log.
#[derive(Debug, Clone, Copy)]
pub struct FailedSignIn<'a> {
    /// `None` where nobody has the address, which is not kept: it may be a password.
    pub account: Option<&'a str>,
    pub network: &'a str,
    /// What was wrong: `password` or `code`.
    pub wrong: &'static str,
    /// Until when it locks out, where it does.
    pub locked_until: Option<DateTime<Utc>>,
}

/// What an entry of the audit log says that was done; entries of older versions may say something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditAction {
    BoardSave,
    HoldAccept,
    NoticePush,
    DisplayRegister,
    DisplayMove,
    EnrolmentCreate,
    EnrolmentRevoke,
    AccountCreate,
    AccountSetPassword,
    AccountSetCode,
    AccountSetRoles,
    AccountDisable,
    AccountEnable,
    AccountSetLanguage,
    AccountSetName,
    SignInFail,
    SignInLockOut,
    SessionBegin,
    SessionEnd,
    InvitationCreate,
    InvitationEnd,
}

impl AuditAction {
    pub const ALL: [Self; 21] = [
        Self::BoardSave,
        Self::HoldAccept,
        Self::NoticePush,
        Self::DisplayRegister,
        Self::DisplayMove,
        Self::EnrolmentCreate,
        Self::EnrolmentRevoke,
        Self::AccountCreate,
        Self::AccountSetPassword,
        Self::AccountSetCode,
        Self::AccountSetRoles,
        Self::AccountDisable,
        Self::AccountEnable,
        Self::AccountSetLanguage,
        Self::AccountSetName,
        Self::SignInFail,
        Self::SignInLockOut,
        Self::SessionBegin,
        Self::SessionEnd,
        Self::InvitationCreate,
        Self::InvitationEnd,
    ];

    /// As it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BoardSave => "board.save",
            Self::HoldAccept => "hold.accept",
            Self::NoticePush => "notice.push",
            Self::DisplayRegister => "display.register",
            Self::DisplayMove => "display.move",
            Self::EnrolmentCreate => "enrolment.create",
            Self::EnrolmentRevoke => "enrolment.revoke",
            Self::AccountCreate => "account.create",
            Self::AccountSetPassword => "account.set_password",
            Self::AccountSetCode => "account.set_code",
            Self::AccountSetRoles => "account.set_roles",
            Self::AccountDisable => "account.disable",
            Self::AccountEnable => "account.enable",
            Self::AccountSetLanguage => "account.set_language",
            Self::AccountSetName => "account.set_name",
            Self::SignInFail => "sign_in.fail",
            Self::SignInLockOut => "sign_in.lock_out",
            Self::SessionBegin => "session.begin",
            Self::SessionEnd => "session.end",
            Self::InvitationCreate => "invitation.create",
            Self::InvitationEnd => "invitation.end",
        }
    }
}

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Numbers grow with the time of writing.
    pub number: i64,
    pub at: DateTime<Utc>,
    /// `person`, `account`, `display`, `visitor` or `job`; `None` in the oldest entries.
    pub actor_type: Option<String>,
    /// An account by its name.
    pub who: String,
    /// The address of an account.
    pub who_email: Option<String>,
    pub action: String,
    /// An account by its name.
    pub subject: String,
    /// The address of an account.
    pub subject_email: Option<String>,
    /// In JSON.
    pub detail: String,
    /// `None` for what concerns the union or the service.
    pub town: Option<String>,
}

/// Which entries of the audit log are asked for: all where nothing is said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    pub town: Option<String>,
    pub action: Option<String>,
    pub from: Option<DateTime<Utc>>,
    /// Not included.
    pub until: Option<DateTime<Utc>>,
    /// Those before this number.
    pub before: Option<i64>,
}

/// What an administrator or an auditor reads.
#[async_trait]
pub trait AccountRepository: Send + Sync {
    /// Accounts with a role within the scope, by their names' bytes.
    async fn accounts(&self) -> Result<Vec<Account>, StorageError>;
    /// The invitations that can still be accepted, the oldest first; none where the scope has a limit.
    async fn invitations(&self, now: DateTime<Utc>) -> Result<Vec<Invitation>, StorageError>;
    /// One's own sessions, the last used first.
    async fn sessions(
        &self,
        account: &SignedIn,
        now: DateTime<Utc>,
        idle: TimeDelta,
    ) -> Result<Vec<Session>, StorageError>;
    /// Entries of the audit log, the newest first; what concerns no town is read where the scope has no limit.
    async fn audit(&self, filter: &AuditFilter, most: u32)
    -> Result<Vec<AuditEntry>, StorageError>;
}

/// What happens before somebody is known.
#[async_trait]
pub trait SignInRepository: Send + Sync {
    /// Counts an attempt as failed with each of these until [`Self::forgive`]; nothing is counted while one of them locks out.
    ///
    /// It is counted before the password is looked at, so that of many attempts at once no more are let through than of
    /// as many in a row.
    async fn count_attempt(
        &self,
        lock_outs: &[LockOut],
        now: DateTime<Utc>,
    ) -> Result<Attempt, StorageError>;
    /// Takes back the attempt that was counted last: all failures of `whose` subjects, and one of `network`.
    async fn forgive(&self, whose: &[&str], network: Option<&str>) -> Result<(), StorageError>;
    /// Writes a failed attempt to the audit log: of an account for the union and each of its towns, and of addresses that
    /// nobody has a thousand a day at most.
    async fn tell_failure(
        &self,
        failed: FailedSignIn<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// Whether a browser has signed in before: to the account of this address, or to any.
    async fn knows_device(
        &self,
        token_hash: DocumentHash,
        email: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
    /// Of an account that may sign in.
    async fn credentials(&self, email: &str) -> Result<Option<Credentials>, StorageError>;
    /// Keeps a sign-in until its code comes; an earlier one of the account ends. `false` where the account may not sign in
    /// any more, or its password was set anew.
    async fn begin_pending(
        &self,
        token_hash: DocumentHash,
        known: &Credentials,
        totp_offer: &str,
        ends_at: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
    async fn pending(
        &self,
        token_hash: DocumentHash,
        now: DateTime<Utc>,
    ) -> Result<Option<PendingSignIn>, StorageError>;
    /// Takes the code of a time step for a pending sign-in, which begins a session and ends; with the secret that was
    /// offered where the account has none. `false` where that step or a later one was taken before, there is no such
    /// sign-in, or the code was checked with another secret than that.
    async fn complete(
        &self,
        pending: DocumentHash,
        checked: (&str, u64),
        session: &NewSession,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
    /// Begins a session of an account that needs no code; `false` where it may not sign in any more, or its password, code
    /// or roles are no longer these.
    async fn begin_session(
        &self,
        known: &Credentials,
        session: &NewSession,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
    /// Whose session it is; `None` where it has ended, was not used for `idle`, or the account is disabled. One that was
    /// used after now has ended as well, unless by less than `idle`: the clock was wrong then.
    async fn session(
        &self,
        token_hash: DocumentHash,
        now: DateTime<Utc>,
        idle: TimeDelta,
    ) -> Result<Option<SignedIn>, StorageError>;
    /// Counts a session as used now.
    async fn count_use(&self, account: &SignedIn, now: DateTime<Utc>) -> Result<(), StorageError>;
    /// Ends a session by its token.
    async fn end_session(
        &self,
        token_hash: DocumentHash,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// An invitation that can be accepted; not one of a disabled account.
    async fn invitation(
        &self,
        token_hash: DocumentHash,
        now: DateTime<Utc>,
    ) -> Result<Option<Invitation>, StorageError>;
    /// Uses an invitation up: makes an account, or sets the password of one anew, takes its code away, ends its sessions and
    /// forgets its browsers. `false` where it cannot be accepted any more, or its account is disabled;
    /// [`StorageError::Conflict`] where another account has the e-mail address.
    async fn accept_invitation(
        &self,
        token_hash: DocumentHash,
        accepted: &AcceptedInvitation,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
    /// Whether anybody may sign in as an administrator.
    async fn has_administrator(&self) -> Result<bool, StorageError>;
    /// Keeps the service's own invitation of an administrator, in place of an earlier one of the same id; `false` where
    /// `is_first` and that can still be accepted, so that several nodes print one link.
    async fn invite_administrator(
        &self,
        invitation: &NewInvitation,
        is_first: bool,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
    /// Forgets what has ended: sessions, sign-ins and known browsers, and a day later invitations, failures and forms;
    /// returns how many rows.
    async fn forget_sign_ins(
        &self,
        now: DateTime<Utc>,
        idle: TimeDelta,
    ) -> Result<u64, StorageError>;
}
