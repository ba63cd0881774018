//! Why there is no page, in the language of whoever asks.

use std::sync::{Arc, OnceLock};

use askama::Template;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use tower_http::csrf::ProtectionError;
use vyveska_board::Language;

use super::words::{Words, asked};
use crate::error::causes;
use crate::http_service::NoFreeSlot;
use crate::storage::StorageError;

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(super) enum AdminError {
    /// Whoever asks has to sign in first, and is led back to this address.
    #[error("nobody has signed in")]
    NotSignedIn {
        next: Option<String>,
        /// Whether what a form changes was lost.
        is_lost: bool,
    },
    #[error("the role does not allow it")]
    Forbidden,
    #[error("there is nothing at this address")]
    NotFound,
    /// What was sent is no form of ours.
    #[error("the form cannot be read")]
    BadForm,
    /// It did not come in its time.
    #[error("the form was sent too slowly")]
    SlowBody,
    #[error("the form is too large")]
    TooLarge,
    /// The same form was sent before.
    #[error("the form was sent twice")]
    SentTwice,
    /// Somebody else changed it since the page was shown.
    #[error("it was changed meanwhile")]
    Changed,
    /// It comes from another site.
    #[error("the request comes from another site")]
    CrossSite,
    #[error(transparent)]
    Busy(#[from] NoFreeSlot),
    /// An internal error: logged, never shown.
    #[error("the service failed")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<StorageError> for AdminError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::NotFound => Self::NotFound,
            StorageError::Conflict => Self::Changed,
            error => Self::Internal(Box::new(error)),
        }
    }
}

impl From<askama::Error> for AdminError {
    fn from(error: askama::Error) -> Self {
        Self::Internal(Box::new(error))
    }
}

/// The language of a request, once it is known.
#[derive(Clone, Default)]
pub(super) struct RequestLanguage(pub(super) Arc<OnceLock<Language>>);

#[derive(Clone)]
struct Failed(Arc<AdminError>);

impl IntoResponse for AdminError {
    fn into_response(self) -> Response {
        if let Self::Internal(error) = &self {
            tracing::error!(error = causes(error.as_ref()), "a page of the admin failed");
        }
        // `render` makes the page, in the right language.
        let mut response = Response::default();
        response.extensions_mut().insert(Failed(Arc::new(self)));
        response
    }
}

#[derive(Template)]
#[template(path = "admin/error.html")]
struct Page {
    words: Words,
    title: &'static str,
    message: &'static str,
}

/// Makes the page of an error.
pub(super) async fn render(mut request: Request, next: Next) -> Response {
    let (language, fallback) = (RequestLanguage::default(), asked(request.headers()));
    request.extensions_mut().insert(language.clone());
    let response = next.run(request).await;
    let language = language.0.get().copied().unwrap_or(fallback);
    let extensions = response.extensions();
    if let Some(Failed(error)) = extensions.get::<Failed>() {
        render_as(error, language)
    } else if extensions.get::<ProtectionError>().is_some() {
        render_as(&AdminError::CrossSite, language)
    } else if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        // Of a form nobody keeps the address for later.
        render_as(&AdminError::NotFound, language)
    } else {
        response
    }
}

pub(super) fn render_as(error: &AdminError, language: Language) -> Response {
    let words = Words(language);
    let (status, title, message) = match error {
        AdminError::NotSignedIn { next, is_lost } => {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(is_lost.then_some(("ended", "1")));
            query.extend_pairs(next.as_ref().map(|next| ("next", next)));
            let query = query.finish();
            let mark = if query.is_empty() { "" } else { "?" };
            return see(&format!("/admin/sign-in{mark}{query}"));
        }
        AdminError::Forbidden => (
            StatusCode::FORBIDDEN,
            words.t("error.forbidden"),
            words.t("error.forbidden.text"),
        ),
        AdminError::NotFound => (
            StatusCode::NOT_FOUND,
            words.t("error.not_found"),
            words.t("error.not_found.text"),
        ),
        AdminError::BadForm => (
            StatusCode::BAD_REQUEST,
            words.t("error.bad_form"),
            words.t("error.bad_form.text"),
        ),
        AdminError::SlowBody => (
            StatusCode::REQUEST_TIMEOUT,
            words.t("error.bad_form"),
            words.t("error.bad_form.text"),
        ),
        AdminError::TooLarge => (
            StatusCode::PAYLOAD_TOO_LARGE,
            words.t("error.too_large"),
            words.t("error.too_large.text"),
        ),
        AdminError::SentTwice => (
            StatusCode::CONFLICT,
            words.t("error.sent_twice"),
            words.t("error.sent_twice.text"),
        ),
        AdminError::Changed => (
            StatusCode::CONFLICT,
            words.t("error.changed"),
            words.t("error.changed.text"),
        ),
        AdminError::CrossSite => (
            StatusCode::FORBIDDEN,
            words.t("error.cross_site"),
            words.t("error.cross_site.text"),
        ),
        AdminError::Busy(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            words.t("error.busy"),
            words.t("error.busy.text"),
        ),
        AdminError::Internal(_) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            words.t("error.internal"),
            words.t("error.internal.text"),
        ),
    };
    let page = Page {
        words,
        title,
        message,
    };
    let mut response = match page.render() {
        Ok(page) => (status, Html(page)).into_response(),
        Err(_) => status.into_response(),
    };
    if matches!(error, AdminError::Busy(_)) {
        let seconds = HeaderValue::from_static(NoFreeSlot::RETRY_AFTER);
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    response
}

/// Leads to another page of the admin by GET.
pub(super) fn see(address: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.remove(CONTENT_TYPE);
    // What is not a header stays in the admin all the same.
    let address = HeaderValue::try_from(address);
    let first_page = HeaderValue::from_static("/admin/");
    headers.insert(LOCATION, address.unwrap_or(first_page));
    response
}
