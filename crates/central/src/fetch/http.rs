//! A conditional GET with limits, shared by feeds and documents.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt as _;
use reqwest::header::{
    ACCEPT, AGE, CONTENT_ENCODING, CONTENT_TYPE, DATE, ETAG, HeaderMap, HeaderName, HeaderValue,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use reqwest::{Client, Response, StatusCode};
use tokio::time::Instant;
use url::Url;
use vyveska_board::DocumentHash;

use super::address::{self, NamedHost, Trust};
use super::budget::SourceBudget;
use super::host_limits::{HostLimits, HostPlace};
use crate::clock::CheckedClock;

const MAX_REDIRECTS: usize = 5;

/// Cache validators of an earlier response (RFC 9110, section 8.8).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("the publisher answers {status}")]
    Status {
        status: StatusCode,
        /// From the `Retry-After` header, when given in seconds.
        retry_after: Option<Duration>,
    },
    #[error("larger than the {limit_bytes} bytes allowed")]
    TooLarge { limit_bytes: u64 },
    /// An HTML page came instead of the expected content.
    #[error("an HTML page came instead of {expected}")]
    Html { expected: &'static str },
    #[error("a log-in page came instead of a document")]
    LogIn,
    #[error("the file is empty")]
    Empty,
    /// Fewer bytes came than were announced.
    #[error("the response ended early: {}", describe(.0))]
    CutOff(reqwest::Error),
    /// All came that was announced, but the file lacks its end. Of these bytes.
    #[error("the file lacks its end")]
    Truncated(DocumentHash),
    #[error("compressed as {0}, which was not asked for")]
    Encoding(String),
    #[error("cannot read the file: {0}")]
    File(#[from] std::io::Error),
    #[error("{0} is not a public address, and the source does not name it (private_hosts)")]
    NotPublic(String),
    #[error("redirected from https to http at {0}")]
    Downgrade(String),
    #[error("the publisher redirects too often")]
    TooManyRedirects,
    /// The address may not be fetched.
    #[error("not an address that is fetched: {0}")]
    Address(String),
    #[error("cannot be stored: {0}")]
    Store(String),
    #[error("{}", describe(.0))]
    Transport(#[from] reqwest::Error),
}

/// reqwest's own message omits the cause, so the innermost one is used.
fn describe(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "the publisher did not answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    format!("cannot fetch: {cause}")
}

impl FetchError {
    /// Whether an early retry would fail in the same way.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(
                *status,
                StatusCode::UNAUTHORIZED
                    | StatusCode::FORBIDDEN
                    | StatusCode::NOT_FOUND
                    | StatusCode::GONE
            ),
            Self::TooLarge { .. }
            | Self::Address(_)
            | Self::NotPublic(_)
            | Self::Downgrade(_)
            | Self::TooManyRedirects => true,
            Self::Html { .. }
            | Self::LogIn
            | Self::Empty
            | Self::CutOff(_)
            | Self::Truncated(_)
            | Self::Encoding(_)
            | Self::File(_)
            | Self::Store(_)
            | Self::Transport(_) => false,
        }
    }

    /// The delay the publisher asked for.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// What bounds the requests of a source.
#[derive(Clone, Copy)]
pub struct RequestLimits<'a> {
    pub hosts: &'a HostLimits,
    /// Whose source it is.
    pub town: &'a str,
    pub budget: &'a Arc<SourceBudget>,
}

/// The HTTP clients of one source; neither follows redirects by itself.
#[derive(Clone)]
pub struct SourceClient {
    /// Resolves names with [`address::PublicResolver`].
    pub public: Client,
    /// For the hosts that the configuration names; connects to any address.
    pub named: Client,
    pub hosts: Vec<NamedHost>,
    /// The clock that the times of responses confirm.
    pub clock: Option<Arc<CheckedClock>>,
}

