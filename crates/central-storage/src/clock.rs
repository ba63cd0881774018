//! The time last seen.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::StorageError;

/// Remembers the time across restarts.
#[async_trait]
pub trait ClockRepository: Send + Sync {
    /// The time last seen; `None` before the first.
    async fn clock_seen(&self) -> Result<Option<DateTime<Utc>>, StorageError>;
    /// Replaces it, for the next start.
    async fn set_clock_seen(&self, now: DateTime<Utc>) -> Result<(), StorageError>;
}
