//! The real program with faults injected: whatever fails ends it, and the next start knows why.
#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, reason = "helpers of tests panic like tests")]

mod town;

use std::collections::BTreeSet;
use std::fs::Permissions;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use town::{PATIENCE, Town};
use vyveska::app::RESTART_STATUS;

/// A headless kiosk process and what it logs.
struct Program {
    process: Child,
    log: mpsc::Receiver<String>,
    seen: Vec<String>,
}

impl Program {
    fn start(town: &Town, data: &Path, fault: &str, arguments: &[&str]) -> Self {
        let mut command = command(town, data, fault);
        command.args(arguments);
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let mut process = command.spawn().unwrap();
        let (sender, log) = mpsc::channel();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let seen = Vec::new();
        Self { process, log, seen }
    }

    /// Waits until it logs this.
    #[track_caller]
    fn logs(&mut self, part: &str) {
        while !self.seen.iter().any(|line| line.contains(part)) {
            match self.log.recv_timeout(PATIENCE) {
                Ok(line) => self.seen.push(line),
                Err(error) => panic!("{error} for {part:?}: {:#?}", self.seen),
            }
        }
    }

    /// Waits for its end by itself; returns its status.
    #[track_caller]
    fn ends(&mut self) -> Option<i32> {
        loop {
            match self.log.recv_timeout(PATIENCE) {
                Ok(line) => self.seen.push(line),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(error) => panic!("{error}: {:#?}", self.seen),
            }
        }
        self.process.wait().unwrap().code()
    }

    /// Asks it to end, as systemd does.
    fn terminate(&self) {
        let process = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
    }

