//! What is known about now.
//!
//! A terminal may start in 1970 or be off by minutes, so the time is never one number:
//! a clock gives the bounds of now, and how far they can be trusted.

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
    /// Not compared since it started, or its sources contradict each other: only the lower bound counts.
    Unknown,
}

/// The bounds within which now lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockBounds {
    /// Now is not before this.
    pub earliest: DateTime<Utc>,
    /// Now is not after this.
    pub latest: DateTime<Utc>,
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

    /// The day in Europe/Prague that is shown to people: the one of *earliest*.
    pub fn today(&self) -> NaiveDate {
        self.earliest.with_timezone(&PRAGUE).date_naive()
    }
}

/// A source of the time. The real one is created in a composition root.
pub trait Clock: Send + Sync {
    fn now(&self) -> ClockBounds;

    /// The proven lower bound of now, to be recorded for the next start; `None` while nothing is proven.
    fn proven(&self) -> Option<DateTime<Utc>> {
        Some(self.now().earliest)
    }
}

/// A clock that changes only when a test moves it.
#[derive(Debug, Clone)]
pub struct FakeClock(Arc<Mutex<ClockBounds>>);

impl FakeClock {
    /// A clock that shows exactly `now`.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(ClockBounds::exact(now))))
    }

    /// Moves both bounds forward.
    pub fn advance(&self, by: TimeDelta) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        now.earliest += by;
        now.latest += by;
    }

    pub fn set(&self, bounds: ClockBounds) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = bounds;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> ClockBounds {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
