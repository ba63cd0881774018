//! Displays and their assignments.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use vyveska_wire::keys::DisplayId;

use crate::StorageError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredDisplay {
    pub id: DisplayId,
    pub board: String,
    pub registered_at: DateTime<Utc>,
}

/// A signed assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAssignment {
    pub number: u64,
    /// The envelope's exact bytes.
    pub bytes: Vec<u8>,
}

/// Stores displays and their assignments; [`UnitOfWork::register`] adds displays.
///
/// [`UnitOfWork::register`]: crate::UnitOfWork::register
#[async_trait]
pub trait DisplayRepository: Send + Sync {
    async fn display(&self, id: &DisplayId) -> Result<Option<RegisteredDisplay>, StorageError>;
    /// Those of these displays that are registered.
    async fn displays(&self, ids: &[&DisplayId]) -> Result<Vec<RegisteredDisplay>, StorageError>;
    /// What is the display's own, as it was last signed.
    async fn assignment(&self, id: &DisplayId) -> Result<Option<StoredAssignment>, StorageError>;
    /// Replaces it; [`StorageError::Conflict`] when the stored number is not smaller.
    async fn set_assignment(
        &self,
        id: &DisplayId,
        assignment: &StoredAssignment,
    ) -> Result<(), StorageError>;
}
