//! What the service itself does for all boards, with the storage of the whole service: it publishes what the boards' own
//! files say, follows a clock that went back, and announces what other processes published.
//!
//! None of it waits for a turn among the jobs: an alert comes by such a file, and after a step back of the clock boards
//! are published before anything is served.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;

use super::extras::ledger_name;
use super::{PublishError, Publisher};
use crate::alarm;
use crate::config::BoardConfig;
use crate::error::causes;
use crate::storage::{AlarmSubject, ServiceStorage, Storage, StorageError};

/// How many boards' files are read, and boards published for them, at once.
const AT_ONCE: usize = 8;

impl Publisher {
    /// Reads coats of arms, information and alerts again where their files changed, and publishes them.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn publish_extras(&self, service: &dyn ServiceStorage) -> Result<(), PublishError> {
        let boards = self.config.boards.iter();
        let published: Vec<_> = boards
            .map(|board| self.publish_extras_of(service, board))
            .collect();
        // An alert of one board does not wait for what another one publishes.
        let mut published = futures_util::stream::iter(published).buffer_unordered(AT_ONCE);
        let mut outcome = Ok(());
        while let Some(one) = published.next().await {
            outcome = outcome.and(one);
        }
        outcome
    }

    async fn publish_extras_of(
        &self,
        service: &dyn ServiceStorage,
        board: &BoardConfig,
    ) -> Result<(), PublishError> {
        let published = async {
            if self.refresh_extras(service, board).await? {
                self.publish(service, &board.id).await?;
            }
            Ok(())
        };
        let published = published.await;
        if published.is_err() {
            self.extras.refresh_again(&board.id);
        }
        published
    }

    /// Reads the files of a board again where they changed, and tells which of them cannot be used; whether one could.
    async fn refresh_extras(
        &self,
        storage: &dyn Storage,
        board: &BoardConfig,
    ) -> Result<bool, StorageError> {
        let (subject, now) = (AlarmSubject::Board(&board.id), self.clock.now().earliest);
        let mut is_read = false;
        let refreshed = self.extras.refresh(board, storage, &self.blobs, now);
        for (kind, read) in refreshed.await? {
            is_read |= read.is_ok();
            alarm::note(storage, kind, subject, read.err().as_deref(), now).await?;
        }
        if is_read {
            self.register_documents(storage, board).await?;
        }
        Ok(is_read)
    }

    /// Stores again what the configured files and the notices give: coats of arms, pictures, documents and sections.
    ///
    /// Returns whether the sections could be stored; what cannot keeps nothing else from it. A file that cannot be used is
    /// an alarm of its own, and is read again by itself.
    pub async fn restore_board_content(&self, service: &dyn ServiceStorage) -> bool {
        let mut is_whole = true;
        for board in &self.config.boards {
            self.extras.refresh_again(&board.id);
            let read = self.refresh_extras(service, board).await;
            let published = self.publish(service, &board.id).await;
            if let Err(error) = read.map_err(PublishError::from).and(published) {
                is_whole = false;
                let error = causes(&error);
                tracing::error!(board = board.id, error, "a board cannot be stored again");
            }
        }
        is_whole
    }

    /// Registers the documents of all boards' own pages to be prepared: by the service alone, since a command may have
    /// other files.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn register_all_documents(
        &self,
        service: &dyn ServiceStorage,
    ) -> Result<(), StorageError> {
        for board in &self.config.boards {
            self.register_documents(service, board).await?;
        }
        Ok(())
    }

    /// Registers the documents of a board's own pages to be prepared.
    async fn register_documents(
        &self,
        storage: &dyn Storage,
        board: &BoardConfig,
    ) -> Result<(), StorageError> {
        let Some(information) = self.extras.of(&board.id).information else {
            return Ok(());
        };
        let now = self.clock.now().earliest;
        storage
            .register_documents(&ledger_name(&board.id), &information.documents, now)
            .await
    }

    /// Where the clock has gone back since the last call, publishes every board, with the notices that ended later than it
    /// now says; returns whether it has, and whether all of them could be. At the first call, boards whose publication is
    /// later than it are published so.
    pub async fn follow_clock(
        &self,
        service: &dyn ServiceStorage,
    ) -> (bool, Result<(), PublishError>) {
        let now = self.clock.now().earliest;
        let (mut went_back, mut outcome) = (false, Ok(()));
        for board in &self.config.boards {
            let checked_at = self.checked_at().insert(board.id.clone(), now);
            went_back |= checked_at.is_some_and(|at| now < at);
            let followed = self.publish_if_later(service, board, checked_at, now).await;
            if followed.is_err() {
                // It is tried again.
                match checked_at {
                    Some(at) => self.checked_at().insert(board.id.clone(), at),
                    None => self.checked_at().remove(&board.id),
                };
            }
            outcome = outcome.and(followed);
        }
        (went_back, outcome)
    }

    /// Publishes a board, with the notices that ended later than now, where the clock was ahead when it was checked or
    /// published last.
    async fn publish_if_later(
        &self,
        storage: &dyn Storage,
        board: &BoardConfig,
        checked_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<(), PublishError> {
        if checked_at.is_some_and(|at| at <= now) {
            return Ok(());
        }
        let Some(publication) = storage.publication(&board.id).await? else {
            return Ok(());
        };
        if now < checked_at.unwrap_or(publication.created_at) {
            for source in &board.sources {
                storage.revive_ended(&source.id, now).await?;
            }
            self.publish(storage, &board.id).await?;
        }
        Ok(())
    }

    fn checked_at(&self) -> std::sync::MutexGuard<'_, HashMap<String, DateTime<Utc>>> {
        self.checked_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Announces what other processes published.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn notice_others(&self, service: &dyn ServiceStorage) -> Result<(), PublishError> {
        let after = self.announced.load(Ordering::SeqCst);
        let mut outcome = Ok(());
        for (board, publication) in service.published_after(after).await? {
            outcome = outcome.and(self.announce(service, &board, publication).await);
            // What comes after one that failed is found again with it.
            if outcome.is_ok() {
                self.announced.fetch_max(publication, Ordering::SeqCst);
            }
        }
        outcome
    }
}
