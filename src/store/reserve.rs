//! Disk space kept for the journal and for the switch to another board.
//!
//! A preallocated file holds it. When the disk is full, the journal and the store release it and write again.
//! Documents are written only while it is whole, so that they never get this space.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;
use tracing::warn;

use super::durable::{is_damaged, open_file};

const FILE: &str = "reserve";

/// Disk space kept for the journal and for the switch.
#[derive(Debug)]
pub struct Reserve {
    path: PathBuf,
    bytes: u64,
    whole: AtomicBool,
    lent: Mutex<()>,
}

impl Reserve {
    /// As much as a board of the largest sections needs while the store switches to it.
    pub const DEFAULT_BYTES: u64 = 32 * 1024 * 1024;

    /// Takes the space in `folder`, or later when there is not enough now.
    pub fn open(folder: &Path, bytes: u64) -> Self {
        let reserve = Self {
            path: folder.join(FILE),
            bytes,
            whole: AtomicBool::new(false),
            lent: Mutex::new(()),
        };
        reserve.fill();
        reserve
    }

    /// Runs a write again that has failed, with the space released. Nothing takes the space again before it is done.
    pub(crate) fn lend<T>(&self, write: impl FnOnce() -> T) -> T {
        let _lent = self.lent.lock().unwrap_or_else(PoisonError::into_inner);
        // Also where there was none: another write may have had it released just now.
        self.release();
        write()
    }

    /// Releases the space. False when there was none.
    fn release(&self) -> bool {
        self.whole.store(false, Ordering::SeqCst);
        let held = fs::metadata(&self.path).map_or(0, |metadata| metadata.len());
        if held == 0 {
            return false;
        }
        warn!("the disk is full: the reserve of the journal and the switch is used");
        self.empty()
    }

    /// Takes the space again. Documents are written only when this succeeds.
    pub fn fill(&self) -> bool {
        if self.whole.load(Ordering::SeqCst) {
            return true;
        }
        let _lent = self.lent.lock().unwrap_or_else(PoisonError::into_inner);
        let mut filled = self.allocate();
        if filled.as_ref().is_err_and(is_damaged) {
            // Another file uses other blocks.
            filled = fs::remove_file(&self.path).and_then(|()| self.allocate());
        }
        if filled.is_err() {
            // A part of it may be what the journal needs.
            self.empty();
        }
        self.whole.store(filled.is_ok(), Ordering::SeqCst);
        filled.is_ok()
    }

    /// Gives back what the file holds. False when that fails.
    fn empty(&self) -> bool {
        let emptied =
            open_file(&self.path, OpenOptions::new().write(true)).and_then(|file| file.set_len(0));
        match emptied {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                warn!(%error, file = %self.path.display(), "the reserve cannot be emptied");
                false
            }
            emptied => emptied.is_ok(),
        }
    }

    /// How much of the space is not taken.
    pub fn missing(&self) -> u64 {
        let whole = self.whole.load(Ordering::SeqCst);
        if whole { 0 } else { self.bytes }
    }

    fn allocate(&self) -> io::Result<()> {
        if self.bytes == 0 {
            return Ok(());
        }
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let file = open_file(&self.path, &mut options)?;
        match fallocate(&file, FallocateFlags::empty(), 0, self.bytes) {
            // A filesystem that cannot set space aside.
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
            done => Ok(done?),
        }
    }
}

/// Whether a write failed because the disk is full.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn the_space_is_really_taken_and_released() {
        let folder = tempfile::tempdir().unwrap();
        let reserve = Reserve::open(folder.path(), 1_000_000);
        let blocks = || fs::metadata(folder.path().join(FILE)).unwrap().blocks() * 512;
        assert!(blocks() >= 1_000_000);
        assert_eq!(reserve.missing(), 0);
        assert!(reserve.release());
        assert_eq!((blocks(), reserve.missing()), (0, 1_000_000));
        assert!(!reserve.release(), "there is no more");
        assert!(reserve.fill());
        assert!(blocks() >= 1_000_000);
    }

    #[test]
    fn without_room_there_is_no_reserve() {
        let folder = tempfile::tempdir().unwrap();
        // More than any disk has.
        let reserve = Reserve::open(folder.path(), 1 << 60);
        assert!(!reserve.fill() && !reserve.release());
    }
}
