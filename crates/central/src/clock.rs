//! Central's own clock: it removes no notice by an error of the system clock.
//!
//! The time is the instant last confirmed, and what the monotonic clock has counted since.
//! A system clock that agrees with that is the time. One that does not is *unsure*: the bounds hold both, so that
//! nothing ends early, until a publisher confirms the system clock by the `Date` of a response.
//! Across a restart the instant last seen is what storage remembers.
//!
//! Where every source is a file, nobody can confirm: a step forward is believed once it has stood for an hour,
//! one back at once.

pub mod watch;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::{Clock, ClockBounds, ClockTrust};

/// A larger difference between the system clock and the expected time makes the time unsure.
const STEP: TimeDelta = TimeDelta::minutes(2);
/// How far a publisher's clock may be off and still confirm the system clock.
const AGREEMENT: TimeDelta = TimeDelta::minutes(10);
/// A larger difference is an alarm, and the system clock is not told to displays.
const FAR: TimeDelta = TimeDelta::days(1);
/// After how long a step forward is believed where nobody can confirm it.
const LONE: Duration = Duration::from_secs(3600);

/// The time of a service: a clock that is believed as it is, or one that is checked.
#[derive(Clone)]
pub enum ServiceClock {
    Believed(Arc<dyn Clock>),
    Checked(Arc<CheckedClock>),
}

impl ServiceClock {
    /// The clock itself.
    pub fn clock(&self) -> Arc<dyn Clock> {
        match self {
            Self::Believed(clock) => clock.clone(),
            Self::Checked(clock) => clock.clone(),
        }
    }

    /// The checked clock, if it is one.
    pub fn checked(&self) -> Option<&Arc<CheckedClock>> {
        match self {
            Self::Believed(_) => None,
            Self::Checked(clock) => Some(clock),
        }
    }
}

impl<C: Clock + 'static> From<Arc<C>> for ServiceClock {
    fn from(clock: Arc<C>) -> Self {
        Self::Believed(clock)
    }
}

impl From<Arc<dyn Clock>> for ServiceClock {
    fn from(clock: Arc<dyn Clock>) -> Self {
        Self::Believed(clock)
    }
}

impl From<CheckedClock> for ServiceClock {
    fn from(clock: CheckedClock) -> Self {
        Self::Checked(Arc::new(clock))
    }
}

/// The time that displays are told, and by which they date their requests.
///
/// After a restart the system clock is usually right before anybody has confirmed it.
pub fn told(now: &ClockBounds) -> DateTime<Utc> {
    match now.trust {
        ClockTrust::HoldingOver => now.latest,
        ClockTrust::Synchronised | ClockTrust::Unknown => now.earliest,
    }
}

/// Why the system clock is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubt {
    /// How far the system clock is ahead of the expected time.
    pub ahead: TimeDelta,
}

impl std::fmt::Display for Doubt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let side = if self.ahead < TimeDelta::zero() {
            "behind"
        } else {
            "ahead of"
        };
        write!(
            f,
            "the clock of this computer is {} minutes {side} the time known from publishers and from before; \
             notices do not end by it until it is set right or a publisher confirms it",
            self.ahead.abs().num_minutes()
        )
    }
}

/// Reads a monotonic clock.
pub type Monotonic = Box<dyn Fn() -> Duration + Send + Sync>;

/// A system clock that is checked.
pub struct CheckedClock {
    system: Arc<dyn Clock>,
    monotonic: Monotonic,
    evidence: Mutex<Evidence>,
}

impl CheckedClock {
    pub fn new(system: Arc<dyn Clock>, monotonic: Monotonic) -> Self {
        Self {
            system,
            monotonic,
            evidence: Mutex::default(),
        }
    }

    /// Takes the instant last seen before this start, and whether any publisher can confirm the time.
    pub fn recall(&self, seen: Option<DateTime<Utc>>, has_publishers: bool) {
        let mut evidence = self.evidence();
        evidence.is_lone = !has_publishers;
        evidence.known = seen.map(|seen| Known {
            instant: seen,
            at: (self.monotonic)(),
        });
    }

    /// Takes the time that a publisher states.
    pub fn witness(&self, date: DateTime<Utc>) {
        let (system, at) = self.read();
        self.evidence().witness(date, system, at);
    }

    /// The earliest that now can be; `None` while only the system clock says anything.
    pub fn known(&self) -> Option<DateTime<Utc>> {
        let now = self.now().earliest;
        self.evidence().known.map(|_| now)
    }

    /// Why the system clock is not believed, where that needs a person.
    pub fn doubt(&self) -> Option<Doubt> {
        let (system, at) = self.read();
        self.evidence().doubt(system, at)
    }

    fn read(&self) -> (DateTime<Utc>, Duration) {
        (self.system.now().earliest, (self.monotonic)())
    }

