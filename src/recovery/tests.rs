use proptest::prelude::*;

use super::*;

/// A device whose program is started again at once, whatever ended it.
struct Device {
    ladder: Ladder,
    boot: u32,
    /// Milliseconds since the first boot, and at the present one.
    time: u64,
    booted: u64,
    started: Start,
}

impl Device {
    fn new() -> Self {
        let mut device = Self {
            ladder: Ladder::default(),
            boot: 0,
            time: 0,
            booted: 0,
            started: Ladder::default().start(BootInstant {
                boot: String::new(),
                monotonic_ms: 0,
            }),
        };
        device.start();
        device
    }

    fn now(&self) -> BootInstant {
        BootInstant {
            boot: self.boot.to_string(),
            monotonic_ms: self.time - self.booted,
        }
    }

    fn advance(&mut self, time: Duration) {
        self.time += u64::try_from(time.as_millis()).unwrap();
    }

    /// Reads what was written, as the next program does.
    fn start(&mut self) {
        let written = serde_json::to_string(&self.ladder).unwrap();
        self.ladder = serde_json::from_str(&written).unwrap();
        let now = self.now();
        self.started = self.ladder.start(now);
    }

    fn fail(&mut self) {
        let now = self.now();
        self.ladder.fail(now, "panic in search");
        self.start();
    }

    /// The device is switched off without a warning, and on again.
    fn cut_power(&mut self) {
        self.boot += 1;
        self.booted = self.time;
        self.start();
    }

    fn fail_often(&mut self, times: usize) {
        for _ in 0..times {
            self.advance(Duration::from_secs(60));
            self.fail();
        }
    }

    /// Lets time pass in small steps, as the program does that asks whether its mode is over.
    fn wait(&mut self, time: Duration) {
        self.advance(time);
        if self.ladder.is_over(&self.now()) {
            self.ladder.stop();
            self.start();
        }
    }
}

#[test]
fn three_failures_within_ten_minutes_climb_and_an_hour_leads_back() {
    let mut device = Device::new();
    device.fail_often(2);
    assert_eq!(device.started.mode, Mode::Normal);
    device.fail_often(1);
    assert_eq!(device.started.mode, Mode::Safe);
    assert_eq!(device.started.mode_before, Mode::Normal);
    device.wait(HOUR - Duration::from_secs(1));
    assert_eq!(device.started.mode, Mode::Safe);
    device.wait(Duration::from_secs(1));
    assert_eq!(device.started.mode, Mode::Normal);
}

#[test]
fn failures_far_apart_are_only_reported() {
    let mut device = Device::new();
    for _ in 0..10 {
        device.advance(Duration::from_secs(301));
        device.fail();
        assert_eq!(device.started.mode, Mode::Normal);
    }
}

#[test]
fn every_failure_is_kept_until_the_journal_has_it() {
    let mut device = Device::new();
    device.fail_often(2);
    let first = device.started.failures.clone();
    assert_eq!(first.len(), 2);
    // One more before those are recorded.
    device.advance(Duration::from_secs(1));
    device.ladder.fail(device.now(), "panic in journal");
    device.ladder.recorded(&first);
    device.start();
    let [last] = &device.started.failures[..] else {
        panic!("{:?}", device.started)
    };
    assert_eq!(last.reason, "panic in journal");
    device.fail_often(50);
    assert_eq!(device.started.failures.len(), UNRECORDED);
}

#[test]
fn a_program_that_was_killed_has_failed_and_a_power_cut_has_not() {
    let mut device = Device::new();
    for _ in 0..3 {
        device.start();
        let last = device.started.failures.last().unwrap();
        assert_eq!(last.reason, NO_REASON);
    }
    assert_eq!(device.started.mode, Mode::Safe);

    let mut device = Device::new();
    for _ in 0..9 {
        device.cut_power();
        assert_eq!(device.started.failures, []);
    }
    assert_eq!(device.started.mode, Mode::Normal);
}

#[test]
fn a_boot_begins_anew() {
    let mut device = Device::new();
    // Switched off every evening: each day counts for itself, however often there was safe mode before.
    for _ in 0..20 {
        device.fail_often(3);
        assert_eq!(device.started.mode, Mode::Safe);
        device.wait(HOUR - Duration::from_secs(1));
        assert_eq!(device.started.mode, Mode::Safe);
        device.cut_power();
        assert_eq!(device.started.mode, Mode::Normal);
    }
    // Failures of another boot may be days old.
    device.fail_often(2);
    device.cut_power();
    device.fail_often(2);
    assert_eq!(device.started.mode, Mode::Normal);
    device.fail_often(1);
    assert_eq!(device.started.mode, Mode::Safe);
}

