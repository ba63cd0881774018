use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use vyveska_board::{Clock, ClockBounds, FakeClock};
use vyveska_wire::journal::{Cease, ChainError, Entry, JournalEvent, NoticeRef, Timestamp};

use super::verify::Segment;
use super::writer::{Before, Writer};
use super::*;
use crate::store::samples;

fn when(milliseconds: u64) -> Timestamp {
    let now = "2026-11-21T13:32:00Z".parse::<chrono::DateTime<chrono::Utc>>();
    let now = now.unwrap() + chrono::TimeDelta::milliseconds(i64::try_from(milliseconds).unwrap());
    Timestamp {
        boot: "3f2c".to_owned(),
        monotonic_ms: milliseconds,
        clock: ClockBounds::exact(now).into(),
    }
}

fn notice(id: u64) -> NoticeRef {
    NoticeRef {
        id: format!("n-{id}"),
        revision: 1,
        hash: ContentHash::of(&id.to_le_bytes()),
    }
}

fn nothing() -> ContentHash {
    available_hash(&BTreeSet::new())
}

fn key() -> Arc<KeyPair> {
    Arc::new(samples::device())
}

/// Small segments, so that a short journal has several.
fn opened(folder: &Path) -> (Writer, Before) {
    Writer::open(folder.to_owned(), key(), 700).unwrap()
}

fn checked(folder: &Path) -> Result<Report, VerifyError> {
    verify(folder, &key().public())
}

/// Appends as many entries, one batch each, sealing every batch.
fn grow(writer: &mut Writer, from: u64, count: u64) {
    for n in from..from + count {
        let event = match n % 3 {
            0 => JournalEvent::BecameVisible {
                notice: notice(n),
                manifest: n,
            },
            1 => JournalEvent::Ceased {
                notice: notice(n - 1),
                reason: Cease::Expired,
            },
            _ => JournalEvent::ManifestAccepted {
                number: n,
                notices: ContentHash::of(b"s"),
            },
        };
        writer.append(&[(when(n), event)]).unwrap();
        writer.seal(when(n), nothing()).unwrap();
    }
}

/// A sealed journal of ten entries in good order.
fn sample() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (mut writer, _) = opened(folder.path());
    grow(&mut writer, 0, 10);
    folder
}

/// Every segment's bytes.
fn bytes(folder: &Path) -> Vec<Vec<u8>> {
    let numbers = segments::list(folder).unwrap();
    let read = |number: &u32| segments::read(folder, *number).unwrap();
    numbers.iter().map(read).collect()
}

fn put(folder: &Path, segment: usize, bytes: &[u8]) {
    let number = u32::try_from(segment + 1).unwrap();
    fs::write(segments::path(folder, number), bytes).unwrap();
}

