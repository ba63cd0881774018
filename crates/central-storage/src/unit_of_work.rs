//! Changes that somebody answers for, and the audit log.
//!
//! What a job does by itself (polls, publications, preparation) has its record in revisions, holds and publications.
//! What a person or a file decides, and which display is let in, is in the audit log as well: the unit of work writes
//! the entry with the change, so that no caller can forget it.

use async_trait::async_trait;
use vyveska_board::DocumentHash;
use vyveska_wire::keys::{DisplayId, PublicKey};

use crate::{
    AccountChanges, Enrolled, HeldChange, NewEnrolment, SourceChanges, StorageError, StoredBoard,
};

/// Who changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// By name.
    Person(String),
    /// By its id.
    Account(String),
    Display(DisplayId),
    /// Somebody who has not signed in, by the network that they come from.
    Visitor(String),
    /// A job of the service, or a file that it reads, by its name.
    Job(&'static str),
}

impl Actor {
    /// Its type and its name, as they stand in the audit log: a person may have the name of a job.
    pub(crate) fn entry(&self) -> (&'static str, &str) {
        match self {
            Self::Person(name) => ("person", name),
            Self::Account(id) => ("account", id),
            Self::Display(id) => ("display", id.as_str()),
            Self::Visitor(network) => ("visitor", network),
            Self::Job(name) => ("job", name),
        }
    }
}

/// Changes that are written with their audit entries, all at once by [`Self::save`] or not at all.
///
/// What is outside of the scope is [`StorageError::NotFound`]. An error takes everything back at once; whatever is called
/// afterwards is [`StorageError::Incomplete`].
#[async_trait]
pub trait UnitOfWork: AccountChanges {
    /// Every board, as [`BoardRepository::boards`] tells them; until the unit ends, nobody else changes one.
    ///
    /// [`BoardRepository::boards`]: crate::BoardRepository::boards
    async fn boards(&mut self) -> Result<Vec<StoredBoard>, StorageError>;
    /// Adds or replaces boards with their towns and sources. Nothing is removed; a source that another board had is that
    /// of the new one. What left service is closed as [`BoardRepository::close_disabled`] does; what comes back has the
    /// documents of its live notices wanted again.
    ///
    /// [`BoardRepository::close_disabled`]: crate::BoardRepository::close_disabled
    async fn save_boards(&mut self, boards: &[StoredBoard]) -> Result<(), StorageError>;
    /// Applies a held change as decided on `version` of the state of its source, and has the board published; [`StorageError::Conflict`] when it is no
    /// longer that, [`StorageError::NotFound`] when this feed is no longer held.
    async fn accept(
        &mut self,
        held: &HeldChange,
        version: i64,
        changes: &SourceChanges,
    ) -> Result<(), StorageError>;
    /// Applies what one notice that was handed over changes, as decided on `version` of the state of its source, and has
    /// the board published; [`StorageError::Conflict`] when it is no longer that.
    async fn push(
        &mut self,
        source: &str,
        version: i64,
        changes: &SourceChanges,
    ) -> Result<(), StorageError>;
    /// Registers a display; a registered one stays as it is.
    async fn register(
        &mut self,
        id: &DisplayId,
        key: &PublicKey,
        board: &str,
    ) -> Result<(), StorageError>;
    /// Registers a display by a token; what is refused changes nothing. [`StorageError::Conflict`] where another token
    /// registers it at the same time.
    async fn enrol(
        &mut self,
        token_hash: DocumentHash,
        id: &DisplayId,
        key: &PublicKey,
    ) -> Result<Enrolled, StorageError>;
    /// Adds a token that has displays registered.
    async fn add_enrolment(&mut self, new: &NewEnrolment) -> Result<(), StorageError>;
    /// Revokes a token; [`StorageError::NotFound`] where it is revoked already.
    async fn revoke_enrolment(&mut self, id: &str) -> Result<(), StorageError>;
    /// Has a registered display show another board.
    async fn move_display(&mut self, id: &DisplayId, board: &str) -> Result<(), StorageError>;
    /// Takes a form's one-time id; `false` where it was taken before, and the form was sent twice.
    async fn take_form(&mut self, form: &str) -> Result<bool, StorageError>;
    async fn save(self: Box<Self>) -> Result<(), StorageError>;
    /// Takes everything back; so does dropping it. Where an error has done so, there is nothing to do.
    async fn cancel(self: Box<Self>) -> Result<(), StorageError>;
}
