//! Answers to surveys.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::Row;
use vyveska_wire::survey::NumberedAnswer;

use super::DbStorage;
use super::scope::{BOARD, DISPLAY, must_find};
use crate::stored::signed;
use crate::{AnswerCount, AnswerRepository, RegisteredDisplay, StorageError};

/// How many answers of a display came after an instant.
pub(super) const RECEIVED: &str =
    "SELECT COUNT(*) FROM answer WHERE display_id = $1 AND received_at > $2";

#[async_trait]
impl AnswerRepository for DbStorage {
    async fn take_answers(
        &self,
        display: &RegisteredDisplay,
        outbox: &str,
        answers: &[NumberedAnswer],
        now: DateTime<Utc>,
        most: u32,
    ) -> Result<bool, StorageError> {
        let mut transaction = self.writing().await?;
        must_find(BOARD, &display.board, &self.scope, &mut transaction).await?;
        must_find(DISPLAY, display.id.as_str(), &self.scope, &mut transaction).await?;
        let mut added = 0;
        for numbered in answers {
            let answer = &numbered.answer;
            let done = sqlx::query(
                "INSERT INTO answer \
                 (display_id, outbox, number, board_id, survey, question, answer, day, received_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
            )
            .bind(display.id.as_str())
            .bind(outbox)
            .bind(signed(numbered.number))
            .bind(&display.board)
            .bind(&answer.survey)
            .bind(&answer.question)
            .bind(&answer.answer)
            .bind(answer.day)
            .bind(now)
            .execute(&mut *transaction)
            .await?;
            added += done.rows_affected();
        }
        // What is sent again is acknowledged again, however much there is.
        if added > 0 {
            let received: i64 = sqlx::query_scalar(RECEIVED)
                .bind(display.id.as_str())
                .bind(now - TimeDelta::days(1))
                .fetch_one(&mut *transaction)
                .await?;
            if received > i64::from(most) {
                return Ok(false);
            }
        }
        transaction.commit().await?;
        Ok(true)
    }

    async fn count_answers(&self) -> Result<Vec<AnswerCount>, StorageError> {
        let rows = sqlx::query(concat!(
            "SELECT board_id, survey, question, answer, \
             MIN(day) AS first, MAX(day) AS last, COUNT(*) AS count FROM answer WHERE ",
            board_within!("board_id", "$1"),
            " GROUP BY board_id, survey, question, answer \
             ORDER BY board_id, survey, question, answer",
        ))
        .bind(self.scope.parameter())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(AnswerCount {
                    board: row.try_get("board_id")?,
                    survey: row.try_get("survey")?,
                    question: row.try_get("question")?,
                    answer: row.try_get("answer")?,
                    first: row.try_get("first")?,
                    last: row.try_get("last")?,
                    count: row.try_get("count")?,
                })
            })
            .collect()
    }
}
