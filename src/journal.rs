//! What hung here and when, sealed.
//!
//! Each entry is hashed over the one before it, and a signed *alive* block names the newest: whoever alters, removes or
//! reorders an entry is found out by `vyveska journal verify`. An entry is on disk before the change it tells of:
//! [`JournalHandle::accept_manifest`] comes back only then, and the store switches after it.
//! What the journal cannot know it says: a power cut, a torn entry and entries that are gone become gaps.
//!
//! The journal has a thread of its own. A disk that refuses makes entries wait, never the screen.

mod alive;
pub mod command;
mod recorder;
mod segments;
mod thread;
mod verify;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use vyveska_board::Clock;
use vyveska_wire::journal::{ClockRecord, ClockTrustRecord};
use vyveska_wire::keys::{KeyPair, PublicKey};
use vyveska_wire::manifest::ContentHash;

pub use recorder::{Recorder, available_hash, why_ceased};
pub use thread::JournalHandle;
pub use verify::{Report, VerifyError, verify};

/// Gives the milliseconds of the monotonic clock since the boot.
pub type Monotonic = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Everything a journal needs from outside.
pub struct JournalParts {
    /// Where it lies.
    pub folder: PathBuf,
    /// The display's key: signs the *alive* blocks.
    pub key: Arc<KeyPair>,
    /// The kernel's identifier of this boot: see [`boot_id`].
    pub boot: String,
    /// The kiosk's version.
    pub version: String,
    /// See [`monotonic_since_boot`].
    pub monotonic: Monotonic,
    /// The clock whose bounds the signs of life carry.
    pub clock: Arc<dyn Clock>,
    /// The board in use according to the store: number of its manifest and hash of its notices.
    pub in_use: Option<(u64, ContentHash)>,
    /// Sizes and times.
    pub config: JournalConfig,
}

/// Sizes and times of a journal.
#[derive(Debug, Clone)]
pub struct JournalConfig {
    /// A segment is closed when it has reached this size.
    pub segment_bytes: u64,
    /// How often a sign of life is written when nothing happens.
    pub alive_interval: Duration,
    /// How long after a failure writing is tried again.
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
    /// A file or folder refuses.
    #[error("cannot use the journal at {path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The thread that writes is gone.
    #[error("the journal is no longer running")]
    Stopped,
    /// The disk does not come back.
    #[error("the journal's disk does not answer in time")]
    TooSlow,
}

impl JournalError {
    fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}

/// The kernel's identifier of this boot.
///
/// # Errors
///
/// When the kernel does not give it.
pub fn boot_id() -> std::io::Result<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    Ok(text.trim().to_owned())
}

/// When the device that wrote this journal gave its last sign of life.
///
/// `None` when there is none, or when the device did not know the time then.
///
/// To be asked before the journal is opened, which is a sign of life too.
///
/// # Errors
///
/// When the journal cannot be read.
pub fn last_sign_of_life(
    folder: &Path,
    key: &PublicKey,
) -> Result<Option<DateTime<Utc>>, JournalError> {
    let found = alive::find(folder, key).map_err(JournalError::io(folder))?;
    let sure = |clock: &ClockRecord| clock.trust != ClockTrustRecord::Unknown;
    Ok(found
        .newest
        .map(|alive| alive.when.clock)
        .filter(sure)
        .map(|clock| clock.earliest))
}

/// A source of the milliseconds since the boot, going on from the kernel's uptime.
///
/// # Errors
///
/// When the kernel does not give its uptime.
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
