use proptest::prelude::*;
use vyveska_board::ClockTrust;

use super::evidence::{CONFIRMATION, LARGEST_STEP, TOLERANCE};
use super::*;

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn noon() -> DateTime<Utc> {
    instant("2026-11-21T12:00:00Z")
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);
const YEAR: TimeDelta = TimeDelta::days(365);

/// A device whose monotonic clock is exact; the true time at its start is [`noon`].
#[derive(Debug, Default)]
struct Device {
    evidence: TimeEvidence,
    monotonic: Duration,
    system: Option<(TimeDelta, bool)>,
}

impl Device {
    fn truth(&self) -> DateTime<Utc> {
        noon() + TimeDelta::from_std(self.monotonic).unwrap()
    }

    /// Recorded exactly when it started.
    fn with_record() -> Self {
        let mut device = Self::default();
        device
            .evidence
            .recall(Proof::not_before(noon(), Duration::ZERO));
        device
    }

    fn wait(&mut self, by: Duration) -> &mut Self {
        self.monotonic += by;
        self
    }

    /// Central answers with a time that is wrong by this much.
    fn central(&mut self, wrong_by: TimeDelta) -> Reckoning {
        let said = self.truth() + wrong_by;
        self.evidence
            .central_said(said, Duration::ZERO, self.monotonic);
        self.reckon()
    }

    /// The system clock is wrong by this much from now on.
    fn system(&mut self, wrong_by: TimeDelta, verified: bool) -> Reckoning {
        self.system = Some((wrong_by, verified));
        self.reckon()
    }

    fn reckon(&mut self) -> Reckoning {
        let reading = self.system.map(|(wrong_by, verified)| SystemReading {
            instant: self.truth() + wrong_by,
            verified,
        });
        self.evidence.reckon(reading, self.monotonic)
    }

    /// Nothing is removed early, and the lower bound is not further behind than the drift since the last proof.
    #[track_caller]
    fn check(&mut self, trust: ClockTrust) {
        let reckoning = self.reckon();
        let Reckoning { bounds, .. } = reckoning;
        let truth = self.truth();
        assert_eq!(bounds.trust, trust, "{reckoning:?}");
        assert!(bounds.earliest <= truth, "{reckoning:?} at {truth}");
        assert!(bounds.latest >= truth, "{reckoning:?} at {truth}");
        let drift = TimeDelta::from_std(self.monotonic).unwrap() / 10_000;
        assert!(bounds.earliest >= truth - drift, "{reckoning:?} at {truth}");
    }
}

#[test]
fn a_wrong_system_clock_proves_nothing_after_a_start() {
    for wrong_by in [
        -YEAR * 56,
        TimeDelta::days(-1),
        TimeDelta::weeks(3),
        YEAR * 4,
    ] {
        let mut device = Device::with_record();
        device.system(wrong_by, false);
        device.check(ClockTrust::Unknown);
        // It advances all the same.
        device.wait(DAY * 9);
        device.check(ClockTrust::Unknown);
        // Central's word is enough, within a day of what was proven.
        device.central(TimeDelta::zero());
        device.check(ClockTrust::Synchronised);
    }
}

#[test]
fn a_verified_system_clock_is_believed_unless_it_is_behind() {
    let mut device = Device::with_record();
    device.wait(MINUTE).system(TimeDelta::zero(), true);
    device.check(ClockTrust::Synchronised);
    assert_eq!(device.reckon().bounds, ClockBounds::exact(device.truth()));
    // It is lost; the monotonic clock goes on from there.
    device.system(YEAR * 4, false);
    device.wait(HOUR * 23).check(ClockTrust::Synchronised);
    device.wait(HOUR * 2).check(ClockTrust::HoldingOver);
    device.wait(DAY * 9).check(ClockTrust::HoldingOver);

    let behind = device.system(TimeDelta::days(-1), true);
    assert_eq!(behind.doubt, Some(Doubt::SystemBehind));
    device.check(ClockTrust::Unknown);
}

#[test]
fn one_word_of_central_a_year_ahead_changes_nothing() {
    for wrong_by in [TimeDelta::days(1), YEAR] {
        let mut device = Device::with_record();
        let held = device.wait(MINUTE).central(wrong_by);
        assert_eq!(held.doubt, Some(Doubt::CentralAhead));
        device.check(ClockTrust::Unknown);
        device.wait(DAY).check(ClockTrust::Unknown);
        // Mended, it is forgotten at once.
        device.central(TimeDelta::zero());
        device.check(ClockTrust::Synchronised);
    }
}

