//! One program at a time on a data folder.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A lock that is held for longer than all of these is another program's.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(25);

/// Another running program uses the folder.
#[derive(Debug, thiserror::Error)]
#[error(
    "the data folder {0} is in use by another running program; stop that one first, or give this one a folder of its own"
)]
pub struct FolderInUse(PathBuf);

/// A data folder that no other program gets before this is dropped or the process has ended, however it ends.
#[derive(Debug)]
pub struct FolderLock {
    _folder: Option<File>,
}

impl FolderLock {
    /// Takes the folder. The lock is on the folder itself, so that nothing has to be written for it: a full or read-only
    /// disk stops nobody.
    ///
    /// A filesystem that has no such locks is used without one.
    ///
    /// # Errors
    ///
    /// When another program has taken it.
    pub fn take(folder: &Path) -> Result<Self, FolderInUse> {
        let locked = File::open(folder)
            .map_err(TryLockError::Error)
            .and_then(|file| lock(&file).map(|()| file));
        let locked = match locked {
            Ok(file) => Some(file),
            Err(TryLockError::WouldBlock) => return Err(FolderInUse(folder.to_owned())),
            Err(TryLockError::Error(error)) => {
                tracing::warn!(
                    folder = %folder.display(), %error,
                    "the data folder cannot be locked; nothing keeps a second program from it"
                );
                None
            }
        };
        Ok(Self { _folder: locked })
    }
}

/// A child of this process that is just being started has every open file until its program runs, and with it a lock
/// that was given up a moment ago.
fn lock(folder: &File) -> Result<(), TryLockError> {
    for _ in 0..ATTEMPTS {
        match folder.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            other => return other,
        }
    }
    folder.try_lock()
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_folder_has_one_program_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        // Nothing can be written into it.
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o500)).unwrap();
        let first = FolderLock::take(folder.path()).unwrap();
        let second = FolderLock::take(folder.path()).unwrap_err().to_string();
        assert!(second.contains(folder.path().to_str().unwrap()), "{second}");
        drop(first);
        FolderLock::take(folder.path()).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_cannot_be_locked_is_used_all_the_same() {
        assert!(FolderLock::take(Path::new("/nonexistent/data")).is_ok());
    }
}
