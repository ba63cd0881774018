//! Requests that central has to refuse.
//!
//! A token is good for one request and one minute, so within that minute the same request may be made again, and gets what
//! its display may have anyway; the time is told to a token of any age. Everything else here must be refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::Signer as _;
use hyper::Method;
use serde_json::{Value, json};
use vyveska_wire::keys::KeyPair;
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::now::MAX_NONCE_LENGTH;
use vyveska_wire::token::{LEEWAY_SECONDS, MAX_LIFETIME_SECONDS, MAX_TOKEN_LENGTH};

use crate::device::{Device, Recorded};
use crate::identity::key_of;
use crate::observation::Seen;
use crate::request::{RequestError, Sent};

/// Far more than central takes.
const OVERSIZED_BYTES: usize = 1_000_000;

const JWT: &str = r#"{"typ":"JWT","alg":"EdDSA"}"#;

/// Sends earlier requests again, and their tokens with other requests.
pub(crate) async fn replay(device: &Device) {
    let now = device.time.now();
    let old = now - TimeDelta::seconds(MAX_LIFETIME_SECONDS + 1);
    let central = &device.shared.central;
    for Recorded { sent, at } in device.recorded() {
        let elsewhere = central.path(&format!("content/{}", ContentHash::of(b"elsewhere")));
        attempt(
            device,
            "a token of another path",
            Sent {
                path_and_query: elsewhere,
                ..sent.clone()
            },
        )
        .await;
        attempt(
            device,
            "a token of another method and body",
            Sent {
                method: Method::POST,
                path_and_query: central.path("answers"),
                body: Bytes::from_static(b"{}"),
                ..sent.clone()
            },
        )
        .await;
        if at < old {
            attempt(device, "a request of more than a minute ago", sent).await;
        }
    }
}

/// Sends everything that a malicious device may think of.
pub(crate) async fn everything(device: &Device) {
    for (attack, sent) in attacks(device) {
        attempt(device, attack, sent).await;
    }
}

fn attacks(device: &Device) -> Vec<(&'static str, Sent)> {
    let now = device.time.now();
    let other = key_of(device.shared.seed, device.index + 1);
    let get = |below: &str, at| device.signed(Method::GET, below, Bytes::new(), at);
    let manifest = get("manifest", now);
    let with_token = |token: String| Sent {
        token: Some(token),
        ..manifest.clone()
    };
    let claims = claims(&device.key, &manifest.path_and_query, now);
    let with_claims = |changes: Value| {
        let mut claims = claims.clone();
        for (name, value) in changes.as_object().into_iter().flatten() {
            claims[name] = value.clone();
        }
        with_token(token(device, JWT, &claims))
    };
    let others = other.public();
    let foreign_key = URL_SAFE_NO_PAD.encode(others.to_bytes());
    let valid = manifest.token.clone().unwrap_or_default();
    let forged = forged(&valid);
    let unsigned = format!(
        "{}.{}.",
        URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"none"}"#),
        URL_SAFE_NO_PAD.encode(claims.to_string()),
    );
    let late = now - TimeDelta::seconds(MAX_LIFETIME_SECONDS + LEEWAY_SECONDS);
    let early = now + TimeDelta::seconds(2 * MAX_LIFETIME_SECONDS + LEEWAY_SECONDS);
    let oversized = Bytes::from(vec![b' '; OVERSIZED_BYTES]);
    let unnamed = format!("content/{}", ContentHash::of(b"what no board names"));
    let long_nonce = format!("now?nonce={}", "n".repeat(MAX_NONCE_LENGTH + 1));
    vec![
        (
            "no token",
            Sent {
                token: None,
                ..manifest.clone()
            },
        ),
        ("a token that is none", with_token("a.b.c".to_owned())),
        (
            "an endless token",
            with_token("x".repeat(2 * MAX_TOKEN_LENGTH)),
        ),
        ("a forged signature", with_token(forged)),
        ("a token without a signature", with_token(unsigned)),
        (
            "the identifier of another display",
            with_claims(json!({ "sub": others.id().as_str() })),
        ),
        (
            "identifier and key of another display",
            with_claims(json!({ "sub": others.id().as_str(), "key": foreign_key })),
        ),
        ("an expired token", get("manifest", late)),
        ("a token of the future", get("manifest", early)),
        (
            "a token that lives for a day",
            with_claims(json!({ "exp": now.timestamp() + 86_400 })),
        ),
        (
            "a token of another path",
            Sent {
                path_and_query: device.shared.central.path("assignment"),
                ..manifest.clone()
            },
        ),
        (
            "a token of another query",
            Sent {
                path_and_query: format!("{}?x", manifest.path_and_query),
                ..manifest.clone()
            },
        ),
        (
            "a body that the token was not made for",
            Sent {
                body: Bytes::from_static(b"[]"),
                ..device.signed(Method::POST, "answers", Bytes::from_static(b"{}"), now)
            },
        ),
        (
            "an oversized body",
            device.signed(Method::POST, "answers", oversized, now),
        ),
        (
            "a body that is none",
            device.signed(
                Method::POST,
                "answers",
                Bytes::from_static(b"{\"answers\":7}"),
                now,
            ),
        ),
        ("content that its board does not name", get(&unnamed, now)),
        (
            "content by a path",
            get("content/..%2f..%2fcentral-key.pem", now),
        ),
        ("an endless nonce", get(&long_nonce, now)),
        ("a path that is none", get("displays", now)),
    ]
}

