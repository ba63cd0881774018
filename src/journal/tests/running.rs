//! The journal's thread.

use std::sync::Mutex;

use vyveska_board::FakeClock;

use super::*;

fn parts(folder: &Path, in_use: Option<AcceptedBoard>) -> JournalParts {
    JournalParts {
        folder: folder.to_owned(),
        key: key(),
        boot: "3f2c".to_owned(),
        version: "0.1.0".to_owned(),
        monotonic: Arc::new(|| 7),
        clock: Arc::new(FakeClock::at("2026-11-21T13:32:00Z".parse().unwrap())),
        in_use,
        reserve: Arc::new(Reserve::open(folder, 0)),
        in_memory: None,
        config: JournalConfig::default(),
    }
}

fn now() -> ClockBounds {
    ClockBounds::exact("2026-11-21T13:32:00Z".parse().unwrap())
}

/// A journal from its start to a stop in good order.
fn run(parts: JournalParts, during: impl FnOnce(&JournalHandle)) {
    let (journal, mut thread) = JournalHandle::start(parts).unwrap();
    during(&journal);
    journal.stop(Vec::new(), now()).unwrap();
    thread.join();
}

fn board(number: u64) -> AcceptedBoard {
    AcceptedBoard {
        number,
        notices: ContentHash::of(b"s"),
        board: None,
        assignment: None,
    }
}

fn assigned(number: u64, board: &str) -> AcceptedBoard {
    AcceptedBoard {
        board: Some(board.to_owned()),
        assignment: Some(number),
        ..self::board(5)
    }
}

fn accept(journal: &JournalHandle, number: u64) {
    journal.accept_board(board(number), now()).unwrap();
}

#[test]
fn a_kiosk_s_day_is_recorded_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, mut thread) = JournalHandle::start(parts(folder.path(), None)).unwrap();
    let mut recorder = VisibilityRecorder::new();
    accept(&journal, 5);
    let recorded = entries(folder.path());
    assert_eq!(recorded.len(), 2, "on disk when it comes back");
    let shown = recorder.observe([notice(1), notice(2)].into(), 5, |_| Cease::Withdrawn);
    journal.record_visible(shown, available_hash(recorder.visible()), now());
    let ceased = recorder.observe([notice(2)].into(), 5, |_| Cease::Expired);
    journal.record_visible(ceased, available_hash(recorder.visible()), now());
    journal.stop(recorder.stop(), now()).unwrap();
    thread.join();
    let kinds: Vec<String> = events(folder.path())
        .iter()
        .map(|event| {
            let json = serde_json::to_value(event).unwrap();
            json["kind"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "started",
            "manifest_accepted",
            "became_visible",
            "became_visible",
            "ceased",
            "ceased",
            "stopped"
        ]
    );
    let report = checked(folder.path()).unwrap();
    assert_eq!((report.unsealed, report.gaps), (0, 0));
}

#[test]
fn a_start_after_a_power_cut_says_so_and_reconciles_with_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, mut thread) = JournalHandle::start(parts(folder.path(), None)).unwrap();
    accept(&journal, 5);
    accept(&journal, 6);
    // A power cut after the journal was written and before the store switched.
    drop(journal);
    thread.join();

    run(parts(folder.path(), Some(board(5))), |_| ());
    let events = events(folder.path());
    assert!(matches!(&events[3], JournalEvent::Gap { cause, .. } if cause == "power_cut"));
    assert!(matches!(&events[4], JournalEvent::Started { .. }));
    assert!(matches!(
        &events[5],
        JournalEvent::ManifestAccepted { number: 5, .. }
    ));
    assert_eq!(checked(folder.path()).unwrap().gaps, 1);
}

