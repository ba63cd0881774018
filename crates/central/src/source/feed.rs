//! The bytes of a feed, from HTTP or a file.

use std::path::Path;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use url::Url;

use crate::config::SourceLocation;
use crate::fetch::http::{self, FetchError, HttpReply, SourceClient, Validators};

const ACCEPT: &str = "application/ld+json, application/json";

/// The result of one request for a feed.
#[derive(Debug, PartialEq, Eq)]
pub enum FeedReply {
    NotModified,
    Body {
        bytes: Vec<u8>,
        validators: Validators,
    },
}

/// Limits of fetching a feed.
#[derive(Debug, Clone, Copy)]
pub struct FeedBounds {
    pub max_bytes: u64,
    /// Limit for the whole request, body included.
    pub timeout: Duration,
}

/// Fetches a feed, over HTTP or from a file.
///
/// # Errors
///
/// When the publisher cannot be reached, answers with an error status, or sends more than allowed.
pub async fn fetch(
    client: &SourceClient,
    location: &SourceLocation,
    validators: &Validators,
    bounds: FeedBounds,
) -> Result<FeedReply, FetchError> {
    match location {
        SourceLocation::Http(url) => fetch_http(client, url, validators, bounds).await,
        SourceLocation::File(path) => read_file(path, bounds.max_bytes).await,
    }
}

/// The base that relative addresses in the feed are resolved against.
pub fn base_url(location: &SourceLocation) -> Option<Url> {
    match location {
        SourceLocation::Http(url) => Some(url.clone()),
        SourceLocation::File(path) => {
            let absolute = std::path::absolute(path).ok()?;
            Url::from_file_path(absolute).ok()
        }
    }
}

async fn fetch_http(
    client: &SourceClient,
    url: &Url,
    validators: &Validators,
    bounds: FeedBounds,
) -> Result<FeedReply, FetchError> {
    let reply =
        http::conditional_get(client, url, ACCEPT, validators, bounds.timeout, None).await?;
    let HttpReply::Found(response, _) = reply else {
        return Ok(FeedReply::NotModified);
    };
    let validators = http::validators(&response);
    let mut bytes = Vec::new();
    http::read_body(*response, bounds.max_bytes, |chunk| {
        bytes.extend_from_slice(&chunk);
        std::future::ready(Ok(()))
    })
    .await?;
    Ok(FeedReply::Body { bytes, validators })
}

/// Whether these bytes are an HTML page rather than a feed. Error pages come with status 200
/// and feeds are served as `text/html`, so only the bytes decide.
pub fn looks_like_markup(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    text.trim_ascii_start().starts_with(b"<")
}

async fn read_file(path: &Path, max_bytes: u64) -> Result<FeedReply, FetchError> {
    let file = tokio::fs::File::open(path).await?;
    let mut bytes = Vec::new();
    file.take(max_bytes + 1).read_to_end(&mut bytes).await?;
    if bytes.len() as u64 > max_bytes {
        return Err(FetchError::TooLarge {
            limit_bytes: max_bytes,
        });
    }
    Ok(FeedReply::Body {
        bytes,
        validators: Validators::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_page_is_distinguished_from_a_feed() {
        assert!(looks_like_markup(b"\n <!DOCTYPE html>"));
        assert!(!looks_like_markup(b"\xEF\xBB\xBF {\"informace\":[]}"));
        assert!(!looks_like_markup(b"[]"));
        assert!(!looks_like_markup(b""));
    }
}
