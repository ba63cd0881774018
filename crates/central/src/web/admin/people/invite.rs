//! `POST /admin/people/invite`: a link for somebody who is to have an account.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::super::error::AdminError;
use super::super::fields::Fields;
use super::super::frame::{time, towns};
use super::super::identity::Person;
use super::{Choices, EMAIL_LETTERS, Link, Said, is_email, show};
use crate::account::invitation::{VALID, link, new_invitation};
use crate::account::token::new_id;
use crate::http_service::Service;
use crate::storage::Invitation;

pub(in super::super) async fn post(
    person: Person,
    State(service): State<Arc<Service>>,
    form: Fields,
) -> Result<Response, AdminError> {
    let (words, storage) = (person.words, &person.known.storage);
    let email = form.text("email", EMAIL_LETTERS)?.to_lowercase();
    let choices = Choices::new(words, towns(&storage.boards().await?, words.0));
    let grant = choices.chosen(&form)?;
    let is_taken = storage
        .accounts()
        .await?
        .iter()
        .any(|account| account.email == email);
    let wrong = if !is_email(&email) {
        Some("invitation.no_email")
    } else if is_taken {
        Some("invitation.taken")
    } else if grant.is_none() {
        Some("people.no_such_role")
    } else {
        None
    };
    let Some(grant) = grant.filter(|_| wrong.is_none()) else {
        let wrong = wrong.map(|key| words.t(key));
        let said = Said {
            email,
            wrong,
            link: None,
        };
        return show(&person, &service, said).await;
    };
    let invitation = Invitation {
        id: new_id(&*service.entropy),
        email: email.clone(),
        grant,
        language: words.0.code().to_owned(),
        account: None,
        ends_at: person.now + VALID,
    };
    let until = time(words, invitation.ends_at);
    let (new, token) = new_invitation(invitation, &*service.entropy);
    let mut unit = person.begin(&form).await?;
    unit.invite(&new).await?;
    unit.save().await?;
    let link = Link {
        address: link(&service.public_url, &token),
        email,
        until,
    };
    let said = Said {
        link: Some(link),
        ..Said::default()
    };
    show(&person, &service, said).await
}
