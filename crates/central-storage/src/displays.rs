//! Displays and their manifests.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use vyveska_wire::keys::{DisplayId, PublicKey};

use crate::StorageError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredDisplay {
    pub id: DisplayId,
    pub board: String,
}

/// A signed manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredManifest {
    pub number: u64,
    /// The publication it announces.
    pub publication: i64,
    /// The envelope's exact bytes.
    pub bytes: Vec<u8>,
}

/// Stores displays and their manifests.
#[async_trait]
pub trait DisplayRepository: Send + Sync {
    async fn display(&self, id: &DisplayId) -> Result<Option<RegisteredDisplay>, StorageError>;
    /// Registers a display; a registered one stays as it is.
    async fn register(
        &self,
        id: &DisplayId,
        key: &PublicKey,
        board: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    async fn displays_of(&self, board: &str) -> Result<Vec<RegisteredDisplay>, StorageError>;
    async fn manifest(&self, id: &DisplayId) -> Result<Option<StoredManifest>, StorageError>;
    /// Adds a manifest; [`StorageError::Conflict`] when its number is taken.
    async fn add_manifest(
        &self,
        id: &DisplayId,
        manifest: &StoredManifest,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
}
