//! Alarms: what a person has to look into, until its cause is gone.

use chrono::{DateTime, Utc};

use crate::storage::{AlarmRepository, StorageError};

/// Raises an alarm, or closes it where there is no message.
///
/// # Errors
///
/// When storage fails.
pub(crate) async fn note<S: AlarmRepository + ?Sized>(
    storage: &S,
    kind: &str,
    subject: &str,
    message: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StorageError> {
    let Some(message) = message else {
        return storage.clear_alarm(kind, subject, now).await;
    };
    if storage.raise_alarm(kind, subject, message, now).await? {
        tracing::error!(kind, subject, message, "a person has to look into this");
    }
    Ok(())
}
