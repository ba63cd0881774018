//! `POST /admin/sign-out`: ends this session.

use axum::response::{IntoResponse as _, Response};

use super::error::{AdminError, see};
use super::identity::{Person, Visitor, no_cookies};

pub(super) async fn post(person: Person, visitor: Visitor) -> Result<Response, AdminError> {
    if let Some(session) = visitor.session {
        visitor.storage.end_session(session, person.time).await?;
    }
    Ok((no_cookies(), see("/admin/sign-in")).into_response())
}
