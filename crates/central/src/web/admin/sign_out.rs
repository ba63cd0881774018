//! `POST /admin/sign-out`: ends this session, and where that cannot be stored has the browser forget it.

use axum::response::{IntoResponse as _, Response};

use super::error::{AdminError, see};
use super::identity::{Person, Visitor, no_cookies};

pub(super) async fn post(person: Person, visitor: Visitor) -> Result<Response, AdminError> {
    if let Some(session) = visitor.session
        && let Err(error) = visitor.storage.end_session(session, person.time).await
    {
        // As on a full disk: the browser forgets it all the same, and it ends by itself.
        tracing::error!(%error, "a session could not be ended at signing out");
    }
    Ok((no_cookies(), see("/admin/sign-in")).into_response())
}
