//! The network's side: a thread with a runtime of its own, on which sync runs.

use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::Context as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio_util::sync::CancellationToken;
use vyveska_wire::keys::PublicKey;

use super::circle::{Happening, Poster};
use super::lifecycle;
use crate::clock::DeviceClock;
use crate::state::Event;
use crate::store::BoardStore;
use crate::sync::{
    BeforeSwitch, BoardSync, DeviceIdentity, HttpCentralClient, SyncConfig, SyncEvent, SyncHandle,
    SyncParts, random_seed,
};

/// What the network's side is made of.
pub(super) struct Parts<'a> {
    /// How central is asked.
    pub(super) client: HttpCentralClient,
    pub(super) central: PublicKey,
    pub(super) identity: &'a DeviceIdentity,
    pub(super) store: Arc<dyn BoardStore>,
    pub(super) clock: Arc<DeviceClock>,
    pub(super) before_switch: BeforeSwitch,
    /// What the black-box driver cuts.
    #[cfg(feature = "demo")]
    pub(super) cable: super::driver::Cable,
}

/// The running network's side.
pub(super) struct Network {
    shutdown: CancellationToken,
    thread: JoinHandle<()>,
    handle: SyncHandle,
}

impl Network {
    /// Starts it.
    pub(super) fn start(parts: Parts<'_>) -> anyhow::Result<Self> {
        let client = parts.client;
        #[cfg(feature = "demo")]
        let client = parts.cable.lay(client);
        let seed = random_seed().context("the system gives no random numbers")?;
        let sync = BoardSync::new(SyncParts {
            client,
            store: parts.store,
            central: parts.central,
            display: parts.identity.display(),
            clock: parts.clock,
            rng: StdRng::from_seed(seed),
            config: SyncConfig::default(),
            before_switch: parts.before_switch,
            emit: Box::new(tell),
        });
        let handle = sync.handle();
        let shutdown = CancellationToken::new();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("cannot start the network's runtime")?;
        let token = shutdown.clone();
        let thread = std::thread::Builder::new()
            .name("network".into())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        () = sync.run(token) => {}
                        () = lifecycle::quit_at_signal() => {}
                    }
                });
            })
            .context("cannot start the network's thread")?;
        Ok(Self {
            shutdown,
            thread,
            handle,
        })
    }
}

fn tell(event: SyncEvent) {
    match event {
        SyncEvent::Taken(board) => {
            tracing::info!(
                manifest = board.manifest,
                notices = board.notices.len(),
                "a new board is in use"
            );
            Poster.post(Happening::Board(board));
        }
        SyncEvent::Heard(at) => Poster.post(Happening::Heard(at)),
        SyncEvent::ContentArrived(hash) => Poster.post(Happening::ContentArrived(hash)),
        SyncEvent::Refused { number, reason } => {
            tracing::error!(number, reason, "a manifest was refused");
            Poster.post(Happening::ManifestRefused { number, reason });
        }
        SyncEvent::Link(link) => Poster.post(Happening::Event(Event::LinkChanged(link))),
        SyncEvent::Trouble { reason } => {
            tracing::warn!(reason, "the last good board stays");
        }
    }
}

impl Network {
    /// How to begin a round of sync now.
    pub(super) fn wake(&self) -> impl Fn() + 'static {
        let handle = self.handle.clone();
        move || handle.wake()
    }

    /// Ends it.
    pub(super) fn stop(self) {
        self.shutdown.cancel();
        if self.thread.join().is_err() {
            tracing::error!("the network's thread ended badly");
        }
    }
}
