//! `GET now?nonce=`: the signed time. A device that has lost its clock requests this first.
//!
//! It names the numbers of what is to be fetched, so that what is out of date is signed anew here. Where that fails, on a
//! full disk for instance, the numbers are those of what is stored: time and alerts wait for no assignment.

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
use crate::error::causes;
use crate::http_service::{KnownDisplay, Service};
use crate::publish::PublishError;
use crate::storage::RegisteredDisplay;

#[derive(Deserialize)]
pub(super) struct Question {
    nonce: Option<String>,
}

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    DisplayAtAnyTime(KnownDisplay { display, storage }): DisplayAtAnyTime,
    Query(question): Query<Question>,
) -> Result<impl IntoResponse, ApiError> {
    let nonce = question
        .nonce
        .filter(|nonce| (1..=MAX_NONCE_LENGTH).contains(&nonce.chars().count()))
        .ok_or(ApiError::BadRequest("`nonce` must have 1 to 64 characters"))?;
    let manifest = match service
        .publisher
        .manifest(&*storage, &display.board, 0)
        .await
    {
        Ok(manifest) => manifest,
        Err(error) => {
            log(&display, &error);
            storage.manifest(&display.board).await?
        }
    };
    let assignment = match service.publisher.assignment(&*storage, &display, 0).await {
        Ok(assignment) => Some(assignment),
        Err(error) => {
            log(&display, &error);
            storage.assignment(&display.id).await?
        }
    };
    let now = Now {
        nonce,
        instant: clock::time_for_displays(&service.clock.now()),
        manifest_number: manifest.map_or(0, |manifest| manifest.number),
        assignment_number: assignment.map_or(0, |assignment| assignment.number),
        display: Some(display.id),
    };
    let envelope = Envelope::seal(&now, &service.key);
    Ok(([(CONTENT_TYPE, "application/json")], envelope.to_bytes()))
}

fn log(asking: &RegisteredDisplay, error: &PublishError) {
    let error = causes(error);
    tracing::error!(display = %asking.id, error, "what a display needs cannot be signed anew");
}
