//! Authentication of displays by the token of a request.
//!
//! A token is judged, and its display has taken one of the displays' slots, before anything else is done for the
//! request; of a body nothing is read until then. Handlers get it with the storage within its scope.

use axum::body::{Bytes, HttpBody as _};
use axum::extract::{FromRequest, FromRequestParts, OriginalUri, Request};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use std::sync::Arc;
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::token::{self, RequestBinding, TokenError, VerifiedDisplay};

use super::ApiError;
use crate::clock;
use crate::http_service::{Connection, KnownDisplay, MAX_BODY_BYTES, Service};

/// A display with a valid token for this request.
pub(super) struct Display(pub(super) KnownDisplay);

/// A display with a valid token for this request, whatever the token's time.
pub(super) struct DisplayAtAnyTime(pub(super) KnownDisplay);

/// A display with a valid token for this request and its body.
pub(super) struct DisplayWithBody(pub(super) KnownDisplay, pub(super) Bytes);

impl FromRequest<Arc<Service>> for DisplayWithBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, service: &Arc<Service>) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let now = clock::time_for_displays(&service.clock.now());
        let (verified, hash) = verify(&parts, b"", |token, request| {
            token::verify_before_body(token, request, now)
        })?;
        let display = admit(&parts, service, verified).await?;
        let length = body.size_hint().upper().unwrap_or(MAX_BODY_BYTES);
        let time = service.config.service.limits.body_time(length);
        let body = Bytes::from_request(Request::from_parts(parts, body), service);
        let body = tokio::time::timeout(time, body)
            .await
            .map_err(|_| ApiError::SlowBody)?
            .map_err(|_| ApiError::BadRequest("the body is too long or broke off"))?;
        if ContentHash::of(&body) != hash {
            return Err(TokenError::WrongRequest.into());
        }
        Ok(Self(display, body))
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
        Ok(Self(admit(parts, service, verified).await?))
    }
}

impl FromRequestParts<Arc<Service>> for DisplayAtAnyTime {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        service: &Arc<Service>,
    ) -> Result<Self, ApiError> {
        let verified = verify(parts, b"", token::verify_at_any_time)?;
        Ok(Self(admit(parts, service, verified).await?))
    }
}

/// Checks the token of a request with this body, which some checks leave out.
pub(super) fn verify<T>(
    parts: &Parts,
    body: &[u8],
    check: impl FnOnce(&str, RequestBinding<'_>) -> Result<T, TokenError>,
) -> Result<T, ApiError> {
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

/// Gives a registered display one of the displays' slots for its request.
async fn admit(
    parts: &Parts,
    service: &Service,
    verified: VerifiedDisplay,
) -> Result<KnownDisplay, ApiError> {
    let known = registered(service, verified).await?;
    connection(parts).serve_display(&known.display.id, &parts.headers)?;
    Ok(known)
}

pub(super) fn connection(parts: &Parts) -> &Connection {
    let connection = parts.extensions.get();
    connection.expect("every request has its connection")
}

async fn registered(
    service: &Service,
    verified: VerifiedDisplay,
) -> Result<KnownDisplay, ApiError> {
    let known = service.access.of_display(&verified).await?;
    // The board may have been taken out of service.
    let served = known.filter(|known| service.config.board(&known.display.board).is_some());
    served.ok_or(ApiError::UnknownDisplay)
}
