//! Alarms: what a person has to look into, until its cause is gone.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::storage::{AlarmRepository, AlarmSubject, StorageError};

/// Raises an alarm, or closes it where there is no message.
///
/// # Errors
///
/// When storage fails.
pub(crate) async fn note<S: AlarmRepository + ?Sized>(
    storage: &S,
    kind: &str,
    subject: AlarmSubject<'_>,
    message: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let Some(message) = message else {
        return storage.clear_alarm(kind, subject, now).await;
    };
    if storage.raise_alarm(kind, subject, message, now).await? {
        let subject = subject.id();
        tracing::error!(kind, subject, message, "a person has to look into this");
    }
    Ok(())
}

/// All alarms of a kind that there are, with the message of each board or source.
pub(crate) struct AllOfKind {
    pub(crate) kind: &'static str,
    pub(crate) of: fn(&str) -> AlarmSubject<'_>,
    pub(crate) messages: BTreeMap<String, String>,
}

impl AllOfKind {
    /// Raises these alarms, and closes those of all others.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub(crate) async fn note<S: AlarmRepository + ?Sized>(
        &self,
        storage: &S,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        let Self { kind, of, messages } = self;
        for open in storage.alarms().await? {
            if open.kind == *kind && !messages.contains_key(&open.subject) {
                storage.clear_alarm(kind, of(&open.subject), now).await?;
            }
        }
        for (subject, message) in messages {
            note(storage, kind, of(subject), Some(message), now).await?;
        }
        Ok(())
    }
}
