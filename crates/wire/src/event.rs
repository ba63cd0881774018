//! The event stream: server-sent events that only say that asking is worth while.
//!
//! Events carry no authority and nothing that must arrive: without them everything works, slower.

use serde::{Deserialize, Serialize};

/// The name of the event that announces a manifest.
pub const MANIFEST_EVENT: &str = "manifest";

/// The data of a [`MANIFEST_EVENT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestAnnounced {
    /// The number of the newest manifest.
    pub number: u64,
}