#[test]
fn a_long_absence_is_believed_after_two_answers_an_hour_apart() {
    let mut device = Device::default();
    let record = Proof::not_before(noon() - TimeDelta::days(9), Duration::ZERO);
    device.evidence.recall(record);
    for _ in 0..60 {
        assert_eq!(
            device.central(TimeDelta::zero()).doubt,
            Some(Doubt::CentralAhead)
        );
        assert_eq!(device.reckon().bounds.trust, ClockTrust::Unknown);
        device.wait(MINUTE);
    }
    device.central(TimeDelta::zero());
    device.check(ClockTrust::Synchronised);
}

#[test]
fn a_second_source_settles_a_long_absence_at_once() {
    for verified in [false, true] {
        let mut device = Device::default();
        let record = Proof::not_before(noon() - TimeDelta::days(9), Duration::ZERO);
        device.evidence.recall(record);
        device.system(TimeDelta::seconds(30), verified);
        device.central(TimeDelta::zero());
        device.check(ClockTrust::Synchronised);
    }
}

#[test]
fn a_confirmed_error_of_central_is_forgotten_once_it_is_mended() {
    for wrong_by in [TimeDelta::hours(20), YEAR] {
        let mut device = Device::with_record();
        device.central(wrong_by);
        let believed = device.wait(CONFIRMATION).central(wrong_by);
        assert_eq!(believed.doubt, None);
        assert!(believed.bounds.earliest > device.truth());
        device.wait(MINUTE).central(TimeDelta::zero());
        device.check(ClockTrust::Synchronised);
        // And it stays so, also after the next hour.
        device.wait(CONFIRMATION * 2).central(TimeDelta::zero());
        device.check(ClockTrust::Synchronised);
    }
}

#[test]
fn a_central_lost_in_1970_does_not_turn_the_clock_back() {
    let mut device = Device::with_record();
    device.central(TimeDelta::zero());
    let lost = device.wait(MINUTE).central(-YEAR * 56);
    assert_eq!(lost.doubt, Some(Doubt::CentralBehind));
    device.check(ClockTrust::Unknown);
    device.wait(MINUTE).central(TimeDelta::zero());
    device.check(ClockTrust::Synchronised);
}

#[test]
fn a_record_made_by_a_wrong_central_is_given_up_when_central_confirms_an_earlier_time() {
    let mut device = Device::default();
    device
        .evidence
        .recall(Proof::not_before(noon() + YEAR, Duration::ZERO));
    let behind = device.central(TimeDelta::zero());
    assert_eq!(behind.doubt, Some(Doubt::CentralBehind));
    device.wait(CONFIRMATION).central(TimeDelta::zero());
    device.check(ClockTrust::Synchronised);
}

#[test]
fn a_contradiction_holds_both_also_where_the_verified_clock_was_heard_first() {
    for wrong_by in [TimeDelta::minutes(3), TimeDelta::weeks(3), YEAR * 4] {
        let mut device = Device::default();
        device.system(wrong_by, true);
        let both = device.wait(MINUTE).central(TimeDelta::zero());
        assert_eq!(both.doubt, Some(Doubt::Contradiction));
        device.check(ClockTrust::Unknown);
        // Mended, it is believed at once.
        device.wait(MINUTE).system(TimeDelta::zero(), true);
        device.check(ClockTrust::Synchronised);
    }
}

#[test]
fn a_contradiction_holds_both_also_where_central_was_heard_first() {
    for wrong_by in [TimeDelta::minutes(3), TimeDelta::weeks(3), YEAR] {
        let mut device = Device::default();
        device.wait(MINUTE).central(wrong_by);
        device.wait(CONFIRMATION).central(wrong_by);
        let both = device.wait(MINUTE).system(TimeDelta::zero(), true);
        assert_eq!(both.doubt, Some(Doubt::Contradiction));
        device.check(ClockTrust::Unknown);
    }
}

