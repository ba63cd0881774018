//! One notice that an office or its records system hands over by itself, without a feed.
//!
//! Whoever hands it over can mend it at once: what a feed would be forgiven is refused here, with the field that is wrong.

use vyveska_board::ofn::FeedNotice;
use vyveska_board::posting_rule::PostingRule;

use super::identity::{KeyedNotice, pushed_key};
use crate::storage::{NoticeFacts, StorageError};

/// Why a notice was not taken.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// A field cannot be as it is.
    #[error("{field}: {reason}")]
    Refused { field: String, reason: String },
    /// Nothing of the source is shown before its board is known.
    #[error("no poll of source {0} was accepted yet: the notice would not be shown")]
    Unaccepted(String),
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The notice with its key, once it is known to be in order.
///
/// # Errors
///
/// When a field cannot be as it is; whether its end has come, time decides.
pub(super) fn checked(notice: &FeedNotice) -> Result<KeyedNotice, PushError> {
    if notice.title.is_blank() {
        return Err(refused("title", "it is blank"));
    }
    if let (Some(start), Some(end)) = (notice.posted.start(), notice.relevant_until.end())
        && end <= start
    {
        return Err(refused("relevant_until", "it is before the posting"));
    }
    if let Some(code) = &notice.posting_rule
        && PostingRule::find(code).is_none()
    {
        return Err(refused(
            "posting_rule",
            format!("{code:?} is no known rule"),
        ));
    }
    if let Some(event) = &notice.event {
        let wrong = |(field, error)| refused(&format!("event.{field}"), format!("{error}"));
        event.check().map_err(wrong)?;
    }
    Ok(KeyedNotice {
        key: pushed_key(&notice.key),
        facts: NoticeFacts::of(notice),
        end_doubts: notice.end_doubts.clone(),
        raw: notice.raw.clone(),
    })
}

pub(super) fn refused(field: &str, reason: impl Into<String>) -> PushError {
    PushError::Refused {
        field: field.to_owned(),
        reason: reason.into(),
    }
}
