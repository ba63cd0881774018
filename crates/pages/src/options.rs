//! Limits of the workers.

use std::path::PathBuf;
use std::time::Duration;

use vyveska_wire::limits::MAX_DOCUMENT_BYTES;

const MIB: u64 = 1024 * 1024;

pub(crate) const DEFAULT_ADDRESS_SPACE_BYTES: u64 = 1024 * MIB;
/// Four full views of a 4K panel.
pub(crate) const DEFAULT_MAX_PIXELS: u64 = 32_000_000;
pub(crate) const DEFAULT_MAX_PAGES: u32 = 5_000;

/// The program that draws the pages, and its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerOptions {
    pub program: PathBuf,
    /// Address space of one worker; a document that needs more is refused. Default 1 GiB.
    pub address_space_bytes: u64,
    /// How long one request may take before its worker is replaced. Default 8 s.
    pub request_deadline: Duration,
    /// How long a worker may take to confine itself and report. Default 5 s.
    pub start_deadline: Duration,
    /// How long an urgent request waits for a less urgent or cancelled one before that one's worker is replaced.
    /// Default 150 ms.
    pub urgent_patience: Duration,
    /// Idle time after which the open document and its caches are dropped. Default 10 s.
    pub idle_release: Duration,
    /// A worker with more private memory than this after its document was dropped is replaced.
    /// Default 12 MiB; a new one has 1.
    pub idle_memory_bytes: u64,
    /// A worker that has opened this many documents is replaced when idle. Default 500.
    pub documents_per_worker: u32,
    /// Larger files are refused unread. Default [`MAX_DOCUMENT_BYTES`].
    pub max_document_bytes: u64,
    /// The most pixels one drawn image may have. Default 32 million.
    pub max_pixels: u64,
    /// The most pages a document may have. Default 5,000.
    pub max_pages: u32,
    /// Whether a second, confined worker is ready to replace one that was killed. Default true.
    pub warm_spare: bool,
}

impl WorkerOptions {
    /// The default bounds, for the given executable.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            address_space_bytes: DEFAULT_ADDRESS_SPACE_BYTES,
            request_deadline: Duration::from_secs(8),
            start_deadline: Duration::from_secs(5),
            urgent_patience: Duration::from_millis(150),
            idle_release: Duration::from_secs(10),
            idle_memory_bytes: 12 * MIB,
            documents_per_worker: 500,
            max_document_bytes: MAX_DOCUMENT_BYTES,
            max_pixels: DEFAULT_MAX_PIXELS,
            max_pages: DEFAULT_MAX_PAGES,
            warm_spare: true,
        }
    }

    /// The default bounds, for the worker beside the running executable; `None` when it is not there.
    #[must_use]
    pub fn beside_current_exe() -> Option<Self> {
        vyveska_confine::launcher_path().ok().map(Self::new)
    }
}
