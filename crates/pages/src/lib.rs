//! Documents in, page images and words out.
//!
//! # Why a process of its own
//!
//! Documents come from anybody. A bomb, an endless nest of forms or a picture of 60,000² pixels ends every engine there
//! is, and running out of memory cannot be caught in Rust: it ends the process. So the engine (hayro for PDF, `image`
//! for pictures) runs in a worker, `vyveska-pages`, which the client in this crate starts, limits and replaces. Whatever a
//! document does to the worker, it costs that document a named [`PageError`] and nothing else: the next document is drawn
//! by the next worker, and the thread of the interface never waits.
//!
//! # What confines the worker
//!
//! | Bound | How |
//! | --- | --- |
//! | files, network, other processes | it is handed the document as an open descriptor; landlock allows no path, seccomp only the calls that reading, computing and answering take. Both are in force before the first document arrives |
//! | memory | `RLIMIT_AS`, [`WorkerOptions::address_space_bytes`] |
//! | time | the client's clock, [`WorkerOptions::request_deadline`]; the worker is killed and replaced |
//! | what it may claim | the client checks every answer: length of the message, number of pixels, size and seals of the shared memory |
//! | its life | it dies with the thread that started it, and when its socket closes |
//!
//! # What it takes
//!
//! Measured on two shared x86-64 cores over the 77 documents of the sample town, page 1 at 1080 pixels, in a debug build
//! with the engine optimised: median 46 ms for a running worker and 67 ms for one that has drawn nothing yet, the round
//! trip included; the slowest PDF took 98 ms. A waiting worker has 1.2 MB of its own (3 MB PSS), one that has drawn and let
//! go 2.1 MB (13 MB PSS with the code and fonts it has touched), one that draws a page of text 27 MB at its peak and 39 MB
//! of address space. Of 37,000 words in those documents 99.3 % are those `pdftotext` finds; the rest stand in a circle on
//! the town's seal.
//!
//! # Parts
//!
//! - [`PageService`]: the handle; a queue with [`Priority`] and cancellation in front of one worker and a warm spare
//! - [`Document`]: a descriptor to be shown, by its bytes and never by its name
//! - [`RenderedPage`], [`PageText`], [`DocumentInfo`]: the answers
//! - [`command`]: `vyveska pages FILE`, for technicians
//! - [`worker`]: the inside of the worker, which only its own executable calls

pub mod command;
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

pub use document::Document;
pub use error::PageError;
pub use geometry::{PageRect, PageSize, Scale};
pub use options::{WORKER_PROGRAM, WorkerOptions};
pub use page_image::{PageImage, PageWarning, RenderedPage};
pub use protocol::{DocumentInfo, DocumentKind};
pub use queue::{Priority, RequestId};
pub use service::{PageService, RenderRequest};
pub use text::{PageText, Word};
