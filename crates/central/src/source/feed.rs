//! The bytes of a feed, from HTTP or a file.

use std::path::Path;
use std::time::Duration;

use reqwest::Client;
use tokio::io::AsyncReadExt as _;
use url::Url;

use super::http::{self, Answer, FetchError, Validators};
use crate::config::SourceLocation;

/// What is asked for.
const ACCEPT: &str = "application/ld+json, application/json";

/// What one poll brought.
#[derive(Debug, PartialEq, Eq)]
pub enum FeedAnswer {
    /// Nothing has changed.
    NotModified,
    /// Bytes.
    Body {
        /// The feed as received.
        bytes: Vec<u8>,
        /// What the publisher recognises it by.
        validators: Validators,
    },
}

/// The bounds of fetching a feed.
#[derive(Debug, Clone, Copy)]
pub struct FeedBounds {
    /// The largest feed that is read.
    pub max_bytes: u64,
    /// How long it may take.
    pub timeout: Duration,
}

/// Fetches a feed.
///
/// # Errors
///
/// When the publisher cannot be reached, refuses, or sends too much.
pub async fn fetch(
    client: &Client,
    location: &SourceLocation,
    validators: &Validators,
    bounds: FeedBounds,
) -> Result<FeedAnswer, FetchError> {
    match location {
        SourceLocation::Http(url) => fetch_http(client, url, validators, bounds).await,
        SourceLocation::File(path) => read_file(path, bounds.max_bytes).await,
    }
}

/// The address that relative addresses in the feed start from.
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
    client: &Client,
    url: &Url,
    validators: &Validators,
    bounds: FeedBounds,
) -> Result<FeedAnswer, FetchError> {
    let answer = http::conditional_get(client, url, ACCEPT, validators, bounds.timeout).await?;
    let Answer::Found(response) = answer else {
        return Ok(FeedAnswer::NotModified);
    };
    let validators = http::validators(&response);
    let mut bytes = Vec::new();
    http::read_body(*response, bounds.max_bytes, |piece| {
        bytes.extend_from_slice(&piece);
        std::future::ready(Ok(()))
    })
    .await?;
    Ok(FeedAnswer::Body { bytes, validators })
}

/// Whether these bytes are a page rather than a feed: error pages come with status 200,
/// and feeds come as `text/html`, so the bytes decide.
pub fn looks_like_markup(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    text.trim_ascii_start().starts_with(b"<")
}

async fn read_file(path: &Path, max_bytes: u64) -> Result<FeedAnswer, FetchError> {
    let file = tokio::fs::File::open(path).await?;
    let mut bytes = Vec::new();
    file.take(max_bytes + 1).read_to_end(&mut bytes).await?;
    if bytes.len() as u64 > max_bytes {
        return Err(FetchError::TooLarge {
            limit_bytes: max_bytes,
        });
    }
    Ok(FeedAnswer::Body {
        bytes,
        validators: Validators::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_page_is_told_from_a_feed() {
        assert!(looks_like_markup(b"\n <!DOCTYPE html>"));
        assert!(!looks_like_markup(b"\xEF\xBB\xBF {\"informace\":[]}"));
        assert!(!looks_like_markup(b"[]"));
        assert!(!looks_like_markup(b""));
    }
}