#[test]
fn a_new_manifest_ends_the_mode_at_once_and_later_each_time() {
    let mut device = Device::new();
    device.fail_often(3);
    device.ladder.manifest_taken();
    device.wait(Duration::ZERO);
    assert_eq!(device.started.mode, Mode::Normal);

    device.fail_often(3);
    device.ladder.manifest_taken();
    device.wait(HOUR - Duration::from_secs(1));
    assert_eq!(device.started.mode, Mode::Safe, "it backs off");
    device.wait(Duration::from_secs(1));
    assert_eq!(device.started.mode, Mode::Normal);

    device.fail_often(3);
    device.wait(4 * HOUR - Duration::from_secs(1));
    assert_eq!(device.started.mode, Mode::Safe);
    device.wait(Duration::from_secs(1));
    assert_eq!(device.started.mode, Mode::Normal);

    device.wait(2 * LONGEST);
    device.fail_often(3);
    device.wait(HOUR);
    assert_eq!(device.started.mode, Mode::Normal, "a calm day is forgiving");
}

#[test]
fn failures_in_safe_mode_leave_the_web_address() {
    let mut device = Device::new();
    device.fail_often(6);
    assert_eq!(device.started.mode, Mode::AddressOnly);
    device.fail_often(9);
    assert_eq!(device.started.mode, Mode::AddressOnly);
    device.wait(LONGEST);
    assert_eq!(device.started.mode, Mode::Normal);
}

#[test]
fn a_record_of_another_version_is_read_as_far_as_it_goes() {
    let now = BootInstant {
        boot: "b".to_owned(),
        monotonic_ms: 1,
    };
    let start = |record: &str| {
        let mut ladder: Ladder = serde_json::from_str(record).unwrap();
        ladder.start(now.clone()).mode
    };
    let entered = r#"{"mode":"safe","entered":{"boot":"b","monotonic_ms":0},"new":1}"#;
    assert_eq!(start(entered), Mode::Safe);
    // A mode without a beginning would have no end.
    assert_eq!(start(r#"{"mode":"safe"}"#), Mode::Normal);
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Wait(u64),
    Fail,
    Kill,
    Stop,
    PowerCut,
    Manifest,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..400_u64).prop_map(Step::Wait),
        1 => (0..100_000_u64).prop_map(Step::Wait),
        4 => Just(Step::Fail),
        2 => Just(Step::Kill),
        1 => Just(Step::Stop),
        1 => Just(Step::PowerCut),
        1 => Just(Step::Manifest),
    ]
}

proptest! {
    #[test]
    fn a_mode_follows_from_failures_only_and_never_stays(steps in prop::collection::vec(step(), 0..60)) {
        let mut device = Device::new();
        // When the program failed since the last change of the mode, in this boot.
        let mut failed = Vec::new();
        for step in steps {
            let before = device.started.mode;
            match step {
                Step::Wait(seconds) => device.wait(Duration::from_secs(seconds)),
                Step::Fail => {
                    failed.push(device.time);
                    device.fail();
                }
                Step::Kill => {
                    failed.push(device.time);
                    device.start();
                }
                Step::Stop => {
                    device.ladder.stop();
                    device.start();
                }
                Step::PowerCut => {
                    device.cut_power();
                    prop_assert_eq!(device.started.mode, Mode::Normal);
                    failed.clear();
                }
                Step::Manifest => device.ladder.manifest_taken(),
            }
            let is_failure = matches!(step, Step::Fail | Step::Kill);
            prop_assert_eq!(is_failure, is_failure && !device.started.failures.is_empty());
            let mode = device.started.mode;
            if mode > before {
                prop_assert!(is_failure);
                let within = |failed: &u64| Duration::from_millis(device.time - failed) <= WINDOW;
                prop_assert!(failed.iter().filter(|failed| within(failed)).count() >= FAILURES);
            }
            if mode != before {
                prop_assert!(mode == Mode::Normal || mode == before.next());
                failed.clear();
            }
            prop_assert!(device.ladder.failures.len() <= FAILURES);
        }
        device.wait(LONGEST);
        prop_assert_eq!(device.started.mode, Mode::Normal);
    }
}
