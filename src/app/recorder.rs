//! Writes into the journal what becomes or ceases to be visible, and what else belongs there.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::Context as _;
use vyveska_board::Clock as _;
use vyveska_wire::journal::{ClockTrustRecord, JournalEvent, NoticeRef};
use vyveska_wire::manifest::ContentHash;

use crate::clock::DeviceClock;
use crate::journal::{
    self, JournalConfig, JournalHandle, JournalParts, available_hash, why_ceased,
};
use crate::state::{Now, State};
use crate::store::{Reserve, Snapshot};
use crate::sync::{BeforeSwitch, DeviceIdentity};

/// The folder of the journal inside the kiosk's data.
pub(super) const FOLDER: &str = "journal";

/// Compares successive states and writes the differences into the journal, without blocking the interface.
pub(super) struct Recorder {
    journal: JournalHandle,
    thread: Option<JoinHandle<()>>,
    visible: journal::Recorder,
    edition: Option<u64>,
    trust: Option<ClockTrustRecord>,
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
    ) -> anyhow::Result<Self> {
        let (journal, thread) = JournalHandle::start(JournalParts {
            folder: data.join(FOLDER),
            key: identity.key(),
            boot: journal::boot_id().context("the system does not name its boot")?,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            monotonic: journal::monotonic_since_boot()
                .context("the system has no monotonic clock")?,
            clock: Arc::<DeviceClock>::clone(clock),
            in_use: in_use.map(|snapshot| {
                let manifest = snapshot.manifest();
                (manifest.number, manifest.sections.notices.hash)
            }),
            reserve,
            config: JournalConfig::default(),
        })?;
        Ok(Self {
            journal,
            thread: Some(thread),
            visible: journal::Recorder::new(),
            edition: None,
            trust: None,
            covering: BTreeSet::new(),
            undrawable: BTreeSet::new(),
            clock: Arc::clone(clock),
        })
    }

    /// Records a manifest before sync switches to it; without the record sync does not switch.
    pub(super) fn before_switch(&self) -> BeforeSwitch {
        let (journal, clock) = (self.journal.clone(), Arc::clone(&self.clock));
        Box::new(move |snapshot| {
            let manifest = snapshot.manifest();
            journal
                .accept_manifest(manifest.number, manifest.sections.notices.hash, clock.now())
                .map_err(|error| error.to_string())
        })
    }

    /// Records that a manifest was refused.
    pub(super) fn manifest_refused(&self, number: Option<u64>, reason: String, now: &Now) {
        let event = JournalEvent::ManifestRefused { number, reason };
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
    pub(super) fn follow(&mut self, state: &State, now: &Now) {
        let trust = ClockTrustRecord::from(now.clock.trust);
        if self
            .trust
            .replace(trust)
            .is_some_and(|before| before != trust)
        {
            let event = JournalEvent::ClockTrustChanged { trust };
            self.journal.record(vec![event], now.clock);
        }
        self.follow_alerts(state, now);
        let Some(board) = state.board() else { return };
        if self.edition.replace(state.edition()) == Some(state.edition()) {
            return;
        }
        let visible: BTreeSet<NoticeRef> = state.visible().cloned().collect();
        let rules = state.posting_rules();
        let events = self.visible.observe(visible, board.manifest, |notice| {
            why_ceased(notice, board, &now.clock, &rules)
        });
        if !events.is_empty() {
            let available = available_hash(self.visible.visible());
            self.journal.record_visible(events, available, now.clock);
        }
    }

    /// Records each alert that begins to cover the board; alerts that alternate cover it together.
    fn follow_alerts(&mut self, state: &State, now: &Now) {
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
        let events = self.visible.stop();
        if let Err(error) = self.journal.stop(events, now.clock) {
            tracing::error!(%error, "the end is not in the journal");
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the journal's thread panicked");
        }
    }
}