/// Segments of one entry, so that the assignment is in another one than the manifest.
#[test]
fn an_assignment_is_recorded_once_and_known_to_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let start = |in_use| JournalParts {
        config: JournalConfig {
            segment_bytes: 1,
            ..JournalConfig::default()
        },
        ..parts(folder.path(), in_use)
    };
    run(start(None), |journal| {
        for assignment in [7, 7, 8] {
            let board = assigned(assignment, "lipnice");
            journal.accept_board(board, now()).unwrap();
        }
        journal.record(vec![JournalEvent::Panel { on: true }], now());
    });
    run(start(Some(assigned(8, "lipnice"))), |_| ());
    // A power cut before the store switched: the assignment before is in use.
    run(start(Some(assigned(7, "lipnice"))), |_| ());
    let named: Vec<String> = events(folder.path())
        .iter()
        .map(|event| match event {
            JournalEvent::AssignmentAccepted { number, board } => format!("{board} by {number}"),
            JournalEvent::ManifestAccepted {
                number,
                board: Some(board),
                assignment: Some(assignment),
                ..
            } => format!("{number} of {board} by {assignment}"),
            JournalEvent::Started { .. } => "started".to_owned(),
            _ => String::new(),
        })
        .filter(|named| !named.is_empty())
        .collect();
    assert_eq!(
        named,
        [
            "started",
            "lipnice by 7",
            "5 of lipnice by 7",
            "lipnice by 8",
            "started",
            "started",
            "lipnice by 7"
        ]
    );
    assert!(checked(folder.path()).is_ok());
}

#[test]
fn while_the_disk_fails_events_are_queued_and_manifests_fail() {
    let parent = tempfile::tempdir().unwrap();
    // There is a file in place of the folder.
    let folder = parent.path().join("journal");
    fs::write(&folder, "").unwrap();
    run(parts(&folder, None), |journal| {
        journal.record(vec![JournalEvent::Panel { on: true }], now());
        let refused = journal.accept_board(board(5), now());
        assert!(
            matches!(refused, Err(JournalError::Io { .. })),
            "{refused:?}"
        );
        fs::remove_file(&folder).unwrap();
        for number in [5, 5, 6] {
            accept(journal, number);
        }
    });
    let events = events(&folder);
    assert!(
        matches!(
            &events[..],
            [
                JournalEvent::Started { .. },
                JournalEvent::Gap { cause, since: Some(_), .. },
                JournalEvent::Panel { on: true },
                JournalEvent::ManifestAccepted { number: 5, .. },
                JournalEvent::ManifestAccepted { number: 6, .. },
                JournalEvent::Stopped {}
            ] if cause == "not_writable"
        ),
        "{events:?}"
    );
    assert!(checked(&folder).is_ok());
}

#[test]
fn a_run_that_could_not_write_is_a_gap_also_after_a_clean_stop() {
    let parent = tempfile::tempdir().unwrap();
    let memory = tempfile::tempdir().unwrap();
    let (folder, kept) = (parent.path().join("journal"), parent.path().join("kept"));
    let parts = || JournalParts {
        in_memory: Some(memory.path().to_owned()),
        ..parts(&folder, None)
    };
    run(parts(), |_| ());
    // There is a file in place of the folder.
    fs::rename(&folder, &kept).unwrap();
    fs::write(&folder, "").unwrap();
    for number in [5, 6] {
        let (journal, mut thread) = JournalHandle::start(parts()).unwrap();
        let refused = journal.accept_board(board(number), now());
        assert!(
            matches!(refused, Err(JournalError::Io { .. })),
            "{refused:?}"
        );
        // As if it were killed.
        drop(journal);
        thread.join();
    }
    fs::remove_file(&folder).unwrap();
    fs::rename(&kept, &folder).unwrap();
    run(parts(), |_| ());
    run(parts(), |_| ());
    let events = events(&folder);
    assert!(
        matches!(
            &events[..],
            [
                JournalEvent::Started { .. },
                JournalEvent::Stopped {},
                JournalEvent::Gap { cause, since: Some(_), lost_bytes: 0 },
                JournalEvent::Started { .. },
                JournalEvent::Stopped {},
                JournalEvent::Started { .. },
                JournalEvent::Stopped {}
            ] if cause == "not_writable"
        ),
        "{events:?}"
    );
    assert!(checked(&folder).is_ok());
}

/// A clock that does not answer while a test holds its lock, as a disk may not.
struct HeldClock(Arc<Mutex<()>>);

impl Clock for HeldClock {
    fn now(&self) -> ClockBounds {
        now()
    }

    fn proven(&self) -> Option<DateTime<Utc>> {
        drop(self.0.lock().unwrap());
        None
    }
}

