//! All parts of a kiosk, joined; only the screen is set up before.

use std::sync::Arc;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use slint::ComponentHandle;
use vyveska_pages::{PageService, WorkerOptions};
use vyveska_wire::keys::PublicKey;
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::pairing::PairingCode;

use super::answers::AnswerKeeper;
use super::central_line::KioskLine;
use super::circle::{Circle, Desks, Happening, Poster};
use super::lifecycle;
use super::network::{self, Network};
use super::options::{Options, Screen};
use super::recorder::{self, Recorder};
use super::speaker::Speaker;
use super::texts::StoredTexts;
use crate::clock::DeviceClock;
use crate::drawing::{Documents, DrawingDesk};
use crate::hardware::{Hardware, Pretended, SystemInspector};
use crate::journal;
use crate::search::SearchDesk;
use crate::service_desk::{self, DeskParts, ServiceDesk, ServiceMemory};
use crate::speech::voice::SpeechSink;
use crate::state::Event;
use crate::store::{BoardStore, SqliteBoardStore, StoreConfig, StoreError};
use crate::sync::DeviceIdentity;
use crate::ui::Ui;
use crate::ui::present::Device;

/// A running kiosk, on the interface's thread.
pub(super) struct Kiosk {
    pub(super) circle: Circle,
    pub(super) speaker: Speaker,
    pub(super) clock: Arc<DeviceClock>,
    network: Network,
    #[cfg(feature = "demo")]
    cable: super::driver::Cable,
}

impl Kiosk {
    /// Joins the parts. The last good board is in place before anything asks the network.
    pub(super) fn start(options: &Options) -> anyhow::Result<Self> {
        options
            .panel
            .check(options.width, options.height)
            .context("the panel cannot be used")?;
        let central = read_central_key(options)?;
        std::fs::create_dir_all(&options.data)
            .with_context(|| format!("cannot make the data folder {}", options.data.display()))?;
        let identity = DeviceIdentity::load_or_create(&options.data, crate::sync::random_seed)
            .context("cannot use the device's key")?;
        let store: Arc<dyn BoardStore> = Arc::new(
            SqliteBoardStore::open(&options.data, StoreConfig::new(central, identity.display()))
                .context("cannot open the board's store")?,
        );
        let clock = Arc::new(DeviceClock::start());
        let ui = Ui::new().context("cannot open the screen")?;
        ui.set_panel(options.panel);
        let snapshot = match store.current() {
            Ok(snapshot) => snapshot,
            Err(error) => {
                tracing::error!(%error, "the stored board is not shown");
                None
            }
        };
        if let Some(snapshot) = &snapshot {
            clock.not_before(snapshot.manifest().created);
        }
        let last_alive = last_sign_of_life(options, &identity);
        let recorder = Recorder::start(&options.data, &identity, &clock, snapshot.as_ref())
            .context("cannot use the journal")?;
        let before_switch = recorder.before_switch();
        let desk = start_desk(options, &store)?;
        let search = SearchDesk::start(
            options.data.join("search.sqlite"),
            StoredTexts(Arc::clone(&store)),
            |answer| Poster.post(Happening::Event(Event::SearchAnswered(answer))),
        )
        .context("cannot start the search desk")?;
        #[cfg(feature = "demo")]
        let cable = super::driver::Cable::new();
        let memory = ServiceMemory::open(&options.data);
        let remembered = service_desk::remembered(&memory, service_pin(options));
        let line = KioskLine::new(
            memory.transport(),
            options.central.clone(),
            identity.key(),
            central,
            Arc::clone(&clock),
            #[cfg(feature = "demo")]
            cable.clone(),
        )?;
        let client = line.client();
        let desks = Desks {
            drawing: desk,
            search,
            service: start_service(options, memory, line)?,
        };
        let answers = AnswerKeeper::start(Arc::clone(&store), Arc::clone(&clock))?;
        let circle = Circle::new(
            ui,
            Arc::clone(&clock),
            desks,
            recorder,
            answers,
            Arc::clone(&store),
        );
        circle.name_device(Device {
            pairing_code: PairingCode::of(&identity.key().public()).to_string(),
            central: options.central.to_string(),
        });
        circle.happen(Happening::Event(Event::Service(remembered)));
        if let Some(at) = last_alive {
            circle.happen(Happening::Event(Event::WasAlive(at)));
        }
        if let Some(snapshot) = snapshot {
            circle.happen(Happening::Board(snapshot.content()));
        }
        let speaker = Speaker::start(&circle, &options.sound, sink(options));
        circle.connect();
        let network = Network::start(network::Parts {
            client,
            central,
            identity: &identity,
            store,
            clock: Arc::clone(&clock),
            before_switch,
            #[cfg(feature = "demo")]
            cable: cable.clone(),
        })?;
        circle.on_content_lost(network.wake());
        Ok(Self {
            circle,
            speaker,
            clock,
            network,
            #[cfg(feature = "demo")]
            cable,
        })
    }

