//! Central's own clock: it removes no notice by an error of the system clock.
//!
//! The time is the instant last confirmed, and what the monotonic clock has counted since.
//! A system clock that agrees with that is the time. One that does not is *unsure*: nothing ends by it until a
//! publisher confirms it by the `Date` of a response, which is nearer to it than to the expected time.
//! Across a restart the instant last confirmed is what storage remembers. A first start has none and goes by the system
//! clock, unless that is older than this program, or more than a day ahead of a publisher: then it is unsure as well. One
//! that is behind is not told from a publisher that is ahead, and ends nothing early.
//!
//! Where every source is a file, nobody can confirm: a step is believed once it has stood for an hour.

pub mod watch;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::{Clock, ClockBounds, ClockTrust};

/// A larger difference between the system clock and the expected time makes the time unsure.
const STEP: TimeDelta = TimeDelta::minutes(2);
/// A larger difference is an alarm, and the system clock is not given to displays.
const ALARM_DIFFERENCE: TimeDelta = TimeDelta::days(1);
/// After how long a step is believed where nobody can confirm it, and is an alarm where somebody could.
const UNCONFIRMED_STEP_AFTER: Duration = Duration::from_secs(3600);
/// 2026-01-01, in seconds of the epoch: this program is younger. Clocks without a battery begin before.
const EARLIEST: i64 = 1_767_225_600;

fn earliest() -> DateTime<Utc> {
    DateTime::from_timestamp(EARLIEST, 0).expect("a time of this century")
}

/// The time of a service: a clock that is taken as it is, or one that is checked.
#[derive(Clone)]
pub enum ServiceClock {
    Unchecked(Arc<dyn Clock>),
    Checked(Arc<CheckedClock>),
}

impl ServiceClock {
    pub fn clock(&self) -> Arc<dyn Clock> {
        match self {
            Self::Unchecked(clock) => clock.clone(),
            Self::Checked(clock) => clock.clone(),
        }
    }

    pub fn checked(&self) -> Option<&Arc<CheckedClock>> {
        match self {
            Self::Unchecked(_) => None,
            Self::Checked(clock) => Some(clock),
        }
    }
}

impl<C: Clock + 'static> From<Arc<C>> for ServiceClock {
    fn from(clock: Arc<C>) -> Self {
        Self::Unchecked(clock)
    }
}

impl From<Arc<dyn Clock>> for ServiceClock {
    fn from(clock: Arc<dyn Clock>) -> Self {
        Self::Unchecked(clock)
    }
}

impl From<CheckedClock> for ServiceClock {
    fn from(clock: CheckedClock) -> Self {
        Self::Checked(Arc::new(clock))
    }
}

/// The time that displays are given, and by which they date their requests.
///
/// After a restart the system clock is usually right before anybody has confirmed it.
pub fn time_for_displays(now: &ClockBounds) -> DateTime<Utc> {
    match now.trust {
        ClockTrust::HoldingOver => now.latest,
        ClockTrust::Synchronised | ClockTrust::Unknown => now.earliest,
    }
}

/// How far the system clock is off, where it is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockOffset {
    /// How far the system clock is ahead of the expected time.
    pub ahead: TimeDelta,
}

impl std::fmt::Display for ClockOffset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let side = if self.ahead < TimeDelta::zero() {
            "behind"
        } else {
            "ahead of"
        };
        let ahead = self.ahead.abs();
        let (days, hours, minutes) = (
            ahead.num_days(),
            ahead.num_hours() % 24,
            ahead.num_minutes() % 60,
        );
        write!(
            f,
            "the clock of this computer is {days} d {hours} h {minutes} min {side} the time known from publishers and \
             from before, and no notice ends by it: set it right, or where it is right, start the service once with \
             --trust-system-clock"
        )
    }
}

/// Returns the time since a fixed point, whichever that is.
pub type Monotonic = Box<dyn Fn() -> Duration + Send + Sync>;

pub struct CheckedClock {
    system: Arc<dyn Clock>,
    monotonic: Monotonic,
    state: Mutex<ClockState>,
}

impl CheckedClock {
    pub fn new(system: Arc<dyn Clock>, monotonic: Monotonic) -> Self {
        Self {
            system,
            monotonic,
            state: Mutex::default(),
        }
    }

