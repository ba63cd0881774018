//! What each process does every second beside the jobs: it stores the time, what is wrong at its node and what displays told, reads the towns' own files again where they
//! changed, follows a clock that went back, notices what other processes published, and has damaged bytes made again.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::{Clock, DocumentHash};

use crate::alarm;
use crate::clock::watch::ClockWatch;
use crate::config::Config;
use crate::document::blobs::Blobs;
use crate::document::disk::Reserve;
use crate::document::fetcher::{self, DISK};
use crate::error::causes;
use crate::publish::{PublishError, Publisher};
use crate::status::{StatusInbox, silence};
use crate::storage::{AlarmSubject, ServiceStorage, StorageError};

/// The delay after boards' own content could not be stored again.
const RESTORE_AGAIN: TimeDelta = TimeDelta::minutes(1);

/// How often it is stored that this node runs, and what is wrong at it.
const KEEP_NODE_EVERY: TimeDelta = TimeDelta::minutes(1);

/// After which time without a word a node is taken for gone.
const NODE_GONE_AFTER: TimeDelta = TimeDelta::days(1);

/// How often it is looked which displays are silent.
const NOTE_SILENCE_EVERY: TimeDelta = TimeDelta::seconds(10);

/// The kind of the alarm that stored bytes are damaged or missing; its subject is their hash.
pub const DAMAGED: &str = "damaged";

pub struct Maintenance {
    pub config: Arc<Config>,
    pub publisher: Arc<Publisher>,
    /// Of the whole service, for which all of this is done.
    pub storage: Arc<dyn ServiceStorage>,
    pub blobs: Blobs,
    pub clock: Arc<dyn Clock>,
    pub clock_watch: Option<ClockWatch>,
    /// The name of this node.
    pub node: String,
    /// What is wrong at it for as long as it runs, by the kinds of the alarms; `None` where nothing is.
    pub of_node: [(&'static str, Option<&'static str>); 2],
    /// When it was last stored that it runs.
    pub node_kept: LastDone,
    pub statuses: Arc<StatusInbox>,
    /// When it was last looked which displays are silent.
    pub silence_noted: LastDone,
    pub restore_retry: RestoreRetry,
    /// Where the database is a file.
    pub reserve: Option<Reserve>,
}

/// When something was last done that is done from time to time.
#[derive(Debug, Default)]
pub struct LastDone(Mutex<Option<DateTime<Utc>>>);

impl LastDone {
    fn at(&self) -> MutexGuard<'_, Option<DateTime<Utc>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is time to do it again.
    pub fn is_due(&self, now: DateTime<Utc>, every: TimeDelta) -> bool {
        let elapsed = |at| now.signed_duration_since(at).abs();
        self.at().is_none_or(|at| elapsed(at) >= every)
    }

    pub fn done(&self, now: DateTime<Utc>) {
        *self.at() = Some(now);
    }
}

/// When boards' own content is stored again after an attempt that failed.
#[derive(Debug, Default)]
pub struct RestoreRetry(Mutex<Option<DateTime<Utc>>>);

impl RestoreRetry {
    fn failed_at(&self) -> MutexGuard<'_, Option<DateTime<Utc>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_due(&self, now: DateTime<Utc>) -> bool {
        let elapsed = |at| now.signed_duration_since(at).abs();
        self.failed_at()
            .is_some_and(|at| elapsed(at) >= RESTORE_AGAIN)
    }

    fn done(&self, is_whole: bool, now: DateTime<Utc>) {
        *self.failed_at() = (!is_whole).then_some(now);
    }
}

impl Maintenance {
    /// Does all of it once; returns whether the clock has gone back since the last time.
    pub async fn tick(&self) -> bool {
        // Before anything is written.
        self.keep_space();
        if let Some(watch) = &self.clock_watch
            && let Err(error) = watch.tick().await
        {
            tracing::error!(error = causes(&error), "the time cannot be stored");
        }
        if let Err(error) = self.keep_node().await {
            tracing::error!(
                error = causes(&error),
                "that this node runs cannot be stored"
            );
        }
        if let Err(error) = self.keep_statuses().await {
            let error = causes(&error);
            tracing::error!(error, "what displays tell cannot be stored");
        }
        let service = &*self.storage;
        let extras = self.publisher.publish_extras(service).await;
        let (went_back, followed) = self.publisher.follow_clock(service).await;
        let noticed = self.publisher.notice_others(service).await;
        for outcome in [extras, followed, noticed] {
            if let Err(error) = outcome {
                tracing::error!(error = causes(&error), "boards cannot be republished");
            }
        }
        if let Err(error) = self.repair().await {
            tracing::error!(error = causes(&error), "damaged bytes cannot be made again");
        }
        went_back
    }