#[test]
fn a_contradiction_of_central_and_a_verified_clock_holds_both() {
    for wrong_by in [TimeDelta::minutes(3), TimeDelta::days(1), YEAR, -YEAR] {
        // Either may be the wrong one.
        for (central, system) in [(wrong_by, TimeDelta::zero()), (TimeDelta::zero(), wrong_by)] {
            let mut device = Device::with_record();
            device.system(system, true);
            device.wait(MINUTE);
            for _ in 0..180 {
                let both = device.wait(MINUTE).central(central);
                assert_eq!(both.doubt, Some(Doubt::Contradiction));
                assert!(both.bounds.latest < DateTime::<Utc>::MAX_UTC);
                device.check(ClockTrust::Unknown);
            }
            device.system(TimeDelta::zero(), true);
            device.central(TimeDelta::zero());
            device.check(ClockTrust::Synchronised);
        }
    }
}

#[test]
fn a_verified_clock_far_ahead_is_held_for_an_hour() {
    let mut device = Device::default();
    let record = Proof::not_before(noon() - TimeDelta::days(9), Duration::ZERO);
    device.evidence.recall(record);
    for _ in 0..60 {
        let held = device.system(TimeDelta::zero(), true);
        assert_eq!(held.doubt, Some(Doubt::SystemAhead));
        assert_eq!(held.bounds.latest, DateTime::<Utc>::MAX_UTC);
        device.wait(MINUTE);
    }
    device.check(ClockTrust::Synchronised);
}

#[test]
fn central_has_to_confirm_anew_once_its_contradiction_is_gone() {
    let mut device = Device::with_record();
    device.system(TimeDelta::zero(), true);
    for _ in 0..180 {
        device.wait(MINUTE).central(YEAR);
    }
    device.system = None;
    device.wait(MINUTE).central(YEAR);
    device.check(ClockTrust::Unknown);
}

#[test]
fn a_manifest_signed_by_a_wrong_central_is_no_record() {
    let mut device = Device::with_record();
    device
        .evidence
        .recall(Proof::not_before(noon() + YEAR, Duration::ZERO));
    device.check(ClockTrust::Unknown);
}

#[test]
fn a_record_of_the_same_boot_keeps_its_upper_bound() {
    let mut device = Device::default();
    let record = Proof {
        latest: Some(noon()),
        ..Proof::not_before(noon(), Duration::ZERO)
    };
    device.evidence.recall(record.after(DAY));
    let bounds = device.reckon().bounds;
    assert_eq!(bounds.trust, ClockTrust::HoldingOver);
    assert_eq!(
        bounds.earliest,
        noon() + TimeDelta::days(1) - TimeDelta::milliseconds(8640)
    );
    assert_eq!(
        bounds.latest,
        noon() + TimeDelta::days(1) + TimeDelta::milliseconds(8640)
    );
}

#[test]
fn without_any_proof_the_system_clock_is_shown_and_not_recorded() {
    let mut device = Device::default();
    let reckoning = device.system(YEAR, false);
    assert_eq!(reckoning.bounds.earliest, noon() + YEAR);
    assert_eq!(reckoning.bounds.trust, ClockTrust::Unknown);
    assert!(!reckoning.proven);
    assert!(device.central(TimeDelta::zero()).proven);
    device.check(ClockTrust::Synchronised);
}

#[test]
fn instants_beyond_the_calendar_do_no_harm() {
    let mut evidence = TimeEvidence::default();
    for said in [DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC] {
        evidence.central_said(said, Duration::MAX, Duration::MAX);
        let system = SystemReading {
            instant: said,
            verified: false,
        };
        let bounds = evidence.reckon(Some(system), Duration::MAX).bounds;
        assert!(bounds.earliest <= bounds.latest);
        // This panics where the local time leaves the calendar.
        bounds.today();
    }
}

/// What may happen to a device. Offsets are in seconds.
#[derive(Debug, Clone)]
enum ClockStep {
    Passes(u32),
    CentralAnswers,
    CentralErrs(i64),
    SystemSays(i64, bool),
    SystemIsNoEvidence,
}

