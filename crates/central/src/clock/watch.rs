//! Remembers the time across restarts, and raises an alarm while the system clock is not believed.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use super::CheckedClock;
use crate::alarm;
use crate::storage::{AlarmSubject, ServiceStorage, StorageError};

/// The kind of the alarm that the system clock is not believed.
pub const CLOCK: &str = "clock";
/// How often the time is stored.
const STORE_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Stores the time that is known for the next start, and raises the alarm `clock` or clears it.
pub struct ClockWatch {
    clock: Arc<CheckedClock>,
    storage: Arc<dyn ServiceStorage>,
    /// The name of this node, whose alarm it is.
    node: String,
    stored: Mutex<Stored>,
}

/// What storage holds, as far as known.
#[derive(Default)]
struct Stored {
    seen: Option<DateTime<Utc>>,
    /// Whether the alarm is open; it is stored as often as the time, whatever has become of it meanwhile.
    alarm: Option<bool>,
}

impl ClockWatch {
    pub fn new(clock: Arc<CheckedClock>, storage: Arc<dyn ServiceStorage>, node: String) -> Self {
        Self {
            clock,
            storage,
            node,
            stored: Mutex::default(),
        }
    }

    /// Stores what changed.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn tick(&self) -> Result<(), StorageError> {
        let mut stored = self.stored.lock().await;
        let Some(now) = self.clock.known() else {
            return Ok(());
        };
        let offset = self.clock.alarming_offset();
        let is_due = |seen| now.signed_duration_since(seen).abs() >= STORE_EVERY;
        let is_due = stored.seen.is_none_or(is_due);
        if is_due || stored.alarm != Some(offset.is_some()) {
            let message = offset.map(|offset| offset.to_string());
            let subject = AlarmSubject::Node(&self.node);
            alarm::note(&*self.storage, CLOCK, subject, message.as_deref(), now).await?;
            stored.alarm = Some(offset.is_some());
        }
        if is_due {
            self.storage.set_clock_seen(now).await?;
            stored.seen = Some(now);
        }
        Ok(())
    }
}
