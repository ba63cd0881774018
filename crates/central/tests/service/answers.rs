//! `POST /display/v1/answers`.

use chrono::{NaiveDate, TimeDelta};
use vyveska_wire::survey::{AnswersTaken, NumberedAnswer, SurveyAnswer, SurveyAnswers};

use crate::device::{Device, refusal};
use crate::town::Town;

pub(crate) fn answers(numbers: &[u64], answer: &str) -> Vec<u8> {
    answers_of(None, numbers, answer)
}

fn answers_of(outbox: Option<&str>, numbers: &[u64], answer: &str) -> Vec<u8> {
    let day: NaiveDate = "2026-11-21".parse().unwrap();
    let one = |number: &u64| NumberedAnswer {
        number: *number,
        answer: SurveyAnswer {
            survey: "urad".into(),
            question: "spokojenost".into(),
            answer: answer.into(),
            day,
        },
    };
    let answers = SurveyAnswers {
        outbox: outbox.map(str::to_owned),
        answers: numbers.iter().map(one).collect(),
    };
    serde_json::to_vec(&answers).unwrap()
}

async fn counted(town: &Town) -> Vec<(String, i64)> {
    let counts = town.central.count_answers().await.unwrap();
    counts
        .into_iter()
        .map(|one| (one.answer, one.count))
        .collect()
}

pub(crate) async fn send(device: &Device<'_>, body: Vec<u8>) -> AnswersTaken {
    let response = device.post("answers", body).await;
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

#[tokio::test]
async fn answers_are_stored_and_sending_them_again_changes_nothing() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let taken = send(&device, answers(&[5, 6], "4")).await;
    assert_eq!(taken.up_to, 6);
    assert_eq!(counted(&town).await, [("4".to_owned(), 2)]);

    // The acknowledgement was lost, and one more was given meanwhile.
    let taken = send(&device, answers(&[5, 6, 9], "4")).await;
    assert_eq!(taken.up_to, 9);
    assert_eq!(counted(&town).await, [("4".to_owned(), 3)]);

    // Numbers are each display's own.
    send(&Device::new(&town, 2), answers(&[5], "1")).await;
    let both = [("1".to_owned(), 1), ("4".to_owned(), 3)];
    assert_eq!(counted(&town).await, both);
}

#[tokio::test]
async fn the_same_number_of_another_outbox_is_another_answer() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    // Before its display was updated, before it lost its outbox, and after.
    for outbox in [None, Some("a1"), Some("b2")] {
        for _ in 0..2 {
            send(&device, answers_of(outbox, &[5, 6], "4")).await;
        }
    }
    assert_eq!(counted(&town).await, [("4".to_owned(), 6)]);
    let refused = device
        .post("answers", answers_of(Some("a/1"), &[7], "4"))
        .await;
    assert_eq!(refused.status(), 400);
}

#[tokio::test]
async fn a_body_that_the_token_was_not_made_for_is_refused() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let request = device.posting("answers", &answers(&[1], "4"));
    let response = request.body(answers(&[1], "5")).send().await.unwrap();
    assert_eq!(refusal(response).await, (401, "token_wrong_request".into()));
    assert!(counted(&town).await.is_empty());
}

#[tokio::test]
async fn what_are_no_answers_is_refused() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let many: Vec<u64> = (1..=101).collect();
    for body in [
        b"rubbish".to_vec(),
        answers(&[], "4"),
        answers(&[0], "4"),
        answers(&[u64::MAX], "4"),
        answers(&[1], ""),
        answers(&[1], "jeden, dva"),
        answers(&[1], &"x".repeat(65)),
        answers(&many, "4"),
    ] {
        let answer = refusal(device.post("answers", body).await).await;
        assert_eq!(answer, (400, "bad_request".into()));
    }
    assert!(counted(&town).await.is_empty());
}

#[tokio::test]
async fn a_stolen_display_fills_no_disk_with_answers() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    for hundred in 0..50 {
        let numbers: Vec<u64> = (1..=100).map(|n| hundred * 100 + n).collect();
        send(&device, answers(&numbers, "4")).await;
    }
    let refused = device.post("answers", answers(&[5001], "4")).await;
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(refusal(refused).await, (429, "too_many_answers".into()));
    assert_eq!(counted(&town).await, [("4".to_owned(), 5000)]);
    // Those of other displays count, and its own a day later.
    send(&Device::new(&town, 2), answers(&[1], "1")).await;
    town.clock.advance(TimeDelta::days(1));
    send(&device, answers(&[5001], "4")).await;
}
