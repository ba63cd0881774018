//! Central's time, from its signed answers.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::time::Instant;
use vyveska_board::Clock;

/// Adds the monotonic clock to central's last answer. Until the first one there is only the display's own clock.
pub(crate) struct CentralTime {
    clock: Arc<dyn Clock>,
    /// By how much that clock is wrong.
    ahead_by: TimeDelta,
    last: watch::Sender<Option<(DateTime<Utc>, Instant)>>,
}

impl CentralTime {
    pub(crate) fn new(clock: Arc<dyn Clock>, ahead_by: TimeDelta) -> Self {
        Self {
            clock,
            ahead_by,
            last: watch::Sender::new(None),
        }
    }

    pub(crate) fn set(&self, instant: DateTime<Utc>) {
        self.last.send_replace(Some((instant, Instant::now())));
    }

    /// The time that dates tokens.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let (from, elapsed) = match *self.last.borrow() {
            Some((instant, at)) => (instant, TimeDelta::from_std(at.elapsed()).ok()),
            None => (self.clock.now().earliest, Some(self.ahead_by)),
        };
        elapsed
            .and_then(|elapsed| from.checked_add_signed(elapsed))
            .unwrap_or(from)
    }

    pub(crate) async fn known(&self) {
        // Fails only when the sender is dropped, and that is part of `self`.
        let _ = self.last.subscribe().wait_for(Option::is_some).await;
    }
}