    fn evidence(&self) -> MutexGuard<'_, Evidence> {
        self.evidence.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for CheckedClock {
    fn now(&self) -> ClockBounds {
        let (system, at) = self.read();
        self.evidence().reckon(system, at)
    }
}

#[derive(Debug, Clone, Copy)]
struct Known {
    instant: DateTime<Utc>,
    /// The monotonic reading then.
    at: Duration,
}

/// What is known about the time: pure.
#[derive(Debug, Default)]
struct Evidence {
    known: Option<Known>,
    /// Whether nobody can confirm the time.
    is_lone: bool,
    /// Since which monotonic reading the system clock is ahead.
    ahead_since: Option<Duration>,
    /// Whether a publisher contradicted the system clock since it was last believed.
    is_contradicted: bool,
}

impl Evidence {
    fn expected(&self, at: Duration) -> Option<DateTime<Utc>> {
        let known = self.known?;
        let since = TimeDelta::from_std(at.saturating_sub(known.at)).ok()?;
        known.instant.checked_add_signed(since)
    }

    fn ahead(&self, system: DateTime<Utc>, at: Duration) -> Option<TimeDelta> {
        Some(system.signed_duration_since(self.expected(at)?))
    }

    fn believe(&mut self, instant: DateTime<Utc>, at: Duration) {
        self.known = Some(Known { instant, at });
        self.ahead_since = None;
        self.is_contradicted = false;
    }

    fn reckon(&mut self, system: DateTime<Utc>, at: Duration) -> ClockBounds {
        let Some(expected) = self.expected(at) else {
            if self.is_lone {
                self.believe(system, at);
                return ClockBounds::exact(system);
            }
            return ClockBounds {
                trust: ClockTrust::HoldingOver,
                ..ClockBounds::exact(system)
            };
        };
        let ahead = system.signed_duration_since(expected);
        if ahead.abs() <= STEP {
            self.ahead_since = None;
            self.is_contradicted = false;
            return ClockBounds::exact(system);
        }
        let since = *self.ahead_since.get_or_insert(at);
        let is_back = ahead < TimeDelta::zero();
        if self.is_lone && (is_back || at.saturating_sub(since) >= LONE) {
            self.believe(system, at);
            return ClockBounds::exact(system);
        }
        let is_near = ahead.abs() <= FAR && !self.is_contradicted && !is_back;
        ClockBounds {
            earliest: expected,
            latest: expected.max(system),
            trust: if is_near {
                ClockTrust::HoldingOver
            } else {
                ClockTrust::Unknown
            },
        }
    }

    fn witness(&mut self, date: DateTime<Utc>, system: DateTime<Utc>, at: Duration) {
        if date.signed_duration_since(system).abs() <= AGREEMENT {
            return self.believe(system, at);
        }
        let Some(expected) = self.expected(at) else {
            self.believe(date.min(system), at);
            self.is_contradicted = true;
            return;
        };
        // One publisher's wrong clock makes no right one unsure.
        if system.signed_duration_since(expected).abs() <= STEP {
            return;
        }
        if expected < date && date < system {
            let since = self.ahead_since;
            self.believe(date, at);
            self.ahead_since = since;
        }
        self.is_contradicted = true;
    }

