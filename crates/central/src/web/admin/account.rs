//! `GET /admin/account`: one's own name, password and language; `POST /admin/account/name` and `…/password` change them.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use secrecy::SecretString;

use super::error::{AdminError, see};
use super::fields::{Fields, Query, TYPED_LETTERS};
use super::frame::{Frame, minute_after};
use super::identity::{Person, Visitor};
use super::invitation::{NAME_LETTERS, new_password};
use super::words::Words;
use crate::account::lock_out;
use crate::http_service::Service;
use crate::storage::Attempt;

#[derive(Template)]
#[template(path = "admin/account.html")]
struct Page {
    frame: Frame,
    words: Words,
    email: String,
    name: String,
    languages: Vec<(&'static str, &'static str, bool)>,
    /// What was changed, if anything.
    done: Option<&'static str>,
    said: Said,
}

/// What was wrong, by its form.
#[derive(Default)]
struct Said {
    name: Option<String>,
    password: Option<String>,
}

fn show(
    person: &Person,
    service: &Service,
    done: Option<&'static str>,
    said: Said,
) -> Result<String, AdminError> {
    let (words, account) = (person.words, &person.known.account);
    let page = Page {
        frame: Frame::new(person, "/admin/account", &*service.entropy),
        words,
        email: account.email().to_owned(),
        name: account.name().to_owned(),
        languages: super::language::choices(words.0),
        done,
        said,
    };
    Ok(page.render()?)
}

pub(super) async fn get(
    person: Person,
    Query(query): Query,
    State(service): State<Arc<Service>>,
) -> Result<Html<String>, AdminError> {
    let done = match query.optional("done", 10)? {
        Some("name") => Some(person.words.t("account.name.done")),
        Some("password") => Some(person.words.t("account.password.done")),
        Some("language") => Some(person.words.t("account.language.done")),
        _ => None,
    };
    show(&person, &service, done, Said::default()).map(Html)
}

pub(super) async fn name(
    person: Person,
    State(service): State<Arc<Service>>,
    form: Fields,
) -> Result<Response, AdminError> {
    let name = form.text("name", NAME_LETTERS)?;
    if name.is_empty() {
        let said = Said {
            name: Some(person.words.t("invitation.no_name").to_owned()),
            ..Said::default()
        };
        let page = show(&person, &service, None, said)?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response());
    }
    let mut unit = person.begin(&form).await?;
    unit.set_name(name).await?;
    unit.save().await?;
    Ok(see("/admin/account?done=name"))
}

pub(super) async fn password(
    person: Person,
    visitor: Visitor,
    State(service): State<Arc<Service>>,
    form: Fields,
) -> Result<Response, AdminError> {
    let (words, account) = (person.words, &person.known.account);
    let (storage, now) = (&*visitor.storage, person.time);
    let refused = |status: StatusCode, wrong: String| {
        let said = Said {
            password: Some(wrong),
            ..Said::default()
        };
        let page = show(&person, &service, None, said)?;
        Ok((status, Html(page)).into_response())
    };
    let old = SecretString::from(form.exact("old", TYPED_LETTERS)?);
    let own = (account.email(), account.name());
    let new = match new_password(&form, own, &service.passwords).await? {
        Ok(new) => new,
        Err(wrong) => {
            let wrong = words.t(wrong).to_owned();
            return refused(StatusCode::UNPROCESSABLE_ENTITY, wrong);
        }
    };
    // Whoever finds a browser that is signed in does not guess the password there.
    let lock_out = lock_out::of_own_password(account.account());
    let counted = match storage
        .count_attempt(std::slice::from_ref(&lock_out), now)
        .await?
    {
        Attempt::Counted(counted) => counted,
        Attempt::LockedOut(until) => {
            let wrong = words.with("sign_in.locked", minute_after(words, until, now));
            return refused(StatusCode::TOO_MANY_REQUESTS, wrong);
        }
    };
    let credentials = storage.credentials(account.email()).await?;
    let before = credentials.ok_or(AdminError::Changed)?.password_hash;
    if !service.passwords.verify(old, Some(before.clone())).await {
        let whose = Some(account.account());
        visitor.tell_failure(whose, "password", &counted).await?;
        let wrong = words.t("account.wrong_password").to_owned();
        return refused(StatusCode::UNPROCESSABLE_ENTITY, wrong);
    }
    storage.forgive(&[&lock_out.subject], None).await?;
    let hash = service.passwords.hash(new, &*service.entropy).await;
    let mut unit = person.begin(&form).await?;
    if !unit.set_password(&before, &hash, account.session()).await? {
        unit.cancel().await?;
        return Err(AdminError::Changed);
    }
    unit.save().await?;
    Ok(see("/admin/account?done=password"))
}
