//! The age at which data count as old: without contact to central for longer than the board's settings allow.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::State;

/// Central's last reply.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heard {
    pub(super) at: DateTime<Utc>,
    pub(super) monotonic: Duration,
}

impl State {
    /// The signed time of central's last reply.
    pub fn heard(&self) -> Option<DateTime<Utc>> {
        self.heard.map(|heard| heard.at)
    }

    /// The time as of which the board is known to be complete: central's last reply, or else its signature.
    pub fn data_as_of(&self) -> Option<DateTime<Utc>> {
        self.heard()
            .or_else(|| Some(self.board.as_ref()?.created))
            .filter(|_| self.has_notices())
    }

    /// Whether the data are older than the settings allow without a remark on the screen.
    pub fn is_stale(&self) -> bool {
        let Some(board) = self.board.as_ref().filter(|board| board.has_notices()) else {
            return false;
        };
        let minutes = u64::from(board.settings.stale_after_minutes.get());
        let limit = Duration::from_secs(60 * minutes);
        // By the monotonic clock: the calendar may be wrong, and may have moved since.
        self.heard
            .is_none_or(|heard| self.monotonic.saturating_sub(heard.monotonic) > limit)
    }
}
