//! `POST /admin/people/{account}/password`: a link by which somebody sets a new password and a new code.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;

use super::super::error::AdminError;
use super::super::fields::{Fields, Id};
use super::super::identity::Person;
use super::person::{find, show};
use super::{Link, Whose};
use crate::http_service::Service;

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
    let for_whom = (account.email, grant.clone(), person.words.0);
    let whose = Whose::Account(account.id);
    match Link::make(&person, &service, &form, for_whom, whose).await {
        Ok(link) => show(&person, &service, &id, None, Some(link)).await,
        Err(AdminError::SentTwice) => {
            let wrong = Some(person.words.t("person.repeated"));
            show(&person, &service, &id, wrong, None).await
        }
        Err(error) => Err(error),
    }
}