    /// Stores from time to time that this node runs, and what is wrong at it: another node may have taken it for gone.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub(crate) async fn keep_node(&self) -> Result<(), StorageError> {
        let now = self.clock.now().earliest;
        if !self.node_kept.is_due(now, KEEP_NODE_EVERY) {
            return Ok(());
        }
        let (storage, node) = (&*self.storage, AlarmSubject::Node(&self.node));
        let gone = now - NODE_GONE_AFTER;
        storage.keep_node(&self.node, now, gone).await?;
        for (kind, message) in self.of_node {
            alarm::note(storage, kind, node, message, now).await?;
        }
        match fetcher::shortage(&self.blobs, &self.config.documents) {
            Ok(shortage) => alarm::note(storage, DISK, node, shortage.as_deref(), now).await?,
            Err(error) => tracing::warn!(%error, "it is not known how much of the disk is free"),
        }
        self.node_kept.done(now);
        Ok(())
    }

    /// Stores what displays have told, and looks from time to time which do not any more.
    async fn keep_statuses(&self) -> Result<(), StorageError> {
        let now = self.clock.now();
        self.statuses.write(&*self.storage, &now).await?;
        let now = now.earliest;
        if self.silence_noted.is_due(now, NOTE_SILENCE_EVERY) {
            silence::note(&*self.storage, &self.statuses, now).await?;
            self.silence_noted.done(now);
        }
        Ok(())
    }

    /// Gives up the space that is kept for forgetting where the disk is short, and takes it where there is room.
    pub(crate) fn keep_space(&self) {
        let Some(reserve) = &self.reserve else {
            return;
        };
        if let Err(error) = reserve.release_if_short().and_then(|()| reserve.take()) {
            tracing::warn!(%error, "no space is kept on the disk for forgetting");
        }
    }

    /// Has bytes that were found damaged or missing made again; their alarm stays open until they are intact or no board
    /// names them any more.
    async fn repair(&self) -> Result<(), PublishError> {
        let mut found = self.blobs.take_damaged();
        let repaired = self.repair_found(&mut found).await;
        if repaired.is_err() {
            self.blobs.report_damaged(found);
        }
        repaired
    }

    /// Removes from `found` what needs nothing more.
    async fn repair_found(&self, found: &mut BTreeSet<DocumentHash>) -> Result<(), PublishError> {
        let now = self.clock.now().earliest;
        let mut is_open = false;
        for alarm in self.storage.alarms().await? {
            let Some(hash) = alarm.subject.parse().ok().filter(|_| alarm.kind == DAMAGED) else {
                continue;
            };
            if self.blobs.is_intact(hash).await? || !self.is_named(hash).await? {
                let subject = AlarmSubject::Service(&alarm.subject);
                let cleared = self.storage.clear_alarm(DAMAGED, subject, now);
                cleared.await?;
                tracing::info!(%hash, "damaged bytes were made again or are no longer needed");
            } else {
                // It was made due when the alarm was raised; failed attempts are retried with their own delays.
                found.remove(&hash);
                is_open = true;
            }
        }
        if !found.is_empty() {
            self.storage.requeue_lost_content(found, now).await?;
        }
        let is_due = is_open && self.restore_retry.is_due(now);
        if !found.is_empty() || is_due {
            let is_whole = self.publisher.restore_board_content(&*self.storage).await;
            self.restore_retry.done(is_whole, now);
        }
        while let Some(hash) = found.first().copied() {
            let message = "the stored bytes are damaged or missing";
            let subject = hash.to_string();
            let subject = AlarmSubject::Service(&subject);
            let raised = self.storage.raise_alarm(DAMAGED, subject, message, now);
            raised.await?;
            tracing::error!(%hash, "stored bytes are damaged or missing and are made again");
            found.remove(&hash);
        }
        Ok(())
    }

    /// Whether a board's publications name this content.
    async fn is_named(&self, hash: DocumentHash) -> Result<bool, StorageError> {
        for board in &self.config.boards {
            if self.storage.named_content(&board.id, hash).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
