//! Content-addressed storage by SHA-256: documents, sections, coats of arms; beside them the feeds as last received.
//!
//! Uses `object_store`, so that a bucket can replace the folder.
//! Bytes are written under a temporary name and renamed to their hash only when complete and synced,
//! so a file under a hash is complete.
//!
//! A file is verified at its first use in this process, and again when its change time or size changed, when it could not
//! be read, and at each [`Blobs::recheck`].
//! Damaged is a file whose bytes do not have its hash or cannot be read, and whatever else stands in its place.
//! It is moved to the folder `damaged`, so that the same bytes can be stored again; what is used and not there as it
//! should be is listed as damaged until [`Blobs::take_damaged`] takes it.

use std::collections::{BTreeSet, HashMap};
use std::fs::{DirEntry, File, Metadata};
use std::io::{self, Read as _};
use std::ops::Range;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path as FilePath, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, WriteMultipart};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};
use vyveska_board::DocumentHash;
use vyveska_board::ofn::MAX_FEED_BYTES;
use vyveska_wire::limits::MAX_DOCUMENT_BYTES;

use super::disk::{self, Space};
use crate::file::{self, Links};

#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("the document store failed")]
    Store(#[from] object_store::Error),
    /// The bytes stored under a hash do not match it, cannot be read, or are missing.
    #[error("the bytes stored as {0} are damaged or missing")]
    Damaged(DocumentHash),
}

/// How many files may be verified or replaced at the same time.
const LOCKS: usize = 64;

/// How much of a write is collected in memory; many may run at the same time.
const WRITE_BYTES: usize = 1024 * 1024;

/// How long a write that nobody goes on with is left alone: far longer than any takes, since other services may write into
/// the same folder.
pub const UNFINISHED_KEPT: TimeDelta = TimeDelta::days(1);

/// No stored file is larger; earlier versions fetched documents that displays no longer take.
const MAX_FILE_BYTES: u64 = 10 * MAX_DOCUMENT_BYTES;

/// The content-addressed store.
#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    files: Arc<Files>,
}

impl Blobs {
    /// Opens the store in a folder, which is created when missing.
    ///
    /// # Errors
    ///
    /// When the folder cannot be created.
    pub fn in_folder(folder: &FilePath) -> Result<Self, BlobError> {
        std::fs::create_dir_all(folder).map_err(io_error)?;
        let store = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
        Ok(Self {
            store: Arc::new(store),
            files: Arc::new(Files {
                folder: folder.to_owned(),
                locks: std::array::from_fn(|_| tokio::sync::Mutex::default()),
                verified: Mutex::default(),
                damaged: Mutex::default(),
            }),
        })
    }

