//! One conditional GET within bounds: what feeds and documents have in common.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, RETRY_AFTER,
};
use reqwest::{Client, Response, StatusCode};
use url::Url;

/// What a publisher recognises an earlier answer by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The `ETag`.
    pub etag: Option<String>,
    /// The `Last-Modified`.
    pub last_modified: Option<String>,
}

/// Why nothing was fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The publisher answered with an error.
    #[error("the publisher answers {status}")]
    Status {
        /// Which.
        status: StatusCode,
        /// For how long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// There is more than is taken.
    #[error("larger than the {limit_bytes} bytes allowed")]
    TooLarge {
        /// How much is taken.
        limit_bytes: u64,
    },
    /// An HTML page came in the place of what was asked for.
    #[error("an HTML page came instead of {expected}")]
    Html {
        /// What was asked for.
        expected: &'static str,
    },
    /// The file cannot be read.
    #[error("cannot read the file: {0}")]
    File(#[from] std::io::Error),
    /// The address is none that is fetched.
    #[error("not an address that is fetched: {0}")]
    Address(String),
    /// It could not be stored.
    #[error("cannot be stored: {0}")]
    Store(String),
    /// The connection failed or took too long.
    #[error("{}", describe(.0))]
    Transport(#[from] reqwest::Error),
}

/// reqwest's own message says little without its causes.
fn describe(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "the publisher did not answer in time".to_owned();
    }
    if error.is_redirect() {
        return "the publisher redirects too often".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    format!("cannot fetch: {cause}")
}

impl FetchError {
    /// Whether asking again soon is pointless.
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(
                *status,
                StatusCode::UNAUTHORIZED
                    | StatusCode::FORBIDDEN
                    | StatusCode::NOT_FOUND
                    | StatusCode::GONE
            ),
            Self::TooLarge { .. } | Self::Address(_) => true,
            _ => false,
        }
    }

    /// For how long the publisher wants to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// What came.
#[derive(Debug)]
pub enum Answer {
    /// Nothing has changed.
    NotModified,
    /// The head of an answer whose body is still to be read.
    Found(Box<Response>),
}

/// Asks for `url`; the body is not read yet.
///
/// # Errors
///
/// When the publisher cannot be reached or answers with anything but success.
pub async fn conditional_get(
    client: &Client,
    url: &Url,
    accept: &'static str,
    validators: &Validators,
    timeout: Duration,
) -> Result<Answer, FetchError> {
    let mut request = client
        .get(url.clone())
        .header(ACCEPT, accept)
        .timeout(timeout);
    if let Some(etag) = &validators.etag {
        request = request.header(IF_NONE_MATCH, etag);
    }
    if let Some(date) = &validators.last_modified {
        request = request.header(IF_MODIFIED_SINCE, date);
    }
    let response = request.send().await?;
    let asked_conditionally = *validators != Validators::default();
    match response.status() {
        StatusCode::NOT_MODIFIED if asked_conditionally => Ok(Answer::NotModified),
        status if status.is_success() && status != StatusCode::NO_CONTENT => {
            Ok(Answer::Found(Box::new(response)))
        }
        status => Err(FetchError::Status {
            status,
            retry_after: header(response.headers(), RETRY_AFTER)
                .and_then(|seconds| seconds.trim().parse().ok())
                .map(Duration::from_secs),
        }),
    }
}

/// Reads a body, handing it on piece by piece; stops as soon as it is too large.
///
/// # Errors
///
/// When it is larger than `limit_bytes`, breaks off, or `take` refuses.
pub async fn read_body<F>(
    response: Response,
    limit_bytes: u64,
    mut take: impl FnMut(Bytes) -> F,
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
    let mut received = 0;
    let mut body = response.bytes_stream();
    while let Some(piece) = body.next().await {
        let piece = piece?;
        received += piece.len() as u64;
        if received > limit_bytes {
            return Err(FetchError::TooLarge { limit_bytes });
        }
        take(piece).await?;
    }
    Ok(())
}

/// The validators of an answer.
pub fn validators(response: &Response) -> Validators {
    Validators {
        etag: header(response.headers(), ETAG).map(str::to_owned),
        last_modified: header(response.headers(), LAST_MODIFIED).map(str::to_owned),
    }
}

/// Whether the answer calls itself HTML.
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
