//! Creates and connects all parts of a kiosk; only the Slint platform is set up before.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use slint::ComponentHandle;
use vyveska_confine::FolderLock;
use vyveska_pages::WorkerOptions;
use vyveska_wire::keys::PublicKey;
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::pairing::PairingCode;

use super::answers::AnswerWorker;
use super::app_event::{AppEvent, EventSender};
use super::central_connection::KioskConnection;
use super::event_loop::{EventLoop, Workers};
use super::lifecycle;
use super::network::{self, Network};
use super::options::{Options, OutputMode};
use super::recorder::{self, Recorder};
use super::speech;
use super::texts::StoredTexts;
use crate::clock::DeviceClock;
use crate::device::{FakeDevice, Hardware, SystemHealth, SystemInspector};
use crate::drawing::{Documents, DrawingWorker};
use crate::journal;
use crate::search::SearchWorker;
use crate::service_mode::{self, ServiceMemory, ServiceWorker, ServiceWorkerParts};
use crate::speech::voice::SpeechSink;
use crate::state::Event;
use crate::store::{
    BoardStore, Outbox, Reserve, Snapshot, SqliteBoardStore, StoreConfig, StoreError, make_private,
};
use crate::sync::{DeviceIdentity, IdentityError};
use crate::ui::Ui;
use crate::ui::present::Device;

/// A running kiosk, on the interface's thread.
pub(super) struct Kiosk {
    pub(super) event_loop: EventLoop,
    pub(super) speech: speech::Output,
    pub(super) clock: Arc<DeviceClock>,
    network: Network,
    #[cfg(feature = "demo")]
    network_fault: super::driver::NetworkFault,
}

impl Kiosk {
    /// Creates and connects the parts. The last good board is shown before anything uses the network.
    pub(super) fn start(options: &Options) -> anyhow::Result<Self> {
        check(options)?;
        let ui = Ui::new().map_err(lifecycle::no_screen)?;
        ui.set_panel(options.panel);
        let base = Base::open(options)?;
        let before_switch = base.recorder.before_switch();
        #[cfg(feature = "demo")]
        let network_fault = super::driver::NetworkFault::new();
        let memory = ServiceMemory::open(&options.data);
        let remembered = service_mode::remembered(&memory, service_pin(options));
        let connection = base.connect(
            options,
            &memory,
            #[cfg(feature = "demo")]
            &network_fault,
        )?;
        let Base {
            central,
            identity,
            store,
            outbox,
            clock,
            snapshot,
            last_alive,
            recorder,
        } = base;
        let worker = start_drawing(options, &store)?;
        let search = SearchWorker::start(
            options.data.join("search.sqlite"),
            StoredTexts(Arc::clone(&store)),
            |answer| EventSender.post(AppEvent::Event(Event::SearchFinished(answer))),
        )
        .context("cannot start the search worker")?;
        let client = connection.client();
        let workers = Workers {
            drawing: worker,
            search,
            service: start_service(options, memory, connection)?,
        };
        let answers = AnswerWorker::start(Arc::clone(&outbox), Arc::clone(&clock))?;
        let event_loop = EventLoop::new(
            ui,
            Arc::clone(&clock),
            workers,
            recorder,
            answers,
            Arc::clone(&store),
        );
        event_loop.name_device(Device {
            pairing_code: PairingCode::of(&identity.key().public()).to_string(),
            central: options.central.to_string(),
        });
        event_loop.dispatch(AppEvent::Event(Event::Service(remembered)));
        if let Some(at) = last_alive {
            event_loop.dispatch(AppEvent::Event(Event::WasAlive(at)));
        }
        if let Some(snapshot) = snapshot {
            event_loop.dispatch(AppEvent::Board(snapshot.content()));
        }
        let speech = speech::Output::start(&event_loop, &options.sound, sink(options));
        event_loop.connect();
        let tell_status = event_loop.shown_now().teller(
            Arc::<DeviceClock>::clone(&clock),
            Arc::clone(&store),
            SystemHealth::new(&options.data),
        );
        let network = Network::start(network::Parts {
            client,
            central,
            identity: &identity,
            enrolment: options.enrolment.clone(),
            store,
            outbox,
            clock: Arc::clone(&clock),
            before_switch,
            emit: Box::new(network::post),
            tell_status,
            #[cfg(feature = "demo")]
            network_fault: network_fault.clone(),
        })?;
        event_loop.on_content_lost(network.wake());
        Ok(Self {
            event_loop,
            speech,
            clock,
            network,
            #[cfg(feature = "demo")]
            network_fault,
        })
    }

    /// Starts the black-box driver.
    #[cfg(feature = "demo")]
    pub(super) fn drive(
        &self,
        address: std::net::SocketAddr,
        headless: Option<crate::headless::Headless>,
    ) -> anyhow::Result<super::driver::Driver> {
        let context = super::driver::DriverContext {
            event_loop: self.event_loop.clone(),
            clock: Arc::clone(&self.clock),
            speech: self.speech.clone(),
            headless,
            wake: Box::new(self.network.wake()),
        };
        super::driver::Driver::start(address, context, self.network_fault.clone())
    }

