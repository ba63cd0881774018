//! Documents as plain files named by their hash.
//!
//! `content/ab/cdef…` is complete: it was synced and verified before it was renamed to this.
//! `content/ab/cdef….part` is being received and is kept over restarts, so that a download resumes.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::statvfs;
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};
use tracing::warn;
use vyveska_board::DocumentHash;
use vyveska_wire::manifest::{ContentHash, ContentRef};

use super::{PartialContent, Reserve, StoreError, durable};

const PART: &str = "part";

/// The folder of documents.
#[derive(Debug)]
pub(crate) struct ContentFiles {
    root: PathBuf,
    max_document_bytes: u64,
    budget_bytes: u64,
    reserve: Arc<Reserve>,
    being_written: Arc<Mutex<HashSet<ContentHash>>>,
}

impl ContentFiles {
    pub(crate) fn new(
        root: PathBuf,
        max_document_bytes: u64,
        budget_bytes: u64,
        reserve: Arc<Reserve>,
    ) -> Self {
        Self {
            root,
            max_document_bytes,
            budget_bytes,
            reserve,
            being_written: Arc::default(),
        }
    }

    /// What documents may take: the budget, or what the disk has when that is less.
    pub(crate) fn budget(&self) -> u64 {
        let free = match statvfs(&self.root) {
            Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
            // Before the first document.
            Err(Errno::NOENT) => u64::MAX,
            Err(error) => {
                warn!(%error, "how much of the disk is free is unknown");
                u64::MAX
            }
        };
        let free = free.saturating_sub(self.reserve.missing());
        self.budget_bytes.min(self.used().saturating_add(free))
    }

    fn used(&self) -> u64 {
        let folders = entries(&self.root).unwrap_or_default();
        let files = folders.iter().filter_map(|folder| entries(folder).ok());
        files
            .flatten()
            .filter_map(|file| fs::metadata(file).ok())
            .map(|metadata| metadata.len())
            .sum()
    }

    fn path(&self, hash: &ContentHash) -> PathBuf {
        let name = hash.to_string();
        let (folder, file) = name.split_at(2);
        self.root.join(folder).join(file)
    }

    pub(crate) fn has(&self, hash: &ContentHash) -> bool {
        self.path(hash).is_file()
    }

    pub(crate) fn begin(&self, content: &ContentRef) -> Result<PartialFile, StoreError> {
        let hash = content.hash;
        if content.size_bytes > self.max_document_bytes {
            return Err(StoreError::TooLarge {
                hash,
                size_bytes: content.size_bytes,
                limit_bytes: self.max_document_bytes,
            });
        }
        if !self.reserve.fill() {
            return Err(no_room(&self.root));
        }
        let claim = Claim::of(hash, &self.being_written).ok_or(StoreError::Busy(hash))?;
        let path = self.path(&hash);
        let part = path.with_extension(PART);
        let folder = path.parent().unwrap_or(&self.root).to_owned();
        if !folder.is_dir() {
            fs::create_dir_all(&folder).map_err(StoreError::io(&folder))?;
            let above = [Some(self.root.as_path()), self.root.parent()];
            for folder in above.into_iter().flatten() {
                durable::sync_directory(folder).map_err(StoreError::io(folder))?;
            }
        }
        let open = || -> io::Result<(File, u64)> {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            let mut file = durable::open_file(&part, &mut options)?;
            let mut length = file.metadata()?.len();
            if length > content.size_bytes {
                file.set_len(0)?;
                length = 0;
            }
            file.seek(SeekFrom::Start(length))?;
            Ok((file, length))
        };
        let (file, written) = open().map_err(|error| failed(&part, error))?;
        Ok(PartialFile {
            content: *content,
            file,
            written,
            part,
            path,
            folder,
            reserve: Arc::clone(&self.reserve),
            _claim: claim,
        })
    }

    pub(crate) fn open_verified(&self, hash: &ContentHash) -> Result<Option<File>, StoreError> {
        let path = self.path(hash);
        let mut file = match durable::open_file(&path, OpenOptions::new().read(true)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if durable::is_damaged(&error) => {
                durable::remove_file(&path).map_err(StoreError::io(&path))?;
                return Err(StoreError::ContentDamaged(*hash));
            }
            Err(error) => return Err(StoreError::io(path)(error)),
        };
        let is_intact = match hash_from_start(&mut file) {
            Ok(found) => found == *hash,
            // A bad sector. What may pass, such as a lack of memory, costs no document.
            Err(error) if durable::is_damaged(&error) => false,
            Err(error) => return Err(StoreError::io(path)(error)),
        };
        if !is_intact {
            durable::remove_file(&path).map_err(StoreError::io(&path))?;
            return Err(StoreError::ContentDamaged(*hash));
        }
        file.rewind().map_err(StoreError::io(&path))?;
        Ok(Some(file))
    }

