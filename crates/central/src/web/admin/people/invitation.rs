//! `POST /admin/people/invitations/{invitation}/end`: takes a link back that nobody has used; `…/link` makes another in its
//! place.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::super::error::{AdminError, see};
use super::super::fields::{Fields, Id};
use super::super::identity::Person;
use super::super::words::language;
use super::{Link, Said, Whose, show, show_made};
use crate::http_service::Service;

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

pub(in super::super) async fn link_anew(
    person: Person,
    Id(id): Id,
    State(service): State<Arc<Service>>,
    form: Fields,
) -> Result<Response, AdminError> {
    let invitations = person.known.storage.invitations(person.time).await?;
    // That of the first administrator has no address, and is made by a command.
    let mut with_address = invitations.into_iter().filter(|one| !one.email.is_empty());
    let Some(replaced) = with_address.find(|one| one.id == id) else {
        // It may be that this very form has replaced it.
        return match person.begin(&form).await {
            Ok(unit) => {
                unit.cancel().await?;
                Err(AdminError::NotFound)
            }
            Err(AdminError::SentTwice) => {
                let said = Said {
                    is_repeated: true,
                    ..Said::default()
                };
                show(&person, &service, said).await
            }
            Err(error) => Err(error),
        };
    };
    let email = replaced.email.clone();
    let for_whom = (replaced.email, replaced.grant, language(&replaced.language));
    let whose = Whose::Invitation {
        id,
        account: replaced.account,
    };
    let made = Link::make(&person, &service, &form, for_whom, whose).await;
    show_made(&person, &service, made, &email).await
}