fn clock_step() -> impl Strategy<Value = ClockStep> {
    let year = 365 * 86_400_i64;
    let far = 86_400 + 3600;
    let wrong = prop_oneof![-60 * year..-far, far..60 * year];
    prop_oneof![
        3 => (0_u32..3 * 86_400).prop_map(ClockStep::Passes),
        3 => Just(ClockStep::CentralAnswers),
        2 => wrong.clone().prop_map(ClockStep::CentralErrs),
        2 => wrong.prop_map(|by| ClockStep::SystemSays(by, false)),
        1 => (-60_i64..60, any::<bool>()).prop_map(|(by, verified)| ClockStep::SystemSays(by, verified)),
        1 => Just(ClockStep::SystemIsNoEvidence),
    ]
}

proptest! {
    /// Whatever an unverified system clock and single errors of central say.
    #[test]
    fn the_bounds_hold_the_true_time(events in prop::collection::vec(clock_step(), 1..60)) {
        let mut device = Device::with_record();
        // What proves anything is exact to a minute here, in either direction.
        let slack = TOLERANCE;
        for event in events {
            let before = (device.monotonic, device.reckon().bounds.earliest);
            match event {
                ClockStep::Passes(seconds) => {
                    device.wait(Duration::from_secs(u64::from(seconds)));
                }
                ClockStep::CentralAnswers => {
                    device.central(TimeDelta::zero());
                }
                ClockStep::CentralErrs(by) => {
                    device.central(TimeDelta::seconds(by));
                    // The next answer is another one, so that no error is confirmed.
                    device.reckon();
                    device.central(TimeDelta::zero());
                }
                ClockStep::SystemSays(by, verified) => {
                    device.system(TimeDelta::seconds(by), verified);
                }
                ClockStep::SystemIsNoEvidence => device.system = None,
            }
            let Reckoning { bounds, .. } = device.reckon();
            let truth = device.truth();
            prop_assert!(bounds.earliest <= bounds.latest);
            prop_assert!(bounds.earliest <= truth + slack, "{:?} at {}", bounds, truth);
            prop_assert!(bounds.latest >= truth - slack, "{:?} at {}", bounds, truth);
            let passed = TimeDelta::from_std(device.monotonic - before.0).unwrap();
            let least = before.1 + passed - passed / 10_000 - slack;
            prop_assert!(bounds.earliest >= least, "it advances: {:?}, at least {}", bounds, least);
        }
    }

    #[test]
    fn an_unverified_system_clock_alone_never_matters(
        seconds in 0_u64..40 * 86_400,
        system in -60 * 365 * 86_400_i64..60 * 365 * 86_400,
    ) {
        let mut with = Device::with_record();
        let mut without = Device::with_record();
        with.wait(Duration::from_secs(seconds)).system(TimeDelta::seconds(system), false);
        without.wait(Duration::from_secs(seconds));
        prop_assert_eq!(with.reckon(), without.reckon());
    }
}

#[test]
fn a_moved_clock_moves_both_bounds() {
    let clock = DeviceClock::start(SystemClockVerifier::Host);
    let eve = instant("2026-12-06T22:59:00Z");
    clock.set(eve);
    let before = clock.stamp();
    assert!(before.clock.earliest >= eve);
    assert!(before.clock.earliest < eve + TimeDelta::seconds(30));
    clock.advance(MINUTE * 2);
    let after = clock.stamp();
    assert!(after.clock.earliest >= before.clock.earliest + TimeDelta::seconds(119));
    assert!(after.clock.latest >= after.clock.earliest);
    assert!(after.monotonic >= before.monotonic + MINUTE * 2);
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
fn a_wrong_system_clock_of_a_walk_is_no_evidence() {
    let clock = DeviceClock::start(SystemClockVerifier::Nobody);
    clock.recall(noon(), None, HOUR);
    clock.set_system(noon() + YEAR);
    let shown = clock.now();
    assert_eq!(shown.trust, ClockTrust::Unknown);
    assert!(shown.earliest < noon() + TimeDelta::hours(2));
    assert!(shown.earliest > noon() + TimeDelta::minutes(59));
    assert!(TimeDelta::from_std(HOUR).unwrap() < LARGEST_STEP);
}

#[test]
fn stopped_time_outs_only_move_by_hand() {
    let clock = DeviceClock::start(SystemClockVerifier::Nobody);
    clock.stop_time_outs();
    let before = clock.stamp().monotonic;
    assert_eq!(clock.stamp().monotonic, before);
    clock.skip(Duration::from_secs(60));
    clock.advance(Duration::from_secs(5));
    assert_eq!(clock.stamp().monotonic, before + Duration::from_secs(65));
}
