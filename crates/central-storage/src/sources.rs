//! Sources and their notices.
//!
//! A notice is *live* until its end has come, it is withdrawn, or its publisher reuses its key. Then it is *archived*:
//! it stays as a record, and neither polls nor publications read it, so that what they cost follows what hangs. A poll
//! looks up by their keys only those archived notices that its feed names.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;
use vyveska_board::{DocumentHash, NoticeId};
use vyveska_wire::section::Texts;

use crate::{HoldOutcome, HoldRecord, MovedDocument, NoticeFacts, OpenHold, StorageError};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FetchState {
    /// When the source last responded to a poll.
    pub polled_at: Option<DateTime<Utc>>,
    /// How many polls failed in a row.
    pub failures: u32,
    /// Why the last one failed.
    pub last_error: Option<String>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// The hash of the bytes last received.
    pub snapshot: Option<DocumentHash>,
}

/// The board as a source describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceBoard {
    pub iri: String,
    pub name: Texts,
    pub page: Option<Url>,
    pub operator_ico: Option<String>,
}

/// A notice as central knows it, between polls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownNotice {
    pub id: NoticeId,
    /// The key under which its source identifies it.
    pub key: String,
    /// Whether it is out of the way of polls: its end has come, or it was withdrawn.
    pub archived: bool,
    /// The accepted poll since which it has been missing.
    pub missing_since: Option<DateTime<Utc>>,
    /// The facts of its newest revision.
    pub facts: NoticeFacts,
}

/// What is stored of a source's notices.
#[derive(Debug, Clone, Default)]
pub struct SourceState {
    /// Passed to [`SourceRepository::apply`] with the changes.
    pub version: i64,
    /// Whether any poll has been accepted.
    pub applied: bool,
    /// The board as the last accepted poll described it.
    pub board: Option<SourceBoard>,
    /// The live notices. A poll compares them, and those of [`SourceRepository::archived`] that it names.
    pub notices: Vec<KnownNotice>,
    pub hold: Option<OpenHold>,
}

/// A notice or revision to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRevision {
    pub id: NoticeId,
    pub facts: NoticeFacts,
    /// The JSON as received; it stays until the next revision, while the facts stay for ever.
    pub raw: String,
    /// The salt of its hash in journals.
    pub salt: String,
}

/// What one poll changes; written all at once or not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceChanges {
    /// The board as the feed describes it, when the feed is accepted.
    pub board: Option<SourceBoard>,
    /// How many warnings the reader had.
    pub warnings: usize,
    /// Notices that give up their key: the publisher reused it.
    pub replaced: Vec<NoticeId>,
    pub added: Vec<(String, NewRevision)>,
    pub revised: Vec<NewRevision>,
    /// Notices whose documents have other addresses and that else are as they were: the facts of their newest revision.
    pub readdressed: Vec<(NoticeId, NoticeFacts, Vec<MovedDocument>)>,
    /// Notices recognised under another key.
    pub rekeyed: Vec<(NoticeId, String)>,
    /// Archived notices that are live again: withdrawn ones that came back, and ended ones whose end was postponed.
    pub reinstated: Vec<NoticeId>,
    pub withdrawn: Vec<NoticeId>,
    /// Notices whose end has come.
    pub ended: Vec<NoticeId>,
    /// The documents that are fetched from now on, which is due, others no longer; as before where `None`.
    pub documents: Option<BTreeSet<Url>>,
    /// Notices missing for the first time.
    pub missing: Vec<NoticeId>,
    /// Notices no longer missing.
    pub found: Vec<NoticeId>,
    /// How the open hold ends, if it ends.
    pub close_hold: Option<HoldOutcome>,
    /// The hold from now on.
    pub hold: Option<HoldRecord>,
}

/// Stores sources and their notices.
#[async_trait]
pub trait SourceRepository: Send + Sync {
    async fn fetch_state(&self, source: &str) -> Result<FetchState, StorageError>;
    async fn set_fetch_state(&self, source: &str, state: &FetchState) -> Result<(), StorageError>;
    /// The source's live notices with their version.
    async fn source_state(&self, source: &str) -> Result<SourceState, StorageError>;
    /// The archived notices of a source that have these keys, except replaced ones.
    ///
    /// What changes after [`Self::source_state`] has been read makes [`Self::apply`] a conflict, so that both may be
    /// read one after the other.
    async fn archived(
        &self,
        source: &str,
        keys: &BTreeSet<String>,
    ) -> Result<Vec<KnownNotice>, StorageError>;
    /// Writes the changes decided on `version` of the state; [`StorageError::Conflict`] when it is no longer that.
    async fn apply(
        &self,
        source: &str,
        version: i64,
        changes: &SourceChanges,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError>;
    /// Makes the notices of a source live again that ended later than `now`: the clock was wrong then.
    async fn revive_ended(&self, source: &str, now: DateTime<Utc>) -> Result<(), StorageError>;
    /// The board as the source describes it; `None` before a poll was accepted.
    async fn source_board(&self, source: &str) -> Result<Option<SourceBoard>, StorageError>;
}
