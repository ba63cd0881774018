//! Pictures and documents of information pages: files relative to the page file, their type detected from the bytes.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use vyveska_wire::information::PictureRecord;
use vyveska_wire::limits::MAX_DOCUMENT_BYTES;
use vyveska_wire::manifest::ContentRef;
use vyveska_wire::section::{DocumentRecord, DoubtfulPages, Texts};

use super::InvalidValue;
use super::value;
use crate::config::{TextConfig, folder_of};
use crate::document::media_type::{HEAD_BYTES, Kind, detect};

const MAX_PICTURE_BYTES: u64 = 4_000_000;
/// The most pictures of a board.
const MAX_PICTURES: usize = 60;
/// The largest total of a board's documents, in bytes: all are read into memory at once, and every display stores them.
const MAX_TOTAL_DOCUMENT_BYTES: u64 = 100_000_000;
/// The media types that the page viewer of a display opens.
const READABLE: [&str; 4] = ["application/pdf", "image/jpeg", "image/png", "image/tiff"];

/// A picture in the configuration file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PictureConfig {
    /// A PNG or JPEG file; relative paths start at the folder of this file.
    file: PathBuf,
    /// A text alternative for people who cannot see it.
    description: TextConfig,
}

/// A file that was read: its reference, its media type, and its bytes.
pub type Enclosure = (ContentRef, &'static str, Vec<u8>);

#[derive(Debug)]
pub struct Enclosures {
    folder: PathBuf,
    pictures: Vec<Enclosure>,
    documents: Vec<Enclosure>,
}

impl Enclosures {
    /// Relative paths start at the folder of `file`.
    pub fn beside(path: &Path) -> Self {
        Self {
            folder: folder_of(path).to_owned(),
            pictures: Vec::new(),
            documents: Vec::new(),
        }
    }

    /// The pictures and the documents read.
    pub fn into_read(self) -> (Vec<Enclosure>, Vec<Enclosure>) {
        (self.pictures, self.documents)
    }

    pub(super) fn picture(
        &mut self,
        key: &str,
        written: Option<&PictureConfig>,
    ) -> Result<Option<PictureRecord>, InvalidValue> {
        let Some(written) = written else {
            return Ok(None);
        };
        let (path, bytes) = self.read(key, &written.file, MAX_PICTURE_BYTES)?;
        let media_type = match detect(&bytes[..bytes.len().min(HEAD_BYTES)], false) {
            Kind::Document(kind @ ("image/png" | "image/jpeg")) => kind,
            _ => {
                let message = format!("{} is neither PNG nor JPEG", path.display());
                return Err(InvalidValue::at(key, message));
            }
        };
        let content = ContentRef::to(&bytes);
        if is_new(&self.pictures, content) {
            if self.pictures.len() >= MAX_PICTURES {
                return Err(InvalidValue::at(
                    key,
                    format!("at most {MAX_PICTURES} pictures"),
                ));
            }
            self.pictures.push((content, media_type, bytes));
        }
        let key = format!("{key}.description");
        Ok(Some(PictureRecord {
            content,
            description: value::title(&key, &written.description, value::TITLE)?,
        }))
    }

    /// A document that displays show page by page; its page count and text follow when it has been prepared.
    pub(super) fn document(
        &mut self,
        key: &str,
        written: Option<&Path>,
    ) -> Result<Option<DocumentRecord>, InvalidValue> {
        let Some(file) = written else {
            return Ok(None);
        };
        let (path, bytes) = self.read(key, file, MAX_DOCUMENT_BYTES)?;
        let media_type = match detect(&bytes[..bytes.len().min(HEAD_BYTES)], false) {
            Kind::Document(kind) if READABLE.contains(&kind) => kind,
            _ => {
                let message = format!("{} is neither PDF, JPEG, PNG nor TIFF", path.display());
                return Err(InvalidValue::at(key, message));
            }
        };
        let content = ContentRef::to(&bytes);
        if is_new(&self.documents, content) {
            let others = self.documents.iter().map(|(content, ..)| content);
            let total_bytes: u64 = others.map(|content| content.size_bytes).sum();
            if total_bytes + content.size_bytes > MAX_TOTAL_DOCUMENT_BYTES {
                let most = MAX_TOTAL_DOCUMENT_BYTES / 1_000_000;
                let message = format!("the documents of a board have at most {most} MB together");
                return Err(InvalidValue::at(key, message));
            }
            self.documents.push((content, media_type, bytes));
        }
        Ok(Some(DocumentRecord {
            title: Texts::new(),
            content: Some(content),
            missing: None,
            media_type: Some(media_type.to_owned()),
            url: None,
            pages: None,
            text: None,
            rendition: None,
            doubtful_pages: DoubtfulPages::default(),
        }))
    }

    fn read(&self, key: &str, file: &Path, most: u64) -> Result<(PathBuf, Vec<u8>), InvalidValue> {
        let path = self.folder.join(file);
        let cannot_read = |error: std::io::Error| {
            InvalidValue::at(key, format!("cannot read {}: {error}", path.display()))
        };
        // Links are resolved, so that neither `..` nor a link leads out of the folder.
        let folder = self.folder.canonicalize().map_err(cannot_read)?;
        let resolved = path.canonicalize().map_err(cannot_read)?;
        if !resolved.starts_with(&folder) {
            let message = format!("{} is not in the folder of this file", path.display());
            return Err(InvalidValue::at(key, message));
        }
        let metadata = std::fs::metadata(&resolved).map_err(cannot_read)?;
        if !metadata.is_file() {
            return Err(InvalidValue::at(
                key,
                format!("{} is not a file", path.display()),
            ));
        }
        let size = metadata.len();
        if size > most {
            let most = most / 1_000_000;
            let message = format!("{} has {size} bytes, at most {most} MB", path.display());
            return Err(InvalidValue::at(key, message));
        }
        let bytes = std::fs::read(&resolved).map_err(cannot_read)?;
        Ok((path, bytes))
    }
}

fn is_new(read: &[Enclosure], content: ContentRef) -> bool {
    read.iter().all(|(known, ..)| known.hash != content.hash)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn files_are_read_from_the_folder_only() {
        let outside = tempfile::tempdir().unwrap();
        let folder = outside.path().join("town");
        std::fs::create_dir_all(folder.join("images")).unwrap();
        std::fs::create_dir(outside.path().join("town-2")).unwrap();
        for file in ["secret.pdf", "town/plan.pdf", "town-2/secret.pdf"] {
            std::fs::write(outside.path().join(file), "%PDF-1.7").unwrap();
        }
        symlink(outside.path().join("secret.pdf"), folder.join("link.pdf")).unwrap();
        symlink(outside.path(), folder.join("up")).unwrap();
        symlink("../plan.pdf", folder.join("images/inside.pdf")).unwrap();
        let mut enclosures = Enclosures::beside(&folder.join("pages.toml"));
        let mut read = |file: &str| enclosures.document("file", Some(Path::new(file)));
        for file in ["plan.pdf", "images/../plan.pdf", "images/inside.pdf"] {
            assert!(read(file).is_ok(), "{file}");
        }
        let absolute = outside.path().join("secret.pdf").display().to_string();
        for file in [
            "../secret.pdf",
            "images/../../secret.pdf",
            "../town-2/secret.pdf",
            "link.pdf",
            "up/secret.pdf",
            &absolute,
        ] {
            let error = read(file).unwrap_err();
            assert!(error.message.contains("not in the folder"), "{file}");
        }
        assert!(read("images").is_err());
    }
}
