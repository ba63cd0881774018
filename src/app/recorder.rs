//! Joins the state to the journal: what becomes or ceases to be visible, and what else belongs there.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::Context as _;
use vyveska_board::Clock as _;
use vyveska_board::posting::PostingRules;
use vyveska_wire::journal::{ClockTrustRecord, Fact, NoticeRef};
use vyveska_wire::manifest::ContentHash;

use crate::clock::DeviceClock;
use crate::journal::{
    self, JournalConfig, JournalHandle, JournalParts, available_hash, why_ceased,
};
use crate::state::{Now, State};
use crate::store::Snapshot;
use crate::sync::{BeforeSwitch, DeviceIdentity};

/// The folder of the journal inside the kiosk's data.
pub(super) const FOLDER: &str = "journal";

/// Watches the state and writes into the journal. Never makes the interface wait.
pub(super) struct Recorder {
    journal: JournalHandle,
    thread: Option<JoinHandle<()>>,
    visible: journal::Recorder,
    edition: Option<u64>,
    trust: Option<ClockTrustRecord>,
    /// The messages that cover the board.
    covering: BTreeSet<String>,
    /// What could not be drawn is recorded once for each start.
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

    /// Records a manifest before sync switches to it; without the record there is no switch.
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
        let fact = Fact::ManifestRefused { number, reason };
        self.journal.record(vec![fact], now.clock);
    }

    /// Records that a document of a visible notice could not be drawn.
    pub(super) fn document_not_drawable(
        &mut self,
        state: &State,
        document: ContentHash,
        code: &str,
        now: &Now,
    ) {
        let holds = |entry: &&crate::state::BoardNotice| {
            let documents = &entry.notice.documents;
            documents.iter().any(|other| other.hash == Some(document.0))
        };
        let facts: Vec<Fact> = state
            .posted()
            .filter(holds)
            .map(|entry| entry.reference.clone())
            .filter(|notice| self.undrawable.insert((notice.clone(), document)))
            .map(|notice| Fact::DocumentNotDrawable {
                notice,
                document,
                reason: code.to_owned(),
            })
            .collect();
        if !facts.is_empty() {
            self.journal.record(facts, now.clock);
        }
    }

    /// Records what became or ceased to be visible since the last time, and how sure the clock is.
    pub(super) fn follow(&mut self, state: &State, now: &Now) {
        let trust = ClockTrustRecord::from(now.clock.trust);
        if self
            .trust
            .replace(trust)
            .is_some_and(|before| before != trust)
        {
            let fact = Fact::ClockTrustChanged { trust };
            self.journal.record(vec![fact], now.clock);
        }
        self.follow_alerts(state, now);
        let Some(board) = state.board() else { return };
        if self.edition.replace(state.edition()) == Some(state.edition()) {
            return;
        }
        let visible: BTreeSet<NoticeRef> = state.visible().cloned().collect();
        let rules = PostingRules::default();
        let facts = self.visible.observe(visible, board.manifest, |notice| {
            why_ceased(notice, board, &now.clock, &rules)
        });
        if !facts.is_empty() {
            let available = available_hash(self.visible.visible());
            self.journal.record_visible(facts, available, now.clock);
        }
    }

    /// Records each message that comes to cover the board; messages that take turns cover it together.
    fn follow_alerts(&mut self, state: &State, now: &Now) {
        let covering: BTreeSet<String> = state
            .covering_alerts()
            .into_iter()
            .map(|alert| alert.id.clone())
            .collect();
        let facts: Vec<Fact> = covering
            .difference(&self.covering)
            .map(|alert| Fact::BoardCovered {
                alert: alert.clone(),
            })
            .collect();
        self.covering = covering;
        if !facts.is_empty() {
            self.journal.record(facts, now.clock);
        }
    }

    /// Records the end, and waits until it is on disk.
    pub(super) fn stop(&mut self, now: &Now) {
        let facts = self.visible.stop();
        if let Err(error) = self.journal.stop(facts, now.clock) {
            tracing::error!(%error, "the end is not in the journal");
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the journal's thread ended badly");
        }
    }
}
