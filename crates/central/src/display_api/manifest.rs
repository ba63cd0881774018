//! `GET manifest`: the display's signed manifest.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::ApiError;
use super::auth::Display;
use crate::content_response::lists_etag;
use crate::http_service::Service;

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    Display(display): Display,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let manifest = service
        .publisher
        .manifest(&display)
        .await?
        .ok_or(ApiError::NothingPublished)?;
    let etag = format!("\"{}\"", manifest.number);
    if lists_etag(&headers, IF_NONE_MATCH, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response());
    }
    let content_type = "application/json".to_owned();
    Ok(([(ETAG, etag), (CONTENT_TYPE, content_type)], manifest.bytes).into_response())
}
