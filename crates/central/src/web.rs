//! The public boards: pages that work without a script, and the same as open data.
//!
//! Everything here is rendered from the bytes of the notices section that displays get,
//! so that screen and web cannot say different things.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::{Redirect, Response};
use axum::routing::get;
use axum::{Extension, Router};
use tower::limit::GlobalConcurrencyLimitLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use vyveska_board::format::ranges::moment;
use vyveska_board::{Language, Moment};

use crate::error::causes;
use crate::http_service::{Connection, Service};
use crate::published_board::{LastRead, PublishedBoard, PublishedBoardError};

mod document;
mod error;
mod list;
mod notice;
mod open_data;
mod overview;
mod style;

use error::WebError;

/// Pages that are made at once. Further requests wait for one of these, and not, where displays would have to wait with
/// them, for the processor and the database.
const MAX_CONCURRENT_REQUESTS: usize = 4;

/// How long a page waits for the database; jobs, which nobody waits for, have more patience.
const PATIENCE: Duration = Duration::from_secs(3);

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

/// A board, and how old that is where nothing newer can be read.
struct Shown {
    board: Arc<PublishedBoard>,
    /// „21. 11. 2026 ve 14.30"
    as_of: Option<String>,
}

/// The newest publication of a board; the one last read while the database does not answer.
async fn published(service: &Service, id: &str) -> Result<Shown, WebError> {
    if service.config.board(id).is_none() {
        return Err(WebError::NoPage);
    }
    let (boards, now) = (&service.boards, service.clock.now().earliest);
    let newest = boards.newest(id, &*service.storage, &service.blobs, now);
    match in_time(newest).await {
        Err(error @ WebError::Unavailable(_)) => {
            let Some(LastRead { board, at }) = boards.last_read(id) else {
                return Err(error);
            };
            let error = causes(&error);
            tracing::error!(board = id, error, "the board is shown as it was last read");
            let as_of = moment(&Moment::Instant(at), Language::Czech);
            Ok(Shown { board, as_of })
        }
        newest => {
            let board = newest?.ok_or(WebError::NothingPublished)?;
            Ok(Shown { board, as_of: None })
        }
    }
}

/// Gives the database up that does not answer.
async fn in_time<T>(
    asked: impl Future<Output = Result<T, PublishedBoardError>>,
) -> Result<T, WebError> {
    let answered = tokio::time::timeout(PATIENCE, asked).await;
    Ok(answered.map_err(|elapsed| WebError::Unavailable(Box::new(elapsed)))??)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_page_does_not_wait_for_a_database_that_does_not_answer() {
        let silent = std::future::pending::<Result<(), _>>();
        let error = in_time(silent).await.unwrap_err();
        assert!(matches!(error, WebError::Unavailable(_)), "{error:?}");
    }
}
