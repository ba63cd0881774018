//! Coats of arms: PNG files that boards name.

use std::path::{Path, PathBuf};

use crate::file::read_small;

/// The largest accepted file, in bytes.
const MAX_BYTES: u64 = 4_000_000;

/// Why a coat of arms is refused.
#[derive(Debug, thiserror::Error)]
pub enum CoatOfArmsError {
    #[error("cannot read {path}: it must be a PNG of at most 4 MB")]
    Read {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{0} is not a PNG")]
    NotPng(PathBuf),
}

/// Reads a coat of arms.
///
/// # Errors
///
/// When it cannot be read, is too large, or is no PNG.
pub fn read(path: &Path) -> Result<Vec<u8>, CoatOfArmsError> {
    let bytes = read_small(path, MAX_BYTES).map_err(|source| CoatOfArmsError::Read {
        path: path.to_owned(),
        source,
    })?;
    if bytes.starts_with(b"\x89PNG\r\n\x1A\n") {
        Ok(bytes)
    } else {
        Err(CoatOfArmsError::NotPng(path.to_owned()))
    }
}
