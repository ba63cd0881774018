//! A small central service over real HTTP on loopback, for tests.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use futures_util::{StreamExt as _, stream};
use tokio::sync::watch;
use vyveska_wire::envelope::Envelope;
use vyveska_wire::manifest::entity_tag;
use vyveska_wire::now::Now;
use vyveska_wire::token::{self, RequestBinding};

use crate::store::samples::{self, SampleBoard};

pub(crate) fn central_now() -> DateTime<Utc> {
    "2026-11-21T13:32:00Z".parse().unwrap()
}

pub(crate) type BeforeChunk = Box<dyn FnMut() + Send>;

/// State that a test may change while the service runs.
#[derive(Clone)]
pub(crate) struct SampleCentral {
    pub(crate) board: Arc<Mutex<Option<SampleBoard>>>,
    pub(crate) newest: watch::Sender<u64>,
    pub(crate) ranges: Arc<Mutex<Vec<String>>>,
    /// Called before each chunk of content is sent.
    pub(crate) before_chunk: Arc<Mutex<Option<BeforeChunk>>>,
}

impl SampleCentral {
    pub(crate) fn new() -> Self {
        Self {
            board: Arc::default(),
            newest: watch::Sender::new(0),
            ranges: Arc::default(),
            before_chunk: Arc::default(),
        }
    }

    pub(crate) fn publish(&self, board: SampleBoard) {
        let number = board.number;
        *self.board.lock().unwrap() = Some(board);
        self.newest.send_replace(number);
    }

    /// Serves in a thread of its own until the process ends.
    pub(crate) fn serve(&self) -> SocketAddr {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/base/display/v1/now", get(now))
            .route("/base/display/v1/manifest", get(manifest))
            .route("/base/display/v1/content/{hash}", get(content))
            .route("/base/display/v1/events", get(events))
            .with_state(self.clone());
        std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
                .block_on(async {
                    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                    axum::serve(listener, router).await.unwrap();
                });
        });
        address
    }
}

/// Checks the token as central does, except for the request for the time, whose clock may be wrong.
fn let_in(uri: &OriginalUri, headers: &HeaderMap, at: DateTime<Utc>) -> Result<(), StatusCode> {
    let path_and_query = uri.path_and_query().unwrap().as_str();
    let binding = RequestBinding {
        method: "GET",
        path_and_query,
        body: b"",
    };
    let token = headers[header::AUTHORIZATION]
        .to_str()
        .unwrap()
        .strip_prefix("Bearer ")
        .unwrap();
    match token::verify(token, binding, at) {
        Ok(display) if display.id == samples::display() => Ok(()),
        _ => Err(StatusCode::UNAUTHORIZED),
    }
}

async fn now(
    State(central): State<SampleCentral>,
    Query(query): Query<HashMap<String, String>>,
) -> Vec<u8> {
    let answer = Now {
        display: Some(samples::display()),
        nonce: query["nonce"].clone(),
        instant: central_now(),
        manifest_number: *central.newest.borrow(),
        assignment_number: 0,
    };
    Envelope::seal(&answer, &samples::central()).to_bytes()
}

async fn manifest(
    State(central): State<SampleCentral>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let_in(&uri, &headers, central_now())?;
    let board = central.board.lock().unwrap().clone();
    let board = board.ok_or(StatusCode::NOT_FOUND)?;
    let etag = entity_tag(board.number);
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|tag| tag.as_bytes() == etag.as_bytes())
    {
        return Err(StatusCode::NOT_MODIFIED);
    }
    Ok(([(header::ETAG, etag)], board.envelope).into_response())
}

async fn content(
    State(central): State<SampleCentral>,
    Path(hash): Path<String>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let_in(&uri, &headers, central_now())?;
    let hash = hash.parse().map_err(|_| StatusCode::BAD_REQUEST)?;
    let board = central.board.lock().unwrap().clone();
    let bytes = board
        .as_ref()
        .and_then(|board| board.bytes(&vyveska_wire::manifest::ContentHash(hash)))
        .cloned()
        .ok_or(StatusCode::NOT_FOUND)?;
    let range = headers
        .get(header::RANGE)
        .map(|range| range.to_str().unwrap().to_owned());
    let start: usize = match &range {
        Some(range) => {
            central.ranges.lock().unwrap().push(range.clone());
            range
                .strip_prefix("bytes=")
                .unwrap()
                .trim_end_matches('-')
                .parse()
                .unwrap()
        }
        None => 0,
    };
    let total = bytes.len();
    let chunks: Vec<Vec<u8>> = bytes[start..].chunks(1000).map(<[u8]>::to_vec).collect();
    let body = Body::from_stream(stream::iter(chunks).map(move |chunk| {
        if let Some(before_chunk) = &mut *central.before_chunk.lock().unwrap() {
            before_chunk();
        }
        Ok::<_, Infallible>(chunk)
    }));
    Ok(match range {
        Some(_) => (
            StatusCode::PARTIAL_CONTENT,
            [(
                header::CONTENT_RANGE,
                format!("bytes {start}-{}/{total}", total - 1),
            )],
            body,
        )
            .into_response(),
        None => body.into_response(),
    })
}

async fn events(
    State(central): State<SampleCentral>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let_in(&uri, &headers, central_now())?;
    let mut newest = central.newest.subscribe();
    newest.mark_unchanged();
    let news = stream::unfold(newest, |mut newest| async move {
        newest.changed().await.ok()?;
        let number = *newest.borrow_and_update();
        let event = Event::default()
            .event("manifest")
            .data(format!("{{\"number\":{number}}}"));
        Some((Ok::<_, Infallible>(event), newest))
    });
    Ok(Sse::new(news)
        .keep_alive(KeepAlive::default())
        .into_response())
}
