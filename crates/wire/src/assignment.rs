//! What is a display's own, signed: which board it shows, which part of it, and the PIN of its service screen.
//!
//! A manifest and its sections are the same bytes for every display of a board, so that ten thousand displays cost one
//! signature. Whoever holds one of those displays can read them, so they say nothing that opens another. That stands in
//! each display's assignment, which is addressed to it alone, has numbers of its own, and is switched together with the
//! manifest.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::envelope::Message;
use crate::keys::DisplayId;
use crate::section::Texts;

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
    /// Which part of the board the display is and where the others are, in words.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub part: Texts,
    /// The hash of the PIN of its service screen; without one, the display takes what it was started with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_pin_hash: Option<String>,
}

impl Message for Assignment {
    const TYPE: &'static str = "vyveska-assignment-v1";
}
