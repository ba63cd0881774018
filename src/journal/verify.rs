//! Checks that the record was not altered.

use std::path::Path;

use vyveska_wire::journal::{Alive, ChainError, Entry, Head, JournalEvent, follow};
use vyveska_wire::keys::PublicKey;
use vyveska_wire::manifest::ContentHash;

use super::{alive, segments};

/// A journal in which nothing was altered, removed or reordered, as far as it is sealed.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub entries: u64,
    pub segments: usize,
    pub gaps: u64,
    pub alive: Alive,
    /// Entries newer than the alive block: in order, but nothing shows whether more followed.
    pub unsealed: u64,
    /// Bytes of an entry torn by a power cut, which the next start cuts off.
    pub torn_bytes: u64,
    /// Damaged alive blocks; the other one is used.
    pub damaged_alive_blocks: u32,
}

/// The first thing wrong with a journal.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error("cannot read {what}: {source}")]
    Io {
        what: String,
        #[source]
        source: std::io::Error,
    },
    #[error("there is no journal in this folder")]
    None,
    #[error(
        "the signs of life (alive-a.json, alive-b.json) are missing, so nothing shows where the journal ends"
    )]
    NoSign,
    #[error(
        "no sign of life was signed by this key: it is the key of another display, or they were altered"
    )]
    WrongSign,
    #[error("segment {name} is missing, and with it entry {first} and those after it")]
    SegmentMissing {
        name: String,
        /// The first entry that would be in it.
        first: u64,
    },
    #[error(
        "segment {name} could no longer be read and was set aside, and with it entry {first} and those after it"
    )]
    SegmentSetAside { name: String, first: u64 },
    #[error("{segment}, line {line}: {problem}")]
    Entry {
        segment: String,
        /// Counted from 1.
        line: usize,
        #[source]
        problem: ChainError,
    },
    #[error("entry {0} is altered: another version of it was sealed")]
    SealedAltered(u64),
    #[error("entry {first} is missing: entries up to {last} were sealed, the journal ends with entry {}", first - 1)]
    TailMissing {
        /// The first that is gone.
        first: u64,
        /// The last that was sealed.
        last: u64,
    },
}

impl VerifyError {
    /// The number of the entry it names.
    pub fn entry(&self) -> Option<u64> {
        match self {
            Self::SegmentMissing { first, .. }
            | Self::SegmentSetAside { first, .. }
            | Self::TailMissing { first, .. } => Some(*first),
            Self::SealedAltered(entry) => Some(*entry),
            Self::Entry { problem, .. } => Some(match problem {
                ChainError::Unreadable { expected, .. }
                | ChainError::Missing { expected, .. }
                | ChainError::Reordered { expected, .. } => *expected,
                ChainError::Altered { altered } => *altered,
            }),
            _ => None,
        }
    }
}

pub(super) struct Segment {
    pub(super) number: u32,
    pub(super) bytes: Vec<u8>,
}

/// Checks a journal from its first entry to its last.
///
/// # Errors
///
/// The first problem found, naming the entry.
pub fn verify(folder: &Path, key: &PublicKey) -> Result<Report, VerifyError> {
    let io = |what: &Path| {
        let what = what.display().to_string();
        move |source| VerifyError::Io { what, source }
    };
    let numbers = segments::list(folder).map_err(io(folder))?;
    let found = alive::find(folder, key);
    let alive = match (found.newest, found.damaged) {
        (Some(alive), _) => alive,
        (None, 0) if numbers.is_empty() => return Err(VerifyError::None),
        (None, 0) => return Err(VerifyError::NoSign),
        (None, _) => return Err(VerifyError::WrongSign),
    };
    let mut journal = Vec::new();
    for number in numbers {
        let bytes = segments::read(folder, number).map_err(io(&segments::path(folder, number)))?;
        journal.push(Segment { number, bytes });
    }
    match check(&journal, &alive) {
        Ok(checked) => Ok(Report {
            damaged_alive_blocks: found.damaged,
            alive,
            ..checked
        }),
        Err(VerifyError::SegmentMissing { name, first })
            if segments::is_set_aside(&folder.join(&name)) =>
        {
            Err(VerifyError::SegmentSetAside { name, first })
        }
        Err(error) => Err(error),
    }
}

