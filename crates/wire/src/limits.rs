//! Bounds that displays enforce on what they receive, so that central must not publish more.
//!
//! Each is written only here; `tests/limits.rs` looks for copies.

/// Displays fetch no larger section; central shortens the notices until theirs fits.
pub const MAX_SECTION_BYTES: u64 = 16 * 1024 * 1024;

/// Displays end an event stream with a longer event; central leaves out what would make one longer.
///
/// A manifest and some pages of alerts. Ten thousand displays may be sent one at the same time.
pub const MAX_EVENT_BYTES: usize = 48 * 1024;

/// The longest time, in milliseconds, over which an event may have displays spread their requests.
pub const MAX_JITTER_MS: u64 = 15_000;

/// The largest document, in bytes: the storage of a display has to hold many.
pub const MAX_DOCUMENT_BYTES: u64 = 100_000_000;