fn entries(folder: &Path) -> Vec<Entry> {
    let all = bytes(folder).concat();
    let lines = segments::split(&all).0.into_iter();
    lines
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

fn events(folder: &Path) -> Vec<JournalEvent> {
    entries(folder)
        .into_iter()
        .map(|entry| entry.event)
        .collect()
}

/// Puts the lines of the sample, changed by `change`, back into as many segments as before.
fn with_lines(change: impl FnOnce(&mut Vec<Vec<u8>>)) -> tempfile::TempDir {
    let folder = sample();
    let segments = bytes(folder.path());
    let mut lines: Vec<Vec<u8>> = segments
        .iter()
        .flat_map(|segment| segment.split_inclusive(|byte| *byte == b'\n'))
        .map(<[u8]>::to_vec)
        .collect();
    change(&mut lines);
    let mut lines = lines.into_iter();
    let last = segments.len() - 1;
    for (index, segment) in segments.iter().enumerate() {
        let count = segment.split_inclusive(|byte| *byte == b'\n').count();
        let count = if index == last { usize::MAX } else { count };
        put(
            folder.path(),
            index,
            &lines.by_ref().take(count).collect::<Vec<_>>().concat(),
        );
    }
    folder
}

#[track_caller]
fn check_named(folder: &Path, entry: u64, words: &str) {
    let error = checked(folder).unwrap_err();
    assert_eq!(error.entry(), Some(entry), "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn an_untouched_journal_is_whole() {
    let folder = sample();
    let report = checked(folder.path()).unwrap();
    assert_eq!((report.entries, report.unsealed, report.gaps), (10, 0, 0));
    assert!(report.segments > 2, "{report:?}");
}

#[test]
fn every_altered_byte_is_found_and_its_entry_named() {
    let original = sample();
    let alive = checked(original.path()).unwrap().alive;
    // The files are read and the alive block is verified once, not for every byte.
    let mut journal: Vec<Segment> = bytes(original.path())
        .into_iter()
        .zip(1..)
        .map(|(bytes, number)| Segment { number, bytes })
        .collect();
    let mut entry = 1;
    for index in 0..journal.len() {
        for position in 0..journal[index].bytes.len() {
            let byte = journal[index].bytes[position];
            // Another bit each time, and what means something to the reader.
            for altered in [byte ^ (1 << (position % 8)), b'\n', b'0'] {
                if altered == byte {
                    continue;
                }
                journal[index].bytes[position] = altered;
                let error = verify::check(&journal, &alive).unwrap_err();
                assert_eq!(
                    error.entry(),
                    Some(entry),
                    "byte {position} of segment {index} became {altered}: {error}"
                );
            }
            journal[index].bytes[position] = byte;
            entry += u64::from(byte == b'\n');
        }
    }
    assert_eq!(entry, 11);
    verify::check(&journal, &alive).unwrap();
}

#[test]
fn a_removed_entry_is_named() {
    for removed in 0..10_usize {
        let folder = with_lines(|lines| {
            lines.remove(removed);
        });
        check_named(folder.path(), removed as u64 + 1, "is missing");
    }
}

#[test]
fn swapped_entries_are_named_as_out_of_order() {
    for first in 0..9_usize {
        let folder = with_lines(|lines| lines.swap(first, first + 1));
        let entry = first as u64 + 1;
        check_named(folder.path(), entry, "is out of order");
    }
}

#[test]
fn a_repeated_entry_is_out_of_order() {
    let folder = with_lines(|lines| lines.insert(4, lines[3].clone()));
    check_named(folder.path(), 5, "entry 4 is out of order");
}

#[test]
fn a_cut_tail_shows() {
    for left in 0..10_usize {
        let folder = with_lines(|lines| lines.truncate(left));
        check_named(folder.path(), left as u64 + 1, "is missing");
    }
}

#[test]
fn a_deleted_segment_is_named() {
    let count = bytes(sample().path()).len();
    for deleted in 0..count {
        let folder = sample();
        let before: usize = bytes(folder.path())[..deleted]
            .iter()
            .map(|segment| segments::split(segment).0.len())
            .sum();
        let number = u32::try_from(deleted + 1).unwrap();
        fs::remove_file(segments::path(folder.path(), number)).unwrap();
        check_named(folder.path(), before as u64 + 1, "missing");
    }
}

#[test]
fn a_foreign_key_and_missing_alive_blocks_are_distinguished() {
    let folder = sample();
    let other = samples::central().public();
    assert!(matches!(
        verify(folder.path(), &other),
        Err(VerifyError::WrongSign)
    ));
    for slot in 0..2 {
        fs::remove_file(alive::path(folder.path(), slot)).unwrap();
    }
    assert!(matches!(checked(folder.path()), Err(VerifyError::NoSign)));
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(checked(empty.path()), Err(VerifyError::None)));
}

#[test]
fn a_rewritten_chain_does_not_fit_the_alive_block() {
    // An attacker without the key writes a valid chain of other events.
    let folder = sample();
    let forged = tempfile::tempdir().unwrap();
    let (mut writer, _) = Writer::open(forged.path().to_owned(), key(), 1 << 20).unwrap();
    let count = segments::list(folder.path()).unwrap().len();
    grow(&mut writer, 20, 10);
    for number in 2..=count {
        fs::remove_file(segments::path(
            folder.path(),
            u32::try_from(number).unwrap(),
        ))
        .unwrap();
    }
    put(folder.path(), 0, &bytes(forged.path())[0]);
    check_named(folder.path(), 10, "is altered");
}

#[test]
fn entries_after_the_last_alive_block_are_reported_as_unsealed() {
    let folder = sample();
    let (mut writer, _) = opened(folder.path());
    writer
        .append(&[
            (when(11), JournalEvent::Stopped {}),
            (when(12), JournalEvent::Panel { on: true }),
        ])
        .unwrap();
    let report = checked(folder.path()).unwrap();
    assert_eq!((report.entries, report.unsealed), (12, 2));
}

#[test]
fn a_torn_alive_block_leaves_the_one_before_it() {
    for slot in 0..2 {
        let folder = sample();
        let path = alive::path(folder.path(), slot);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..300]).unwrap();
        let report = checked(folder.path()).unwrap();
        assert_eq!(report.damaged_alive_blocks, 1);
        assert!(report.unsealed <= 1);
        // And the next goes into the damaged one.
        let (mut writer, _) = opened(folder.path());
        writer.seal(when(99), nothing()).unwrap();
        assert_eq!(checked(folder.path()).unwrap().damaged_alive_blocks, 0);
    }
}

