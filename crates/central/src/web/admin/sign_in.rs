//! `GET` and `POST /admin/sign-in`: address and password.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use secrecy::SecretString;

use super::error::{AdminError, see};
use super::fields::{EMAIL_LETTERS, Fields, Query, TYPED_LETTERS};
use super::frame::minute_after;
use super::identity::{Visitor, pending_cookies, session_cookies};
use super::words::Words;
use crate::account::role::need_code;
use crate::account::session::PENDING;
use crate::account::{lock_out, session, token, totp};
use crate::http_service::Service;
use crate::storage::Attempt;

pub(super) mod code;

#[derive(Template)]
#[template(path = "admin/sign_in.html")]
struct Page<'a> {
    words: Words,
    email: &'a str,
    /// Where it leads afterwards.
    next: &'a str,
    /// Whether an account was just made.
    is_new: bool,
    /// What was wrong before, if anything.
    wrong: Option<String>,
}

/// The page of the admin that an address names; the first page where it names none.
fn next(address: Option<&str>) -> &str {
    let is_ours = |address: &&str| {
        let is_strange = |letter: char| letter == '\\' || letter.is_control();
        address.starts_with("/admin/") && !address.contains(is_strange)
    };
    address.filter(is_ours).unwrap_or("/admin/")
}

pub(super) async fn get(visitor: Visitor, Query(query): Query) -> Result<Html<String>, AdminError> {
    let has_ended = query.optional("ended", 1)?.is_some();
    let page = Page {
        words: visitor.words,
        email: "",
        next: next(query.optional("next", TYPED_LETTERS)?),
        is_new: query.optional("new", 1)?.is_some(),
        wrong: has_ended.then(|| visitor.words.t("sign_in.ended").to_owned()),
    };
    Ok(Html(page.render()?))
}

pub(super) async fn post(
    visitor: Visitor,
    State(service): State<Arc<Service>>,
    form: Fields,
) -> Result<Response, AdminError> {
    let email = form.text("email", EMAIL_LETTERS)?.to_lowercase();
    let password = SecretString::from(form.exact("password", TYPED_LETTERS)?);
    let next = next(form.optional("next", TYPED_LETTERS)?);
    let (words, now, storage) = (visitor.words, visitor.time(), &*visitor.storage);
    let again = |status: StatusCode, wrong: String| {
        let page = Page {
            words,
            email: &email,
            next,
            is_new: false,
            wrong: Some(wrong),
        };
        Ok((status, Html(page.render()?)).into_response())
    };
    let (whose, network) = match visitor.known_device(&email).await? {
        Some(device) => (vec![lock_out::of_known_password(&email, device)], None),
        None => (
            vec![
                lock_out::of_password(&email, &visitor.network),
                lock_out::of_address(&email),
            ],
            Some(lock_out::of_network(&visitor.network)),
        ),
    };
    let lock_outs: Vec<_> = whose.iter().chain(&network).cloned().collect();
    let counted = match storage.count_attempt(&lock_outs, now).await? {
        Attempt::Counted(counted) => counted,
        Attempt::LockedOut(until) => {
            tracing::warn!(network = visitor.network, "signing in is locked out");
            let wrong = words.with("sign_in.locked", minute_after(words, until, now));
            return again(StatusCode::TOO_MANY_REQUESTS, wrong);
        }
    };
    let credentials = storage.credentials(&email).await?;
    let stored = credentials
        .as_ref()
        .map(|known| known.password_hash.clone());
    let is_right = service.passwords.verify(password, stored).await;
    let refused = || {
        let wrong = words.t("sign_in.wrong").to_owned();
        again(StatusCode::UNPROCESSABLE_ENTITY, wrong)
    };
    if !is_right {
        // Of an address that nobody has as well: it would be seen by how long it takes.
        let known = credentials.as_ref().map(|known| known.account.as_str());
        visitor.tell_failure(known, "password", &counted).await?;
    }
    let Some(known) = credentials.filter(|_| is_right) else {
        return refused();
    };
    let whose: Vec<&str> = whose.iter().map(|one| one.subject.as_str()).collect();
    let network = network.as_ref().map(|one| one.subject.as_str());
    storage.forgive(&whose, network).await?;
    let (entropy, token) = (&*service.entropy, token::new_token(&*service.entropy));
    let token_hash = token::hash(&token).expect("a new token is one");
    // Whoever had this browser's session before does not keep it.
    if let Some(before) = visitor.session {
        storage.end_session(before, now).await?;
    }
    if known.totp_secret.is_some() || need_code(&known.grants) {
        let offer = totp::new_secret(entropy);
        let ends_at = now + PENDING;
        let begun = storage.begin_pending(token_hash, &known, &offer, ends_at);
        if !begun.await? {
            return refused();
        }
        let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let address = format!("/admin/sign-in/code?next={next}");
        return Ok((pending_cookies(token), see(&address)).into_response());
    }
    let (device, device_hash) = visitor.device_token(entropy).await?;
    let begun = session::begin(token_hash, device_hash, &visitor.user_agent, entropy, now);
    if !storage.begin_session(&known, &begun, now).await? {
        return refused();
    }
    Ok((session_cookies(token, device), see(next)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_to_a_page_of_the_admin() {
        for ours in ["/admin/", "/admin/audit?town=lipnice&from=2026-11-01"] {
            assert_eq!(next(Some(ours)), ours);
        }
        for foreign in [
            "",
            "https://jinde.example/",
            "//jinde.example/admin/",
            "/\\jinde.example/admin/",
            "/admin/\\jinde.example",
            "/lipnice/",
            "javascript:alert(1)",
            "/admin/\r\nset-cookie: x=1",
        ] {
            assert_eq!(next(Some(foreign)), "/admin/", "{foreign}");
        }
    }
}
