//! Central's time, as far as it was told.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::time::Instant;
use vyveska_board::Clock;

/// Goes on from the last signed answer by the monotonic clock.
///
/// The device's own clock may be lost in 1970 or set while we run: it only serves until the first answer.
pub struct CentralTime {
    clock: Arc<dyn Clock>,
    told: watch::Sender<Option<(DateTime<Utc>, Instant)>>,
}

impl CentralTime {
    /// Nothing told yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            told: watch::Sender::new(None),
        }
    }

    /// Central told its time just now.
    pub fn tell(&self, instant: DateTime<Utc>) {
        self.told.send_replace(Some((instant, Instant::now())));
    }

    /// The time to date requests by. Never ahead of central's once that is known: the answer's way here only makes it late.
    pub fn now(&self) -> DateTime<Utc> {
        match *self.told.borrow() {
            Some((instant, at)) => TimeDelta::from_std(at.elapsed())
                .ok()
                .and_then(|elapsed| instant.checked_add_signed(elapsed))
                .unwrap_or(instant),
            None => self.clock.now().earliest,
        }
    }

    /// Waits until central has told its time.
    pub async fn known(&self) {
        // Fails only when the sender is gone, and that is `self`.
        let _ = self.told.subscribe().wait_for(Option::is_some).await;
    }
}
