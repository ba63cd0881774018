//! A disk that is full, read-only or has bad sectors, at the start and while the display runs.
//!
//! Whatever happens to the disk, the last board is shown, and the next one, smaller or with an alert, is taken.
#![expect(clippy::unwrap_used, reason = "helpers of tests panic like tests")]

mod central;
mod display;
mod filesystem;

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use display::{Display, RESERVE_BYTES, central, journal_events, journal_is_whole, publish};
use filesystem::Disk;
use vyveska::store::StoreError;
use vyveska::sync::FakeCentralClient;
use vyveska_wire::journal::JournalEvent;
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::survey::SurveyAnswer;

const ONE: &[u8] = &[1; 40_000];
const TWO: &[u8] = &[2; 400_000];
const THREE: &[u8] = &[3; 40_000];

/// A disk on which a display has shown board 1, and the central service that publishes the next.
fn used_disk() -> (Disk, FakeCentralClient) {
    let (disk, central) = (Disk::mount(), central());
    publish(&central, 1, &[ONE, TWO], false);
    let display = Display::start(disk.path(), &central);
    display.until_taken(1);
    while ![ONE, TWO]
        .iter()
        .all(|bytes| display.store.has(&ContentHash::of(bytes)))
    {
        display.until_heard();
    }
    display.until_stored(1);
    assert!(display.stop());
    assert!(journal_is_whole(disk.path()));
    (disk, central)
}

/// How often this manifest was recorded as accepted since the last start.
fn accepted(data: &Path, number: u64) -> usize {
    journal_events(data)
        .iter()
        .filter(|event| {
            matches!(event, JournalEvent::ManifestAccepted { number: one, .. } if *one == number)
        })
        .count()
}

fn gap_causes(data: &Path) -> Vec<String> {
    journal_events(data)
        .into_iter()
        .filter_map(|event| match event {
            JournalEvent::Gap { cause, .. } => Some(cause),
            _ => None,
        })
        .collect()
}

/// The files whose damage is tried: all that a display has while it runs, or leaves behind.
fn files(running: bool) -> Vec<PathBuf> {
    let (disk, central) = used_disk();
    let display = running.then(|| Display::start(disk.path(), &central));
    if let Some(display) = &display {
        display.until_stored(1);
    }
    let files = disk.files();
    if let Some(display) = display {
        assert!(files.contains(&"board.sqlite-wal".into()), "{files:?}");
        display.stop();
    }
    for expected in [
        "board.sqlite",
        "board-copy.sqlite",
        "outbox.sqlite",
        "reserve",
    ] {
        assert!(files.contains(&expected.into()), "{expected}: {files:?}");
    }
    files
}

#[test]
fn a_full_disk_shows_the_last_board_and_takes_the_next() {
    // With nothing left, the reserve is used; without one, the switch happens in memory until there is room.
    for reserve in [true, false] {
        for at_start in [true, false] {
            let (disk, central) = used_disk();
            let fill = || {
                if !reserve {
                    std::fs::remove_file(disk.path().join("reserve")).unwrap();
                }
                disk.set_free(0);
            };
            if at_start {
                fill();
            }
            let display = Display::start(disk.path(), &central);
            assert_eq!(display.shown_first, Some(1));
            if !at_start {
                display.until_stored(1);
                fill();
            }
            publish(&central, 2, &[ONE], true);
            display.until_taken(2);
            // Board 2 does not name TWO: what that took is free now.
            display.until_stored(2);
            assert!(display.store.has(&ContentHash::of(ONE)));
            assert!(!display.store.has(&ContentHash::of(TWO)));
            assert!(display.stop(), "{reserve} {at_start}");
            assert_eq!(accepted(disk.path(), 2), 1);
            // What the reserve had room for was never in memory alone.
            let expected: &[&str] = if reserve { &[] } else { &["not_writable"] };
            assert_eq!(gap_causes(disk.path()), expected, "{reserve} {at_start}");
            assert!(journal_is_whole(disk.path()));
        }
    }
}

#[test]
fn documents_never_get_the_reserve() {
    let (disk, central) = used_disk();
    let display = Display::start(disk.path(), &central);
    display.until_stored(1);
    disk.set_free(100_000);
    let large = vec![3; 200_000];
    publish(&central, 2, &[ONE, TWO, &large], false);
    display.until_taken(2);
    display.until_stored(2);
    assert!(!display.store.has(&ContentHash::of(&large)));
    let held = std::fs::metadata(disk.path().join("reserve"))
        .unwrap()
        .len();
    assert_eq!(held, RESERVE_BYTES);
    // Once there is room, it comes.
    disk.set_free(10_000_000);
    display.until_arrived(&large);
    display.stop();
}

