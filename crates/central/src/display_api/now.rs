//! `GET now?nonce=`: the signed time. A device that has lost its clock requests this first.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde::Deserialize;
use vyveska_wire::envelope::Envelope;
use vyveska_wire::now::{MAX_NONCE_LENGTH, Now};

use super::ApiError;
use super::auth::DisplayAtAnyTime;
use crate::clock;
use crate::http_service::Service;

#[derive(Deserialize)]
pub(super) struct Question {
    nonce: Option<String>,
}

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    DisplayAtAnyTime(display): DisplayAtAnyTime,
    Query(question): Query<Question>,
) -> Result<impl IntoResponse, ApiError> {
    let nonce = question
        .nonce
        .filter(|nonce| (1..=MAX_NONCE_LENGTH).contains(&nonce.chars().count()))
        .ok_or(ApiError::BadRequest("`nonce` must have 1 to 64 characters"))?;
    let manifest = service.publisher.manifest(&display.board, 0).await?;
    let assignment = service.publisher.assignment(&display, 0).await?;
    let now = Now {
        nonce,
        instant: clock::time_for_displays(&service.clock.now()),
        manifest_number: manifest.map_or(0, |manifest| manifest.number),
        assignment_number: assignment.number,
        display: Some(display.id),
    };
    let envelope = Envelope::seal(&now, &service.key);
    Ok(([(CONTENT_TYPE, "application/json")], envelope.to_bytes()))
}
