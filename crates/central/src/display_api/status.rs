//! `POST status`: how a display is, told by itself.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use chrono::TimeDelta;
use vyveska_board::settings::StaleAfterMinutes;
use vyveska_wire::status::{MAX_NUMBER_OFFSET_MS, Status, StatusError};

use super::ApiError;
use super::auth::DisplayWithBody;
use crate::clock::time_for_displays;
use crate::http_service::{KnownDisplay, Service};
use crate::status::state::DisplayCondition;
use crate::storage::NewStatus;

pub(super) async fn post(
    State(service): State<Arc<Service>>,
    DisplayWithBody(KnownDisplay { display, .. }, body): DisplayWithBody,
) -> Result<StatusCode, ApiError> {
    let status = Status::read(&body)?;
    let clock = service.clock.now();
    let said = time_for_displays(&clock);
    let expected = u64::try_from(said.timestamp_millis()).unwrap_or_default();
    // A number of another time would hide all that come until then.
    if status.number.abs_diff(expected) > MAX_NUMBER_OFFSET_MS {
        return Err(StatusError::Absurd("number").into());
    }
    let board = service.config.board(&display.board);
    let stale_after = board.map_or_else(StaleAfterMinutes::default_value, |board| {
        board.stale_after_minutes
    });
    let stale_after = TimeDelta::minutes(stale_after.into());
    let state = DisplayCondition::worst_of(&status, stale_after, said);
    service.statuses.take(NewStatus {
        display: display.id,
        number: status.number,
        heard_at: clock.earliest,
        state: state.name().to_owned(),
        status: String::from_utf8(status.to_bytes()).expect("JSON is UTF-8"),
    });
    Ok(StatusCode::NO_CONTENT)
}
