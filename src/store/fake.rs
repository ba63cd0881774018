//! A store in memory, for tests.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use rustix::io::Errno;
use vyveska_wire::manifest::{ContentHash, ContentRef};

use super::{BoardStore, PartialContent, Snapshot, StoreError, may_follow};

/// [`BoardStore`] in memory.
#[derive(Debug, Clone, Default)]
pub struct FakeBoardStore(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    board: Option<Snapshot>,
    sections: HashMap<ContentHash, Vec<u8>>,
    documents: HashMap<ContentHash, Vec<u8>>,
    partial: HashMap<ContentHash, Vec<u8>>,
    max_document_bytes: Option<u64>,
    /// Why every write fails.
    write_error: Option<Errno>,
    document_budget_bytes: Option<u64>,
    threads: HashSet<ThreadId>,
}

impl FakeBoardStore {
    /// An empty store without a limit.
    pub fn new() -> Self {
        Self::default()
    }

    /// A store that refuses larger documents.
    pub fn with_limit(max_document_bytes: u64) -> Self {
        let store = Self::default();
        store.kept().max_document_bytes = Some(max_document_bytes);
        store
    }

    /// Stores a document under a hash that need not be its own.
    pub fn put(&self, hash: ContentHash, bytes: &[u8]) {
        self.kept().documents.insert(hash, bytes.to_vec());
    }

    /// Sets what documents may take; unlimited before.
    pub fn set_document_budget(&self, bytes: u64) {
        self.kept().document_budget_bytes = Some(bytes);
    }

    /// Lets every write fail with this error: [`Errno::NOSPC`] on a full disk. With `None` writes succeed again.
    pub fn set_write_error(&self, error: Option<Errno>) {
        self.kept().write_error = error;
    }

    /// The threads that have used it.
    pub fn threads(&self) -> HashSet<ThreadId> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.threads.clone()
    }

    /// The board and documents, unless writing is to fail.
    fn writable(&self) -> Result<MutexGuard<'_, Kept>, StoreError> {
        let kept = self.kept();
        if let Some(error) = kept.write_error {
            return Err(StoreError::io("memory")(error.into()));
        }
        Ok(kept)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.threads.insert(thread::current().id());
        kept
    }
}

impl BoardStore for FakeBoardStore {
    fn current(&self) -> Result<Option<Snapshot>, StoreError> {
        Ok(self.kept().board.clone())
    }

    fn section(&self, hash: &ContentHash) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.kept().sections.get(hash).cloned())
    }

    fn keep_section(&self, hash: &ContentHash, bytes: &[u8]) -> Result<(), StoreError> {
        if ContentHash::of(bytes) != *hash {
            return Err(StoreError::WrongBytes(*hash));
        }
        self.writable()?.sections.insert(*hash, bytes.to_vec());
        Ok(())
    }

    fn switch(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let mut kept = self.writable()?;
        if let Some(stored) = &kept.board
            && !may_follow(stored.manifest(), snapshot.manifest())
        {
            return Err(StoreError::NotNewer {
                stored: stored.number(),
                offered: snapshot.number(),
            });
        }
        kept.sections = snapshot.sections().clone().into_iter().collect();
        kept.board = Some(snapshot.clone());
        Ok(())
    }

    fn document_budget(&self) -> u64 {
        self.kept().document_budget_bytes.unwrap_or(u64::MAX)
    }

    fn has(&self, hash: &ContentHash) -> bool {
        self.kept().documents.contains_key(hash)
    }

    fn begin(&self, content: &ContentRef) -> Result<Box<dyn PartialContent>, StoreError> {
        let kept = self.kept();
        if let Some(limit_bytes) = kept.max_document_bytes
            && content.size_bytes > limit_bytes
        {
            return Err(StoreError::TooLarge {
                hash: content.hash,
                size_bytes: content.size_bytes,
                limit_bytes,
            });
        }
        let bytes = kept.partial.get(&content.hash).cloned().unwrap_or_default();
        Ok(Box::new(FakePartial {
            content: *content,
            bytes,
            store: self.clone(),
        }))
    }

    fn open(&self, hash: &ContentHash) -> Result<Option<File>, StoreError> {
        let mut kept = self.kept();
        let Some(bytes) = kept.documents.get(hash) else {
            return Ok(None);
        };
        if ContentHash::of(bytes) != *hash {
            kept.documents.remove(hash);
            return Err(StoreError::ContentDamaged(*hash));
        }
        let in_memory = || -> std::io::Result<File> {
            let mut file = File::from(rustix::fs::memfd_create(
                "document",
                rustix::fs::MemfdFlags::CLOEXEC,
            )?);
            file.write_all(bytes)?;
            file.rewind()?;
            Ok(file)
        };
        in_memory().map(Some).map_err(StoreError::io("memory"))
    }

    fn prune(&self, keep: &HashSet<ContentHash>) -> Result<usize, StoreError> {
        let mut kept = self.kept();
        let before = kept.documents.len() + kept.partial.len();
        kept.documents.retain(|hash, _| keep.contains(hash));
        kept.partial.retain(|hash, _| keep.contains(hash));
        Ok(before - kept.documents.len() - kept.partial.len())
    }
}

struct FakePartial {
    content: ContentRef,
    bytes: Vec<u8>,
    store: FakeBoardStore,
}

impl PartialContent for FakePartial {
    fn offset(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        if (self.bytes.len() + bytes.len()) as u64 > self.content.size_bytes {
            return Err(StoreError::TooMany(self.content.hash));
        }
        self.bytes.extend_from_slice(bytes);
        let mut kept = self.store.writable()?;
        kept.partial.insert(self.content.hash, self.bytes.clone());
        Ok(())
    }

    fn restart(&mut self) -> Result<(), StoreError> {
        self.bytes.clear();
        self.store.kept().partial.remove(&self.content.hash);
        Ok(())
    }

    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let mut kept = self.store.kept();
        kept.partial.remove(&self.content.hash);
        if ContentHash::of(&self.bytes) != self.content.hash {
            return Err(StoreError::WrongBytes(self.content.hash));
        }
        kept.documents.insert(self.content.hash, self.bytes);
        Ok(())
    }
}
