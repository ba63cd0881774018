//! Keeps the board as central has it.
//!
//! One round asks central for the time, which is signed and names the newest manifest and the display's assignment. When
//! those are not the ones in use, the round fetches them, then the missing sections, then the missing documents, verifies
//! each, and only then switches. Rounds come at an interval, and at once when central announces something.
//! An event that carries a manifest with a number beyond all known ones needs no round: the manifest is taken from it.
//! Every event is looked at after a random part of its jitter, so that displays do not all fetch at once. One that brings
//! other alerts has none, and ends the wait for whatever an earlier manifest still lacks.
//!
//! A display that central does not know enrols, once a round, where it was given a token, and the round goes on.
//!
//! Documents do not block a board. The switch waits for them only for [`SyncConfig::document_patience`],
//! and not at all when no notices are shown yet or when the alerts changed; the rest is fetched after the switch.
//! Each is announced by [`SyncEvent::ContentArrived`], since the board in use may name it as well.
//! Neither do notices block alerts: the alerts and settings of a manifest whose notices cannot be used (too large,
//! unreadable, not here yet) are taken alone, with the notices in use, or with none when there is no board yet.
//! No failure here removes a board: it only delays a newer one.
//!
//! Beside all that `statuses` tells central each minute how this display is, which nothing waits for.

mod answers;
mod backoff;
mod central_time;
mod client;
mod download;
mod enrolment;
mod fake;
mod http;
mod identity;
mod round;
mod statuses;
mod transport;

#[cfg(test)]
mod http_tests;
#[cfg(test)]
mod kill_tests;
#[cfg(test)]
mod sample_central;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;
use rand::Rng as _;
use rand::rngs::StdRng;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tracing::debug;
use vyveska_board::Clock;
use vyveska_wire::enrolment::EnrolmentToken;
use vyveska_wire::event::ManifestAnnounced;
use vyveska_wire::keys::{DisplayId, PublicKey};
use vyveska_wire::limits::MAX_SECTION_BYTES;
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::status::Status;

use crate::journal::JournalError;
use crate::state::{BoardContent, Link};
use crate::store::{BoardStore, Outbox, Snapshot};

pub use backoff::Backoff;
pub use central_time::CentralTime;
pub use client::{
    ByteStream, CentralClient, ClientError, ContentReply, NewsStream, NoReply, NoReplyCause,
    SignedReply,
};
pub use fake::FakeCentralClient;
pub use http::{HttpCentralClient, HttpClients};
pub use identity::{DeviceIdentity, IdentityError, random_seed};
pub use transport::clients_through;

#[derive(Debug, Clone)]
pub enum SyncEvent {
    /// A new board is in use.
    Taken(Arc<BoardContent>),
    /// Central signed this time, at most `delay` before this event.
    Time {
        instant: DateTime<Utc>,
        delay: Duration,
    },
    /// A signed answer of central says that the board in use is the newest one at this time.
    Heard(DateTime<Utc>),
    /// A document has been stored.
    ContentArrived(ContentHash),
    /// A manifest or an assignment was refused. Until a switch the same one is reported only once, and not all of very
    /// many.
    Refused(Refused),
    /// The state of the connection to central, reported when it changes.
    Link(Link),
    /// A failure, reported when it begins or changes, not every time.
    Trouble { reason: String },
}

/// What was refused, and why. Number and board are those that it claims, when they could be read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Refused {
    Manifest {
        number: Option<u64>,
        reason: String,
    },
    Assignment {
        number: Option<u64>,
        board: Option<String>,
        reason: String,
    },
}

/// Times and limits of sync.
#[derive(Debug, Clone)]
pub struct SyncConfig {
    /// How often central is asked without an announcement.
    pub poll_interval: Duration,
    /// The wait between a failed round and the next one.
    pub backoff: Backoff,
    /// The shortest time between two rounds, however often central announces something.
    pub shortest_pause: Duration,
    /// How long a switch waits for documents.
    pub document_patience: Duration,
    /// How many times a document is tried in a row before it is postponed.
    pub document_attempts: u32,
    /// How long one attempt at a document or section may take.
    pub attempt_limit: Duration,
    /// How long a document that failed that often is postponed.
    pub document_backoff: Backoff,
    pub parallel_downloads: usize,
    pub max_section_bytes: u64,
}

impl Default for SyncConfig {
    fn default() -> Self {
        Self {
            poll_interval: Duration::from_secs(60),
            backoff: Backoff::default(),
            shortest_pause: Duration::from_millis(250),
            document_patience: Duration::from_secs(30),
            document_attempts: 3,
            document_backoff: Backoff {
                first: Duration::from_secs(10),
                cap: Duration::from_secs(1800),
            },
            attempt_limit: Duration::from_secs(600),
            parallel_downloads: 2,
            max_section_bytes: MAX_SECTION_BYTES,
        }
    }
}

/// Called before a switch; the switch happens only when it succeeds.
///
/// The journal uses it: its entry is on disk before the board changes. Runs on a thread that may block.
pub type BeforeSwitch = Box<dyn Fn(&Snapshot) -> Result<(), JournalError> + Send + Sync>;

/// Receives events. Must not block.
pub type Emit = Box<dyn Fn(SyncEvent) + Send + Sync>;

/// Makes the status of this number. Runs on a thread that may block.
pub type TellStatus = Arc<dyn Fn(u64) -> Status + Send + Sync>;

