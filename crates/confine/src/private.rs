//! Data folders that only their own user can use.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The permissions of the group and of everybody else.
const OTHERS: u32 = 0o077;

/// Takes the rights of group and others away from a folder, and, if it was not private, from everything in it.
///
/// What cannot be changed is logged and skipped: somebody else's file in it, or a read-only disk, stops nothing.
pub fn make_private(folder: &Path) {
    let failures = restrict(folder, |path, permissions| {
        fs::set_permissions(path, permissions)
    });
    if let Some((path, error)) = failures.first() {
        tracing::warn!(
            folder = %folder.display(), path = %path.display(), %error, count = failures.len(),
            "the permissions of some data cannot be changed; other users of this computer may read them"
        );
    }
}

/// What failed, and why.
type Failures = Vec<(PathBuf, io::Error)>;

fn restrict(folder: &Path, set: impl Fn(&Path, Permissions) -> io::Result<()>) -> Failures {
    let mut failures = Vec::new();
    // Links inside are not followed, but the folder itself may be one.
    let root = match folder.canonicalize() {
        Ok(root) => root,
        Err(error) => return vec![(folder.to_owned(), error)],
    };
    match fs::metadata(&root) {
        Ok(metadata) if metadata.permissions().mode() & OTHERS == 0 => return failures,
        _ => {}
    }
    // The root comes first, since it keeps the others from everything else.
    let mut paths = vec![root];
    while let Some(path) = paths.pop() {
        match restrict_one(&path, &set, &mut paths) {
            // Another process may just have removed it.
            Err(error) if error.kind() != io::ErrorKind::NotFound => failures.push((path, error)),
            _ => {}
        }
    }
    failures
}

/// Adds the entries of a folder to `paths`.
fn restrict_one(
    path: &Path,
    set: impl Fn(&Path, Permissions) -> io::Result<()>,
    paths: &mut Vec<PathBuf>,
) -> io::Result<()> {
    let metadata = fs::symlink_metadata(path)?;
    if metadata.is_symlink() {
        return Ok(());
    }
    let mode = metadata.permissions().mode() & 0o7777;
    let changed = if mode & OTHERS == 0 {
        Ok(())
    } else {
        set(path, Permissions::from_mode(mode & !OTHERS))
    };
    if metadata.is_dir() {
        for entry in fs::read_dir(path)? {
            paths.push(entry?.path());
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    const FOLDERS: [&str; 4] = ["", "lost+found", "content", "content/ab"];
    const FILES: [&str; 3] = ["board.sqlite", "content/ab/cdef", "lost+found/1"];

    /// A data folder that everybody can read, and a file outside that a link inside leads to.
    fn readable() -> (tempfile::TempDir, PathBuf) {
        let parent = tempfile::tempdir().unwrap();
        let data = parent.path().join("data");
        fs::create_dir_all(data.join("content/ab")).unwrap();
        fs::create_dir(data.join("lost+found")).unwrap();
        let outside = parent.path().join("outside");
        fs::write(&outside, "").unwrap();
        set(&outside, 0o644);
        symlink(outside, data.join("link")).unwrap();
        for file in FILES {
            fs::write(data.join(file), "").unwrap();
            set(&data.join(file), 0o644);
        }
        for folder in FOLDERS {
            set(&data.join(folder), 0o755);
        }
        (parent, data)
    }

    #[test]
    fn everything_becomes_private_through_a_link_to_the_folder_too() {
        for through_a_link in [false, true] {
            let (parent, data) = readable();
            let link = parent.path().join("link-to-data");
            symlink(&data, &link).unwrap();
            make_private(if through_a_link { &link } else { &data });
            assert_eq!(FOLDERS.map(|name| mode(&data.join(name))), [0o700; 4]);
            assert_eq!(FILES.map(|name| mode(&data.join(name))), [0o600; 3]);
            let outside = mode(&parent.path().join("outside"));
            assert_eq!(outside, 0o644, "links inside are not followed");
        }
    }

    #[test]
    fn what_belongs_to_somebody_else_is_skipped_and_the_root_comes_first() {
        let (_parent, data) = readable();
        let order = std::cell::RefCell::new(Vec::new());
        let failures = restrict(&data, |path, permissions| {
            order.borrow_mut().push(path.to_owned());
            if path.ends_with("lost+found") || path.ends_with("board.sqlite") {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            fs::set_permissions(path, permissions)
        });
        assert_eq!(order.borrow()[0], data.canonicalize().unwrap());
        assert_eq!(failures.len(), 2, "{failures:?}");
        assert_eq!(mode(&data), 0o700);
        assert_eq!(mode(&data.join("content/ab")), 0o700);
        assert_eq!(mode(&data.join("content/ab/cdef")), 0o600);
        assert_eq!(mode(&data.join("lost+found")), 0o755);
        assert_eq!(mode(&data.join("lost+found/1")), 0o600);
    }

    #[test]
    fn a_missing_folder_is_no_panic() {
        make_private(Path::new("/nonexistent/data"));
    }
}