fn claims(key: &KeyPair, path_and_query: &str, now: DateTime<Utc>) -> Value {
    let public = key.public();
    json!({
        "sub": public.id().as_str(),
        "key": URL_SAFE_NO_PAD.encode(public.to_bytes()),
        "iat": now.timestamp(),
        "exp": now.timestamp() + MAX_LIFETIME_SECONDS,
        "htm": "GET",
        "htp": path_and_query,
        "bh": ContentHash::of(b"").to_string(),
    })
}

/// A token that the display's own key signs, whatever it claims.
fn token(device: &Device, header: &str, claims: &Value) -> String {
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims.to_string()),
    );
    let signature = device.signing_key().sign(signed.as_bytes()).to_bytes();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The token with another signature.
fn forged(token: &str) -> String {
    let (signed, _) = token.rsplit_once('.').unwrap_or_default();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode([7; 64]))
}

async fn attempt(device: &Device, attack: &'static str, sent: Sent) {
    let index = device.index;
    let answered = async {
        let mut connection = device.connect().await?;
        let is_oversized = sent.body.len() == OVERSIZED_BYTES;
        match connection.send(sent).await {
            // Central need not read on, and its answer may be lost with the connection.
            Err(RequestError::Broken(_)) if is_oversized => Ok(413),
            answer => answer.map(|answer| answer.status().as_u16()),
        }
    };
    match answered.await {
        Ok(400..=499) => device.saw(Seen::AttackRefused { attack }),
        // Nothing was looked at, so nothing is known.
        Ok(503) => {}
        Ok(status) => {
            tracing::error!(index, attack, status, "not refused");
            device.saw(Seen::Violation { attack, status });
        }
        Err(error) => tracing::debug!(index, attack, %error, "no answer"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;
    use vyveska_board::FakeClock;

    use super::*;
    use crate::device::Shared;
    use crate::request::Central;
    use crate::timing::Timing;

    #[tokio::test]
    async fn what_is_not_refused_is_a_violation() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        // It answers whatever comes.
        let answering = async {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.read_u8().await.unwrap();
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                stream.write_all(answer).await.unwrap();
                let mut rest = Vec::new();
                // Until the display ends the connection.
                let _ = stream.read_to_end(&mut rest).await;
            }
        };
        let (sender, mut observations) = mpsc::unbounded_channel();
        let shared = Shared {
            central: Central::at(&url.parse().unwrap()).unwrap().unwrap(),
            central_key: key_of(0, 1).public(),
            clock: Arc::new(FakeClock::at(DateTime::UNIX_EPOCH)),
            seed: 0,
            timing: Timing::default(),
            with_documents: false,
            enrolment: None,
            observations: sender,
        };
        let device = Device::new(0, Arc::new(shared), None);
        tokio::select! {
            () = answering => {}
            () = everything(&device) => {}
        }
        let expected: Vec<_> = attacks(&device).into_iter().map(|one| one.0).collect();
        let mut found = Vec::new();
        while let Ok(observation) = observations.try_recv() {
            match observation.seen {
                Seen::Violation { attack, status } => found.push((attack, status)),
                other => panic!("{other:?}"),
            }
        }
        let names: Vec<_> = found.iter().map(|one| one.0).collect();
        assert_eq!(names, expected);
        // The same is said where the answer to an oversized body is lost.
        assert!(found.iter().all(|(_, status)| *status == 200), "{found:?}");
    }
}