    #[track_caller]
    fn stop(mut self) {
        self.terminate();
        assert_eq!(self.ends(), Some(0), "{:#?}", self.seen);
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(town: &Town, data: &Path, fault: &str) -> Command {
    let mut command = command_on(town, data, fault);
    command.arg("--headless");
    command
}

/// The same on a screen that is still to be said.
fn command_on(town: &Town, data: &Path, fault: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vyveska"));
    command
        .arg("--enrolment")
        .arg(town.enrolment())
        .arg("--data")
        .arg(data)
        .args(["--size", "1080x1920"])
        .env("VYVESKA_FAULT", fault)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// A sound card with a jack: the kernel's list of cards, and a stand-in for the tool that reads the jack.
struct SoundCard(tempfile::TempDir);

impl SoundCard {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cards = " 0 [Card           ]: Card - A card\n";
        std::fs::write(folder.path().join("cards"), cards).unwrap();
        let amixer = folder.path().join("amixer");
        let jack = "numid=10,iface=CARD,name='Headphone Jack'";
        let tool = format!(
            "#!/bin/sh\ncase \"$*\" in\n\
             '-c 0 controls') echo \"{jack}\" ;;\n\
             '-c 0 cget numid=10') echo '  : values=off' ;;\n\
             *) exit 1 ;;\nesac\n"
        );
        std::fs::write(&amixer, tool).unwrap();
        std::fs::set_permissions(&amixer, Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }

    /// Lets this program find the card.
    fn give(&self, command: &mut Command) {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.0.path().to_owned()).chain(std::env::split_paths(&path));
        command
            .env("PATH", std::env::join_paths(folders).unwrap())
            .env("VYVESKA_SOUND_CARDS", self.0.path().join("cards"));
    }
}

/// Whether the journal has an entry with these parts.
fn is_recorded(data: &Path, kind: &str, part: &str) -> bool {
    let journal = std::fs::read_to_string(data.join("journal/journal-000001.jsonl")).unwrap();
    let kind = format!(r#""kind":"{kind}""#);
    journal
        .lines()
        .any(|line| line.contains(&kind) && line.contains(part))
}

/// The notices that became visible since the last entry with these parts.
fn became_visible_since(data: &Path, kind: &str, part: &str) -> BTreeSet<String> {
    let journal = std::fs::read_to_string(data.join("journal/journal-000001.jsonl")).unwrap();
    let kind = format!(r#""kind":"{kind}""#);
    let since = journal
        .lines()
        .rev()
        .take_while(|line| !(line.contains(&kind) && line.contains(part)));
    since
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|entry| entry["kind"] == "became_visible")
        .map(|entry| entry["facts"]["notice"]["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Every thread of the kiosk by its name, and what starts it.
const THREADS: [(&str, Starts); 18] = [
    ("answers", Starts::Itself),
    ("coat-of-arms", Starts::Task),
    // Only after another failure.
    ("deadline", Starts::Elsewhere),
    ("drawing", Starts::Itself),
    ("driver", Starts::WithDriver),
    ("headphones", Starts::WithJack),
    ("journal", Starts::Itself),
    ("network", Starts::Itself),
    ("page-text", Starts::Touched(&READS_ALOUD)),
    ("pages", Starts::Itself),
    ("pictures", Starts::Touched(&OPENS_PICTURES)),
    ("recovery", Starts::Task),
    ("search", Starts::Itself),
    ("service", Starts::Itself),
    ("signals", Starts::Itself),
    ("text", Starts::Touched(&OPENS_DOCUMENT)),
    // With any tool of the system; the first one looks for a jack.
    ("tool-output", Starts::TaskForJack),
    ("voice", Starts::WithSound),
];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Starts {
    /// With the program, for as long as it runs.
    Itself,
    /// With the first board, for a single job.
    Task,
    WithDriver,
    WithSound,
    /// Where a sound card has a jack for headphones.
    WithJack,
    /// With a sound card, for a single job.
    TaskForJack,
    /// Once these requests of the driver are done.
    Touched(&'static [(&'static str, &'static str)]),
    /// Not in every program that these tests can start.
    Elsewhere,
}

const OPENS_PICTURES: [(&str, &str); 3] = [
    ("/wait", r#"{ "label": "Celá deska", "screen": "idle" }"#),
    ("/tap", r#"{ "label": "Informace města" }"#),
    ("/tap", r#"{ "label": "Co se chystá" }"#),
];

const OPENS_DOCUMENT: [(&str, &str); 3] = [
    ("/wait", r#"{ "label": "Celá deska", "screen": "idle" }"#),
    ("/tap", r#"{ "label": "Celá deska" }"#),
    ("/tap", r#"{ "label": "nové: Opatření obecné povahy" }"#),
];

const READS_ALOUD: [(&str, &str); 7] = [
    OPENS_DOCUMENT[0],
    OPENS_DOCUMENT[1],
    OPENS_DOCUMENT[2],
    ("/wait", r#"{ "screen": "notice" }"#),
    ("/settle", "{}"),
    ("/key", r#"{ "name": "F8" }"#),
    ("/key", r#"{ "name": "F7" }"#),
];

/// The names that the sources give to supervised threads.
fn names_in_sources(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            names_in_sources(&path, names);
            continue;
        }
        // It defines both.
        if path.ends_with("src/worker.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for start in ["Worker::start(", "spawn_task("] {
            for (at, _) in code.match_indices(start) {
                // `SearchWorker::start` is another function.
                if code[..at].ends_with(char::is_alphanumeric) {
                    continue;
                }
                let rest = code[at + start.len()..].trim_start();
                let name = rest
                    .strip_prefix('"')
                    .and_then(|rest| rest.split('"').next());
                let name = name.unwrap_or_else(|| {
                    panic!(
                        "{} names a thread by no literal: {rest:.60}",
                        path.display()
                    )
                });
                names.insert(name.to_owned());
            }
        }
    }
}

#[test]
fn every_thread_of_the_kiosk_has_a_row() {
    let mut names = BTreeSet::new();
    names_in_sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut names,
    );
    let rows = THREADS.iter().map(|(name, _)| (*name).to_owned());
    assert_eq!(names, rows.collect());
}

/// What the program, started with this fault, ended for, according to the next program and its journal.
#[track_caller]
fn check_next_knows(town: &Town, data: &Path, fault: &str, mut failing: Program, reason: &str) {
    let status = failing.ends();
    assert_eq!(
        status,
        Some(RESTART_STATUS.into()),
        "{fault}: {:#?}",
        failing.seen
    );
    let mut next = Program::start(town, data, "", &[]);
    next.logs(reason);
    next.logs("board is");
    next.stop();
    assert!(is_recorded(data, "failed", reason), "{fault}");
}

#[test]
fn a_thread_that_fails_ends_the_program_and_the_next_start_knows_why() {
    let town = Town::start();
    let folder = tempfile::tempdir().unwrap();
    let card = SoundCard::new();
    let check = |fault: &str, reason: &str, arguments: &[&str]| {
        let data = folder.path().join(fault.replace([':', ','], "-"));
        let mut command = command(&town, &data, fault);
        command.args(arguments);
        card.give(&mut command);
        check_next_knows(&town, &data, fault, Program::spawn(command), reason);
    };
    let sound = folder.path().join("sound");
    std::fs::create_dir(&sound).unwrap();
    let sound = format!("files:{}", sound.display());
    for (name, starts) in THREADS {
        let arguments: &[&str] = match starts {
            Starts::Itself | Starts::Task | Starts::WithJack | Starts::TaskForJack => &[],
            Starts::WithDriver => &["--driver", "127.0.0.1:0"],
            Starts::WithSound => &["--sound", &sound],
            Starts::Touched(_) | Starts::Elsewhere => continue,
        };
        let panics = format!("panic in {name} at ");
        check(&format!("panic:{name}"), &panics, arguments);
        if !matches!(starts, Starts::Task | Starts::TaskForJack) {
            check(&format!("end:{name}"), &format!("{name} ended"), arguments);
        }
    }
    check("panic:interface", "panic in main at ", &[]);
    let both = "panic:search,panic:deadline";
    check(both, "panic in search at ", &[]);
}

#[test]
fn a_thread_that_fails_at_a_touch_ends_the_program_and_the_next_start_knows_why() {
    let town = Town::start();
    town.prepare();
    let folder = tempfile::tempdir().unwrap();
    for (name, starts) in THREADS {
        let Starts::Touched(requests) = starts else {
            continue;
        };
        let fault = format!("panic:{name}");
        let data = folder.path().join(name);
        let mut command = command(&town, &data, &fault);
        command
            .args(["--driver", "127.0.0.1:0"])
            .stdout(Stdio::piped());
        let mut failing = Program::spawn(command);
        let mut line = String::new();
        BufReader::new(failing.process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line.trim().strip_prefix("driver: ").unwrap();
        #[expect(clippy::disallowed_methods, reason = "the client of this test")]
        let client = reqwest::Client::new();
        for (path, body) in requests {
            let request = client
                .post(format!("{address}{path}"))
                .header("content-type", "application/json")
                .body(*body);
            // The last one may break off.
            if let Ok(answer) = town.runtime.block_on(request.send()) {
                assert!(answer.status().is_success(), "{fault} {path} {body}");
            }
        }
        let reason = format!("panic in {name} at ");
        check_next_knows(&town, &data, &fault, failing, &reason);
    }
}

#[test]
fn repeated_failures_leave_titles_then_the_web_address_and_a_manifest_leads_back() {
    let town = Town::start();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("kiosk");
    let mode = || {
        let record = std::fs::read_to_string(data.join("recovery.json")).unwrap();
        let record: serde_json::Value = serde_json::from_str(&record).unwrap();
        record["ladder"]["mode"].as_str().unwrap().to_owned()
    };
    let fails = |fault: &str| {
        let mut failing = Program::start(&town, &data, fault, &[]);
        let status = failing.ends();
        assert_eq!(status, Some(RESTART_STATUS.into()), "{:#?}", failing.seen);
    };
    let mut filling = Program::start(&town, &data, "", &[]);
    filling.logs("a new board is in use");
    filling.stop();
    for _ in 0..3 {
        fails("panic:search");
    }
    assert_eq!(mode(), "normal");

    // Safe mode does without the search. The next manifest starts everything again, the search too.
    let mut safe = Program::start(&town, &data, "panic:search", &[]);
    safe.logs("mode=Safe");
    let published = vyveska_sample_town::SampleTown::load().unwrap().notices;
    assert!(town.publisher.set_title(&published[0].id, "Jiný název"));
    town.poll();
    let status = safe.ends();
    assert_eq!(status, Some(RESTART_STATUS.into()), "{:#?}", safe.seen);
    assert_eq!(mode(), "normal");
    assert!(is_recorded(&data, "safe_mode", r#""on":true"#));
    // Its titles are as visible as the whole notices.
    let titles = became_visible_since(&data, "safe_mode", r#""on":true"#);
    assert!(titles.len() > 30, "{titles:?}");
    assert!(is_recorded(&data, "safe_mode", r#""on":false"#));

    for expected in ["normal", "normal", "safe", "safe", "safe"] {
        fails("panic:interface");
        assert_eq!(mode(), expected);
    }
    // Nothing of the kiosk runs but the window.
    let mut address = Program::start(&town, &data, "panic:network", &[]);
    address.logs("the kiosk runs with less");
    address.stop();
    assert_eq!(mode(), "address_only");

    // No journal runs there; the next one has what failed meanwhile.
    fails("panic:signals");
    let path = data.join("recovery.json");
    let record = std::fs::read_to_string(&path).unwrap();
    let mut record: serde_json::Value = serde_json::from_str(&record).unwrap();
    record["ladder"]["mode"] = "normal".into();
    std::fs::write(&path, record.to_string()).unwrap();
    let mut normal = Program::start(&town, &data, "", &[]);
    normal.logs("the board is painted");
    normal.stop();
    assert!(is_recorded(&data, "failed", "panic in signals"));
    let record = std::fs::read_to_string(&path).unwrap();
    assert!(record.contains(r#""unrecorded":[]"#), "{record}");
}

#[test]
fn a_start_that_fails_is_tried_with_less_and_ends_with_its_reason() {
    let town = Town::start();
    let data = tempfile::tempdir().unwrap();
    // Normal, safe mode and the web address, and no screen for any of them.
    for expected in [RESTART_STATUS; 6].into_iter().chain([1]) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vyveska"));
        command
            .arg("--enrolment")
            .arg(town.enrolment())
            .arg("--data")
            .arg(data.path())
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut failing = Program::spawn(command);
        let status = failing.ends();
        assert_eq!(status, Some(expected.into()), "{:#?}", failing.seen);
        failing.logs("the program fails");
        failing.logs("neither DISPLAY nor WAYLAND_DISPLAY is set");
        let of_toolkit = failing.seen.iter().find(|line| line.contains(".rs:"));
        assert_eq!(of_toolkit, None);
    }
}

#[test]
fn an_address_that_no_central_has_is_refused_with_reason() {
    for address in ["ftp://central.example/", "central.example", "file:///etc"] {
        let output = Command::new(env!("CARGO_BIN_EXE_vyveska"))
            .args(["--headless", "--central", address])
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert!(words.contains("begins with https:// or http://"), "{words}");
    }
}

#[test]
fn a_file_in_the_place_of_the_data_folder_is_a_mistake_and_no_failure() {
    let town = Town::start();
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut command = command_on(&town, file.path(), "");
    command.arg("--headless");
    let mut kiosk = Program::spawn(command);
    assert_eq!(kiosk.ends(), Some(1), "{:#?}", kiosk.seen);
    kiosk.logs("is a file, not a folder for data");
}

#[test]
fn a_second_kiosk_on_the_same_data_ends_and_changes_nothing() {
    let town = Town::start();
    let folder = tempfile::tempdir().unwrap();
    let ladder = || {
        let record = std::fs::read_to_string(folder.path().join("recovery.json")).unwrap();
        let record: serde_json::Value = serde_json::from_str(&record).unwrap();
        record["ladder"].clone()
    };
    let mut first = Program::start(&town, folder.path(), "", &[]);
    first.logs("a new board is in use");
    let before = ladder();
    let pictures = folder.path().with_extension("pictures");
    let pictures = ["--screens", pictures.to_str().unwrap()];
    let driver = ["--headless", "--driver", "127.0.0.1:0"];
    for screen in [&["--headless"][..], &pictures, &driver] {
        for _ in 0..3 {
            let mut second = command_on(&town, folder.path(), "");
            second.args(screen);
            let mut second = Program::spawn(second);
            assert_eq!(second.ends(), Some(1), "{:#?}", second.seen);
            let expected = format!("the data folder {} is in use", folder.path().display());
            second.logs(&expected);
        }
    }
    assert_eq!(ladder(), before);
    let verified = Command::new(env!("CARGO_BIN_EXE_vyveska"))
        .args(["journal", "verify"])
        .arg(folder.path().join("journal"))
        .arg("--key")
        .arg(folder.path().join("device-key.pub.pem"))
        .output()
        .unwrap();
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
    first.stop();
    // As soon as the other has ended, also when it was killed.
    for _ in 0..2 {
        let mut next = Program::start(&town, folder.path(), "", &[]);
        next.logs("the board is painted");
    }
}

#[test]
fn a_signal_is_recorded_and_another_leaves_at_once_whatever_hangs() {
    let town = Town::start();
    let folder = tempfile::tempdir().unwrap();
    let mut filling = Program::start(&town, folder.path(), "", &[]);
    filling.logs("a new board is in use");
    filling.stop();
    let mut hanging = Program::start(&town, folder.path(), "hang:network", &[]);
    hanging.logs("the board is painted");
    hanging.terminate();
    hanging.logs("the end is in the journal");
    hanging.terminate();
    assert_eq!(hanging.ends(), Some(130), "{:#?}", hanging.seen);
}

#[test]
fn a_failure_ends_the_program_also_when_its_reason_cannot_be_written() {
    let town = Town::start();
    let folder = tempfile::tempdir().unwrap();
    for fault in ["panic:search,hang:record", "panic:interface,hang:record"] {
        let mut failing = Program::start(&town, folder.path(), fault, &[]);
        let status = failing.ends();
        assert_eq!(status, Some(RESTART_STATUS.into()), "{:#?}", failing.seen);
    }
    let mut next = Program::start(&town, folder.path(), "", &[]);
    next.logs("it ended without a reason");
    // Signals are listened to by then.
    next.logs("the board is painted");
    next.stop();
}

#[test]
fn systemd_hears_of_the_screen_and_of_every_answer_of_the_interface() {
    let town = Town::start();
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("notify");
    let systemd = UnixDatagram::bind(&socket).unwrap();
    systemd.set_read_timeout(Some(PATIENCE)).unwrap();
    let told = || {
        let mut bytes = [0; 256];
        let length = systemd.recv(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    };
    let mut command = command(&town, folder.path(), "");
    command
        .env("NOTIFY_SOCKET", &socket)
        .env("WATCHDOG_USEC", "20000000");
    let kiosk = Program::spawn(command);
    assert_eq!(told().trim(), "READY=1");
    for _ in 0..3 {
        assert_eq!(told().trim(), "WATCHDOG=1");
    }
    kiosk.stop();
    let mut rest = std::iter::repeat_with(told);
    assert!(rest.any(|message| message.trim() == "STOPPING=1"));
}

#[test]
fn systemd_hears_nothing_once_the_interface_hangs() {
    let town = Town::start();
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("notify");
    let systemd = UnixDatagram::bind(&socket).unwrap();
    systemd.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut command = command(&town, folder.path(), "hang:interface");
    command
        .env("NOTIFY_SOCKET", &socket)
        .env("WATCHDOG_USEC", "20000000");
    let mut kiosk = Program::spawn(command);
    let board = "sync::round: a new board is in use";
    kiosk.logs("a hang was injected");
    kiosk.logs(board);
    kiosk.seen.clear();
    // What was said before.
    let mut bytes = [0; 256];
    systemd.set_nonblocking(true).unwrap();
    while systemd.recv(&mut bytes).is_ok() {}
    // Every other thread goes on.
    let published = vyveska_sample_town::SampleTown::load().unwrap().notices;
    assert!(town.publisher.set_title(&published[0].id, "Jiný název"));
    town.poll();
    kiosk.logs(board);
    // A watchdog that is still fed is fed every second.
    systemd.set_nonblocking(false).unwrap();
    systemd
        .set_read_timeout(Some(Duration::from_secs(3)))
        .unwrap();
    let told = systemd.recv(&mut bytes);
    let nothing = told.as_ref().err().map(std::io::Error::kind);
    assert_eq!(nothing, Some(std::io::ErrorKind::WouldBlock), "{told:?}");
}
