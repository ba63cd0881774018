//! The data folder and the folder of documents: the signing key, and who may read and use them.

use std::ffi::OsStr;
use std::fs::{DirEntry, File, Metadata};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use vyveska_confine::FolderLock;
use vyveska_wire::keys::KeyPair;

use super::system::SystemEntropy;
use super::{StartError, open_storage};
use crate::config::{Config, ServiceConfig};
use crate::entropy::Entropy as _;
use crate::file;

/// The file with the public key for displays, inside the data folder.
pub const PUBLIC_KEY_FILE: &str = "central-key.pub.pem";
const KEY_FILE: &str = "central-key.pem";

/// A key in PEM has little more than a hundred bytes.
const MAX_KEY_BYTES: u64 = 64 * 1024;

/// Reads the signing key, or creates it at the first start, and writes its public half beside it.
///
/// # Errors
///
/// When a file cannot be read or written, or the key is missing although the folder was used: displays would refuse
/// whatever another key signs.
pub async fn signing_key(config: &Config) -> Result<KeyPair, StartError> {
    let data = &config.service.data;
    let path = data.join(KEY_FILE);
    let public = data.join(PUBLIC_KEY_FILE);
    let key = if let Some(key) = stored_key(&path)? {
        key
    } else if public.symlink_metadata().is_ok() || has_published(config).await? {
        // Another process may have made it meanwhile.
        stored_key(&path)?.ok_or_else(|| StartError::KeyLost {
            path: path.clone(),
            public: public.clone(),
        })?
    } else {
        new_key(&path)?
    };
    write_public(&public, &key)?;
    Ok(key)
}

/// Whether the database has a publication, and so displays may know a key.
async fn has_published(config: &Config) -> Result<bool, StartError> {
    let database = open_storage(config).await?;
    let newest = database.newest_publication().await;
    database.close().await;
    Ok(newest? > 0)
}

fn new_key(path: &Path) -> Result<KeyPair, StartError> {
    let mut seed = [0; 32];
    SystemEntropy.fill(&mut seed);
    let key = KeyPair::from_seed(&seed);
    write_secret(path, &key.to_pem()).map_err(cannot_use(path))?;
    Ok(key)
}

/// Writes the public half, unless it is there already.
fn write_public(path: &Path, key: &KeyPair) -> Result<(), StartError> {
    let text = key.public().to_pem();
    let written = file::read_small(path, MAX_KEY_BYTES).ok();
    if written.as_deref() != Some(text.as_bytes()) {
        if written.is_some() {
            tracing::warn!(
                file = %path.display(),
                "the public key is not that of the signing key and is written anew: displays that have the former one \
                 believe nothing until they get this one"
            );
        }
        replace(path, &text).map_err(cannot_use(path))?;
    }
    Ok(())
}

fn cannot_use(path: &Path) -> impl FnOnce(io::Error) -> StartError {
    let path = path.to_owned();
    move |source| StartError::Data { path, source }
}

/// The signing key in this file; `None` when there is no such file.
fn stored_key(path: &Path) -> Result<Option<KeyPair>, StartError> {
    let bytes = match file::read_small(path, MAX_KEY_BYTES) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(cannot_use(path))?,
    };
    match KeyPair::from_pem(&String::from_utf8_lossy(&bytes)) {
        Ok(key) => Ok(Some(key)),
        Err(source) => Err(StartError::Key {
            path: path.to_owned(),
            source,
        }),
    }
}

/// Writes a file with mode 0600 atomically, which must not exist: afterwards it is complete and synced, or does not exist.
fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    let unfinished = write_unfinished(path, text)?;
    // A hard link fails where a rename would replace a key that another process has created meanwhile.
    let linked = std::fs::hard_link(&unfinished, path);
    std::fs::remove_file(&unfinished)?;
    linked
}

/// Replaces a file, or a pipe or a device in its place, by a complete one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let unfinished = write_unfinished(path, text)?;
    std::fs::rename(&unfinished, path)
}

/// Writes and syncs a file with mode 0600 beside `path`, and returns where.
fn write_unfinished(path: &Path, text: &str) -> io::Result<PathBuf> {
    let unfinished = path.with_extension("pem.new");
    match std::fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(unfinished)
}

/// Something else has the place of a folder.
#[derive(Debug, thiserror::Error)]
#[error(
    "it is no folder; move it away, and put the folder of the newest backup in its place if there is one"
)]
struct NotAFolder;

/// What central has in its data folder.
const IN_DATA: [&str; 3] = [KEY_FILE, PUBLIC_KEY_FILE, "central.sqlite"];

/// What it has in the folder of documents.
const IN_DOCUMENTS: [&str; 4] = ["content", "damaged", "feeds", "incoming"];

/// Makes the data folder.
///
/// # Errors
///
/// When it cannot be made, or others alone have files in it.
pub(super) fn make_data_folder(service: &ServiceConfig) -> Result<(), StartError> {
    make_own(&service.data, "service.data", &IN_DATA)
}

fn make_document_folder(service: &ServiceConfig) -> Result<PathBuf, StartError> {
    let documents = service.document_folder();
    make_own(&documents, "service.documents", &IN_DOCUMENTS)?;
    Ok(documents)
}

