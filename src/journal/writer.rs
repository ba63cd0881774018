//! Appending entries, and recovering after a power cut.
//!
//! Entries after the last alive block may be torn by a power cut, and nothing depends on them yet. From the first one
//! that does not continue the chain, they are cut off, and a gap records the number of bytes.
//! Entries sealed by an alive block are never changed. If some of those are missing, new entries continue from the
//! sealed number and hash, so that `verify` keeps naming the missing ones.
//! A last segment that cannot be read is set aside as it is, and a new one is begun in the same way. It stays in its
//! place where it cannot be renamed, and so does an earlier one, which `verify` names.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tracing::{error, warn};
use vyveska_wire::journal::{
    Alive, ClockRecord, Entry, Head, JournalEvent, MAX_LINE_LENGTH, MAX_SEQUENCE, Timestamp,
    append, follow,
};
use vyveska_wire::keys::KeyPair;
use vyveska_wire::manifest::ContentHash;

use super::alive::{self, AliveSlots};
use super::{AcceptedBoard, JournalError, segments};
use crate::store::{point, remove_file, sync_directory};

/// The longest text that goes into an entry, in characters.
const MAX_TEXT_LENGTH: usize = 1000;

/// Shorter than any entry, in bytes: its fixed parts alone have more.
const SHORTEST_LINE: u64 = 100;

/// The largest number from which new entries go on. Whatever follows it can still be read.
const MAX_CONTINUED: u64 = MAX_SEQUENCE / 2;

/// What was found when the journal was opened.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// Gaps to record before anything else.
    pub(super) gaps: Vec<JournalEvent>,
    /// The board last recorded as accepted.
    pub(super) accepted: Option<AcceptedBoard>,
}

#[derive(Debug)]
pub(super) struct Writer {
    folder: PathBuf,
    key: Arc<KeyPair>,
    segment_bytes: u64,
    number: u32,
    segment: File,
    /// Where the next entry is written. Bytes behind it are left over from a write that failed.
    length: u64,
    head: Head,
    slots: AliveSlots,
    /// The proven lower bound of the time, for the next alive block.
    pub(super) proven: Option<DateTime<Utc>>,
}

impl Writer {
    pub(super) fn open(
        folder: PathBuf,
        key: Arc<KeyPair>,
        segment_bytes: u64,
    ) -> Result<(Self, Before), JournalError> {
        if !folder.is_dir() {
            fs::create_dir_all(&folder).map_err(JournalError::io(&folder))?;
            if let Some(parent) = folder.parent() {
                sync_directory(parent).map_err(JournalError::io(parent))?;
            }
        }
        let found = alive::find(&folder, &key.public());
        let numbers = segments::list(&folder).map_err(JournalError::io(&folder))?;
        let alive = found.newest.as_ref();
        let alive = alive.filter(|alive| alive.head.sequence <= MAX_CONTINUED);
        let tail = Tail::read(&folder, &numbers, alive)?;

        let last = numbers.last().copied();
        if let Some(last) = last.filter(|_| tail.unreadable) {
            let path = segments::path(&folder, last);
            // Where it cannot be renamed, the new segment follows it all the same.
            if let Err(error) = fs::rename(&path, segments::aside(&folder, last)) {
                warn!(%error, segment = %path.display(), "an unreadable segment stays in its place");
            }
        }
        let opened = match last {
            Some(last) if !tail.unreadable => match open_segment(&folder, last, tail.length) {
                Ok(segment) => Some((last, segment)),
                Err(error) if segments::is_damage(&error) => {
                    warn!(%error, "the last segment cannot be written; a new one is begun");
                    None
                }
                Err(error) => return Err(JournalError::io(segments::path(&folder, last))(error)),
            },
            _ => None,
        };
        let (number, segment, length) = match opened {
            Some((number, segment)) => (number, segment, tail.length),
            None => {
                let number = last.map_or(1, |last| last + 1);
                (number, begin_segment(&folder, number)?, 0)
            }
        };
        let before = Before {
            gaps: tail.gaps(alive),
            accepted: tail.accepted,
        };
        let writer = Self {
            head: tail.head,
            length,
            slots: AliveSlots::new(folder.clone(), &found),
            folder,
            key,
            segment_bytes,
            number,
            segment,
            proven: None,
        };
        Ok((writer, before))
    }

