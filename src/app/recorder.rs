//! Writes into the journal what becomes or ceases to be visible, and what else belongs there.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use vyveska_board::Clock as _;
use vyveska_wire::journal::{ClockTrustRecord, JournalEvent, NoticeRef};
use vyveska_wire::manifest::ContentHash;

use super::lifecycle;
use crate::clock::DeviceClock;
use crate::journal::{
    self, AcceptedBoard, JournalConfig, JournalHandle, JournalParts, available_hash,
};
use crate::recovery::{Mode, Start};
use crate::state::{Now, State};
use crate::store::{Reserve, Snapshot};
use crate::sync::{BeforeSwitch, DeviceIdentity, Refused};
use crate::worker::Worker;

/// The folder of the journal inside the kiosk's data.
pub(super) const FOLDER: &str = "journal";

/// Compares successive states and writes the differences into the journal, without blocking the interface.
pub(super) struct Recorder {
    // Dropped before what its thread receives from, so that the thread may end.
    worker: Worker,
    journal: JournalHandle,
    visible: journal::VisibilityRecorder,
    edition: Option<u64>,
    trust: Option<ClockTrustRecord>,
    /// Whether this screen shows alerts over the notices, not beside them.
    alerts_cover: bool,
    /// The alerts that cover the board.
    covering: BTreeSet<String>,
    /// Documents already recorded as not drawable since the start.
    undrawable: BTreeSet<(NoticeRef, ContentHash)>,
    clock: Arc<DeviceClock>,
}

impl Recorder {
    /// Opens the journal and records the start.
    pub(super) fn start(
        data: &Path,
        identity: &DeviceIdentity,
        clock: &Arc<DeviceClock>,
        in_use: Option<&Snapshot>,
        reserve: Arc<Reserve>,
        start: Option<&'static Start>,
    ) -> anyhow::Result<Self> {
        let (journal, worker) = JournalHandle::start(JournalParts {
            folder: data.join(FOLDER),
            key: identity.key(),
            boot: journal::boot_id().context("the system does not name its boot")?,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            monotonic: journal::monotonic_since_boot()
                .context("the system has no monotonic clock")?,
            clock: Arc::<DeviceClock>::clone(clock),
            in_use: in_use.map(AcceptedBoard::from),
            reserve,
            in_memory: lifecycle::folder_in_memory(),
            config: JournalConfig::default(),
        })?;
        if let Some(start) = start {
            journal.record(events_of(start), clock.now());
            journal.when_written(|| lifecycle::failures_recorded(start));
        }
        Ok(Self {
            worker,
            journal,
            visible: journal::VisibilityRecorder::new(),
            edition: None,
            trust: None,
            alerts_cover: true,
            covering: BTreeSet::new(),
            undrawable: BTreeSet::new(),
            clock: Arc::clone(clock),
        })
    }

    /// Records manifest and assignment before sync switches to them; without the record sync does not switch.
    pub(super) fn before_switch(&self) -> BeforeSwitch {
        let (journal, clock) = (self.journal.clone(), Arc::clone(&self.clock));
        Box::new(move |snapshot| journal.accept_board(AcceptedBoard::from(snapshot), clock.now()))
    }

    /// From now on alerts stand beside the notices.
    pub(super) fn alerts_stand_beside(&mut self) {
        self.alerts_cover = false;
    }

    /// Records that sync refused a manifest or an assignment.
    pub(super) fn refused(&self, refused: Refused, now: &Now) {
        let event = match refused {
            Refused::Manifest { number, reason } => {
                JournalEvent::ManifestRefused { number, reason }
            }
            Refused::Assignment {
                number,
                board,
                reason,
            } => JournalEvent::AssignmentRefused {
                number,
                board,
                reason,
            },
        };
        self.journal.record(vec![event], now.clock);
    }

