//! Remembers the time across restarts, and raises an alarm while the system clock is not believed.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use super::CheckedClock;
use crate::storage::{Storage, StorageError};

/// The kind of the alarm that the system clock is not believed.
pub const CLOCK: &str = "clock";
const SUBJECT: &str = "central";
/// How often the time is stored.
const STORE_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Watches a checked clock.
pub struct ClockWatch {
    clock: Arc<CheckedClock>,
    storage: Arc<dyn Storage>,
    stored: Mutex<Stored>,
}

/// What storage holds, as far as known.
#[derive(Default)]
struct Stored {
    seen: Option<DateTime<Utc>>,
    /// The open alarm; empty when there is none.
    alarm: Option<String>,
}

impl ClockWatch {
    pub fn new(clock: Arc<CheckedClock>, storage: Arc<dyn Storage>) -> Self {
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
        let doubt = self.clock.doubt();
        let alarm = doubt.map_or_else(String::new, |doubt| doubt.to_string());
        if stored.alarm.as_ref() != Some(&alarm) {
            if alarm.is_empty() {
                self.storage.clear_alarm(CLOCK, SUBJECT, now).await?;
            } else {
                let raised = self.storage.raise_alarm(CLOCK, SUBJECT, &alarm, now);
                if raised.await? {
                    tracing::error!("{alarm}");
                }
            }
            stored.alarm = Some(alarm);
        }
        let is_due = |seen| now.signed_duration_since(seen).abs() >= STORE_EVERY;
        if stored.seen.is_none_or(is_due) {
            self.storage.set_clock_seen(now).await?;
            stored.seen = Some(now);
        }
        Ok(())
    }
}