    /// Believes the system clock, because a person says that it is right.
    pub fn trust_system(&self) {
        let (system, at) = self.read();
        let mut state = self.state();
        state.believe(system, at);
        state.is_trusted = true;
    }

    /// Takes the instant last confirmed before this start, and whether any publisher can confirm the time.
    pub fn restore(&self, seen: Option<DateTime<Utc>>, has_publishers: bool) {
        let mut state = self.state();
        state.has_no_publisher = !has_publishers;
        if !state.is_trusted {
            state.is_unconfirmed = false;
            state.known = seen.map(|seen| Known {
                instant: seen,
                at: (self.monotonic)(),
            });
        }
    }

    /// Takes the time that a publisher states.
    pub fn observe_publisher_time(&self, date: DateTime<Utc>) {
        let (system, at) = self.read();
        self.state().observe_publisher_time(date, system, at);
    }

    /// The earliest that now can be; `None` while only the system clock says anything.
    pub fn known(&self) -> Option<DateTime<Utc>> {
        let now = self.now().earliest;
        self.state().known.map(|_| now)
    }

    /// How far the system clock is off, where it is not believed and that needs a person.
    pub fn alarming_offset(&self) -> Option<ClockOffset> {
        let (system, at) = self.read();
        self.state().alarming_offset(system, at)
    }

    fn read(&self) -> (DateTime<Utc>, Duration) {
        (self.system.now().earliest, (self.monotonic)())
    }

    fn state(&self) -> MutexGuard<'_, ClockState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for CheckedClock {
    fn now(&self) -> ClockBounds {
        let (system, at) = self.read();
        self.state().reckon(system, at)
    }
}

#[derive(Debug, Clone, Copy)]
struct Known {
    instant: DateTime<Utc>,
    /// The monotonic reading then.
    at: Duration,
}

#[derive(Debug, Clone, Copy)]
struct Step {
    ahead: TimeDelta,
    /// The monotonic reading when it was seen first.
    since: Duration,
}

impl Step {
    fn has_stood(&self, at: Duration) -> bool {
        at.saturating_sub(self.since) >= UNCONFIRMED_STEP_AFTER
    }
}

/// What is known about the time: pure.
#[derive(Debug, Default)]
struct ClockState {
    known: Option<Known>,
    /// Whether what is known is the system clock of a first start, which nobody has confirmed or contradicted.
    is_unconfirmed: bool,
    /// Whether a person said at the start that the system clock is right.
    is_trusted: bool,
    /// Whether nobody can confirm the time.
    has_no_publisher: bool,
    /// The difference of the system clock from the expected time.
    step: Option<Step>,
    /// Whether a publisher contradicted the system clock since it was last believed.
    is_contradicted: bool,
}