#[test]
fn alive_blocks_are_overwritten_in_place() {
    let folder = sample();
    let lengths = || {
        [0, 1].map(|slot| {
            fs::metadata(alive::path(folder.path(), slot))
                .unwrap()
                .len()
        })
    };
    let before = lengths();
    let (mut writer, _) = opened(folder.path());
    for n in 0..5 {
        writer.seal(when(1_000_000 + n), nothing()).unwrap();
    }
    assert_eq!(lengths(), before);
    assert_eq!(
        segments::list(folder.path()).unwrap().len(),
        bytes(folder.path()).len()
    );
}

#[test]
fn only_a_clean_stop_leaves_no_gap() {
    let folder = sample();
    let (mut writer, before) = opened(folder.path());
    assert!(
        matches!(&before.gaps[..], [JournalEvent::Gap { cause, since: Some(_), lost_bytes: 0 }] if cause == "power_cut"),
        "{before:?}"
    );
    assert_eq!(before.accepted, Some((8, ContentHash::of(b"s"))));
    writer
        .append(&[(when(20), JournalEvent::Stopped {})])
        .unwrap();
    writer.seal(when(20), nothing()).unwrap();
    drop(writer);
    let (_, before) = opened(folder.path());
    assert_eq!(before.gaps, []);
}

#[test]
fn the_gap_begins_with_the_last_alive_block() {
    let folder = sample();
    let (mut writer, _) = opened(folder.path());
    writer.seal(when(120_000), nothing()).unwrap();
    drop(writer);
    let (_, before) = opened(folder.path());
    let [
        JournalEvent::Gap {
            since: Some(since), ..
        },
    ] = &before.gaps[..]
    else {
        panic!("{before:?}");
    };
    assert_eq!(*since, when(120_000).clock);
}

