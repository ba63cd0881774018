//! Errors of documents and of their workers.
//!
//! Every variant has a stable code, used in JSON, in the journal and for the choice of the placeholder on the screen.

use std::time::Duration;

/// Why a document, or one page of it, could not be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// The document opens only with a password.
    #[error("the document is locked with a password; publish a copy that opens without one")]
    PasswordProtected,
    /// The bytes are not a whole document of the kind they claim to be.
    #[error("the document is damaged ({detail}); ask the publisher for a whole copy")]
    Broken { detail: String },
    #[error("the document is an empty file; ask the publisher for a whole copy")]
    Empty,
    /// Showing the document needs more than a worker may use.
    #[error("the document is too large ({detail}); publish it with smaller pages or pictures")]
    TooLarge { detail: String },
    /// The document was not finished in time.
    #[error("the document was not drawn within {} ms; publish a simpler copy", after.as_millis())]
    TimedOut { after: Duration },
    /// The document is of a kind that cannot be shown.
    #[error("the document cannot be shown ({detail}); publish it as PDF, JPEG, PNG, TIFF or WebP")]
    Unsupported { detail: String },
    /// The document ended the worker that was drawing it.
    #[error("the document ended the process that was drawing it ({detail}); publish it saved anew")]
    WorkerDied { detail: String },
    /// The document has fewer pages than were asked for.
    #[error("page {} does not exist; the document has {count}", u64::from(*page) + 1)]
    NoSuchPage {
        /// The page asked for, counted from zero.
        page: u32,
        count: u32,
    },
    #[error("the document cannot be read ({detail}); check that the file exists and is readable")]
    Unreadable { detail: String },
    #[error(
        "the page worker cannot be started ({detail}); reinstall vyveska-pages beside the program"
    )]
    WorkerUnavailable { detail: String },
    #[error("the request was cancelled")]
    Cancelled,
}

impl PageError {
    /// The stable machine-readable name of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::PasswordProtected => "password_protected",
            Self::Broken { .. } => "broken",
            Self::Empty => "empty",
            Self::TooLarge { .. } => "too_large",
            Self::TimedOut { .. } => "timed_out",
            Self::Unsupported { .. } => "unsupported",
            Self::WorkerDied { .. } => "worker_died",
            Self::NoSuchPage { .. } => "no_such_page",
            Self::Unreadable { .. } => "unreadable",
            Self::WorkerUnavailable { .. } => "worker_unavailable",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the document itself is the cause, so that another try would fail in the same way.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        !matches!(
            self,
            Self::Unreadable { .. } | Self::WorkerUnavailable { .. } | Self::Cancelled
        )
    }
}
