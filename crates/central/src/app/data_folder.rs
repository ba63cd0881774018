//! The data folder: the signing key, and that nobody else may read any of it.

use std::path::Path;

use vyveska_wire::keys::KeyPair;

use super::StartError;
use super::system::SystemEntropy;
use crate::entropy::Entropy as _;

/// The file with the public key for displays, inside the data folder.
pub const PUBLIC_KEY_FILE: &str = "central-key.pub.pem";
const KEY_FILE: &str = "central-key.pem";

/// Reads the signing key, or creates it at the first start, and writes its public half beside it.
///
/// # Errors
///
/// When a file cannot be read or written.
pub fn signing_key(data: &Path) -> Result<KeyPair, StartError> {
    let path = data.join(KEY_FILE);
    let cannot_use = |path: &Path| {
        let path = path.to_owned();
        move |source| StartError::Data { path, source }
    };
    let key = match std::fs::read_to_string(&path) {
        Ok(text) => KeyPair::from_pem(&text).map_err(|source| StartError::Key {
            path: path.clone(),
            source,
        })?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut seed = [0; 32];
            SystemEntropy.fill(&mut seed);
            let key = KeyPair::from_seed(&seed);
            write_secret(&path, &key.to_pem()).map_err(cannot_use(&path))?;
            key
        }
        Err(source) => return Err(StartError::Data { path, source }),
    };
    let public = data.join(PUBLIC_KEY_FILE);
    let text = key.public().to_pem();
    if std::fs::read_to_string(&public).ok().as_deref() != Some(&text) {
        std::fs::write(&public, text).map_err(cannot_use(&public))?;
    }
    Ok(key)
}

/// Writes a file with mode 0600 atomically: afterwards it is complete and synced, or does not exist.
fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let unfinished = path.with_extension("pem.new");
    match std::fs::remove_file(&unfinished) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // A hard link fails where a rename would replace a key that another process has created meanwhile.
    let linked = std::fs::hard_link(&unfinished, path);
    std::fs::remove_file(&unfinished)?;
    linked
}

pub(super) fn make_folder(path: &Path) -> Result<(), StartError> {
    std::fs::create_dir_all(path).map_err(|source| StartError::Data {
        path: path.to_owned(),
        source,
    })
}

/// Takes the rights of group and others away from a folder and everything in it.
///
/// New files of the binary have none of them by its umask; this is for the data of earlier versions.
pub(super) fn restrict(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut paths = vec![folder.to_owned()];
    while let Some(path) = paths.pop() {
        let metadata = match std::fs::symlink_metadata(&path) {
            // Another process may just have removed it.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            other => other?,
        };
        if metadata.is_symlink() {
            continue;
        }
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            let own = std::fs::Permissions::from_mode(mode & 0o700);
            match std::fs::set_permissions(&path, own) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        if metadata.is_dir() {
            for entry in std::fs::read_dir(&path)? {
                paths.push(entry?.path());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn data_of_earlier_versions_becomes_private() {
        let outside = tempfile::tempdir().unwrap();
        let data = outside.path().join("data");
        let files = ["central.sqlite", "documents/content/ab/abcd"];
        std::fs::create_dir_all(data.join("documents/content/ab")).unwrap();
        std::fs::write(outside.path().join("other"), "").unwrap();
        symlink(outside.path().join("other"), data.join("link")).unwrap();
        let set = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for file in files {
            std::fs::write(data.join(file), "").unwrap();
            set(&data.join(file), 0o644);
        }
        set(&data, 0o755);
        set(&outside.path().join("other"), 0o644);
        restrict(&data).unwrap();
        for folder in ["", "documents", "documents/content/ab"] {
            assert_eq!(mode(&data.join(folder)), 0o700, "{folder}");
        }
        for file in files {
            assert_eq!(mode(&data.join(file)), 0o600, "{file}");
        }
        assert_eq!(mode(&outside.path().join("other")), 0o644);
    }
}
