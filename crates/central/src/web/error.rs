//! Error pages, in Czech.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{Html, IntoResponse, Response};

use crate::document::BlobError;
use crate::error::causes;
use crate::http_service::NoFreeSlot;
use crate::published_board::PublishedBoardError;
use crate::storage::StorageError;

/// After how many seconds a browser or a proxy may ask again while the database does not answer.
const UNAVAILABLE_RETRY_AFTER: &str = "30";

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(super) enum WebError {
    #[error("there is nothing at this address")]
    NoPage,
    /// The notice is not posted.
    #[error("the notice is not posted")]
    NoNotice { board: String },
    /// The board has no publication yet.
    #[error("nothing is published yet")]
    NothingPublished,
    /// Stored bytes are damaged and being made again.
    #[error("stored bytes are damaged")]
    Damaged,
    #[error(transparent)]
    Busy(#[from] NoFreeSlot),
    /// The database does not answer: logged, never shown.
    #[error("the database does not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The open data format needs the operator.
    #[error("the open data cannot be written")]
    NoOpenData,
    /// An internal error: logged, never shown.
    #[error("the service failed")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

#[derive(Template)]
#[template(path = "error.html")]
struct Page<'a> {
    title: &'a str,
    message: &'a str,
    back: &'a str,
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let (status, title, message) = match &self {
            Self::NoPage => (
                StatusCode::NOT_FOUND,
                "Stránka tu není",
                "Na této adrese nic není. Možná je v ní překlep.",
            ),
            Self::NoNotice { .. } => (
                StatusCode::NOT_FOUND,
                "Oznámení na desce není",
                "Toto oznámení na úřední desce právě nevisí: buď už bylo sejmuto, nebo ještě nebylo vyvěšeno.",
            ),
            Self::NothingPublished => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Deska se připravuje",
                "Oznámení této úřední desky se teprve načítají. Zkuste to prosím za chvíli.",
            ),
            Self::Damaged => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Obnovuje se",
                "Uložený soubor se poškodil a právě se obnovuje. Zkuste to prosím za chvíli.",
            ),
            Self::Busy(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Právě je tu plno",
                "Úřední desku si teď prohlíží mnoho lidí najednou. Zkuste to prosím za několik sekund.",
            ),
            Self::Unavailable(error) => {
                tracing::error!(
                    error = causes(error.as_ref()),
                    "a page cannot be made without the database"
                );
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "Momentálně nedostupné",
                    "Úřední deska je na této adrese momentálně nedostupná. Zkuste to prosím za chvíli.",
                )
            }
            Self::NoOpenData => (
                StatusCode::NOT_FOUND,
                "Otevřená data chybí",
                "Otevřená data této desky zatím nelze sestavit, protože není znám její provozovatel.",
            ),
            Self::Internal(error) => {
                tracing::error!(error = causes(error.as_ref()), "a page failed");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "Něco se nepovedlo",
                    "Stránku se nepodařilo připravit. Zkuste to prosím za chvíli.",
                )
            }
        };
        let back = match &self {
            Self::NoNotice { board } => format!("/{board}/"),
            _ => "/".to_owned(),
        };
        let page = Page {
            title,
            message,
            back: &back,
        };
        let response = match page.render() {
            Ok(page) => (status, Html(page)).into_response(),
            Err(_) => status.into_response(),
        };
        match self {
            Self::Busy(_) => ([(RETRY_AFTER, NoFreeSlot::RETRY_AFTER)], response).into_response(),
            Self::Unavailable(_) => {
                ([(RETRY_AFTER, UNAVAILABLE_RETRY_AFTER)], response).into_response()
            }
            _ => response,
        }
    }
}

impl From<StorageError> for WebError {
    fn from(error: StorageError) -> Self {
        match error {
            // Out of reach, busy, full, or without an answer: the same may work later.
            StorageError::Database(_) | StorageError::Silent(_) => {
                Self::Unavailable(Box::new(error))
            }
            _ => Self::Internal(Box::new(error)),
        }
    }
}

impl From<BlobError> for WebError {
    fn from(error: BlobError) -> Self {
        match error {
            // Logged with the alarm.
            BlobError::Damaged(_) => Self::Damaged,
            BlobError::Store(_) => Self::Internal(Box::new(error)),
        }
    }
}

impl From<PublishedBoardError> for WebError {
    fn from(error: PublishedBoardError) -> Self {
        match error {
            PublishedBoardError::Storage(error) => error.into(),
            PublishedBoardError::Blob(error) => error.into(),
            PublishedBoardError::Section(_) => Self::Internal(Box::new(error)),
        }
    }
}

impl From<askama::Error> for WebError {
    fn from(error: askama::Error) -> Self {
        Self::Internal(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_falls_silent_is_away_for_a_while() {
        let silent = StorageError::from(sqlx::Error::PoolTimedOut);
        assert!(matches!(silent, StorageError::Silent(_)), "{silent:?}");
        let error = WebError::from(PublishedBoardError::Storage(silent));
        // For this one a board is shown as it was last read.
        assert!(matches!(error, WebError::Unavailable(_)), "{error:?}");
        let response = error.into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[RETRY_AFTER], UNAVAILABLE_RETRY_AFTER);
    }
}