    pub(super) fn open_window(
        &self,
        width: u32,
        height: u32,
        fullscreen: bool,
    ) -> Result<(), slint::PlatformError> {
        let window = self.event_loop.window();
        window
            .window()
            .set_size(slint::PhysicalSize::new(width, height));
        window.window().set_fullscreen(fullscreen);
        if fullscreen {
            guard(window.window());
        }
        window.show()
    }

    /// Stops every part in good order.
    pub(super) fn stop(self) {
        self.speech.stop();
        self.network.begin_stop();
        // The journal says that the kiosk was stopped before anything that may hang is waited for.
        self.event_loop.stop();
        self.network.stop();
    }
}

/// Keeps the window open when a window manager asks to close it: only a signal or the service screen may.
pub(super) fn guard(window: &slint::Window) {
    window.on_close_requested(|| {
        tracing::warn!("a request to close the window was refused");
        slint::CloseRequestResponse::KeepWindowShown
    });
}

/// What keeps and records a board, whatever the mode.
pub(super) struct Base {
    pub(super) central: PublicKey,
    pub(super) identity: DeviceIdentity,
    pub(super) store: Arc<dyn BoardStore>,
    pub(super) outbox: Arc<Outbox>,
    pub(super) clock: Arc<DeviceClock>,
    /// The last good board.
    pub(super) snapshot: Option<Snapshot>,
    pub(super) last_alive: Option<DateTime<Utc>>,
    pub(super) recorder: Recorder,
}

impl Base {
    pub(super) fn open(options: &Options) -> anyhow::Result<Self> {
        let central = options.central_key;
        let identity = load_identity(&options.data).context("cannot use the device's key")?;
        let reserve = Arc::new(Reserve::open(&options.data, Reserve::DEFAULT_BYTES));
        // Before the store, which would set its database aside with the answers of an earlier program.
        let outbox = Outbox::open(&options.data, Box::new(crate::sync::random_seed))
            .context("cannot make the outbox")?;
        let outbox = Arc::new(outbox);
        let store: Arc<dyn BoardStore> = Arc::new(
            SqliteBoardStore::open(
                &options.data,
                StoreConfig::new(central, identity.display()),
                Arc::clone(&reserve),
            )
            .context("cannot open the board's store")?,
        );
        let clock = Arc::new(DeviceClock::start(options.clock_verifier));
        let snapshot = current(store.as_ref());
        let key = identity.key().public();
        recall_time(&clock, options, Some(&key), snapshot.as_ref());
        let last_alive = last_sign_of_life(options, &key);
        let recorder = Recorder::start(
            &options.data,
            &identity,
            &clock,
            snapshot.as_ref(),
            Arc::clone(&reserve),
            lifecycle::start(),
        )
        .context("cannot use the journal")?;
        Ok(Self {
            central,
            identity,
            store,
            outbox,
            clock,
            snapshot,
            last_alive,
            recorder,
        })
    }

    /// The connection to central, through what a technician set.
    pub(super) fn connect(
        &self,
        options: &Options,
        memory: &ServiceMemory,
        #[cfg(feature = "demo")] network_fault: &super::driver::NetworkFault,
    ) -> anyhow::Result<KioskConnection> {
        KioskConnection::new(
            memory.transport(),
            options.central.clone(),
            options.allow_http,
            self.identity.key(),
            self.central,
            Arc::clone(&self.clock),
            #[cfg(feature = "demo")]
            network_fault.clone(),
        )
    }
}

/// The last good board, where the display's key cannot be used: nothing is recorded, and nothing new comes.
pub(super) struct LastBoard {
    pub(super) snapshot: Snapshot,
    pub(super) clock: Arc<DeviceClock>,
    pub(super) last_alive: Option<DateTime<Utc>>,
}

impl LastBoard {
    /// `None` when there is none.
    pub(super) fn read(options: &Options) -> anyhow::Result<Option<Self>> {
        let key = DeviceIdentity::stored_public_key(&options.data);
        let config = StoreConfig {
            display: key.as_ref().map(PublicKey::id),
            ..StoreConfig::for_any_display(options.central_key)
        };
        let reserve = Arc::new(Reserve::open(&options.data, Reserve::DEFAULT_BYTES));
        let store = SqliteBoardStore::open(&options.data, config, reserve)
            .context("cannot open the board's store")?;
        let Some(snapshot) = current(&store) else {
            return Ok(None);
        };
        let clock = Arc::new(DeviceClock::start(options.clock_verifier));
        recall_time(&clock, options, key.as_ref(), Some(&snapshot));
        let last_alive = key.and_then(|key| last_sign_of_life(options, &key));
        Ok(Some(Self {
            snapshot,
            clock,
            last_alive,
        }))
    }
}

/// The board in use, when it can be read and verifies.
fn current(store: &dyn BoardStore) -> Option<Snapshot> {
    store.current().unwrap_or_else(|error| {
        tracing::error!(%error, "the stored board is not shown");
        None
    })
}

