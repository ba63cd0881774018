//! What is known of a document once it was opened.

use std::sync::Arc;

/// The result of opening a document: its page sizes in points, or why it cannot be shown.
pub type Opened = Result<Arc<[Size]>, Unreadable>;

/// A size; the unit is stated where it is used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    pub width: f32,
    pub height: f32,
}

/// Why a document cannot be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unreadable {
    PasswordProtected,
    Broken,
    Empty,
    /// It is larger than the kiosk can draw.
    TooLarge,
    /// It took too long or crashed the worker.
    TooDemanding,
    /// Its format is not supported.
    Unsupported,
    /// Its bytes are not stored here (yet).
    Missing,
}