    /// Appends the entries durably: all of them or none.
    pub(super) fn append(
        &mut self,
        events: &[(Timestamp, JournalEvent)],
    ) -> Result<(), JournalError> {
        if events.is_empty() {
            return Ok(());
        }
        if self.length >= self.segment_bytes {
            self.begin_segment(self.number + 1)?;
        }
        let mut bytes = Vec::new();
        let mut head = self.head;
        for (when, event) in events {
            let (line, next) = append(head, when.clone(), bounded(event.clone()));
            debug_assert!(line.len() < MAX_LINE_LENGTH, "texts are bounded");
            bytes.extend_from_slice(&line);
            bytes.push(b'\n');
            head = next;
        }
        if let Err(error) = self.write(&bytes) {
            let path = segments::path(&self.folder, self.number);
            if !segments::is_damage(&error) {
                return Err(JournalError::io(path)(error));
            }
            warn!(%error, segment = %path.display(), "the segment cannot be written; a new one is begun");
            // What was written of these entries must not stay there as well. An empty segment is replaced.
            let _ = self.segment.set_len(self.length);
            self.begin_segment(self.number + u32::from(self.length > 0))?;
            let path = segments::path(&self.folder, self.number);
            self.write(&bytes).map_err(JournalError::io(path))?;
        }
        self.length += bytes.len() as u64;
        self.head = head;
        Ok(())
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        if self.segment.metadata()?.len() != self.length {
            self.segment.set_len(self.length)?;
        }
        point("append");
        self.segment.write_all_at(bytes, self.length)?;
        point("appended");
        self.segment.sync_data()
    }

    /// Seals everything written so far with an alive block.
    pub(super) fn seal(
        &mut self,
        when: Timestamp,
        available: ContentHash,
    ) -> Result<(), JournalError> {
        let alive = Alive {
            when,
            head: self.head,
            available,
            proven: self.proven,
        };
        self.slots
            .write(&alive, &self.key)
            .map_err(JournalError::io(&self.folder))
    }

    fn begin_segment(&mut self, number: u32) -> Result<(), JournalError> {
        let segment = begin_segment(&self.folder, number)?;
        (self.segment, self.number, self.length) = (segment, number, 0);
        Ok(())
    }
}

fn open_segment(folder: &Path, number: u32, length: u64) -> io::Result<File> {
    let segment = OpenOptions::new()
        .write(true)
        .open(segments::path(folder, number))?;
    segment.set_len(length)?;
    segment.sync_all()?;
    Ok(segment)
}

/// Creates an empty segment. An earlier failure may have left an empty one, which is replaced by a new file.
fn begin_segment(folder: &Path, number: u32) -> Result<File, JournalError> {
    let path = segments::path(folder, number);
    let create = || {
        if number == u32::MAX {
            return Err(io::Error::other("no number is left for another segment"));
        }
        remove_file(&path)?;
        let segment = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        sync_directory(folder)?;
        Ok(segment)
    };
    create().map_err(JournalError::io(&path))
}

/// Limits the length of texts, so that every line stays short.
fn bounded(mut event: JournalEvent) -> JournalEvent {
    let bound = |text: &mut String| {
        if let Some((end, _)) = text.char_indices().nth(MAX_TEXT_LENGTH) {
            text.truncate(end);
        }
    };
    match &mut event {
        JournalEvent::ManifestRefused { reason, .. } | JournalEvent::Failed { reason } => {
            bound(reason);
        }
        JournalEvent::ManifestAccepted { board, .. } => board.iter_mut().for_each(bound),
        JournalEvent::AssignmentAccepted { board, .. } => bound(board),
        JournalEvent::AssignmentRefused { board, reason, .. } => {
            board.iter_mut().for_each(bound);
            bound(reason);
        }
        JournalEvent::DocumentNotDrawable { notice, reason, .. } => {
            bound(&mut notice.id);
            bound(reason);
        }
        JournalEvent::BecameVisible { notice, .. } | JournalEvent::Ceased { notice, .. } => {
            bound(&mut notice.id);
        }
        JournalEvent::BoardCovered { alert } => bound(alert),
        JournalEvent::Started { version } => bound(version),
        JournalEvent::Gap { cause, .. } => bound(cause),
        JournalEvent::Stopped {}
        | JournalEvent::Panel { .. }
        | JournalEvent::ClockTrustChanged { .. }
        | JournalEvent::SafeMode { .. } => {}
    }
    event
}

