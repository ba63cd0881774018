//! The network thread, which runs sync on a tokio runtime of its own.

use std::sync::Arc;

use anyhow::Context as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio_util::sync::CancellationToken;
use vyveska_wire::enrolment::EnrolmentToken;
use vyveska_wire::keys::PublicKey;

use super::app_event::{AppEvent, EventSender};
use super::lifecycle;
use super::runtime::runtime;
use crate::clock::DeviceClock;
use crate::state::Event;
use crate::store::{BoardStore, Outbox};
use crate::sync::{
    BeforeSwitch, BoardSync, DeviceIdentity, Emit, HttpCentralClient, SyncConfig, SyncEvent,
    SyncHandle, SyncParts, TellStatus, random_seed,
};
use crate::worker::Worker;

/// What the network thread needs.
pub(super) struct Parts<'a> {
    pub(super) client: HttpCentralClient,
    pub(super) central: PublicKey,
    pub(super) identity: &'a DeviceIdentity,
    pub(super) enrolment: Option<EnrolmentToken>,
    pub(super) store: Arc<dyn BoardStore>,
    pub(super) outbox: Arc<Outbox>,
    pub(super) clock: Arc<DeviceClock>,
    pub(super) before_switch: BeforeSwitch,
    /// Receives what happens, on the network thread.
    pub(super) emit: Emit,
    /// Makes what central is told of this display.
    pub(super) tell_status: TellStatus,
    /// How the black-box driver cuts the network.
    #[cfg(feature = "demo")]
    pub(super) network_fault: super::driver::NetworkFault,
}

/// The running network thread.
pub(super) struct Network {
    shutdown: CancellationToken,
    worker: Worker,
    handle: SyncHandle,
}

impl Network {
    pub(super) fn start(parts: Parts<'_>) -> anyhow::Result<Self> {
        let client = parts.client;
        #[cfg(feature = "demo")]
        let client = parts.network_fault.wrap(client);
        let seed = random_seed().context("the system gives no random numbers")?;
        let (clock, emit) = (Arc::clone(&parts.clock), parts.emit);
        let sync = BoardSync::new(SyncParts {
            client,
            store: parts.store,
            outbox: parts.outbox,
            central: parts.central,
            display: parts.identity.display(),
            enrolment: parts.enrolment,
            clock: parts.clock,
            rng: StdRng::from_seed(seed),
            config: SyncConfig::default(),
            before_switch: parts.before_switch,
            emit: Box::new(move |event| match event {
                SyncEvent::Time { instant, delay } => clock.central_said(instant, delay),
                event => emit(event),
            }),
        })
        .telling(parts.tell_status);
        let handle = sync.handle();
        let shutdown = CancellationToken::new();
        let runtime = runtime()?;
        let token = shutdown.clone();
        let worker = Worker::start("network", move || {
            runtime.block_on(sync.run(token));
            // A look-up of a name or a disk may hang.
            runtime.shutdown_timeout(lifecycle::GRACE);
        })
        .context("cannot start the network thread")?;
        Ok(Self {
            shutdown,
            worker,
            handle,
        })
    }
}

/// Posts what sync reports to the event loop.
pub(super) fn post(event: SyncEvent) {
    match event {
        SyncEvent::Taken(board) => {
            tracing::info!(
                manifest = board.manifest,
                notices = board.notices.len(),
                "a new board is in use"
            );
            EventSender.post(AppEvent::Board(board));
        }
        // Taken before it gets here: the clock has to know it at once.
        SyncEvent::Time { .. } => {}
        SyncEvent::Heard(at) => EventSender.post(AppEvent::Heard(at)),
        SyncEvent::ContentArrived(hash) => EventSender.post(AppEvent::ContentArrived(hash)),
        SyncEvent::Refused(refused) => {
            tracing::error!(?refused, "a manifest or an assignment was refused");
            EventSender.post(AppEvent::Refused(refused));
        }
        SyncEvent::Link(link) => EventSender.post(AppEvent::Event(Event::LinkChanged(link))),
        SyncEvent::Trouble { reason } => {
            tracing::warn!(reason, "the last good board is kept");
        }
    }
}

impl Network {
    /// Returns what begins a round of sync at once.
    pub(super) fn wake(&self) -> impl Fn() + 'static {
        let handle = self.handle.clone();
        move || handle.wake()
    }

    /// Lets the network end, without waiting for it.
    pub(super) fn begin_stop(&self) {
        self.worker.may_end();
        self.shutdown.cancel();
    }

    pub(super) fn stop(mut self) {
        self.begin_stop();
        self.worker.join();
    }
}
