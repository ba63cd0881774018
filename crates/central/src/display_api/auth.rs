//! Authentication of displays by the token of a request.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, OriginalUri, Request};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use std::sync::Arc;
use vyveska_wire::token::{self, RequestBinding, VerifiedDisplay};

use super::ApiError;
use crate::clock;
use crate::http_service::Service;
use crate::storage::RegisteredDisplay;

/// A display with a valid token for this request.
pub(super) struct Display(pub(super) RegisteredDisplay);

/// A display with a valid token for this request, whatever the token's time.
pub(super) struct DisplayAtAnyTime(pub(super) RegisteredDisplay);

/// A display with a valid token for this request and its body.
pub(super) struct DisplayWithBody(pub(super) RegisteredDisplay, pub(super) Bytes);

impl FromRequest<Arc<Service>> for DisplayWithBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, service: &Arc<Service>) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let now = clock::time_for_displays(&service.clock.now());
        let body = Bytes::from_request(Request::from_parts(parts.clone(), body), service)
            .await
            .map_err(|_| ApiError::BadRequest("the body is too long or broke off"))?;
        let verified = verify(&parts, &body, |token, request| {
            token::verify(token, request, now)
        })?;
        Ok(Self(registered(service, verified).await?, body))
    }
}

impl FromRequestParts<Arc<Service>> for Display {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        service: &Arc<Service>,
    ) -> Result<Self, ApiError> {
        let now = clock::time_for_displays(&service.clock.now());
        let verified = verify(parts, b"", |token, request| {
            token::verify(token, request, now)
        })?;
        Ok(Self(registered(service, verified).await?))
    }
}

impl FromRequestParts<Arc<Service>> for DisplayAtAnyTime {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        service: &Arc<Service>,
    ) -> Result<Self, ApiError> {
        let verified = verify(parts, b"", token::verify_at_any_time)?;
        Ok(Self(registered(service, verified).await?))
    }
}

fn verify(
    parts: &Parts,
    body: &[u8],
    check: impl FnOnce(&str, RequestBinding<'_>) -> Result<VerifiedDisplay, token::TokenError>,
) -> Result<VerifiedDisplay, ApiError> {
    let token = parts
        .headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(ApiError::TokenMissing)?;
    // Routes are nested: the token is bound to the path as requested.
    let uri = parts
        .extensions
        .get::<OriginalUri>()
        .map_or(&parts.uri, |original| &original.0);
    let request = RequestBinding {
        method: parts.method.as_str(),
        path_and_query: uri.path_and_query().map_or("/", |path| path.as_str()),
        body,
    };
    Ok(check(token, request)?)
}

async fn registered(
    service: &Service,
    verified: VerifiedDisplay,
) -> Result<RegisteredDisplay, ApiError> {
    if let Some(display) = service.storage.display(&verified.id).await? {
        // The configuration may no longer name the board.
        return match service.config.board(&display.board) {
            Some(_) => Ok(display),
            None => Err(ApiError::UnknownDisplay),
        };
    }
    let board = service
        .config
        .board_for_new_displays()
        .filter(|_| service.config.displays.accept_new_displays)
        .ok_or(ApiError::UnknownDisplay)?;
    let now = service.clock.now().earliest;
    service
        .storage
        .register(&verified.id, &verified.key, &board.id, now)
        .await?;
    tracing::info!(display = %verified.id, board = board.id, "a new display was registered");
    service
        .storage
        .display(&verified.id)
        .await?
        .ok_or(ApiError::UnknownDisplay)
}
