//! `POST /admin/people/invite`: a link for somebody who is to have an account.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::super::error::AdminError;
use super::super::fields::{EMAIL_LETTERS, Fields};
use super::super::frame::towns;
use super::super::identity::Person;
use super::super::language;
use super::{Choices, ID_LETTERS, Link, Said, Whose, is_email, show, show_made};
use crate::http_service::Service;

pub(in super::super) async fn post(
    person: Person,
    State(service): State<Arc<Service>>,
    form: Fields,
) -> Result<Response, AdminError> {
    let (words, storage) = (person.words, &person.known.storage);
    let email = form.text("email", EMAIL_LETTERS)?.to_lowercase();
    let language = match form.optional("language", 2)? {
        Some(code) => language::of(code).ok_or(AdminError::BadForm)?,
        None => words.0,
    };
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
            role: form.text("role", ID_LETTERS)?.to_owned(),
            town: form.text("town", ID_LETTERS)?.to_owned(),
            language: Some(language),
            wrong,
            ..Said::default()
        };
        return show(&person, &service, said).await;
    };
    let for_whom = (email.clone(), grant, language);
    let made = Link::make(&person, &service, &form, for_whom, Whose::New).await;
    show_made(&person, &service, made, &email).await
}
