//! Runtimes for what waits on a thread of its own.

use anyhow::Context as _;

/// A runtime for one thread.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the network's runtime")
}
