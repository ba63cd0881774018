//! Information pages, surveys and alerts of the town, from TOML files beside the configuration.
//!
//! One file per board for pages and surveys, one for alerts. Both are read again when they change;
//! an invalid file then changes nothing, and the log names the key. A missing alerts file means no alerts.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use vyveska_wire::information::InformationSection;
use vyveska_wire::section::AlertsSection;

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
        source: std::io::Error,
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

/// The content of a board besides its notices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoardInformation {
    pub information: InformationSection,
    pub alerts: AlertsSection,
    /// The pictures that the pages refer to.
    pub pictures: Vec<Enclosure>,
    /// The documents that the pages refer to.
    pub documents: Vec<Enclosure>,
}

impl BoardInformation {
    /// Reads the files of a board.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or a value in it is invalid.
    pub fn read(
        information: Option<&Path>,
        alerts: Option<&Path>,
    ) -> Result<Self, InformationError> {
        let mut read = Self::default();
        if let Some(path) = information {
            let mut enclosures = Enclosures::beside(path);
            read.information = read_pages(&text(path)?, path, &mut enclosures)?;
            (read.pictures, read.documents) = enclosures.into_read();
        }
        if let Some(path) = alerts {
            match text(path) {
                Ok(text) => read.alerts = read_alerts(&text, path)?,
                Err(InformationError::Read { source, .. })
                    if source.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }
}

/// The largest file that is read, in bytes.
const MAX_FILE: u64 = 2_000_000;

fn text(path: &Path) -> Result<String, InformationError> {
    let cannot_read = |source| InformationError::Read {
        path: path.to_owned(),
        source,
    };
    if std::fs::metadata(path).map_err(cannot_read)?.len() > MAX_FILE {
        let too_long = std::io::Error::other("it has more than 2 MB");
        return Err(cannot_read(too_long));
    }
    std::fs::read_to_string(path).map_err(cannot_read)
}

/// Size and modification time of the files, to detect changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileStamp(Vec<Option<(SystemTime, u64)>>);

impl FileStamp {
    pub fn of<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Self {
        let stamp = |path: &Path| {
            let file = std::fs::metadata(path).ok()?;
            Some((file.modified().ok()?, file.len()))
        };
        Self(paths.into_iter().map(stamp).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_examples_parse() {
        let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
        let information = deploy.join("information.example.toml");
        let alerts = deploy.join("alerts.example.toml");
        let read = BoardInformation::read(Some(&information), Some(&alerts)).unwrap();
        assert_eq!(read.information.pages.len(), 9, "one of each kind");
        assert_eq!(read.information.surveys.len(), 1);
        assert_eq!(read.alerts.alerts.len(), 1);
    }

    #[test]
    fn a_missing_alerts_file_means_no_alerts() {
        let missing = Path::new("/nowhere/alerts.toml");
        let read = BoardInformation::read(None, Some(missing)).unwrap();
        assert_eq!(read, BoardInformation::default());
        assert!(BoardInformation::read(Some(missing), None).is_err());
    }
}