#[test]
fn events_that_had_no_room_in_the_queue_are_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let lock = Arc::new(Mutex::new(()));
    let held = lock.lock().unwrap();
    let parts = JournalParts {
        clock: Arc::new(HeldClock(Arc::clone(&lock))),
        ..parts(folder.path(), None)
    };
    let (journal, mut thread) = JournalHandle::start(parts).unwrap();
    for _ in 0..=thread::MAX_REQUESTS {
        journal.record(vec![JournalEvent::Panel { on: true }], now());
    }
    drop((held, journal));
    thread.join();
    let events = events(folder.path());
    let shown = events
        .iter()
        .filter(|event| matches!(event, JournalEvent::Panel { .. }));
    assert_eq!(shown.count(), thread::MAX_REQUESTS);
    let gaps = events.iter().filter(
        |event| matches!(event, JournalEvent::Gap { cause, .. } if cause == "facts_dropped"),
    );
    assert_eq!(gaps.count(), 1);
    checked(folder.path()).unwrap();
}

/// Puts a directory in place of a file: it can be neither read nor written, as in a damaged place of the storage.
fn damage(path: &Path) {
    fs::remove_file(path).unwrap();
    fs::create_dir(path).unwrap();
}

#[test]
fn after_an_unreadable_segment_the_next_manifest_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..3 {
        run(parts(folder.path(), None), |journal| accept(journal, n));
    }
    let sealed = checked(folder.path()).unwrap().alive.head;
    damage(&segments::path(folder.path(), 1));

    for n in 3..6 {
        run(parts(folder.path(), None), |journal| accept(journal, n));
    }
    assert_eq!(segments::list(folder.path()).unwrap(), [2]);
    let written = fs::read(segments::path(folder.path(), 2)).unwrap();
    let (lines, _) = segments::split(&written);
    let entries: Vec<Entry> = lines
        .iter()
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(
        (entries[0].sequence, entries[0].previous),
        (sealed.sequence + 1, sealed.hash),
        "it follows what was sealed"
    );
    let gaps: Vec<_> = entries
        .iter()
        .filter(|entry| matches!(entry.event, JournalEvent::Gap { .. }))
        .collect();
    assert!(
        matches!(&gaps[..], [Entry { event: JournalEvent::Gap { cause, .. }, .. }] if cause == "segment_unreadable"),
        "the gap is stated once: {gaps:?}"
    );
    let mut head = sealed;
    for line in lines {
        head = vyveska_wire::journal::follow(head, line).unwrap().1;
    }
    check_named(folder.path(), 1, "was set aside");
}

/// Puts a link that cannot be followed in place of a file: it cannot even be opened.
fn put_link(path: &Path, target: &str) {
    fs::remove_file(path).unwrap();
    std::os::unix::fs::symlink(target, path).unwrap();
}

#[test]
fn a_last_segment_that_cannot_be_opened_is_set_aside() {
    // To nothing, and to itself.
    for target in ["nowhere", "journal-000001.jsonl"] {
        let folder = tempfile::tempdir().unwrap();
        run(parts(folder.path(), None), |journal| accept(journal, 1));
        let sealed = checked(folder.path()).unwrap().alive.head;
        put_link(&segments::path(folder.path(), 1), target);
        for n in 2..4 {
            run(parts(folder.path(), None), |journal| accept(journal, n));
        }
        assert_eq!(segments::list(folder.path()).unwrap(), [2], "{target}");
        let entries = entries(folder.path());
        assert_eq!(
            (entries[0].sequence, entries[0].previous),
            (sealed.sequence + 1, sealed.hash),
            "{target}"
        );
        let events = events(folder.path());
        assert!(
            matches!(&events[0], JournalEvent::Gap { cause, .. } if cause == "segment_unreadable"),
            "{target}: {events:?}"
        );
        let gaps = events
            .iter()
            .filter(|event| matches!(event, JournalEvent::Gap { .. }));
        assert_eq!(gaps.count(), 1, "{target}: {events:?}");
        check_named(folder.path(), 1, "was set aside");
    }
}

