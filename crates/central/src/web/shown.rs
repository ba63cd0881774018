//! The board that the address of a request names, as its newest publication has it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::Deserialize;
use vyveska_board::format::ranges::moment;
use vyveska_board::{Language, Moment};

use super::error::WebError;
use crate::error::causes;
use crate::http_service::Service;
use crate::published_board::{LastRead, PublishedBoard, PublishedBoardError, PublishedBoards};

/// How long a page waits for the database; jobs, which nobody waits for, have more patience.
const PATIENCE: Duration = Duration::from_secs(3);

/// A board, and how old that is where nothing newer can be read.
pub(super) struct Shown {
    pub(super) board: Arc<PublishedBoard>,
    /// „21. 11. 2026 ve 14.30"
    pub(super) as_of: Option<String>,
}

/// The address of whatever is of a board.
#[derive(Deserialize)]
struct Address {
    board: String,
}

impl FromRequestParts<Arc<Service>> for Shown {
    type Rejection = WebError;

    async fn from_request_parts(
        parts: &mut Parts,
        service: &Arc<Service>,
    ) -> Result<Self, WebError> {
        let address = Path::<Address>::from_request_parts(parts, service).await;
        let Path(Address { board }) = address.map_err(|_| WebError::NoPage)?;
        published(service, &board).await
    }
}

/// The newest publication of a board; the one last read while the database does not answer.
async fn published(service: &Service, id: &str) -> Result<Shown, WebError> {
    let board = service.config.board(id).ok_or(WebError::NoPage)?;
    let storage = service.access.of_board(board);
    let (boards, now) = (&service.boards, service.clock.now().earliest);
    let newest = boards.newest(id, &*storage, &service.blobs, now);
    match in_time(boards, newest).await {
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
    boards: &PublishedBoards,
    asked: impl Future<Output = Result<T, PublishedBoardError>>,
) -> Result<T, WebError> {
    if boards.is_silent() {
        let reason = "the database did not answer a moment ago";
        return Err(WebError::Unavailable(reason.into()));
    }
    let answered = tokio::time::timeout(PATIENCE, asked).await;
    let answered = answered.inspect_err(|_| boards.note_silence());
    Ok(answered.map_err(|elapsed| WebError::Unavailable(Box::new(elapsed)))??)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_page_does_not_wait_for_a_database_that_does_not_answer() {
        let boards = PublishedBoards::default();
        let silent = || std::future::pending::<Result<(), _>>();
        let start = tokio::time::Instant::now();
        for waited in [PATIENCE, PATIENCE] {
            let error = in_time(&boards, silent()).await.unwrap_err();
            assert!(matches!(error, WebError::Unavailable(_)), "{error:?}");
            assert_eq!(start.elapsed(), waited, "nobody waits for it twice");
        }
        tokio::time::advance(Duration::from_secs(5)).await;
        in_time(&boards, async { Ok(()) }).await.unwrap();
    }
}
