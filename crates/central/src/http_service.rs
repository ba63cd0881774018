//! The HTTP server: one router for displays and the public, with limits.

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

/// How long a response may take to start.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest request body; a hundred survey answers need less than half of it.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// Further requests wait until one of these is answered.
const MAX_CONCURRENT_REQUESTS: usize = 512;

/// Open connections; every display keeps one for its event stream.
const MAX_CONNECTIONS: usize = 4096;
/// How long a client may take to send the headers of a request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);
const MAX_HEADER_BYTES: usize = 64 * 1024;
/// How long responses under way may take at shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// The state shared by all handlers.
pub struct Service {
    pub config: Arc<Config>,
    /// The base address of the public boards.
    pub public_url: Url,
    pub clock: Arc<dyn Clock>,
    /// Signs answers to displays.
    pub key: KeyPair,
    pub storage: Arc<dyn Storage>,
    pub blobs: Blobs,
    pub publisher: Arc<Publisher>,
    /// Ends event streams at shutdown.
    pub shutdown: CancellationToken,
    /// The boards as last read from their notices sections, by id.
    pub boards: Mutex<HashMap<String, Arc<PublishedBoard>>>,
}

pub fn router(service: Arc<Service>) -> Router {
    let answers = Router::new()
        .merge(display_api::router())
        .merge(web::router())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            RESPONSE_TIMEOUT,
        ))
        .layer(GlobalConcurrencyLimitLayer::new(MAX_CONCURRENT_REQUESTS));
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

/// Serves requests until `shutdown` is cancelled, then finishes those under way.
///
/// An accept loop of its own rather than `axum::serve`, for limits that axum does not offer:
/// the number of connections, and the time for sending headers.
pub async fn serve(listener: TcpListener, service: Arc<Service>, shutdown: CancellationToken) {
    let router = TowerToHyperService::new(router(service));
    let protocol = protocol();
    let open = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    loop {
        let Ok(permit) = open.clone().acquire_owned().await else {
            break;
        };
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Usually out of file descriptors; only waiting helps.
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
        };
        // Without Nagle's delay for small responses; failure costs only latency.
        let _ = stream.set_nodelay(true);
        let connection = protocol
            .serve_connection(TokioIo::new(stream), router.clone())
            .into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error, "a connection was lost");
            }
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some responses were cut off");
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
