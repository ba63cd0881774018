//! Changes that are held until a person or time decides.

use async_trait::async_trait;
use vyveska_board::DocumentHash;

use super::StorageError;
use crate::ingest::hold::{HoldReason, OpenHold};

/// How a hold ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldOutcome {
    /// The feed was plausible again.
    Healed,
    /// A person accepted it.
    Accepted,
    /// A drop lasted as long as the rule demands.
    Matured,
    /// Something else is held instead.
    Superseded,
}

impl HoldOutcome {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healed => "healed",
            Self::Accepted => "accepted",
            Self::Matured => "matured",
            Self::Superseded => "superseded",
        }
    }
}

/// A hold to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldRecord {
    /// The notices concerned, the reason and the times.
    pub hold: OpenHold,
    /// The explanation for a person.
    pub message: String,
    /// The feed that is held.
    pub snapshot: DocumentHash,
}

/// A hold as listed for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldChange {
    /// The number by which it is accepted.
    pub id: i64,
    pub source: String,
    pub message: String,
    /// Why, and which notices.
    pub hold: OpenHold,
    /// The feed that is held.
    pub snapshot: DocumentHash,
}

#[async_trait]
pub trait HoldLedger: Send + Sync {
    async fn held(&self) -> Result<Vec<HeldChange>, StorageError>;
}

impl HoldReason {
    /// As it is stored and listed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Hollow => "hollow",
            Self::Drop => "drop",
            Self::Blanked => "blanked",
            Self::Broken => "broken",
        }
    }

    pub(super) fn from_stored(text: &str) -> Result<Self, StorageError> {
        [
            Self::Empty,
            Self::Hollow,
            Self::Drop,
            Self::Blanked,
            Self::Broken,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == text)
        .ok_or_else(|| StorageError::Unreadable {
            what: "hold.reason",
            reason: format!("{text:?} is not a reason"),
        })
    }
}
