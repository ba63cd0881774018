//! The protocol between a client and its worker.
//!
//! It runs over a socket pair on the worker's standard input. The worker sends [`Hello`] first; after that each
//! [`Request`] is answered by one [`Reply`]. The client sends the next request only after the last reply: the queue,
//! its priorities and cancellation are in the trusted client, and the worker stays a loop without threads.
//! Bodies are JSON in frames ([`frames`]); a document or pixels are passed as a descriptor with the frame.

pub(crate) mod frames;

use crate::error::PageError;
use crate::geometry::{PageRect, PageSize, Scale};
use crate::page_image::PageWarning;
use crate::text::PageText;
use serde::{Deserialize, Serialize};
use std::fmt;
use vyveska_confine::LandlockState;

/// Incremented with every change of a message; client and worker must have the same.
pub(crate) const VERSION: u16 = 4;

/// The first message of a worker, sent once it is confined.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Hello {
    /// Seccomp is never missing: a worker without it does not start.
    pub(crate) landlock: LandlockState,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Request {
    /// The id of the document; its descriptor is sent along when the worker does not have it open.
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
    /// Drop the document and its caches.
    Release,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Reply {
    /// The id of the document that the worker now has open.
    pub(crate) holds: Option<u64>,
    pub(crate) outcome: Outcome,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    Opened(DocumentInfo),
    Rendered(Drawing),
    Text(PageText),
    Released,
    Failed(Fault),
}

/// The kind and the page sizes of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentInfo {
    pub kind: DocumentKind,
    pub pages: Vec<PageSize>,
    /// What is wrong with the document as a whole.
    pub warnings: Vec<DocumentWarning>,
}

/// Something wrong with a document as a whole, so that its pages may not be what its author sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentWarning {
    /// The end of the file is missing, and with it perhaps pages, letters or pictures.
    CutShort,
    /// The file's table of its parts is unusable; the parts were searched for.
    Rebuilt,
    /// The file does not begin with the head of its kind.
    ForeignHead,
    /// A dynamic XFA form: its pages are a request to wait, and only its maker's program shows the form.
    DynamicForm,
    /// A portfolio: its pages are a cover of the documents inside it, which are not shown.
    Portfolio,
}

/// For technicians.
impl fmt::Display for DocumentWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CutShort => "the end of the file is missing",
            Self::Rebuilt => "the table of its parts is unusable; they were searched for",
            Self::ForeignHead => "other bytes come before its head",
            Self::DynamicForm => "it is a form that only its maker's program shows",
            Self::Portfolio => "it is a portfolio, of which only the cover is shown",
        })
    }
}

/// The kind of a document, recognised by its bytes and not by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    Pdf,
    Jpeg,
    Png,
    /// Of any number of pages.
    Tiff,
    Webp,
}

/// A drawn page; its pixels are in the descriptor sent with the reply. Their number is not stated: the client plans it
/// from the same numbers and takes no other.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Drawing {
    pub(crate) page_count: u32,
    pub(crate) page_size: PageSize,
    pub(crate) warnings: Vec<PageWarning>,
}

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
