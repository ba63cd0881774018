//! Enrols a display that central does not know.
//!
//! It happens only when central has just said so: the token is not sent while the display is let in. Whoever answers, what
//! is believed afterwards is signed by the one key that the display was started with.

use tracing::info;
use vyveska_wire::enrolment::EnrolmentRequest;

use super::Shared;
use super::client::{CentralClient, ClientError};

/// The status of an answer to a display that is not registered.
const UNKNOWN_DISPLAY: u16 = 403;

/// Enrols the display where `refused` says that it is unknown, and it has a token. True when it is let in now.
pub(super) async fn enrol<C: CentralClient>(
    shared: &Shared<C>,
    refused: &ClientError,
) -> Result<bool, ClientError> {
    let (ClientError::NotLetIn(UNKNOWN_DISPLAY), Some(token)) = (refused, &shared.enrolment) else {
        return Ok(false);
    };
    let request = EnrolmentRequest {
        token: token.clone(),
    };
    let body = serde_json::to_vec(&request).expect("a token serialises");
    shared.client.enrol(shared.time.now(), body).await?;
    info!(display = %shared.display, "central has enrolled this display");
    Ok(true)
}
