//! What the display keeps so that it can show its board with no network at all.
//!
//! The signed manifest and its sections live in SQLite and change in one transaction;
//! documents are plain files named by their hash.
//! Nothing is believed because it was stored: a board is verified again whenever it is read,
//! a document whenever it is opened, since cards go bad and people open cases.
//! What does not verify is not shown, and is fetched again.

mod answers;
mod content;
mod durable;
mod fake;
mod snapshot;
mod sqlite;
mod text;

#[cfg(test)]
pub(crate) mod samples;

use std::collections::HashSet;
use std::fs::File;
use std::path::PathBuf;

use vyveska_wire::manifest::{ContentHash, ContentRef};
use vyveska_wire::text_rendition::TextRenditionError;

pub use answers::AnswerStore;
#[cfg(test)]
pub(crate) use durable::kill;
pub(crate) use durable::{point, sync_directory, write_whole};
pub use fake::FakeBoardStore;
pub(crate) use snapshot::named as named_sections;
pub use snapshot::{Snapshot, SnapshotError, verify_manifest};
pub use sqlite::{SqliteBoardStore, StoreConfig};
pub use text::document_text;

/// Keeps one board and its documents, and what passers-by answered.
pub trait BoardStore: AnswerStore {
    /// The board last switched to, verified anew; `None` before the first.
    ///
    /// # Errors
    ///
    /// When it is damaged or cannot be read. It must not be shown then.
    fn current(&self) -> Result<Option<Snapshot>, StoreError>;

    /// A section's bytes, when they are here and match their hash.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn section(&self, hash: &ContentHash) -> Result<Option<Vec<u8>>, StoreError>;

    /// Keeps a fetched section until a board names it or the next switch drops it.
    ///
    /// # Errors
    ///
    /// When it does not match its hash or cannot be written.
    fn keep_section(&self, hash: &ContentHash, bytes: &[u8]) -> Result<(), StoreError>;

    /// Makes `snapshot` the board, wholly or not at all.
    ///
    /// # Errors
    ///
    /// When its number does not grow (the very same board again is fine), or it cannot be written.
    fn switch(&self, snapshot: &Snapshot) -> Result<(), StoreError>;

    /// Whether a document is here. Its bytes are verified by [`BoardStore::open`], not here.
    fn has(&self, hash: &ContentHash) -> bool;

    /// Begins a document or goes on where an earlier attempt was cut off.
    ///
    /// # Errors
    ///
    /// When it is larger than the limit, somebody is writing it now, or the disk refuses.
    fn begin(&self, content: &ContentRef) -> Result<Box<dyn PartialContent>, StoreError>;

    /// Opens a document whose bytes were just verified; `None` when it is not here.
    ///
    /// # Errors
    ///
    /// When it is damaged: it is then removed, so that it is fetched again.
    fn open(&self, hash: &ContentHash) -> Result<Option<File>, StoreError>;

    /// Removes every document not in `keep`, whole or partial; returns how many.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read or a file not be removed.
    fn prune(&self, keep: &HashSet<ContentHash>) -> Result<usize, StoreError>;
}

/// A document that is arriving. Dropping it keeps what has come, for the next attempt.
pub trait PartialContent: Send {
    /// How many bytes are here.
    fn offset(&self) -> u64;

    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// When there are more than announced, or the disk refuses.
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError>;

    /// Forgets what has come.
    ///
    /// # Errors
    ///
    /// When the disk refuses.
    fn restart(&mut self) -> Result<(), StoreError>;

    /// Verifies the bytes and makes the document available, safely on disk.
    ///
    /// # Errors
    ///
    /// When the bytes do not match the hash (they are removed then), or the disk refuses.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// Why the store cannot do what it should.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The stored board does not verify.
    #[error("the stored board is damaged and is fetched again: {0}")]
    Damaged(#[from] SnapshotError),
    /// The database refuses.
    #[error("the board's database cannot be used")]
    Database(#[from] rusqlite::Error),
    /// A file or folder refuses.
    #[error("cannot use {path}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Boards only go forward.
    #[error("manifest {offered} is not newer than manifest {stored}, which is in use")]
    NotNewer {
        /// The number in use.
        stored: u64,
        /// The number offered.
        offered: u64,
    },
    /// Bytes are not what their hash promises.
    #[error("the bytes that came for {0} do not match their hash and were dropped")]
    WrongBytes(ContentHash),
    /// More bytes came than announced.
    #[error("more bytes came for {0} than its manifest announces")]
    TooMany(ContentHash),
    /// A stored document went bad.
    #[error("document {0} went bad on disk; it was removed and is fetched again")]
    ContentDamaged(ContentHash),
    /// What came as the text of a document is none.
    #[error("the text {hash} of a document cannot be used: {source}")]
    Text {
        /// Which.
        hash: ContentHash,
        /// Why.
        source: TextRenditionError,
    },
    /// A document is larger than this display keeps.
    #[error("document {hash} has {size_bytes} bytes, the limit of this display is {limit_bytes}")]
    TooLarge {
        /// Which.
        hash: ContentHash,
        /// Its size.
        size_bytes: u64,
        /// The limit.
        limit_bytes: u64,
    },
    /// Somebody else is writing it.
    #[error("document {0} is being written already")]
    Busy(ContentHash),
}

impl StoreError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