    /// How much of the disk that the bytes are on is free.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub fn disk_space(&self) -> io::Result<Space> {
        disk::space(&self.files.folder)
    }

    /// Stores bytes that are in memory.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn put(&self, bytes: Vec<u8>) -> Result<DocumentHash, BlobError> {
        let hash = DocumentHash::of(&bytes);
        let _lock = self.files.lock(hash).await;
        let stored = match self.verify_locked(hash).await {
            Err(BlobError::Damaged(_)) => None,
            other => other?,
        };
        if stored != Some(bytes.len() as u64) {
            self.store.put(&content_path(hash), bytes.into()).await?;
        }
        Ok(hash)
    }

    /// Whether bytes of this hash and size are stored and intact.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn contains(&self, hash: DocumentHash, size_bytes: u64) -> Result<bool, BlobError> {
        Ok(self.intact_size(hash).await? == Some(size_bytes))
    }

    /// The same, read anew although the file was verified before: a disk may change bits without changing a time.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn recheck(&self, hash: DocumentHash, size_bytes: u64) -> Result<bool, BlobError> {
        self.files.forget(hash);
        self.contains(hash, size_bytes).await
    }

    /// Reads all bytes of a hash and verifies them.
    ///
    /// # Errors
    ///
    /// When they are missing or do not match the hash.
    pub async fn get(&self, hash: DocumentHash) -> Result<Bytes, BlobError> {
        self.require(hash).await?;
        let read = async { self.store.get(&content_path(hash)).await?.bytes().await };
        match read.await {
            Ok(bytes) if DocumentHash::of(&bytes) == hash => Ok(bytes),
            read => {
                self.files.forget(hash);
                self.require(hash).await?;
                read?;
                Err(BlobError::Damaged(hash))
            }
        }
    }

    /// Streams the bytes of a range, after the whole file was verified.
    ///
    /// # Errors
    ///
    /// When they are missing or damaged, or the range lies outside.
    pub async fn stream(
        &self,
        hash: DocumentHash,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, object_store::Result<Bytes>>, BlobError> {
        self.require(hash).await?;
        // The store refuses an empty range, which an empty document has.
        let options = GetOptions {
            range: (!range.is_empty()).then_some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let found = self.store.get_opts(&content_path(hash), options).await?;
        let files = self.files.clone();
        // A sector may go bad after the file was verified: the next use finds it.
        let pieces = found.into_stream().inspect_err(move |_| files.forget(hash));
        Ok(pieces.boxed())
    }

    /// The hashes that were used and found damaged or missing since the last call.
    pub fn take_damaged(&self) -> BTreeSet<DocumentHash> {
        std::mem::take(&mut *self.files.damaged())
    }

    /// Lists hashes as damaged again, because what [`Self::take_damaged`] gave could not be made again.
    pub fn report_damaged(&self, hashes: impl IntoIterator<Item = DocumentHash>) {
        self.files.damaged().extend(hashes);
    }

    /// Whether bytes of this hash are stored and intact.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn is_intact(&self, hash: DocumentHash) -> Result<bool, BlobError> {
        Ok(self.intact_size(hash).await?.is_some())
    }

    async fn intact_size(&self, hash: DocumentHash) -> Result<Option<u64>, BlobError> {
        match self.verify(hash).await {
            Err(BlobError::Damaged(_)) => Ok(None),
            other => other,
        }
    }

    /// Verifies the file of a hash; its size when it is intact, `None` when there is none.
    async fn verify(&self, hash: DocumentHash) -> Result<Option<u64>, BlobError> {
        let _lock = self.files.lock(hash).await;
        self.verify_locked(hash).await
    }

    async fn verify_locked(&self, hash: DocumentHash) -> Result<Option<u64>, BlobError> {
        let files = self.files.clone();
        tokio::task::spawn_blocking(move || files.verify(hash))
            .await
            .expect("verifying a file does not panic")
    }

    /// Verifies bytes that are about to be used.
    async fn require(&self, hash: DocumentHash) -> Result<(), BlobError> {
        if self.verify(hash).await?.is_none() {
            self.files.damaged().insert(hash);
            return Err(BlobError::Damaged(hash));
        }
        Ok(())
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
            files: self.files.clone(),
            path,
            upload: WriteMultipart::new_with_chunk_size(upload, WRITE_BYTES),
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
        let path = self.files.folder.join(feed_path(hash).as_ref());
        let read =
            tokio::task::spawn_blocking(move || file::read_small(&path, MAX_FEED_BYTES as u64))
                .await
                .expect("reading a file does not panic");
        match read {
            Ok(bytes) if DocumentHash::of(&bytes) == hash => Ok(bytes),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_error(error).into()),
            Ok(_) | Err(_) => Err(BlobError::Damaged(hash)),
        }
    }

    /// Deletes a feed that nothing names any more.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn delete_feed(&self, hash: DocumentHash) -> Result<(), BlobError> {
        self.delete_file(&feed_path(hash)).await
    }

    /// Deletes the bytes of a hash, unless `may_go` says no, which is asked while nobody can write them; whether they are
    /// gone.
    ///
    /// # Errors
    ///
    /// When the store or `may_go` fails.
    pub async fn delete_if<E: From<BlobError>>(
        &self,
        hash: DocumentHash,
        may_go: impl Future<Output = Result<bool, E>>,
    ) -> Result<bool, E> {
        let _lock = self.files.lock(hash).await;
        if !may_go.await? {
            return Ok(false);
        }
        self.files.forget(hash);
        self.delete_file(&content_path(hash)).await?;
        Ok(true)
    }

    /// Deletes what was moved to the folder `damaged` before an instant; returns how much.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read, or something in it not deleted.
    pub async fn delete_damaged(&self, before: DateTime<Utc>) -> Result<u64, BlobError> {
        self.delete_in("damaged", before).await
    }

    /// Deletes what writes left behind that ended unfinished, as by a power cut, and that has not changed since an instant,
    /// [`UNFINISHED_KEPT`] ago; returns how much.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read, or something in it not deleted.
    pub async fn delete_unfinished(&self, before: DateTime<Utc>) -> Result<u64, BlobError> {
        self.delete_in("incoming", before).await
    }

    async fn delete_in(&self, folder: &str, before: DateTime<Utc>) -> Result<u64, BlobError> {
        let folder = self.files.folder.join(folder);
        let deleted = tokio::task::spawn_blocking(move || delete_changed_before(&folder, before));
        let deleted = deleted.await.expect("deleting files does not panic");
        Ok(deleted.map_err(io_error)?)
    }

    async fn delete_file(&self, path: &Path) -> Result<(), BlobError> {
        match self.store.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The hashes of the stored feeds.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn feeds(&self) -> Result<BTreeSet<DocumentHash>, BlobError> {
        self.hashes_in("feeds").await
    }

    /// The hashes of stored bytes that begin with this byte.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn contents(&self, first: u8) -> Result<BTreeSet<DocumentHash>, BlobError> {
        self.hashes_in(&format!("content/{first:02x}")).await
    }

    /// Whatever else lies in the folder has another name.
    async fn hashes_in(&self, folder: &str) -> Result<BTreeSet<DocumentHash>, BlobError> {
        let files = self.store.list(Some(&Path::from(folder)));
        let files: Vec<_> = files.try_collect().await?;
        let names = files.iter().filter_map(|file| file.location.filename());
        Ok(names.filter_map(|name| name.parse().ok()).collect())
    }
}