/// The key of this device; makes it at the first start.
pub(super) fn load_identity(data: &Path) -> Result<DeviceIdentity, IdentityError> {
    DeviceIdentity::load_or_create(data, crate::sync::random_seed)
}

/// Checks what the program is started with: a mistake in it is no failure of the program.
pub(super) fn check(options: &Options) -> anyhow::Result<()> {
    options
        .panel
        .check(options.width, options.height)
        .context("the panel cannot be used")?;
    anyhow::ensure!(
        !options.data.is_file(),
        "{} is a file, not a folder for data",
        options.data.display()
    );
    if let Err(error) = make_private(&options.data) {
        // The key cannot be made there either, and the screen says so.
        tracing::error!(%error, folder = %options.data.display(), "cannot make the data folder");
    }
    Ok(())
}

/// Takes the data folder for this program alone, after [`check`]: two would ruin the journal.
pub(super) fn take_folder(options: &Options) -> anyhow::Result<FolderLock> {
    check(options)?;
    FolderLock::take(&options.data).context("a second kiosk does not start")
}

/// Keeps the words said only where tests or the driver read them, never on a public kiosk.
fn sink(options: &Options) -> SpeechSink {
    match options.output_mode {
        OutputMode::Window { .. } if !cfg!(feature = "demo") => SpeechSink::default(),
        _ => SpeechSink::keeping(),
    }
}

/// When the journal last proved this device alive; read before the recorder starts, which overwrites it.
fn last_sign_of_life(options: &Options, key: &PublicKey) -> Option<DateTime<Utc>> {
    let folder = options.data.join(recorder::FOLDER);
    journal::last_sign_of_life(&folder, key)
}

/// Takes the time that the journal and the board prove; read before the recorder starts, which overwrites the journal's.
fn recall_time(
    clock: &DeviceClock,
    options: &Options,
    key: Option<&PublicKey>,
    snapshot: Option<&Snapshot>,
) {
    let folder = options.data.join(recorder::FOLDER);
    let recorded = journal::boot_id()
        .and_then(|boot| Ok((boot, journal::monotonic_since_boot()?())))
        .map(|(boot, monotonic)| {
            key.and_then(|key| journal::recorded_time(&folder, key, &boot, monotonic))
        });
    match recorded {
        Ok(Some(time)) => clock.recall(time.earliest, time.latest, time.ago),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the journal does not prove the time"),
    }
    if let Some(snapshot) = snapshot {
        clock.recall(snapshot.manifest().created, None, Duration::ZERO);
    }
}

fn start_drawing(options: &Options, store: &Arc<dyn BoardStore>) -> anyhow::Result<DrawingWorker> {
    let worker = match &options.worker {
        Some(worker) => worker.clone(),
        None => WorkerOptions::beside_current_exe().context(
            "the page worker vyveska-pages is not beside this program; reinstall it there",
        )?,
    };
    DrawingWorker::start(worker, StoredDocuments(Arc::clone(store)), |delivery| {
        EventSender.post(AppEvent::Delivery(delivery));
    })
    .context("cannot start the drawing worker")
}

/// The hash of the PIN this device was started with. The board is shown even where it cannot be read.
fn service_pin(options: &Options) -> Option<Arc<str>> {
    let file = options.service.pin_file.as_ref()?;
    service_mode::device_pin(file)
        .inspect_err(|reason| tracing::error!(reason, "the service PIN of this device is not used"))
        .ok()
}

fn start_service(
    options: &Options,
    memory: ServiceMemory,
    connection: KioskConnection,
) -> anyhow::Result<ServiceWorker> {
    let worker = options
        .worker
        .clone()
        .or_else(WorkerOptions::beside_current_exe);
    let worker = worker.map(|worker| worker.program);
    let inspector = SystemInspector::new(&options.data, worker);
    let hardware = if options.service.terminal {
        Hardware::of_terminal(inspector)
    } else {
        Hardware::fake(&FakeDevice::default(), inspector)
    };
    ServiceWorker::start(ServiceWorkerParts {
        memory,
        hardware,
        connection: Box::new(connection),
        restart_program: Box::new(lifecycle::restart),
        send: Box::new(|event| EventSender.post(AppEvent::Event(Event::Service(event)))),
    })
    .context("cannot start the service worker")
}

/// The store as a source of documents for the drawing worker.
struct StoredDocuments(Arc<dyn BoardStore>);

impl Documents for StoredDocuments {
    fn open(&self, hash: &ContentHash) -> Option<std::fs::File> {
        match self.0.open(hash) {
            Ok(file) => file,
            Err(error @ StoreError::ContentDamaged(_)) => {
                tracing::error!(%error, "a document is fetched again");
                EventSender.post(AppEvent::ContentLost);
                None
            }
            Err(error) => {
                tracing::error!(%error, document = %hash, "a document cannot be opened");
                None
            }
        }
    }
}
