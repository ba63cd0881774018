//! The API for displays, under `/display/v1/`.
//!
//! Every request carries the device's token; responses are for that display or its board (`Cache-Control: private`).
//! A display gets what its board names and nothing else: knowing a hash gives no right to a document.

use std::sync::Arc;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::routing::{get, post};
use tower_http::set_header::SetResponseHeaderLayer;
use vyveska_wire::DISPLAY_API;

use crate::http_service::Service;

mod answers;
mod assignment;
mod auth;
mod content;
mod enrolment;
mod error;
mod events;
mod manifest;
mod now;
mod signed;
mod status;

pub use error::ApiError;

pub fn router() -> Router<Arc<Service>> {
    let routes = Router::new()
        .route("/now", get(now::get))
        .route("/manifest", get(manifest::get))
        .route("/assignment", get(assignment::get))
        .route("/content/{hash}", get(content::get))
        .route("/events", get(events::get))
        .route("/answers", post(answers::post))
        .route("/enrolment", post(enrolment::post))
        .route("/status", post(status::post))
        .fallback(async || ApiError::UnknownRoute)
        .layer(SetResponseHeaderLayer::if_not_present(
            CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        ));
    Router::new().nest(DISPLAY_API, routes)
}
