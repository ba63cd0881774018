//! Wrong clocks of a kiosk and of central remove no notice.
#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "helpers of tests panic like tests")]

mod driven;
mod town;

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use driven::{DrivenKiosk, program};
use serde_json::{Value, json};
use town::Town;
use vyveska_board::{Clock, ClockBounds};
use vyveska_central::SystemClock;
use vyveska_sample_town::{Day, Until};

const NOTE: &str = "Čas není ověřen.";

const DAY: i64 = 86_400;

/// How wrong the system clock is, in seconds: 56 years and a day behind, three weeks and four years ahead.
const OFFSETS: [i64; 4] = [-56 * 1461 * DAY / 4, -DAY, 21 * DAY, 1461 * DAY];

/// The day of the town: far from midnight, whenever the tests run.
fn today() -> NaiveDate {
    "2026-11-21".parse().unwrap()
}

/// The town's time, and how wrong central's clock is.
struct TownClock {
    /// How far the town's time is from this computer's.
    shift: TimeDelta,
    wrong_by: AtomicI64,
}

impl TownClock {
    /// It is noon on the day of the town now.
    fn at_noon() -> Arc<Self> {
        let noon: DateTime<Utc> = "2026-11-21T11:00:00Z".parse().unwrap();
        Arc::new(Self {
            shift: noon.signed_duration_since(SystemClock.now().earliest),
            wrong_by: AtomicI64::new(0),
        })
    }

    fn set_wrong_by(&self, seconds: i64) {
        self.wrong_by.store(seconds, Ordering::Relaxed);
    }
}

impl Clock for TownClock {
    fn now(&self) -> ClockBounds {
        let wrong_by = TimeDelta::seconds(self.wrong_by.load(Ordering::Relaxed));
        ClockBounds::exact(SystemClock.now().earliest + self.shift + wrong_by)
    }
}

fn town(clock: &Arc<TownClock>) -> Town {
    Town::start_on(Arc::new(today), Arc::<TownClock>::clone(clock))
}

/// The library that fakes the system clock of a program with several threads.
fn faketime() -> String {
    let found = Command::new("faketime")
        .args(["-m", "-f", "+0d", "printenv", "LD_PRELOAD"])
        .output()
        .expect("faketime is installed (Debian package faketime)");
    String::from_utf8(found.stdout).unwrap().trim().to_owned()
}

/// The kiosk of this town, whose clock this verifier vouches for.
fn kiosk(town: &Town, verifier: &str) -> Command {
    let mut command = program(town, "127.0.0.1:0");
    command.args(["--clock-verified-by", verifier]);
    command
}

/// The same program with its system clock off by so many seconds from the town's time.
fn faked(mut command: Command, library: &str, clock: &TownClock, offset: i64) -> Command {
    let seconds = clock.shift.num_seconds() + offset;
    command
        .env("LD_PRELOAD", library)
        .env("FAKETIME", format!("{seconds:+}"))
        .env("DONT_FAKE_MONOTONIC", "1");
    command
}

/// The same program with another value for one of its options, which it has.
fn with(command: &Command, option: &str, value: &OsStr) -> Command {
    assert!(command.get_args().any(|argument| argument == option));
    let mut other = Command::new(command.get_program());
    let mut replaces = false;
    for argument in command.get_args() {
        other.arg(if replaces { value } else { argument });
        replaces = argument == option;
    }
    other
}

/// The kiosk where central cannot be reached: nothing listens at port 1 of this computer.
fn offline(town: &Town, verifier: &str) -> Command {
    let nowhere = "http://127.0.0.1:1".parse().unwrap();
    let file = town.enrolment_at(&nowhere, "offline.toml");
    with(&kiosk(town, verifier), "--enrolment", file.as_os_str())
}

/// Runs a kiosk until it shows the board, and gives its state.
fn shown_before(town: &Town) -> Value {
    let driven = DrivenKiosk::spawn(town, &mut kiosk(town, "nobody"));
    driven.does(
        "/wait",
        json!({ "label": "Celá deska", "screen": "idle", "limit_ms": 60_000 }),
    );
    let state = driven.get("/state");
    assert!(state["notices"].as_u64() > Some(30), "{state}");
    assert_eq!(state["clock"]["trust"], "Synchronised");
    assert!(
        state["date"].as_str().unwrap().contains("21. listopadu"),
        "{state}"
    );
    state
}

