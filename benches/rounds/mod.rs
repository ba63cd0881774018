//! How often a bench repeats what it measures: once with `--smoke`, which only shows that it runs.

/// Whether one short round is enough: `cargo bench … -- --smoke`. Its figures mean nothing.
pub(crate) fn is_smoke() -> bool {
    std::env::args().any(|argument| argument == "--smoke")
}

/// `full` rounds, or one for `--smoke`.
pub(crate) fn rounds(full: usize) -> usize {
    if is_smoke() { 1 } else { full }
}
