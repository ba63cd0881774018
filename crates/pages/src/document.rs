//! A document passed to the workers as a descriptor, never as a path.

use crate::error::PageError;
use crate::geometry::PageSize;
use crate::memory;
use crate::protocol::DocumentInfo;
use rustix::fs::{FileType, OFlags};
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// A document to be shown.
///
/// Cheap to clone. A worker keeps the document it drew last, so further requests with a clone of the same value
/// are served without opening it again.
#[derive(Debug, Clone)]
pub struct Document {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    id: u64,
    descriptor: OwnedFd,
    size_bytes: u64,
    /// As the first worker that opened it stated.
    info: Mutex<Option<DocumentInfo>>,
}

impl Document {
    /// Opens the file at `path`.
    ///
    /// # Errors
    ///
    /// [`PageError::Unreadable`] when there is no such file or it may not be read.
    pub fn open(path: &Path) -> Result<Self, PageError> {
        // The path may be a pipe, and opening that would wait for a writer.
        let descriptor = rustix::fs::open(
            path,
            OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK,
            rustix::fs::Mode::empty(),
        )
        .map_err(|error| unreadable(&error))?;
        Self::from_descriptor(descriptor)
    }

    /// Uses an open file.
    ///
    /// # Errors
    ///
    /// [`PageError::Unreadable`] when it is not a plain file that can be read.
    pub fn from_file(file: File) -> Result<Self, PageError> {
        Self::from_descriptor(OwnedFd::from(file))
    }

    /// Copies bytes that are in no file into sealed memory.
    ///
    /// # Errors
    ///
    /// [`PageError::Unreadable`] when the system has no memory for them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PageError> {
        let descriptor = memory::sealed_copy(bytes).map_err(|error| unreadable(&error))?;
        Self::from_descriptor(descriptor)
    }

    /// Uses an open descriptor.
    ///
    /// # Errors
    ///
    /// [`PageError::Unreadable`] when it is not a plain file that can be read.
    pub fn from_descriptor(descriptor: OwnedFd) -> Result<Self, PageError> {
        let status = rustix::fs::fstat(&descriptor).map_err(|error| unreadable(&error))?;
        if FileType::from_raw_mode(status.st_mode) != FileType::RegularFile {
            return Err(PageError::Unreadable {
                detail: "it is not a plain file".into(),
            });
        }
        Ok(Self {
            inner: Arc::new(Inner {
                id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
                descriptor: read_only(descriptor)?,
                size_bytes: u64::try_from(status.st_size).unwrap_or(0),
                info: Mutex::default(),
            }),
        })
    }

    /// The size of the document when this value was made.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.inner.size_bytes
    }

    pub(crate) fn id(&self) -> u64 {
        self.inner.id
    }

    /// Keeps the first statement about the document; returns whether this one agrees with it.
    pub(crate) fn agrees(&self, info: &DocumentInfo) -> bool {
        self.info().get_or_insert_with(|| info.clone()) == info
    }

    /// Whether a worker has stated anything about the document.
    pub(crate) fn is_known(&self) -> bool {
        self.info().is_some()
    }

    /// Drops the first statement; the next one counts instead.
    pub(crate) fn forget(&self) {
        *self.info() = None;
    }

    /// Whether the first statement about the document has this page.
    pub(crate) fn has_page(&self, page: u32, size: PageSize, page_count: u32) -> bool {
        self.info().as_ref().is_some_and(|info| {
            info.pages.len() == page_count as usize && info.pages.get(page as usize) == Some(&size)
        })
    }

    fn info(&self) -> MutexGuard<'_, Option<DocumentInfo>> {
        let info = &self.inner.info;
        info.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.inner.descriptor.as_fd()
    }
}

/// The worker must not be able to change the document, so its descriptor cannot write.
fn read_only(descriptor: OwnedFd) -> Result<OwnedFd, PageError> {
    let flags = rustix::fs::fcntl_getfl(&descriptor).map_err(|error| unreadable(&error))?;
    if flags & OFlags::ACCMODE == OFlags::RDONLY {
        return Ok(descriptor);
    }
    rustix::fs::open(
        format!("/proc/self/fd/{}", descriptor.as_raw_fd()),
        OFlags::RDONLY | OFlags::CLOEXEC,
        rustix::fs::Mode::empty(),
    )
    .map_err(|error| unreadable(&error))
}

fn unreadable(error: &dyn std::fmt::Display) -> PageError {
    PageError::Unreadable {
        detail: error.to_string(),
    }
}
