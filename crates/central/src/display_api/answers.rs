//! `POST answers`: answers to surveys, numbered by the display.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use vyveska_wire::survey::{
    AnswersTaken, MAX_ANSWERS, MAX_ID_LENGTH, NumberedAnswer, SurveyAnswers,
};

use super::ApiError;
use super::auth::DisplayWithBody;
use crate::http_service::{KnownDisplay, Service};

/// The most answers of a display in a day: more than people can touch, and few enough that a stolen display fills no
/// disk. A display keeps what is refused, and sends it again.
const MOST_A_DAY: u32 = 5_000;

pub(super) async fn post(
    State(service): State<Arc<Service>>,
    DisplayWithBody(KnownDisplay { display, storage }, body): DisplayWithBody,
) -> Result<Json<AnswersTaken>, ApiError> {
    let SurveyAnswers { outbox, answers } = serde_json::from_slice(&body)
        .map_err(|_| ApiError::BadRequest("the body is no list of numbered answers"))?;
    if answers.is_empty() || answers.len() > MAX_ANSWERS {
        return Err(ApiError::BadRequest("send 1 to 100 answers at once"));
    }
    let outbox = outbox.unwrap_or_default();
    if !answers.iter().all(is_within_bounds) || !(outbox.is_empty() || is_id(&outbox)) {
        return Err(ApiError::BadRequest(
            "numbers must be positive, identifiers 1 to 64 letters, digits and hyphens",
        ));
    }
    let now = service.clock.now().earliest;
    let taken = storage.take_answers(&display, &outbox, &answers, now, MOST_A_DAY);
    if !taken.await? {
        return Err(ApiError::TooManyAnswers);
    }
    let up_to = answers.iter().map(|one| one.number).max().unwrap_or(0);
    Ok(Json(AnswersTaken { up_to }))
}

/// Only the form is checked: the survey may have changed since, and an answer to an old question still counts.
fn is_within_bounds(answer: &NumberedAnswer) -> bool {
    let given = &answer.answer;
    (1..=i64::MAX as u64).contains(&answer.number)
        && [&given.survey, &given.question, &given.answer]
            .into_iter()
            .all(|id| is_id(id))
}

fn is_id(text: &str) -> bool {
    (1..=MAX_ID_LENGTH).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
