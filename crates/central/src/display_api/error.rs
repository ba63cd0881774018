//! Error responses: a status, a code for programs and a sentence for people.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use vyveska_wire::enrolment::EnrolmentRefusal;
use vyveska_wire::status::StatusError;
use vyveska_wire::token::TokenError;

use crate::document::BlobError;
use crate::error::causes;
use crate::http_service::NoFreeSlot;
use crate::publish::PublishError;
use crate::storage::StorageError;

/// In seconds, for a display that sent too many answers.
const ANSWERS_AFTER: &str = "3600";

/// Why a request of a display is refused.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("the request carries no token: send `Authorization: Bearer`")]
    TokenMissing,
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The display is not registered.
    #[error("this display is not registered here")]
    UnknownDisplay,
    #[error(transparent)]
    Enrolment(#[from] EnrolmentRefusal),
    #[error("{0}")]
    BadRequest(&'static str),
    #[error(transparent)]
    Status(#[from] StatusError),
    /// The display's board has no publication yet.
    #[error("nothing is published for this display's board yet")]
    NothingPublished,
    /// The board names no such content.
    #[error("the display's board names no such content")]
    UnknownContent,
    /// The stored bytes are not those of the hash; they are made again where that is possible.
    #[error("these bytes are damaged here: ask again later, or for a newer manifest")]
    DamagedContent,
    /// The display keeps them, and sends them again.
    #[error("this display sent too many answers in a day: send the others later")]
    TooManyAnswers,
    #[error("the body comes too slowly")]
    SlowBody,
    #[error(transparent)]
    Busy(#[from] NoFreeSlot),
    #[error("there is nothing at this path")]
    UnknownRoute,
    /// An internal error: logged, never sent.
    #[error("the service failed")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ApiError {
    fn code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::TokenMissing => (StatusCode::UNAUTHORIZED, "token_missing"),
            Self::Token(TokenError::Malformed) => (StatusCode::UNAUTHORIZED, "token_malformed"),
            Self::Token(TokenError::BadSignature) => {
                (StatusCode::UNAUTHORIZED, "token_bad_signature")
            }
            Self::Token(TokenError::WrongKey) => (StatusCode::UNAUTHORIZED, "token_wrong_key"),
            Self::Token(TokenError::WrongTime) => (StatusCode::UNAUTHORIZED, "token_wrong_time"),
            Self::Token(TokenError::WrongRequest) => {
                (StatusCode::UNAUTHORIZED, "token_wrong_request")
            }
            Self::UnknownDisplay => (StatusCode::FORBIDDEN, "unknown_display"),
            Self::Enrolment(refusal) => (StatusCode::FORBIDDEN, refusal.code()),
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::Status(StatusError::TooLong) => {
                (StatusCode::PAYLOAD_TOO_LARGE, "status_too_long")
            }
            Self::Status(StatusError::Malformed(_)) => {
                (StatusCode::BAD_REQUEST, "status_malformed")
            }
            Self::Status(StatusError::Absurd(_)) => (StatusCode::BAD_REQUEST, "status_absurd"),
            Self::NothingPublished => (StatusCode::NOT_FOUND, "nothing_published"),
            Self::UnknownContent => (StatusCode::NOT_FOUND, "unknown_content"),
            Self::DamagedContent => (StatusCode::SERVICE_UNAVAILABLE, "content_damaged"),
            Self::TooManyAnswers => (StatusCode::TOO_MANY_REQUESTS, "too_many_answers"),
            Self::SlowBody => (StatusCode::REQUEST_TIMEOUT, "slow_body"),
            Self::Busy(_) => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::UnknownRoute => (StatusCode::NOT_FOUND, "unknown_route"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Self::Internal(error) = &self {
            tracing::error!(error = causes(error.as_ref()), "a display's request failed");
        }
        let (status, error) = self.code();
        let body = serde_json::json!({ "error": error, "message": self.to_string() });
        let response = (status, Json(body)).into_response();
        match self {
            Self::Busy(_) => ([(RETRY_AFTER, NoFreeSlot::RETRY_AFTER)], response).into_response(),
            Self::TooManyAnswers => ([(RETRY_AFTER, ANSWERS_AFTER)], response).into_response(),
            _ => response,
        }
    }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        Self::Internal(Box::new(error))
    }
}

impl From<PublishError> for ApiError {
    fn from(error: PublishError) -> Self {
        Self::Internal(Box::new(error))
    }
}

impl From<BlobError> for ApiError {
    fn from(error: BlobError) -> Self {
        match error {
            // Logged with the alarm.
            BlobError::Damaged(_) => Self::DamagedContent,
            BlobError::Store(_) => Self::Internal(Box::new(error)),
        }
    }
}
