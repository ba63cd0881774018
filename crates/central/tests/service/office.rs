//! People of an office: accounts without the way to them, and a browser.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use tokio::sync::OnceCell;
use totp_rs::{Builder, Secret};
use url::Url;
use vyveska_board::Clock as _;
use vyveska_central::account::password::Passwords;
use vyveska_central::account::{session, token};
use vyveska_central::app::SystemEntropy;
use vyveska_central::entropy::Entropy;
use vyveska_central::storage::{
    AcceptedInvitation, Actor, Grant, Invitation, NewInvitation, Role, ServiceStorage,
};

use crate::town::Town;

pub(crate) const PASSWORD: &str = "lípa most sova klíč";

pub(crate) fn grant(role: Role, town: Option<&str>) -> Grant {
    Grant::new(role, town.map(str::to_owned)).unwrap()
}

/// The code that an app shows at this time.
pub(crate) fn code(secret: &str, now: DateTime<Utc>) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let seconds = now.timestamp().try_into().unwrap();
    totp.generate(seconds).to_string()
}

fn random() -> String {
    let entropy: &dyn Entropy = &SystemEntropy;
    token::new_token(entropy)
}

async fn password_hash() -> String {
    static HASH: OnceCell<String> = OnceCell::const_new();
    let hash = async || {
        Passwords::default()
            .hash(PASSWORD.into(), &SystemEntropy)
            .await
    };
    HASH.get_or_init(hash).await.clone()
}

/// Makes an account named by its address, and returns its id.
pub(crate) async fn account(
    storage: &dyn ServiceStorage,
    email: &str,
    given: Grant,
    now: DateTime<Utc>,
) -> String {
    let (id, token_hash) = (random()[..24].to_owned(), token::hash(&random()).unwrap());
    let invitation = Invitation {
        id: id.clone(),
        email: email.to_owned(),
        grant: given,
        language: "cs".to_owned(),
        account: None,
        ends_at: now + TimeDelta::days(1),
    };
    let actor = Actor::Person("test".to_owned());
    let mut unit = storage.begin(actor, now).await.unwrap();
    let new = NewInvitation {
        invitation,
        token_hash,
    };
    unit.invite(&new).await.unwrap();
    unit.save().await.unwrap();
    let accepted = AcceptedInvitation {
        account: id.clone(),
        email: email.to_owned(),
        name: email.to_owned(),
        password_hash: password_hash().await,
    };
    let made = storage.accept_invitation(token_hash, &accepted, now).await;
    assert!(made.unwrap());
    id
}

/// A browser that keeps cookies and follows nothing.
pub(crate) struct Browser {
    http: reqwest::Client,
    base: Url,
    /// The address that a proxy says it has.
    pub(crate) client: Option<&'static str>,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test is a composition root of its own"
    )]
    pub(crate) fn new(town: &Town) -> Self {
        let http = reqwest::Client::builder().no_proxy();
        Self {
            http: http.redirect(Policy::none()).build().unwrap(),
            base: town.central.url().clone(),
            client: None,
            cookies: BTreeMap::new(),
        }
    }

    /// One in which an account of these roles has signed in.
    pub(crate) async fn of(town: &Town, email: &str, given: Grant) -> Self {
        let (storage, now) = (town.storage().await, town.clock.now().earliest);
        let account = account(&storage, email, given, now).await;
        let mut browser = Self::new(town);
        browser.open_session(&storage, &account, now).await;
        storage.close().await;
        browser
    }

    /// Has a session of an account from now on.
    pub(crate) async fn open_session(
        &mut self,
        storage: &dyn ServiceStorage,
        account: &str,
        now: DateTime<Utc>,
    ) {
        let token = random();
        let hash = token::hash(&token).unwrap();
        let device = token::hash(&random()).unwrap();
        let begun = session::begin(hash, device, "Firefox/140.0 Linux", &SystemEntropy, now);
        let accounts = storage.accounts().await.unwrap();
        let its = accounts.iter().find(|one| one.id == account).unwrap();
        let known = storage.credentials(&its.email).await.unwrap().unwrap();
        assert!(storage.begin_session(&known, &begun, now).await.unwrap());
        self.cookies.insert("__Host-vyveska".to_owned(), token);
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = self.http.request(method, self.base.join(path).unwrap());
        let request = request.header(COOKIE, cookies.join("; "));
        match self.client {
            Some(client) => request.header("x-forwarded-for", client),
            None => request,
        }
    }

    pub(crate) async fn send(&mut self, request: RequestBuilder) -> Response {
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap();
            for needed in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
                assert!(attributes.contains(needed), "{cookie}");
            }
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }

    pub(crate) async fn get(&mut self, path: &str) -> Response {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn page(&mut self, path: &str) -> String {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.text().await.unwrap().replace('\u{a0}', " ")
    }

    /// Sends a form as a page of the admin does.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Response {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        let request = self
            .request(Method::POST, path)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.extend_pairs(fields).finish());
        self.send(request).await
    }

    /// The one-time id of the forms of a page.
    pub(crate) async fn form(&mut self, path: &str) -> String {
        let page = self.page(path).await;
        between(&page, "name=\"form\" value=\"", "\"").to_owned()
    }

    pub(crate) async fn sign_in(&mut self, email: &str, password: &str) -> Response {
        let fields = [
            ("email", email),
            ("password", password),
            ("next", "/admin/"),
        ];
        self.post("/admin/sign-in", &fields).await
    }
}

#[track_caller]
pub(crate) fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text
        .split_once(start)
        .unwrap_or_else(|| panic!("{start}: {text}"));
    rest.split_once(end).unwrap().0
}

/// Where a response leads.
#[track_caller]
pub(crate) fn leads_to(response: &Response) -> &str {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    response.headers()[LOCATION].to_str().unwrap()
}