fn make_own(path: &Path, key: &'static str, own: &[&str]) -> Result<(), StartError> {
    check_own(path, key, own)?;
    make_folder(path)
}

/// Whether central may use the folders that are named.
///
/// # Errors
///
/// When others alone have files in one of them.
pub fn check_folders(service: &ServiceConfig) -> Result<(), StartError> {
    check_own(&service.data, "service.data", &IN_DATA)?;
    check_own(
        &service.document_folder(),
        "service.documents",
        &IN_DOCUMENTS,
    )
}

/// Refuses a folder that others may use, with files in it and none of what central has there: they would lose the right
/// to it.
fn check_own(path: &Path, key: &'static str, own: &[&str]) -> Result<(), StartError> {
    let is_private = |folder: Metadata| folder.mode() & 0o077 == 0;
    if path.metadata().is_ok_and(is_private) {
        return Ok(());
    }
    // What a file system has of its own, or a first start that was cut short left behind.
    let is_anybodys =
        |name: &OsStr| name == "lost+found" || name == "documents" || name == "reserve";
    let is_somebodys =
        |entry: io::Result<DirEntry>| entry.is_ok_and(|entry| !is_anybodys(&entry.file_name()));
    let is_own = own.iter().any(|name| path.join(name).exists());
    if !is_own && std::fs::read_dir(path).is_ok_and(|mut all| all.any(is_somebodys)) {
        return Err(StartError::Foreign {
            path: path.to_owned(),
            key,
        });
    }
    Ok(())
}

/// New files of the binary are private by its umask; the permissions of older ones are changed.
fn make_folder(path: &Path) -> Result<(), StartError> {
    let made = std::fs::create_dir_all(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => io::Error::other(NotAFolder),
        _ => error,
    });
    made.map_err(|source| StartError::Data {
        path: path.to_owned(),
        source,
    })?;
    vyveska_confine::make_private(path);
    Ok(())
}

/// Takes the folders that no second service may use, for as long as the locks are kept. Services with the same PostgreSQL
/// database may share the documents; without one, what a service does not know is no longer needed, and would be deleted.
pub(super) fn take_folders(service: &ServiceConfig) -> Result<Vec<FolderLock>, StartError> {
    make_data_folder(service)?;
    let mut locks = vec![FolderLock::take(&service.data)?];
    if service.database.is_none() {
        locks.push(FolderLock::take(&make_document_folder(service)?)?);
    }
    Ok(locks)
}

/// Makes the folders of the document store; returns where it is.
pub(super) fn make_document_folders(service: &ServiceConfig) -> Result<PathBuf, StartError> {
    let documents = make_document_folder(service)?;
    for name in IN_DOCUMENTS {
        make_folder(&documents.join(name))?;
    }
    Ok(documents)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use rustix::fs::{CWD, Mode, mkfifoat};

    use super::*;
    use crate::error::causes;

    fn make_pipe(path: &Path) {
        mkfifoat(CWD, path, Mode::RUSR | Mode::WUSR).unwrap();
    }

    fn make_folder(path: &Path) {
        std::fs::create_dir(path).unwrap();
    }

    fn make_device(path: &Path) {
        std::os::unix::fs::symlink("/dev/zero", path).unwrap();
    }

    #[test]
    fn a_folder_of_others_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let service = ServiceConfig {
            data: data.clone(),
            ..ServiceConfig::default()
        };
        make_data_folder(&service).unwrap();
        std::fs::create_dir(data.join("lost+found")).unwrap();
        make_data_folder(&service).unwrap();
        std::fs::write(data.join("notes.txt"), "of somebody").unwrap();
        let shared = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&data, shared.clone()).unwrap();
        let words = causes(&make_data_folder(&service).unwrap_err());
        assert!(
            words.contains("service.data") && words.contains(data.to_str().unwrap()),
            "{words}"
        );
        let left = std::fs::metadata(&data).unwrap().permissions().mode();
        assert_eq!(left & 0o777, shared.mode());
        write_secret(&data.join(KEY_FILE), "").unwrap();
        make_data_folder(&service).unwrap();
        let left = std::fs::metadata(&data).unwrap().permissions().mode();
        assert_eq!(left & 0o777, 0o700);
    }

    #[test]
    fn what_has_the_place_of_the_key_is_named_and_not_waited_for() {
        for make in [make_folder, make_pipe, make_device] {
            let data = tempfile::tempdir().unwrap();
            let path = data.path().join(KEY_FILE);
            make(&path);
            let words = causes(&stored_key(&path).unwrap_err());
            for part in [path.to_str().unwrap(), "a pipe", "backup"] {
                assert!(words.contains(part), "{words}");
            }
        }
    }

    #[test]
    fn what_has_the_place_of_the_public_key_gives_way_or_is_named() {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join(PUBLIC_KEY_FILE);
        let key = KeyPair::from_seed(&[1; 32]);
        for make in [make_pipe, make_device] {
            make(&path);
            write_public(&path, &key).unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            assert_eq!(text, key.public().to_pem());
            std::fs::remove_file(&path).unwrap();
        }
        make_folder(&path);
        let words = causes(&write_public(&path, &key).unwrap_err());
        assert!(words.contains(path.to_str().unwrap()), "{words}");
    }
}
