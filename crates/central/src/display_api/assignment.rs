//! `GET assignment`: what is the display's own, signed.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::ApiError;
use super::auth::Display;
use super::signed::{held_number, respond};
use crate::http_service::{KnownDisplay, Service};

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    Display(KnownDisplay { display, storage }): Display,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let held = held_number(&headers, service.clock.now().earliest);
    let assignment = service
        .publisher
        .assignment(&*storage, &display, held)
        .await?;
    Ok(respond(&headers, assignment.number, assignment.bytes))
}
