//! The data folder: the signing key, and that nobody else may read any of it.

use std::path::{Path, PathBuf};

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

/// Something else has the place of a folder.
#[derive(Debug, thiserror::Error)]
#[error(
    "it is no folder; move it away, and put the folder of the newest backup in its place if there is one"
)]
struct NotAFolder;

/// New files of the binary are private by its umask; the permissions of older ones are changed.
pub(super) fn make_folder(path: &Path) -> Result<(), StartError> {
    let made = std::fs::create_dir_all(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists | std::io::ErrorKind::NotADirectory => {
            std::io::Error::other(NotAFolder)
        }
        _ => error,
    });
    made.map_err(|source| StartError::Data {
        path: path.to_owned(),
        source,
    })?;
    vyveska_confine::make_private(path);
    Ok(())
}

/// Makes the folders of the document store; returns where it is.
pub(super) fn make_document_folders(data: &Path) -> Result<PathBuf, StartError> {
    let documents = data.join("documents");
    make_folder(&documents)?;
    for name in ["content", "damaged", "feeds", "incoming"] {
        make_folder(&documents.join(name))?;
    }
    Ok(documents)
}
