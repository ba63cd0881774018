//! `GET content/{hash}`: the bytes of a section, a document or a picture.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use vyveska_board::DocumentHash;

use super::ApiError;
use super::auth::Display;
use crate::content_response;
use crate::http_service::{KnownDisplay, Service};

pub(super) async fn get(
    State(service): State<Arc<Service>>,
    Display(KnownDisplay { display, storage }): Display,
    Path(hash): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let hash: DocumentHash = hash.parse().map_err(|_| ApiError::UnknownContent)?;
    let content = storage
        .named_content(&display.board, hash)
        .await?
        .ok_or(ApiError::UnknownContent)?;
    let mut response = content_response::respond(&service.blobs, &content, &headers).await?;
    // Content addressed by its hash never changes.
    response.headers_mut().insert(
        CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=31536000, immutable"),
    );
    Ok(response)
}
