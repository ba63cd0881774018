//! The disk that the documents are on: how much of it is free, and space that is kept for forgetting.
//!
//! Whoever frees a full disk has to write first: what is forgotten leaves the database before its bytes leave the disk.
//! A preallocated file keeps room for that. It is given up when the disk is short, and made again once there is room.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate, statvfs};
use rustix::io::Errno;

const FILE: &str = "reserve";

/// Room for the write-ahead log of a turn of forgetting.
const RESERVE_BYTES: u64 = 20 * 1024 * 1024;

/// The disk of a folder.
#[derive(Debug, Clone)]
pub struct Disk {
    reserve: PathBuf,
    folder: PathBuf,
}

/// The bytes of a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    pub free: u64,
    pub total: u64,
}

impl Disk {
    pub(super) fn of(folder: &Path) -> Self {
        Self {
            reserve: folder.join(FILE),
            folder: folder.to_owned(),
        }
    }

    /// # Errors
    ///
    /// When the system does not say.
    pub fn space(&self) -> io::Result<Space> {
        let disk = statvfs(&self.folder)?;
        Ok(Space {
            free: disk.f_bavail.saturating_mul(disk.f_frsize),
            total: disk.f_blocks.saturating_mul(disk.f_frsize),
        })
    }

    /// Gives the reserved space up where the disk has less than that left.
    ///
    /// # Errors
    ///
    /// When the file cannot be emptied.
    pub fn release_if_short(&self) -> io::Result<()> {
        if self.space()?.free >= RESERVE_BYTES {
            return Ok(());
        }
        let emptied = OpenOptions::new().write(true).open(&self.reserve);
        match emptied.and_then(|file| file.set_len(0)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            emptied => emptied,
        }
    }

    /// Takes the space where as much is left besides.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn reserve(&self) -> io::Result<()> {
        let held = fs::metadata(&self.reserve).map_or(0, |file| file.len());
        if held >= RESERVE_BYTES || self.space()?.free < 2 * RESERVE_BYTES {
            return Ok(());
        }
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false);
        let file = file.open(&self.reserve)?;
        match fallocate(&file, FallocateFlags::empty(), 0, RESERVE_BYTES) {
            // A filesystem that cannot set space aside.
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
            done => Ok(done?),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn space_is_reserved_where_there_is_enough() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::of(folder.path());
        let space = disk.space().unwrap();
        assert!(space.free <= space.total && space.free >= 2 * RESERVE_BYTES);
        for _ in 0..2 {
            disk.reserve().unwrap();
            let file = fs::metadata(folder.path().join(FILE)).unwrap();
            assert!(file.blocks() * 512 >= RESERVE_BYTES);
        }
        disk.release_if_short().unwrap();
        let file = fs::metadata(folder.path().join(FILE)).unwrap();
        assert_eq!(file.len(), RESERVE_BYTES, "the disk is not short");
    }
}