/// Everything sync needs from outside.
pub struct SyncParts<C> {
    pub client: C,
    pub store: Arc<dyn BoardStore>,
    pub outbox: Arc<Outbox>,
    /// The key that central signs with.
    pub central: PublicKey,
    pub display: DisplayId,
    /// What has the display let in where central does not know it.
    pub enrolment: Option<EnrolmentToken>,
    /// The device's own clock: says which notices have ended, and dates requests until central's time is known.
    pub clock: Arc<dyn Clock>,
    /// For nonces and for jitter.
    pub rng: StdRng,
    pub config: SyncConfig,
    pub before_switch: BeforeSwitch,
    pub emit: Emit,
}

/// Keeps the board as central has it, for as long as [`BoardSync::run`] runs.
pub struct BoardSync<C> {
    shared: Shared<C>,
}

/// Wakes a running [`BoardSync`].
#[derive(Debug, Clone)]
pub struct SyncHandle(watch::Sender<News>);

impl SyncHandle {
    /// Begins a round now: a document turned out damaged, the network came back, or a technician asked for it.
    pub fn wake(&self) {
        self.0.send_modify(|news| news.is_called = true);
    }
}

/// What has come since the last look, which begins before the next round is due.
#[derive(Debug, Default)]
struct News {
    /// Whether a round was asked for, whatever was announced.
    is_called: bool,
    announced: Option<ManifestAnnounced>,
}

impl News {
    fn is_some(&self) -> bool {
        self.is_called || self.announced.is_some()
    }

    /// The time over which displays spread what they do about it; none for a call.
    fn jitter(&self) -> Duration {
        let announced = self.announced.as_ref().filter(|_| !self.is_called);
        announced.map_or(Duration::ZERO, ManifestAnnounced::jitter)
    }

    /// Keeps the newest event, with the alerts of one before it that nobody has looked at.
    fn announce(&mut self, mut announced: ManifestAnnounced) {
        if let Some(unseen) = self.announced.take() {
            announced.jitter_ms = announced.jitter_ms.min(unseen.jitter_ms);
            announced.alerts = announced.alerts.or(unseen.alerts);
        }
        self.announced = Some(announced);
    }
}

pub(crate) struct Shared<C> {
    client: C,
    store: Arc<dyn BoardStore>,
    outbox: Arc<Outbox>,
    central: PublicKey,
    display: DisplayId,
    enrolment: Option<EnrolmentToken>,
    clock: Arc<dyn Clock>,
    time: CentralTime,
    rng: Mutex<StdRng>,
    config: SyncConfig,
    before_switch: BeforeSwitch,
    emit: Emit,
    news: watch::Sender<News>,
    /// `None` where central is told nothing.
    tell_status: Option<TellStatus>,
    /// Called at every switch to another board.
    switched: Notify,
}

impl<C: CentralClient> BoardSync<C> {
    /// Nothing happens before [`BoardSync::run`].
    pub fn new(parts: SyncParts<C>) -> Self {
        Self {
            shared: Shared {
                client: parts.client,
                store: parts.store,
                outbox: parts.outbox,
                central: parts.central,
                display: parts.display,
                enrolment: parts.enrolment,
                time: CentralTime::new(Arc::clone(&parts.clock)),
                clock: parts.clock,
                rng: Mutex::new(parts.rng),
                config: parts.config,
                before_switch: parts.before_switch,
                emit: parts.emit,
                news: watch::Sender::default(),
                tell_status: None,
                switched: Notify::new(),
            },
        }
    }

    /// Tells central each minute how this display is.
    #[must_use]
    pub fn telling(mut self, tell: TellStatus) -> Self {
        self.shared.tell_status = Some(tell);
        self
    }

    /// Wakes it while it runs.
    pub fn handle(&self) -> SyncHandle {
        SyncHandle(self.shared.news.clone())
    }

    /// Runs until `shutdown`. Interrupted downloads resume at the next start.
    pub async fn run(self, shutdown: CancellationToken) {
        let shared = Arc::new(self.shared);
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = listen(&shared) => {}
            () = round::rounds(&shared) => {}
            () = statuses::tell(&shared) => {}
        }
    }
}

impl<C> Shared<C> {
    fn random(&self) -> u64 {
        self.rng
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .next_u64()
    }

    fn nonce(&self) -> String {
        let mut nonce = [0; 16];
        self.rng
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(&mut nonce);
        hex::encode(nonce)
    }

    fn emit(&self, event: SyncEvent) {
        if matches!(event, SyncEvent::Taken(_)) {
            self.switched.notify_one();
        }
        (self.emit)(event);
    }

    /// Waits for the backoff after this many failures.
    async fn back_off(&self, failures: u32) {
        let delay = self.config.backoff.delay(failures, self.random());
        tokio::time::sleep(delay).await;
    }
}

/// A job on a thread that may block did not end.
#[derive(Debug, thiserror::Error)]
#[error("work on the disk was cut short")]
struct Interrupted;

/// Does work on the disk beside the network, which has a single thread.
async fn blocking<T: Send + 'static>(
    job: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Interrupted> {
    tokio::task::spawn_blocking(job)
        .await
        .map_err(|_| Interrupted)
}

/// Receives events, and calls for a round when their stream opens. Starts once central's time is known, which dates its
/// token.
async fn listen<C: CentralClient>(shared: &Shared<C>) {
    shared.time.known().await;
    let mut failures = 0;
    loop {
        match shared.client.events(shared.time.now()).await {
            Ok(mut news) => {
                // Something may have been announced before the stream was open.
                shared.news.send_modify(|news| news.is_called = true);
                while let Some(Ok(announced)) = news.next().await {
                    debug!(number = announced.number, "a manifest was announced");
                    failures = 0;
                    shared.news.send_modify(|news| news.announce(announced));
                }
                debug!("the event stream ended");
            }
            Err(error) => debug!(%error, "no event stream; polling goes on"),
        }
        failures += 1;
        shared.back_off(failures).await;
    }
}