#[test]
fn an_earlier_segment_that_cannot_be_opened_is_passed_over() {
    let count = u32::try_from(bytes(sample().path()).len()).unwrap();
    for number in 1..count {
        let folder = sample();
        put_link(&segments::path(folder.path(), number), "nowhere");
        for from in [10, 20] {
            let (mut writer, before) = opened(folder.path());
            assert!(
                matches!(&before.gaps[..], [JournalEvent::Gap { cause, .. }] if cause == "power_cut"),
                "{number}: {before:?}"
            );
            grow(&mut writer, from, 3);
        }
    }
}

#[test]
fn files_with_almost_the_name_of_a_segment_are_none() {
    let folder = tempfile::tempdir().unwrap();
    run(parts(folder.path(), None), |journal| accept(journal, 1));
    for name in [
        "journal-5.jsonl",
        "journal-+7.jsonl",
        "journal-0000009.jsonl",
        "journal-+00011.jsonl",
    ] {
        fs::copy(segments::path(folder.path(), 1), folder.path().join(name)).unwrap();
    }
    run(parts(folder.path(), None), |journal| accept(journal, 2));
    assert_eq!(segments::list(folder.path()).unwrap(), [1]);
    assert_eq!(checked(folder.path()).unwrap().gaps, 0);
}

#[test]
fn entries_after_an_unreadable_segment_repeat_none_of_its_numbers() {
    let folder = sample();
    let last = entries(folder.path()).last().unwrap().sequence;
    // Without an alive block nothing says what the segment holds.
    for slot in [0, 1] {
        fs::remove_file(alive::path(folder.path(), slot)).unwrap();
    }
    let number = *segments::list(folder.path()).unwrap().last().unwrap();
    let segment = fs::OpenOptions::new()
        .write(true)
        .open(segments::path(folder.path(), number))
        .unwrap();
    // Larger than any segment that is read.
    segment.set_len(300 * 1024 * 1024).unwrap();
    let (mut writer, before) = opened(folder.path());
    assert!(
        matches!(&before.gaps[..], [JournalEvent::Gap { cause, .. }] if cause == "segment_unreadable")
    );
    writer
        .append(&[(when(10), JournalEvent::Panel { on: true })])
        .unwrap();
    assert!(entries(folder.path()).last().unwrap().sequence > last);
}

#[test]
fn alive_blocks_that_cannot_be_used_keep_no_manifest_back() {
    for damaged in [&[0][..], &[1], &[0, 1]] {
        let folder = tempfile::tempdir().unwrap();
        let start = |n| run(parts(folder.path(), None), |journal| accept(journal, n));
        start(1);
        start(2);
        for slot in damaged {
            damage(&alive::path(folder.path(), *slot));
        }
        start(3);
        let report = checked(folder.path()).unwrap();
        assert_eq!((report.unsealed, report.damaged_alive_blocks), (0, 0));
    }
}

#[test]
fn a_manifest_is_taken_although_no_alive_block_can_be_written() {
    let folder = tempfile::tempdir().unwrap();
    for slot in [0, 1] {
        let path = alive::path(folder.path(), slot);
        fs::create_dir(&path).unwrap();
        // It cannot be set aside either: a folder that is not empty cannot be replaced.
        fs::create_dir_all(path.with_extension("damaged").join("full")).unwrap();
    }
    let (journal, mut thread) = JournalHandle::start(parts(folder.path(), None)).unwrap();
    accept(&journal, 1);
    journal.stop(Vec::new(), now()).unwrap();
    thread.join();
    assert!(matches!(
        &events(folder.path())[..],
        [
            JournalEvent::Started { .. },
            JournalEvent::ManifestAccepted { number: 1, .. },
            JournalEvent::Stopped {}
        ]
    ));
}

#[test]
fn what_an_unsure_clock_has_proven_is_recorded_for_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let clock = FakeClock::at(now().earliest);
    clock.set(ClockBounds {
        trust: vyveska_board::ClockTrust::Unknown,
        ..now()
    });
    let parts = JournalParts {
        clock: Arc::new(clock),
        ..parts(folder.path(), None)
    };
    let (journal, mut thread) = JournalHandle::start(parts).unwrap();
    journal.stop(Vec::new(), now()).unwrap();
    thread.join();
    let recorded = recorded_time(folder.path(), &key().public(), "3f2c", 7);
    assert_eq!(recorded.map(|time| time.earliest), Some(now().earliest));
}
