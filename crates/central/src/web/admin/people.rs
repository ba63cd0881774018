//! `GET /admin/people`: who may do what.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use vyveska_board::Language;

use super::error::AdminError;
use super::fields::Fields;
use super::frame::{Frame, TownName, grant_in_words, time, towns};
use super::identity::Person;
use super::language;
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

/// The most letters of the id of a role or town.
const ID_LETTERS: usize = 100;

#[derive(Template)]
#[template(path = "admin/people.html")]
struct Page {
    frame: Frame,
    words: Words,
    people: Vec<Row>,
    invitations: Vec<Invited>,
    choices: Choices,
    email: String,
    languages: Vec<(&'static str, &'static str, bool)>,
    wrong: Option<&'static str>,
    /// Whether the form that made an invitation was sent twice.
    is_repeated: bool,
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

/// Whom a link is for.
enum Whose {
    /// Somebody who is to have an account.
    New,
    /// An account that is to have a new password.
    Account(String),
    /// Whoever has this invitation, which the link replaces, and the account that it is about.
    Invitation { id: String, account: Option<String> },
}

impl Link {
    /// Makes the link of whoever has this address.
    async fn make(
        person: &Person,
        service: &Service,
        form: &Fields,
        (email, grant, language): (String, Grant, Language),
        whose: Whose,
    ) -> Result<Self, AdminError> {
        let entropy = &*service.entropy;
        let (account, replaced) = match whose {
            Whose::New => (None, None),
            Whose::Account(account) => (Some(account), None),
            Whose::Invitation { id, account } => (account, Some(id)),
        };
        let invitation = Invitation {
            id: new_id(entropy),
            email: email.clone(),
            grant,
            language: language.code().to_owned(),
            account,
            ends_at: person.time + VALID,
        };
        let until = time(person.words, invitation.ends_at);
        let (new, token) = new_invitation(invitation, entropy);
        let mut unit = person.begin(form).await?;
        if let Some(replaced) = replaced {
            unit.end_invitation(&replaced).await?;
        }
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
    pub(super) roles: Vec<RoleChoice>,
    pub(super) towns: Vec<TownName>,
    /// What is chosen, as a form sends it.
    pub(super) role: String,
    pub(super) town: String,
}

pub(super) struct RoleChoice {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// What it is for.
    pub(super) text: &'static str,
}

impl Choices {
    pub(super) fn new(words: Words, towns: Vec<TownName>) -> Self {
        let choice = |role: Role| RoleChoice {
            id: role.name(),
            name: words.t(&format!("role.{}", role.name())),
            text: words.t(&format!("role.{}.text", role.name())),
        };
        Self {
            roles: Role::ALL.into_iter().map(choice).collect(),
            towns,
            role: String::new(),
            town: String::new(),
        }
    }

    /// The role and town that a form chooses; `None` where there is no such role there.
    pub(super) fn chosen(&self, form: &Fields) -> Result<Option<Grant>, AdminError> {
        let role = Role::named(form.text("role", ID_LETTERS)?).ok_or(AdminError::BadForm)?;
        let town = form.optional("town", ID_LETTERS)?.map(str::to_owned);
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
    role: String,
    town: String,
    /// That of the administrator where none is chosen.
    language: Option<Language>,
    wrong: Option<&'static str>,
    is_repeated: bool,
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
    let invitations = invitations.collect();
    let mut choices = Choices::new(words, towns);
    (choices.role, choices.town) = (said.role, said.town);
    let page = Page {
        frame: Frame::new(person, "/admin/people", &*service.entropy),
        words,
        people,
        invitations,
        choices,
        email: said.email,
        languages: language::choices(said.language.unwrap_or(words.0)),
        is_repeated: said.is_repeated,
        link: said.link,
        wrong: said.wrong,
    };
    let status = match said.wrong {
        _ if said.is_repeated => StatusCode::CONFLICT,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    Ok((status, Html(page.render()?)).into_response())
}

/// The page with a link that was made for this address; where its form had been sent before, it says how to come to another.
async fn show_made(
    person: &Person,
    service: &Service,
    made: Result<Link, AdminError>,
    email: &str,
) -> Result<Response, AdminError> {
    let said = match made {
        Ok(link) => Said {
            link: Some(link),
            ..Said::default()
        },
        Err(AdminError::SentTwice) => {
            let open = person.known.storage.invitations(person.time).await?;
            if !open.iter().any(|one| one.email == email) {
                return Err(AdminError::SentTwice);
            }
            Said {
                is_repeated: true,
                ..Said::default()
            }
        }
        Err(error) => return Err(error),
    };
    show(person, service, said).await
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
