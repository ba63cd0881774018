//! The public boards: pages that work without a script, and the same as open data.
//!
//! Everything here is rendered from the bytes of the notices section that displays get,
//! so that screen and web cannot say different things.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::{Redirect, Response};
use axum::routing::get;
use axum::{Extension, Router};
use tower::limit::GlobalConcurrencyLimitLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::http_service::{Connection, Service};

pub mod admin;
mod document;
mod error;
mod list;
mod notice;
mod open_data;
mod overview;
mod shown;
mod style;

use error::WebError;

/// Pages that are made at once. Further requests wait for one of these, and not, where displays would have to wait with
/// them, for the processor and the database.
const MAX_CONCURRENT_REQUESTS: usize = 4;

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub fn router() -> Router<Arc<Service>> {
    let pages = Router::new()
        .route("/", get(overview::get))
        .route("/static/board.css", get(style::get))
        .route("/{board}", get(to_list))
        .route("/{board}/", get(list::get))
        .route("/{board}/notice/{id}", get(notice::get))
        .fallback(async || WebError::NoPage)
        .layer(SetResponseHeaderLayer::overriding(
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ))
        .layer(CompressionLayer::new());
    Router::new()
        .route("/{board}/document/{hash}", get(document::get))
        .route(
            "/{board}/opendata.jsonld",
            get(open_data::get).layer(CompressionLayer::new()),
        )
        .merge(pages)
        .layer(SetResponseHeaderLayer::overriding(
            HeaderName::from_static("x-frame-options"),
            HeaderValue::from_static("DENY"),
        ))
        .layer(GlobalConcurrencyLimitLayer::new(MAX_CONCURRENT_REQUESTS))
        .layer(middleware::from_fn(take_slot))
}

async fn take_slot(
    Extension(connection): Extension<Connection>,
    request: Request,
    next: Next,
) -> Result<Response, WebError> {
    connection.serve_public(request.headers())?;
    Ok(next.run(request).await)
}

async fn to_list(
    axum::extract::Path(board): axum::extract::Path<String>,
) -> Result<Redirect, WebError> {
    // Only characters of a board's name, so that it cannot redirect to another site.
    let name: String = board
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-')
        .collect();
    if name.is_empty() {
        return Err(WebError::NoPage);
    }
    Ok(Redirect::permanent(&format!("/{name}/")))
}
