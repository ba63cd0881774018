//! Changes that are held until a person or time decides.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use vyveska_board::{DocumentHash, NoticeId};

use crate::StorageError;

/// Why something is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoldReason {
    /// No live notice is left.
    Empty,
    /// Titles or documents are suddenly blank in many notices.
    Hollow,
    /// It may be the feed of another board.
    Foreign,
    /// Too many notices are gone at once.
    Drop,
    /// Titles or documents are suddenly blank in a few notices.
    Blanked,
    /// The feed cannot be read.
    Broken,
}

impl HoldReason {
    /// As it is stored and listed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Hollow => "hollow",
            Self::Foreign => "foreign",
            Self::Drop => "drop",
            Self::Blanked => "blanked",
            Self::Broken => "broken",
        }
    }

    pub(crate) fn from_stored(text: &str) -> Result<Self, StorageError> {
        [
            Self::Empty,
            Self::Hollow,
            Self::Foreign,
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

/// Why a source is held, and which of its notices are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenHold {
    pub reason: HoldReason,
    /// Notices that are gone from the feed.
    pub gone: BTreeSet<NoticeId>,
    /// Notices whose title or documents are suddenly blank.
    pub blanked: BTreeSet<NoticeId>,
    /// When a hold of this reason was opened.
    pub opened_at: DateTime<Utc>,
    /// Since when it has been unchanged.
    pub since: DateTime<Utc>,
    /// For how many polls it has been unchanged.
    pub polls: u32,
}

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
    /// Its source left service.
    Disabled,
}

impl HoldOutcome {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healed => "healed",
            Self::Accepted => "accepted",
            Self::Matured => "matured",
            Self::Superseded => "superseded",
            Self::Disabled => "disabled",
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
pub trait HoldRepository: Send + Sync {
    async fn held(&self) -> Result<Vec<HeldChange>, StorageError>;
}
