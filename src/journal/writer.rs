//! Appending entries, and recovering after a power cut.
//!
//! Entries after the last alive block may be torn by a power cut, and nothing depends on them yet. From the first one
//! that does not continue the chain, they are cut off, and a gap records the number of bytes.
//! Entries sealed by an alive block are never changed. If some of those are missing, new entries continue from the
//! sealed number and hash, so that `verify` keeps naming the missing ones.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tracing::error;
use vyveska_wire::journal::{
    Alive, ClockRecord, Entry, Head, JournalEvent, MAX_LINE_LENGTH, Timestamp, append, follow,
};
use vyveska_wire::keys::KeyPair;
use vyveska_wire::manifest::ContentHash;

use super::alive::{self, Slots};
use super::{JournalError, segments};
use crate::store::{point, sync_directory};

/// The longest text that goes into an entry, in characters.
const MAX_TEXT_LENGTH: usize = 1000;

/// What was found when the journal was opened.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// Gaps to record before anything else.
    pub(super) gaps: Vec<JournalEvent>,
    /// The manifest last recorded as accepted.
    pub(super) accepted: Option<(u64, ContentHash)>,
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
    slots: Slots,
    /// The proven lower bound of the time, for the next alive block.
    pub(super) proven: Option<DateTime<Utc>>,
}

impl Writer {
    pub(super) fn open(
        folder: PathBuf,
        key: Arc<KeyPair>,
        segment_bytes: u64,
    ) -> Result<(Self, Before), JournalError> {
        fs::create_dir_all(&folder).map_err(JournalError::io(&folder))?;
        if let Some(parent) = folder.parent() {
            sync_directory(parent).map_err(JournalError::io(parent))?;
        }
        let found = alive::find(&folder, &key.public()).map_err(JournalError::io(&folder))?;
        let numbers = segments::list(&folder).map_err(JournalError::io(&folder))?;
        let tail = Tail::read(&folder, &numbers, found.newest.as_ref())?;

        let number = numbers.last().copied().unwrap_or(1);
        let path = segments::path(&folder, number);
        let segment = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(JournalError::io(&path))?;
        segment
            .set_len(tail.length)
            .and_then(|()| segment.sync_all())
            .map_err(JournalError::io(&path))?;
        let slots = Slots::open(&folder, &found).map_err(JournalError::io(&folder))?;
        sync_directory(&folder).map_err(JournalError::io(&folder))?;

        let before = Before {
            gaps: tail.gaps(found.newest.as_ref()),
            accepted: tail.accepted,
        };
        let writer = Self {
            head: tail.head,
            length: tail.length,
            folder,
            key,
            segment_bytes,
            number,
            segment,
            slots,
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
            self.begin_segment()?;
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
        let write = || {
            if self.segment.metadata()?.len() != self.length {
                self.segment.set_len(self.length)?;
            }
            point("append");
            self.segment.write_all_at(&bytes, self.length)?;
            point("appended");
            self.segment.sync_data()
        };
        let path = segments::path(&self.folder, self.number);
        write().map_err(JournalError::io(path))?;
        self.length += bytes.len() as u64;
        self.head = head;
        Ok(())
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

    fn begin_segment(&mut self) -> Result<(), JournalError> {
        let number = self.number + 1;
        let path = segments::path(&self.folder, number);
        // An earlier failure here may have left an empty one.
        let segment = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .map_err(JournalError::io(&path))?;
        sync_directory(&self.folder).map_err(JournalError::io(&self.folder))?;
        (self.segment, self.number, self.length) = (segment, number, 0);
        Ok(())
    }
}

/// Limits the length of texts, so that every line stays short.
fn bounded(mut event: JournalEvent) -> JournalEvent {
    let text = match &mut event {
        JournalEvent::ManifestRefused { reason, .. }
        | JournalEvent::DocumentNotDrawable { reason, .. } => reason,
        JournalEvent::BoardCovered { alert } => alert,
        JournalEvent::Started { version } => version,
        _ => return event,
    };
    if let Some((end, _)) = text.char_indices().nth(MAX_TEXT_LENGTH) {
        text.truncate(end);
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
    accepted: Option<(u64, ContentHash)>,
}

impl Tail {
    fn read(
        folder: &std::path::Path,
        numbers: &[u32],
        alive: Option<&Alive>,
    ) -> Result<Self, JournalError> {
        let sealed = alive.map_or(Head::EMPTY, |alive| alive.head);
        let mut tail = Self {
            head: Head::EMPTY,
            length: 0,
            lost_bytes: 0,
            last: None,
            damage: None,
            accepted: None,
        };
        let read = |number| {
            segments::read(folder, number).map_err(JournalError::io(segments::path(folder, number)))
        };
        if let [earlier @ .., last] = numbers {
            // The last entry of the segment before is where the last segment continues the chain.
            // Earlier ones are read only for the last accepted manifest; `verify` checks them.
            let mut accepted = None;
            for (distance, number) in earlier.iter().rev().enumerate() {
                let bytes = read(*number)?;
                let (lines, _) = segments::split(&bytes);
                if distance == 0
                    && let Some(line) = lines.last()
                    && let Ok(entry) = serde_json::from_slice::<Entry>(line)
                {
                    tail.head = head_of(&entry, line);
                    tail.last = Some(entry);
                }
                accepted = lines.iter().rev().find_map(|line| accepted_in(line));
                if accepted.is_some() {
                    break;
                }
            }
            tail.accepted = accepted;
            tail.follow(&read(*last)?, alive);
        }
        if tail.head.sequence < sealed.sequence {
            error!(
                found = tail.head.sequence,
                sealed = sealed.sequence,
                "entries of the journal are gone that a sign of life had sealed"
            );
            tail.damage = Some("entries_missing");
            tail.head = sealed;
        }
        Ok(tail)
    }

    fn follow(&mut self, bytes: &[u8], alive: Option<&Alive>) {
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
                    if let Ok(entry) = serde_json::from_slice::<Entry>(line) {
                        self.head = head_of(&entry, line);
                    } else {
                        self.head.sequence += 1;
                        self.head.hash = ContentHash::of(line);
                    }
                    continue;
                }
            };
            self.length += line.len() as u64 + 1;
            self.accepted = accepted_in(line).or(self.accepted);
            self.last = Some(entry);
            self.head = next;
        }
        torn += lines.map(|line| line.len() as u64 + 1).sum::<u64>();
        self.lost_bytes = torn;
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

fn head_of(entry: &Entry, line: &[u8]) -> Head {
    Head {
        sequence: entry.sequence,
        hash: ContentHash::of(line),
    }
}

fn accepted_in(line: &[u8]) -> Option<(u64, ContentHash)> {
    match serde_json::from_slice::<Entry>(line).ok()?.event {
        JournalEvent::ManifestAccepted { number, notices } => Some((number, notices)),
        _ => None,
    }
}
