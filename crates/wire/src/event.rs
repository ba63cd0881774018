//! The event stream: server-sent events that announce news to fetch.
//!
//! Events carry no authority and may be lost: without them everything works, slower.

use serde::{Deserialize, Serialize};

/// The name of the event that announces a manifest.
pub const MANIFEST_EVENT: &str = "manifest";

/// The data of a [`MANIFEST_EVENT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestAnnounced {
    /// The number of the newest manifest.
    pub number: u64,
}