/// What a power cut while a batch is written may leave: any part of it.
#[test]
fn a_torn_batch_is_cut_off_and_recorded_wherever_it_was_torn() {
    let batch: Vec<_> = (0..3)
        .map(|n| {
            let event = JournalEvent::BecameVisible {
                notice: notice(n),
                manifest: 1,
            };
            (when(100 + n), event)
        })
        .collect();
    let prepared = || {
        let folder = tempfile::tempdir().unwrap();
        let (mut writer, _) = Writer::open(folder.path().to_owned(), key(), 1 << 20).unwrap();
        grow(&mut writer, 0, 2);
        let sealed = bytes(folder.path())[0].len();
        writer.append(&batch).unwrap();
        (folder, sealed)
    };
    let (folder, sealed) = prepared();
    let whole = bytes(folder.path())[0].clone();
    for cut in (sealed..whole.len())
        .step_by(37)
        .chain(sealed + 1..sealed + 3)
    {
        // The tail never came, or came as zeros.
        for zeros in [0, whole.len() - cut] {
            let mut torn = whole[..cut].to_vec();
            torn.resize(cut + zeros, 0);
            put(folder.path(), 0, &torn);
            let (mut writer, before) =
                Writer::open(folder.path().to_owned(), key(), 1 << 20).unwrap();
            let kept = whole[..cut]
                .iter()
                .rposition(|byte| *byte == b'\n')
                .unwrap()
                + 1;
            let lost = torn.len() - kept;
            let expected = if lost == 0 { "power_cut" } else { "torn_entry" };
            assert!(
                matches!(&before.gaps[..], [JournalEvent::Gap { cause, lost_bytes, .. }]
                    if cause == expected && *lost_bytes == lost as u64),
                "{before:?}"
            );
            assert_eq!(bytes(folder.path())[0], &whole[..kept]);
            for gap in before.gaps {
                writer.append(&[(when(200), gap)]).unwrap();
            }
            checked(folder.path()).unwrap();
        }
    }
    // Blocks may also come in the wrong order: the end is there, the middle is not.
    let mut torn = whole.clone();
    torn[sealed + 10..sealed + 200].fill(0);
    put(folder.path(), 0, &torn);
    let (_, before) = Writer::open(folder.path().to_owned(), key(), 1 << 20).unwrap();
    assert!(matches!(&before.gaps[..], [JournalEvent::Gap { cause, .. }] if cause == "torn_entry"));
    assert_eq!(bytes(folder.path())[0], &whole[..sealed]);
}

#[test]
fn a_restart_does_not_heal_what_was_altered_or_removed() {
    let altered = with_lines(|lines| {
        let text = String::from_utf8(lines[8].clone()).unwrap();
        lines[8] = text.replace("\"number\":8", "\"number\":9").into_bytes();
    });
    let shortened = with_lines(|lines| lines.truncate(7));
    for (folder, entry, cause) in [
        (altered, 9, "chain_broken"),
        (shortened, 8, "entries_missing"),
    ] {
        let (mut writer, before) = opened(folder.path());
        assert!(
            before
                .gaps
                .iter()
                .any(|gap| matches!(gap, JournalEvent::Gap { cause: found, .. } if found == cause)),
            "{cause}: {before:?}"
        );
        grow(&mut writer, 30, 3);
        drop(writer);
        let (mut writer, _) = opened(folder.path());
        grow(&mut writer, 40, 3);
        let error = checked(folder.path()).unwrap_err();
        assert_eq!(error.entry(), Some(entry), "{error}");
    }
}

#[test]
fn a_reason_of_any_length_fits_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let (mut writer, _) = opened(folder.path());
    let reason = "ž".repeat(1_000_000);
    let events = [
        JournalEvent::Failed {
            reason: reason.clone(),
        },
        JournalEvent::ManifestRefused {
            number: None,
            reason,
        },
    ];
    writer
        .append(&events.map(|event| (when(1), event)))
        .unwrap();
    writer.seal(when(1), nothing()).unwrap();
    checked(folder.path()).unwrap();
    assert!(bytes(folder.path())[0].len() < vyveska_wire::journal::MAX_LINE_LENGTH);
}

