//! Towns, their boards, and the sources of these.
//!
//! What is queried is a column; the settings of boards and sources are JSON, whose types are the central service's.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use vyveska_wire::section::Texts;

use crate::StorageError;
use crate::stored::from_json;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Town {
    pub id: String,
    pub name: Texts,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBoard {
    pub id: String,
    pub town: Town,
    /// Whether it is published and shown.
    pub enabled: bool,
    /// In JSON.
    pub settings: String,
    /// In their order.
    pub sources: Vec<StoredSource>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSource {
    pub id: String,
    /// Whether it is polled and its notices are published.
    pub enabled: bool,
    /// In JSON.
    pub settings: String,
}

impl StoredBoard {
    /// Reads its settings.
    ///
    /// # Errors
    ///
    /// When they are not of this type.
    pub fn settings<T: DeserializeOwned>(&self) -> Result<T, StorageError> {
        from_json("board.settings", &self.settings)
    }
}

impl StoredSource {
    /// Reads its settings.
    ///
    /// # Errors
    ///
    /// When they are not of this type.
    pub fn settings<T: DeserializeOwned>(&self) -> Result<T, StorageError> {
        from_json("source.settings", &self.settings)
    }
}

/// Stores towns, boards and sources; [`UnitOfWork::save_boards`] changes them.
///
/// [`UnitOfWork::save_boards`]: crate::UnitOfWork::save_boards
#[async_trait]
pub trait BoardRepository: Send + Sync {
    /// Every board by its id, also those that are not enabled.
    async fn boards(&self) -> Result<Vec<StoredBoard>, StorageError>;
    /// Closes the holds and alarms of sources and boards that are not in service, and wants their documents no longer: no
    /// poll or publication does.
    async fn close_disabled(&self, now: DateTime<Utc>) -> Result<(), StorageError>;
}