#[test]
fn documents_wait_until_the_reserve_is_whole_again() {
    let (disk, central) = used_disk();
    let display = Display::start(disk.path(), &central);
    display.until_stored(1);
    disk.set_free(0);
    let small = vec![3; 1_000];
    publish(&central, 2, &[ONE, TWO, &small], false);
    display.until_taken(2);
    display.until_stored(2);
    // The journal and the switch need little of the space that is released for them.
    for _ in 0..5 {
        display.until_heard();
    }
    assert!(!display.store.has(&ContentHash::of(&small)));
    disk.set_free(10_000_000);
    display.until_arrived(&small);
    display.stop();
}

#[test]
fn a_read_only_disk_shows_the_last_board_and_takes_the_next_in_memory() {
    for at_start in [true, false] {
        let (disk, central) = used_disk();
        if at_start {
            disk.set_read_only();
        }
        let display = Display::start(disk.path(), &central);
        assert_eq!(display.shown_first, Some(1));
        if !at_start {
            display.until_stored(1);
            disk.set_read_only();
        }
        publish(&central, 2, &[ONE], true);
        display.until_taken(2);
        publish(&central, 3, &[TWO], false);
        display.until_taken(3);
        disk.repair();
        display.until_stored(3);
        assert!(display.stop(), "at start: {at_start}");
        assert_eq!((accepted(disk.path(), 2), accepted(disk.path(), 3)), (1, 1));
        assert_eq!(
            gap_causes(disk.path()),
            ["not_writable"],
            "at start: {at_start}"
        );
        assert!(journal_is_whole(disk.path()));
    }
}

#[test]
fn a_bad_sector_in_any_file_at_the_start_keeps_no_board_back() {
    for file in files(false) {
        check_damaged_at_the_start(&file, Disk::damage);
    }
}

#[test]
fn a_file_that_cannot_be_opened_at_the_start_keeps_no_board_back() {
    for file in files(false) {
        check_damaged_at_the_start(&file, Disk::damage_inode);
    }
}

#[track_caller]
fn check_damaged_at_the_start(file: &Path, damage: fn(&Disk, &Path)) {
    let (disk, central) = used_disk();
    damage(&disk, file);
    let display = Display::start(disk.path(), &central);
    assert_eq!(display.shown_first, Some(1), "{}", file.display());
    publish(&central, 2, &[ONE, THREE], true);
    display.until_taken(2);
    display.until_stored(2);
    while !display.store.has(&ContentHash::of(THREE)) {
        display.until_heard();
    }
    assert!(display.stop(), "{}", file.display());
    assert_eq!(accepted(disk.path(), 2), 1, "{}", file.display());
    let set_aside = file.to_string_lossy().contains("jsonl");
    let causes = gap_causes(disk.path());
    let expected: &[&str] = if set_aside {
        &["segment_unreadable"]
    } else {
        &[]
    };
    assert_eq!(causes, expected, "{}", file.display());
    // A restart finds a disk in order, with the bad sector set aside.
    let display = Display::start(disk.path(), &central);
    assert_eq!(display.shown_first, Some(2), "{}", file.display());
    let one = ContentHash::of(ONE);
    if let Err(error) = display.store.open(&one) {
        assert!(matches!(error, StoreError::ContentDamaged(_)), "{error}");
        display.until_arrived(ONE);
    }
    assert!(matches!(display.store.open(&one), Ok(Some(_))));
    assert!(display.stop());
    assert_eq!(
        journal_is_whole(disk.path()),
        !set_aside,
        "{}",
        file.display()
    );
}

#[test]
fn a_bad_sector_in_any_file_while_it_runs_keeps_no_board_back() {
    for file in files(true) {
        let (disk, central) = used_disk();
        let display = Display::start(disk.path(), &central);
        display.until_stored(1);
        disk.damage(&file);
        publish(&central, 2, &[ONE], true);
        display.until_taken(2);
        display.until_stored(2);
        assert!(display.stop(), "{}", file.display());
        assert_eq!(accepted(disk.path(), 2), 1, "{}", file.display());
        let display = Display::start(disk.path(), &central);
        assert_eq!(display.shown_first, Some(2), "{}", file.display());
        assert!(display.stop());
        assert!(gap_causes(disk.path()).len() <= 1, "{}", file.display());
    }
}

