//! What is changed of accounts, within a [`UnitOfWork`](crate::UnitOfWork).

use async_trait::async_trait;

use crate::{Grant, NewInvitation, StorageError};

/// The changes of a [`UnitOfWork`](crate::UnitOfWork) that concern accounts.
#[async_trait]
pub trait AccountChanges: Send {
    /// Adds an invitation; of one that sets a password anew, earlier ones end. Only where the scope has no limit, and an
    /// account that acts still administers.
    async fn invite(&mut self, invitation: &NewInvitation) -> Result<(), StorageError>;
    /// Takes an invitation back that nobody has accepted. Only where the scope has no limit.
    async fn end_invitation(&mut self, invitation: &str) -> Result<(), StorageError>;
    /// Replaces the roles of an account and ends its sessions, and its open invitations where it administers no more;
    /// [`StorageError::Conflict`] where it has others than those `before`, in their order; `false`, and nothing is changed, where nobody would be left
    /// to administer. Only where the scope has no limit.
    async fn set_grants(
        &mut self,
        account: &str,
        before: &[Grant],
        grants: &[Grant],
    ) -> Result<bool, StorageError>;
    /// Lets an account sign in, or not any more, which ends its sessions and open invitations; `false` as with [`Self::set_grants`].
    async fn set_disabled(
        &mut self,
        account: &str,
        is_disabled: bool,
    ) -> Result<bool, StorageError>;
    /// Sets the name of the account that acts.
    async fn set_name(&mut self, name: &str) -> Result<(), StorageError>;
    /// Sets the password of the account that acts, and ends its sessions but this one; `false`, and nothing is changed,
    /// where its hash is no longer that `before`.
    async fn set_password(
        &mut self,
        before: &str,
        password_hash: &str,
        session: &str,
    ) -> Result<bool, StorageError>;
    /// Sets the language of the account that acts.
    async fn set_language(&mut self, language: &str) -> Result<(), StorageError>;
    /// Ends a session of the account that acts.
    async fn end_session(&mut self, session: &str) -> Result<(), StorageError>;
}
