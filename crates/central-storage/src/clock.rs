//! The time last seen, and when each node was.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::StorageError;

/// Remembers the time across restarts, and nodes.
#[async_trait]
pub trait ClockRepository: Send + Sync {
    /// The time last seen; `None` before the first.
    async fn clock_seen(&self) -> Result<Option<DateTime<Utc>>, StorageError>;
    /// Replaces it, for the next start.
    async fn set_clock_seen(&self, now: DateTime<Utc>) -> Result<(), StorageError>;
    /// Notes that a node of the service runs at `now`, and closes the alarms of those that have not been heard of since
    /// `before`, by whichever of their clocks: they are gone, or have another name. A node whose clock is behind is none of
    /// them.
    async fn keep_node(
        &self,
        name: &str,
        now: DateTime<Utc>,
        before: DateTime<Utc>,
    ) -> Result<(), StorageError>;
}