impl SourceClient {
    /// Requests `url` and follows redirects; the address of every hop is checked, and its host's limits are kept.
    async fn get(
        &self,
        url: &Url,
        headers: HeaderMap,
        timeout: Duration,
        limits: Option<RequestLimits<'_>>,
    ) -> Result<(Response, Option<HostPlace>), FetchError> {
        // Waiting for a place at a host does not count.
        let mut remaining = timeout;
        let mut url = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let client = match address::trust(&url, &self.hosts) {
                Some(Trust::Named) => &self.named,
                Some(Trust::Public) => &self.public,
                None => return Err(FetchError::NotPublic(host(&url))),
            };
            let place = match limits {
                Some(limits) => Some(limits.hosts.place(&url, limits.town, limits.budget).await),
                None => None,
            };
            let request = client.get(url.clone()).headers(headers.clone());
            let asked = Instant::now();
            let response = request.timeout(remaining).send().await?;
            remaining = remaining.saturating_sub(asked.elapsed());
            self.observe_time(response.headers());
            let target = response
                .headers()
                .get(LOCATION)
                .filter(|_| is_redirect(response.status()))
                .and_then(|location| location.to_str().ok());
            match target {
                Some(target) => url = redirect(&url, target)?,
                None => return Ok((response, place)),
            }
        }
        Err(FetchError::TooManyRedirects)
    }

    fn observe_time(&self, headers: &HeaderMap) {
        if let (Some(clock), Some(date)) = (&self.clock, date(headers)) {
            clock.observe_publisher_time(date);
        }
    }
}

/// The time of whoever sent the response: when it was made, and how long a cache has had it since (RFC 9111, 5.1).
fn date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let date = DateTime::parse_from_rfc2822(header(headers, DATE)?).ok()?;
    let age = header(headers, AGE).map_or(Ok(0), str::parse).ok()?;
    date.with_timezone(&Utc)
        .checked_add_signed(TimeDelta::try_seconds(age)?)
}

/// What of an address may be logged: a file's name may name people.
pub fn scheme_and_host(url: &Url) -> String {
    format!("{}://{}", url.scheme(), host(url))
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The address a redirect leads to.
fn redirect(from: &Url, location: &str) -> Result<Url, FetchError> {
    let to = from.join(location).map_err(|_| {
        FetchError::Address(format!("after a redirect by {}", scheme_and_host(from)))
    })?;
    match (from.scheme(), to.scheme()) {
        ("https", "http") => Err(FetchError::Downgrade(host(&to))),
        (_, "http" | "https") => Ok(to),
        _ => Err(FetchError::Address(scheme_and_host(&to))),
    }
}

/// A successful response.
#[derive(Debug)]
pub enum HttpReply {
    NotModified,
    /// The head of a response whose body is not read yet, and the place at its host until then.
    Found(Box<Response>, Option<HostPlace>),
}

/// Requests `url`; the body is not read yet.
///
/// # Errors
///
/// When the publisher cannot be reached or answers with anything but success or "not modified".
pub async fn conditional_get(
    client: &SourceClient,
    url: &Url,
    accept: &'static str,
    validators: &Validators,
    timeout: Duration,
    limits: Option<RequestLimits<'_>>,
) -> Result<HttpReply, FetchError> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    for (name, value) in [
        (IF_NONE_MATCH, &validators.etag),
        (IF_MODIFIED_SINCE, &validators.last_modified),
    ] {
        let value = value.as_deref().map(HeaderValue::from_str);
        if let Some(Ok(value)) = value {
            headers.insert(name, value);
        }
    }
    let (response, place) = client.get(url, headers, timeout, limits).await?;
    let is_conditional = *validators != Validators::default();
    match response.status() {
        StatusCode::NOT_MODIFIED if is_conditional => Ok(HttpReply::NotModified),
        status if status.is_success() && status != StatusCode::NO_CONTENT => {
            Ok(HttpReply::Found(Box::new(response), place))
        }
        status => Err(FetchError::Status {
            status,
            retry_after: header(response.headers(), RETRY_AFTER)
                .and_then(|seconds| seconds.trim().parse().ok())
                .map(Duration::from_secs),
        }),
    }
}

