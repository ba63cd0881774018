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

use chrono::TimeDelta;
use driven::{DrivenKiosk, program};
use serde_json::{Value, json};
use town::Town;
use vyveska_board::{Clock, ClockBounds};
use vyveska_central::SystemClock;

const NOTE: &str = "Čas není ověřen.";

const DAY: i64 = 86_400;

/// How wrong the system clock is, as libfaketime writes it.
const OFFSETS: [&str; 4] = ["-56y", "-1d", "+21d", "+1461d"];

/// A clock that is wrong by so many seconds.
#[derive(Default)]
struct WrongClock(AtomicI64);

impl Clock for WrongClock {
    fn now(&self) -> ClockBounds {
        let wrong_by = TimeDelta::seconds(self.0.load(Ordering::Relaxed));
        ClockBounds::exact(SystemClock.now().earliest + wrong_by)
    }
}

/// The library that fakes the system clock of a program with several threads.
fn faketime() -> Option<String> {
    let found = Command::new("faketime")
        .args(["-m", "-f", "+0d", "printenv", "LD_PRELOAD"])
        .output();
    let Ok(found) = found else {
        eprintln!(
            "faketime is not installed (Debian: faketime): wrong system clocks are not tried"
        );
        return None;
    };
    Some(String::from_utf8(found.stdout).unwrap().trim().to_owned())
}

/// The kiosk of this town, whose clock this verifier vouches for.
fn kiosk(town: &Town, verifier: &str) -> Command {
    let mut command = program(town, "127.0.0.1:0");
    command.args(["--clock-verified-by", verifier]);
    command
}

/// The same program with its system clock off by `offset`.
fn faked(mut command: Command, library: &str, offset: &str) -> Command {
    command
        .env("LD_PRELOAD", library)
        .env("FAKETIME", offset)
        .env("DONT_FAKE_MONOTONIC", "1");
    command
}

/// The same program with another value for one of its options.
fn with(command: &Command, option: &str, value: &OsStr) -> Command {
    let mut other = Command::new(command.get_program());
    let mut replaces = false;
    for argument in command.get_args() {
        other.arg(if replaces { value } else { argument });
        replaces = argument == option;
    }
    other
}

/// The same program where central cannot be reached: nothing listens at port 1 of this computer.
fn offline(command: &Command) -> Command {
    with(command, "--central", "http://127.0.0.1:1".as_ref())
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
    state
}

#[track_caller]
fn check_same(state: &Value, before: &Value, what: &str) {
    assert_eq!(state["notices"], before["notices"], "{what}: {state}");
    assert_eq!(state["date"], before["date"], "{what}: {state}");
}

fn remove_alive_blocks(data: &Path) {
    for name in ["alive-a.json", "alive-b.json"] {
        std::fs::remove_file(data.join("journal").join(name)).unwrap();
    }
}

#[test]
fn a_wrong_system_clock_removes_nothing_and_is_said() {
    let Some(library) = faketime() else { return };
    let town = Town::start();
    let before = shown_before(&town);

    for offset in OFFSETS {
        let what = format!("{offset}, offline, after a restart of the program");
        let command = faked(offline(&kiosk(&town, "kernel")), &library, offset);
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
        let command = faked(offline(&kiosk(&town, "nobody")), &library, offset);
        let driven = DrivenKiosk::spawn(&town, &mut { command });
        let state = driven.get("/state");
        check_same(&state, &before, &what);
        assert_eq!(state["clock"]["trust"], "Unknown", "{what}");
        driven.does("/wait", json!({ "label": NOTE }));
    }
    for offset in OFFSETS {
        let what = format!("{offset}, online");
        let command = faked(kiosk(&town, "nobody"), &library, offset);
        let driven = DrivenKiosk::spawn(&town, &mut { command });
        check_same(&driven.get("/state"), &before, &what);
        driven.does("/wait", json!({ "gone": NOTE, "limit_ms": 60_000 }));
        let state = driven.get("/state");
        check_same(&state, &before, &what);
        assert_eq!(state["clock"]["trust"], "Synchronised", "{what}");
    }
    for offset in OFFSETS {
        let what = format!("{offset}, offline, verified");
        let command = faked(offline(&kiosk(&town, "host")), &library, offset);
        let driven = DrivenKiosk::spawn(&town, &mut { command });
        check_same(&driven.get("/state"), &before, &what);
        driven.does("/wait", json!({ "label": NOTE }));
    }
    for offset in OFFSETS {
        // Something vouches for the wrong clock, but central contradicts it.
        let what = format!("{offset}, online, verified");
        let command = faked(kiosk(&town, "host"), &library, offset);
        let driven = DrivenKiosk::spawn(&town, &mut { command });
        driven.does("/wait", json!({ "label": NOTE, "limit_ms": 60_000 }));
        let state = driven.get("/state");
        assert_eq!(state["clock"]["trust"], "Unknown", "{what}");
        assert_eq!(state["notices"], before["notices"], "{what}: {state}");
    }
}

#[test]
fn nine_days_offline_notices_end_by_the_monotonic_clock() {
    let Some(library) = faketime() else { return };
    let town = Town::start();
    let before = shown_before(&town);
    remove_alive_blocks(&town.kiosk_data());
    let command = faked(offline(&kiosk(&town, "nobody")), &library, "+1461d");
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
    check_same(&later, &expected, "after nine days");
}

#[test]
fn an_error_of_centrals_clock_removes_nothing_and_is_forgotten() {
    let clock = Arc::new(WrongClock::default());
    let town = Town::start_with(Arc::<WrongClock>::clone(&clock));
    let before = shown_before(&town);
    for verifier in ["nobody", "host"] {
        let driven = DrivenKiosk::spawn(&town, &mut kiosk(&town, verifier));
        driven.does("/wait", json!({ "gone": NOTE, "limit_ms": 60_000 }));
        for wrong_by in [DAY, 365 * DAY] {
            let what = format!("{wrong_by} s, verified by {verifier}");
            clock.0.store(wrong_by, Ordering::Relaxed);
            driven.does("/clock", json!({ "advance": 0 }));
            driven.does("/wait", json!({ "label": NOTE }));
            check_same(&driven.get("/state"), &before, &what);
            clock.0.store(0, Ordering::Relaxed);
            driven.does("/clock", json!({ "advance": 0 }));
            driven.does("/wait", json!({ "gone": NOTE }));
            check_same(&driven.get("/state"), &before, &what);
        }
    }
}
