//! Information pages, surveys and alerts of the town, from TOML files beside the configuration.
//!
//! One file per board for pages and surveys, one for alerts. Each is read again when it changes; an invalid one changes
//! nothing, keeps the other from nothing, and is an alarm that names the key. A missing alerts file means no alerts, where
//! its folder is there: a disk that was lost takes no alert off the screens.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use vyveska_wire::information::InformationSection;
use vyveska_wire::section::AlertsSection;

use crate::file::read_small;

mod alert;
mod enclosure;
mod page;
mod survey;
mod value;

pub use alert::read_alerts;
pub use enclosure::{Enclosure, Enclosures};
pub use page::read_pages;

/// Why a file is refused.
#[derive(Debug, thiserror::Error)]
pub enum InformationError {
    #[error("cannot read {path}")]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// The file is not TOML of the expected shape.
    #[error("{path} cannot be read: {reason}")]
    Syntax { path: PathBuf, reason: String },
    #[error("{path}: {key}: {message}")]
    Value {
        path: PathBuf,
        /// The key, for instance `pages[2].grants[0].closes`.
        key: String,
        /// What is wrong and what is allowed.
        message: String,
    },
}

/// What is wrong with a value, without the file name, which the caller adds.
#[derive(Debug)]
pub(crate) struct InvalidValue {
    key: String,
    message: String,
}

impl InvalidValue {
    fn at(key: &str, message: impl Into<String>) -> Self {
        Self {
            key: key.to_owned(),
            message: message.into(),
        }
    }

    fn of(self, path: &Path) -> InformationError {
        InformationError::Value {
            path: path.to_owned(),
            key: self.key,
            message: self.message,
        }
    }
}

/// The pages and surveys of a board.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoardInformation {
    pub information: InformationSection,
    /// The pictures that the pages refer to.
    pub pictures: Vec<Enclosure>,
    /// The documents that the pages refer to.
    pub documents: Vec<Enclosure>,
}

impl BoardInformation {
    /// Reads the file of a board.
    ///
    /// # Errors
    ///
    /// When it or a file that it names cannot be read, or a value in it is invalid.
    pub fn read(path: &Path) -> Result<Self, InformationError> {
        let mut enclosures = Enclosures::beside(path);
        let information = read_pages(&text(path)?, path, &mut enclosures)?;
        let (pictures, documents) = enclosures.into_read();
        Ok(Self {
            information,
            pictures,
            documents,
        })
    }
}

/// Reads the file with the alerts of a board; there are none where it is missing from its folder.
///
/// # Errors
///
/// When it cannot be read or a value in it is invalid.
pub fn read_alerts_file(path: &Path) -> Result<AlertsSection, InformationError> {
    match text(path) {
        Ok(text) => read_alerts(&text, path),
        Err(InformationError::Read { source, .. })
            if source.kind() == ErrorKind::NotFound && path.parent().is_none_or(Path::exists) =>
        {
            Ok(AlertsSection::default())
        }
        Err(error) => Err(error),
    }
}

/// The largest file that is read, in bytes.
const MAX_FILE: u64 = 2_000_000;

fn text(path: &Path) -> Result<String, InformationError> {
    let text = read_small(path, MAX_FILE).and_then(|bytes| {
        String::from_utf8(bytes).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
    });
    text.map_err(|source| InformationError::Read {
        path: path.to_owned(),
        source: match source.kind() {
            ErrorKind::FileTooLarge => io::Error::other("it has more than 2 MB"),
            _ => source,
        },
    })
}

/// Size and modification time of a file, to detect changes; those of no file where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStamp(Option<(SystemTime, u64)>);

impl FileStamp {
    pub async fn of(path: Option<&Path>) -> Self {
        let file = match path {
            Some(path) => tokio::fs::metadata(path).await.ok(),
            None => None,
        };
        Self(file.and_then(|file| Some((file.modified().ok()?, file.len()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_examples_parse() {
        let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
        let read = BoardInformation::read(&deploy.join("information.example.toml")).unwrap();
        assert_eq!(read.information.pages.len(), 9, "one of each kind");
        assert_eq!(read.information.surveys.len(), 1);
        let alerts = read_alerts_file(&deploy.join("alerts.example.toml")).unwrap();
        assert_eq!(alerts.alerts.len(), 1);
    }

    #[test]
    fn a_missing_alerts_file_means_no_alerts() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("alerts.toml");
        let alerts = read_alerts_file(&missing).unwrap();
        assert_eq!(alerts, AlertsSection::default());
        assert!(BoardInformation::read(&missing).is_err());
        folder.close().unwrap();
        assert!(read_alerts_file(&missing).is_err(), "its disk is gone");
    }
}
