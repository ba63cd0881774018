//! Remembers the time across restarts, and raises an alarm while the system clock is not believed.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use super::CheckedClock;
use crate::storage::{AlarmSubject, ServiceStorage, StorageError};

/// The kind of the alarm that the system clock is not believed.
pub const CLOCK: &str = "clock";
const SUBJECT: &str = "central";
/// How often the time is stored.
const STORE_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Stores the time that is known for the next start, and raises the alarm `clock` or clears it.
pub struct ClockWatch {
    clock: Arc<CheckedClock>,
    storage: Arc<dyn ServiceStorage>,
    stored: Mutex<Stored>,
}

/// What storage holds, as far as known.
#[derive(Default)]
struct Stored {
    seen: Option<DateTime<Utc>>,
    /// Whether the alarm is open.
    alarm: Option<bool>,
}

impl ClockWatch {
    pub fn new(clock: Arc<CheckedClock>, storage: Arc<dyn ServiceStorage>) -> Self {
        Self {
            clock,
            storage,
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
        if stored.alarm != Some(offset.is_some()) {
            let subject = AlarmSubject::Service(SUBJECT);
            if let Some(offset) = offset {
                let alarm = offset.to_string();
                let raised = self.storage.raise_alarm(CLOCK, subject, &alarm, now);
                if raised.await? {
                    tracing::error!("{alarm}");
                }
            } else {
                self.storage.clear_alarm(CLOCK, subject, now).await?;
            }
            stored.alarm = Some(offset.is_some());
        }
        let is_due = |seen| now.signed_duration_since(seen).abs() >= STORE_EVERY;
        if stored.seen.is_none_or(is_due) {
            self.storage.set_clock_seen(now).await?;
            stored.seen = Some(now);
        }
        Ok(())
    }
}
