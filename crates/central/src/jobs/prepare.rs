//! Documents are prepared behind everything else, for each stage one at a time.
//!
//! The text of documents is never waited for: it is published later, in batches, since every publication makes every
//! display switch.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use super::{JobRunner, LEASE, RETRY_CAP};
use crate::error::causes;
use crate::preparation::Prepared;
use crate::storage::{LeaseTime, PreparationStage, StorageError};

/// How often it is looked whether a document waits.
const TICK: Duration = Duration::from_secs(1);
/// The delay after an attempt that may succeed another time.
const RETRY: TimeDelta = TimeDelta::minutes(10);
/// The delay of a publication where no document is left to prepare.
const PUBLISH_AFTER: TimeDelta = TimeDelta::seconds(5);

const fn work_of(stage: PreparationStage) -> &'static str {
    match stage {
        PreparationStage::Text => "reading documents",
        PreparationStage::Recognition => "recognising documents",
        PreparationStage::Drawing => "examining documents",
    }
}

impl JobRunner {
    /// Prepares documents that wait for a stage, until shutdown.
    pub(super) async fn run_preparation(self: Arc<Self>, stage: PreparationStage) {
        let has_tools = tokio::select! {
            () = self.shutdown.cancelled() => false,
            has_tools = self.preparer.has_tools(stage) => has_tools,
        };
        let mut unpublished = BTreeSet::new();
        // An earlier process may have left one.
        let (mut is_told, mut failures) = (true, 0);
        while has_tools && !self.shutdown.is_cancelled() {
            let this = self.clone();
            let ended = self.in_task(async move { this.prepare_next(stage).await });
            let ended = ended.await;
            is_told = self
                .note_fault(work_of(stage), ended.is_none(), is_told)
                .await;
            // The lease of a document that ended its task ends by itself.
            let prepared = ended.and_then(|ended| self.count(ended, &mut failures, work_of(stage)));
            if let Some(Some(sources)) = prepared {
                unpublished.extend(sources);
                continue;
            }
            if !unpublished.is_empty() {
                let sources = std::mem::take(&mut unpublished);
                let run_at = self.clock.now().earliest + PUBLISH_AFTER;
                let sources = sources.iter().map(String::as_str);
                if let Err(error) = self.schedule_publications(sources, run_at).await {
                    // They are published later all the same.
                    tracing::warn!(error = causes(&error), "texts are not published at once");
                }
            }
            self.pause(failures, TICK).await;
        }
    }

    /// Prepares every document not prepared yet and publishes the result.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn prepare_documents(&self) -> Result<(), StorageError> {
        for stage in [
            PreparationStage::Text,
            PreparationStage::Drawing,
            // Of the renditions that were made.
            PreparationStage::Text,
            PreparationStage::Recognition,
        ] {
            let mut changed = BTreeSet::new();
            while let Some(sources) = self.prepare_next(stage).await? {
                changed.extend(sources);
            }
            let boards = self.publisher.boards_of(changed.iter().map(String::as_str));
            for board in boards {
                if let Err(error) = self.publisher.publish(&*self.storage, &board).await {
                    let error = causes(&error);
                    tracing::error!(board, error, "the board cannot be published");
                }
            }
        }
        Ok(())
    }

    /// Prepares one document that waits for this stage, and returns the sources whose notices changed by it; `None` when
    /// none waits.
    async fn prepare_next(
        &self,
        stage: PreparationStage,
    ) -> Result<Option<BTreeSet<String>>, StorageError> {
        let now = self.clock.now().earliest;
        let time = LeaseTime {
            now,
            latest: now + RETRY_CAP,
            until: now + LEASE,
        };
        let Some(document) = self.preparer.lease(stage, time).await? else {
            return Ok(None);
        };
        let held = self.hold(&document.task.job, document.prepare()).await;
        let Some((prepared, job)) = held else {
            return Ok(Some(BTreeSet::new()));
        };
        let failed = |error: StorageError| Prepared::Failed {
            reason: causes(&error),
            counts: false,
        };
        let next = self.clock.now().earliest + RETRY;
        match prepared.unwrap_or_else(failed) {
            Prepared::Done(sources) => return Ok(Some(sources)),
            Prepared::Failed {
                reason,
                counts: true,
            } => {
                self.tell(&job, || self.storage.retry(&job, &reason, next))
                    .await;
            }
            Prepared::Failed { counts: false, .. } => {
                self.tell(&job, || self.storage.release(&job, next)).await;
            }
        }
        Ok(Some(BTreeSet::new()))
    }
}
