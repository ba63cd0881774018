//! What the device knows about now.
//!
//! There are three sources, the most reliable first: central's signed answer, a system clock that a time service has
//! set, and a system clock that nothing has verified. None of them can be earlier than what this device has already
//! seen signed, so a clock lost in 1970 is raised to that floor.
//! [`reckon`] is the rule, pure; [`DeviceClock`] reads the real clocks for it.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::{Clock, ClockBounds, ClockTrust};

use crate::state::Now;

/// The drift of an undisciplined clock: 100 parts per million, twice that of cheap crystals.
const DRIFT_DIVISOR: i32 = 10_000;

/// For how long after central's answer the clock counts as synchronised.
const SYNCHRONISED_FOR: TimeDelta = TimeDelta::hours(24);

/// The age of central's answer when it arrives, at most.
const ANSWER_DELAY: TimeDelta = TimeDelta::seconds(5);

/// The file by which systemd-timesyncd says that it has set the system clock.
const TIME_SERVICE_SIGN: &str = "/run/systemd/timesync/synchronized";

/// The inputs of [`reckon`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Known {
    pub system: DateTime<Utc>,
    /// Whether a time service has set it since it started.
    pub disciplined: bool,
    /// The latest instant this device has seen signed.
    pub floor: DateTime<Utc>,
    /// Central's last signed time, and how long ago by the monotonic clock it came.
    pub told: Option<(DateTime<Utc>, Duration)>,
}

/// The bounds of now that follow.
pub fn reckon(known: &Known) -> ClockBounds {
    if let Some((instant, ago)) = known.told {
        let elapsed = TimeDelta::from_std(ago).unwrap_or(TimeDelta::MAX);
        let drift = elapsed / DRIFT_DIVISOR;
        let sure = elapsed <= SYNCHRONISED_FOR;
        // Within the first day the drift stays under ten seconds: exact for every rule that counts days.
        let (back, ahead) = if sure {
            (TimeDelta::zero(), ANSWER_DELAY + drift)
        } else {
            (drift, ANSWER_DELAY + drift)
        };
        let now = saturating(instant, elapsed);
        return ClockBounds {
            earliest: saturating(now, -back).max(known.floor),
            latest: saturating(now, ahead).max(known.floor),
            trust: if sure {
                ClockTrust::Synchronised
            } else {
                ClockTrust::HoldingOver
            },
        };
    }
    let earliest = known.system.max(known.floor);
    if known.disciplined && known.system >= known.floor {
        return ClockBounds::exact(known.system);
    }
    ClockBounds {
        earliest,
        latest: DateTime::<Utc>::MAX_UTC,
        trust: ClockTrust::Unknown,
    }
}

fn saturating(instant: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    instant
        .checked_add_signed(by)
        .unwrap_or(if by < TimeDelta::zero() {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC
        })
}

/// Reads the real clocks.
#[derive(Debug)]
pub struct DeviceClock {
    started: Instant,
    learnt: Mutex<Learnt>,
    moved: Mutex<Moved>,
}

/// How far a scripted walk has moved time from the real one.
#[derive(Debug, Clone, Copy)]
struct Moved {
    calendar: TimeDelta,
    monotonic: Duration,
}

/// What this process has learnt about the time.
#[derive(Debug, Clone, Copy)]
struct Learnt {
    floor: DateTime<Utc>,
    /// Central's last signed time, and when it came.
    told: Option<(DateTime<Utc>, Instant)>,
}

impl DeviceClock {
    pub fn start() -> Self {
        Self {
            started: Instant::now(),
            learnt: Mutex::new(Learnt {
                floor: DateTime::<Utc>::MIN_UTC,
                told: None,
            }),
            moved: Mutex::new(Moved {
                calendar: TimeDelta::zero(),
                monotonic: Duration::ZERO,
            }),
        }
    }

    /// Raises the lower bound: this instant was signed, or recorded by this device.
    pub fn not_before(&self, instant: DateTime<Utc>) {
        let mut learnt = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        learnt.floor = learnt.floor.max(instant);
    }

    /// Takes central's signed time, which has just arrived.
    pub fn told(&self, instant: DateTime<Utc>) {
        let mut learnt = self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        learnt.told = Some((instant, Instant::now()));
    }

    /// Moves only the monotonic clock on, so that a scripted walk need not wait for time-outs.
    pub fn skip(&self, by: Duration) {
        self.with_moved(|moved| moved.monotonic = moved.monotonic.saturating_add(by));
    }

    /// Moves the calendar and the monotonic clock on, as if this much time had passed.
    pub fn advance(&self, by: Duration) {
        self.with_moved(|moved| {
            moved.monotonic = moved.monotonic.saturating_add(by);
            let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
            moved.calendar = moved.calendar.checked_add(&by).unwrap_or(TimeDelta::MAX);
        });
    }