    /// Lets a script outside of this program walk through the kiosk.
    #[cfg(feature = "demo")]
    pub(super) fn drive(
        &self,
        address: std::net::SocketAddr,
        headless: Option<crate::headless::Headless>,
    ) -> anyhow::Result<super::driver::Driver> {
        let stage = super::driver::Stage {
            circle: self.circle.clone(),
            clock: Arc::clone(&self.clock),
            speaker: self.speaker.clone(),
            headless,
            wake: Box::new(self.network.wake()),
        };
        super::driver::Driver::start(address, stage, self.cable.clone())
    }

    /// Shows the interface in a window.
    pub(super) fn open_window(
        &self,
        width: u32,
        height: u32,
        fullscreen: bool,
    ) -> Result<(), slint::PlatformError> {
        let window = self.circle.window();
        window
            .window()
            .set_size(slint::PhysicalSize::new(width, height));
        window.window().set_fullscreen(fullscreen);
        if fullscreen {
            self.guard_window();
        }
        window.show()
    }

    /// Nothing but a signal and the service screen closes the window.
    pub(super) fn guard_window(&self) {
        self.circle.window().window().on_close_requested(|| {
            tracing::warn!("the window was asked to close, and stays");
            slint::CloseRequestResponse::KeepWindowShown
        });
    }

    /// Ends in good order.
    pub(super) fn stop(self) {
        self.speaker.stop();
        self.network.stop();
        self.circle.stop();
    }
}

/// Only where no public is.
fn sink(options: &Options) -> SpeechSink {
    match options.screen {
        Screen::Window { .. } if !cfg!(feature = "demo") => SpeechSink::default(),
        _ => SpeechSink::keeping(),
    }
}

fn read_central_key(options: &Options) -> anyhow::Result<PublicKey> {
    let path = &options.central_key;
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read central's public key {}", path.display()))?;
    PublicKey::from_pem(&text).with_context(|| {
        format!(
            "{} does not hold central's public key; `vyveska-central public-key` writes it",
            path.display()
        )
    })
}

/// When this device was last known to be alive, before it writes that it is again.
fn last_sign_of_life(options: &Options, identity: &DeviceIdentity) -> Option<DateTime<Utc>> {
    let folder = options.data.join(recorder::FOLDER);
    journal::last_sign_of_life(&folder, &identity.key().public())
        .inspect_err(|error| {
            tracing::warn!(%error, "nothing is known of the time before this start");
        })
        .ok()
        .flatten()
}

fn start_desk(options: &Options, store: &Arc<dyn BoardStore>) -> anyhow::Result<DrawingDesk> {
    let worker = match &options.worker {
        Some(worker) => worker.clone(),
        None => WorkerOptions::beside_current_exe().context(
            "the page worker vyveska-pages is not beside this program; reinstall it there",
        )?,
    };
    let pages = PageService::start(worker).context("cannot start the page service")?;
    DrawingDesk::start(pages, StoredDocuments(Arc::clone(store)), |delivery| {
        Poster.post(Happening::Delivery(delivery));
    })
    .context("cannot start the drawing desk")
}

/// The hash of the PIN this device was started with. Without it the board hangs all the same.
fn service_pin(options: &Options) -> Option<Arc<str>> {
    let file = options.service.pin_file.as_ref()?;
    service_desk::device_pin(file)
        .inspect_err(|reason| tracing::error!(reason, "the service PIN of this device is not used"))
        .ok()
}

fn start_service(
    options: &Options,
    memory: ServiceMemory,
    line: KioskLine,
) -> anyhow::Result<ServiceDesk> {
    let worker = options
        .worker
        .clone()
        .or_else(WorkerOptions::beside_current_exe);
    let worker = worker.map(|worker| worker.program);
    let inspector = SystemInspector::new(&options.data, worker);
    let hardware = if options.service.terminal {
        Hardware::of_terminal(inspector)
    } else {
        Hardware::pretended(&Pretended::default(), inspector)
    };
    ServiceDesk::start(DeskParts {
        memory,
        hardware,
        line: Box::new(line),
        restart_program: Box::new(lifecycle::begin_anew),
        tell: Box::new(|event| Poster.post(Happening::Event(Event::Service(event)))),
    })
    .context("cannot start the thread that serves technicians")
}

/// The store as the drawing desk sees it.
struct StoredDocuments(Arc<dyn BoardStore>);

impl Documents for StoredDocuments {
    fn open(&self, hash: &ContentHash) -> Option<std::fs::File> {
        match self.0.open(hash) {
            Ok(file) => file,
            Err(error @ StoreError::ContentDamaged(_)) => {
                tracing::error!(%error, "a document is fetched again");
                Poster.post(Happening::ContentLost);
                None
            }
            Err(error) => {
                tracing::error!(%error, document = %hash, "a document cannot be opened");
                None
            }
        }
    }
}
