//! The identity of this display.
//!
//! The key pair is made at the first start and never leaves the device.
//! The public key is stored beside it, for checking the journal.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tracing::warn;
use vyveska_wire::keys::{DisplayId, KeyError, KeyPair, PublicKey};

use crate::store::{read_small, write_whole};

const PRIVATE: &str = "device-key.pem";
const PUBLIC: &str = "device-key.pub.pem";

/// What a display has only once it has its key.
const WRITTEN_AFTER_THE_KEY: [&str; 3] = [PUBLIC, "journal", "board.sqlite"];

/// The largest key that is read: many times what one takes.
const MAX_BYTES: u64 = 16 * 1024;

/// The display's key pair.
#[derive(Debug, Clone)]
pub struct DeviceIdentity {
    key: Arc<KeyPair>,
}

/// Why the display's key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("cannot use {path}")]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(
        "the display's key {path} cannot be read; restore it, or pair the display anew with an empty data folder"
    )]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(
        "the display's key {path} is damaged; restore it, or pair the display anew with an empty data folder"
    )]
    Damaged {
        path: PathBuf,
        #[source]
        source: KeyError,
    },
    #[error(
        "the display's key {path} is gone; restore it, or pair the display anew with an empty data folder"
    )]
    Missing { path: PathBuf },
    #[error("no randomness to make the display's key from")]
    Randomness(#[source] io::Error),
}

/// Thirty-two bytes from the system's cryptographic random source.
///
/// # Errors
///
/// When the system has none.
pub fn random_seed() -> io::Result<[u8; 32]> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(io::Error::other)?;
    Ok(seed)
}

impl DeviceIdentity {
    /// Reads the key from `folder`; in a folder that no display has used yet, makes one from `seed`.
    ///
    /// A key that is gone or cannot be read is an error, never replaced: central and the journal identify the display
    /// by it, and its board is addressed to it.
    ///
    /// # Errors
    ///
    /// When the key cannot be read or written.
    pub fn load_or_create(
        folder: &Path,
        seed: impl FnOnce() -> io::Result<[u8; 32]>,
    ) -> Result<Self, IdentityError> {
        let path = folder.join(PRIVATE);
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| IdentityError::Io { path, source }
        };
        let key = match read_text(&path) {
            Ok(Some(text)) => {
                KeyPair::from_pem(&text).map_err(|source| IdentityError::Damaged {
                    path: path.clone(),
                    source,
                })?
            }
            // What cannot be looked at counts as there.
            Ok(None)
                if WRITTEN_AFTER_THE_KEY
                    .iter()
                    .any(|name| folder.join(name).try_exists().unwrap_or(true)) =>
            {
                return Err(IdentityError::Missing { path });
            }
            Ok(None) => {
                fs::create_dir_all(folder).map_err(at(folder))?;
                let key = KeyPair::from_seed(&seed().map_err(IdentityError::Randomness)?);
                write_whole(&path, key.to_pem().as_bytes(), 0o600).map_err(at(&path))?;
                key
            }
            Err(source) => return Err(IdentityError::Unreadable { path, source }),
        };
        let public = folder.join(PUBLIC);
        let pem = key.public().to_pem();
        if read_text(&public).ok().flatten().as_deref() != Some(&pem) {
            // It can be read from the private key: a full or read-only disk keeps no board from being shown.
            if let Err(error) = write_whole(&public, pem.as_bytes(), 0o600) {
                warn!(%error, file = %public.display(), "the public key cannot be written");
            }
        }
        Ok(Self { key: Arc::new(key) })
    }

    /// The public key that is stored beside the private one, where that cannot be used.
    pub fn stored_public_key(folder: &Path) -> Option<PublicKey> {
        let text = read_text(&folder.join(PUBLIC)).ok().flatten()?;
        PublicKey::from_pem(&text).ok()
    }

    pub fn key(&self) -> Arc<KeyPair> {
        Arc::clone(&self.key)
    }

    /// The identifier derived from the key.
    pub fn display(&self) -> DisplayId {
        self.key.public().id()
    }
}

/// `None` when there is no such file.
fn read_text(path: &Path) -> io::Result<Option<String>> {
    let bytes = read_small(path, MAX_BYTES)?;
    bytes
        .map(String::from_utf8)
        .transpose()
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_key_is_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let made = DeviceIdentity::load_or_create(folder.path(), || Ok([7; 32])).unwrap();
        let read = DeviceIdentity::load_or_create(folder.path(), || panic!("it is there")).unwrap();
        assert_eq!(made.display(), read.display());

        let private = fs::metadata(folder.path().join(PRIVATE)).unwrap();
        assert_eq!(private.permissions().mode() & 0o777, 0o600);
        let public = fs::read_to_string(folder.path().join(PUBLIC)).unwrap();
        assert_eq!(PublicKey::from_pem(&public).unwrap(), made.key().public());
    }

    #[test]
    fn a_damaged_key_is_reported_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(PRIVATE);
        fs::write(&path, "rubbish").unwrap();
        let refused = DeviceIdentity::load_or_create(folder.path(), || Ok([7; 32]));
        assert!(matches!(refused, Err(IdentityError::Damaged { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "rubbish");
    }

    #[test]
    fn a_key_that_is_gone_is_not_replaced() {
        for name in WRITTEN_AFTER_THE_KEY {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(name), "").unwrap();
            let refused = DeviceIdentity::load_or_create(folder.path(), || panic!("it had one"));
            let refused = refused.unwrap_err();
            assert!(matches!(refused, IdentityError::Missing { .. }), "{name}");
            assert!(refused.to_string().contains("restore it"), "{refused}");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{name}");
        }
    }

    #[test]
    fn what_is_no_file_is_no_key_and_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let made = DeviceIdentity::load_or_create(folder.path(), || Ok([7; 32])).unwrap();
        let public = DeviceIdentity::stored_public_key(folder.path());
        assert_eq!(public, Some(made.key().public()));
        let path = folder.path().join(PRIVATE);
        fs::remove_file(&path).unwrap();
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, mode).unwrap();
        let refused = DeviceIdentity::load_or_create(folder.path(), || panic!("it had one"));
        assert!(matches!(refused, Err(IdentityError::Unreadable { .. })));
    }

    #[test]
    fn two_displays_have_two_keys() {
        assert_ne!(random_seed().unwrap(), random_seed().unwrap());
    }
}
