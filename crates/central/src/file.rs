//! Files of the data folder: whatever else stands in their place is never waited for.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;

/// What has the place of a file is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "it is a folder, a pipe or a device, and a file has to be in its place: that of the newest backup if it was one"
)]
struct NotAFile;

/// Whether a link in the place of a file is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    Followed,
    Refused,
}

/// Opens a file for reading.
///
/// # Errors
///
/// When there is none, it cannot be opened, or something else has its place.
pub fn open(path: &Path, links: Links) -> io::Result<File> {
    let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    if links == Links::Refused {
        flags |= OFlags::NOFOLLOW;
    }
    let file = File::options()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other(NotAFile))
    }
}

/// Reads a file of at most `max_bytes`, through links.
///
/// # Errors
///
/// When it cannot be opened or read, or is larger.
pub fn read_small(path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    let file = open(path, Links::Followed)?;
    let mut bytes = Vec::new();
    file.take(max_bytes.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max_bytes {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use rustix::fs::{CWD, Mode, mkfifoat};

    use super::*;

    #[test]
    fn only_a_file_of_its_size_is_read_and_nothing_else_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("file"), "12345").unwrap();
        std::fs::create_dir(path("folder")).unwrap();
        mkfifoat(CWD, path("pipe"), Mode::RUSR | Mode::WUSR).unwrap();
        symlink("file", path("link")).unwrap();
        symlink("loop", path("loop")).unwrap();
        symlink("/dev/zero", path("zero")).unwrap();
        assert_eq!(read_small(&path("file"), 5).unwrap(), b"12345");
        assert_eq!(read_small(&path("link"), 5).unwrap(), b"12345");
        assert!(read_small(&path("file"), 4).is_err());
        for name in ["folder", "pipe", "loop", "zero"] {
            assert!(read_small(&path(name), 5).is_err(), "{name}");
            assert!(open(&path(name), Links::Refused).is_err(), "{name}");
        }
        assert!(open(&path("file"), Links::Refused).is_ok());
        assert!(open(&path("link"), Links::Refused).is_err());
        let missing = read_small(&path("none"), 5).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }
}
