//! Whether anybody altered the record.

use std::path::Path;

use vyveska_wire::journal::{Alive, ChainError, Entry, Fact, Head, follow};
use vyveska_wire::keys::PublicKey;
use vyveska_wire::manifest::ContentHash;

use super::{alive, segments};

/// A journal in which nothing was altered, removed or reordered, as far as it is sealed.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// How many entries there are.
    pub entries: u64,
    /// In how many segments.
    pub segments: usize,
    /// How many of the entries are gaps.
    pub gaps: u64,
    /// The newest sign of life.
    pub alive: Alive,
    /// Entries newer than that: in order, but nothing shows whether more followed.
    pub unsealed: u64,
    /// Bytes of an entry that was torn by a power cut, not repaired yet.
    pub torn_bytes: u64,
    /// Signs of life that are damaged: the other one counts.
    pub damaged_signs: u32,
}

/// The first thing wrong with a journal.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It cannot be read.
    #[error("cannot read {what}: {source}")]
    Io {
        /// What.
        what: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// There is none.
    #[error("there is no journal in this folder")]
    None,
    /// No sign of life is there.
    #[error(
        "the signs of life (alive-a.json, alive-b.json) are missing, so nothing shows where the journal ends"
    )]
    NoSign,
    /// No sign of life verifies.
    #[error(
        "no sign of life was signed by this key: it is the key of another display, or they were altered"
    )]
    WrongSign,
    /// A whole segment is missing.
    #[error("segment {name} is missing, and with it entry {first} and those after it")]
    SegmentMissing {
        /// Its file.
        name: String,
        /// The first entry that would be in it.
        first: u64,
    },
    /// An entry is altered, missing or out of order.
    #[error("{segment}, line {line}: {problem}")]
    Entry {
        /// The file.
        segment: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        #[source]
        problem: ChainError,
    },
    /// The newest sealed entry is not what was sealed.
    #[error("entry {0} is altered: another version of it was sealed")]
    SealedAltered(u64),
    /// Sealed entries at the end are gone.
    #[error("entry {first} is missing: entries up to {last} were sealed, the journal ends with entry {}", first - 1)]
    TailMissing {
        /// The first that is gone.
        first: u64,
        /// The last that was sealed.
        last: u64,
    },
}

impl VerifyError {
    /// The entry it names.
    pub fn entry(&self) -> Option<u64> {
        match self {
            Self::SegmentMissing { first, .. } | Self::TailMissing { first, .. } => Some(*first),
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

/// A segment as it was read.
pub(super) struct Segment {
    pub(super) number: u32,
    pub(super) bytes: Vec<u8>,
}

/// Checks a journal from its first entry to its last.
///
/// # Errors
///
/// The first thing that is wrong, naming the entry.
pub fn verify(folder: &Path, key: &PublicKey) -> Result<Report, VerifyError> {
    let io = |what: &Path| {
        let what = what.display().to_string();
        move |source| VerifyError::Io { what, source }
    };
    let numbers = segments::list(folder).map_err(io(folder))?;
    let signs = alive::find(folder, key).map_err(io(folder))?;
    let sign = match (signs.newest, signs.damaged) {
        (Some(sign), _) => sign,
        (None, 0) if numbers.is_empty() => return Err(VerifyError::None),
        (None, 0) => return Err(VerifyError::NoSign),
        (None, _) => return Err(VerifyError::WrongSign),
    };
    let mut journal = Vec::new();
    for number in numbers {
        let bytes = segments::read(folder, number).map_err(io(&segments::path(folder, number)))?;
        journal.push(Segment { number, bytes });
    }
    check(&journal, &sign).map(|checked| Report {
        damaged_signs: signs.damaged,
        alive: sign,
        ..checked
    })
}

/// Checks what was read against a sign of life that was verified.
pub(super) fn check(journal: &[Segment], sign: &Alive) -> Result<Report, VerifyError> {
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
                .map_err(|problem| wrong(explain(problem, line, head, sign, after())))?;
            if matches!(entry.fact, Fact::Gap { .. }) {
                gaps += 1;
            }
            head = next;
            if head.sequence == sign.head.sequence && head.hash != sign.head.hash {
                // Whoever wrote the entry after it saw another version, too.
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
    if head.sequence < sign.head.sequence {
        return Err(VerifyError::TailMissing {
            first: head.sequence + 1,
            last: sign.head.sequence,
        });
    }
    Ok(Report {
        entries: head.sequence,
        segments: journal.len(),
        gaps,
        unsealed: head.sequence - sign.head.sequence,
        torn_bytes,
        alive: sign.clone(),
        damaged_signs: 0,
    })
}

fn lines_of(journal: &[Segment]) -> impl Iterator<Item = &[u8]> {
    journal
        .iter()
        .flat_map(|segment| segments::split(&segment.bytes).0)
}

/// Tells apart what one line alone cannot show.
fn explain<'a>(
    problem: ChainError,
    line: &[u8],
    head: Head,
    sign: &Alive,
    mut after: impl Iterator<Item = &'a [u8]>,
) -> ChainError {
    let read = |line: &[u8]| serde_json::from_slice::<Entry>(line).ok();
    match problem {
        // It names another predecessor. If its own successor vouches for it, the predecessor was altered; else it was.
        ChainError::Altered { altered } => {
            let hash = ContentHash::of(line);
            let here = head.sequence + 1;
            let vouched = match after.next() {
                Some(next) => read(next).is_some_and(|next| next.previous == hash),
                // Neither sealed nor followed: nothing speaks against it.
                None => sign.head.sequence != here || sign.head.hash == hash,
            };
            ChainError::Altered {
                altered: if vouched && altered > 0 {
                    altered
                } else {
                    here
                },
            }
        }
        // Gone from here, but there further on: moved.
        ChainError::Missing { expected, found }
            if after.any(|line| read(line).is_some_and(|entry| entry.sequence == expected)) =>
        {
            ChainError::Reordered { expected, found }
        }
        other => other,
    }
}
