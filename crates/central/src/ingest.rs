//! From a board that was read to notices and revisions, however it came.
//!
//! | Module | What it decides |
//! | --- | --- |
//! | [`identity`] | which notice of a feed is which stored notice |
//! | [`hold`] | which poll is accepted, and how far |
//! | [`plan`] | what a poll changes |
//! | [`doubtful_ends`] | which notices may end on another day than was meant |
//! | [`push`] | which notices are taken that are handed over by themselves |
//!
//! All of them are pure; this module reads the state, calls them, and writes all changes at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use vyveska_board::ofn::{FeedBoard, FeedNotice, UnreadPart};
use vyveska_board::{Clock, DocumentHash, NoticeId};

use crate::alarm;
use crate::counting::counted;
use crate::entropy::Entropy;
use crate::error::causes;
use crate::storage::{
    Actor, AlarmSubject, HeldChange, HoldReason, SourceChanges, SourceState, Storage, StorageError,
};

pub mod doubtful_ends;
pub mod hold;
pub mod identity;
pub mod plan;
pub mod push;

use doubtful_ends::DOUBTFUL_ENDS;
use hold::HoldRule;
use plan::{Belief, Feed, IdGenerator};
use push::PushError;

/// How often a decision is repeated when another writer interferes.
const ATTEMPTS: u32 = 10;

/// The kind of the alarm that parts of a source's feed cannot be read.
pub(crate) const UNREAD: &str = "unread";

/// How many unread parts of a feed its alarm names.
const MAX_NAMED_PARTS: usize = 20;

/// Where a board was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The id of its source.
    pub source: &'a str,
    /// The hash of the stored bytes, from which a hold is read again.
    pub snapshot: DocumentHash,
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
    pub clock: Arc<dyn Clock>,
    /// Randomness for identifiers and salts.
    pub entropy: Arc<dyn Entropy>,
    /// The rule by which polls are accepted.
    pub rule: HoldRule,
}

impl Ingest {
    /// Ingests a board, or the reason why there is none.
    ///
    /// # Errors
    ///
    /// When storage fails; a board that is held is no error.
    pub async fn take(
        &self,
        storage: &dyn Storage,
        origin: Origin<'_>,
        board: Result<FeedBoard, String>,
    ) -> Result<PollReport, StorageError> {
        let Origin { source, snapshot } = origin;
        let feed = board.as_ref().map(Feed::of);
        let keys = feed.as_ref().map(Feed::keys).unwrap_or_default();
        let changes = self
            .decide_and_apply(
                storage,
                source,
                &keys,
                Decision::Poll,
                |state, now, names| match &feed {
                    Ok(feed) => {
                        plan::plan(state, feed, snapshot, Belief::Rule(&self.rule), now, names)
                    }
                    Err(reason) => plan::plan_broken(state, reason, snapshot, now.earliest),
                },
            )
            .await?;
        if let Ok(board) = &board {
            self.note_unread(storage, source, &board.unread).await?;
            self.note_doubtful_ends(storage, source, board, &changes)
                .await?;
        }
        Ok(PollReport::of(&changes))
    }

    /// Raises or clears the alarm that parts of a feed cannot be read.
    async fn note_unread(
        &self,
        storage: &dyn Storage,
        source: &str,
        parts: &[UnreadPart],
    ) -> Result<(), StorageError> {
        let now = self.clock.now().earliest;
        let (subject, message) = (AlarmSubject::Source(source), unread_message(parts));
        alarm::note(storage, UNREAD, subject, message.as_deref(), now).await
    }

    /// Raises or clears the alarm that notices may end on another day than was meant, once the feed was taken over.
    async fn note_doubtful_ends(
        &self,
        storage: &dyn Storage,
        source: &str,
        board: &FeedBoard,
        changes: &SourceChanges,
    ) -> Result<(), StorageError> {
        if changes.board.is_none() {
            return Ok(());
        }
        let is_doubtful = |notice: &FeedNotice| !notice.end_doubts.is_empty();
        let message = if board.notices.iter().any(is_doubtful) {
            let state = storage.source_state(source).await?;
            doubtful_ends::message(&identity::keyed(&board.notices), &state.notices)
        } else {
            None
        };
        let now = self.clock.now().earliest;
        let (subject, message) = (AlarmSubject::Source(source), message.as_deref());
        alarm::note(storage, DOUBTFUL_ENDS, subject, message, now).await
    }

