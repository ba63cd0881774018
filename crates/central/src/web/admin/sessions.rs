//! `GET /admin/sessions`: where one has signed in; `POST /admin/sessions/{session}/end` ends one.

use std::sync::Arc;

use super::error::{AdminError, see};
use super::fields::{Fields, Id};
use super::frame::{Frame, time};
use super::identity::Person;
use super::words::Words;
use crate::account::session::{IDLE, device};
use crate::http_service::Service;
use askama::Template;
use axum::extract::State;
use axum::response::{Html, Response};

#[derive(Template)]
#[template(path = "admin/sessions.html")]
struct Page {
    frame: Frame,
    words: Words,
    sessions: Vec<Session>,
}

struct Session {
    id: String,
    device: String,
    since: String,
    used: String,
    is_this: bool,
}

pub(super) async fn get(
    person: Person,
    State(service): State<Arc<Service>>,
) -> Result<Html<String>, AdminError> {
    let (words, account) = (person.words, &person.known.account);
    let sessions = person
        .known
        .storage
        .sessions(account, person.time, IDLE)
        .await?;
    let sessions = sessions.into_iter().map(|session| Session {
        device: device(&session.user_agent)
            .unwrap_or_else(|| words.t("sessions.unknown").to_owned()),
        since: time(words, session.created_at),
        used: time(words, session.used_at),
        is_this: session.id == account.session(),
        id: session.id,
    });
    let page = Page {
        frame: Frame::new(&person, "/admin/sessions", &*service.entropy),
        words,
        sessions: sessions.collect(),
    };
    Ok(Html(page.render()?))
}

pub(super) async fn end(
    person: Person,
    Id(session): Id,
    form: Fields,
) -> Result<Response, AdminError> {
    let mut unit = person.begin(&form).await?;
    unit.end_session(&session).await?;
    unit.save().await?;
    Ok(see("/admin/sessions"))
}
