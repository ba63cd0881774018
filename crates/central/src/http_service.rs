//! The HTTP server: the routes of displays and of the public behind the same limits, and what their handlers share.
//!
//! It speaks HTTP/1.1, so that a connection has one request at a time; a proxy in front of it may speak what it likes.

mod access;
mod client;
mod connections;
mod pace;
#[cfg(test)]
mod tests;
mod watched;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{HeaderName, HeaderValue};
use axum::http::{Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use url::Url;
use vyveska_board::Clock;
use vyveska_wire::keys::KeyPair;

use crate::account::password::Passwords;
use crate::config::Config;
use crate::document::blobs::Blobs;
use crate::entropy::Entropy;
use crate::publish::Publisher;
use crate::published_board::PublishedBoards;
use crate::status::StatusInbox;

use connections::{Connections, OpenConnection};
use watched::{WatchedBody, WatchedStream};

pub use access::{Access, KnownAccount, KnownDisplay};

pub(crate) use connections::Connection;
pub use connections::NoFreeSlot;

/// How long a response may take to start once the request's body is there.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest request body; a hundred survey answers need less than half of it.
pub(crate) const MAX_BODY_BYTES: u64 = 64 * 1024;

/// Connections that the system keeps until they are accepted.
const BACKLOG: u32 = 4096;
/// What the system keeps of a response that its client does not take.
const SEND_BUFFER_BYTES: u32 = 64 * 1024;
/// The longest head of a request, and what is kept here of a response that its client does not take.
const MAX_HEADER_BYTES: usize = 16 * 1024;
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
    /// To the database, for extractors.
    pub access: Access,
    pub blobs: Blobs,
    pub publisher: Arc<Publisher>,
    /// Ends event streams at shutdown.
    pub shutdown: CancellationToken,
    pub boards: PublishedBoards,
    pub statuses: Arc<StatusInbox>,
    pub entropy: Arc<dyn Entropy>,
    pub passwords: Passwords,
}

/// The routes with what holds for each of them.
fn router(routes: Router<Arc<Service>>, service: Arc<Service>) -> Router {
    let body_time = service.config.service.limits.body_time(MAX_BODY_BYTES);
    routes
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            body_time + RESPONSE_TIMEOUT,
        ))
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

/// Listens on an address; port 0 takes a free one.
///
/// # Errors
///
/// When the address cannot be listened on.
pub fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // Connections of the service before this one may still be closing.
    socket.set_reuseaddr(true)?;
    // Accepted connections take it over.
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves requests until `shutdown` is cancelled, then finishes those under way.
///
/// An accept loop of its own rather than `axum::serve`, for limits that axum does not offer.
pub async fn serve(
    listener: TcpListener,
    routes: Router<Arc<Service>>,
    service: Arc<Service>,
    shutdown: CancellationToken,
) {
    let connections = Connections::new(&service.config.service);
    let router = router(routes, service);
    let graceful = GracefulShutdown::new();
    let mut overdue = pin!(connections.end_overdue());
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            never = &mut overdue => match never {},
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Usually out of file descriptors; only waiting helps.
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
        };
        // Without Nagle's delay for small responses; failure costs only latency.
        let _ = stream.set_nodelay(true);
        let Some(open) = connections.open(peer.ip()) else {
            continue;
        };
        tokio::spawn(serve_connection(
            stream,
            open,
            router.clone(),
            graceful.watcher(),
        ));
    }
    drop(listener);
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some responses were cut off");
    }
}

/// Serves the requests of one connection until it ends, or has to.
async fn serve_connection<S>(stream: S, open: OpenConnection, router: Router, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let connection = open.connection.clone();
    let stream = WatchedStream {
        stream,
        connection: connection.clone(),
    };
    let respond = service_fn(move |request: Request<Incoming>| {
        let answering = connection.begin();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(connection.clone());
        let response = router.clone().oneshot(request);
        async move {
            let response = response.await?;
            Ok::<_, Infallible>(response.map(|body| WatchedBody {
                body,
                _answering: answering,
            }))
        }
    });
    let served = http1::Builder::new()
        // The head's time is kept by `connections`.
        .header_read_timeout(None)
        .max_headers(64)
        .max_buf_size(MAX_HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), respond);
    tokio::select! {
        served = watcher.watch(served) => if let Err(error) = served {
            tracing::debug!(%error, "a connection was lost");
        },
        () = open.end.cancelled() => tracing::debug!("a connection was ended"),
    }
}
