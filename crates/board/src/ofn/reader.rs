//! The tolerant reader.

use url::Url;

use super::FeedBoard;

/// Why no board could be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// The bytes are not JSON.
    #[error("the feed is not JSON: {0}")]
    NotJson(String),
    /// It is JSON, but no board.
    #[error("the feed holds no board: {0}")]
    NoBoard(String),
}

/// Reads every board of a feed; `feed_url` resolves relative addresses.
///
/// # Errors
///
/// When the bytes are not JSON or hold no board; a bad field never is an error.
pub fn read(_bytes: &[u8], _feed_url: &Url) -> Result<Vec<FeedBoard>, FeedError> {
    Err(FeedError::NoBoard("nothing is read yet".to_owned()))
}
