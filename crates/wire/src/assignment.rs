//! What is a display's own, signed: which board it shows.
//!
//! A manifest and its sections are the same bytes for every display of a board, so that ten thousand displays cost one
//! signature. Nothing in them says which displays those are. That says each display's assignment, which is addressed to
//! it alone, has numbers of its own, and is switched together with the manifest.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::envelope::Message;
use crate::keys::DisplayId;

/// What is one display's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Grows with every change: see [`crate::manifest::next_number`].
    pub number: u64,
    /// When central made it.
    pub created: DateTime<Utc>,
    pub to: DisplayId,
    /// The id of the board; the display takes the manifests that are addressed to the group of this name.
    pub board: String,
}

impl Message for Assignment {
    const TYPE: &'static str = "vyveska-assignment-v1";
}
