//! `POST /admin/people/{account}/disabled`: lets somebody sign in, or not any more.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::super::error::{AdminError, see};
use super::super::fields::{Fields, Id};
use super::super::identity::Person;
use super::person::show;
use crate::http_service::Service;

pub(in super::super) async fn post(
    person: Person,
    Id(id): Id,
    State(service): State<Arc<Service>>,
    form: Fields,
) -> Result<Response, AdminError> {
    let is_disabled = match form.text("disabled", 5)? {
        "true" => true,
        "false" => false,
        _ => return Err(AdminError::BadForm),
    };
    let mut unit = person.begin(&form).await?;
    if !unit.set_disabled(&id, is_disabled).await? {
        unit.cancel().await?;
        let wrong = Some(person.words.t("people.last_administrator"));
        return show(&person, &service, &id, wrong, None).await;
    }
    unit.save().await?;
    Ok(see(&format!("/admin/people/{id}")))
}
