//! Local storage, from which the display shows its board without a network.
//!
//! The signed manifest, the display's assignment and the sections live in SQLite and change in one transaction;
//! documents are plain files named by their hash. Both are a cache; what is on its way to central is not part of it.
//! Stored data are verified again: a board whenever it is read, a document whenever it is opened,
//! because memory cards fail and devices can be opened.
//! What does not verify is not shown, and is fetched again.

mod assignment;
mod content;
mod database_file;
mod durable;
mod fake;
mod outbox;
mod reserve;
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

pub use assignment::VerifiedAssignment;
#[cfg(test)]
pub(crate) use durable::kill;
pub(crate) use durable::{
    is_damaged, make_private, open_file, point, read_small, remove_file, sync_directory,
    write_whole,
};
pub use fake::FakeBoardStore;
pub use outbox::{Outbox, Seed};
pub use reserve::Reserve;
pub(crate) use reserve::is_full;
pub(crate) use snapshot::{
    NOTHING, built_in, may_follow, named as named_sections, without_notices,
};
pub use snapshot::{Snapshot, SnapshotError, verify_manifest};
pub use sqlite::{SqliteBoardStore, StoreConfig};
pub use text::document_text;

/// Stores one board and its documents.
pub trait BoardStore: Send + Sync {
    /// The board in use, verified again; `None` before the first.
    ///
    /// # Errors
    ///
    /// When it is damaged or cannot be read. It must not be displayed then.
    fn current(&self) -> Result<Option<Snapshot>, StoreError>;

    /// A section's bytes, when they are stored and match their hash.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn section(&self, hash: &ContentHash) -> Result<Option<Vec<u8>>, StoreError>;

    /// Stores a fetched section. The next switch removes it unless the new board names it.
    ///
    /// # Errors
    ///
    /// When it does not match its hash or cannot be written.
    fn keep_section(&self, hash: &ContentHash, bytes: &[u8]) -> Result<(), StoreError>;

    /// Makes `snapshot` the board in use, in one transaction.
    ///
    /// # Errors
    ///
    /// When its number is not greater (the same manifest again is allowed, and any of another board), or it cannot be
    /// written.
    fn switch(&self, snapshot: &Snapshot) -> Result<(), StoreError>;

    /// How many bytes documents may take, what they take now included.
    fn document_budget(&self) -> u64;

    /// Whether a document is stored. Its bytes are verified by [`BoardStore::open`], not here.
    fn has(&self, hash: &ContentHash) -> bool;

    /// Begins a document, or continues an earlier attempt.
    ///
    /// # Errors
    ///
    /// When it is larger than the limit, is being written already, or cannot be written.
    fn begin(&self, content: &ContentRef) -> Result<Box<dyn PartialContent>, StoreError>;

    /// Opens a document after verifying its bytes; `None` when it is not stored.
    ///
    /// # Errors
    ///
    /// When it is damaged: it is then removed, so that it is fetched again.
    fn open(&self, hash: &ContentHash) -> Result<Option<File>, StoreError>;

    /// Removes every document not in `keep`, whole or partial; returns how many.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read or a file cannot be removed.
    fn prune(&self, keep: &HashSet<ContentHash>) -> Result<usize, StoreError>;
}

/// A document being received. Dropping it keeps the received bytes for the next attempt.
pub trait PartialContent: Send {
    /// How many bytes have been received.
    fn offset(&self) -> u64;

    /// Appends the next bytes.
    ///
    /// # Errors
    ///
    /// When there are more than announced, or they cannot be written.
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError>;

    /// Discards the received bytes.
    ///
    /// # Errors
    ///
    /// When the file cannot be truncated.
    fn restart(&mut self) -> Result<(), StoreError>;

    /// Verifies the bytes and makes the document available, durably.
    ///
    /// # Errors
    ///
    /// When the bytes do not match the hash (they are removed then), or cannot be written.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// Why the store cannot do what it should.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the stored board is damaged and is fetched again: {0}")]
    Damaged(#[from] SnapshotError),
    #[error("the board's database cannot be used")]
    Database(#[from] rusqlite::Error),
    #[error("cannot use {path}")]
    Io {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("manifest {offered} is not newer than manifest {stored}, which is in use")]
    NotNewer { stored: u64, offered: u64 },
    #[error("the bytes that came for {0} do not match their hash and were dropped")]
    WrongBytes(ContentHash),
    #[error("more bytes came for {0} than its manifest announces")]
    TooMany(ContentHash),
    #[error("document {0} went bad on disk; it was removed and is fetched again")]
    ContentDamaged(ContentHash),
    #[error("the text {hash} of a document cannot be used: {source}")]
    Text {
        hash: ContentHash,
        source: TextRenditionError,
    },
    #[error("document {hash} has {size_bytes} bytes, the limit of this display is {limit_bytes}")]
    TooLarge {
        hash: ContentHash,
        size_bytes: u64,
        limit_bytes: u64,
    },
    #[error("document {0} is being written already")]
    Busy(ContentHash),
}

impl StoreError {
    /// Whether the disk has no room.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::Io { source, .. } => is_full(source),
            Self::Database(error) => {
                error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
            }
            _ => false,
        }
    }

    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
