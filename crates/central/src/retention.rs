//! What central forgets, and when.
//!
//! | What | How long it stays |
//! | --- | --- |
//! | notices, and revisions that were published | for ever: the record of what hung; so do the audit log and answers to surveys |
//! | the newest revision of a notice, a wanted document, the newest publication of a board, an open hold or alarm | while it is that |
//! | older publications and their manifests | [`KEPT`] from when another replaced them; all of a board, from when it left service |
//! | what displays may fetch of them | [`FETCHABLE`] from when they were replaced, of the last three of a board |
//! | a revision that another replaced before it was published | [`KEPT`] from its creation |
//! | what is known of a document that no live notice of a source in service has any more | [`KEPT`] from when none had it any more; where its bytes were never there, until then |
//! | stored bytes: documents, sections, pictures, and with a document what was made of it | [`KEPT`] from when nothing named them any more |
//! | feeds as received | [`FEEDS_KEPT`] from when nothing named them any more |
//! | texts and renditions | the same as their document, which begins with its end; what is known of them goes within a day after what is known of it |
//! | closed holds and alarms | [`CLOSED_KEPT`] from when they were closed |
//! | sessions and sign-ins | until they end; invitations, failed attempts and the ids of forms that were sent a day longer |
//! | damaged bytes that were moved to `documents/damaged` | [`KEPT`] from when they were moved |
//! | what is being fetched, in `documents/incoming` | until it is complete or given up; what a power cut left, until a service starts [`UNFINISHED_KEPT`](crate::document::blobs::UNFINISHED_KEPT) later |
//!
//! A notice ends with the poll after its end. Where no poll ends it, because its source is out of service, unreachable or
//! broken, it ends here, within a day, by the same rule.
//!
//! Bytes are named by the newest publication of each board, wanted documents, live notices, texts and renditions by their
//! document, feeds by their source and by open holds; what is out of service names nothing. What is known of bytes, and a
//! publication that displays may be fetching, goes before the bytes do, and within the same time.
//!
//! [`KEPT`] is for a database that is restored from a backup: as long as that is younger, the bytes are still there that
//! it names; only a feed may be gone, which the next poll brings again. It holds for personal data too, which otherwise
//! leave when their notice is taken down: until the bytes are gone nothing shows them any more but a publication that
//! displays may still be fetching. A restored database could not tell bytes that were deleted from bytes that were lost,
//! and would have them fetched again.
//!
//! What is forgotten leaves the database first, and writing that needs room: a full disk gets some of what
//! [`Reserve`](crate::document::disk::Reserve) has kept.
//!
//! Every five minutes one part of the store has its turn. Which one follows from the time alone, so that a restart begins
//! nothing anew; all of it is gone through once a day. A part that fails keeps no other from its turn, and the job fails by it. Bytes go one by one,
//! each after another look whether anything names it by now, while nobody can write it. Those that were written before, and
//! are named after that look, are made again as damaged ones are.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::{Clock, DocumentHash};

use crate::account::session::IDLE;
use crate::document::BlobError;
use crate::document::blobs::Blobs;
use crate::error::causes;
use crate::ingest::plan::plan_ended;
use crate::storage::{ServiceStorage, StorageError};

/// How long what nothing needs any more stays: as old may a backup of the database be.
pub const KEPT: TimeDelta = TimeDelta::days(7);

/// How long displays may fetch what only a replaced publication names: long enough for one on a slow line to complete it,
/// and no longer, since what was taken down may name people.
pub const FETCHABLE: TimeDelta = TimeDelta::days(1);

/// How long a feed stays that a newer one replaced: some publishers write the time into theirs, so that each poll brings
/// another one.
pub const FEEDS_KEPT: TimeDelta = TimeDelta::days(1);

/// How long closed holds and alarms stay, for a person who looks back.
pub const CLOSED_KEPT: TimeDelta = TimeDelta::days(90);

/// How long the turn of one part lasts.
const TURN: TimeDelta = TimeDelta::minutes(5);

/// The most rows of a kind that are forgotten in one transaction.
const MAX_ROWS: u32 = 500;

/// The most transactions for the rows of a kind in one turn: a publisher that exchanges all its documents at each poll
/// delays the others' turn by no more, and keeps what they had for no longer.
const MAX_ROUNDS: usize = 100;

/// A part of the stored bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Those whose hash begins with a byte.
    Contents(u8),
    Feeds,
}

impl Part {
    fn all() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).map(Self::Contents).chain([Self::Feeds])
    }

    /// The part with which a source has its turn.
    fn of_source(source: &str) -> Self {
        let hash = DocumentHash::of(source.as_bytes());
        Self::Contents(hash.as_bytes()[0])
    }

    /// The part whose turn it is.
    fn at(now: DateTime<Utc>) -> Self {
        let number = turn(now).rem_euclid(i64::from(u8::MAX) + 2);
        u8::try_from(number).map_or(Self::Feeds, Self::Contents)
    }
}

