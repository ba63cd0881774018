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
use crate::account::{lock_out, session, token};
use crate::entropy::Entropy;
use crate::http_service::{Connection, KnownAccount, Service};
use crate::storage::{
    Actor, CountedFailure, FailedSignIn, SignInRepository, StorageError, UnitOfWork,
};

/// What a route asks of whoever opens it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Needs(pub(super) Option<Permission>);

/// The cookie of the session, which our own site alone gets, and over HTTPS alone; of this computer browsers take it over
/// HTTP as well.
const SESSION: &str = "__Host-vyveska";

/// The cookie of a sign-in whose code is still to come.
const PENDING: &str = "__Host-vyveska-code";

/// The cookie by which a browser is known that has signed in before.
const DEVICE: &str = "__Host-vyveska-device";

/// Whoever has signed in and may open this page.
pub(super) struct Person {
    /// With the storage of the towns where they may do what the page does.
    pub(super) known: KnownAccount,
    pub(super) words: Words,
    /// When a change is made, and by which displays are silent.
    pub(super) now: DateTime<Utc>,
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
    /// By which the browser is known, with its hash.
    device: Option<(String, DocumentHash)>,
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
            device: CookieJar::from_headers(headers)
                .get(DEVICE)
                .and_then(|cookie| Some((cookie.value().to_owned(), token::hash(cookie.value())?))),
        })
    }
}

impl Visitor {
    /// By which sign-ins, sessions and invitations end.
    pub(super) fn time(&self) -> DateTime<Utc> {
        session::time(&self.clock)
    }

    /// The browser, where it has signed in to the account of this address before.
    pub(super) async fn known_device(
        &self,
        email: &str,
    ) -> Result<Option<DocumentHash>, StorageError> {
        let Some((_, device)) = &self.device else {
            return Ok(None);
        };
        let known = self
            .storage
            .knows_device(*device, Some(email), self.time())
            .await?;
        Ok(known.then_some(*device))
    }

    /// The token by which the browser is known from now on: the one it has, unless that never was one of ours.
    pub(super) async fn device_token(
        &self,
        entropy: &dyn Entropy,
    ) -> Result<(String, DocumentHash), StorageError> {
        if let Some((token, device)) = &self.device
            && self
                .storage
                .knows_device(*device, None, self.time())
                .await?
        {
            return Ok((token.clone(), *device));
        }
        let token = token::new_token(entropy);
        let device = token::hash(&token).expect("a new token is one");
        Ok((token, device))
    }

    /// Has the audit log tell of an attempt that failed.
    pub(super) async fn tell_failure(
        &self,
        account: Option<&str>,
        wrong: &'static str,
        counted: &[CountedFailure],
    ) -> Result<(), StorageError> {
        let Some(locked_until) = lock_out::told(counted) else {
            return Ok(());
        };
        let failed = FailedSignIn {
            account,
            network: &self.network,
            wrong,
            locked_until,
        };
        self.storage.tell_failure(failed, self.time()).await
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
pub(super) fn session_cookies(token: String, device: String) -> CookieJar {
    let mut device = kept(DEVICE, device);
    device.make_permanent();
    CookieJar::new()
        .add(kept(SESSION, token))
        .add(device)
        .add(taken_back(PENDING))
}

/// Cookies of a sign-in whose code is still to come.
pub(super) fn pending_cookies(token: String) -> CookieJar {
    CookieJar::new().add(kept(PENDING, token))
}

/// Takes back the cookies of a session.
pub(super) fn no_cookies() -> CookieJar {
    CookieJar::new()
        .add(taken_back(SESSION))
        .add(taken_back(PENDING))
}