#[test]
fn the_newest_alive_block_proves_the_time_of_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let key = key().public();
    let recorded = |boot: &str, at: u64| recorded_time(folder.path(), &key, boot, at);
    assert_eq!(recorded("3f2c", 5), None);
    let (mut writer, _) = opened(folder.path());
    // As an older kiosk wrote it.
    writer.seal(when(1_000), nothing()).unwrap();
    let clock = when(1_000).clock;
    let same_boot = RecordedTime {
        earliest: clock.earliest,
        latest: Some(clock.latest),
        ago: Duration::from_millis(500),
    };
    assert_eq!(recorded("3f2c", 1_500), Some(same_boot));
    let after_a_reboot = RecordedTime {
        latest: None,
        ago: Duration::from_millis(20),
        ..same_boot
    };
    assert_eq!(recorded("77aa", 20), Some(after_a_reboot));

    // What an unsure clock showed is not proven; what was proven then is.
    let mut unsure = when(2_000);
    unsure.clock.trust = ClockTrustRecord::Unknown;
    writer.seal(unsure.clone(), nothing()).unwrap();
    assert_eq!(recorded("77aa", 20), None);
    let proven = clock.earliest - chrono::TimeDelta::days(3);
    writer.proven = Some(proven);
    unsure.monotonic_ms = 3_000;
    writer.seal(unsure, nothing()).unwrap();
    let behind = RecordedTime {
        earliest: proven,
        ..after_a_reboot
    };
    assert_eq!(recorded("77aa", 20), Some(behind));
    assert_eq!(recorded("3f2c", 3_000).map(|time| time.latest), Some(None));
}

fn parts(folder: &Path, in_use: Option<(u64, ContentHash)>) -> JournalParts {
    JournalParts {
        folder: folder.to_owned(),
        key: key(),
        boot: "3f2c".to_owned(),
        version: "0.1.0".to_owned(),
        monotonic: Arc::new(|| 7),
        clock: Arc::new(FakeClock::at("2026-11-21T13:32:00Z".parse().unwrap())),
        in_use,
        reserve: Arc::new(Reserve::open(folder, 0)),
        config: JournalConfig::default(),
    }
}

fn now() -> ClockBounds {
    ClockBounds::exact("2026-11-21T13:32:00Z".parse().unwrap())
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

#[test]
fn a_kiosk_s_day_is_recorded_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, mut thread) = JournalHandle::start(parts(folder.path(), None)).unwrap();
    let mut recorder = Recorder::new();
    let hash = ContentHash::of(b"s");
    journal.accept_manifest(5, hash, now()).unwrap();
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
    let (old, new) = ((5, ContentHash::of(b"5")), (6, ContentHash::of(b"6")));
    let (journal, mut thread) = JournalHandle::start(parts(folder.path(), None)).unwrap();
    journal.accept_manifest(old.0, old.1, now()).unwrap();
    journal.accept_manifest(new.0, new.1, now()).unwrap();
    // A power cut after the journal was written and before the store switched.
    drop(journal);
    thread.join();

    let (journal, mut thread) = JournalHandle::start(parts(folder.path(), Some(old))).unwrap();
    journal.stop(Vec::new(), now()).unwrap();
    thread.join();
    let events = events(folder.path());
    assert!(matches!(&events[3], JournalEvent::Gap { cause, .. } if cause == "power_cut"));
    assert!(matches!(&events[4], JournalEvent::Started { .. }));
    assert_eq!(
        events[5],
        JournalEvent::ManifestAccepted {
            number: 5,
            notices: old.1
        }
    );
    assert_eq!(checked(folder.path()).unwrap().gaps, 1);
}

