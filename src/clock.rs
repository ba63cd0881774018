//! The device's clock.
//!
//! `evidence` has the rules, pure; [`SystemClockVerifier`] says who vouches for the system clock;
//! [`DeviceClock`] reads the real clocks for them.

mod evidence;
mod system_clock;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::{Clock, ClockBounds};

pub use evidence::{Doubt, Proof, Reckoning, SystemReading, TimeEvidence};
pub use system_clock::SystemClockVerifier;

use evidence::saturating;
use system_clock::SystemClock;

use crate::state::Now;

/// Reads the real clocks.
#[derive(Debug)]
pub struct DeviceClock {
    started: Instant,
    system: SystemClock,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    evidence: TimeEvidence,
    /// The doubt that was last logged.
    doubt: Option<Doubt>,
    moved: Moved,
}

/// How far a scripted walk has moved time from the real one.
#[derive(Debug, Clone, Copy, Default)]
struct Moved {
    calendar: TimeDelta,
    monotonic: Duration,
    /// What only time-outs notice.
    skipped: Duration,
    /// The reading at which time-outs were stopped.
    stopped: Option<Duration>,
    /// How wrong the system clock is.
    system: TimeDelta,
}

impl DeviceClock {
    pub fn start(verifier: SystemClockVerifier) -> Self {
        Self {
            started: Instant::now(),
            system: SystemClock::start(verifier),
            inner: Mutex::default(),
        }
    }

    /// Takes an instant that was recorded before this start, and how long ago that was at least.
    pub fn recall(&self, earliest: DateTime<Utc>, latest: Option<DateTime<Utc>>, ago: Duration) {
        let mut inner = self.lock();
        let at = self.monotonic(&inner);
        let record = Proof {
            latest,
            ..Proof::not_before(earliest, at)
        };
        inner.evidence.recall(record.after(ago));
    }

    /// Takes central's signed time, which has just arrived, at most `delay` after it was signed.
    pub fn central_said(&self, instant: DateTime<Utc>, delay: Duration) {
        let mut inner = self.lock();
        let at = self.monotonic(&inner);
        let instant = saturating(instant, inner.moved.calendar);
        inner.evidence.central_said(instant, delay, at);
    }

    /// Moves only the time-outs on, so that a scripted walk need not wait for them.
    pub fn skip(&self, by: Duration) {
        let moved = &mut self.lock().moved;
        moved.skipped = moved.skipped.saturating_add(by);
    }

    /// Stops the time of time-outs: from now on only [`Self::skip`] and [`Self::advance`] move it.
    ///
    /// Without that, a busy machine would let a scripted session time out while it waits for a worker.
    pub fn stop_time_outs(&self) {
        let reading = self.started.elapsed();
        self.lock().moved.stopped = Some(reading);
    }

    /// Moves the calendar and the monotonic clock on, as if this much time had passed everywhere.
    pub fn advance(&self, by: Duration) {
        let moved = &mut self.lock().moved;
        moved.monotonic = moved.monotonic.saturating_add(by);
        moved.skipped = moved.skipped.saturating_add(by);
        let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
        moved.calendar = moved.calendar.checked_add(&by).unwrap_or(TimeDelta::MAX);
    }

    /// Moves the calendar everywhere, so that its earliest bound is this instant now.
    pub fn set(&self, instant: DateTime<Utc>) {
        let by = instant.signed_duration_since(self.now().earliest);
        let inner = &mut *self.lock();
        inner.evidence.shift(by);
        let calendar = &mut inner.moved.calendar;
        *calendar = calendar.checked_add(&by).unwrap_or(TimeDelta::MAX);
    }

    /// Sets only the system clock, as a wrong battery-backed clock would.
    pub fn set_system(&self, instant: DateTime<Utc>) {
        let shown = self.system.read();
        let moved = &mut self.lock().moved;
        if let Some(shown) = shown {
            let shown = saturating(shown.instant, moved.calendar);
            moved.system = instant.signed_duration_since(shown);
        }
    }

    /// What this clock shows at an instant of the outside world.
    pub fn shows_at(&self, instant: DateTime<Utc>) -> DateTime<Utc> {
        saturating(instant, self.lock().moved.calendar)
    }

    /// The time an event comes with.
    pub fn stamp(&self) -> Now {
        let clock = self.now();
        let Moved {
            skipped, stopped, ..
        } = self.lock().moved;
        let reading = stopped.unwrap_or_else(|| self.started.elapsed());
        Now {
            clock,
            monotonic: reading.saturating_add(skipped),
        }
    }

    fn reckon(&self) -> Reckoning {
        let reading = self.system.read();
        let mut inner = self.lock();
        let monotonic = self.monotonic(&inner);
        let moved = inner.moved;
        let reading = reading.map(|reading| SystemReading {
            instant: saturating(saturating(reading.instant, moved.calendar), moved.system),
            ..reading
        });
        let reckoning = inner.evidence.reckon(reading, monotonic);
        if inner.doubt != reckoning.doubt {
            inner.doubt = reckoning.doubt;
            match reckoning.doubt {
                Some(doubt) => {
                    tracing::warn!(?doubt, "the time is doubtful; nothing is removed early")
                }
                None => tracing::info!("the time is no longer doubtful"),
            }
        }
        reckoning
    }

    fn monotonic(&self, inner: &Inner) -> Duration {
        self.started.elapsed().saturating_add(inner.moved.monotonic)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for DeviceClock {
    fn now(&self) -> ClockBounds {
        self.reckon().bounds
    }

    fn proven(&self) -> Option<DateTime<Utc>> {
        let reckoning = self.reckon();
        reckoning.proven.then_some(reckoning.bounds.earliest)
    }
}
