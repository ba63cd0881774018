//! The sealed record of what was displayed and when.
//!
//! Each entry contains the hash of the one before it, and a signed *alive* block names the newest, so that
//! `vyveska journal verify` detects an entry that was altered, removed or reordered. An entry is on disk before the
//! change that it records: [`JournalHandle::accept_board`] returns only then, and the store switches after it.
//! A power cut, a torn entry and missing entries are recorded as gaps, and so is the time in which nothing could be
//! written; of a run that never could, a mark in memory tells the next one. A file in a damaged place of the storage is
//! set aside, and a new one begun.
//!
//! The journal has its own thread. When the disk fails, entries are queued; the screen never waits.

mod alive;
pub mod command;
mod segments;
mod thread;
mod unwritten;
mod verify;
mod visibility;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use vyveska_board::Clock;
use vyveska_wire::journal::{ClockRecord, ClockTrustRecord};
use vyveska_wire::keys::{KeyPair, PublicKey};
use vyveska_wire::manifest::{Addressee, ContentHash};

use crate::store::{Reserve, Snapshot, VerifiedAssignment, is_full};

pub use thread::JournalHandle;
pub use verify::{Report, VerifyError, verify};
pub use visibility::{VisibilityRecorder, available_hash};

/// Returns the milliseconds of the monotonic clock since the boot.
pub type Monotonic = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Everything a journal needs from outside.
pub struct JournalParts {
    pub folder: PathBuf,
    /// The display's key: signs the *alive* blocks.
    pub key: Arc<KeyPair>,
    /// The kernel's identifier of this boot: see [`boot_id`].
    pub boot: String,
    pub version: String,
    /// See [`monotonic_since_boot`].
    pub monotonic: Monotonic,
    /// The clock whose bounds go into the alive blocks.
    pub clock: Arc<dyn Clock>,
    /// The board in use according to the store.
    pub in_use: Option<AcceptedBoard>,
    /// Released when the disk is full.
    pub reserve: Arc<Reserve>,
    /// A folder that lasts until the device is switched off, for the mark of a run that cannot write its journal.
    pub in_memory: Option<PathBuf>,
    pub config: JournalConfig,
}

/// A board that is taken into use, as the journal names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedBoard {
    /// The number of its manifest.
    pub number: u64,
    /// The hash of the notices section in use.
    pub notices: ContentHash,
    /// The board that the manifest is addressed to; `None` where it is addressed to the display.
    pub board: Option<String>,
    /// The number of the assignment to that board.
    pub assignment: Option<u64>,
}

impl From<&Snapshot> for AcceptedBoard {
    fn from(snapshot: &Snapshot) -> Self {
        let (board, assignment) = match &snapshot.manifest().to {
            Addressee::Group(board) => (Some(board.clone()), snapshot.assignment()),
            Addressee::Display(_) => (None, None),
        };
        Self {
            number: snapshot.number(),
            notices: snapshot.notices_hash(),
            board,
            assignment: assignment.map(VerifiedAssignment::number),
        }
    }
}

/// Sizes and times of a journal.
#[derive(Debug, Clone)]
pub struct JournalConfig {
    /// A segment is closed when it has reached this size.
    pub segment_bytes: u64,
    /// How often an alive block is written when nothing happens.
    pub alive_interval: Duration,
    /// The wait before writing is tried again after a failure.
    pub retry_interval: Duration,
}

impl Default for JournalConfig {
    fn default() -> Self {
        Self {
            segment_bytes: 1024 * 1024,
            alive_interval: Duration::from_secs(120),
            retry_interval: Duration::from_secs(5),
        }
    }
}

/// Why the journal cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("cannot use the journal at {path}: {source}")]
    Io {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("the journal is no longer running")]
    Stopped,
    #[error("the journal's disk does not answer in time")]
    TooSlow,
}

impl JournalError {
    /// Whether the disk has no room.
    pub(crate) fn is_full(&self) -> bool {
        matches!(self, Self::Io { source, .. } if is_full(source))
    }

    fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}

/// The kernel's identifier of this boot.
///
/// # Errors
///
/// When the kernel does not provide it.
pub fn boot_id() -> std::io::Result<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    Ok(text.trim().to_owned())
}

/// The time of the newest alive block in this journal.
///
/// `None` when there is none, or when the clock was unknown then.
///
/// Call it before the journal is opened, because opening writes a new one.
pub fn last_sign_of_life(folder: &Path, key: &PublicKey) -> Option<DateTime<Utc>> {
    let sure = |clock: &ClockRecord| clock.trust != ClockTrustRecord::Unknown;
    alive::find(folder, key)
        .newest
        .map(|alive| alive.when.clock)
        .filter(sure)
        .map(|clock| clock.earliest)
}

/// The time that the newest alive block proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedTime {
    pub earliest: DateTime<Utc>,
    /// `None` after a reboot, since nothing counted the time between.
    pub latest: Option<DateTime<Utc>>,
    /// The time that has passed since the block was written; after a reboot, the part of it since the boot.
    pub ago: Duration,
}

/// What the newest alive block proves about the time, seen from this moment of this boot.
///
/// Call it before the journal is opened, because opening writes a new one.
pub fn recorded_time(
    folder: &Path,
    key: &PublicKey,
    boot: &str,
    monotonic_ms: u64,
) -> Option<RecordedTime> {
    alive::find(folder, key).newest.and_then(|alive| {
        let when = &alive.when;
        let bounded = (when.clock.trust != ClockTrustRecord::Unknown).then_some(when.clock);
        // Older kiosks recorded bounds only, and the lower one of an unknown clock was not proven.
        let earliest = alive.proven.or(bounded.map(|clock| clock.earliest))?;
        let same_boot = when.boot == boot && when.monotonic_ms <= monotonic_ms;
        let ago = monotonic_ms - if same_boot { when.monotonic_ms } else { 0 };
        Some(RecordedTime {
            earliest,
            latest: bounded.filter(|_| same_boot).map(|clock| clock.latest),
            ago: Duration::from_millis(ago),
        })
    })
}

/// A source of the milliseconds since the boot, continuing from the kernel's uptime.
///
/// # Errors
///
/// When the kernel does not provide its uptime.
pub fn monotonic_since_boot() -> std::io::Result<Monotonic> {
    let text = std::fs::read_to_string("/proc/uptime")?;
    let seconds: f64 = text
        .split_whitespace()
        .next()
        .and_then(|word| word.parse().ok())
        .ok_or_else(|| std::io::Error::other("the kernel's uptime cannot be read"))?;
    let (uptime, at) = (Duration::from_secs_f64(seconds.max(0.0)), Instant::now());
    Ok(Arc::new(move || {
        u64::try_from((uptime + at.elapsed()).as_millis()).unwrap_or(u64::MAX)
    }))
}

#[cfg(test)]
mod tests;
