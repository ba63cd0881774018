//! Who asks for a page: whoever has signed in, with the storage of the towns where they may do what the page does, or
//! somebody who has not.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{REFERER, USER_AGENT};
use axum::http::request::Parts;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use chrono::{DateTime, Utc};
use url::{Position, Url};
use vyveska_board::{ClockBounds, DocumentHash};

use super::error::{AdminError, RequestLanguage};
use super::fields::Fields;
use super::words::{Words, asked, language};
use crate::account::role::Permission;
use crate::account::{session, token};
use crate::http_service::{Connection, KnownAccount, Service};
use crate::storage::{Actor, SignInRepository, UnitOfWork};

/// What a route asks of whoever opens it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needs(pub(super) Option<Permission>);

/// The cookie of the session, which our own site alone gets, and over HTTPS alone; of this computer browsers take it over
/// HTTP as well.
const SESSION: &str = "__Host-vyveska";

/// The cookie of a sign-in whose code is still to come.
const PENDING: &str = "__Host-vyveska-code";

/// Whoever has signed in and may open this page.
pub(super) struct Person {
    /// With the storage of the towns where they may do what the page does.
    pub(super) known: KnownAccount,
    pub(super) words: Words,
    /// When a change is made.
    now: DateTime<Utc>,
    /// By which sessions and invitations end.
    pub(super) time: DateTime<Utc>,
}

impl FromRequestParts<Arc<Service>> for Person {
    type Rejection = AdminError;

    async fn from_request_parts(
        parts: &mut Parts,
        service: &Arc<Service>,
    ) -> Result<Self, AdminError> {
        // Of a route that nobody has to have signed in for nothing is given out.
        let needs = parts.extensions.get::<Needs>().and_then(|needs| needs.0);
        let permission = needs.ok_or(AdminError::Forbidden)?;
        let clock = service.clock.now();
        let known = match cookie(&parts.headers, SESSION) {
            Some(session) => {
                service
                    .access
                    .of_account(session, permission, &clock)
                    .await?
            }
            None => None,
        };
        let Some(known) = known else {
            return Err(not_signed_in(parts));
        };
        let language = language(known.account.language());
        if let Some(asked) = parts.extensions.get::<RequestLanguage>() {
            asked.0.get_or_init(|| language);
        }
        if !permission.is_given(known.account.grants()) {
            return Err(AdminError::Forbidden);
        }
        Ok(Self {
            known,
            words: Words(language),
            now: clock.earliest,
            time: session::time(&clock),
        })
    }
}

/// Leads whoever has not signed in back to the page that was asked for, or that had the form.
fn not_signed_in(parts: &Parts) -> AdminError {
    if parts.method.is_safe() {
        let address = parts.uri.path_and_query();
        return AdminError::NotSignedIn {
            next: address.map(ToString::to_string),
            is_lost: false,
        };
    }
    // What a browser says of itself: signing in leads to pages of the admin alone.
    let page = parts.headers.get(REFERER);
    let page = page.and_then(|page| Url::parse(page.to_str().ok()?).ok());
    let page = page.filter(|page| super::is_page(page.path()));
    AdminError::NotSignedIn {
        next: page.map(|page| page[Position::BeforePath..Position::AfterQuery].to_owned()),
        is_lost: parts.uri.path() != super::SIGN_OUT,
    }
}

impl Person {
    /// Begins what a form changes, once for each time the form was shown.
    pub(super) async fn begin(&self, form: &Fields) -> Result<Box<dyn UnitOfWork>, AdminError> {
        let id = form.exact("form", 64)?;
        if id.is_empty() || !id.bytes().all(|one| one.is_ascii_hexdigit()) {
            return Err(AdminError::BadForm);
        }
        let actor = Actor::Account(self.known.account.account().to_owned());
        let mut unit = self.known.storage.begin(actor, self.now).await?;
        let id = format!("{} {id}", self.known.account.session());
        if !unit.take_form(&id).await? {
            unit.cancel().await?;
            return Err(AdminError::SentTwice);
        }
        Ok(unit)
    }
}

/// Somebody who has not signed in yet, or does so again.
pub(super) struct Visitor {
    pub(super) storage: Arc<dyn SignInRepository>,
    pub(super) words: Words,
    /// Between which bounds now lies.
    pub(super) clock: ClockBounds,
    /// The network that the request comes from.
    pub(super) network: String,
    pub(super) user_agent: String,
    /// The token of a session.
    pub(super) session: Option<DocumentHash>,
    /// The token of a sign-in whose code is still to come.
    pub(super) pending: Option<DocumentHash>,
}

impl FromRequestParts<Arc<Service>> for Visitor {
    type Rejection = AdminError;

    async fn from_request_parts(
        parts: &mut Parts,
        service: &Arc<Service>,
    ) -> Result<Self, AdminError> {
        let headers = &parts.headers;
        let connection = parts.extensions.get::<Connection>();
        let connection = connection.expect("every request has its connection");
        let user_agent = headers.get(USER_AGENT);
        let user_agent = user_agent.and_then(|name| name.to_str().ok());
        Ok(Self {
            storage: service.access.of_visitor(),
            words: Words(asked(headers)),
            clock: service.clock.now(),
            network: connection.client(headers).to_string(),
            user_agent: user_agent.unwrap_or_default().to_owned(),
            session: cookie(headers, SESSION),
            pending: cookie(headers, PENDING),
        })
    }
}

impl Visitor {
    /// By which sign-ins, sessions and invitations end.
    pub(super) fn time(&self) -> DateTime<Utc> {
        session::time(&self.clock)
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<DocumentHash> {
    let jar = CookieJar::from_headers(headers);
    token::hash(jar.get(name)?.value())
}

fn kept(name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .build()
}

fn taken_back(name: &'static str) -> Cookie<'static> {
    let mut cookie = kept(name, String::new());
    cookie.make_removal();
    cookie
}

/// Cookies of a session, in place of those before.
pub(super) fn session_cookies(token: String) -> CookieJar {
    CookieJar::new()
        .add(kept(SESSION, token))
        .add(taken_back(PENDING))
}

/// Cookies of a sign-in whose code is still to come.
pub(super) fn pending_cookies(token: String) -> CookieJar {
    CookieJar::new().add(kept(PENDING, token))
}

/// Takes back all cookies.
pub(super) fn no_cookies() -> CookieJar {
    CookieJar::new()
        .add(taken_back(SESSION))
        .add(taken_back(PENDING))
}
