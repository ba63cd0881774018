//! Durable writing: a power cut leaves the old or the new file, never a part.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::Mode;
use rustix::io::Errno;

/// Whether the storage is damaged here, as by a bad sector: other files and other blocks may still work.
pub(crate) fn is_damaged(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::IO | Errno::UCLEAN | Errno::BADMSG | Errno::ISDIR)
    )
}

/// Creates a data folder that only this user can read, and makes one of an earlier program so, with everything in it.
///
/// Files that this process creates later are private, too.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    fs::create_dir_all(folder)?;
    vyveska_confine::make_private(folder);
    Ok(())
}

/// Marks a step after which a power cut must be survivable.
///
/// Tests end the process here: see the kill tests of `sync`.
pub(crate) fn point(_name: &'static str) {
    #[cfg(test)]
    kill::step(_name);
}

/// Makes a directory's entries durable.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    point("sync folder");
    File::open(path)?.sync_all()?;
    point("folder synced");
    Ok(())
}

/// Removes a file, which may be gone already.
pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Replaces a file atomically.
pub(crate) fn write_whole(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let folder = path
        .parent()
        .ok_or_else(|| io::Error::other("the file has no folder"))?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = folder.join(name);
    remove_file(&new)?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    point("file written");
    fs::rename(&new, path)?;
    sync_directory(folder)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn data_of_an_earlier_program_and_later_files_are_private() {
        let data = tempfile::tempdir().unwrap();
        let data = data.path();
        fs::write(data.join("board.sqlite"), "").unwrap();
        for (path, mode) in [(data.join("board.sqlite"), 0o644), (data.to_owned(), 0o755)] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
        make_private(data).unwrap();
        fs::write(data.join("later"), "").unwrap();
        fs::create_dir_all(data.join("new/folder")).unwrap();
        let mode = |name| fs::metadata(data.join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(["", "new/folder"].map(mode), [0o700; 2]);
        assert_eq!(["board.sqlite", "later"].map(mode), [0o600; 2]);
    }
}

#[cfg(test)]
pub(crate) mod kill {
    //! Kills a test's child process at a chosen durable step, as a power cut would.

    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// The environment variable with the step at which to end, counted from 1.
    pub(crate) const DIE_AT: &str = "VYVESKA_TEST_DIE_AT_STEP";

    static LIMIT: LazyLock<Option<u64>> =
        LazyLock::new(|| std::env::var(DIE_AT).ok()?.parse().ok());
    static STEPS: AtomicU64 = AtomicU64::new(0);

    pub(super) fn step(_name: &'static str) {
        if let Some(limit) = *LIMIT
            && STEPS.fetch_add(1, Ordering::SeqCst) + 1 == limit
        {
            let _ = rustix::process::kill_process(
                rustix::process::getpid(),
                rustix::process::Signal::KILL,
            );
            loop {
                std::thread::park();
            }
        }
    }
}
