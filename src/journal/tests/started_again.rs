//! What the next start finds and records.

use proptest::prelude::*;

use super::*;

#[test]
fn only_a_clean_stop_leaves_no_gap() {
    let folder = sample();
    let (mut writer, before) = opened(folder.path());
    assert!(
        matches!(&before.gaps[..], [JournalEvent::Gap { cause, since: Some(_), lost_bytes: 0 }] if cause == "power_cut"),
        "{before:?}"
    );
    assert_eq!(before.accepted.as_ref().map(|board| board.number), Some(8));
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
fn a_number_from_which_nobody_can_count_on_is_damage() {
    for number in [u64::MAX, u64::MAX - 1, u64::MAX / 2] {
        for line in 0..10 {
            let entry = line as u64 + 1;
            let folder = with_lines(|lines| {
                let text = String::from_utf8(lines[line].clone()).unwrap();
                let (old, new) = (format!("\"seq\":{entry},"), format!("\"seq\":{number},"));
                assert!(text.contains(&old), "{text}");
                lines[line] = text.replace(&old, &new).into_bytes();
            });
            for from in [30, 40] {
                let (mut writer, before) = opened(folder.path());
                let is_broken = |gap: &JournalEvent| matches!(gap, JournalEvent::Gap { cause, .. } if cause == "chain_broken");
                // The last entry is in the segment that is read whole.
                if line == 9 && from == 30 {
                    assert!(before.gaps.iter().any(is_broken), "{before:?}");
                }
                grow(&mut writer, from, 3);
            }
            let newest = alive::find(folder.path(), &key().public()).newest.unwrap();
            assert_eq!(newest.head.sequence, 16, "entry {entry} became {number}");
            check_named(folder.path(), entry, "entry");
        }
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
            reason: reason.clone(),
        },
        JournalEvent::AssignmentRefused {
            number: None,
            board: Some(reason.clone()),
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