    /// Moves the calendar so that its earliest bound is this instant now, as if somebody had set the clock.
    pub fn set(&self, instant: DateTime<Utc>) {
        let by = instant.signed_duration_since(self.now().earliest);
        self.with_moved(|moved| {
            moved.calendar = moved.calendar.checked_add(&by).unwrap_or(TimeDelta::MAX);
        });
    }

    /// What this clock shows at an instant of the outside world.
    pub fn shows_at(&self, instant: DateTime<Utc>) -> DateTime<Utc> {
        saturating(instant, self.with_moved(|moved| moved.calendar))
    }

    fn with_moved<T>(&self, change: impl FnOnce(&mut Moved) -> T) -> T {
        change(&mut self.moved.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The time an event comes with.
    pub fn stamp(&self) -> Now {
        let ahead = self.with_moved(|moved| moved.monotonic);
        Now {
            clock: self.now(),
            monotonic: self.started.elapsed().saturating_add(ahead),
        }
    }
}

impl Clock for DeviceClock {
    fn now(&self) -> ClockBounds {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the clock of the composition root"
        )]
        let system = Utc::now();
        let Learnt { floor, told } = *self.learnt.lock().unwrap_or_else(PoisonError::into_inner);
        let bounds = reckon(&Known {
            system,
            disciplined: Path::new(TIME_SERVICE_SIGN).exists(),
            floor,
            told: told.map(|(instant, at)| (instant, at.elapsed())),
        });
        ClockBounds {
            earliest: self.shows_at(bounds.earliest),
            latest: self.shows_at(bounds.latest),
            trust: bounds.trust,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn known() -> Known {
        Known {
            system: instant("2026-11-21T12:00:00Z"),
            disciplined: false,
            floor: instant("2026-11-20T00:00:00Z"),
            told: None,
        }
    }

    #[test]
    fn a_clock_lost_in_1970_is_held_up_by_what_was_seen_signed() {
        let lost = Known {
            system: instant("1970-01-01T00:00:07Z"),
            disciplined: true,
            ..known()
        };
        let now = reckon(&lost);
        assert_eq!(now.earliest, lost.floor);
        assert_eq!(now.trust, ClockTrust::Unknown);
    }

    #[test]
    fn a_clock_nobody_compared_bounds_now_only_from_below() {
        let now = reckon(&known());
        assert_eq!(now.earliest, known().system);
        assert_eq!(now.latest, DateTime::<Utc>::MAX_UTC);
    }

    #[test]
    fn a_disciplined_clock_is_believed() {
        let disciplined = Known {
            disciplined: true,
            ..known()
        };
        assert_eq!(reckon(&disciplined), ClockBounds::exact(known().system));
    }

    #[test]
    fn centrals_time_goes_before_the_system_clock_and_widens_with_age() {
        let central = instant("2026-11-21T13:00:00Z");
        let after = |ago| {
            reckon(&Known {
                told: Some((central, ago)),
                ..known()
            })
        };
        let fresh = after(Duration::from_secs(60));
        assert_eq!(fresh.earliest, central + TimeDelta::seconds(60));
        assert_eq!(fresh.trust, ClockTrust::Synchronised);
        let old = after(Duration::from_secs(10 * 86_400));
        assert_eq!(old.trust, ClockTrust::HoldingOver);
        assert!(old.earliest < central + TimeDelta::days(10));
        assert!(old.latest > central + TimeDelta::days(10));
    }

    #[test]
    fn a_moved_clock_moves_both_bounds() {
        let clock = DeviceClock::start();
        let eve = instant("2026-12-06T22:59:00Z");
        clock.set(eve);
        let before = clock.stamp();
        assert!(before.clock.earliest >= eve);
        assert!(before.clock.earliest < eve + TimeDelta::seconds(30));
        clock.advance(Duration::from_secs(120));
        let after = clock.stamp();
        assert!(after.clock.earliest >= before.clock.earliest + TimeDelta::seconds(120));
        assert!(after.clock.latest >= after.clock.earliest);
        assert!(after.monotonic >= before.monotonic + Duration::from_secs(120));
        clock.set(instant("1999-12-31T00:00:00Z"));
        assert!(
            clock.stamp().monotonic >= after.monotonic,
            "never goes back"
        );
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert!(clock.stamp().clock.latest >= clock.stamp().clock.earliest);
    }

    #[test]
    fn ages_beyond_reason_do_not_panic() {
        let told = Some((instant("2026-11-21T13:00:00Z"), Duration::MAX));
        let now = reckon(&Known { told, ..known() });
        assert!(now.earliest <= now.latest);
    }
}
