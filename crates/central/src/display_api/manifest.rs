//! `GET manifest`: the display's signed manifest.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use vyveska_wire::manifest::entity_tag;

use super::ApiError;
use super::auth::Display;
use crate::content_response::lists_etag;
use crate::http_service::Service;

/// The milliseconds of the epoch in the year 5138.
const MAX_NUMBER: u64 = 100_000_000_000_000;

/// The number of the manifest that the display has; 0 when it does not say.
fn held_number(headers: &HeaderMap) -> u64 {
    let etag = headers
        .get(IF_NONE_MATCH)
        .and_then(|etag| etag.to_str().ok());
    let number = etag.and_then(|etag| etag.trim_start_matches("W/").trim_matches('"').parse().ok());
    // No true number is larger: numbers are milliseconds of the epoch, or little more.
    number.filter(|number| *number <= MAX_NUMBER).unwrap_or(0)
}

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    Display(display): Display,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let manifest = service
        .publisher
        .manifest(&display, held_number(&headers))
        .await?
        .ok_or(ApiError::NothingPublished)?;
    let etag = entity_tag(manifest.number);
    if lists_etag(&headers, IF_NONE_MATCH, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response());
    }
    let content_type = "application/json".to_owned();
    Ok(([(ETAG, etag), (CONTENT_TYPE, content_type)], manifest.bytes).into_response())
}
