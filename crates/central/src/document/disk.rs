//! Disks: how much of one is free, and space that is kept on that of the database.
//!
//! Whoever frees a full disk has to write first: what is forgotten leaves the database before its bytes leave the disk,
//! and a job is leased before it is done. A preallocated file beside the database keeps room for that. It is given up when
//! the disk is short, and made again once there is room.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate, statvfs};
use rustix::io::Errno;

const FILE: &str = "reserve";

/// Room for the write-ahead log of a turn of forgetting.
const RESERVE_BYTES: u64 = 20 * 1024 * 1024;

/// The bytes of a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    pub free: u64,
    pub total: u64,
}

/// How much of the disk of a folder is free.
///
/// # Errors
///
/// When the system does not say.
pub fn space(folder: &Path) -> io::Result<Space> {
    let disk = statvfs(folder)?;
    Ok(Space {
        free: disk.f_bavail.saturating_mul(disk.f_frsize),
        total: disk.f_blocks.saturating_mul(disk.f_frsize),
    })
}

/// Space that is kept beside the database.
#[derive(Debug, Clone)]
pub struct Reserve {
    folder: PathBuf,
}

impl Reserve {
    /// That of the database in this folder.
    pub fn of(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Gives the space up where the disk has less than that left.
    ///
    /// # Errors
    ///
    /// When the file cannot be emptied.
    pub fn release_if_short(&self) -> io::Result<()> {
        self.release_at(space(&self.folder)?.free)
    }

    fn release_at(&self, free: u64) -> io::Result<()> {
        if free >= RESERVE_BYTES {
            return Ok(());
        }
        let emptied = OpenOptions::new().write(true).open(self.file());
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
    pub fn take(&self) -> io::Result<()> {
        let held = fs::metadata(self.file()).map_or(0, |file| file.len());
        if held >= RESERVE_BYTES || space(&self.folder)?.free < 2 * RESERVE_BYTES {
            return Ok(());
        }
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false);
        let file = file.open(self.file())?;
        match fallocate(&file, FallocateFlags::empty(), 0, RESERVE_BYTES) {
            // A filesystem that cannot set space aside.
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
            done => Ok(done?),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.join(FILE)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn space_is_kept_until_the_disk_is_short() {
        let folder = tempfile::tempdir().unwrap();
        let found = space(folder.path()).unwrap();
        assert!(found.free <= found.total && found.free >= 2 * RESERVE_BYTES);
        let reserve = Reserve::of(folder.path());
        reserve.release_at(0).unwrap();
        let file = || fs::metadata(folder.path().join(FILE)).unwrap();
        for _ in 0..2 {
            reserve.take().unwrap();
            assert!(file().blocks() * 512 >= RESERVE_BYTES);
        }
        reserve.release_at(RESERVE_BYTES).unwrap();
        assert_eq!(file().len(), RESERVE_BYTES, "the disk is not short");
        reserve.release_at(RESERVE_BYTES - 1).unwrap();
        assert_eq!(file().blocks(), 0);
    }
}