/// The files behind the store, and what is known of them.
struct Files {
    folder: PathBuf,
    /// Held while a file is verified, moved aside or replaced, so that nobody moves aside what another has just
    /// healed. Hashes share them.
    locks: [tokio::sync::Mutex<()>; LOCKS],
    verified: Mutex<HashMap<DocumentHash, FileState>>,
    damaged: Mutex<BTreeSet<DocumentHash>>,
}

/// Differs after every write to a file; the change time, unlike that of modification, cannot be set back.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileState {
    changed_at: (i64, i64),
    size_bytes: u64,
}

impl FileState {
    fn of(metadata: &Metadata) -> Self {
        Self {
            changed_at: (metadata.ctime(), metadata.ctime_nsec()),
            size_bytes: metadata.len(),
        }
    }
}

impl Files {
    fn damaged(&self) -> std::sync::MutexGuard<'_, BTreeSet<DocumentHash>> {
        self.damaged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn verified(&self) -> std::sync::MutexGuard<'_, HashMap<DocumentHash, FileState>> {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn lock(&self, hash: DocumentHash) -> tokio::sync::MutexGuard<'_, ()> {
        let [first, ..] = hash.as_bytes();
        self.locks[usize::from(*first) % LOCKS].lock().await
    }

    fn forget(&self, hash: DocumentHash) {
        self.verified().remove(&hash);
    }