impl ClockState {
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
        self.is_unconfirmed = false;
        self.step = None;
        self.is_contradicted = false;
    }

    fn reckon(&mut self, system: DateTime<Utc>, at: Duration) -> ClockBounds {
        let expected = self.expected(at).unwrap_or_else(|| {
            let first = system.max(earliest());
            self.believe(first, at);
            self.is_unconfirmed = true;
            first
        });
        let ahead = system.signed_duration_since(expected);
        if ahead.abs() <= STEP {
            self.step = None;
            self.is_contradicted = false;
            return ClockBounds::exact(system);
        }
        let same = |step: &Step| (step.ahead - ahead).abs() <= STEP;
        let step = self.step.filter(same).unwrap_or(Step { ahead, since: at });
        self.step = Some(step);
        if self.has_no_publisher && step.has_stood(at) && system >= earliest() {
            self.believe(system, at);
            return ClockBounds::exact(system);
        }
        let is_near =
            (TimeDelta::zero()..=ALARM_DIFFERENCE).contains(&ahead) && !self.is_contradicted;
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

    /// A publisher's clock decides between the expected time and the system clock, whichever is nearer to it: it may be
    /// wrong itself, and alone makes no clock unsure.
    fn observe_publisher_time(&mut self, date: DateTime<Utc>, system: DateTime<Utc>, at: Duration) {
        self.reckon(system, at);
        let Some(expected) = self.expected(at) else {
            return;
        };
        let from = |instant: DateTime<Utc>| date.signed_duration_since(instant).abs();
        if self.step.is_none() {
            if from(system) <= STEP {
                self.believe(system, at);
            } else if self.is_unconfirmed
                && date >= earliest()
                && system.signed_duration_since(date) > ALARM_DIFFERENCE
            {
                self.believe(date, at);
                self.is_contradicted = true;
            }
            return;
        }
        if from(system) < from(expected) {
            return self.believe(system, at);
        }
        if expected < date && date < system {
            self.known = Some(Known { instant: date, at });
        }
        self.is_contradicted = true;
    }

    fn alarming_offset(&self, system: DateTime<Utc>, at: Duration) -> Option<ClockOffset> {
        let ahead = self.ahead(system, at)?;
        let has_stood = self.step.is_some_and(|step| step.has_stood(at));
        let needs_a_person = self.is_contradicted || ahead.abs() > ALARM_DIFFERENCE || has_stood;
        (ahead.abs() > STEP && needs_a_person).then_some(ClockOffset { ahead })
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

    /// A state and the seconds since noon that the world, the system clock and the monotonic clock count.
    struct World {
        state: ClockState,
        seconds: i64,
        wrong_by: i64,
    }

    impl World {
        fn new(seen: Option<i64>, has_no_publisher: bool) -> Self {
            let known = seen.map(|seconds| Known {
                instant: noon() + TimeDelta::seconds(seconds),
                at: Duration::ZERO,
            });
            let state = ClockState {
                known,
                has_no_publisher,
                ..ClockState::default()
            };
            Self {
                state,
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

        /// How far each bound and the time for displays are from the true time, in seconds.
        fn off_by(&mut self) -> (i64, i64, i64) {
            let (system, at) = (self.system(), self.monotonic());
            let now = self.state.reckon(system, at);
            let truth = noon() + TimeDelta::seconds(self.seconds);
            let off = |instant: DateTime<Utc>| instant.signed_duration_since(truth).num_seconds();
            (
                off(now.earliest),
                off(now.latest),
                off(time_for_displays(&now)),
            )
        }

        fn observe(&mut self, wrong_by: i64) {
            let date = noon() + TimeDelta::seconds(self.seconds + wrong_by);
            let (system, at) = (self.system(), self.monotonic());
            self.state.observe_publisher_time(date, system, at);
        }

        fn is_doubted(&self) -> bool {
            let offset = self.state.alarming_offset(self.system(), self.monotonic());
            offset.is_some()
        }
    }

    #[test]
    fn a_step_ahead_ends_nothing_and_is_forgotten_once_mended() {
        for wrong_by in [3600, DAY, YEAR] {
            let mut world = World::new(Some(0), false);
            world.observe(0);
            world.wrong_by = wrong_by;
            for _ in 0..300 {
                world.pass(900);
                world.observe(0);
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
        world.state.reckon(world.system(), world.monotonic());
        world.observe(3600 + 5 * 60);
        assert_eq!(world.off_by(), (3600, 3600, 3600));
    }

    #[test]
    fn after_a_restart_displays_are_given_the_system_clock_while_nothing_ends_by_it() {
        let mut world = World::new(Some(-3 * 3600), false);
        assert_eq!(world.off_by(), (-3 * 3600, 0, 0));
        assert!(!world.is_doubted());
        world.observe(0);
        assert_eq!(world.off_by(), (0, 0, 0));
    }

    #[test]
    fn a_publisher_gives_the_time_to_a_service_that_starts_with_a_wrong_clock() {
        for seen in [-3 * DAY, -60] {
            let mut world = World::new(Some(seen), false);
            world.wrong_by = YEAR;
            assert_eq!(world.off_by(), (seen, YEAR, seen));
            world.observe(0);
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
        world.observe(0);
        assert_eq!(world.off_by(), (0, 0, 0));
        assert!(world.is_doubted());
    }

    #[test]
    fn a_time_seen_in_the_future_is_given_up_once_a_publisher_says_so() {
        let mut world = World::new(Some(YEAR), false);
        assert_eq!(world.off_by(), (YEAR, YEAR, YEAR));
        world.observe(0);
        assert_eq!(world.off_by(), (0, 0, 0));
    }

    #[test]
    fn the_wrong_clock_of_one_publisher_makes_no_right_clock_unsure() {
        let mut world = World::new(Some(0), false);
        for wrong_by in [-YEAR, -DAY, DAY, YEAR] {
            world.pass(900);
            world.observe(wrong_by);
            assert_eq!(world.off_by(), (0, 0, 0));
        }
        // After a restart another one confirms what it contradicts.
        let mut world = World::new(Some(-DAY), false);
        world.observe(-YEAR);
        assert_eq!(world.off_by(), (-DAY, 0, -DAY));
        world.observe(0);
        assert_eq!(world.off_by(), (0, 0, 0));
    }

    #[test]
    fn a_slow_or_fast_publisher_confirms_the_clock_that_it_is_nearer_to() {
        for wrong_by in [-600, 20 * 60, 3600] {
            // Stopped for 20 hours.
            let mut world = World::new(Some(-20 * 3600), false);
            world.observe(wrong_by);
            assert_eq!(world.off_by(), (0, 0, 0));
            assert!(!world.is_doubted());
        }
    }

    #[test]
    fn a_first_start_believes_the_system_clock_and_no_publisher_against_it() {
        let mut world = World::new(None, false);
        world.observe(-5 * YEAR);
        assert_eq!(world.off_by(), (0, 0, 0));
        world.pass(DAY);
        world.observe(-5 * YEAR);
        assert_eq!(world.off_by(), (0, 0, 0));
    }

    #[test]
    fn a_first_start_ends_nothing_by_a_clock_that_its_publisher_contradicts() {
        let mut world = World::new(None, false);
        world.wrong_by = YEAR;
        assert_eq!(world.off_by(), (YEAR, YEAR, YEAR));
        world.observe(0);
        assert_eq!(world.off_by(), (0, YEAR, 0));
        assert!(world.is_doubted());
        world.pass(DAY);
        world.observe(0);
        assert_eq!(world.off_by(), (0, YEAR, 0));
        world.wrong_by = 0;
        assert_eq!(world.off_by(), (0, 0, 0));
        // Where it was the first publisher that was wrong, the next one says so.
        let mut world = World::new(None, false);
        world.observe(-30 * DAY);
        assert_eq!(world.off_by(), (-30 * DAY, 0, -30 * DAY));
        world.observe(0);
        assert_eq!(world.off_by(), (0, 0, 0));
        assert!(!world.is_doubted());
        world.observe(-30 * DAY);
        assert_eq!(world.off_by(), (0, 0, 0));
    }

    #[test]
    fn a_first_start_before_this_program_was_made_is_told() {
        for has_no_publisher in [false, true] {
            let mut world = World::new(None, has_no_publisher);
            world.wrong_by = -56 * YEAR;
            let made = earliest().signed_duration_since(noon()).num_seconds();
            assert_eq!(world.off_by(), (made, made, made));
            assert!(world.is_doubted());
            world.wrong_by = 0;
            assert_eq!(world.off_by(), (made, 0, made));
            world.pass(3600);
            world.observe(0);
            assert_eq!(world.off_by(), (0, 0, 0));
            assert!(!world.is_doubted());
        }
    }

    #[test]
    fn a_step_that_no_publisher_confirms_is_an_alarm_after_an_hour() {
        let mut world = World::new(Some(-3 * 3600), false);
        assert_eq!(world.off_by(), (-3 * 3600, 0, 0));
        assert!(!world.is_doubted());
        world.pass(3600);
        assert_eq!(world.off_by(), (-3 * 3600, 0, 0));
        assert!(world.is_doubted());
    }

    #[test]
    fn where_nobody_can_confirm_a_step_has_to_stand_for_an_hour() {
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
        assert_eq!(world.off_by(), (YEAR, YEAR, YEAR));
        world.pass(3600);
        assert_eq!(world.off_by(), (0, 0, 0));
        assert!(!world.is_doubted());
    }

    #[test]
    fn a_clock_without_a_battery_empties_no_board() {
        let mut world = World::new(Some(-DAY), true);
        world.wrong_by = -56 * YEAR;
        for _ in 0..48 {
            assert_eq!(world.off_by(), (-DAY, -DAY, -DAY));
            assert!(world.is_doubted());
            world.pass(3600);
        }
        world.wrong_by = 0;
        assert_eq!(world.off_by(), (-DAY, 0, 0));
        world.pass(3600);
        assert_eq!(world.off_by(), (0, 0, 0));
    }
}
