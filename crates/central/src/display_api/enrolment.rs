//! `POST enrolment`: registers a new display by an enrolment token.
//!
//! Whoever asks is a stranger, so that such requests have slots of their own and a small body, and what is refused writes
//! nothing. The request's own token proves the display's key; its time does not count, since a stranger is not told the
//! time, and a new device may not know it. A replay changes nothing: it registers the same display with the same board.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use vyveska_board::DocumentHash;
use vyveska_wire::enrolment::{EnrolmentRefusal, EnrolmentRequest, MAX_REQUEST_BYTES};
use vyveska_wire::token::{self, VerifiedDisplay};

use super::ApiError;
use super::auth::{connection, verify};
use crate::account::token as secret;
use crate::http_service::{NoFreeSlot, Service};
use crate::storage::{Actor, Enrolled, Storage, StorageError};

/// How long the body may take: a stranger is to hold a slot for a moment only.
const BODY_TIME: Duration = Duration::from_secs(2);

/// A display with a valid token for this request and its body, registered or not.
pub(super) struct Stranger {
    display: VerifiedDisplay,
    body: Bytes,
    /// The network that it asks from.
    client: String,
}

impl FromRequest<Arc<Service>> for Stranger {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &Arc<Service>) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let connection = connection(&parts);
        connection.serve_enrolment(&parts.headers)?;
        let body = tokio::time::timeout(BODY_TIME, axum::body::to_bytes(body, MAX_REQUEST_BYTES))
            .await
            .map_err(|_| ApiError::SlowBody)?
            .map_err(|_| ApiError::BadRequest("the body is too long or broke off"))?;
        let display = verify(&parts, &body, token::verify_at_any_time)?;
        let client = connection.client(&parts.headers).to_string();
        Ok(Self {
            display,
            body,
            client,
        })
    }
}

pub(super) async fn post(
    State(service): State<Arc<Service>>,
    stranger: Stranger,
) -> Result<StatusCode, ApiError> {
    let EnrolmentRequest { token } = serde_json::from_slice(&stranger.body)
        .map_err(|_| ApiError::BadRequest("the body is no enrolment token"))?;
    let hash = secret::hash(token.as_str()).ok_or(EnrolmentRefusal::Unknown)?;
    let known = service.access.of_enrolment(hash).await?;
    let enrolled = match &known {
        Some((enrolment, storage)) if service.config.board(&enrolment.board).is_some() => {
            enrol(&service, &**storage, hash, &stranger.display).await?
        }
        Some(_) => Enrolled::Refused(EnrolmentRefusal::NoBoard),
        None => Enrolled::Refused(EnrolmentRefusal::Unknown),
    };
    let token = known.as_ref().map(|(enrolment, _)| enrolment);
    let (board, enrolment) =
        token.map_or(("", ""), |token| (token.board.as_str(), token.id.as_str()));
    let (id, client) = (&stranger.display.id, &stranger.client);
    match enrolled {
        Enrolled::Registered => {
            tracing::info!(display = %id, board, enrolment, client, "a display was enrolled");
        }
        Enrolled::Known => {
            tracing::info!(display = %id, board, enrolment, client, "a display was enrolled before");
        }
        // Anybody may send such a one, and as often as they like.
        Enrolled::Refused(refusal @ EnrolmentRefusal::Unknown) => {
            tracing::debug!(display = %id, client, "an unknown token was refused");
            return Err(refusal.into());
        }
        Enrolled::Refused(refusal) => {
            let reason = refusal.code();
            tracing::warn!(display = %id, board, enrolment, client, reason, "a display was not enrolled");
            return Err(refusal.into());
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn enrol(
    service: &Service,
    storage: &dyn Storage,
    token: DocumentHash,
    display: &VerifiedDisplay,
) -> Result<Enrolled, ApiError> {
    let actor = Actor::Display(display.id.clone());
    let mut unit = storage.begin(actor, service.clock.now().earliest).await?;
    let enrolled = match unit.enrol(token, &display.id, &display.key).await {
        // It sent another token at the same time, and finds itself registered when it asks again.
        Err(StorageError::Conflict) => return Err(NoFreeSlot.into()),
        enrolled => enrolled?,
    };
    match enrolled {
        Enrolled::Registered => unit.save().await?,
        Enrolled::Known | Enrolled::Refused(_) => unit.cancel().await?,
    }
    Ok(enrolled)
}