    /// Records that a document of a visible notice could not be drawn.
    pub(super) fn document_not_drawable(
        &mut self,
        state: &State,
        document: ContentHash,
        code: &str,
        now: &Now,
    ) {
        let contains = |entry: &&crate::state::BoardNotice| {
            let documents = &entry.notice.documents;
            documents.iter().any(|other| other.hash == Some(document.0))
        };
        let events: Vec<JournalEvent> = state
            .posted()
            .filter(contains)
            .map(|entry| entry.reference.clone())
            .filter(|notice| self.undrawable.insert((notice.clone(), document)))
            .map(|notice| JournalEvent::DocumentNotDrawable {
                notice,
                document,
                reason: code.to_owned(),
            })
            .collect();
        if !events.is_empty() {
            self.journal.record(events, now.clock);
        }
    }

    /// Records what became or ceased to be visible since the last call, and changes of the clock's trust.
    pub(super) fn record_changes(&mut self, state: &State, now: &Now) {
        let trust = ClockTrustRecord::from(now.clock.trust);
        if self
            .trust
            .replace(trust)
            .is_some_and(|before| before != trust)
        {
            let event = JournalEvent::ClockTrustChanged { trust };
            self.journal.record(vec![event], now.clock);
        }
        self.record_alerts(state, now);
        let Some(board) = state.board() else { return };
        if self.edition.replace(state.edition()) == Some(state.edition()) {
            return;
        }
        let visible: BTreeSet<NoticeRef> = state.visible().cloned().collect();
        let rules = state.posting_rules();
        let events = self
            .visible
            .observe_board(visible, board, &now.clock, &rules);
        if !events.is_empty() {
            let available = available_hash(self.visible.visible());
            self.journal.record_visible(events, available, now.clock);
        }
    }

    /// Records each alert that begins to cover the board; alerts that alternate cover it together.
    fn record_alerts(&mut self, state: &State, now: &Now) {
        if !self.alerts_cover {
            return;
        }
        let covering: BTreeSet<String> = state
            .covering_alerts()
            .into_iter()
            .map(|alert| alert.id.clone())
            .collect();
        let events: Vec<JournalEvent> = covering
            .difference(&self.covering)
            .map(|alert| JournalEvent::BoardCovered {
                alert: alert.clone(),
            })
            .collect();
        self.covering = covering;
        if !events.is_empty() {
            self.journal.record(events, now.clock);
        }
    }

    /// Records the end, and waits until it is on disk.
    pub(super) fn stop(&mut self, now: &Now) {
        self.worker.may_end();
        let events = self.visible.stop();
        match self.journal.stop(events, now.clock) {
            Ok(()) => tracing::info!("the end is in the journal"),
            Err(error) => tracing::error!(%error, "the end is not in the journal"),
        }
        self.worker.join();
    }
}

/// What the journal says of a start beside that it took place.
fn events_of(start: &Start) -> Vec<JournalEvent> {
    let failures = start.failures.iter().map(|failure| JournalEvent::Failed {
        reason: failure.reason.clone(),
    });
    let [before, now] = [start.mode_before, start.mode].map(|mode| mode != Mode::Normal);
    let safe_mode = (before != now).then_some(JournalEvent::SafeMode { on: now });
    failures.chain(safe_mode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recovery::{BootInstant, Failure};

    #[test]
    fn a_failure_and_a_change_of_safe_mode_are_recorded() {
        let failure = Failure {
            reason: "panic in search".to_owned(),
            at: BootInstant {
                boot: "boot".to_owned(),
                monotonic_ms: 1,
            },
        };
        let check = |mode_before, mode, failures: &[Failure], expected: &[JournalEvent]| {
            let start = Start {
                mode,
                mode_before,
                failures: failures.to_vec(),
            };
            assert_eq!(events_of(&start), expected);
        };
        let failed = JournalEvent::Failed {
            reason: failure.reason.clone(),
        };
        let two = [failure.clone(), failure];
        let both = [failed.clone(), failed.clone()];
        check(Mode::Normal, Mode::Normal, &[], &[]);
        check(Mode::Normal, Mode::Normal, &two, &both);
        let begins = JournalEvent::SafeMode { on: true };
        check(Mode::Normal, Mode::Safe, &two[..1], &[failed, begins]);
        check(Mode::Safe, Mode::Safe, &[], &[]);
        let ends = JournalEvent::SafeMode { on: false };
        check(Mode::AddressOnly, Mode::Normal, &[], &[ends]);
    }
}
