//! The HTTP side: one router for displays and the public, within bounds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{HeaderName, HeaderValue};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
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
/// The largest body a request may have: a hundred answers of passers-by have less than half.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// How many requests are worked on at once.
const AT_ONCE: usize = 512;

/// How many connections may be open; displays keep one each for their events.
const MAX_CONNECTIONS: usize = 4096;
/// How long a client may take over the headers of a request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);
/// How large the headers of a request may be.
const MAX_HEADER_BYTES: usize = 64 * 1024;
/// How long answers that were begun may take to finish when the service ends.
const FINISHING: Duration = Duration::from_secs(5);

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
///
/// A loop of our own rather than axum's, for the bounds axum leaves open:
/// how many connections there are, and how long a client may take over its headers.
pub async fn serve(listener: TcpListener, service: Arc<Service>, shutdown: CancellationToken) {
    let router = TowerToHyperService::new(router(service));
    let protocol = protocol();
    let open = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    loop {
        let Ok(place) = open.clone().acquire_owned().await else {
            break;
        };
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of descriptors, as a rule: waiting is all that helps.
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
        };
        // Small answers should not wait for the next packet; without it they only come later.
        let _ = stream.set_nodelay(true);
        let connection = protocol
            .serve_connection(TokioIo::new(stream), router.clone())
            .into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error, "a connection broke off");
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(FINISHING, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some answers were cut off");
    }
}

fn protocol() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_headers(64)
        .max_buf_size(MAX_HEADER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEADER_TIMEOUT)
        .max_concurrent_streams(64)
        .max_header_list_size(32 * 1024);
    builder
}