/// The same notices, and either the same day or none: a time that nothing bounds is not shown.
#[track_caller]
fn check_same(state: &Value, before: &Value, what: &str) {
    assert_eq!(state["notices"], before["notices"], "{what}: {state}");
    if state["clock"]["trust"] == "Unknown" {
        assert_eq!((&state["date"], &state["time"]), (&json!(""), &json!("")));
    } else {
        assert_eq!(state["date"], before["date"], "{what}: {state}");
    }
}

fn remove_alive_blocks(data: &Path) {
    for name in ["alive-a.json", "alive-b.json"] {
        std::fs::remove_file(data.join("journal").join(name)).unwrap();
    }
}

#[test]
fn a_wrong_system_clock_removes_nothing_and_is_said() {
    let library = faketime();
    let clock = TownClock::at_noon();
    let town = town(&clock);
    let before = shown_before(&town);

    for offset in OFFSETS {
        let what = format!("{offset}, offline, after a restart of the program");
        let command = faked(offline(&town, "nobody"), &library, &clock, offset);
        let driven = DrivenKiosk::spawn(&town, &mut { command });
        let state = driven.get("/state");
        check_same(&state, &before, &what);
        assert_eq!(state["clock"]["trust"], "HoldingOver", "{what}");
        driven.does("/wait", json!({ "label": NOTE }));
    }
    for offset in OFFSETS {
        // Without the journal only the signature of the board proves the time.
        remove_alive_blocks(&town.kiosk_data());
        let what = format!("{offset}, offline, without a record");
        let command = faked(offline(&town, "nobody"), &library, &clock, offset);
        let driven = DrivenKiosk::spawn(&town, &mut { command });
        let state = driven.get("/state");
        check_same(&state, &before, &what);
        assert_eq!(state["clock"]["trust"], "Unknown", "{what}");
        driven.does("/wait", json!({ "label": NOTE }));
    }
    for offset in OFFSETS {
        let what = format!("{offset}, online");
        let command = faked(kiosk(&town, "nobody"), &library, &clock, offset);
        let driven = DrivenKiosk::spawn(&town, &mut { command });
        check_same(&driven.get("/state"), &before, &what);
        driven.does("/wait", json!({ "gone": NOTE, "limit_ms": 60_000 }));
        let state = driven.get("/state");
        check_same(&state, &before, &what);
        assert_eq!(state["clock"]["trust"], "Synchronised", "{what}");
    }
    for offset in OFFSETS {
        let what = format!("{offset}, offline, verified");
        let command = faked(offline(&town, "host"), &library, &clock, offset);
        let driven = DrivenKiosk::spawn(&town, &mut { command });
        check_same(&driven.get("/state"), &before, &what);
        driven.does("/wait", json!({ "label": NOTE }));
    }
    for offset in OFFSETS {
        // Something vouches for the wrong clock, but central contradicts it.
        let what = format!("{offset}, online, verified");
        let command = faked(kiosk(&town, "host"), &library, &clock, offset);
        let driven = DrivenKiosk::spawn(&town, &mut { command });
        driven.does("/wait", json!({ "label": NOTE, "limit_ms": 60_000 }));
        let state = driven.get("/state");
        assert_eq!(state["clock"]["trust"], "Unknown", "{what}");
        assert_eq!(state["notices"], before["notices"], "{what}: {state}");
    }
}

#[test]
fn nine_days_offline_notices_end_by_the_monotonic_clock() {
    let library = faketime();
    let clock = TownClock::at_noon();
    let town = town(&clock);
    let before = shown_before(&town);
    remove_alive_blocks(&town.kiosk_data());
    let command = faked(offline(&town, "nobody"), &library, &clock, 1461 * DAY);
    let wrong = DrivenKiosk::spawn(&town, &mut { command });
    check_same(&wrong.get("/state"), &before, "at first");
    let later = wrong.does("/clock", json!({ "advance": 9 * DAY }));
    assert_eq!(later["clock"]["trust"], "Unknown");
    wrong.does("/wait", json!({ "label": NOTE }));
    // The system clock is set once more, by somebody who does not know the time either.
    let set = wrong.does("/clock", json!({ "system": "2039-01-01T00:00:00Z" }));
    assert_eq!(set["notices"], later["notices"]);
    drop(wrong);

    let data = town.kiosk_data().with_file_name("another-kiosk");
    let mut other = with(&kiosk(&town, "nobody"), "--data", data.as_os_str());
    let right = DrivenKiosk::spawn(&town, &mut other);
    right.does(
        "/wait",
        json!({ "label": "Celá deska", "screen": "idle", "limit_ms": 60_000 }),
    );
    let expected = right.does("/clock", json!({ "advance": 9 * DAY }));
    assert_ne!(
        expected["notices"], before["notices"],
        "some end within nine days"
    );
    assert_eq!(later["notices"], expected["notices"], "after nine days");
}