#[test]
fn a_sector_that_cannot_be_written_keeps_no_board_back() {
    for running in [false, true] {
        for file in files(running) {
            let what = format!("{}, running: {running}", file.display());
            let (disk, central) = used_disk();
            if !running {
                disk.damage_for_writing(&file);
            }
            let display = Display::start(disk.path(), &central);
            assert_eq!(display.shown_first, Some(1), "{what}");
            if running {
                display.until_stored(1);
                disk.damage_for_writing(&file);
            }
            publish(&central, 2, &[ONE], true);
            display.until_taken(2);
            display.until_stored(2);
            assert!(display.stop(), "{what}");
            assert_eq!(accepted(disk.path(), 2), 1, "{what}");
            // All that was recorded can be read.
            assert_eq!(gap_causes(disk.path()), [""; 0], "{what}");
            assert!(journal_is_whole(disk.path()), "{what}");
            let display = Display::start(disk.path(), &central);
            assert_eq!(display.shown_first, Some(2), "{what}");
            assert!(display.stop(), "{what}");
        }
    }
}

#[test]
fn a_damaged_database_on_a_read_only_disk_is_read_from_its_copy() {
    let (disk, central) = used_disk();
    disk.damage(Path::new("board.sqlite"));
    disk.set_read_only();
    let display = Display::start(disk.path(), &central);
    assert_eq!(display.shown_first, Some(1));
    publish(&central, 2, &[ONE], true);
    display.until_taken(2);
    display.stop();
}

#[test]
fn a_part_of_a_document_on_a_bad_sector_is_fetched_anew() {
    let (disk, central) = used_disk();
    let display = Display::start(disk.path(), &central);
    display.until_stored(1);
    let hash = ContentHash::of(THREE).to_string();
    let folder = Path::new("content").join(&hash[..2]);
    let part = folder.join(format!("{}.part", &hash[2..]));
    std::fs::create_dir_all(disk.path().join(folder)).unwrap();
    std::fs::write(disk.path().join(&part), &THREE[..100]).unwrap();
    disk.damage(&part);
    publish(&central, 2, &[ONE, THREE], false);
    display.until_arrived(THREE);
    assert!(display.stop());
}

#[test]
fn answers_survive_a_disk_that_cannot_be_written() {
    let answer = |text: &str| SurveyAnswer {
        survey: "urad".to_owned(),
        question: "spokojenost".to_owned(),
        answer: text.to_owned(),
        day: "2026-11-21".parse().unwrap(),
    };
    let now = "2026-11-21T13:32:00Z".parse().unwrap();
    type Spoil = fn(&Disk);
    let faults: [(Spoil, usize); 3] = [
        (|disk| disk.set_free(0), 102),
        (Disk::set_read_only, 102),
        // What was in the damaged file cannot be read any more.
        (|disk| disk.damage(Path::new("outbox.sqlite")), 101),
    ];
    for (spoil, expected) in faults {
        let (disk, central) = used_disk();
        central.set_unreachable(true);
        let display = Display::start(disk.path(), &central);
        display.outbox.keep_answer(&answer("1"), now).unwrap();
        spoil(&disk);
        // Long enough to need more room.
        for _ in 0..100 {
            display
                .outbox
                .keep_answer(&answer(&"2".repeat(60)), now)
                .unwrap();
        }
        disk.repair();
        display.outbox.keep_answer(&answer("3"), now).unwrap();
        display.stop();
        central.set_unreachable(false);
        let display = Display::start(disk.path(), &central);
        // They go beside the rounds, batch by batch.
        for _ in 0..500 {
            if central.answers().len() >= expected {
                break;
            }
            display.until_heard();
        }
        assert_eq!(central.answers().len(), expected);
        display.stop();
    }
}

/// The program without a network, and what it logs.
struct Program {
    process: Child,
    log: mpsc::Receiver<String>,
    seen: Vec<String>,
}

