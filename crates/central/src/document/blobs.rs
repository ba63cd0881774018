//! Content-addressed storage by SHA-256: documents, sections, coats of arms; beside them the feeds as last received.
//!
//! Uses `object_store`, so that a bucket can replace the folder.
//! Bytes are written under a temporary name and renamed to their hash only when complete and synced,
//! so a file under a hash is complete.

use std::ops::Range;
use std::path::Path as FilePath;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, WriteMultipart};
use sha2::{Digest as _, Sha256};
use vyveska_board::DocumentHash;

/// Why bytes could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("the document store failed")]
    Store(#[from] object_store::Error),
    /// The bytes stored under a hash do not match it.
    #[error("the bytes stored as {0} are not those")]
    Corrupt(DocumentHash),
}

/// The content-addressed store.
#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
}

impl Blobs {
    /// Opens the store in a folder, which is created when missing.
    ///
    /// # Errors
    ///
    /// When the folder cannot be created.
    pub fn in_folder(folder: &FilePath) -> Result<Self, BlobError> {
        std::fs::create_dir_all(folder).map_err(|source| object_store::Error::Generic {
            store: "folder",
            source: Box::new(source),
        })?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self {
            store: Arc::new(store),
        })
    }

    /// Stores bytes that are in memory.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn put(&self, bytes: Vec<u8>) -> Result<DocumentHash, BlobError> {
        let hash = DocumentHash::of(&bytes);
        if !self.contains(hash, bytes.len() as u64).await? {
            self.store.put(&content_path(hash), bytes.into()).await?;
        }
        Ok(hash)
    }

    /// Whether bytes of this hash and size are stored.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn contains(&self, hash: DocumentHash, size_bytes: u64) -> Result<bool, BlobError> {
        match self.store.head(&content_path(hash)).await {
            Ok(meta) => Ok(meta.size == size_bytes),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads all bytes of a hash and verifies them.
    ///
    /// # Errors
    ///
    /// When they are missing or do not match the hash.
    pub async fn get(&self, hash: DocumentHash) -> Result<Bytes, BlobError> {
        let bytes = self.store.get(&content_path(hash)).await?.bytes().await?;
        if DocumentHash::of(&bytes) != hash {
            return Err(BlobError::Corrupt(hash));
        }
        Ok(bytes)
    }

    /// Streams the bytes of a range.
    ///
    /// # Errors
    ///
    /// When they are missing or the range lies outside.
    pub async fn stream(
        &self,
        hash: DocumentHash,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, object_store::Result<Bytes>>, BlobError> {
        // The store refuses an empty range, which an empty document has.
        let options = GetOptions {
            range: (!range.is_empty()).then_some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let found = self.store.get_opts(&content_path(hash), options).await?;
        Ok(found.into_stream())
    }

    /// Starts a write of bytes whose hash is not known yet; `name` must be unique among running writes.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn receive(&self, name: &str) -> Result<Incoming, BlobError> {
        let path = Path::from(format!("incoming/{name}"));
        let upload = self.store.put_multipart(&path).await?;
        Ok(Incoming {
            store: self.store.clone(),
            path,
            upload: WriteMultipart::new(upload),
            digest: Sha256::new(),
            size_bytes: 0,
        })
    }

    /// Stores a feed as received.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn put_feed(&self, bytes: &[u8]) -> Result<DocumentHash, BlobError> {
        let hash = DocumentHash::of(bytes);
        let path = feed_path(hash);
        self.store.put(&path, bytes.to_vec().into()).await?;
        Ok(hash)
    }

    /// Reads a feed as it was received.
    ///
    /// # Errors
    ///
    /// When it is missing or does not match its hash.
    pub async fn feed(&self, hash: DocumentHash) -> Result<Vec<u8>, BlobError> {
        let bytes = self.store.get(&feed_path(hash)).await?.bytes().await?;
        if DocumentHash::of(&bytes) != hash {
            return Err(BlobError::Corrupt(hash));
        }
        Ok(bytes.into())
    }

    /// Deletes a feed that a later one replaced.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn delete_feed(&self, hash: DocumentHash) -> Result<(), BlobError> {
        match self.store.delete(&feed_path(hash)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A write in progress.
pub struct Incoming {
    store: Arc<dyn ObjectStore>,
    path: Path,
    upload: WriteMultipart,
    digest: Sha256,
    size_bytes: u64,
}

impl Incoming {
    /// Appends a chunk.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn write(&mut self, chunk: Bytes) -> Result<(), BlobError> {
        self.digest.update(&chunk);
        self.size_bytes += chunk.len() as u64;
        self.upload.wait_for_capacity(2).await?;
        self.upload.put(chunk);
        Ok(())
    }

    /// Syncs the bytes, renames them to their hash and returns hash and size.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn finish(self) -> Result<(DocumentHash, u64), BlobError> {
        let hash = DocumentHash::from_digest(self.digest.finalize().into());
        self.upload.finish().await?;
        self.store.rename(&self.path, &content_path(hash)).await?;
        Ok((hash, self.size_bytes))
    }

    /// Deletes what was written so far.
    pub async fn abandon(self) {
        // A file that cannot be deleted now stays under a temporary name and is never read.
        let _ = self.upload.abort().await;
    }
}

/// Files are spread over folders by the first two digits: some file systems are slow with many files in one folder.
fn content_path(hash: DocumentHash) -> Path {
    let text = hash.to_string();
    Path::from(format!("content/{}/{text}", &text[..2]))
}

fn feed_path(hash: DocumentHash) -> Path {
    Path::from(format!("feeds/{hash}"))
}
