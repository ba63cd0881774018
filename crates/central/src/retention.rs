//! What central forgets, and when.
//!
//! | What | How long it stays |
//! | --- | --- |
//! | notices, and revisions that were published | for ever: the record of what hung; so do the audit log and answers to surveys |
//! | the newest revision of a notice, a wanted document, a publication whose content displays may fetch, an open hold or alarm | while it is that |
//! | older publications and their manifests | [`KEPT`] from their creation |
//! | a revision that another replaced before it was published | [`KEPT`] from its creation |
//! | what is known of a document that no live notice has any more | [`KEPT`] from when none had it any more |
//! | stored bytes: documents, sections, pictures, feeds, and with a document what was made of it | [`KEPT`] from when nothing named them any more |
//! | texts and renditions | the same, which begins with the end of their document |
//! | closed holds and alarms | [`CLOSED_KEPT`] from when they were closed |
//! | damaged bytes that were moved to `documents/damaged` | [`CLOSED_KEPT`] from when they were moved |
//! | what is being fetched, in `documents/incoming` | until it is complete or given up, at the latest until the next start of the service |
//!
//! Bytes are named by the publications that displays may fetch, documents, live notices, texts and renditions by their
//! document, feeds by their source and by open holds. [`KEPT`] is for a database that is restored from a backup: as long
//! as that is younger, the bytes are still there that it names.
//!
//! Every five minutes one part of the store has its turn. Which one follows from the time alone, so that a restart begins
//! nothing anew; all of it is gone through once a day. A part that fails keeps no other from its turn. Bytes go one by one,
//! each after another look whether anything names it by now, while nobody can write it. Those that were written before, and
//! are named after that look, are made again as damaged ones are.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::{Clock, DocumentHash};

use crate::document::BlobError;
use crate::document::blobs::Blobs;
use crate::error::causes;
use crate::storage::{ServiceStorage, StorageError};

/// How long what nothing needs any more stays: as old may a backup of the database be.
pub const KEPT: TimeDelta = TimeDelta::days(7);

/// How long closed holds and alarms stay, for a person who looks back.
pub const CLOSED_KEPT: TimeDelta = TimeDelta::days(90);

/// How long the turn of one part lasts.
const TURN: TimeDelta = TimeDelta::minutes(5);

/// The most rows of a kind that are forgotten in one turn.
const MAX_ROWS: u32 = 500;

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

    /// The part whose turn it is.
    fn at(now: DateTime<Utc>) -> Self {
        let number = turn(now).rem_euclid(i64::from(u8::MAX) + 2);
        u8::try_from(number).map_or(Self::Feeds, Self::Contents)
    }
}

/// The turns until now, counted from 1970.
fn turn(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(TURN.num_seconds())
}

#[derive(Debug, thiserror::Error)]
enum RetentionError {
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
    pub async fn take_turn(&self) -> DateTime<Utc> {
        let now = self.clock.now().earliest;
        if turn(now) != self.first_turn {
            self.forget_rows(now).await;
            self.forget_bytes(Part::at(now), now).await;
        }
        let elapsed = now.timestamp().rem_euclid(TURN.num_seconds());
        now + TURN - TimeDelta::seconds(elapsed)
    }

    /// Goes through the whole store once.
    pub async fn run_once(&self) {
        let now = self.clock.now().earliest;
        self.forget_rows(now).await;
        for part in Part::all() {
            self.forget_bytes(part, now).await;
        }
    }

    async fn forget_rows(&self, now: DateTime<Utc>) {
        let storage = &self.storage;
        let (before, closed_before) = (now - KEPT, now - CLOSED_KEPT);
        for (what, forgotten) in [
            (
                "publications",
                storage.forget_publications(before, MAX_ROWS).await,
            ),
            (
                "revisions",
                storage.forget_revisions(before, MAX_ROWS).await,
            ),
            (
                "documents",
                storage.forget_documents(before, MAX_ROWS).await,
            ),
            (
                "closed holds and alarms",
                storage.forget_closed(closed_before, MAX_ROWS).await,
            ),
        ] {
            log(what, forgotten);
        }
        let damaged = self.blobs.delete_damaged(closed_before).await;
        log("damaged bytes", damaged);
    }

    async fn forget_bytes(&self, part: Part, now: DateTime<Utc>) {
        match self.try_forget_bytes(part, now).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(?part, count, "stored bytes are forgotten"),
            Err(error) => {
                let error = causes(&error);
                tracing::error!(?part, error, "stored bytes cannot be forgotten");
            }
        }
    }

    /// Returns how many files are gone.
    async fn try_forget_bytes(
        &self,
        part: Part,
        now: DateTime<Utc>,
    ) -> Result<usize, RetentionError> {
        let stored = match part {
            Part::Contents(first) => self.blobs.contents(first).await?,
            Part::Feeds => self.blobs.feeds().await?,
        };
        if stored.is_empty() {
            return Ok(0);
        }
        let unnamed = self.storage.unnamed_content(&stored, now, now - KEPT);
        let unnamed: BTreeSet<DocumentHash> = unnamed.await?;
        if unnamed.is_empty() {
            return Ok(0);
        }
        let mut count = 0;
        for hash in unnamed {
            match self.forget_one(part, hash).await {
                Ok(is_gone) => count += usize::from(is_gone),
                Err(error) => {
                    tracing::error!(%hash, error = causes(&error), "a file cannot be deleted");
                }
            }
        }
        Ok(count)
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

fn log<E: std::error::Error + 'static>(what: &str, forgotten: Result<u64, E>) {
    match forgotten {
        Ok(0) => {}
        Ok(count) => tracing::info!(what, count, "forgotten"),
        Err(error) => tracing::error!(what, error = causes(&error), "cannot be forgotten"),
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
