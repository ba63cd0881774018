//! Central's time, from its signed answers.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::time::Instant;
use vyveska_board::Clock;

/// Adds the monotonic clock to the last signed answer.
///
/// The device's own clock may be in 1970 or change while we run: it is used only until the first answer.
pub struct CentralTime {
    clock: Arc<dyn Clock>,
    last: watch::Sender<Option<(DateTime<Utc>, Instant)>>,
}

impl CentralTime {
    /// Not known yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            last: watch::Sender::new(None),
        }
    }

    /// Takes the instant of a signed answer that arrived just now.
    pub fn set(&self, instant: DateTime<Utc>) {
        self.last.send_replace(Some((instant, Instant::now())));
    }

    /// The time that dates requests. Never ahead of central's once that is known: the answer's latency only makes it late.
    pub fn now(&self) -> DateTime<Utc> {
        match *self.last.borrow() {
            Some((instant, at)) => TimeDelta::from_std(at.elapsed())
                .ok()
                .and_then(|elapsed| instant.checked_add_signed(elapsed))
                .unwrap_or(instant),
            None => self.clock.now().earliest,
        }
    }

    /// Waits until central's time is known.
    pub async fn known(&self) {
        // Fails only when the sender is dropped, and that is part of `self`.
        let _ = self.last.subscribe().wait_for(Option::is_some).await;
    }
}
