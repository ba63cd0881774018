//! `POST /admin/people/{account}/password`: a link by which somebody sets a new password and a new code.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::super::error::AdminError;
use super::super::fields::{Fields, Id};
use super::super::frame::time;
use super::super::identity::Person;
use super::Link;
use super::person::{find, show};
use crate::account::invitation::{VALID, link, new_invitation};
use crate::account::token::new_id;
use crate::http_service::Service;
use crate::storage::Invitation;

pub(in super::super) async fn post(
    person: Person,
    Id(id): Id,
    State(service): State<Arc<Service>>,
    form: Fields,
) -> Result<Response, AdminError> {
    let account = find(&person, &id).await?;
    // The link gives no role; without any there is nothing to sign in for.
    let Some(grant) = account.grants.first() else {
        let wrong = Some(person.words.t("people.no_role"));
        return show(&person, &service, &id, wrong, None).await;
    };
    let invitation = Invitation {
        id: new_id(&*service.entropy),
        email: account.email.clone(),
        grant: grant.clone(),
        language: person.words.0.code().to_owned(),
        account: Some(account.id),
        ends_at: person.now + VALID,
    };
    let until = time(person.words, invitation.ends_at);
    let (new, token) = new_invitation(invitation, &*service.entropy);
    let mut unit = person.begin(&form).await?;
    unit.invite(&new).await?;
    unit.save().await?;
    let link = Link {
        address: link(&service.public_url, &token),
        email: account.email,
        until,
    };
    show(&person, &service, &id, None, Some(link)).await
}
