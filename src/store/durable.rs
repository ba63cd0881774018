//! Durable writing: a power cut leaves the old or the new file, never a part.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use rustix::fs::Mode;
use rustix::io::Errno;
use tracing::warn;

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
    if fs::metadata(folder)?.permissions().mode() & OTHERS == 0 {
        return Ok(());
    }
    // On a read-only disk the board is shown all the same.
    if let Err(error) = close_to_others(folder) {
        warn!(%error, folder = %folder.display(), "other users of this computer can read the data");
    }
    Ok(())
}

/// The permissions of the group and of everybody else.
const OTHERS: u32 = 0o077;

fn close_to_others(path: &Path) -> io::Result<()> {
    let metadata = fs::symlink_metadata(path)?;
    if metadata.is_symlink() {
        return Ok(());
    }
    if metadata.is_dir() {
        for entry in fs::read_dir(path)? {
            close_to_others(&entry?.path())?;
        }
    }
    // The folder itself comes last: interrupted, this begins anew at the next start.
    fs::set_permissions(
        path,
        Permissions::from_mode(metadata.permissions().mode() & 0o7777 & !OTHERS),
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
    use super::*;

    #[test]
    fn data_of_an_earlier_program_become_private() {
        let parent = tempfile::tempdir().unwrap();
        let data = parent.path().join("data");
        let inner = data.join("content/ab");
        fs::create_dir_all(&inner).unwrap();
        let outside = parent.path().join("outside");
        let files = [
            data.join("board.sqlite"),
            inner.join("cdef"),
            outside.clone(),
        ];
        let set =
            |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        for file in &files {
            fs::write(file, "").unwrap();
            set(file, 0o644);
        }
        for folder in [&data, &data.join("content"), &inner] {
            set(folder, 0o755);
        }
        std::os::unix::fs::symlink(&outside, data.join("link")).unwrap();

        make_private(&data).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            [&data, &data.join("content"), &inner].map(|one| mode(one)),
            [0o700; 3]
        );
        assert_eq!([mode(&files[0]), mode(&files[1])], [0o600; 2]);
        assert_eq!(mode(&outside), 0o644, "links are not followed");

        fs::write(data.join("later"), "").unwrap();
        fs::create_dir_all(data.join("new/folder")).unwrap();
        assert_eq!(mode(&data.join("later")), 0o600);
        assert_eq!(mode(&data.join("new/folder")), 0o700);
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
