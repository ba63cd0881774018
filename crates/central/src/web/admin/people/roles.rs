//! `POST /admin/people/{account}/roles`: the roles that somebody keeps, and one that is added.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::super::error::{AdminError, see};
use super::super::fields::{Fields, Id};
use super::super::frame::towns;
use super::super::identity::Person;
use super::Choices;
use super::person::{find, sent, show};
use crate::http_service::Service;

pub(in super::super) async fn post(
    person: Person,
    Id(id): Id,
    State(service): State<Arc<Service>>,
    form: Fields,
) -> Result<Response, AdminError> {
    let words = person.words;
    let account = find(&person, &id).await?;
    let kept = form.all("keep");
    // What is not kept was shown: nobody takes a role away that somebody else gave meanwhile.
    let before = account.grants;
    if before
        .iter()
        .map(sent)
        .ne(form.all("shown").iter().cloned())
    {
        return Err(AdminError::Changed);
    }
    let mut grants = before.clone();
    grants.retain(|grant| kept.contains(&sent(grant)));
    if form.optional("role", 40)?.is_some() {
        let choices = Choices::new(words, towns(&person.known.storage.boards().await?, words.0));
        let Some(grant) = choices.chosen(&form)? else {
            let wrong = Some(words.t("people.no_such_role"));
            return show(&person, &service, &id, wrong, None).await;
        };
        grants.push(grant);
    }
    grants.sort();
    grants.dedup();
    let mut unit = person.begin(&form).await?;
    if !unit.set_grants(&id, &before, &grants).await? {
        unit.cancel().await?;
        let wrong = Some(words.t("people.last_administrator"));
        return show(&person, &service, &id, wrong, None).await;
    }
    unit.save().await?;
    Ok(see(&format!("/admin/people/{id}")))
}