    /// Accepts a hold on behalf of `who`; `board` was read from its snapshot.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn accept(
        &self,
        storage: &dyn Storage,
        held: &HeldChange,
        board: &FeedBoard,
        who: &str,
    ) -> Result<PollReport, StorageError> {
        let feed = Feed::of(board);
        let changes = self
            .decide_and_apply(
                storage,
                &held.source,
                &feed.keys(),
                Decision::Accepted(held, who),
                |state, now, names| {
                    let belief = Belief::Accepted;
                    plan::plan(state, &feed, held.snapshot, belief, now, names)
                },
            )
            .await?;
        // It is accepted; the next poll tells it again.
        if let Err(error) = self
            .note_doubtful_ends(storage, &held.source, board, &changes)
            .await
        {
            let (source, error) = (&held.source, causes(&error));
            tracing::error!(source, error, "doubtful ends cannot be told");
        }
        Ok(PollReport::of(&changes))
    }

    /// Takes one notice that `who` hands over; the others of the source stay as they are, whatever way they came.
    ///
    /// Handed over again under the same key, it is the same notice, as in a feed. No poll revises or withdraws it.
    ///
    /// # Errors
    ///
    /// When a field cannot be as it is, no poll of the source was accepted yet, or storage fails.
    pub async fn push(
        &self,
        storage: &dyn Storage,
        source: &str,
        notice: &FeedNotice,
        who: &Actor,
    ) -> Result<PollReport, PushError> {
        let notice = push::checked(notice)?;
        if plan::has_ended(&notice.facts, &self.clock.now()) {
            return Err(push::refused("relevant_until", "it has come already"));
        }
        if storage.source_board(source).await?.is_none() {
            return Err(PushError::Unaccepted(source.to_owned()));
        }
        let keys = BTreeSet::from([notice.key.clone()]);
        let decision = Decision::Pushed(who);
        let changes = self
            .decide_and_apply(storage, source, &keys, decision, |state, now, names| {
                plan::plan_pushed(state, &notice, now, names)
            })
            .await?;
        Ok(PollReport::of(&changes))
    }

    /// The state as `decide` gets it holds the live notices, and the archived ones that have these keys.
    async fn decide_and_apply(
        &self,
        storage: &dyn Storage,
        source: &str,
        keys: &BTreeSet<String>,
        decision: Decision<'_>,
        decide: impl Fn(
            &SourceState,
            &vyveska_board::ClockBounds,
            &mut dyn IdGenerator,
        ) -> SourceChanges,
    ) -> Result<SourceChanges, StorageError> {
        let mut names = RandomNames(self.entropy.as_ref());
        for _ in 0..ATTEMPTS {
            let mut state = storage.source_state(source).await?;
            let mut others = keys.clone();
            for notice in &state.notices {
                others.remove(&notice.key);
            }
            if !others.is_empty() {
                let archived = storage.archived(source, &others).await?;
                state.notices.extend(archived);
            }
            let now = self.clock.now();
            let changes = decide(&state, &now, &mut names);
            let (version, now) = (state.version, now.earliest);
            let applied = match decision {
                Decision::Poll => storage.apply(source, version, &changes, now).await,
                Decision::Accepted(held, who) => {
                    let person = Actor::Person(who.to_owned());
                    let mut unit = storage.begin(person, now).await?;
                    match unit.accept(held, version, &changes).await {
                        Ok(()) => unit.save().await,
                        refused => refused,
                    }
                }
                Decision::Pushed(_) if is_nothing(&changes) => Ok(()),
                Decision::Pushed(who) => {
                    let mut unit = storage.begin(who.clone(), now).await?;
                    match unit.push(source, version, &changes).await {
                        Ok(()) => unit.save().await,
                        refused => refused,
                    }
                }
            };
            match applied {
                Err(StorageError::Conflict) => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(changes),
            }
        }
        Err(StorageError::Conflict)
    }
}

/// Whether a notice that is handed over is stored as it is already; that others have ended, a poll sees as well.
fn is_nothing(changes: &SourceChanges) -> bool {
    let time = SourceChanges {
        ended: changes.ended.clone(),
        documents: changes.documents.clone(),
        ..SourceChanges::default()
    };
    *changes == time
}

/// By what the notices of a source change.
#[derive(Clone, Copy)]
enum Decision<'a> {
    Poll,
    /// A hold is accepted, and by whom.
    Accepted(&'a HeldChange, &'a str),
    /// A notice is handed over, and by whom.
    Pushed(&'a Actor),
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
        count => format!(" and {}", counted(count, "more part")),
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

#[cfg(test)]
mod tests;
