//! What every request of a display carries.
//!
//! `Authorization: Bearer` with a JWT of at most 60 s signed by the device's key (EdDSA),
//! bound to the method, the path with its query, and the hash of the body:
//! a leaked token is valid for one request and one minute.
//! The token also carries the public key. That proves nothing by itself: the identifier is made from the key,
//! so a known identifier cannot come with another key, and an unknown one is taken only where unknown displays are.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::keys::{DisplayId, KeyPair, PublicKey};
use crate::manifest::ContentHash;

/// How long a token may live, in seconds.
pub const MAX_LIFETIME_SECONDS: i64 = 60;

/// How far the device's clock may run ahead of central's, in seconds.
pub const LEEWAY_SECONDS: i64 = 30;

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN_LENGTH: usize = 2048;

/// What a token is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestBinding<'a> {
    /// The method in capitals, for instance `GET`.
    pub method: &'a str,
    /// The path with its query, as it stands in the request line.
    pub path_and_query: &'a str,
    /// The body; empty for a request without one.
    pub body: &'a [u8],
}

/// The display that made a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedDisplay {
    pub id: DisplayId,
    /// The key the identifier is made from.
    pub key: PublicKey,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is not a token of this interface.
    #[error("the token cannot be read")]
    Malformed,
    /// The signature does not verify by the key it names.
    #[error("the token's signature does not verify")]
    BadSignature,
    /// The identifier was not made from the key.
    #[error("the token's display and key do not belong together")]
    WrongKey,
    /// It is too old, lives too long, or comes from the future.
    #[error("the token is not valid at this time: ask `now` and date tokens by its answer")]
    WrongTime,
    /// It belongs to another request.
    #[error("the token was made for another request")]
    WrongRequest,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    sub: DisplayId,
    /// Its public key, Base64url.
    key: String,
    iat: i64,
    exp: i64,
    htm: String,
    htp: String,
    /// SHA-256 of the body.
    bh: ContentHash,
}

/// Makes the token for one request.
///
/// # Panics
///
/// Never: an Ed25519 key always signs.
pub fn issue(key: &KeyPair, request: RequestBinding<'_>, now: DateTime<Utc>) -> String {
    let public = key.public();
    let claims = Claims {
        sub: public.id(),
        key: URL_SAFE_NO_PAD.encode(public.to_bytes()),
        iat: now.timestamp(),
        exp: now.timestamp() + MAX_LIFETIME_SECONDS,
        htm: request.method.to_owned(),
        htp: request.path_and_query.to_owned(),
        bh: ContentHash::of(request.body),
    };
    jsonwebtoken::encode(
        &Header::new(Algorithm::EdDSA),
        &claims,
        &EncodingKey::from_ed_der(&key.to_der()),
    )
    .expect("an Ed25519 key always signs")
}

/// Reads a token and checks everything but whether the display is known.
///
/// # Errors
///
/// When the token is not one, was not signed by its key, or is for another time or request.
pub fn verify(
    token: &str,
    request: RequestBinding<'_>,
    now: DateTime<Utc>,
) -> Result<VerifiedDisplay, TokenError> {
    let (claims, key) = verify_claims(token)?;
    check_time(&claims, now)?;
    check_request(claims, key, request)
}

/// Like [`verify`] before the body of the request has been read: `request.body` does not count.
///
/// Also gives the hash that the body has to have.
///
/// # Errors
///
/// When the token is not one, was not signed by its key, or is for another time or request.
pub fn verify_before_body(
    token: &str,
    request: RequestBinding<'_>,
    now: DateTime<Utc>,
) -> Result<(VerifiedDisplay, ContentHash), TokenError> {
    let (claims, key) = verify_claims(token)?;
    check_time(&claims, now)?;
    check_head(claims, key, request)
}

/// Like [`verify`] for the requests of a device with a lost clock: any time of the token is accepted.
///
/// Use it only for `now`, and for the enrolment before that: elsewhere a leaked token would be valid for ever.
///
/// # Errors
///
/// When the token is not one, was not signed by its key, or is for another request.
pub fn verify_at_any_time(
    token: &str,
    request: RequestBinding<'_>,
) -> Result<VerifiedDisplay, TokenError> {
    let (claims, key) = verify_claims(token)?;
    check_request(claims, key, request)
}

/// Reads a token that its key signed.
fn verify_claims(token: &str) -> Result<(Claims, PublicKey), TokenError> {
    if token.len() > MAX_TOKEN_LENGTH {
        return Err(TokenError::Malformed);
    }
    let unverified: Claims = jsonwebtoken::dangerous::insecure_decode_claims(token)
        .map_err(|_| TokenError::Malformed)?;
    let key = URL_SAFE_NO_PAD
        .decode(&unverified.key)
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .and_then(|bytes| PublicKey::from_bytes(&bytes).ok())
        .ok_or(TokenError::Malformed)?;

    // Times are checked below against the caller's clock, not the process's.
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.required_spec_claims = HashSet::new();
    let claims = jsonwebtoken::decode::<Claims>(
        token,
        &DecodingKey::from_ed_der(&key.to_bytes()),
        &validation,
    )
    .map_err(|_| TokenError::BadSignature)?
    .claims;

    if claims.sub != key.id() {
        return Err(TokenError::WrongKey);
    }
    Ok((claims, key))
}