    fn verify(&self, hash: DocumentHash) -> Result<Option<u64>, BlobError> {
        let path = self.folder.join(content_path(hash).as_ref());
        let found = file::open(&path, Links::Refused).and_then(|file| {
            let state = FileState::of(&file.metadata()?);
            let is_known = self.verified().get(&hash) == Some(&state);
            let is_intact = is_known || hash_of(file, state.size_bytes)? == Some(hash);
            Ok((state, is_intact))
        });
        match found {
            Ok((state, true)) => {
                self.verified().insert(hash, state);
                Ok(Some(state.size_bytes))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if is_shortage(&error) => Err(io_error(error).into()),
            // A bad sector, or something else in the file's place, is damage as well.
            Ok((_, false)) | Err(_) => {
                self.damaged().insert(hash);
                self.forget(hash);
                if let Err(error) = self.set_aside(&path, hash) {
                    tracing::warn!(%hash, %error, "damaged bytes cannot be moved aside");
                }
                Err(BlobError::Damaged(hash))
            }
        }
    }

    /// Moves what has the place of a file to the folder `damaged`, under the hash or, beside what lies there, a number more.
    fn set_aside(&self, path: &FilePath, hash: DocumentHash) -> io::Result<()> {
        let aside = self.folder.join("damaged");
        std::fs::create_dir_all(&aside)?;
        // Something else may have the place of the folder that the file is in.
        let folder = path.parent().filter(|folder| !folder.is_dir());
        let from = folder.unwrap_or(path);
        let mut moved = std::fs::rename(from, aside.join(hash.to_string()));
        for number in 1..10 {
            // A file and a folder do not replace each other, and nothing replaces a folder that holds something.
            let is_taken = moved.as_ref().is_err_and(|error| {
                matches!(
                    error.kind(),
                    io::ErrorKind::IsADirectory
                        | io::ErrorKind::NotADirectory
                        | io::ErrorKind::DirectoryNotEmpty
                        | io::ErrorKind::AlreadyExists
                )
            });
            if !is_taken {
                break;
            }
            moved = std::fs::rename(from, aside.join(format!("{hash}-{number}")));
        }
        match moved {
            // Another process has moved it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            moved => moved,
        }
    }
}

/// Whether an error is about this process or the system at this moment, and says nothing about the file.
fn is_shortage(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    matches!(
        errno,
        Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::INTR | Errno::AGAIN)
    )
}

fn io_error(error: io::Error) -> object_store::Error {
    object_store::Error::Generic {
        store: "folder",
        source: Box::new(error),
    }
}

/// Deletes what is in a folder and has not changed since an instant; returns how much. To be moved is a change.
fn delete_changed_before(folder: &FilePath, before: DateTime<Utc>) -> io::Result<u64> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut count = 0;
    for entry in entries {
        match delete_if_changed_before(&entry?, before) {
            // Another process has moved or deleted it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            is_gone => count += u64::from(is_gone?),
        }
    }
    Ok(count)
}

fn delete_if_changed_before(entry: &DirEntry, before: DateTime<Utc>) -> io::Result<bool> {
    // Links are not followed.
    let metadata = entry.metadata()?;
    if metadata.ctime() >= before.timestamp() {
        return Ok(false);
    }
    if metadata.is_dir() {
        std::fs::remove_dir_all(entry.path())?;
    } else {
        std::fs::remove_file(entry.path())?;
    }
    Ok(true)
}

/// Hashes a file of this size; `None` when it is too large to be a stored one. One byte more is read at most, so that a
/// file that grows is not followed.
fn hash_of(file: File, size_bytes: u64) -> io::Result<Option<DocumentHash>> {
    if size_bytes > MAX_FILE_BYTES {
        return Ok(None);
    }
    let mut file = file.take(size_bytes + 1);
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            length => digest.update(&buffer[..length]),
        }
    }
    Ok(Some(DocumentHash::from_digest(digest.finalize().into())))
}

/// A write in progress.
pub struct Incoming {
    store: Arc<dyn ObjectStore>,
    files: Arc<Files>,
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

    /// The hash of what was written so far.
    pub fn hash(&self) -> DocumentHash {
        DocumentHash::from_digest(self.digest.clone().finalize().into())
    }

