//! The system's clock and random source.
//!
//! Instants are whole microseconds, since PostgreSQL keeps no more.

use std::sync::Arc;
use std::time::Duration;

use chrono::SubsecRound as _;
use vyveska_board::{Clock, ClockBounds};

use crate::clock::CheckedClock;
use crate::entropy::Entropy;

/// The system clock, believed without a check.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the composition root is where the real clock lives"
    )]
    fn now(&self) -> ClockBounds {
        ClockBounds::exact(chrono::Utc::now().trunc_subsecs(6))
    }
}

/// The system clock, checked against the monotonic one and by publishers.
pub fn checked_system_clock() -> CheckedClock {
    let started = std::time::Instant::now();
    let elapsed = move || {
        let elapsed = started.elapsed();
        Duration::new(elapsed.as_secs(), elapsed.subsec_micros() * 1000)
    };
    CheckedClock::new(Arc::new(SystemClock), Box::new(elapsed))
}

#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the system gives random bytes");
    }
}
