//! `GET` and `POST /admin/invitation/{token}`: whoever was invited sets a password.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use secrecy::SecretString;

use super::error::{AdminError, see};
use super::fields::{EMAIL_LETTERS, Fields, Id, TYPED_LETTERS};
use super::frame::{role, time};
use super::identity::{Visitor, no_cookies};
use super::people::is_email;
use super::words::{Words, language};
use crate::account::password::{Passwords, WeakPassword};
use crate::account::token::{self, new_id};
use crate::http_service::Service;
use crate::storage::{AcceptedInvitation, Invitation, StorageError};

#[derive(Template)]
#[template(path = "admin/invitation.html")]
struct Page<'a> {
    words: Words,
    /// `None` where it cannot be accepted any more.
    invitation: Option<Shown<'a>>,
    wrong: Option<&'static str>,
}

struct Shown<'a> {
    role: &'static str,
    /// Whether a password is set anew.
    is_known: bool,
    /// Whether the address is to be said.
    is_anybody: bool,
    email: &'a str,
    name: &'a str,
    until: String,
}

/// The most letters of a name.
pub(super) const NAME_LETTERS: usize = 100;

/// The new password of whoever has this address and name, typed twice, or what is wrong with it.
pub(super) async fn new_password(
    form: &Fields,
    (email, name): (&str, &str),
    passwords: &Passwords,
) -> Result<Result<SecretString, &'static str>, AdminError> {
    let password = form.exact("password", TYPED_LETTERS)?;
    if form.exact("again", TYPED_LETTERS)? != password {
        return Ok(Err("invitation.not_same"));
    }
    let password = SecretString::from(password);
    Ok(match passwords.check(password, email, name).await {
        Ok(password) => Ok(password),
        Err(WeakPassword::TooShort) => Err("invitation.too_short"),
        Err(WeakPassword::TooLong) => Err("invitation.too_long"),
        Err(WeakPassword::Guessable) => Err("invitation.guessable"),
    })
}

impl Page<'_> {
    fn ended(visitor: &Visitor) -> Result<Response, AdminError> {
        let page = Page {
            words: visitor.words,
            invitation: None,
            wrong: None,
        };
        Ok((StatusCode::NOT_FOUND, Html(page.render()?)).into_response())
    }

    fn show(
        invitation: &Invitation,
        (email, name): (&str, &str),
        wrong: Option<&'static str>,
    ) -> Result<Response, AdminError> {
        let words = Words(language(&invitation.language));
        let page = Page {
            words,
            invitation: Some(Shown {
                role: role(words, &invitation.grant),
                is_known: invitation.account.is_some(),
                is_anybody: invitation.email.is_empty(),
                email,
                name,
                until: time(words, invitation.ends_at),
            }),
            wrong,
        };
        let status = match wrong {
            Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
            None => StatusCode::OK,
        };
        Ok((status, Html(page.render()?)).into_response())
    }
}

pub(super) async fn get(visitor: Visitor, Id(token): Id) -> Result<Response, AdminError> {
    let invitation = match token::hash(&token) {
        Some(hash) => visitor.storage.invitation(hash, visitor.time()).await?,
        None => None,
    };
    match invitation {
        Some(invitation) => Page::show(&invitation, (&invitation.email, ""), None),
        None => Page::ended(&visitor),
    }
}

pub(super) async fn post(
    visitor: Visitor,
    Id(token): Id,
    State(service): State<Arc<Service>>,
    form: Fields,
) -> Result<Response, AdminError> {
    let (storage, now) = (&*visitor.storage, visitor.time());
    let Some(hash) = token::hash(&token) else {
        return Page::ended(&visitor);
    };
    let Some(invitation) = storage.invitation(hash, now).await? else {
        return Page::ended(&visitor);
    };
    let words = Words(language(&invitation.language));
    let (mut email, mut name) = (invitation.email.clone(), String::new());
    if email.is_empty() {
        email = form.text("email", EMAIL_LETTERS)?.to_lowercase();
    }
    if invitation.account.is_none() {
        form.text("name", NAME_LETTERS)?.clone_into(&mut name);
    }
    let password = if !is_email(&email) {
        Err("invitation.no_email")
    } else if invitation.account.is_none() && name.is_empty() {
        Err("invitation.no_name")
    } else {
        new_password(&form, (&email, &name), &service.passwords).await?
    };
    let password = match password {
        Ok(password) => password,
        Err(wrong) => return Page::show(&invitation, (&email, &name), Some(words.t(wrong))),
    };
    let accepted = AcceptedInvitation {
        account: new_id(&*service.entropy),
        email: email.clone(),
        name: name.clone(),
        password_hash: service.passwords.hash(password, &*service.entropy).await,
    };
    match storage.accept_invitation(hash, &accepted, now).await {
        Ok(true) => Ok((no_cookies(), see("/admin/sign-in?new=1")).into_response()),
        Ok(false) => Page::ended(&visitor),
        Err(StorageError::Conflict) => {
            let wrong = Some(words.t("invitation.taken"));
            Page::show(&invitation, (&email, &name), wrong)
        }
        Err(error) => Err(error.into()),
    }
}