/// Rows of a kind.
#[derive(Debug, Clone, Copy)]
enum Rows {
    Publications,
    ReplacedContent,
    Revisions,
    Documents,
    Closed,
}

impl Rows {
    const ALL: [Self; 5] = [
        Self::Publications,
        Self::ReplacedContent,
        Self::Revisions,
        Self::Documents,
        Self::Closed,
    ];

    const fn what(self) -> &'static str {
        match self {
            Self::Publications => "publications",
            Self::ReplacedContent => "content of replaced publications",
            Self::Revisions => "revisions",
            Self::Documents => "documents",
            Self::Closed => "closed holds and alarms",
        }
    }

    /// Forgets some; returns how many.
    async fn forget(
        self,
        storage: &dyn ServiceStorage,
        now: DateTime<Utc>,
    ) -> Result<u64, StorageError> {
        let before = now - KEPT;
        match self {
            Self::Publications => storage.forget_publications(before, MAX_ROWS).await,
            Self::ReplacedContent => storage.forget_replaced_content(now - FETCHABLE).await,
            Self::Revisions => storage.forget_revisions(before, MAX_ROWS).await,
            Self::Documents => storage.forget_documents(before, MAX_ROWS).await,
            Self::Closed => storage.forget_closed(now - CLOSED_KEPT, MAX_ROWS).await,
        }
    }
}

/// The turns until now, counted from 1970.
fn turn(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(TURN.num_seconds())
}

#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Blob(#[from] BlobError),
}

/// Forgets what the rule of this module no longer keeps.
pub struct Retention {
    storage: Arc<dyn ServiceStorage>,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
    /// The turn of the start, in which sources have not been polled and the clock may not be sure.
    first_turn: i64,
}

impl Retention {
    pub fn new(storage: Arc<dyn ServiceStorage>, blobs: Blobs, clock: Arc<dyn Clock>) -> Self {
        Self {
            storage,
            blobs,
            first_turn: turn(clock.now().earliest),
            clock,
        }
    }

    /// Forgets in the part whose turn it is, except in the turn of the start; returns when the next turn begins.
    ///
    /// # Errors
    ///
    /// The first one, after all that could be forgotten was.
    pub async fn take_turn(&self) -> Result<DateTime<Utc>, RetentionError> {
        let now = self.clock.now().earliest;
        if turn(now) != self.first_turn {
            let part = Part::at(now);
            let ended = self.end_notices(|of| of == part).await;
            let rows = self.forget_rows(now).await;
            let bytes = self.forget_bytes(part, now).await;
            ended.and(rows).and(bytes)?;
        }
        let elapsed = now.timestamp().rem_euclid(TURN.num_seconds());
        Ok(now + TURN - TimeDelta::seconds(elapsed))
    }

    /// Goes through the whole store once.
    ///
    /// # Errors
    ///
    /// The first one, after all that could be forgotten was.
    pub async fn run_once(&self) -> Result<(), RetentionError> {
        let now = self.clock.now().earliest;
        let mut outcome = self.end_notices(|_| true).await;
        outcome = outcome.and(self.forget_rows(now).await);
        for part in Part::all() {
            let bytes = self.forget_bytes(part, now).await;
            outcome = outcome.and(bytes);
        }
        outcome
    }

    /// Archives the notices whose end has come of the sources that have their turn, also of those that are out of service
    /// or cannot be polled.
    async fn end_notices(&self, has_turn: impl Fn(Part) -> bool) -> Result<(), RetentionError> {
        let mut outcome = Ok(());
        for (source, is_in_service) in self.storage.live_sources().await? {
            if !has_turn(Part::of_source(&source)) {
                continue;
            }
            match self.end_notices_of(&source, is_in_service).await {
                // A poll has just changed it, and ended them.
                Ok(0) | Err(StorageError::Conflict) => {}
                Ok(count) => tracing::info!(source, count, "notices have ended without a poll"),
                Err(error) => {
                    tracing::error!(source, error = causes(&error), "notices cannot be ended");
                    outcome = outcome.and(Err(error.into()));
                }
            }
        }
        outcome
    }

    /// Returns how many have ended.
    async fn end_notices_of(
        &self,
        source: &str,
        is_in_service: bool,
    ) -> Result<usize, StorageError> {
        let state = self.storage.source_state(source).await?;
        let now = self.clock.now();
        let Some(mut changes) = plan_ended(&state, &now) else {
            return Ok(0);
        };
        if !is_in_service {
            // None are wanted, those of the other notices neither.
            changes.documents = Some(BTreeSet::new());
        }
        let applied = self
            .storage
            .apply(source, state.version, &changes, now.earliest);
        applied.await?;
        Ok(changes.ended.len())
    }

