//! From a feed's bytes to notices and revisions.
//!
//! | Module | What it decides |
//! | --- | --- |
//! | [`identity`] | which notice of a feed is which stored notice |
//! | [`hold`] | which poll is accepted, and how far |
//! | [`plan`] | what a poll changes |
//!
//! All of them are pure; this module reads the state, calls them, and writes all changes at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use url::Url;
use vyveska_board::ofn::{self, FeedBoard, UnreadPart};
use vyveska_board::posting::{PostingRules, PostingStatus, posting_status};
use vyveska_board::{Clock, DocumentHash, NoticeId, Revision};

use crate::config::SourceConfig;
use crate::document::BlobError;
use crate::document::blobs::Blobs;
use crate::entropy::Entropy;
use crate::source::feed::{base_url, looks_like_markup};
use crate::storage::{
    AuditEntry, HeldChange, HoldReason, SourceChanges, SourceState, Storage, StorageError,
};

pub mod hold;
pub mod identity;
pub mod plan;

use hold::HoldRule;
use plan::{Belief, IdGenerator};

/// How often a decision is repeated when another writer interferes.
const ATTEMPTS: u32 = 10;

/// The kind of the alarm that parts of a source's feed cannot be read.
const UNREAD: &str = "unread";

/// How many unread parts of a feed its alarm names.
const MAX_NAMED_PARTS: usize = 20;

#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The feed's bytes could not be stored or found.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The held feed cannot be read, so there is nothing to accept.
    #[error(
        "there is nothing to accept in a feed that cannot be read ({0}): its publisher has to mend it"
    )]
    NothingToAccept(String),
    /// No hold has this number.
    #[error("nothing is held under the number {0}: `held` lists what is")]
    NotHeld(i64),
    /// The hold belongs to a source that the configuration no longer names.
    #[error("the configuration names no source {0:?}")]
    UnknownSource(String),
}

/// What a poll changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PollReport {
    pub added: usize,
    /// How many notices have a new revision.
    pub revised: usize,
    pub withdrawn: usize,
    /// How many warnings the reader had.
    pub warnings: usize,
    /// The hold after it, with an explanation.
    pub held: Option<(HoldReason, String)>,
}

impl PollReport {
    fn of(changes: &SourceChanges) -> Self {
        Self {
            added: changes.added.len(),
            revised: changes.revised.len(),
            withdrawn: changes.withdrawn.len() + changes.replaced.len(),
            warnings: changes.warnings,
            held: changes
                .hold
                .as_ref()
                .map(|record| (record.hold.reason, record.message.clone())),
        }
    }
}

pub struct Ingest {
    pub storage: Arc<dyn Storage>,
    /// The store of held feeds.
    pub blobs: Blobs,
    pub clock: Arc<dyn Clock>,
    /// Randomness for identifiers and salts.
    pub entropy: Arc<dyn Entropy>,
    /// The rule by which polls are accepted.
    pub rule: HoldRule,
}

impl Ingest {
    /// Ingests a feed as received.
    ///
    /// # Errors
    ///
    /// When storage fails; a feed that is held is no error.
    pub async fn take(
        &self,
        source: &SourceConfig,
        bytes: Vec<u8>,
        snapshot: DocumentHash,
    ) -> Result<PollReport, IngestError> {
        let read = read_board(source, bytes).await;
        let changes = self
            .decide_and_apply(source, |state, now, names| match &read {
                Ok(board) => {
                    plan::plan(state, board, snapshot, Belief::Rule(&self.rule), now, names)
                }
                Err(reason) => plan::plan_broken(state, reason, snapshot, now.earliest),
            })
            .await?;
        if let Ok(board) = &read {
            self.note_unread(&source.id, &board.unread).await?;
        }
        Ok(PollReport::of(&changes))
    }

    /// Raises or clears the alarm that parts of a feed cannot be read.
    async fn note_unread(&self, source: &str, parts: &[UnreadPart]) -> Result<(), StorageError> {
        let now = self.clock.now().earliest;
        let Some(message) = unread_message(parts) else {
            return self.storage.clear_alarm(UNREAD, source, now).await;
        };
        let raised = self.storage.raise_alarm(UNREAD, source, &message, now);
        if raised.await? {
            tracing::warn!(source, message, "a part of the feed cannot be read");
        }
        Ok(())
    }

