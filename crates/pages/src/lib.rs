//! Turns documents into page images and words.
//!
//! # Why a process of its own
//!
//! Documents are untrusted. A decompression bomb, endlessly nested forms or a picture of 60,000² pixels ends any engine,
//! and running out of memory cannot be caught in Rust: it ends the process. So the engine (hayro for PDF and faxes,
//! `image` and `tiff` for pictures) runs in a worker process, `vyveska-pages`, which the client in this crate starts,
//! limits and replaces. A document that kills its worker costs one [`PageError`]: the next document is drawn by the
//! next worker, and the interface thread never waits.
//!
//! # What confines the worker
//!
//! | Bound | How |
//! | --- | --- |
//! | files, network, other processes | it receives the document as an open descriptor; landlock allows no path, seccomp only the calls that reading, computing and answering need. Both are in force before the first document arrives |
//! | memory | `RLIMIT_AS`, [`WorkerOptions::address_space_bytes`] |
//! | time | the client's clock, [`WorkerOptions::request_deadline`]; the worker is killed and replaced |
//! | what it may answer | the client checks every answer: length of the message, the same page sizes as before, exactly the planned number of pixels, size and seals of the shared memory |
//! | lifetime | it dies with the thread that started it, and when its socket closes |
//!
//! # Measured cost
//!
//! Measured in release on two x86-64 cores, from a touch to the first page at the width of the screen, over the 77
//! documents of the sample town that can be drawn: 32 ms in the median and 65 at the 95th percentile; the slowest are
//! pages scanned by fax methods. Drawing a small page ahead of time to warm a worker up was tried and changed nothing.
//!
//! An idle worker has 0.9 MB of its own (3 MB PSS), one that has drawn and released a document 1.7 MB (11 MB PSS with the code and
//! fonts it has touched); a page takes 18 to 25 MB at its peak, a photograph 40, in 46 MB of address space. A bilevel scan
//! of 25,000² pixels is drawn in a second with 606 MB, one of 35,000² is refused at once: it would need more than the
//! address space of 1 GiB.
//!
//! Of 37,000 words in those documents 99.3 % are those `pdftotext` finds; the rest are set in a circle on the town's seal.
//!
//! # Parts
//!
//! - [`PageService`]: the handle; a queue with [`Priority`] and cancellation before one worker and a warm spare
//! - [`Document`]: an open descriptor; the worker never sees a file name
//! - [`RenderedPage`], [`PageText`], [`DocumentInfo`]: the answers
//! - [`Container`]: files that are told from documents before one is looked for in them
//! - [`command`]: `vyveska pages FILE`, for technicians
//! - [`worker`]: the worker itself, called only by its own executable

pub mod command;
mod container;
mod document;
mod error;
mod geometry;
mod memory;
mod options;
mod page_image;
mod protocol;
mod queue;
mod service;
mod supervisor;
mod text;
pub mod worker;
mod worker_process;

pub use container::Container;
pub use document::Document;
pub use error::PageError;
pub use geometry::{PageRect, PageSize, Scale};
pub use options::WorkerOptions;
pub use page_image::{PageImage, PageWarning, RenderedPage};
pub use protocol::{DocumentInfo, DocumentKind, DocumentWarning};
pub use queue::{Priority, RequestId};
pub use service::{PageService, RenderRequest};
pub use text::{PageText, Word};