#[test]
fn while_the_disk_fails_events_are_queued_and_manifests_fail() {
    let parent = tempfile::tempdir().unwrap();
    // There is a file in place of the folder.
    let folder = parent.path().join("journal");
    fs::write(&folder, "").unwrap();
    let (journal, mut thread) = JournalHandle::start(parts(&folder, None)).unwrap();
    journal.record(vec![JournalEvent::Panel { on: true }], now());
    let refused = journal.accept_manifest(5, ContentHash::of(b"s"), now());
    assert!(
        matches!(refused, Err(JournalError::Io { .. })),
        "{refused:?}"
    );

    fs::remove_file(&folder).unwrap();
    for number in [5, 5, 6] {
        journal
            .accept_manifest(number, ContentHash::of(b"s"), now())
            .unwrap();
    }
    journal.stop(Vec::new(), now()).unwrap();
    thread.join();
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
        let (journal, mut thread) = JournalHandle::start(parts(folder.path(), None)).unwrap();
        journal
            .accept_manifest(n, ContentHash::of(b"s"), now())
            .unwrap();
        journal.stop(Vec::new(), now()).unwrap();
        thread.join();
    }
    let sealed = checked(folder.path()).unwrap().alive.head;
    damage(&segments::path(folder.path(), 1));

    for n in 3..6 {
        let (journal, mut thread) = JournalHandle::start(parts(folder.path(), None)).unwrap();
        journal
            .accept_manifest(n, ContentHash::of(b"s"), now())
            .unwrap();
        journal.stop(Vec::new(), now()).unwrap();
        thread.join();
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
        let start = |n| {
            let (journal, mut thread) = JournalHandle::start(parts(folder.path(), None)).unwrap();
            journal
                .accept_manifest(n, ContentHash::of(b"s"), now())
                .unwrap();
            journal.stop(Vec::new(), now()).unwrap();
            thread.join();
        };
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
    journal
        .accept_manifest(1, ContentHash::of(b"s"), now())
        .unwrap();
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
fn the_command_explains_its_result_and_sets_its_status() {
    let folder = sample();
    let key_file = folder.path().join("device-key.pub.pem");
    fs::write(&key_file, key().public().to_pem()).unwrap();
    let run = |key_file: &Path| {
        let mut out = Vec::new();
        let outcome = command::verify(folder.path(), key_file, &mut out).unwrap();
        (outcome.code(), String::from_utf8(out).unwrap())
    };
    let (code, said) = run(&key_file);
    assert_eq!(code, 0);
    assert!(said.contains("is whole: 10 entries"), "{said}");

    let mut altered = bytes(folder.path())[0].clone();
    altered[20] ^= 1;
    put(folder.path(), 0, &altered);
    let (code, said) = run(&key_file);
    assert_eq!(code, 3);
    assert!(
        said.contains("NOT whole") && said.contains("entry 1"),
        "{said}"
    );

    let (code, said) = run(&folder.path().join("none.pem"));
    assert_eq!(code, 2);
    assert!(said.contains("cannot be used"), "{said}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn any_run_of_starts_and_cuts_leaves_a_journal_that_verifies(
        runs in prop::collection::vec((0_u64..8, prop::bool::ANY, 0_usize..400), 1..6)
    ) {
        let folder = tempfile::tempdir().unwrap();
        for (count, clean_stop, torn) in runs {
            let (mut writer, before) = opened(folder.path());
            for gap in before.gaps {
                writer.append(&[(when(1), gap)]).unwrap();
            }
            writer.seal(when(1), nothing()).unwrap();
            grow(&mut writer, 3, count);
            if clean_stop {
                writer.append(&[(when(2), JournalEvent::Stopped {})]).unwrap();
                writer.seal(when(2), nothing()).unwrap();
            } else {
                let last = segments::list(folder.path()).unwrap().len() - 1;
                let sealed = bytes(folder.path())[last].len();
                let event = JournalEvent::BecameVisible { notice: notice(1), manifest: 1 };
                writer.append(&[(when(9), event.clone()), (when(9), event)]).unwrap();
                let after = segments::list(folder.path()).unwrap().len() - 1;
                let mut left = bytes(folder.path())[after].clone();
                let least = if after == last { sealed } else { 0 };
                left.truncate(left.len().saturating_sub(torn).max(least));
                put(folder.path(), after, &left);
            }
            let report = checked(folder.path());
            prop_assert!(report.is_ok(), "{:?}", report);
        }
    }
}

#[test]
fn an_entry_whose_own_link_was_altered_is_named_itself() {
    let folder = with_lines(|lines| {
        let entry: Entry = serde_json::from_slice(&lines[4]).unwrap();
        let text = String::from_utf8(lines[4].clone()).unwrap();
        let other = ContentHash::of(b"other").to_string();
        lines[4] = text
            .replace(&entry.previous.to_string(), &other)
            .into_bytes();
    });
    let error = checked(folder.path()).unwrap_err();
    assert!(matches!(
        error,
        VerifyError::Entry {
            problem: ChainError::Altered { altered: 5 },
            ..
        }
    ));
}
