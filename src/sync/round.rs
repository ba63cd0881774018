//! Rounds: ask for the time, take a new board, fetch missing documents.

use std::collections::{HashMap, HashSet};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::{debug, error, info, warn};
use vyveska_wire::envelope::{Envelope, EnvelopeError};
use vyveska_wire::keys::DisplayId;
use vyveska_wire::manifest::{Addressee, ContentHash, ContentRef, Manifest, Sections, entity_tag};
use vyveska_wire::now::Now;
use vyveska_wire::section::{AlertsSection, NOTICES_UNKNOWN};

use super::answers;
use super::backoff::spread;
use super::client::{CentralClient, ClientError, SignedReply};
use super::download::{DownloadError, Failures, fetch_all, fetch_section};
use super::enrolment::enrol;
use super::{Interrupted, News, Refused, Shared, SyncEvent, blocking};
use crate::journal::JournalError;
use crate::state::{Link, is_current};
use crate::store::{
    NOTHING, Snapshot, SnapshotError, StoreError, VerifiedAssignment, built_in, may_follow,
    named_sections, verify_manifest, without_notices,
};

/// How many manifests and assignments are recorded as refused between two switches. Whoever stands between central and
/// the display can send ever other ones, which would fill memory and journal.
const MOST_REFUSED: usize = 50;