#[test]
fn marked_notices_stay_while_the_time_is_unknown_and_leave_by_a_verified_one() {
    let library = faketime();
    let clock = TownClock::at_noon();
    let town = town(&clock);
    let mut marked = 0;
    for notice in vyveska_sample_town::SampleTown::load().unwrap().notices {
        let last = match notice.until {
            Until::Day(day) => day.on(today()),
            Until::Unspecified => continue,
        };
        // Its grace has passed nine days from now, too.
        if (today()..Day::after(7).on(today())).contains(&last) {
            let mark = |notice: &mut vyveska_sample_town::Notice| notice.personal_data = true;
            assert!(town.publisher.edit_notice(&notice.id, mark));
            marked += 1;
        }
    }
    assert!(marked > 0);
    town.poll();
    let before = shown_before(&town);
    let start = |verifier, offset| {
        let command = faked(offline(&town, verifier), &library, &clock, offset);
        DrivenKiosk::spawn(&town, &mut { command })
    };

    // Switched off for nine days, without a battery-backed clock or a time service: only the signature proves a time.
    remove_alive_blocks(&town.kiosk_data());
    for offset in [-56 * 1461 * DAY / 4, 0, 9 * DAY] {
        let driven = start("nobody", offset);
        let state = driven.get("/state");
        assert_eq!(state["clock"]["trust"], "Unknown", "{offset}");
        check_same(&state, &before, "nothing bounds the time");
        driven.does("/wait", json!({ "label": NOTE }));
        drop(driven);
        remove_alive_blocks(&town.kiosk_data());
    }

    // Central knows the time. It alone is believed once it has said so for an hour.
    clock.set_wrong_by(9 * DAY);
    let driven = DrivenKiosk::spawn(&town, &mut kiosk(&town, "nobody"));
    driven.does("/clock", json!({ "advance": 0 }));
    check_same(&driven.get("/state"), &before, "central has said so once");
    drop(driven);
    clock.set_wrong_by(0);
    remove_alive_blocks(&town.kiosk_data());

    // A time service knows the time, and is believed in the same way.
    let driven = start("host", 9 * DAY);
    let state = driven.get("/state");
    check_same(&state, &before, "the time service is far ahead");
    let state = driven.does("/clock", json!({ "advance": 3601 }));
    assert_eq!(state["clock"]["trust"], "Synchronised");
    let left = before["notices"].as_u64().unwrap() - state["notices"].as_u64().unwrap();
    assert!(left >= marked, "{left} of at least {marked} left: {state}");
}

#[test]
fn before_the_first_board_no_time_is_shown_that_nobody_has_verified() {
    let clock = TownClock::at_noon();
    let town = town(&clock);
    let driven = DrivenKiosk::spawn(&town, &mut offline(&town, "nobody"));
    let state = driven.get("/state");
    assert_eq!(state["screen"], "waiting");
    assert_eq!((&state["date"], &state["time"]), (&json!(""), &json!("")));
}

#[test]
fn an_error_of_centrals_clock_removes_nothing_and_is_forgotten() {
    let library = faketime();
    let clock = TownClock::at_noon();
    let town = town(&clock);
    let before = shown_before(&town);
    for verifier in ["nobody", "host"] {
        let mut command = kiosk(&town, verifier);
        if verifier == "host" {
            command = faked(command, &library, &clock, 0);
        }
        let driven = DrivenKiosk::spawn(&town, &mut command);
        driven.does("/wait", json!({ "gone": NOTE, "limit_ms": 60_000 }));
        for wrong_by in [DAY, 365 * DAY] {
            let what = format!("{wrong_by} s, verified by {verifier}");
            clock.set_wrong_by(wrong_by);
            driven.does("/clock", json!({ "advance": 0 }));
            driven.does("/wait", json!({ "label": NOTE }));
            check_same(&driven.get("/state"), &before, &what);
            clock.set_wrong_by(0);
            driven.does("/clock", json!({ "advance": 0 }));
            driven.does("/wait", json!({ "gone": NOTE }));
            check_same(&driven.get("/state"), &before, &what);
        }
    }
}
