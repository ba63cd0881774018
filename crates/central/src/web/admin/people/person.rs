//! `GET /admin/people/{account}`: one account.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};

use super::super::error::AdminError;
use super::super::fields::Id;
use super::super::frame::{Frame, grant_in_words, time, towns};
use super::super::identity::Person;
use super::super::words::Words;
use super::{Choices, Link};
use crate::account::role::need_code;
use crate::http_service::Service;
use crate::storage::{Account, Grant};

#[derive(Template)]
#[template(path = "admin/person.html")]
struct Page {
    frame: Frame,
    words: Words,
    id: String,
    name: String,
    email: String,
    /// As they are sent, and in words.
    grants: Vec<(String, String)>,
    used: Option<String>,
    has_code: bool,
    /// Whether a code is needed and not set up yet.
    lacks_code: bool,
    is_disabled: bool,
    is_own: bool,
    choices: Choices,
    wrong: Option<&'static str>,
    link: Option<Link>,
}

/// A role and whose it is, as a form sends it.
pub(super) fn sent(grant: &Grant) -> String {
    format!(
        "{} {}",
        grant.role().name(),
        grant.town().unwrap_or_default()
    )
}

/// Finds an account.
pub(super) async fn find(person: &Person, id: &str) -> Result<Account, AdminError> {
    let accounts = person.known.storage.accounts().await?;
    let mut accounts = accounts.into_iter();
    accounts
        .find(|account| account.id == id)
        .ok_or(AdminError::NotFound)
}

/// The page of an account, with what was wrong or a link that was made.
pub(super) async fn show(
    person: &Person,
    service: &Service,
    id: &str,
    wrong: Option<&'static str>,
    link: Option<Link>,
) -> Result<Response, AdminError> {
    let words = person.words;
    let account = find(person, id).await?;
    let towns = towns(&person.known.storage.boards().await?, words.0);
    let grants = account.grants.iter();
    let page = Page {
        frame: Frame::new(person, "/admin/people", &*service.entropy),
        words,
        grants: grants
            .map(|grant| (sent(grant), grant_in_words(words, grant, &towns)))
            .collect(),
        used: account.used_at.map(|at| time(words, at)),
        has_code: account.has_totp,
        lacks_code: !account.has_totp && need_code(&account.grants),
        is_disabled: account.disabled_at.is_some(),
        is_own: account.id == person.known.account.account(),
        id: account.id,
        name: account.name,
        email: account.email,
        choices: Choices::new(words, towns),
        wrong,
        link,
    };
    let status = match wrong {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    Ok((status, Html(page.render()?)).into_response())
}

pub(in super::super) async fn get(
    person: Person,
    Id(account): Id,
    State(service): State<Arc<Service>>,
) -> Result<Response, AdminError> {
    show(&person, &service, &account, None, None).await
}
