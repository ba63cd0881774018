//! Answers to surveys.

use chrono::TimeDelta;
use vyveska_central_storage::{AnswerCount, RegisteredDisplay, Storage, StorageError};
use vyveska_wire::survey::{NumberedAnswer, SurveyAnswer};

use super::displays::registered;
use super::{start, storage};

/// More than any display sends in a day.
const MOST: u32 = 1000;

fn answer(number: u64, answer: &str, day: &str) -> NumberedAnswer {
    NumberedAnswer {
        number,
        answer: SurveyAnswer {
            survey: "park".to_owned(),
            question: "benches".to_owned(),
            answer: answer.to_owned(),
            day: day.parse().unwrap(),
        },
    }
}

async fn take(
    storage: &dyn Storage,
    display: &RegisteredDisplay,
    outbox: &str,
    answers: &[NumberedAnswer],
) {
    let taken = storage.take_answers(display, outbox, answers, start(), MOST);
    assert!(taken.await.unwrap());
}

async fn counted(storage: &dyn Storage) -> Vec<(String, i64)> {
    let counts = storage.count_answers().await.unwrap().into_iter();
    counts.map(|one| (one.answer, one.count)).collect()
}

#[tokio::test]
async fn an_answer_counts_once_by_display_outbox_and_number() {
    let (storage, _database) = storage().await;
    let display = registered(&*storage, 1).await;
    let other = registered(&*storage, 2).await;
    let first = answer(1, "4", "2026-11-20");
    take(&*storage, &display, "", std::slice::from_ref(&first)).await;
    take(
        &*storage,
        &display,
        "",
        &[first.clone(), answer(2, "4", "2026-11-21")],
    )
    .await;
    assert_eq!(counted(&*storage).await, [("4".to_owned(), 2)]);
    take(
        &*storage,
        &display,
        "second-outbox",
        std::slice::from_ref(&first),
    )
    .await;
    take(&*storage, &other, "", std::slice::from_ref(&first)).await;
    assert_eq!(counted(&*storage).await, [("4".to_owned(), 4)]);

    // The number decides, also where the answer is another.
    take(&*storage, &display, "", &[answer(1, "5", "2026-11-22")]).await;
    assert_eq!(counted(&*storage).await, [("4".to_owned(), 4)]);
}

#[tokio::test]
async fn counts_have_the_first_and_the_last_day_and_the_order_of_bytes() {
    let (storage, _database) = storage().await;
    let display = registered(&*storage, 1).await;
    let answers = [
        answer(1, "ch", "2026-11-20"),
        answer(2, "d", "2026-11-20"),
        answer(3, "B", "2026-11-20"),
        answer(u64::MAX, "a", "2026-12-01"),
        answer(5, "a", "2026-11-30"),
    ];
    take(&*storage, &display, "", &answers).await;
    let counts = storage.count_answers().await.unwrap();
    let order: Vec<&str> = counts.iter().map(|one| one.answer.as_str()).collect();
    assert_eq!(order, ["B", "a", "ch", "d"]);
    let expected = AnswerCount {
        board: "lipnice".to_owned(),
        survey: "park".to_owned(),
        question: "benches".to_owned(),
        answer: "a".to_owned(),
        first: "2026-11-30".parse().unwrap(),
        last: "2026-12-01".parse().unwrap(),
        count: 2,
    };
    assert_eq!(counts[1], expected);
}

#[tokio::test]
async fn answers_are_taken_all_or_none() {
    let (storage, database) = storage().await;
    let display = registered(&*storage, 1).await;
    // A table that refuses the second answer.
    database
        .execute(
            "DROP TABLE answer; \
             CREATE TABLE answer (display_id TEXT, outbox TEXT, number BIGINT CHECK (number <> 2), \
             board_id TEXT, survey TEXT, question TEXT, answer TEXT, day DATE, \
             received_at TIMESTAMPTZ, PRIMARY KEY (display_id, outbox, number))",
        )
        .await;
    let answers = [1, 2, 3].map(|number| answer(number, "4", "2026-11-20"));
    let taken = storage.take_answers(&display, "", &answers, start(), MOST);
    let taken = taken.await;
    assert!(matches!(taken, Err(StorageError::Database(_))), "{taken:?}");
    assert_eq!(counted(&*storage).await, []);
    take(&*storage, &display, "", &answers[..1]).await;
    assert_eq!(counted(&*storage).await, [("4".to_owned(), 1)]);
}

#[tokio::test]
async fn a_display_has_room_for_so_many_answers_a_day() {
    let (storage, _database) = storage().await;
    let [display, other] = [
        registered(&*storage, 1).await,
        registered(&*storage, 2).await,
    ];
    let answers: Vec<_> = (1..=4).map(|n| answer(n, "4", "2026-11-20")).collect();
    let take = async |display: &RegisteredDisplay, answers: &[NumberedAnswer], hours| {
        let now = start() + TimeDelta::hours(hours);
        let taken = storage.take_answers(display, "", answers, now, 3);
        taken.await.unwrap()
    };
    assert!(take(&display, &answers[..2], 0).await);
    assert!(!take(&display, &answers, 1).await);
    assert_eq!(counted(&*storage).await, [("4".to_owned(), 2)]);
    assert!(take(&display, &answers[..3], 1).await);
    assert!(!take(&display, &answers[3..], 23).await);
    // What was taken before is acknowledged again.
    assert!(take(&display, &answers[..3], 23).await);
    assert!(take(&other, &answers[..3], 23).await);
    assert!(take(&display, &answers, 24).await);
    assert_eq!(counted(&*storage).await, [("4".to_owned(), 7)]);
}
