//! Durable writing: a power cut leaves the old or the new file, never a part.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::io::Errno;

/// Whether the storage is damaged here, as by a bad sector: other files and other blocks may still work.
pub(crate) fn is_damaged(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::IO | Errno::UCLEAN | Errno::BADMSG | Errno::ISDIR)
    )
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

/// Replaces a file atomically.
pub(crate) fn write_whole(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let folder = path
        .parent()
        .ok_or_else(|| io::Error::other("the file has no folder"))?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = folder.join(name);
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
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
