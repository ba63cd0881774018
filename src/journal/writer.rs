//! Appending, and taking up where a power cut left off.
//!
//! Entries that came after the last sign of life may be torn: power went while they were being written, and nothing was
//! built on them. From the first of them that does not follow, they are cut off, and the gap says how many bytes.
//! Entries a sign of life has sealed are never touched. If some of those are gone, new ones go on behind them all the
//! same, by the sealed number and hash, so that `verify` names the missing ones for ever.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use tracing::error;
use vyveska_wire::journal::{
    Alive, ClockRecord, Entry, Fact, Head, MAX_LINE_LENGTH, Timestamp, append, follow,
};
use vyveska_wire::keys::KeyPair;
use vyveska_wire::manifest::ContentHash;

use super::alive::{self, Slots};
use super::{JournalError, segments};
use crate::store::{point, sync_directory};

/// The longest text that goes into an entry, in characters.
const MAX_TEXT_LENGTH: usize = 1000;

/// What an opened journal says about the time before.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// Gaps to record before anything else.
    pub(super) gaps: Vec<Fact>,
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
    /// Where the next entry goes: what lies behind is left over from a write that failed.
    length: u64,
    head: Head,
    slots: Slots,
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
        let signs = alive::find(&folder, &key.public()).map_err(JournalError::io(&folder))?;
        let numbers = segments::list(&folder).map_err(JournalError::io(&folder))?;
        let tail = Tail::read(&folder, &numbers, signs.newest.as_ref())?;

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
        let slots = Slots::open(&folder, &signs).map_err(JournalError::io(&folder))?;
        sync_directory(&folder).map_err(JournalError::io(&folder))?;

        let before = Before {
            gaps: tail.gaps(signs.newest.as_ref()),
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
        };
        Ok((writer, before))
    }

    /// Writes the entries and puts them safely on disk: all of them, or as if none.
    pub(super) fn append(&mut self, facts: &[(Timestamp, Fact)]) -> Result<(), JournalError> {
        if facts.is_empty() {
            return Ok(());
        }
        if self.length >= self.segment_bytes {
            self.begin_segment()?;
        }
        let mut bytes = Vec::new();
        let mut head = self.head;
        for (when, fact) in facts {
            let (line, next) = append(head, when.clone(), bounded(fact.clone()));
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

    /// Seals everything written so far.
    pub(super) fn seal(
        &mut self,
        when: Timestamp,
        available: ContentHash,
    ) -> Result<(), JournalError> {
        let alive = Alive {
            when,
            head: self.head,
            available,
        };
        self.slots
            .write(&alive, &self.key)
            .map_err(JournalError::io(&self.folder))
    }

    fn begin_segment(&mut self) -> Result<(), JournalError> {
        let number = self.number + 1;
        let path = segments::path(&self.folder, number);
        // An empty one may be left from a begin that failed.
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

/// Keeps every line short, whatever a reason says.
fn bounded(mut fact: Fact) -> Fact {
    let text = match &mut fact {
        Fact::ManifestRefused { reason, .. } | Fact::DocumentNotDrawable { reason, .. } => reason,
        Fact::BoardCovered { alert } => alert,
        Fact::Started { version } => version,
        _ => return fact,
    };
    if let Some((end, _)) = text.char_indices().nth(MAX_TEXT_LENGTH) {
        text.truncate(end);
    }
    fact
}

/// The end of a journal as it was found.
#[derive(Debug)]
struct Tail {
    /// Where the next entry attaches.
    head: Head,
    /// How much of the last segment stays.
    length: u64,
    /// How much of it is cut off.
    lost_bytes: u64,
    /// The newest entry.
    last: Option<Entry>,
    /// Sealed entries that are gone, or do not follow.
    damage: Option<&'static str>,
    accepted: Option<(u64, ContentHash)>,
}

impl Tail {
    fn read(
        folder: &std::path::Path,
        numbers: &[u32],
        sign: Option<&Alive>,
    ) -> Result<Self, JournalError> {
        let sealed = sign.map_or(Head::EMPTY, |sign| sign.head);
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
            // The segment before says where the last one attaches; those before it are for `verify`.
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
            tail.follow(&read(*last)?, sign);
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

    fn follow(&mut self, bytes: &[u8], sign: Option<&Alive>) {
        let (lines, rest) = segments::split(bytes);
        let mut torn = rest.len() as u64;
        let mut lines = lines.into_iter();
        while let Some(line) = lines.next() {
            let (entry, next) = match follow(self.head, line) {
                Ok(followed) => followed,
                // Not sealed yet, so it may be torn, and all that follows with it.
                // Without any sign of life only the very last line may count as torn.
                Err(_)
                    if sign.map_or(lines.len() == 0, |sign| {
                        self.head.sequence >= sign.head.sequence
                    }) =>
                {
                    torn += line.len() as u64 + 1;
                    break;
                }
                // Altered since it was written: it stays as it is, for `verify` to name.
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

    fn gaps(&self, sign: Option<&Alive>) -> Vec<Fact> {
        let last_entry = self.last.as_ref().map(|entry| &entry.when);
        let since: Option<ClockRecord> = last_entry
            .into_iter()
            .chain(sign.map(|sign| &sign.when))
            .map(|when| when.clock)
            .max_by_key(|clock| clock.latest);
        let gap = |cause: &str, lost_bytes| Fact::Gap {
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
        let began = self.last.is_some() || sign.is_some();
        let in_good_order = matches!(
            self.last,
            Some(Entry {
                fact: Fact::Stopped {},
                ..
            })
        );
        if gaps.is_empty() && began && !in_good_order {
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
    match serde_json::from_slice::<Entry>(line).ok()?.fact {
        Fact::ManifestAccepted { number, notices } => Some((number, notices)),
        _ => None,
    }
}
