//! Invitations: links that make an account, the first one too.

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::token::{self, new_token};
use crate::entropy::Entropy;
use crate::storage::{Grant, Invitation, NewInvitation, Role, SignInRepository, StorageError};

/// How long an invitation can be accepted.
pub const VALID: TimeDelta = TimeDelta::days(7);

/// How long the service's own invitation of an administrator can be accepted.
pub const ADMINISTRATOR_VALID: TimeDelta = TimeDelta::hours(24);

/// The id of the service's own invitation of an administrator: there is one at a time.
pub(crate) const ADMINISTRATOR: &str = "administrator";

/// The path of the page that accepts an invitation, before its token.
pub const PATH: &str = "admin/invitation/";

/// An invitation, and the token of its link.
pub fn new_invitation(invitation: Invitation, entropy: &dyn Entropy) -> (NewInvitation, String) {
    let token = new_token(entropy);
    let token_hash = token::hash(&token).expect("a new token is one");
    let new = NewInvitation {
        invitation,
        token_hash,
    };
    (new, token)
}

/// The address of an invitation.
pub fn link(base: &Url, token: &str) -> String {
    format!("{}/{PATH}{token}", base.as_str().trim_end_matches('/'))
}

/// How the first administrator comes to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstAdministrator {
    /// There is one.
    Known,
    /// By the link that was printed before, and is stored nowhere.
    LinkBefore,
    Link(String),
}

/// Invites an administrator by a link that is stored nowhere; an earlier one ends, except that it stays, and nothing is
/// returned, where `is_first` and it can still be accepted.
///
/// # Errors
///
/// When storage fails.
pub async fn administrator_link(
    storage: &dyn SignInRepository,
    entropy: &dyn Entropy,
    base: &Url,
    is_first: bool,
    now: DateTime<Utc>,
) -> Result<Option<String>, StorageError> {
    let grant = Grant::new(Role::Administrator, None);
    let invitation = Invitation {
        id: ADMINISTRATOR.to_owned(),
        email: String::new(),
        grant: grant.expect("the union has administrators"),
        language: "cs".to_owned(),
        account: None,
        ends_at: now + ADMINISTRATOR_VALID,
    };
    let (new, token) = new_invitation(invitation, entropy);
    let is_made = storage.invite_administrator(&new, is_first, now).await?;
    Ok(is_made.then(|| link(base, &token)))
}
