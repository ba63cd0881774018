//! `GET /admin/people`: who may do what.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};

use super::error::AdminError;
use super::fields::Fields;
use super::frame::{Frame, TownName, grant_in_words, time, towns};
use super::identity::Person;
use super::words::Words;
use crate::account::invitation::{VALID, link, new_invitation};
use crate::account::role::need_code;
use crate::account::token::new_id;
use crate::http_service::Service;
use crate::storage::{Grant, Invitation, Role};

pub(super) mod disabled;
pub(super) mod invitation;
pub(super) mod invite;
pub(super) mod password;
pub(super) mod person;
pub(super) mod roles;

#[derive(Template)]
#[template(path = "admin/people.html")]
struct Page {
    frame: Frame,
    words: Words,
    people: Vec<Row>,
    invitations: Vec<Invited>,
    choices: Choices,
    email: String,
    wrong: Option<&'static str>,
    /// The link of an invitation that was just made.
    link: Option<Link>,
}

struct Row {
    id: String,
    name: String,
    email: String,
    roles: Vec<String>,
    used: Option<String>,
    has_code: bool,
    /// Whether a code is needed and not set up yet.
    lacks_code: bool,
    is_disabled: bool,
}

struct Invited {
    id: String,
    email: String,
    role: String,
    until: String,
}

/// A link that is shown once.
pub(super) struct Link {
    pub(super) address: String,
    pub(super) email: String,
    pub(super) until: String,
}

impl Link {
    /// Invites whoever has this address, or has them set the password of this account anew.
    async fn make(
        person: &Person,
        service: &Service,
        form: &Fields,
        (email, grant, account): (String, Grant, Option<String>),
    ) -> Result<Self, AdminError> {
        let entropy = &*service.entropy;
        let invitation = Invitation {
            id: new_id(entropy),
            email: email.clone(),
            grant,
            language: person.words.0.code().to_owned(),
            account,
            ends_at: person.time + VALID,
        };
        let until = time(person.words, invitation.ends_at);
        let (new, token) = new_invitation(invitation, entropy);
        let mut unit = person.begin(form).await?;
        unit.invite(&new).await?;
        unit.save().await?;
        Ok(Self {
            address: link(&service.public_url, &token),
            email,
            until,
        })
    }
}

/// The roles and towns to choose from.
pub(super) struct Choices {
    pub(super) roles: Vec<(&'static str, &'static str)>,
    pub(super) towns: Vec<TownName>,
}

impl Choices {
    pub(super) fn new(words: Words, towns: Vec<TownName>) -> Self {
        let name = |role: Role| (role.name(), words.t(&format!("role.{}", role.name())));
        Self {
            roles: Role::ALL.into_iter().map(name).collect(),
            towns,
        }
    }

    /// The role and town that a form chooses; `None` where there is no such role there.
    pub(super) fn chosen(&self, form: &Fields) -> Result<Option<Grant>, AdminError> {
        let role = Role::named(form.text("role", 40)?).ok_or(AdminError::BadForm)?;
        let town = form.optional("town", 100)?.map(str::to_owned);
        let is_known = |id: &String| self.towns.iter().any(|town| town.id == *id);
        if town.as_ref().is_some_and(|id| !is_known(id)) {
            return Err(AdminError::BadForm);
        }
        Ok(Grant::new(role, town))
    }
}

/// Whether this may be an address: only its mailbox can tell.
pub(super) fn is_email(text: &str) -> bool {
    let is_strange = |letter: char| letter.is_whitespace() || ":,;<>\"()\\".contains(letter);
    text.split_once('@').is_some_and(|(mailbox, host)| {
        !mailbox.is_empty()
            && host.contains('.')
            && !host.contains('@')
            && !text.contains(is_strange)
    })
}

/// What the page says beside who there is.
#[derive(Default)]
struct Said {
    email: String,
    wrong: Option<&'static str>,
    link: Option<Link>,
}

async fn show(person: &Person, service: &Service, said: Said) -> Result<Response, AdminError> {
    let words = person.words;
    let towns = towns(&person.known.storage.boards().await?, words.0);
    let people = person
        .known
        .storage
        .accounts()
        .await?
        .into_iter()
        .map(|account| Row {
            roles: account
                .grants
                .iter()
                .map(|grant| grant_in_words(words, grant, &towns))
                .collect(),
            used: account.used_at.map(|at| time(words, at)),
            has_code: account.has_totp,
            lacks_code: !account.has_totp && need_code(&account.grants),
            is_disabled: account.disabled_at.is_some(),
            id: account.id,
            name: account.name,
            email: account.email,
        });
    let people = people.collect();
    let invitations = person.known.storage.invitations(person.time).await?;
    let invitations = invitations.into_iter().map(|one| Invited {
        role: grant_in_words(words, &one.grant, &towns),
        until: time(words, one.ends_at),
        id: one.id,
        email: one.email,
    });
    let page = Page {
        frame: Frame::new(person, "/admin/people", &*service.entropy),
        words,
        people,
        invitations: invitations.collect(),
        choices: Choices::new(words, towns),
        email: said.email,
        link: said.link,
        wrong: said.wrong,
    };
    let status = match said.wrong {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    Ok((status, Html(page.render()?)).into_response())
}

pub(super) async fn get(
    person: Person,
    State(service): State<Arc<Service>>,
) -> Result<Response, AdminError> {
    show(&person, &service, Said::default()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_looks_like_one() {
        for (text, expected) in [
            ("eva@lipnice.example", true),
            ("eva.nováková+deska@obec.lipnice.example", true),
            ("eva", false),
            ("@lipnice.example", false),
            ("eva@lipnice", false),
            ("eva@lipnice@jinde.example", false),
            ("eva nováková@lipnice.example", false),
            ("eva:x@lipnice.example", false),
        ] {
            assert_eq!(is_email(text), expected, "{text}");
        }
    }
}
