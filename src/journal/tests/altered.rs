//! What `verify` finds, and what it calls whole.

use vyveska_wire::journal::ChainError;

use super::*;
use crate::journal::verify::Segment;

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