/// Reads a body and passes each chunk to `on_chunk`; stops as soon as it is too large.
///
/// # Errors
///
/// When it is larger than `limit_bytes`, is cut off, or `on_chunk` fails.
pub async fn read_body<F>(
    response: Response,
    limit_bytes: u64,
    mut on_chunk: impl FnMut(Bytes) -> F,
) -> Result<(), FetchError>
where
    F: Future<Output = Result<(), FetchError>>,
{
    if response
        .content_length()
        .is_some_and(|length| length > limit_bytes)
    {
        return Err(FetchError::TooLarge { limit_bytes });
    }
    // The client undoes what it asks for, and takes its name away.
    if let Some(encoding) = header(response.headers(), CONTENT_ENCODING)
        && !encoding.eq_ignore_ascii_case("identity")
    {
        return Err(FetchError::Encoding(encoding.to_owned()));
    }
    let mut received = 0;
    let mut body = response.bytes_stream();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| match error.is_timeout() {
            true => FetchError::Transport(error),
            false => FetchError::CutOff(error),
        })?;
        received += chunk.len() as u64;
        if received > limit_bytes {
            return Err(FetchError::TooLarge { limit_bytes });
        }
        on_chunk(chunk).await?;
    }
    Ok(())
}

pub fn validators(response: &Response) -> Validators {
    Validators {
        etag: header(response.headers(), ETAG).map(str::to_owned),
        last_modified: header(response.headers(), LAST_MODIFIED).map(str::to_owned),
    }
}

/// Whether the `Content-Type` is HTML.
pub fn claims_html(response: &Response) -> bool {
    header(response.headers(), CONTENT_TYPE).is_some_and(|media_type| {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("text/html")
            || essence.eq_ignore_ascii_case("application/xhtml+xml")
    })
}

fn header(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .filter(|value| value.len() <= 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_from_a_cache_tells_the_time_all_the_same() {
        let stated = |age: Option<&str>| {
            let mut headers = HeaderMap::new();
            let noon = "Sat, 21 Nov 2026 12:00:00 GMT".parse().unwrap();
            headers.insert(DATE, noon);
            age.map(|age| headers.insert(AGE, age.parse().unwrap()));
            date(&headers).map(|date| date.to_rfc3339())
        };
        let noon = Some("2026-11-21T12:00:00+00:00".to_owned());
        assert_eq!(stated(None), noon);
        assert_eq!(stated(Some("0")), noon);
        let later = Some("2026-11-21T13:00:00+00:00".to_owned());
        assert_eq!(stated(Some("3600")), later);
        for nonsense in ["soon", "9223372036854775807", "-99999999999999999"] {
            assert_eq!(stated(Some(nonsense)), None, "{nonsense}");
        }
        assert_eq!(date(&HeaderMap::new()), None);
    }

    #[test]
    fn a_redirect_never_leaves_https_nor_http() {
        let follow = |from: &str, location: &str| {
            redirect(&from.parse().unwrap(), location).map(String::from)
        };
        for (from, location, expected) in [
            ("http://a.example/x", "/y", "http://a.example/y"),
            (
                "http://a.example/x",
                "https://b.example/",
                "https://b.example/",
            ),
            ("https://a.example/x", "//b.example/", "https://b.example/"),
            ("http://a.example/x", "http://10.0.0.1/", "http://10.0.0.1/"),
        ] {
            assert_eq!(follow(from, location).unwrap(), expected);
        }
        let downgrade = follow("https://a.example/x", "http://a.example/x");
        assert!(matches!(downgrade, Err(FetchError::Downgrade(_))));
        for location in [
            "file:///etc/passwd",
            "ftp://a.example/",
            "data:,x",
            "http://[::1",
        ] {
            let refused = follow("http://a.example/x", location);
            assert!(matches!(refused, Err(FetchError::Address(_))), "{location}");
        }
    }
}
