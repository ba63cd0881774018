//! Tokens that have displays registered for a board.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use vyveska_board::DocumentHash;
use vyveska_wire::enrolment::EnrolmentRefusal;

use crate::StorageError;

/// A token as whoever made it sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// Names the token, and opens nothing.
    pub id: String,
    pub board: String,
    pub ends_at: DateTime<Utc>,
    /// How many displays it may have registered.
    pub displays: u32,
    /// How many were.
    pub used: u32,
    pub revoked_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEnrolment {
    pub id: String,
    pub token_hash: DocumentHash,
    pub board: String,
    pub ends_at: DateTime<Utc>,
    pub displays: u32,
}

/// What came of the enrolment of a display.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enrolled {
    Registered,
    /// It was registered for this board before, and the token counts no other use.
    Known,
    Refused(EnrolmentRefusal),
}

/// A display that a token had registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolledDisplay {
    pub display: String,
    pub board: String,
    pub registered_at: DateTime<Utc>,
    /// The id of the token.
    pub enrolment: String,
}

/// Finds tokens and what they were used for; [`UnitOfWork::enrol`] uses them.
///
/// [`UnitOfWork::enrol`]: crate::UnitOfWork::enrol
#[async_trait]
pub trait EnrolmentRepository: Send + Sync {
    /// A token by its hash, good or not.
    async fn enrolment(&self, token_hash: DocumentHash) -> Result<Option<Enrolment>, StorageError>;
    /// Those that have not expired, the next to expire first.
    async fn enrolments(&self, now: DateTime<Utc>) -> Result<Vec<Enrolment>, StorageError>;
    /// The displays that tokens had registered after an instant, the last one first.
    async fn enrolled_displays(
        &self,
        after: DateTime<Utc>,
    ) -> Result<Vec<EnrolledDisplay>, StorageError>;
}
