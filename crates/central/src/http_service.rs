//! The HTTP side: one router for displays and the public, within bounds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{HeaderName, HeaderValue};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use url::Url;
use vyveska_board::Clock;
use vyveska_wire::keys::KeyPair;

use crate::config::Config;
use crate::display_api;
use crate::document::blobs::Blobs;
use crate::publish::Publisher;
use crate::storage::Storage;
use crate::web;
use crate::web::board::PublishedBoard;

/// How long an answer may take to begin.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest body a request may have; nothing takes one yet.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// How many requests are worked on at once.
const AT_ONCE: usize = 512;

/// What requests are answered from.
pub struct Service {
    /// The configuration.
    pub config: Arc<Config>,
    /// Where people reach the boards.
    pub public_url: Url,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Signs what is said with authority.
    pub key: KeyPair,
    /// Remembers.
    pub storage: Arc<dyn Storage>,
    /// Keeps bytes.
    pub blobs: Blobs,
    /// Publishes.
    pub publisher: Arc<Publisher>,
    /// Ends streams that would go on for ever.
    pub shutdown: CancellationToken,
    /// The boards as last read from their sections, by id.
    pub boards: Mutex<HashMap<String, Arc<PublishedBoard>>>,
}

/// Every route of the service.
pub fn router(service: Arc<Service>) -> Router {
    let answers = Router::new()
        .merge(display_api::router())
        .merge(web::router())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            ANSWER_TIMEOUT,
        ))
        .layer(GlobalConcurrencyLimitLayer::new(AT_ONCE));
    answers
        .layer(RequestBodyLimitLayer::new(MAX_BODY_BYTES))
        .layer(SetResponseHeaderLayer::overriding(
            HeaderName::from_static("x-content-type-options"),
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static("referrer-policy"),
            HeaderValue::from_static("no-referrer"),
        ))
        .with_state(service)
}

/// Answers requests until told to stop, and then those that were begun.
pub async fn serve(listener: TcpListener, service: Arc<Service>, shutdown: CancellationToken) {
    let serving = axum::serve(listener, router(service))
        .with_graceful_shutdown(async move { shutdown.cancelled().await });
    if let Err(error) = serving.await {
        tracing::error!(%error, "the HTTP service failed");
    }
}