    fn doubt(&self, system: DateTime<Utc>, at: Duration) -> Option<Doubt> {
        let ahead = self.ahead(system, at)?;
        let is_unsure = ahead.abs() > STEP;
        (is_unsure && (self.is_contradicted || ahead.abs() > FAR)).then_some(Doubt { ahead })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;
    const YEAR: i64 = 365 * DAY;

    fn noon() -> DateTime<Utc> {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    /// An evidence and the seconds since noon that the world, the system clock and the monotonic clock count.
    struct World {
        evidence: Evidence,
        seconds: i64,
        wrong_by: i64,
    }

    impl World {
        fn new(seen: Option<i64>, is_lone: bool) -> Self {
            let known = seen.map(|seconds| Known {
                instant: noon() + TimeDelta::seconds(seconds),
                at: Duration::ZERO,
            });
            let evidence = Evidence {
                known,
                is_lone,
                ..Evidence::default()
            };
            Self {
                evidence,
                seconds: 0,
                wrong_by: 0,
            }
        }

        fn system(&self) -> DateTime<Utc> {
            noon() + TimeDelta::seconds(self.seconds + self.wrong_by)
        }

        fn monotonic(&self) -> Duration {
            Duration::from_secs(u64::try_from(self.seconds).unwrap())
        }

        fn pass(&mut self, seconds: i64) {
            self.seconds += seconds;
        }

        /// How far each bound and the told time are from the true time, in seconds.
        fn off_by(&mut self) -> (i64, i64, i64) {
            let (system, at) = (self.system(), self.monotonic());
            let now = self.evidence.reckon(system, at);
            let truth = noon() + TimeDelta::seconds(self.seconds);
            let off = |instant: DateTime<Utc>| instant.signed_duration_since(truth).num_seconds();
            (off(now.earliest), off(now.latest), off(told(&now)))
        }

        fn witness(&mut self, wrong_by: i64) {
            let date = noon() + TimeDelta::seconds(self.seconds + wrong_by);
            let (system, at) = (self.system(), self.monotonic());
            self.evidence.witness(date, system, at);
        }

        fn is_doubted(&self) -> bool {
            let doubt = self.evidence.doubt(self.system(), self.monotonic());
            doubt.is_some()
        }
    }

    #[test]
    fn a_step_ahead_ends_nothing_and_is_forgotten_once_mended() {
        for wrong_by in [3600, DAY, YEAR] {
            let mut world = World::new(Some(0), false);
            world.witness(0);
            world.wrong_by = wrong_by;
            for _ in 0..300 {
                world.pass(900);
                world.witness(0);
                assert_eq!(world.off_by(), (0, wrong_by, 0));
                assert!(world.is_doubted());
            }
            world.wrong_by = 0;
            assert_eq!(world.off_by(), (0, 0, 0));
            assert!(!world.is_doubted());
        }
    }

    #[test]
    fn a_step_is_believed_once_a_publisher_confirms_it() {
        // The virtual machine was asleep meanwhile.
        let mut world = World::new(Some(0), false);
        world.pass(60);
        world.wrong_by = 3600;
        world.evidence.reckon(world.system(), world.monotonic());
        world.witness(3600 + 5 * 60);
        assert_eq!(world.off_by(), (3600, 3600, 3600));
    }

    #[test]
    fn after_a_restart_displays_are_told_the_system_clock_while_nothing_ends_by_it() {
        let mut world = World::new(Some(-3 * 3600), false);
        assert_eq!(world.off_by(), (-3 * 3600, 0, 0));
        assert!(!world.is_doubted());
        world.witness(0);
        assert_eq!(world.off_by(), (0, 0, 0));
    }

    #[test]
    fn a_publisher_gives_the_time_to_a_service_that_starts_with_a_wrong_clock() {
        for seen in [Some(-3 * DAY), Some(-60), None] {
            let mut world = World::new(seen, false);
            world.wrong_by = YEAR;
            if let Some(seen) = seen {
                assert_eq!(world.off_by(), (seen, YEAR, seen));
            }
            world.witness(0);
            assert_eq!(world.off_by(), (0, YEAR, 0));
            world.pass(DAY);
            assert_eq!(world.off_by(), (0, YEAR, 0));
            assert!(world.is_doubted());
            world.wrong_by = 0;
            assert_eq!(world.off_by(), (0, 0, 0));
        }
    }

    #[test]
    fn a_system_clock_in_the_past_brings_nothing_back() {
        let mut world = World::new(Some(0), false);
        world.wrong_by = -40 * YEAR;
        world.pass(DAY);
        assert_eq!(world.off_by(), (0, 0, 0));
        world.witness(0);
        assert_eq!(world.off_by(), (0, 0, 0));
        assert!(world.is_doubted());
    }

    #[test]
    fn a_time_seen_in_the_future_is_given_up_once_a_publisher_says_so() {
        let mut world = World::new(Some(YEAR), false);
        assert_eq!(world.off_by(), (YEAR, YEAR, YEAR));
        world.witness(0);
        assert_eq!(world.off_by(), (0, 0, 0));
    }

    #[test]
    fn the_wrong_clock_of_one_publisher_makes_no_right_clock_unsure() {
        let mut world = World::new(Some(0), false);
        for wrong_by in [-YEAR, -DAY, DAY, YEAR] {
            world.pass(900);
            world.witness(wrong_by);
            assert_eq!(world.off_by(), (0, 0, 0));
        }
        // After a restart another one confirms what it contradicts.
        let mut world = World::new(Some(-DAY), false);
        world.witness(-YEAR);
        assert_eq!(world.off_by(), (-DAY, 0, -DAY));
        world.witness(0);
        assert_eq!(world.off_by(), (0, 0, 0));
    }

    #[test]
    fn where_nobody_can_confirm_a_step_ahead_has_to_stand_for_an_hour() {
        let mut world = World::new(None, true);
        assert_eq!(world.off_by(), (0, 0, 0));
        world.wrong_by = YEAR;
        assert_eq!(world.off_by(), (0, YEAR, 0));
        world.pass(3599);
        assert_eq!(world.off_by(), (0, YEAR, 0));
        assert!(world.is_doubted());
        world.pass(1);
        assert_eq!(world.off_by(), (YEAR, YEAR, YEAR));
        world.wrong_by = 0;
        assert_eq!(world.off_by(), (0, 0, 0), "a step back is believed at once");
    }
}
