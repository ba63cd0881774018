//! `POST /admin/people/invitations/{invitation}/end`: takes a link back that nobody has used.

use axum::response::Response;

use super::super::error::{AdminError, see};
use super::super::fields::{Fields, Id};
use super::super::identity::Person;

pub(in super::super) async fn end(
    person: Person,
    Id(id): Id,
    form: Fields,
) -> Result<Response, AdminError> {
    let mut unit = person.begin(&form).await?;
    unit.end_invitation(&id).await?;
    unit.save().await?;
    Ok(see("/admin/people"))
}
