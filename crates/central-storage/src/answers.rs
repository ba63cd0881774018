//! Answers to surveys.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use vyveska_wire::survey::NumberedAnswer;

use crate::{RegisteredDisplay, StorageError};

/// How often one answer was given to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerCount {
    pub board: String,
    pub survey: String,
    pub question: String,
    /// The number of the rating, or the identifier of the choice.
    pub answer: String,
    /// The first day it was given.
    pub first: NaiveDate,
    pub last: NaiveDate,
    pub count: i64,
}

/// Stores answers to surveys.
#[async_trait]
pub trait AnswerRepository: Send + Sync {
    /// Stores answers, all or none; those stored before stay as they are. Answers are told apart by display, outbox
    /// and number; `outbox` is empty for a display without one.
    ///
    /// `false` when more than `most` of the display would have been stored in the day before `now`: none of them is.
    async fn take_answers(
        &self,
        display: &RegisteredDisplay,
        outbox: &str,
        answers: &[NumberedAnswer],
        now: DateTime<Utc>,
        most: u32,
    ) -> Result<bool, StorageError>;
    /// How often each answer was given.
    async fn count_answers(&self) -> Result<Vec<AnswerCount>, StorageError>;
}
