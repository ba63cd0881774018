//! What is known about now.
//!
//! A terminal may wake up in 1970 or be off by minutes, so now is never one number:
//! a clock gives the bounds within which it lies, and why.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::moment::PRAGUE;

/// Why the clock's bounds are as wide as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockTrust {
    /// Recently compared with a time source.
    Synchronised,
    /// Compared some time ago; the bounds widen with the clock's drift.
    HoldingOver,
    /// Never compared since it started: only lower bounds are known.
    Unknown,
}

/// The bounds within which now lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockBounds {
    /// Now is not before this.
    pub earliest: DateTime<Utc>,
    /// Now is not after this.
    pub latest: DateTime<Utc>,
    /// Why.
    pub trust: ClockTrust,
}

impl ClockBounds {
    /// Now is exactly this.
    pub const fn exact(now: DateTime<Utc>) -> Self {
        Self {
            earliest: now,
            latest: now,
            trust: ClockTrust::Synchronised,
        }
    }

    /// The day in Europe/Prague that is shown to people: the one *earliest* lies in.
    pub fn today(&self) -> NaiveDate {
        self.earliest.with_timezone(&PRAGUE).date_naive()
    }
}

/// Gives the time. The real one lives in a composition root.
pub trait Clock: Send + Sync {
    /// The bounds of now.
    fn now(&self) -> ClockBounds;
}

/// A clock that stands until a test moves it.
#[derive(Debug, Clone)]
pub struct FakeClock(Arc<Mutex<ClockBounds>>);

impl FakeClock {
    /// A clock standing exactly at `now`.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(ClockBounds::exact(now))))
    }

    /// Moves the clock on, bounds and all.
    pub fn advance(&self, by: TimeDelta) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        now.earliest += by;
        now.latest += by;
    }

    /// Sets the bounds.
    pub fn set(&self, bounds: ClockBounds) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = bounds;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> ClockBounds {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
