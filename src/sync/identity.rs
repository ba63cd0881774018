//! The identity of this display.
//!
//! The key pair is made at the first start and never leaves the device.
//! The public key is stored beside it, for checking the journal.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tracing::warn;
use vyveska_wire::keys::{DisplayId, KeyError, KeyPair};

use crate::store::write_whole;

const PRIVATE: &str = "device-key.pem";
const PUBLIC: &str = "device-key.pub.pem";

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
        "the display's key in {path} cannot be read; restore it, or remove it and pair the display anew"
    )]
    Damaged {
        path: PathBuf,
        #[source]
        source: KeyError,
    },
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
    /// Reads the key from `folder`; when there is none yet, makes one from `seed`.
    ///
    /// A key that cannot be read is an error, never replaced: central and the journal identify the display by it.
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
        let key = match fs::read_to_string(&path) {
            Ok(text) => KeyPair::from_pem(&text).map_err(|source| IdentityError::Damaged {
                path: path.clone(),
                source,
            })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(folder).map_err(at(folder))?;
                let key = KeyPair::from_seed(&seed().map_err(IdentityError::Randomness)?);
                write_whole(&path, key.to_pem().as_bytes(), 0o600).map_err(at(&path))?;
                key
            }
            Err(error) => return Err(at(&path)(error)),
        };
        let public = folder.join(PUBLIC);
        let pem = key.public().to_pem();
        if fs::read_to_string(&public).ok().as_deref() != Some(&pem) {
            // It can be read from the private key: a full or read-only disk keeps no board from being shown.
            if let Err(error) = write_whole(&public, pem.as_bytes(), 0o600) {
                warn!(%error, file = %public.display(), "the public key cannot be written");
            }
        }
        Ok(Self { key: Arc::new(key) })
    }

    pub fn key(&self) -> Arc<KeyPair> {
        Arc::clone(&self.key)
    }

    /// The identifier derived from the key.
    pub fn display(&self) -> DisplayId {
        self.key.public().id()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use vyveska_wire::keys::PublicKey;

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
    fn two_displays_have_two_keys() {
        assert_ne!(random_seed().unwrap(), random_seed().unwrap());
    }
}
