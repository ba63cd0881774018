//! The system's clock, random source and descriptors.
//!
//! Instants are whole microseconds, since PostgreSQL keeps no more.

use std::sync::Arc;
use std::time::Duration;

use chrono::SubsecRound as _;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
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

/// The name of this computer; `central` where the system tells none.
pub(super) fn host_name() -> String {
    let told = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = told.trim();
    if name.is_empty() { "central" } else { name }.to_owned()
}

/// Lets the process open as many files as the system allows it, and gives how many those are; `None` for any number.
///
/// Most systems start a program with 1,024 and allow it many more.
pub fn raise_descriptors() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    }
}