fn check_request(
    claims: Claims,
    key: PublicKey,
    request: RequestBinding<'_>,
) -> Result<VerifiedDisplay, TokenError> {
    let (display, body) = check_head(claims, key, request)?;
    if body != ContentHash::of(request.body) {
        return Err(TokenError::WrongRequest);
    }
    Ok(display)
}

fn check_head(
    claims: Claims,
    key: PublicKey,
    request: RequestBinding<'_>,
) -> Result<(VerifiedDisplay, ContentHash), TokenError> {
    if claims.htm != request.method || claims.htp != request.path_and_query {
        return Err(TokenError::WrongRequest);
    }
    let id = claims.sub;
    Ok((VerifiedDisplay { id, key }, claims.bh))
}

fn check_time(claims: &Claims, now: DateTime<Utc>) -> Result<(), TokenError> {
    let instant = |seconds| DateTime::from_timestamp(seconds, 0).ok_or(TokenError::WrongTime);
    let (issued, expires) = (instant(claims.iat)?, instant(claims.exp)?);
    let leeway = TimeDelta::seconds(LEEWAY_SECONDS);
    let lives_too_long = expires - issued > TimeDelta::seconds(MAX_LIFETIME_SECONDS);
    if lives_too_long || now < issued - leeway || now > expires {
        return Err(TokenError::WrongTime);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: RequestBinding<'static> = RequestBinding {
        method: "GET",
        path_and_query: "/display/v1/manifest",
        body: b"",
    };

    fn now() -> DateTime<Utc> {
        "2026-11-21T13:32:00Z".parse().unwrap()
    }

    fn key(seed: u8) -> KeyPair {
        KeyPair::from_seed(&[seed; 32])
    }

    #[track_caller]
    fn check(request: RequestBinding<'_>, after_seconds: i64, expected: Result<(), TokenError>) {
        let token = issue(&key(1), REQUEST, now());
        let found = verify(&token, request, now() + TimeDelta::seconds(after_seconds));
        assert_eq!(found.map(|_| ()), expected);
    }

    #[test]
    fn a_token_names_its_display() {
        let token = issue(&key(1), REQUEST, now());
        let display = verify(&token, REQUEST, now()).unwrap();
        assert_eq!(display.id, key(1).public().id());
        assert_eq!(display.key, key(1).public());
    }

    #[test]
    fn a_token_is_good_for_one_request_and_one_minute() {
        check(REQUEST, 60, Ok(()));
        check(REQUEST, 61, Err(TokenError::WrongTime));
        check(REQUEST, -31, Err(TokenError::WrongTime));
        let elsewhere = |request| check(request, 0, Err(TokenError::WrongRequest));
        elsewhere(RequestBinding {
            method: "POST",
            ..REQUEST
        });
        elsewhere(RequestBinding {
            path_and_query: "/display/v1/manifest?x",
            ..REQUEST
        });
        elsewhere(RequestBinding {
            body: b"x",
            ..REQUEST
        });
    }

    #[test]
    fn before_the_body_a_token_says_which_one_has_to_come() {
        let request = RequestBinding {
            method: "POST",
            body: b"answers",
            ..REQUEST
        };
        let token = issue(&key(1), request, now());
        let head = RequestBinding {
            body: b"",
            ..request
        };
        let (display, body) = verify_before_body(&token, head, now()).unwrap();
        assert_eq!(display.id, key(1).public().id());
        assert_eq!(body, ContentHash::of(b"answers"));
        let late = now() + TimeDelta::seconds(61);
        let elsewhere = RequestBinding {
            path_and_query: "/display/v1/other",
            ..head
        };
        for (request, at, error) in [
            (head, late, TokenError::WrongTime),
            (elsewhere, now(), TokenError::WrongRequest),
        ] {
            assert_eq!(verify_before_body(&token, request, at), Err(error));
        }
    }

    #[test]
    fn a_lost_clock_is_forgiven_where_it_is_asked_for() {
        let token = issue(&key(1), REQUEST, DateTime::UNIX_EPOCH);
        assert_eq!(verify(&token, REQUEST, now()), Err(TokenError::WrongTime));
        assert!(verify_at_any_time(&token, REQUEST).is_ok());
        let other = RequestBinding {
            path_and_query: "/display/v1/manifest?x",
            ..REQUEST
        };
        assert_eq!(
            verify_at_any_time(&token, other),
            Err(TokenError::WrongRequest)
        );
    }

    #[test]
    fn a_token_cannot_claim_another_display() {
        let token = issue(&key(1), REQUEST, now());
        let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else {
            panic!("a JWT has three parts");
        };
        let mut claims: serde_json::Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
        claims["sub"] = key(2).public().id().as_str().into();
        let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
        let forged = format!("{header}.{payload}.{signature}");
        assert_eq!(
            verify(&forged, REQUEST, now()),
            Err(TokenError::BadSignature)
        );
    }

    #[test]
    fn other_algorithms_and_rubbish_are_refused() {
        let token = issue(&key(1), REQUEST, now());
        let payload = token.split('.').nth(1).unwrap();
        let none = format!(
            "{}.{payload}.",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#)
        );
        let hmac = format!(
            "{}.{payload}.AAAA",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#)
        );
        for bad in [none.as_str(), hmac.as_str(), "", "a.b.c", &"x".repeat(5000)] {
            assert!(verify(bad, REQUEST, now()).is_err(), "{bad}");
        }
    }
}
