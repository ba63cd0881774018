//! Conditions that a person has to look into.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::StorageError;

/// A condition that a person has to look into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// For instance `shortened`.
    pub kind: String,
    /// The board or the content it concerns.
    pub subject: String,
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
        subject: &str,
        message: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StorageError>;
    /// Closes the open alarm, if there is one.
    async fn clear_alarm(
        &self,
        kind: &str,
        subject: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// The open alarms, the oldest first.
    async fn alarms(&self) -> Result<Vec<Alarm>, StorageError>;
}