    /// Syncs the bytes, renames them to their hash and returns hash and size.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn finish(self) -> Result<(DocumentHash, u64), BlobError> {
        let hash = self.hash();
        self.upload.finish().await?;
        let _lock = self.files.lock(hash).await;
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

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn bits_that_change_without_a_trace_are_found_at_the_recheck() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_folder(folder.path()).unwrap();
        let hash = blobs.put(b"document".to_vec()).await.unwrap();
        assert!(blobs.contains(hash, 8).await.unwrap());
        let path = folder.path().join(content_path(hash).as_ref());
        std::fs::write(&path, b"another1").unwrap();
        // As if the disk had done it: the file looks as it did when it was verified.
        let unchanged = FileState::of(&std::fs::metadata(&path).unwrap());
        blobs.files.verified().insert(hash, unchanged);
        assert!(blobs.contains(hash, 8).await.unwrap());
        assert!(!blobs.recheck(hash, 8).await.unwrap());
        assert_eq!(blobs.take_damaged(), [hash].into());
        blobs.put(b"document".to_vec()).await.unwrap();
        assert!(blobs.recheck(hash, 8).await.unwrap());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn several_that_heal_the_same_bytes_do_not_disturb_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_folder(folder.path()).unwrap();
        let bytes = vec![7; 300_000];
        let hash = blobs.put(bytes.clone()).await.unwrap();
        let path = folder.path().join(content_path(hash).as_ref());
        for _ in 0..20 {
            std::fs::write(&path, b"damaged").unwrap();
            let heal = |blobs: Blobs, bytes| async move { blobs.put(bytes).await.map(drop) };
            let recheck =
                |blobs: Blobs| async move { blobs.recheck(hash, 300_000).await.map(drop) };
            let mut tasks = Vec::new();
            for _ in 0..4 {
                tasks.push(tokio::spawn(heal(blobs.clone(), bytes.clone())));
                tasks.push(tokio::spawn(recheck(blobs.clone())));
            }
            for task in tasks {
                task.await.unwrap().unwrap();
            }
            assert!(blobs.is_intact(hash).await.unwrap());
        }
    }

    #[tokio::test]
    async fn wrong_bytes_are_not_returned_although_the_file_was_verified() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_folder(folder.path()).unwrap();
        let hash = blobs.put(b"section".to_vec()).await.unwrap();
        let path = folder.path().join(content_path(hash).as_ref());
        std::fs::write(&path, b"sectioN").unwrap();
        let unchanged = FileState::of(&std::fs::metadata(&path).unwrap());
        blobs.files.verified().insert(hash, unchanged);
        assert!(matches!(blobs.get(hash).await, Err(BlobError::Damaged(_))));
        assert_eq!(blobs.take_damaged(), [hash].into());
    }

    #[tokio::test]
    async fn what_is_deleted_is_neither_listed_nor_known_as_intact() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_folder(folder.path()).unwrap();
        let hash = blobs.put(b"document".to_vec()).await.unwrap();
        let feed = blobs.put_feed(b"feed").await.unwrap();
        let [first, ..] = *hash.as_bytes();
        std::fs::write(folder.path().join("feeds/notes.txt"), "").unwrap();
        assert_eq!(blobs.contents(first).await.unwrap(), [hash].into());
        assert_eq!(blobs.contents(!first).await.unwrap(), BTreeSet::new());
        assert_eq!(blobs.feeds().await.unwrap(), [feed].into());
        for (may_go, is_gone) in [(false, false), (true, true), (true, true)] {
            let deleted = blobs.delete_if(hash, async { Ok::<_, BlobError>(may_go) });
            assert_eq!(deleted.await.unwrap(), is_gone);
            assert_eq!(blobs.is_intact(hash).await.unwrap(), !is_gone);
        }
        for _ in 0..2 {
            blobs.delete_feed(feed).await.unwrap();
        }
        assert!(!blobs.is_intact(hash).await.unwrap());
        assert!(blobs.contents(first).await.unwrap().is_empty());
        assert!(blobs.feeds().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn bytes_are_written_before_or_after_they_are_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_folder(folder.path()).unwrap();
        let hash = blobs.put(b"document".to_vec()).await.unwrap();
        let mut writing = Box::pin(blobs.put(b"document".to_vec()));
        let may_go = async {
            assert!((&mut writing).now_or_never().is_none(), "it waits");
            Ok::<_, BlobError>(true)
        };
        assert!(blobs.delete_if(hash, may_go).await.unwrap());
        writing.await.unwrap();
        assert!(blobs.is_intact(hash).await.unwrap());
    }

    #[tokio::test]
    async fn what_was_moved_aside_is_deleted_after_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_folder(folder.path()).unwrap();
        let hash = blobs.put(b"document".to_vec()).await.unwrap();
        let path = folder.path().join(content_path(hash).as_ref());
        std::fs::write(&path, b"damaged").unwrap();
        assert!(!blobs.is_intact(hash).await.unwrap());
        let aside = folder.path().join("damaged");
        std::fs::create_dir(aside.join("folder")).unwrap();
        std::fs::write(aside.join("folder/kept"), "").unwrap();
        let metadata = std::fs::metadata(aside.join(hash.to_string())).unwrap();
        let moved_at = DateTime::from_timestamp(metadata.ctime(), 0).unwrap();
        assert_eq!(blobs.delete_damaged(moved_at).await.unwrap(), 0);
        let later = moved_at + chrono::TimeDelta::days(1);
        assert_eq!(blobs.delete_damaged(later).await.unwrap(), 2);
        assert_eq!(std::fs::read_dir(&aside).unwrap().count(), 0);
    }

    #[test]
    fn a_file_is_read_to_its_size_and_no_further() {
        let zero = || File::open("/dev/zero").unwrap();
        let read = hash_of(zero(), 9).unwrap();
        assert_eq!(read, Some(DocumentHash::of(&[0; 10])));
        assert_eq!(hash_of(zero(), MAX_FILE_BYTES + 1).unwrap(), None);
    }

    #[test]
    fn every_error_of_a_file_is_damage() {
        // Nothing is mapped at the address 0.
        let memory = File::open("/proc/self/mem").unwrap();
        let bad_sector = hash_of(memory, 9).unwrap_err();
        assert_eq!(Errno::from_io_error(&bad_sector), Some(Errno::IO));
        assert!(!is_shortage(&bad_sector));
        for errno in [Errno::UCLEAN, Errno::BADMSG, Errno::LOOP, Errno::ACCESS] {
            assert!(!is_shortage(&io::Error::from(errno)), "{errno}");
        }
        for errno in [Errno::MFILE, Errno::NFILE, Errno::NOMEM] {
            assert!(is_shortage(&io::Error::from(errno)), "{errno}");
        }
    }

    #[tokio::test]
    async fn a_folder_or_a_file_in_a_wrong_place_gives_way_again_and_again() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_folder(folder.path()).unwrap();
        let hash = blobs.put(b"document".to_vec()).await.unwrap();
        let path = folder.path().join(content_path(hash).as_ref());
        let parent = path.parent().unwrap();
        for round in 0..4 {
            std::fs::remove_file(&path).unwrap();
            if round % 2 == 0 {
                std::fs::create_dir(&path).unwrap();
                std::fs::write(path.join("kept"), "").unwrap();
            } else {
                std::fs::remove_dir(parent).unwrap();
                std::fs::write(parent, "").unwrap();
            }
            assert!(!blobs.is_intact(hash).await.unwrap());
            assert_eq!(blobs.take_damaged(), [hash].into());
            blobs.put(b"document".to_vec()).await.unwrap();
            assert!(blobs.is_intact(hash).await.unwrap());
        }
        let aside = folder.path().join("damaged");
        assert!(aside.join(hash.to_string()).join("kept").exists());
    }

    #[tokio::test]
    async fn a_pipe_in_the_place_of_a_feed_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::in_folder(folder.path()).unwrap();
        let hash = blobs.put_feed(b"feed").await.unwrap();
        assert_eq!(blobs.feed(hash).await.unwrap(), b"feed");
        let path = folder.path().join(feed_path(hash).as_ref());
        std::fs::remove_file(&path).unwrap();
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, mode).unwrap();
        assert!(blobs.feed(hash).await.is_err());
    }
}
