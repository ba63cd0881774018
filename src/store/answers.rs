//! Answers to surveys, stored until central has acknowledged them.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, params};
use vyveska_wire::manifest::next_number;
use vyveska_wire::survey::{NumberedAnswer, SurveyAnswer};

use super::StoreError;

/// The most answers stored, more than a year without a network produces. Beyond it new ones are not stored.
pub(super) const MOST_WAITING: usize = 20_000;

/// Stores answers until central has acknowledged them.
pub trait AnswerStore: Send + Sync {
    /// Stores an answer durably under a number never used before. False when the limit is reached.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    fn keep_answer(&self, answer: &SurveyAnswer, now: DateTime<Utc>) -> Result<bool, StoreError>;

    /// The first stored answers, in the order of their numbers.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn waiting_answers(&self, most: usize) -> Result<Vec<NumberedAnswer>, StoreError>;

    /// Removes the answers up to this number, which central has acknowledged.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    fn forget_answers(&self, up_to: u64) -> Result<(), StoreError>;
}

/// The tables. The last number is kept after the answers are removed, so that none is used twice.
pub(super) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS answer (
        number INTEGER PRIMARY KEY,
        answer TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS last_answer (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        number INTEGER NOT NULL
    ) STRICT;
";

pub(super) fn keep(
    database: &mut Connection,
    answer: &SurveyAnswer,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let transaction = database.transaction()?;
    let waiting: i64 =
        transaction.query_row("SELECT COUNT(*) FROM answer", [], |row| row.get(0))?;
    if usize::try_from(waiting).unwrap_or(usize::MAX) >= MOST_WAITING {
        return Ok(false);
    }
    let last: Option<i64> = transaction
        .query_row("SELECT number FROM last_answer", [], |row| row.get(0))
        .optional()?;
    let last = u64::try_from(last.unwrap_or(0)).unwrap_or(0);
    let number = stored(next_number(last, now));
    let written = serde_json::to_string(answer).expect("an answer serialises");
    transaction.execute(
        "INSERT INTO answer (number, answer) VALUES (?1, ?2)",
        params![number, written],
    )?;
    transaction.execute(
        "INSERT INTO last_answer (one, number) VALUES (1, ?1)
         ON CONFLICT (one) DO UPDATE SET number = excluded.number",
        [number],
    )?;
    transaction.commit()?;
    Ok(true)
}

pub(super) fn waiting(
    database: &Connection,
    most: usize,
) -> Result<Vec<NumberedAnswer>, StoreError> {
    let mut query =
        database.prepare("SELECT number, answer FROM answer ORDER BY number LIMIT ?1")?;
    let rows = query.query_map([i64::try_from(most).unwrap_or(i64::MAX)], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
    })?;
    let mut answers = Vec::new();
    for row in rows {
        let (number, answer) = row?;
        let answer = serde_json::from_str(&answer).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(
                1,
                rusqlite::types::Type::Text,
                Box::new(error),
            )
        })?;
        let number = u64::try_from(number).unwrap_or(0);
        answers.push(NumberedAnswer { number, answer });
    }
    Ok(answers)
}

pub(super) fn forget(database: &Connection, up_to: u64) -> Result<(), StoreError> {
    database.execute("DELETE FROM answer WHERE number <= ?1", [stored(up_to)])?;
    Ok(())
}

fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::{FakeBoardStore, SqliteBoardStore, StoreConfig, samples};
    use super::*;

    fn answer(text: &str) -> SurveyAnswer {
        SurveyAnswer {
            survey: "urad".to_owned(),
            question: "spokojenost".to_owned(),
            answer: text.to_owned(),
            day: "2026-11-21".parse().unwrap(),
        }
    }

    fn numbers(store: &dyn AnswerStore) -> Vec<u64> {
        let waiting = store.waiting_answers(10).unwrap();
        waiting.iter().map(|answer| answer.number).collect()
    }

    fn at(milliseconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(milliseconds).unwrap()
    }

    /// What the real store and the fake both promise.
    fn check_conformance(store: &dyn AnswerStore) {
        assert!(numbers(store).is_empty());
        assert!(store.keep_answer(&answer("1"), at(1_000)).unwrap());
        // A clock that does not advance, and one that goes back.
        store.keep_answer(&answer("2"), at(1_000)).unwrap();
        store.keep_answer(&answer("3"), at(0)).unwrap();
        assert_eq!(numbers(store), [1_000, 1_001, 1_002]);
        let first = store.waiting_answers(1).unwrap();
        assert_eq!(first[0].answer, answer("1"));
        store.forget_answers(1_001).unwrap();
        assert_eq!(numbers(store), [1_002]);
        store.forget_answers(5_000).unwrap();
        store.keep_answer(&answer("4"), at(0)).unwrap();
        assert_eq!(numbers(store), [1_003], "no number is given twice");
    }

    fn opened(folder: &std::path::Path) -> SqliteBoardStore {
        let config = StoreConfig::new(samples::central().public(), samples::display());
        SqliteBoardStore::open(folder, config).unwrap()
    }

    #[test]
    fn answers_wait_in_order_until_they_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        check_conformance(&opened(folder.path()));
        check_conformance(&FakeBoardStore::new());
    }

    #[test]
    fn answers_and_their_numbers_survive_a_restart_and_a_new_board() {
        let folder = tempfile::tempdir().unwrap();
        let store = opened(folder.path());
        store.keep_answer(&answer("1"), at(1_000)).unwrap();
        drop(store);
        let store = opened(folder.path());
        let board = samples::board(5, &[b"a"]).verify().unwrap();
        super::super::BoardStore::switch(&store, &board).unwrap();
        assert_eq!(numbers(&store), [1_000]);
        store.forget_answers(1_000).unwrap();
        drop(store);
        let store = opened(folder.path());
        store.keep_answer(&answer("2"), at(0)).unwrap();
        assert_eq!(numbers(&store), [1_001]);
    }
}
