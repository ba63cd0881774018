//! What a client and its worker say to each other.
//!
//! One socket pair, on the worker's standard input. The worker speaks first ([`Hello`]); after that each
//! [`Request`] is answered by one [`Reply`]. The client sends the next request only after the last answer: the queue,
//! its priorities and cancellation live in the client, where they can be trusted, and the worker stays a loop without
//! threads. Bodies are JSON in frames ([`frames`]); a document or pixels travel as a descriptor beside the frame.

pub(crate) mod frames;

use crate::error::PageError;
use crate::geometry::{PageRect, PageSize, Scale};
use crate::page_image::PageWarning;
use crate::text::PageText;
use serde::{Deserialize, Serialize};

/// Changes with every change of a message; client and worker must agree exactly.
pub(crate) const VERSION: u16 = 1;

/// The first thing a worker says, once it is locked in.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Hello {
    pub(crate) landlock: LandlockState,
}

/// How much of landlock the kernel gave; seccomp is never missing, a worker without it does not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LandlockState {
    Full,
    Partial,
    None,
}

/// What is wanted of a document.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    /// Which document; its descriptor comes along when the worker does not hold it yet.
    pub(crate) document: u64,
    pub(crate) operation: Operation,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operation {
    Open,
    Render {
        page: u32,
        region: Option<PageRect>,
        scale: Scale,
    },
    Text {
        page: u32,
    },
    /// Drop the document and everything kept for it.
    Release,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Reply {
    /// The document the worker now holds.
    pub(crate) holds: Option<u64>,
    pub(crate) outcome: Outcome,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Opened(DocumentInfo),
    Rendered(Drawing),
    Text(PageText),
    Released,
    Failed(Fault),
}

/// What a document is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentInfo {
    /// What its bytes are.
    pub kind: DocumentKind,
    /// The sizes of its pages.
    pub pages: Vec<PageSize>,
}

/// What the bytes of a document are; its name plays no part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// PDF.
    Pdf,
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// TIFF, of any number of pages.
    Tiff,
    /// WebP.
    Webp,
}

/// A drawn page; its pixels are in the descriptor beside the reply.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Drawing {
    pub(crate) page_count: u32,
    pub(crate) page_size: PageSize,
    pub(crate) region: PageRect,
    pub(crate) scale: f32,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) warnings: Vec<PageWarning>,
}

/// Why the worker could not do it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fault {
    PasswordProtected,
    Broken(String),
    Empty,
    TooLarge(String),
    Unsupported(String),
    NoSuchPage { page: u32, count: u32 },
}

impl From<Fault> for PageError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::PasswordProtected => Self::PasswordProtected,
            Fault::Broken(detail) => Self::Broken { detail },
            Fault::Empty => Self::Empty,
            Fault::TooLarge(detail) => Self::TooLarge { detail },
            Fault::Unsupported(detail) => Self::Unsupported { detail },
            Fault::NoSuchPage { page, count } => Self::NoSuchPage { page, count },
        }
    }
}
