//! Conditions that a person has to look into.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::StorageError;

/// What an alarm concerns, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmSubject<'a> {
    Board(&'a str),
    Source(&'a str),
    /// The service as a whole, or content that several towns may have.
    Service(&'a str),
    /// One node of the service, by its name.
    Node(&'a str),
    Display(&'a str),
    Town(&'a str),
}

impl<'a> AlarmSubject<'a> {
    pub const fn id(self) -> &'a str {
        match self {
            Self::Board(id)
            | Self::Source(id)
            | Self::Service(id)
            | Self::Node(id)
            | Self::Display(id)
            | Self::Town(id) => id,
        }
    }

    /// As it is stored.
    pub(crate) const fn type_name(self) -> &'static str {
        match self {
            Self::Board(_) => "board",
            Self::Source(_) => "source",
            Self::Service(_) => "service",
            Self::Node(_) => "node",
            Self::Display(_) => "display",
            Self::Town(_) => "town",
        }
    }
}

/// A condition that a person has to look into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// For instance `shortened`.
    pub kind: String,
    /// The id of what it concerns.
    pub subject: String,
    /// The board that it is or has, or that a display belongs to; of a town its first one in service. `None` where it
    /// concerns the service as a whole or a node, or a source of no board.
    pub board: Option<String>,
    pub message: String,
    pub opened_at: DateTime<Utc>,
}

impl Alarm {
    /// Whether it is of this kind and concerns this subject.
    pub fn is(&self, kind: &str, subject: &str) -> bool {
        self.kind == kind && self.subject == subject
    }
}

/// Stores alarms; at most one of a kind is open for a subject.
#[async_trait]
pub trait AlarmRepository: Send + Sync {
    /// Opens an alarm or updates the message of the open one; returns whether anything changed.
    async fn raise_alarm(
        &self,
        kind: &str,
        subject: AlarmSubject<'_>,
        message: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
    /// Closes the open alarm, if there is one.
    async fn clear_alarm(
        &self,
        kind: &str,
        subject: AlarmSubject<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// The open alarms, the oldest first.
    async fn alarms(&self) -> Result<Vec<Alarm>, StorageError>;
}
