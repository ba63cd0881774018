//! Bounds that displays enforce on what they receive, so that central must not publish more.
//!
//! Each is written only here; `tests/limits.rs` looks for copies.

/// Displays fetch no larger section; central shortens the notices until theirs fits.
pub const MAX_SECTION_BYTES: u64 = 16 * 1024 * 1024;

/// The largest document, in bytes: the storage of a display has to hold many.
pub const MAX_DOCUMENT_BYTES: u64 = 100_000_000;
