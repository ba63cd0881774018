//! Durable writing: a power cut leaves the old or the new file, never a part.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

/// What stands in a file's place is none.
#[derive(Debug, thiserror::Error)]
#[error("it is a folder, a pipe or a device, and not a file")]
struct NotAFile;

/// Whether the storage is damaged here, as by a bad sector: other files and other blocks may still work.
pub(crate) fn is_damaged(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    // A pipe that nobody reads cannot be opened for writing: NXIO.
    matches!(
        errno,
        Some(Errno::IO | Errno::UCLEAN | Errno::BADMSG | Errno::ISDIR | Errno::NXIO)
    ) || error.get_ref().is_some_and(|inner| inner.is::<NotAFile>())
}

/// Opens a file of the data folder. Whatever else stands in its place is never waited for, and counts as damaged.
pub(crate) fn open_file(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = options
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other(NotAFile))
    }
}

/// Reads a small file of the data folder; `None` when there is none.
pub(crate) fn read_small(path: &Path, max_bytes: u64) -> io::Result<Option<Vec<u8>>> {
    let file = match open_file(path, OpenOptions::new().read(true)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut bytes = Vec::new();
    file.take(max_bytes.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max_bytes {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(Some(bytes))
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
    fn only_a_file_of_its_size_is_read_and_nothing_else_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), "12345").unwrap();
        fs::create_dir(path("folder")).unwrap();
        let mode = Mode::RUSR | Mode::WUSR;
        rustix::fs::mkfifoat(rustix::fs::CWD, path("pipe"), mode).unwrap();
        assert_eq!(read_small(&path("none"), 5).unwrap(), None);
        assert_eq!(read_small(&path("file"), 5).unwrap().unwrap(), b"12345");
        assert!(read_small(&path("file"), 4).is_err());
        for other in [path("folder"), path("pipe"), "/dev/zero".into()] {
            let refused = read_small(&other, 5).unwrap_err();
            assert!(is_damaged(&refused), "{}: {refused}", other.display());
        }
        for options in [
            OpenOptions::new().write(true),
            OpenOptions::new().read(true).write(true),
        ] {
            let refused = open_file(&path("pipe"), options).unwrap_err();
            assert!(is_damaged(&refused), "{refused}");
        }
    }

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
