//! What displays tell about themselves: the latest of each.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use vyveska_wire::keys::DisplayId;

use crate::StorageError;

/// A status that has just come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStatus {
    pub display: DisplayId,
    /// The display's own, which grows.
    pub number: u64,
    pub heard_at: DateTime<Utc>,
    /// The worst that it says, in one word.
    pub state: String,
    /// As it came, in JSON.
    pub status: String,
}

/// A registered display of a board in service, and what it told last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayState {
    pub display: DisplayId,
    pub board: String,
    pub registered_at: DateTime<Utc>,
    /// `None` where it has never told anything.
    pub heard: Option<HeardStatus>,
}

/// What a display told last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeardStatus {
    /// By central's clock.
    pub heard_at: DateTime<Utc>,
    /// The worst that it says, in one word.
    pub state: String,
    /// Since when it has said so without a gap.
    pub state_since: DateTime<Utc>,
    /// As it came, in JSON.
    pub status: String,
}

/// A display of a board in service that has told something once, and nothing for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SilentDisplay {
    pub display: String,
    pub town: String,
    pub heard_at: DateTime<Utc>,
}

/// Reads how displays are.
#[async_trait]
pub trait StatusRepository: Send + Sync {
    /// Every display of the boards in service, by its id.
    async fn display_states(&self) -> Result<Vec<DisplayState>, StorageError>;
    /// One of them.
    async fn display_state(&self, display: &str) -> Result<Option<DisplayState>, StorageError>;
}

/// Keeps what displays tell, for the whole service.
#[async_trait]
pub trait StatusLog: Send + Sync {
    /// Replaces the statuses of these displays, in one transaction.
    ///
    /// One whose number is not larger than the stored one changes nothing, unless the stored one was heard in what is
    /// still to come, by a wrong clock. Of a display that is not registered any more nothing is kept. A state that was
    /// not heard between `gap` and now begins anew.
    async fn set_statuses(
        &self,
        statuses: &[NewStatus],
        gap: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// The displays that were heard last before an instant, by their ids.
    async fn silent_displays(
        &self,
        before: DateTime<Utc>,
    ) -> Result<Vec<SilentDisplay>, StorageError>;
}
