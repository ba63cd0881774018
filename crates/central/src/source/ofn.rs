//! A feed of the open formal norm „Úřední desky", over HTTP or from a file.

use std::io;
use std::path::Path;

use async_trait::async_trait;
use tokio::io::AsyncReadExt as _;
use url::Url;
use vyveska_board::ofn::{self, FeedBoard};

use super::{SnapshotBounds, Source, SourceReply};
use crate::config::SourceLocation;
use crate::fetch::http::{self, FetchError, HttpReply, SourceClient, Validators};

const ACCEPT: &str = "application/ld+json, application/json";

pub struct OfnSource {
    pub location: SourceLocation,
    /// Which board of a feed that holds several.
    pub board_iri: Option<String>,
    pub client: SourceClient,
    pub bounds: SnapshotBounds,
}

#[async_trait]
impl Source for OfnSource {
    async fn fetch(&self, validators: &Validators) -> Result<SourceReply, FetchError> {
        match &self.location {
            SourceLocation::Http(url) => self.fetch_http(url, validators).await,
            SourceLocation::File(path) => read_file(path, self.bounds.max_bytes).await,
        }
    }

    fn read(&self, snapshot: &[u8]) -> Result<FeedBoard, String> {
        choose(self.boards(snapshot)?, self.board_iri.as_deref())
    }
}

impl OfnSource {
    /// Every board of a feed.
    ///
    /// # Errors
    ///
    /// Explains to a person why there is none.
    pub fn boards(&self, feed: &[u8]) -> Result<Vec<FeedBoard>, String> {
        let Some(base) = self.base_url() else {
            return Err("the source has no usable address".to_owned());
        };
        if looks_like_markup(feed) {
            return Err("a page came instead of a feed".to_owned());
        }
        ofn::read(feed, &base).map_err(|error| error.to_string())
    }

    /// The base that relative addresses in the feed are resolved against.
    fn base_url(&self) -> Option<Url> {
        match &self.location {
            SourceLocation::Http(url) => Some(url.clone()),
            SourceLocation::File(path) => {
                let absolute = std::path::absolute(path).ok()?;
                Url::from_file_path(absolute).ok()
            }
        }
    }

    async fn fetch_http(
        &self,
        url: &Url,
        validators: &Validators,
    ) -> Result<SourceReply, FetchError> {
        let timeout = self.bounds.timeout;
        let reply =
            http::conditional_get(&self.client, url, ACCEPT, validators, timeout, None).await?;
        let HttpReply::Found(response, _) = reply else {
            return Ok(SourceReply::NotModified);
        };
        let validators = http::validators(&response);
        let mut bytes = Vec::new();
        http::read_body(*response, self.bounds.max_bytes, |chunk| {
            bytes.extend_from_slice(&chunk);
            std::future::ready(Ok(()))
        })
        .await?;
        Ok(SourceReply::Snapshot { bytes, validators })
    }
}

fn choose(boards: Vec<FeedBoard>, wanted: Option<&str>) -> Result<FeedBoard, String> {
    let count = boards.len();
    let mut boards = boards.into_iter();
    match wanted {
        Some(iri) => boards
            .find(|board| board.iri.as_str() == iri)
            .ok_or_else(|| format!("none of the feed's {count} boards is {iri}")),
        None if count > 1 => Err(format!(
            "the feed holds {count} boards: say which in boards.sources.board_iri"
        )),
        None => boards
            .next()
            .ok_or_else(|| "the feed holds no board".to_owned()),
    }
}

/// Whether these bytes are an HTML page rather than a feed. Error pages come with status 200
/// and feeds are served as `text/html`, so only the bytes decide.
fn looks_like_markup(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    text.trim_ascii_start().starts_with(b"<")
}

async fn read_file(path: &Path, max_bytes: u64) -> Result<SourceReply, FetchError> {
    let named = |error: io::Error| {
        let what = format!("{}: {error}", path.display());
        io::Error::new(error.kind(), what)
    };
    let file = tokio::fs::File::open(path).await.map_err(named)?;
    let mut bytes = Vec::new();
    let mut file = file.take(max_bytes + 1);
    file.read_to_end(&mut bytes).await.map_err(named)?;
    if bytes.len() as u64 > max_bytes {
        return Err(FetchError::TooLarge {
            limit_bytes: max_bytes,
        });
    }
    Ok(SourceReply::Snapshot {
        bytes,
        validators: Validators::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_is_not_there_is_named() {
        let error = read_file(Path::new("/no/feed.jsonld"), 10)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("/no/feed.jsonld"), "{error}");
    }

    #[test]
    fn an_error_page_is_distinguished_from_a_feed() {
        assert!(looks_like_markup(b"\n <!DOCTYPE html>"));
        assert!(!looks_like_markup(b"\xEF\xBB\xBF {\"informace\":[]}"));
        assert!(!looks_like_markup(b"[]"));
        assert!(!looks_like_markup(b""));
    }
}
