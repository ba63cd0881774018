//! The requests that sync makes to central.

use std::future::Future;
use std::pin::Pin;

use chrono::{DateTime, Utc};
use futures_util::Stream;
use vyveska_wire::enrolment::EnrolmentRefusal;
use vyveska_wire::event::ManifestAnnounced;
use vyveska_wire::manifest::ContentHash;

/// The bytes of a response as they arrive.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Vec<u8>, ClientError>> + Send>>;

/// Announcements as they arrive.
pub type NewsStream = Pin<Box<dyn Stream<Item = Result<ManifestAnnounced, ClientError>> + Send>>;

/// The display interface of central. Replies are bytes; the caller verifies them.
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
    ) -> impl Future<Output = Result<SignedReply, ClientError>> + Send;

    /// This display's assignment, unless it is the one of this tag.
    fn assignment(
        &self,
        at: DateTime<Utc>,
        if_none_match: Option<&str>,
    ) -> impl Future<Output = Result<SignedReply, ClientError>> + Send;

    /// The bytes of this hash from `offset` on.
    fn content(
        &self,
        at: DateTime<Utc>,
        hash: &ContentHash,
        offset: u64,
    ) -> impl Future<Output = Result<ContentReply, ClientError>> + Send;

    /// Has this display let in; the body is an `EnrolmentRequest`. The answer says nothing that is believed.
    fn enrol(
        &self,
        at: DateTime<Utc>,
        body: Vec<u8>,
    ) -> impl Future<Output = Result<(), ClientError>> + Send;

    /// Sends answers to surveys, serialised as `SurveyAnswers`; the reply is `AnswersTaken`.
    fn send_answers(
        &self,
        at: DateTime<Utc>,
        body: Vec<u8>,
    ) -> impl Future<Output = Result<Vec<u8>, ClientError>> + Send;

    /// Tells how this display is: a `Status`.
    fn send_status(
        &self,
        at: DateTime<Utc>,
        body: Vec<u8>,
    ) -> impl Future<Output = Result<(), ClientError>> + Send;

    /// Announcements of new manifests.
    fn events(
        &self,
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<NewsStream, ClientError>> + Send;
}

/// The reply to a request for the manifest or the assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignedReply {
    /// Still the one with this tag.
    Unchanged,
    /// There is none for this display.
    NoneYet,
    Newest {
        /// Its tag, for the next request.
        etag: Option<String>,
        /// The envelope's exact bytes, not verified.
        envelope: Vec<u8>,
    },
}

pub struct ContentReply {
    /// Where the bytes begin: as requested, or 0 when central sends only the whole.
    pub offset: u64,
    /// The bytes, not verified.
    pub body: ByteStream,
}

/// Why there was no reply from central.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{cause}{}", bracketed(.words))]
pub struct NoReply {
    pub cause: NoReplyCause,
    /// The system's own error message, or empty.
    pub words: String,
}

/// The kind of failure on the way to central.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoReplyCause {
    #[error("it took too long")]
    TooSlow,
    #[error("its name is not known")]
    UnknownName,
    #[error("its certificate is not trusted")]
    Untrusted,
    #[error("no connection")]
    NoConnection,
    #[error("the connection broke")]
    Broken,
    #[error("the proxy cannot be used")]
    Proxy,
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
    #[error("central cannot be reached: {0}")]
    Unreachable(NoReply),
    #[error(
        "central does not let this display in (status {0}); start it with --enrolment and a file of `vyveska-central enrol`"
    )]
    NotLetIn(u16),
    #[error("central does not enrol this display: {0}")]
    NotEnrolled(EnrolmentRefusal),
    #[error("central does not have it")]
    NotFound,
    #[error(
        "central's address begins with http://; without --allow-http nothing is fetched over it"
    )]
    PlainHttp,
    #[error("central answered with status {0}")]
    Status(u16),
    #[error("central's answer is longer than {0} bytes")]
    TooLong(usize),
    #[error("central's answer cannot be understood: {0}")]
    Malformed(String),
}
