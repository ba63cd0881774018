mod altered;
mod running;
mod started_again;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use vyveska_board::ClockBounds;
use vyveska_wire::journal::{Cease, Entry, JournalEvent, NoticeRef, Timestamp};

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

#[test]
fn a_board_is_named_with_its_assignment_unless_it_is_the_display_s_own() {
    let board = samples::board(5, &[]);
    let own = AcceptedBoard::from(&board.verify().unwrap());
    assert_eq!((own.board, own.assignment), (None, None));
    let assigned = Some(samples::assigned(7, "lipnice"));
    let shared = samples::of_board(board, "lipnice").verify_with(assigned);
    let shared = AcceptedBoard::from(&shared.unwrap());
    assert_eq!(shared.board.as_deref(), Some("lipnice"));
    assert_eq!((shared.number, shared.assignment), (5, Some(7)));
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
                board: None,
                assignment: None,
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
