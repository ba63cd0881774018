//! `GET` and `POST /admin/sign-in/code`: the code of the app, which is set up here where there is none yet.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};

use super::super::error::{AdminError, see};
use super::super::fields::{Fields, Query, TYPED_LETTERS};
use super::super::frame::minute_after;
use super::super::identity::{Visitor, session_cookies};
use super::super::words::{Words, language};
use super::next;
use crate::account::{lock_out, session, token, totp};
use crate::http_service::Service;
use crate::storage::{Attempt, PendingSignIn};

#[derive(Template)]
#[template(path = "admin/sign_in_code.html")]
struct Page<'a> {
    words: Words,
    next: &'a str,
    /// What is set up where there is none yet.
    offer: Option<Offer>,
    wrong: Option<String>,
}

struct Offer {
    /// In SVG.
    picture: String,
    /// What opens an app on the same device.
    address: String,
    /// In groups of letters.
    secret: String,
}

impl Page<'_> {
    fn render_for(
        pending: &PendingSignIn,
        next: &str,
        wrong: Option<String>,
    ) -> Result<String, AdminError> {
        let offer = pending.totp_secret.is_none().then(|| Offer {
            picture: totp::qr_code(&pending.totp_offer, &pending.email).unwrap_or_default(),
            address: totp::address(&pending.totp_offer, &pending.email).unwrap_or_default(),
            secret: totp::in_groups(&pending.totp_offer),
        });
        let page = Page {
            words: Words(language(&pending.language)),
            next,
            offer,
            wrong,
        };
        Ok(page.render()?)
    }
}

async fn pending(visitor: &Visitor) -> Result<PendingSignIn, AdminError> {
    let pending = match visitor.pending {
        Some(token) => visitor.storage.pending(token, visitor.time()).await?,
        None => None,
    };
    pending.ok_or(AdminError::NotSignedIn {
        next: None,
        is_lost: false,
    })
}

pub(in super::super) async fn get(
    visitor: Visitor,
    Query(query): Query,
) -> Result<Html<String>, AdminError> {
    let pending = pending(&visitor).await?;
    let next = next(query.optional("next", TYPED_LETTERS)?);
    Ok(Html(Page::render_for(&pending, next, None)?))
}

pub(in super::super) async fn post(
    visitor: Visitor,
    State(service): State<Arc<Service>>,
    form: Fields,
) -> Result<Response, AdminError> {
    let known = pending(&visitor).await?;
    let code = form.text("code", TYPED_LETTERS)?;
    let next = next(form.optional("next", TYPED_LETTERS)?);
    let (storage, now) = (&*visitor.storage, visitor.time());
    let words = Words(language(&known.language));
    let (account, network) = match visitor.known_device(&known.email).await? {
        Some(device) => (lock_out::of_known_code(&known.account, device), None),
        None => (
            lock_out::of_code(&known.account),
            Some(lock_out::of_network(&visitor.network)),
        ),
    };
    let lock_outs: Vec<_> = [&account].into_iter().chain(&network).cloned().collect();
    let counted = match storage.count_attempt(&lock_outs, now).await? {
        Attempt::Counted(counted) => counted,
        Attempt::LockedOut(until) => {
            let wrong = words.with("sign_in.locked", minute_after(words, until, now));
            let page = Page::render_for(&known, next, Some(wrong))?;
            return Ok((StatusCode::TOO_MANY_REQUESTS, Html(page)).into_response());
        }
    };
    let secret = known.totp_secret.as_ref().unwrap_or(&known.totp_offer);
    let entropy = &*service.entropy;
    let token = token::new_token(entropy);
    let token_hash = token::hash(&token).expect("a new token is one");
    let (device, device_hash) = visitor.device_token(entropy).await?;
    let begun = session::begin(token_hash, device_hash, &visitor.user_agent, entropy, now);
    if let Some(step) = totp::step_of(code, secret, &known.email, &visitor.clock)
        && let Some(pending) = visitor.pending
        && storage
            .complete(pending, (secret, step), &begun, now)
            .await?
    {
        let network = network.as_ref().map(|one| one.subject.as_str());
        storage.forgive(&[&account.subject], network).await?;
        return Ok((session_cookies(token, device), see(next)).into_response());
    }
    visitor
        .tell_failure(Some(&known.account), "code", &counted)
        .await?;
    let wrong = words.t("sign_in.wrong_code").to_owned();
    let page = Page::render_for(&known, next, Some(wrong))?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response())
}
