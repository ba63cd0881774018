//! What sync asks of central.

use std::future::Future;
use std::pin::Pin;

use chrono::{DateTime, Utc};
use futures_util::Stream;
use vyveska_wire::event::ManifestAnnounced;
use vyveska_wire::manifest::ContentHash;

/// Bytes as they come.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Vec<u8>, ClientError>> + Send>>;

/// Announcements as they come.
pub type NewsStream = Pin<Box<dyn Stream<Item = Result<ManifestAnnounced, ClientError>> + Send>>;

/// The display interface of central. Answers are bytes: whoever asked verifies them.
///
/// `at` is the time that dates the request's token.
pub trait CentralClient: Send + Sync + 'static {
    /// The signed time: an envelope of `Now`.
    fn now(
        &self,
        at: DateTime<Utc>,
        nonce: &str,
    ) -> impl Future<Output = Result<Vec<u8>, ClientError>> + Send;

    /// The newest manifest, unless it is the one of this tag.
    fn manifest(
        &self,
        at: DateTime<Utc>,
        if_none_match: Option<&str>,
    ) -> impl Future<Output = Result<ManifestAnswer, ClientError>> + Send;

    /// The bytes of this hash from `offset` on.
    fn content(
        &self,
        at: DateTime<Utc>,
        hash: &ContentHash,
        offset: u64,
    ) -> impl Future<Output = Result<ContentAnswer, ClientError>> + Send;

    /// Hands over answers of passers-by, in the bytes of `Answers`; the answer is `AnswersTaken`.
    fn send_answers(
        &self,
        at: DateTime<Utc>,
        body: Vec<u8>,
    ) -> impl Future<Output = Result<Vec<u8>, ClientError>> + Send;

    /// Announcements of new manifests.
    fn events(
        &self,
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<NewsStream, ClientError>> + Send;
}

/// What central says to the question for a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestAnswer {
    /// Still the one of the tag.
    Unchanged,
    /// There is none for this display.
    NoneYet,
    /// The newest.
    Newest {
        /// Its tag, to ask with next time.
        etag: Option<String>,
        /// The envelope's exact bytes, not verified.
        envelope: Vec<u8>,
    },
}

/// Bytes on their way.
pub struct ContentAnswer {
    /// Where they begin: as asked, or 0 when central gives only the whole.
    pub offset: u64,
    /// The bytes, not verified.
    pub body: ByteStream,
}

/// Why nothing came back from central.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{cause}{}", bracketed(.words))]
pub struct NoAnswer {
    /// What went wrong.
    pub cause: NoAnswerCause,
    /// What the system says about it, in its own words; empty when it says nothing.
    pub words: String,
}

/// What went wrong on the way to central.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswerCause {
    /// It was waited for in vain.
    #[error("it took too long")]
    TooSlow,
    /// Nobody knows its name.
    #[error("its name is not known")]
    UnknownName,
    /// Its certificate is not trusted.
    #[error("its certificate is not trusted")]
    Untrusted,
    /// There is no way to it.
    #[error("no connection")]
    NoConnection,
    /// There was one.
    #[error("the connection broke")]
    Broken,
    /// The proxy is none.
    #[error("the proxy cannot be used")]
    Proxy,
    /// The authority's certificate is none.
    #[error("the certificate cannot be used")]
    Authority,
}

fn bracketed(words: &str) -> String {
    if words.is_empty() {
        String::new()
    } else {
        format!(" ({words})")
    }
}

/// Why central did not answer as it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// It cannot be reached, or stopped in the middle.
    #[error("central cannot be reached: {0}")]
    Unreachable(NoAnswer),
    /// It does not know this display, or finds its token too old.
    #[error("central does not let this display in (status {0}); pair it, or accept it at central")]
    NotLetIn(u16),
    /// It does not have that.
    #[error("central does not have it")]
    NotFound,
    /// Another status than the interface knows.
    #[error("central answered with status {0}")]
    Status(u16),
    /// The answer is longer than it may be.
    #[error("central's answer is longer than {0} bytes")]
    TooLong(usize),
    /// The answer is not one.
    #[error("central's answer cannot be understood: {0}")]
    Malformed(String),
}
