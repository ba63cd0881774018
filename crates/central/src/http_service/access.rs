//! Whose rows a request sees and changes: those of the board that its address names, of the display that sends it, or of
//! the towns of whoever has signed in.
//!
//! The database of the whole service is behind this alone: extractors ask for a storage here, and handlers have the one
//! that their extractor gives them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use vyveska_board::{ClockBounds, DocumentHash};
use vyveska_wire::token::VerifiedDisplay;

use crate::account::role::Permission;
use crate::account::session::{self, IDLE};
use crate::config::BoardConfig;
use crate::error::causes;
use crate::storage::{
    Enrolment, RegisteredDisplay, Scope, ServiceStorage, SignInRepository, SignedIn, Storage,
    StorageError,
};

/// Hands out storages within the scope of who asks.
pub struct Access {
    service: Arc<dyn ServiceStorage>,
    /// Whether the last use of a session could not be stored.
    loses_uses: AtomicBool,
}

/// A display that is registered, and what it may see and change.
pub struct KnownDisplay {
    pub display: RegisteredDisplay,
    pub storage: Arc<dyn Storage>,
}

/// Whoever has signed in, and what they may see and change.
pub struct KnownAccount {
    pub account: SignedIn,
    pub storage: Arc<dyn Storage>,
}

impl Access {
    pub fn new(service: Arc<dyn ServiceStorage>) -> Self {
        Self {
            service,
            loses_uses: AtomicBool::new(false),
        }
    }

    /// For whoever asks for a board by its address.
    pub fn of_board(&self, board: &BoardConfig) -> Arc<dyn Storage> {
        self.service.within(Scope::of_board(&board.id))
    }

    /// For a display that has proven itself; `None` where it is not registered.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn of_display(
        &self,
        verified: &VerifiedDisplay,
    ) -> Result<Option<KnownDisplay>, StorageError> {
        let display = self.service.display(&verified.id).await?;
        Ok(display.map(|display| KnownDisplay {
            storage: self.service.within(Scope::of_display(&display)),
            display,
        }))
    }

    /// For a display that has an enrolment token, good or not: the token with the storage of its board; `None` where
    /// there is no such token.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn of_enrolment(
        &self,
        token: DocumentHash,
    ) -> Result<Option<(Enrolment, Arc<dyn Storage>)>, StorageError> {
        let enrolment = self.service.enrolment(token).await?;
        Ok(enrolment.map(|enrolment| {
            let storage = self.service.within(Scope::of_board(&enrolment.board));
            (enrolment, storage)
        }))
    }

    /// For whoever has a session, in the towns where their roles give a permission; `None` where it has ended.
    ///
    /// It is given although its use cannot be stored, as on a full disk: then it ends an hour after the last one that
    /// could.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn of_account(
        &self,
        session: DocumentHash,
        permission: Permission,
        now: &ClockBounds,
    ) -> Result<Option<KnownAccount>, StorageError> {
        let now = session::time(now);
        let Some(account) = self.service.session(session, now, IDLE).await? else {
            return Ok(None);
        };
        let counted = self.service.count_use(&account, now).await;
        let lost_before = self.loses_uses.swap(counted.is_err(), Ordering::Relaxed);
        if let Err(error) = counted
            && !lost_before
        {
            tracing::error!(error = causes(&error), "sessions cannot be prolonged");
        }
        let scope = Scope::of_account(&account, |role| permission.is_given_by(role));
        Ok(Some(KnownAccount {
            storage: self.service.within(scope),
            account,
        }))
    }

    /// For whoever is still to sign in: nothing of any town.
    pub fn of_visitor(&self) -> Arc<dyn SignInRepository> {
        self.service.clone()
    }
}