    async fn forget_rows(&self, now: DateTime<Utc>) -> Result<(), RetentionError> {
        let mut outcome = Ok(());
        for rows in Rows::ALL {
            let forgotten = self.forget_all(rows, now).await;
            outcome = outcome.and(log(rows.what(), forgotten));
        }
        let sign_ins = self.storage.forget_sign_ins(now, IDLE).await;
        outcome = outcome.and(log("sessions and sign-ins", sign_ins));
        let damaged = self.blobs.delete_damaged(now - KEPT).await;
        outcome.and(log("damaged bytes", damaged))
    }

    /// Forgets rows of a kind until none is due, or long enough; returns how many.
    async fn forget_all(&self, rows: Rows, now: DateTime<Utc>) -> Result<u64, StorageError> {
        let mut count = 0;
        for _ in 0..MAX_ROUNDS {
            let forgotten = rows.forget(&*self.storage, now).await?;
            count += forgotten;
            if forgotten < u64::from(MAX_ROWS) {
                break;
            }
        }
        Ok(count)
    }

    async fn forget_bytes(&self, part: Part, now: DateTime<Utc>) -> Result<(), RetentionError> {
        let mut outcome = Ok(());
        if let Part::Contents(first) = part {
            let forgotten = self.storage.forget_preparations(first).await;
            outcome = log("what was made of documents", forgotten);
        }
        let forgotten = self.try_forget_bytes(part, now).await;
        outcome.and(log("stored bytes", forgotten))
    }

    /// Returns how many files are gone.
    async fn try_forget_bytes(
        &self,
        part: Part,
        now: DateTime<Utc>,
    ) -> Result<u64, RetentionError> {
        let (stored, kept) = match part {
            Part::Contents(first) => (self.blobs.contents(first).await?, KEPT),
            Part::Feeds => (self.blobs.feeds().await?, FEEDS_KEPT),
        };
        if stored.is_empty() {
            return Ok(0);
        }
        let unnamed = self.storage.unnamed_content(&stored, now, now - kept);
        let unnamed: BTreeSet<DocumentHash> = unnamed.await?;
        if unnamed.is_empty() {
            return Ok(0);
        }
        let (mut count, mut outcome) = (0, Ok(()));
        for hash in unnamed {
            match self.forget_one(part, hash).await {
                Ok(is_gone) => count += u64::from(is_gone),
                Err(error) => {
                    tracing::error!(%hash, error = causes(&error), "a file cannot be deleted");
                    outcome = outcome.and(Err(error));
                }
            }
        }
        outcome.map(|()| count)
    }

    /// Deletes bytes unless something names them by now; whether they are gone.
    async fn forget_one(&self, part: Part, hash: DocumentHash) -> Result<bool, RetentionError> {
        // A file that stays although its rows are gone is found unnamed once more.
        let may_go = async { Ok::<_, RetentionError>(self.storage.forget_content(hash).await?) };
        match part {
            Part::Contents(_) => self.blobs.delete_if(hash, may_go).await,
            Part::Feeds => {
                let may_go = may_go.await?;
                if may_go {
                    self.blobs.delete_feed(hash).await?;
                }
                Ok(may_go)
            }
        }
    }
}

/// Logs what was forgotten of something, or why nothing could be.
fn log<E>(what: &str, forgotten: Result<u64, E>) -> Result<(), RetentionError>
where
    E: std::error::Error + 'static,
    RetentionError: From<E>,
{
    match forgotten {
        Ok(0) => Ok(()),
        Ok(count) => {
            tracing::info!(what, count, "forgotten");
            Ok(())
        }
        Err(error) => {
            tracing::error!(what, error = causes(&error), "cannot be forgotten");
            Err(error.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_its_turn_once_a_day() {
        let start: DateTime<Utc> = "1969-12-31T12:00:00Z".parse().unwrap();
        let turns = 0..TimeDelta::days(1).num_seconds() / TURN.num_seconds();
        let mut parts: Vec<Part> = Vec::new();
        for turn in turns {
            let at = start + TimeDelta::seconds(turn * TURN.num_seconds());
            assert_eq!(Part::at(at), Part::at(at + TURN - TimeDelta::seconds(1)));
            parts.push(Part::at(at));
        }
        for part in Part::all() {
            let count = parts.iter().filter(|one| **one == part).count();
            assert!((1..=2).contains(&count), "{part:?}: {count}");
        }
    }
}