/// Why a round failed; the next one tries again.
#[derive(Debug, thiserror::Error)]
enum RoundError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("central's time is not believed: {0}")]
    Time(EnvelopeError),
    #[error("central's time answers another question")]
    Nonce,
    #[error("central's time answers display {0}")]
    OtherDisplay(DisplayId),
    #[error("section {name} cannot be fetched: {source}")]
    Section {
        name: &'static str,
        source: DownloadError,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

impl RoundError {
    /// The state of the connection that follows from the error.
    fn link(&self) -> Link {
        let reason = self.to_string();
        match self {
            Self::Client(ClientError::NotLetIn(_) | ClientError::NotEnrolled(_)) => Link::NotLetIn,
            Self::Client(ClientError::PlainHttp) => Link::PlainHttp,
            Self::Client(ClientError::Unreachable(_)) => Link::Unreachable { reason },
            _ => Link::Trouble { reason },
        }
    }

    /// Whether the disk has no room.
    fn is_full(&self) -> bool {
        match self {
            Self::Store(error) => error.is_full(),
            Self::Journal(error) => error.is_full(),
            _ => false,
        }
    }
}

/// State kept between rounds.
struct Rounds<C> {
    shared: Arc<Shared<C>>,
    board: Option<Snapshot>,
    /// The newest assignment; that of the board in use, or the one to be switched to with the next board.
    assignment: Option<VerifiedAssignment>,
    /// How often writing the board in use has failed; 0 once it is on disk.
    unsaved: u32,
    /// Whether that failed last because the disk is full.
    is_disk_full: bool,
    /// Sections of the manifest that is being taken, also where the store cannot keep them.
    sections: HashMap<ContentHash, Vec<u8>>,
    etag: Option<String>,
    /// The number of the newest manifest by central's last signed answer.
    newest: Option<u64>,
    /// Whether any board was as of such an answer: an event does not say what time it is.
    is_dated: bool,
    /// What was refused since the last switch, and why: without an `ETag` each round brings the same again.
    refused: HashSet<Refused>,
    trouble: Option<String>,
    link: Option<Link>,
    failures: Arc<Failures>,
    fetching: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    sending: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

pub(super) async fn rounds<C: CentralClient>(shared: &Arc<Shared<C>>) {
    let mut rounds = Rounds {
        shared: Arc::clone(shared),
        board: None,
        assignment: None,
        unsaved: 0,
        is_disk_full: false,
        sections: HashMap::new(),
        etag: None,
        newest: None,
        is_dated: false,
        refused: HashSet::new(),
        trouble: None,
        link: None,
        failures: Arc::default(),
        fetching: None,
        sending: None,
    };
    rounds.load().await;
    let mut failed = 0;
    loop {
        let mut began = Instant::now();
        let pause = match rounds.round().await {
            Ok(()) => {
                failed = 0;
                rounds.note_link(Link::Reached);
                let interval = shared.config.poll_interval;
                let pause = spread(interval * 9 / 10, interval / 5, shared.random());
                if rounds.unsaved == 0 {
                    rounds.trouble = None;
                    pause
                } else {
                    pause.min(shared.config.backoff.delay(rounds.unsaved, shared.random()))
                }
            }
            Err(error) => {
                failed += 1;
                rounds.report(&error);
                rounds.note_link(error.link());
                shared.config.backoff.delay(failed, shared.random())
            }
        };
        rounds.fetch_missing().await;
        let until = Instant::now() + pause;
        loop {
            let prompted = rounds.wait(began, until, failed == 0).await;
            let whole = rounds.take_announced().await;
            if !(prompted && whole) {
                break;
            }
            began = Instant::now();
            rounds.fetch_missing().await;
        }
    }
}

impl<C: CentralClient> Rounds<C> {
    /// Loads the stored board. A damaged one counts as none, so that it is fetched again.
    async fn load(&mut self) {
        let store = Arc::clone(&self.shared.store);
        match blocking(move || store.current()).await {
            Ok(Ok(board)) => {
                let assignment = board.as_ref().and_then(Snapshot::assignment);
                self.assignment = assignment.cloned();
                self.board = board;
                self.prune().await;
            }
            Ok(Err(error)) => error!(%error, "the stored board cannot be used"),
            Err(error) => error!(%error, "reading the stored board was cut short"),
        }
    }

    /// Waits for the next round: `until` its time, or, which gives true, an announcement or a call. Meanwhile documents
    /// are fetched, and answers are sent when central was reached; neither delays a round.
    async fn wait(&mut self, began: Instant, until: Instant, reached: bool) -> bool {
        let prompted = prompted(&self.shared, began);
        tokio::pin!(prompted);
        if reached && self.sending.is_none() {
            let shared = Arc::clone(&self.shared);
            // Goes on in the next wait: a slow disk must not make it begin anew each time.
            self.sending = Some(Box::pin(async move {
                answers::send_waiting(&shared).await;
            }));
        }
        loop {
            let arriving = async {
                match &mut self.fetching {
                    Some(fetching) => fetching.await,
                    None => std::future::pending().await,
                }
            };
            let sending = async {
                match &mut self.sending {
                    Some(sending) => sending.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = &mut prompted => return true,
                () = tokio::time::sleep_until(until) => return false,
                () = arriving => self.fetching = None,
                () = sending => self.sending = None,
            }
        }
    }

    /// Takes the manifests that events carry, until there is no other event. True when the board that was announced last
    /// is in use, a board was dated before, and nobody has called for a round, so that nothing has to be asked.
    ///
    /// Only a number beyond the board in use and the newest that central has signed counts: a replayed event brings
    /// nothing back, also where the store was lost. Whatever else an event says is left to a round.
    async fn take_announced(&mut self) -> bool {
        let (mut is_called, mut is_whole) = (false, false);
        loop {
            let news = self.shared.news.send_replace(News::default());
            is_called |= news.is_called;
            let Some(announced) = news.announced else {
                return is_whole && !is_called && self.is_dated;
            };
            // The number of another board says nothing.
            let in_use = self.board.as_ref().filter(|_| !self.is_moved());
            let in_use = in_use.map_or(0, Snapshot::number);
            let known = self.newest.map(|newest| newest.max(in_use));
            if let (Some(manifest), Some(known)) = (announced.manifest, known)
                && announced.number > known
            {
                let (envelope, beyond) = (manifest.to_bytes(), known.saturating_add(1));
                let taken = self.take(&envelope, beyond, announced.alerts);
                if let Err(error) = taken.await {
                    self.report(&error);
                }
            }
            is_whole = self.has_whole(announced.number);
        }
    }

    /// Whether the manifest with this number is in use, with every section of its own and by the newest assignment.
    fn has_whole(&self, number: u64) -> bool {
        let whole = self.board.as_ref().filter(|board| board.is_whole());
        whole.is_some_and(|board| board.number() == number) && !self.is_reassigned()
    }

    /// Whether there is a newer assignment than that of the board in use.
    fn is_reassigned(&self) -> bool {
        let board = self.board.as_ref();
        board.is_some_and(|board| board.assignment() != self.assignment.as_ref())
    }

    /// Whether the display is assigned to another board than the one in use. One that is addressed to the display itself
    /// does not say which board it is, so it counts as another.
    fn is_moved(&self) -> bool {
        let shown = self.board.as_ref().map(|board| &board.manifest().to);
        let (Some(shown), Some(assigned)) = (shown, &self.assignment) else {
            return false;
        };
        !matches!(shown, Addressee::Group(board) if board == assigned.board())
    }

    /// Fetches the display's assignment where it is not the one with this number. The next switch takes it.
    ///
    /// What is below the number is a replay, as with manifests. An older central service has none.
    async fn ask_assignment(&mut self, newest: u64) -> Result<(), RoundError> {
        let held = self.assignment.as_ref().map(VerifiedAssignment::number);
        if newest == 0 || held == Some(newest) {
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        let tag = held.map(entity_tag);
        let asked = shared.client.assignment(shared.time.now(), tag.as_deref());
        let SignedReply::Newest { envelope, .. } = asked.await? else {
            return Ok(());
        };
        match VerifiedAssignment::verify(&envelope, &shared.central, Some(&shared.display)) {
            Ok(offered) if offered.number() >= newest && Some(offered.number()) > held => {
                self.assignment = Some(offered);
            }
            Ok(offered) => {
                let reason = format!("{newest} is the newest by central's signature");
                self.refuse_assignment(Some(&offered), reason);
            }
            Err(error) => self.refuse_assignment(None, error.to_string()),
        }
        Ok(())
    }

    /// Switches to the newest assignment with the manifest in use, whole or not. An assignment to another board waits
    /// for the manifest of that.
    async fn take_assignment(&mut self) -> Result<(), RoundError> {
        let reassigned = self.is_reassigned() && !self.is_moved();
        let Some(board) = self.board.as_ref().filter(|_| reassigned) else {
            return Ok(());
        };
        let (sections, envelope) = (board.used_sections().clone(), board.envelope().to_vec());
        let older = board.older().map(<[u8]>::to_vec);
        match self.fetch(&sections, &envelope, older).await? {
            Ok(snapshot) => drop(self.switch(snapshot).await?),
            Err(reason) => {
                let offered = self.assignment.clone();
                self.refuse_assignment(offered.as_ref(), reason);
            }
        }
        Ok(())
    }

    async fn round(&mut self) -> Result<(), RoundError> {
        self.save_again().await;
        let central_now = match self.ask_time().await {
            Err(RoundError::Client(error)) if enrol(&self.shared, &error).await? => {
                self.ask_time().await?
            }
            answered => answered?,
        };
        self.newest = Some(central_now.manifest_number);
        self.ask_assignment(central_now.assignment_number).await?;
        // Before the manifest, which may not be usable: a changed PIN must not wait for it.
        if let Err(error) = self.take_assignment().await {
            self.report(&error);
        }
        let mut taken = false;
        if !self.has_whole(central_now.manifest_number) {
            let held = self.held_tag();
            let answer = self
                .shared
                .client
                .manifest(self.shared.time.now(), held.as_deref())
                .await?;
            match answer {
                SignedReply::Newest { etag, envelope } => {
                    taken = self
                        .take(&envelope, central_now.manifest_number, None)
                        .await?
                        && self
                            .board
                            .as_ref()
                            .is_some_and(|board| board.number() > central_now.manifest_number);
                    self.etag = etag;
                }
                SignedReply::Unchanged | SignedReply::NoneYet => {}
            }
        }
        // The board is *as of* this answer only when the answer names it, or it is newer and was taken since.
        if self.has_whole(central_now.manifest_number) || taken {
            self.is_dated = true;
            self.shared.emit(SyncEvent::Heard(central_now.instant));
        }
        Ok(())
    }

    /// The entity tag of the board in use; of the newest manifest where that board is not whole, or where there is none.
    ///
    /// Never of a manifest that was refused while a whole board is in use: central takes it for what is here. Nor of
    /// another board, whose numbers may be the same.
    fn held_tag(&self) -> Option<String> {
        if self.is_moved() {
            return None;
        }
        let whole = self.board.as_ref().filter(|board| board.is_whole());
        whole
            .map(|board| entity_tag(board.number()))
            .or_else(|| self.etag.clone())
    }

    async fn ask_time(&mut self) -> Result<Now, RoundError> {
        let nonce = self.shared.nonce();
        let asked = Instant::now();
        let bytes = self
            .shared
            .client
            .now(self.shared.time.now(), &nonce)
            .await?;
        let now: Now = Envelope::from_bytes(&bytes)
            .and_then(|envelope| envelope.open(&self.shared.central))
            .map_err(RoundError::Time)?;
        if now.nonce != nonce {
            return Err(RoundError::Nonce);
        }
        if let Some(other) = now.display.as_ref()
            && *other != self.shared.display
        {
            return Err(RoundError::OtherDisplay(other.clone()));
        }
        self.shared.time.set(now.instant);
        self.shared.emit(SyncEvent::Time {
            instant: now.instant,
            delay: asked.elapsed(),
        });
        Ok(now)
    }

    /// Takes a manifest, or refuses it for good. True when it was taken whole.
    ///
    /// `newest` is the number that central has just signed: what is below it is a replay, also where the store, and
    /// with it the number of the last board, was lost. `alerts` came beside the manifest and are used where it names
    /// them; nobody has signed them.
    async fn take(
        &mut self,
        envelope: &[u8],
        newest: u64,
        alerts: Option<String>,
    ) -> Result<bool, RoundError> {
        let shared = Arc::clone(&self.shared);
        let assignment = self.assignment.as_ref();
        let verified =
            verify_manifest(envelope, &shared.central, Some(&shared.display), assignment);
        let manifest = match verified {
            Ok(manifest) => manifest,
            Err(error) => {
                self.refuse(None, &error);
                return Ok(false);
            }
        };
        if manifest.number < newest {
            let reason = format!(
                "manifest {} is older than {newest}, the newest by central's signature",
                manifest.number
            );
            self.refuse(Some(manifest.number), &reason);
            return Ok(false);
        }
        if let Some(board) = &self.board {
            let same = *board.manifest() == manifest;
            if same && board.is_whole() && !self.is_reassigned() {
                return Ok(false);
            }
            if !may_follow(board.manifest(), &manifest) {
                let error = StoreError::NotNewer {
                    stored: board.number(),
                    offered: manifest.number,
                };
                self.refuse(Some(manifest.number), &error);
                return Ok(false);
            }
        }
        if let Some(alerts) = alerts.map(String::into_bytes)
            && ContentRef::to(&alerts) == manifest.sections.alerts
        {
            self.sections.insert(manifest.sections.alerts.hash, alerts);
        }
        // Intended by central, so nothing is refused: it has no notices of the board yet.
        if manifest.sections.notices == ContentRef::to(NOTICES_UNKNOWN) {
            self.take_alerts(&manifest, envelope).await?;
            return Ok(false);
        }
        let (in_use, next) = (
            self.board.as_ref().map(Snapshot::used_sections),
            &manifest.sections,
        );
        let brings_alerts = in_use.map_or_else(no_alerts, |in_use| in_use.alerts) != next.alerts;
        let brings_others = in_use.is_none_or(|in_use| {
            (in_use.notices, in_use.information) != (next.notices, next.information)
        });
        if brings_alerts && brings_others {
            self.take_alerts(&manifest, envelope).await?;
        }
        let fetched = self
            .fetch_until_other_alerts(&manifest, next, envelope, None)
            .await;
        let refused = match fetched {
            Ok(Some(Ok(snapshot))) => {
                self.await_documents(&snapshot).await;
                return self.switch(snapshot).await;
            }
            Ok(Some(Err(reason))) => Ok(reason),
            Ok(None) => return Ok(false),
            Err(error) => Err(error),
        };
        self.take_alerts(&manifest, envelope).await?;
        self.refuse(Some(manifest.number), &refused?);
        Ok(false)
    }

    /// Takes only the alerts and settings of a manifest: they do not wait for notices that cannot be used yet.
    ///
    /// The notices and information stay those in use. Without a board nothing is known of them. A display that was
    /// moved keeps the board before until it has all of the other, or an alert that only the other has: then nothing of
    /// the one before stays, since one town's notices must not stand under another's name.
    async fn take_alerts(
        &mut self,
        manifest: &Manifest,
        envelope: &[u8],
    ) -> Result<(), RoundError> {
        let is_other = |board: &Snapshot| board.manifest().to != manifest.to;
        let replaces_another = self.board.as_ref().is_some_and(is_other);
        let (sections, older) = match &self.board {
            Some(board) if !replaces_another => {
                let in_use = board.used_sections();
                let sections = Sections {
                    alerts: manifest.sections.alerts,
                    settings: manifest.sections.settings,
                    ..in_use.clone()
                };
                if *in_use == sections {
                    return Ok(());
                }
                (sections, board.older().unwrap_or(board.envelope()).to_vec())
            }
            _ => (without_notices(manifest), NOTHING.to_vec()),
        };
        let fetched = self.fetch_until_other_alerts(manifest, &sections, envelope, Some(older));
        match fetched.await? {
            Some(Ok(snapshot)) if replaces_another && !self.brings_alert(&snapshot) => {}
            Some(Ok(snapshot)) => drop(self.switch(snapshot).await?),
            Some(Err(reason)) => self.refuse(Some(manifest.number), &reason),
            None => {}
        }
        Ok(())
    }

    /// Whether a board has an alert that is shown now and that the board in use does not have.
    fn brings_alert(&self, next: &Snapshot) -> bool {
        let now = self.shared.clock.now();
        let (next, in_use) = (next.content(), self.board.as_ref().map(Snapshot::content));
        next.alerts.iter().any(|alert| {
            let is_here = in_use
                .as_ref()
                .is_some_and(|board| board.alerts.contains(alert));
            is_current(alert, &now) && !is_here
        })
    }

    /// The same as [`Self::fetch`] for a manifest; `None` when an event brings other alerts than it has.
    async fn fetch_until_other_alerts(
        &mut self,
        manifest: &Manifest,
        sections: &Sections,
        envelope: &[u8],
        older: Option<Vec<u8>>,
    ) -> Result<Option<Result<Snapshot, String>>, RoundError> {
        let other_alerts = self.other_alerts(manifest);
        tokio::select! {
            biased;
            fetched = self.fetch(sections, envelope, older) => fetched.map(Some),
            () = other_alerts => Ok(None),
        }
    }

    /// Fetches sections and verifies them with their manifest.
    ///
    /// The inner error is the reason to refuse the manifest for good.
    async fn fetch(
        &mut self,
        sections: &Sections,
        envelope: &[u8],
        older: Option<Vec<u8>>,
    ) -> Result<Result<Snapshot, String>, RoundError> {
        let limit = self.shared.config.max_section_bytes;
        for (name, content) in named_sections(sections) {
            let size = content.size_bytes;
            if size > limit {
                let reason = format!("section {name} has {size} bytes, the limit is {limit}");
                return Ok(Err(reason));
            }
        }
        self.fetch_sections(sections).await?;
        match self.verify(envelope.to_vec(), older).await? {
            Ok(snapshot) => Ok(Ok(snapshot)),
            Err(error @ SnapshotError::SectionContent { .. }) => Ok(Err(error.to_string())),
            Err(error) => Err(StoreError::from(error).into()),
        }
    }

    async fn fetch_sections(&mut self, sections: &Sections) -> Result<(), RoundError> {
        let named = named_sections(sections);
        self.sections
            .retain(|hash, _| named.iter().any(|(_, content)| content.hash == *hash));
        for (name, content) in named {
            if self.sections.contains_key(&content.hash) {
                continue;
            }
            if built_in(&content.hash).is_some() {
                continue;
            }
            let in_use = self.board.as_ref().map(Snapshot::sections);
            if let Some(bytes) = in_use.and_then(|sections| sections.get(&content.hash)) {
                self.sections.insert(content.hash, bytes.clone());
                continue;
            }
            let store = Arc::clone(&self.shared.store);
            match blocking(move || store.section(&content.hash)).await? {
                Ok(Some(bytes)) => {
                    self.sections.insert(content.hash, bytes);
                    continue;
                }
                Ok(None) => {}
                Err(error) => warn!(%error, name, "a stored section cannot be read"),
            }
            let bytes = fetch_section(&self.shared, &content)
                .await
                .map_err(|source| RoundError::Section { name, source })?;
            self.sections.insert(content.hash, bytes.clone());
            let store = Arc::clone(&self.shared.store);
            if let Err(error) = blocking(move || store.keep_section(&content.hash, &bytes)).await? {
                warn!(%error, name, "a section is kept in memory only");
            }
        }
        Ok(())
    }

    async fn verify(
        &mut self,
        envelope: Vec<u8>,
        older: Option<Vec<u8>>,
    ) -> Result<Result<Snapshot, SnapshotError>, RoundError> {
        let shared = Arc::clone(&self.shared);
        let mut sections = std::mem::take(&mut self.sections);
        let assignment = self.assignment.clone();
        let verified = blocking(move || {
            let (older, central, display) =
                (older.as_deref(), &shared.central, Some(&shared.display));
            Snapshot::verify(&envelope, older, central, display, assignment, |hash| {
                sections.remove(hash)
            })
        });
        Ok(verified.await?)
    }

    /// Waits until an event brings a newer manifest than this one, with other alerts. It stays for
    /// [`Self::take_announced`].
    fn other_alerts(&self, manifest: &Manifest) -> impl Future<Output = ()> + Send + use<C> {
        let shared = Arc::clone(&self.shared);
        let assignment = self.assignment.clone();
        let (number, alerts) = (manifest.number, manifest.sections.alerts);
        async move {
            let brings_others = |news: &News| {
                let announced = news.announced.as_ref();
                let Some(envelope) = announced.and_then(|one| one.manifest.as_ref()) else {
                    return false;
                };
                let (central, display) = (&shared.central, Some(&shared.display));
                let bytes = envelope.to_bytes();
                verify_manifest(&bytes, central, display, assignment.as_ref())
                    .is_ok_and(|next| next.number > number && next.sections.alerts != alerts)
            };
            let mut news = shared.news.subscribe();
            if news.wait_for(brings_others).await.is_err() {
                // Never: the sender is there.
                std::future::pending().await
            }
        }
    }

    /// Fetches documents for a limited time before the switch, unless the switch is urgent or becomes so.
    async fn await_documents(&mut self, snapshot: &Snapshot) {
        self.fetching = None;
        let alerts = |board: &Snapshot| board.manifest().sections.alerts;
        let can_wait = self.board.as_ref().is_some_and(|board| {
            board.content().has_notices() && alerts(board) == alerts(snapshot)
        });
        let missing = missing(&self.shared, &self.failures, snapshot).await;
        if can_wait && !missing.is_empty() {
            let fetch = fetch_all(
                Arc::clone(&self.shared),
                Arc::clone(&self.failures),
                missing,
            );
            // The rest is fetched after the switch.
            tokio::select! {
                () = fetch => {}
                () = tokio::time::sleep(self.shared.config.document_patience) => {}
                () = self.other_alerts(snapshot.manifest()) => {}
            }
        }
    }

    /// Switches to a board, in memory alone when it cannot be written: an alert must not wait for a disk, and a smaller
    /// board may be what frees it. The journal records then what happened once it can.
    ///
    /// False when the store refuses the board.
    async fn switch(&mut self, snapshot: Snapshot) -> Result<bool, RoundError> {
        let saved = save(&self.shared, &snapshot).await;
        if let Err(error @ RoundError::Store(StoreError::NotNewer { .. })) = &saved {
            self.refuse(Some(snapshot.number()), error);
            return Ok(false);
        }
        info!(
            number = snapshot.number(),
            notices = snapshot.notices().notices.len(),
            "a new board is in use"
        );
        self.shared.emit(SyncEvent::Taken(snapshot.content()));
        self.board = Some(snapshot);
        self.refused.clear();
        self.unsaved = u32::from(saved.is_err());
        self.is_disk_full = saved.is_err_and(|error| error.is_full());
        self.prune().await;
        self.save_again().await;
        Ok(true)
    }

    /// Tries again to write a board that is in use in memory alone, and removes what is then not needed any more.
    async fn save_again(&mut self) {
        let Some(board) = self.board.as_ref().filter(|_| self.unsaved > 0) else {
            return;
        };
        match save(&self.shared, board).await {
            Ok(()) => {
                info!(number = board.number(), "the board in use is on disk now");
                self.unsaved = 0;
                self.prune().await;
            }
            Err(error) => {
                self.unsaved += 1;
                let had_room = !std::mem::replace(&mut self.is_disk_full, error.is_full());
                self.report(&error);
                if had_room && self.is_disk_full {
                    self.prune().await;
                }
            }
        }
    }

    /// Removes every document that the board does not name, or that exceeds the budget. Also at start-up, because a power cut may have prevented it.
    ///
    /// While the board is in memory alone, those of the board on disk stay, which a power cut would bring back. Not on
    /// a full disk: there they make the room that the board in use needs.
    async fn prune(&mut self) {
        let Some(board) = &self.board else {
            return;
        };
        let pruned: Result<(), RoundError> = async {
            let kept = kept_documents(&self.shared, board).await?;
            let mut named: HashSet<ContentHash> =
                kept.iter().map(|document| document.hash).collect();
            if self.unsaved > 0 && !self.is_disk_full {
                let taken = kept.iter().map(|document| document.size_bytes).sum();
                named.extend(documents_on_disk(&self.shared, taken).await?);
            }
            self.failures.keep_only(&named);
            let store = Arc::clone(&self.shared.store);
            blocking(move || store.prune(&named)).await??;
            Ok(())
        }
        .await;
        if let Err(error) = pruned {
            warn!(%error, "documents no longer named cannot all be removed");
        }
    }

    async fn fetch_missing(&mut self) {
        let Some(board) = &self.board else {
            return;
        };
        if self.fetching.is_some() {
            return;
        }
        let missing = missing(&self.shared, &self.failures, board).await;
        if !missing.is_empty() {
            // They need room that others may have.
            self.prune().await;
            self.fetching = Some(Box::pin(fetch_all(
                Arc::clone(&self.shared),
                Arc::clone(&self.failures),
                missing,
            )));
        }
    }

    /// Refuses a manifest.
    fn refuse(&mut self, number: Option<u64>, reason: &impl ToString) {
        let reason = reason.to_string();
        self.report_refused(Refused::Manifest { number, reason });
    }

    /// Refuses an assignment; `offered` is one that verifies.
    fn refuse_assignment(&mut self, offered: Option<&VerifiedAssignment>, reason: String) {
        self.report_refused(Refused::Assignment {
            number: offered.map(VerifiedAssignment::number),
            board: offered.map(|offered| offered.board().to_owned()),
            reason,
        });
    }

    fn report_refused(&mut self, refused: Refused) {
        if self.refused.len() < MOST_REFUSED && self.refused.insert(refused.clone()) {
            warn!(?refused, "the board stays as it is");
            self.shared.emit(SyncEvent::Refused(refused));
        } else {
            debug!(?refused, "refused once more");
        }
    }

    fn note_link(&mut self, link: Link) {
        if self.link.as_ref() != Some(&link) {
            self.shared.emit(SyncEvent::Link(link.clone()));
            self.link = Some(link);
        }
    }

    fn report(&mut self, error: &RoundError) {
        let reason = error.to_string();
        if self.trouble.as_ref() == Some(&reason) {
            return;
        }
        warn!(
            reason,
            "the board cannot be brought up to date; it stays as it is"
        );
        self.trouble = Some(reason.clone());
        self.shared.emit(SyncEvent::Trouble { reason });
    }
}

/// What a manifest names that has no alerts, and what stands for those of no board.
fn no_alerts() -> ContentRef {
    let bytes = serde_json::to_vec(&AlertsSection::default()).expect("no alerts serialise");
    ContentRef::to(&bytes)
}

/// Waits until there is something to look at: until the shortest pause since `began` is over, and a random part of the
/// jitter of an event, unless something comes meanwhile that has less.
async fn prompted<C>(shared: &Shared<C>, began: Instant) {
    let mut news = shared.news.subscribe();
    let mut due: Option<Instant> = None;
    loop {
        let jitter = news.wait_for(News::is_some).await.map(|news| news.jitter());
        let Ok(jitter) = jitter else {
            // Never: the sender is there.
            return std::future::pending().await;
        };
        let next = Instant::now() + spread(Duration::ZERO, jitter, shared.random());
        let soonest = due.map_or(next, |due| due.min(next));
        due = Some(soonest);
        let at = soonest.max(began + shared.config.shortest_pause);
        tokio::select! {
            () = tokio::time::sleep_until(at) => return,
            _ = news.changed() => {}
        }
    }
}

/// The documents of a board that have room here.
///
/// Notices have ended by the device's clock, not by central's time alone, which may be wrong.
async fn kept_documents<C: CentralClient>(
    shared: &Shared<C>,
    board: &Snapshot,
) -> Result<Vec<ContentRef>, Interrupted> {
    let store = Arc::clone(&shared.store);
    let budget = blocking(move || store.document_budget()).await?;
    Ok(board.documents_within(budget, &shared.clock.now()))
}

/// The documents of the board on disk: its posted originals, and the rest as far as there is room beside the
/// `taken` bytes of others.
async fn documents_on_disk<C: CentralClient>(
    shared: &Shared<C>,
    taken: u64,
) -> Result<Vec<ContentHash>, RoundError> {
    let (store, now) = (Arc::clone(&shared.store), shared.clock.now());
    blocking(move || {
        let budget = store.document_budget().saturating_sub(taken);
        let documents = match store.current() {
            Ok(board) => board.map(|board| board.documents_within(budget, &now)),
            // No start can show it.
            Err(StoreError::Damaged(_)) => None,
            Err(error) => return Err(error.into()),
        };
        let documents = documents.into_iter().flatten();
        Ok(documents.map(|document| document.hash).collect())
    })
    .await?
}

/// The documents of a board that are to be fetched now.
async fn missing<C: CentralClient>(
    shared: &Shared<C>,
    failures: &Failures,
    board: &Snapshot,
) -> Vec<ContentRef> {
    let found: Result<_, Interrupted> = async {
        let mut kept = kept_documents(shared, board).await?;
        kept.retain(|content| failures.is_due(&content.hash));
        let store = Arc::clone(&shared.store);
        blocking(move || {
            kept.retain(|content| !store.has(&content.hash));
            kept
        })
        .await
    }
    .await;
    found.unwrap_or_else(|error| {
        warn!(%error, "missing documents cannot be found");
        Vec::new()
    })
}

/// Records a board in the journal, and only then makes the store switch to it.
async fn save<C: CentralClient>(
    shared: &Arc<Shared<C>>,
    snapshot: &Snapshot,
) -> Result<(), RoundError> {
    let (shared, snapshot) = (Arc::clone(shared), snapshot.clone());
    blocking(move || {
        (shared.before_switch)(&snapshot)?;
        Ok(shared.store.switch(&snapshot)?)
    })
    .await?
}