    /// Accepts a hold on behalf of `who`.
    ///
    /// # Errors
    ///
    /// When the held feed is gone or cannot be read.
    pub async fn accept(
        &self,
        source: &SourceConfig,
        held: &HeldChange,
        who: &str,
    ) -> Result<PollReport, IngestError> {
        let bytes = self.blobs.feed(held.snapshot).await?;
        let board = read_board(source, bytes)
            .await
            .map_err(IngestError::NothingToAccept)?;
        let changes = self
            .decide_and_apply(source, |state, now, names| {
                let belief = Belief::Accepted;
                let mut changes = plan::plan(state, &board, held.snapshot, belief, now, names);
                let report = PollReport::of(&changes);
                changes.audit = Some(AuditEntry {
                    who: who.to_owned(),
                    action: "hold.accept",
                    subject: format!("{}/{}", held.source, held.id),
                    detail: serde_json::json!({
                        "reason": held.hold.reason.as_str(),
                        "message": held.message,
                        "feed": held.snapshot.to_string(),
                        "added": report.added,
                        "revised": report.revised,
                        "withdrawn": report.withdrawn,
                    })
                    .to_string(),
                });
                changes
            })
            .await?;
        Ok(PollReport::of(&changes))
    }

    async fn decide_and_apply(
        &self,
        source: &SourceConfig,
        decide: impl Fn(
            &SourceState,
            &vyveska_board::ClockBounds,
            &mut dyn IdGenerator,
        ) -> SourceChanges,
    ) -> Result<SourceChanges, IngestError> {
        let mut names = RandomNames(self.entropy.as_ref());
        for _ in 0..ATTEMPTS {
            let state = self.storage.source_state(&source.id).await?;
            let now = self.clock.now();
            let changes = decide(&state, &now, &mut names);
            let applied = self
                .storage
                .apply(&source.id, state.version, &changes, now.earliest)
                .await;
            match applied {
                Err(StorageError::Conflict) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => {
                    self.want_documents(source).await?;
                    return Ok(changes);
                }
            }
        }
        Err(StorageError::Conflict.into())
    }

    /// Sets which documents are fetched: those of notices whose end has not come.
    async fn want_documents(&self, source: &SourceConfig) -> Result<(), IngestError> {
        let now = self.clock.now();
        let rules = PostingRules::default();
        let mut urls: BTreeSet<Url> = BTreeSet::new();
        for current in self.storage.current_notices(&source.id).await? {
            let notice = current
                .facts
                .notice(current.id.clone(), Revision::FIRST, &[]);
            if posting_status(&notice, &now, &rules) != PostingStatus::Ended {
                urls.extend(current.facts.document_urls().cloned());
            }
        }
        self.storage.want(&source.id, &urls, now.earliest).await?;
        Ok(())
    }
}

/// Which lines of a feed are no JSON; `None` where all could be read.
fn unread_message(parts: &[UnreadPart]) -> Option<String> {
    let lines: Vec<String> = parts
        .iter()
        .take(MAX_NAMED_PARTS)
        .map(|part| match part.lines {
            (first, last) if first == last => first.to_string(),
            (first, last) => format!("{first} to {last}"),
        })
        .collect();
    let more = match parts.len().saturating_sub(lines.len()) {
        0 => String::new(),
        count => format!(" and {count} more parts"),
    };
    (!parts.is_empty()).then(|| {
        format!(
            "the feed is not valid JSON at lines {}{more}: the notices there keep their last revision until its publisher mends it",
            lines.join(", ")
        )
    })
}

struct RandomNames<'a>(&'a dyn Entropy);

impl IdGenerator for RandomNames<'_> {
    /// Sixteen digits: short enough for a QR code, and not guessable before the notice is posted.
    fn notice_id(&mut self) -> NoticeId {
        NoticeId::new(self.0.hex(8))
    }

    fn salt(&mut self) -> String {
        self.0.hex(16)
    }
}

/// Reads the configured board of a feed; the error explains to a person why there is none.
async fn read_board(source: &SourceConfig, bytes: Vec<u8>) -> Result<FeedBoard, String> {
    let Some(base) = base_url(&source.url) else {
        return Err("the source has no usable address".to_owned());
    };
    if looks_like_markup(&bytes) {
        return Err("a page came instead of a feed".to_owned());
    }
    // Reading a large feed would block the runtime.
    let read = tokio::task::spawn_blocking(move || ofn::read(&bytes, &base)).await;
    let boards = match read {
        Ok(Ok(boards)) => boards,
        Ok(Err(error)) => return Err(error.to_string()),
        Err(_) => return Err("the reader failed".to_owned()),
    };
    choose(boards, source.board_iri.as_deref())
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