/// Checks the segments against a verified alive block.
pub(super) fn check(journal: &[Segment], alive: &Alive) -> Result<Report, VerifyError> {
    let mut head = Head::EMPTY;
    let (mut gaps, mut torn_bytes) = (0, 0);
    for (index, segment) in journal.iter().enumerate() {
        let expected_number = u32::try_from(index).map_or(u32::MAX, |index| index + 1);
        if segment.number != expected_number {
            return Err(VerifyError::SegmentMissing {
                name: segments::name(expected_number),
                first: head.sequence + 1,
            });
        }
        let (lines, rest) = segments::split(&segment.bytes);
        for (line_index, line) in lines.iter().enumerate() {
            let wrong = |problem| VerifyError::Entry {
                segment: segments::name(segment.number),
                line: line_index + 1,
                problem,
            };
            let after = || {
                let here = lines[line_index + 1..].iter().copied();
                here.chain(lines_of(&journal[index + 1..]))
            };
            let (entry, next) = follow(head, line)
                .map_err(|problem| wrong(explain(problem, line, head, alive, after())))?;
            if matches!(entry.event, JournalEvent::Gap { .. }) {
                gaps += 1;
            }
            head = next;
            if head.sequence == alive.head.sequence && head.hash != alive.head.hash {
                // The next entry contains the hash of another version, too.
                return Err(VerifyError::SealedAltered(head.sequence));
            }
        }
        if !rest.is_empty() {
            if index + 1 < journal.len() {
                return Err(VerifyError::Entry {
                    segment: segments::name(segment.number),
                    line: lines.len() + 1,
                    problem: ChainError::Unreadable {
                        expected: head.sequence + 1,
                        reason: "its line does not end".to_owned(),
                    },
                });
            }
            torn_bytes = rest.len() as u64;
        }
    }
    if head.sequence < alive.head.sequence {
        return Err(VerifyError::TailMissing {
            first: head.sequence + 1,
            last: alive.head.sequence,
        });
    }
    Ok(Report {
        entries: head.sequence,
        segments: journal.len(),
        gaps,
        unsealed: head.sequence - alive.head.sequence,
        torn_bytes,
        alive: alive.clone(),
        damaged_alive_blocks: 0,
    })
}

fn lines_of(journal: &[Segment]) -> impl Iterator<Item = &[u8]> {
    journal
        .iter()
        .flat_map(|segment| segments::split(&segment.bytes).0)
}

/// Refines a chain error by looking at the following lines.
fn explain<'a>(
    problem: ChainError,
    line: &[u8],
    head: Head,
    alive: &Alive,
    mut after: impl Iterator<Item = &'a [u8]>,
) -> ChainError {
    let read = |line: &[u8]| serde_json::from_slice::<Entry>(line).ok();
    match problem {
        // Its `previous` does not match. If the next entry confirms this one, the one before was altered; otherwise this one.
        ChainError::Altered { altered } => {
            let hash = ContentHash::of(line);
            let here = head.sequence + 1;
            let confirmed = match after.next() {
                Some(next) => read(next).is_some_and(|next| next.previous == hash),
                // Neither sealed nor followed by another: nothing contradicts it.
                None => alive.head.sequence != here || alive.head.hash == hash,
            };
            ChainError::Altered {
                altered: if confirmed && altered > 0 {
                    altered
                } else {
                    here
                },
            }
        }
        // Missing here, but found further on: moved.
        ChainError::Missing { expected, found }
            if after.any(|line| read(line).is_some_and(|entry| entry.sequence == expected)) =>
        {
            ChainError::Reordered { expected, found }
        }
        other => other,
    }
}