impl Program {
    fn start(data: &Path, central_key: &Path, environment: &[(&str, &OsStr)]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_vyveska"))
            .args(["--central", "http://127.0.0.1:1/", "--central-key"])
            .arg(central_key)
            .arg("--data")
            .arg(data)
            .args(["--headless", "--size", "1080x1920", "--sound", "none"])
            .env_remove("RUST_LOG")
            .envs(environment.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let (sender, log) = mpsc::channel();
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
    fn logs(&mut self, part: &str, what: &str) {
        while !self.seen.iter().any(|line| line.contains(part)) {
            match self.log.recv_timeout(Duration::from_secs(60)) {
                Ok(line) => self.seen.push(line),
                Err(error) => panic!("{what}: {error} for {part:?}: {:#?}", self.seen),
            }
        }
    }

    /// Ends it in good order: repeated failures would start the program in safe mode.
    fn stop(self) {
        let process = rustix::process::Pid::from_child(&self.process);
        let _ = rustix::process::kill_process(process, rustix::process::Signal::TERM);
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

/// Waits until the program has painted a board from this disk.
#[track_caller]
fn check_paints(disk: &Disk, central_key: &Path, what: &str) {
    let mut kiosk = Program::start(disk.path(), central_key, &[]);
    kiosk.logs("the board is painted", what);
    kiosk.stop();
}

#[test]
fn no_start_waits_for_a_pipe_in_the_place_of_a_file() {
    let (disk, _central) = used_disk();
    let key = tempfile::NamedTempFile::new().unwrap();
    display::write_keys(disk.path(), key.path());
    check_paints(&disk, key.path(), "a disk in order");
    // Beside the mount, whose filesystem knows no pipes.
    let data = tempfile::tempdir().unwrap();
    let files = disk.files();
    for expected in ["recovery.json", "board.sqlite", "reserve"] {
        assert!(files.contains(&expected.into()), "{expected}: {files:?}");
    }
    let is_private_key = |file: &&PathBuf| **file == Path::new("device-key.pem");
    for file in files.iter().filter(|file| !is_private_key(file)) {
        let data = data.path().join(file.to_string_lossy().replace('/', "-"));
        for copied in &files {
            let to = data.join(copied);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(disk.path().join(copied), to).unwrap();
        }
        let pipe = data.join(file);
        std::fs::remove_file(&pipe).unwrap();
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, mode).unwrap();
        let what = file.display().to_string();
        let mut kiosk = Program::start(&data, key.path(), &[]);
        kiosk.logs("the board is painted", &what);
        kiosk.stop();
    }
}

/// A second program on this disk ends, and leaves the first alone.
#[track_caller]
fn check_one_at_a_time(disk: &Disk, central_key: &Path) {
    let mut first = Program::start(disk.path(), central_key, &[]);
    first.logs("the board is painted", "the first");
    let mut second = Program::start(disk.path(), central_key, &[]);
    second.logs("is in use by another running program", "the second");
    assert_eq!(second.process.wait().unwrap().code(), Some(1));
    first.stop();
}

#[test]
fn the_program_paints_the_last_board_whatever_the_disk_does() {
    let (disk, _central) = used_disk();
    let key = tempfile::NamedTempFile::new().unwrap();
    display::write_keys(disk.path(), key.path());
    check_paints(&disk, key.path(), "a disk in order");
    disk.set_free(0);
    check_paints(&disk, key.path(), "a full disk");
    disk.repair();
    disk.set_read_only();
    check_paints(&disk, key.path(), "a read-only disk");
    check_one_at_a_time(&disk, key.path());
    disk.repair();
    for file in [
        "search.sqlite",
        "service.json",
        "board.sqlite",
        "journal/alive-a.json",
    ] {
        let path = disk.path().join(file);
        if !path.exists() {
            std::fs::write(path, "{}").unwrap();
        }
        disk.damage(Path::new(file));
        check_paints(&disk, key.path(), file);
    }
}

#[test]
fn without_a_key_that_can_be_stored_the_program_says_so_and_begins_once_it_can() {
    type Spoil = fn(&Disk);
    let faults: [(Spoil, &str); 2] = [
        (|disk| disk.set_free(0), "a full disk"),
        (Disk::set_read_only, "a read-only disk"),
    ];
    for (spoil, what) in faults {
        let disk = Disk::mount();
        let key = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(key.path(), display::central_key().public().to_pem()).unwrap();
        spoil(&disk);
        let mut kiosk = Program::start(disk.path(), key.path(), &[]);
        kiosk.logs("nothing starts before the display's key can be used", what);
        assert!(disk.files().is_empty(), "{what}");
        disk.repair();
        // The same process, begun anew.
        kiosk.logs("restarting", what);
        kiosk.logs("the board cannot be brought up to date", what);
        assert!(disk.path().join("device-key.pem").exists(), "{what}");
        kiosk.stop();
    }
}

#[test]
fn without_its_key_the_last_board_is_shown_and_no_other_key_is_made() {
    type Spoil = fn(&Path, &Disk);
    let faults: [(Spoil, &str, &str); 5] = [
        (
            |key, _| std::fs::remove_file(key).unwrap(),
            "is gone",
            "gone",
        ),
        (
            |key, disk| {
                std::fs::remove_file(key).unwrap();
                std::fs::remove_file(disk.path().join("device-key.pub.pem")).unwrap();
            },
            "is gone",
            "gone with the public one",
        ),
        (
            |key, _| std::fs::write(key, "rubbish").unwrap(),
            "is damaged",
            "damaged",
        ),
        (
            |_, disk| disk.damage(Path::new("device-key.pem")),
            "Input/output error",
            "on a bad sector",
        ),
        (
            |_, disk| disk.damage_inode(Path::new("device-key.pem")),
            "Input/output error",
            "in a place that cannot be opened",
        ),
    ];
    for (spoil, reason, what) in faults {
        let (disk, _central) = used_disk();
        let central_key = tempfile::NamedTempFile::new().unwrap();
        display::write_keys(disk.path(), central_key.path());
        check_paints(&disk, central_key.path(), what);
        let key = disk.path().join("device-key.pem");
        let kept = std::fs::read(&key).unwrap();
        spoil(&key, &disk);
        let is_there = key.exists();
        let mut kiosk = Program::start(disk.path(), central_key.path(), &[]);
        kiosk.logs("restore it, or pair the display anew", what);
        kiosk.logs(reason, what);
        kiosk.logs("the last board is shown without the display's key", what);
        let shown = kiosk.seen.iter().any(|line| line.contains("notices=2"));
        assert!(shown, "{what}: {:#?}", kiosk.seen);
        assert_eq!(key.exists(), is_there, "{what}: none is made");
        // Restored while the program runs.
        disk.repair();
        std::fs::write(&key, kept).unwrap();
        kiosk.logs("restarting", what);
        kiosk.logs("the board is painted", what);
        kiosk.stop();
        let says_so = |event: &JournalEvent| matches!(event, JournalEvent::Failed { reason } if reason.contains("what was shown is not recorded"));
        assert!(journal_events(disk.path()).iter().any(says_so), "{what}");
        assert!(journal_is_whole(disk.path()), "{what}");
    }
}

#[test]
fn with_a_key_and_nothing_else_the_program_starts_from_a_disk_that_cannot_be_written() {
    type Spoil = fn(&Disk);
    let faults: [(Spoil, &str); 2] = [
        (|disk| disk.set_free(0), "a full disk"),
        (Disk::set_read_only, "a read-only disk"),
    ];
    for (spoil, what) in faults {
        let disk = Disk::mount();
        let key = tempfile::NamedTempFile::new().unwrap();
        display::write_keys(disk.path(), key.path());
        spoil(&disk);
        let mut kiosk = Program::start(disk.path(), key.path(), &[]);
        kiosk.logs("the board cannot be brought up to date", what);
        kiosk.stop();
    }
}

#[cfg(feature = "demo")]
#[test]
fn repeated_failures_lead_to_safe_mode_although_nothing_can_be_written() {
    let memory = tempfile::tempdir().unwrap();
    let (disk, _central) = used_disk();
    let key = tempfile::NamedTempFile::new().unwrap();
    display::write_keys(disk.path(), key.path());
    disk.set_read_only();
    let start = || {
        let environment = [
            ("VYVESKA_FAULT", OsStr::new("panic:search")),
            ("RUNTIME_DIRECTORY", memory.path().as_os_str()),
        ];
        Program::start(disk.path(), key.path(), &environment)
    };
    for failure in 1..=3 {
        let mut failing = start();
        failing.logs("the program fails", &failure.to_string());
        let status = failing.process.wait().unwrap().code();
        assert_eq!(status, Some(vyveska::app::RESTART_STATUS.into()));
    }
    // Safe mode does without the search, and shows the last board.
    let mut safe = start();
    safe.logs("mode=Safe", "the fourth start");
    safe.stop();
}