    pub(crate) fn prune(&self, keep: &HashSet<ContentHash>) -> Result<usize, StoreError> {
        let mut removed = 0;
        for folder in entries(&self.root)? {
            let Some(start) = folder.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            if !folder.is_dir() {
                continue;
            }
            for file in entries(&folder)? {
                let rest = file.file_stem().and_then(|name| name.to_str());
                let hash = rest.and_then(|rest| format!("{start}{rest}").parse().ok());
                let wanted = hash.is_some_and(|hash| keep.contains(&ContentHash(hash)));
                if !wanted {
                    durable::remove_file(&file).map_err(StoreError::io(&file))?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => entries
            .and_then(|entries| entries.map(|entry| entry.map(|e| e.path())).collect())
            .map_err(StoreError::io(folder)),
    }
}

fn no_room(path: &Path) -> StoreError {
    StoreError::io(path)(io::ErrorKind::StorageFull.into())
}

fn hash_from_start(file: &mut File) -> io::Result<ContentHash> {
    file.rewind()?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 128 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            count => hash.update(&buffer[..count]),
        }
    }
    Ok(ContentHash(DocumentHash::from_digest(
        hash.finalize().into(),
    )))
}

/// A lock on one document, so that it has one writer at a time.
#[derive(Debug)]
struct Claim {
    hash: ContentHash,
    all: Arc<Mutex<HashSet<ContentHash>>>,
}

impl Claim {
    fn of(hash: ContentHash, all: &Arc<Mutex<HashSet<ContentHash>>>) -> Option<Self> {
        let mut claimed = all.lock().unwrap_or_else(PoisonError::into_inner);
        claimed.insert(hash).then(|| Self {
            hash,
            all: Arc::clone(all),
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut claimed = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        claimed.remove(&self.hash);
    }
}

/// A document being received in its `.part` file.
#[derive(Debug)]
pub(crate) struct PartialFile {
    content: ContentRef,
    file: File,
    written: u64,
    part: PathBuf,
    path: PathBuf,
    folder: PathBuf,
    reserve: Arc<Reserve>,
    _claim: Claim,
}

impl PartialFile {
    fn failed(&self, error: io::Error) -> StoreError {
        failed(&self.part, error)
    }
}

/// A part in a damaged place of the storage is removed, so that the next attempt uses another.
fn failed(part: &Path, error: io::Error) -> StoreError {
    if durable::is_damaged(&error) {
        remove(part);
    }
    StoreError::io(part)(error)
}

fn remove(part: &Path) {
    if let Err(error) = durable::remove_file(part) {
        warn!(%error, part = %part.display(), "a part of a document that cannot be used stays");
    }
}

impl PartialContent for PartialFile {
    fn offset(&self) -> u64 {
        self.written
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        if self.written + bytes.len() as u64 > self.content.size_bytes {
            return Err(StoreError::TooMany(self.content.hash));
        }
        if self.reserve.missing() > 0 && !self.reserve.fill() {
            return Err(no_room(&self.part));
        }
        durable::point("write part");
        self.file
            .write_all(bytes)
            .map_err(|error| self.failed(error))?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    fn restart(&mut self) -> Result<(), StoreError> {
        let empty = |file: &mut File| file.set_len(0).and_then(|()| file.rewind());
        empty(&mut self.file).map_err(StoreError::io(&self.part))?;
        self.written = 0;
        Ok(())
    }

    fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        let found = hash_from_start(&mut self.file).map_err(|error| self.failed(error))?;
        if found != self.content.hash {
            durable::remove_file(&self.part).map_err(StoreError::io(&self.part))?;
            return Err(StoreError::WrongBytes(self.content.hash));
        }
        durable::point("part complete");
        self.file.sync_all().map_err(|error| {
            // What of it is on disk is unknown now, and another attempt to sync would not say so.
            remove(&self.part);
            StoreError::io(&self.part)(error)
        })?;
        durable::point("part synced");
        fs::rename(&self.part, &self.path).map_err(StoreError::io(&self.path))?;
        durable::sync_directory(&self.folder).map_err(StoreError::io(&self.folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_leaves_room_for_a_reserve_that_is_not_whole() {
        let folder = tempfile::tempdir().unwrap();
        let files = |reserve_bytes| {
            let reserve = Arc::new(Reserve::open(folder.path(), reserve_bytes));
            ContentFiles::new(folder.path().join("content"), 2_000, u64::MAX, reserve)
        };
        let whole = files(0);
        let bytes = [1; 1_000];
        let mut partial = whole.begin(&ContentRef::to(&bytes)).unwrap();
        partial.write(&bytes).unwrap();
        Box::new(partial).commit().unwrap();
        assert!(whole.budget() > 1_000, "what is free counts");
        // More than any disk has.
        assert_eq!(files(1 << 60).budget(), 1_000, "only what is there already");
    }
}