/// The end of a journal as it was found.
#[derive(Debug)]
struct Tail {
    /// The entry that the next one follows.
    head: Head,
    /// The length of the last segment that is kept.
    length: u64,
    /// The number of bytes behind it that are cut off.
    lost_bytes: u64,
    last: Option<Entry>,
    /// The cause of the gap when sealed entries are missing or altered.
    damage: Option<&'static str>,
    accepted: Option<AcceptedBoard>,
    /// Whether the last segment cannot be read.
    unreadable: bool,
}

impl Tail {
    fn read(folder: &Path, numbers: &[u32], alive: Option<&Alive>) -> Result<Self, JournalError> {
        let sealed = alive.map_or(Head::EMPTY, |alive| alive.head);
        let mut tail = Self {
            head: Head::EMPTY,
            length: 0,
            lost_bytes: 0,
            last: None,
            damage: None,
            accepted: None,
            unreadable: false,
        };
        // `None` for a segment that cannot be read any more.
        let read = |number| match segments::read(folder, number) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if segments::is_damage(&error) => {
                error!(%error, segment = segments::name(number), "a segment of the journal cannot be read");
                Ok(None)
            }
            Err(error) => Err(JournalError::io(segments::path(folder, number))(error)),
        };
        if let [earlier @ .., last] = numbers {
            // The last entry of the segment before is where the last segment continues the chain.
            // Earlier ones are read only for the last accepted manifest; `verify` checks them.
            let mut newest_first = Vec::new();
            let before_last = segments::path(folder, last.saturating_sub(1));
            let mut follows_unreadable = segments::is_set_aside(&before_last);
            'earlier: for (distance, number) in earlier.iter().rev().enumerate() {
                let Some(bytes) = read(*number)? else {
                    follows_unreadable |= distance == 0;
                    continue;
                };
                let (lines, _) = segments::split(&bytes);
                if distance == 0 {
                    if let Some((entry, head)) = lines.last().and_then(|line| entry_in(line)) {
                        tail.head = head;
                        tail.last = Some(entry);
                    } else {
                        // One without a whole line was left when it could not be written, and has lost nothing.
                        tail.damage = (!lines.is_empty()).then_some("chain_broken");
                        follows_unreadable = true;
                    }
                }
                for event in lines.iter().rev().filter_map(|line| accepted_in(line)) {
                    let is_manifest = matches!(event, JournalEvent::ManifestAccepted { .. });
                    newest_first.push(event);
                    if is_manifest {
                        break 'earlier;
                    }
                }
            }
            for event in newest_first.into_iter().rev() {
                tail.note_accepted(event);
            }
            match read(*last)? {
                Some(bytes) => {
                    if follows_unreadable && let Some(head) = before_first(&bytes) {
                        // The gap was recorded when this segment was begun, or the damage is stated.
                        tail.head = head;
                    }
                    tail.read_last(&bytes, alive);
                }
                None => tail.set_aside(&segments::path(folder, *last), sealed),
            }
        }
        if tail.head.sequence < sealed.sequence {
            error!(
                found = tail.head.sequence,
                sealed = sealed.sequence,
                "entries of the journal are gone that an alive block had sealed"
            );
            tail.damage = Some("entries_missing");
            tail.head = sealed;
        }
        Ok(tail)
    }

    /// Continues after a last segment that cannot be read: from what is sealed, or with numbers that it cannot hold.
    fn set_aside(&mut self, path: &Path, sealed: Head) {
        let length = fs::metadata(path).map_or(0, |metadata| metadata.len());
        if self.head.sequence < sealed.sequence {
            self.head = sealed;
        } else {
            let most = length / SHORTEST_LINE;
            self.head.sequence = self.head.sequence.saturating_add(most);
        }
        self.lost_bytes = length;
        self.unreadable = true;
    }

    /// Reads the last segment up to its last whole entry.
    fn read_last(&mut self, bytes: &[u8], alive: Option<&Alive>) {
        let (lines, rest) = segments::split(bytes);
        let mut torn = rest.len() as u64;
        let mut lines = lines.into_iter();
        while let Some(line) = lines.next() {
            let (entry, next) = match follow(self.head, line) {
                Ok(followed) => followed,
                // Not sealed yet, so it and everything after it may be torn.
                // Without any alive block only the very last line may count as torn.
                Err(_)
                    if alive.map_or(lines.len() == 0, |alive| {
                        self.head.sequence >= alive.head.sequence
                    }) =>
                {
                    torn += line.len() as u64 + 1;
                    break;
                }
                // Altered since it was written: it is kept as it is, so that `verify` names it.
                Err(problem) => {
                    error!(%problem, "the journal was altered");
                    self.damage = Some("chain_broken");
                    self.length += line.len() as u64 + 1;
                    self.head = match entry_in(line) {
                        Some((_, head)) => head,
                        None => Head {
                            sequence: self.head.sequence.saturating_add(1),
                            hash: ContentHash::of(line),
                        },
                    };
                    continue;
                }
            };
            self.length += line.len() as u64 + 1;
            self.note_accepted(entry.event.clone());
            self.last = Some(entry);
            self.head = next;
        }
        torn += lines.map(|line| line.len() as u64 + 1).sum::<u64>();
        self.lost_bytes = torn;
    }

    fn note_accepted(&mut self, event: JournalEvent) {
        match (event, &mut self.accepted) {
            (
                JournalEvent::ManifestAccepted {
                    number,
                    notices,
                    board,
                    assignment,
                },
                accepted,
            ) => {
                *accepted = Some(AcceptedBoard {
                    number,
                    notices,
                    board,
                    assignment,
                });
            }
            (JournalEvent::AssignmentAccepted { number, board }, Some(accepted)) => {
                accepted.assignment = Some(number);
                accepted.board = Some(board);
            }
            _ => {}
        }
    }

    fn gaps(&self, alive: Option<&Alive>) -> Vec<JournalEvent> {
        let last_entry = self.last.as_ref().map(|entry| &entry.when);
        let since: Option<ClockRecord> = last_entry
            .into_iter()
            .chain(alive.map(|alive| &alive.when))
            .map(|when| when.clock)
            .max_by_key(|clock| clock.latest);
        let gap = |cause: &str, lost_bytes| JournalEvent::Gap {
            since,
            cause: cause.to_owned(),
            lost_bytes,
        };
        let mut gaps = Vec::new();
        if self.unreadable {
            gaps.push(gap("segment_unreadable", self.lost_bytes));
            return gaps;
        }
        if let Some(cause) = self.damage {
            gaps.push(gap(cause, 0));
        }
        if self.lost_bytes > 0 {
            gaps.push(gap("torn_entry", self.lost_bytes));
        }
        let began = self.last.is_some() || alive.is_some();
        let stopped_cleanly = matches!(
            self.last,
            Some(Entry {
                event: JournalEvent::Stopped {},
                ..
            })
        );
        if gaps.is_empty() && began && !stopped_cleanly {
            gaps.push(gap("power_cut", 0));
        }
        gaps
    }
}

/// The entry of a line and the head after it, whatever stands before it; `None` when none can follow it.
fn entry_in(line: &[u8]) -> Option<(Entry, Head)> {
    let entry: Entry = serde_json::from_slice(line).ok()?;
    let head = Head {
        sequence: entry.sequence,
        hash: ContentHash::of(line),
    };
    (head.sequence <= MAX_CONTINUED).then_some((entry, head))
}

/// The head before the first line of a segment, according to that line.
fn before_first(bytes: &[u8]) -> Option<Head> {
    let line = *segments::split(bytes).0.first()?;
    let (entry, _) = entry_in(line)?;
    Some(Head {
        sequence: entry.sequence.checked_sub(1)?,
        hash: entry.previous,
    })
}

/// The event of a line that says what was taken into use.
fn accepted_in(line: &[u8]) -> Option<JournalEvent> {
    let event = serde_json::from_slice::<Entry>(line).ok()?.event;
    let is_accepted = matches!(
        event,
        JournalEvent::ManifestAccepted { .. } | JournalEvent::AssignmentAccepted { .. }
    );
    is_accepted.then_some(event)
}
