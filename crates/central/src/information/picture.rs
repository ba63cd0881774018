//! Pictures of pages: read from beside their file, told by their bytes.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use vyveska_wire::information::PictureRecord;
use vyveska_wire::manifest::ContentRef;

use super::Wrong;
use super::value;
use crate::config::TextConfig;

/// The largest picture that is taken, in bytes.
const MAX_PICTURE: u64 = 4_000_000;
/// How many pictures a board may have.
const MOST_PICTURES: usize = 60;

/// A picture as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PictureConfig {
    /// A PNG or JPEG file; relative paths are meant from the folder of this file.
    file: PathBuf,
    /// What is to be seen, for those who do not see it.
    description: TextConfig,
}

/// The pictures read so far.
#[derive(Debug)]
pub struct Pictures {
    folder: PathBuf,
    read: Vec<(ContentRef, &'static str, Vec<u8>)>,
}

impl Pictures {
    /// Pictures whose relative paths start in the folder of this file.
    pub fn beside(path: &Path) -> Self {
        Self {
            folder: path.parent().unwrap_or(Path::new(".")).to_owned(),
            read: Vec::new(),
        }
    }

    /// What was read.
    pub fn into_read(self) -> Vec<(ContentRef, &'static str, Vec<u8>)> {
        self.read
    }

    pub(super) fn take(
        &mut self,
        key: &str,
        written: Option<&PictureConfig>,
    ) -> Result<Option<PictureRecord>, Wrong> {
        let Some(written) = written else {
            return Ok(None);
        };
        let path = self.folder.join(&written.file);
        let cannot_read = |error: std::io::Error| {
            Wrong::at(key, format!("cannot read {}: {error}", path.display()))
        };
        let size = std::fs::metadata(&path).map_err(cannot_read)?.len();
        if size > MAX_PICTURE {
            let message = format!("{} has {size} bytes, at most 4 MB", path.display());
            return Err(Wrong::at(key, message));
        }
        let bytes = std::fs::read(&path).map_err(cannot_read)?;
        let media_type = if bytes.starts_with(b"\x89PNG\r\n\x1A\n") {
            "image/png"
        } else if bytes.starts_with(b"\xFF\xD8\xFF") {
            "image/jpeg"
        } else {
            let message = format!("{} is neither PNG nor JPEG", path.display());
            return Err(Wrong::at(key, message));
        };
        let content = ContentRef::to(&bytes);
        if self.read.iter().all(|(read, ..)| read.hash != content.hash) {
            if self.read.len() >= MOST_PICTURES {
                return Err(Wrong::at(key, format!("at most {MOST_PICTURES} pictures")));
            }
            self.read.push((content, media_type, bytes));
        }
        let key = format!("{key}.description");
        Ok(Some(PictureRecord {
            content,
            description: value::title(&key, &written.description, value::TITLE)?,
        }))
    }
}
