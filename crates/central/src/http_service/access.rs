//! Whose rows a request sees and changes: those of the board that its address names, or of the display that sends it.
//!
//! The database of the whole service is behind this alone: extractors ask for a storage here, and handlers have the one
//! that their extractor gives them.

use std::sync::Arc;

use vyveska_wire::token::VerifiedDisplay;

use crate::config::BoardConfig;
use crate::storage::{RegisteredDisplay, Scope, ServiceStorage, Storage, StorageError};

/// Hands out storages within the scope of who asks.
pub struct Access(Arc<dyn ServiceStorage>);

/// A display that is registered, and what it may see and change.
pub struct KnownDisplay {
    pub display: RegisteredDisplay,
    pub storage: Arc<dyn Storage>,
}

impl Access {
    pub fn new(service: Arc<dyn ServiceStorage>) -> Self {
        Self(service)
    }

    /// For whoever asks for a board by its address, or is to become a display of it.
    pub fn of_board(&self, board: &BoardConfig) -> Arc<dyn Storage> {
        self.0.within(Scope::of_board(&board.id))
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
        let display = self.0.display(&verified.id).await?;
        Ok(display.map(|display| KnownDisplay {
            storage: self.0.within(Scope::of_display(&display)),
            display,
        }))
    }
}
