//! The kiosk of the modes that follow repeated failures: see [`crate::recovery`].
//!
//! In safe mode the store, the journal and the network run, and a window of titles, dates and messages of the town; no
//! documents, search, speech or service screen. Where that fails too, only the web address is shown, from the recovery
//! record. The same window shows the last board, and says why nothing else starts, while the display's key cannot be used.

use std::cell::RefCell;
use std::error::Error as _;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use slint::ComponentHandle as _;
use vyveska_wire::status::ScreenShown;

use super::kiosk::{self, Base, LastBoard, guard};
use super::lifecycle;
use super::network::{self, Network};
use super::options::{Options, OutputMode};
use super::recorder::Recorder;
use super::status::ShownNow;
use crate::clock::DeviceClock;
use crate::device::SystemHealth;
use crate::headless::{Headless, Time};
use crate::recovery::{Mode, Recovery};
use crate::service_mode::ServiceMemory;
use crate::state::{Event, State};
use crate::store::Snapshot;
use crate::sync::{IdentityError, SyncEvent};
use crate::ui::present::SafeView;
use crate::ui::repaint::{FULL_REPAINT, repaint};
use crate::ui::safe::SafeUi;

/// How often the titles are compared with the time.
const TICK: std::time::Duration = std::time::Duration::from_secs(1);

thread_local! {
    static TITLES: RefCell<Weak<RefCell<Titles>>> = const { RefCell::new(Weak::new()) };
}

/// Runs the mode until the program is ended or the mode is over.
pub(super) fn run(
    options: &Options,
    mode: Mode,
    recovery: &'static Recovery,
) -> anyhow::Result<()> {
    let (mut ui, fullscreen) = open(options)?;
    let window = ui.window().clone_strong();
    let log_mode = || {
        tracing::warn!(
            ?mode,
            "the kiosk runs with less, because it failed repeatedly"
        );
    };
    let restart_when_over = || {
        if recovery.is_over() {
            lifecycle::restart();
        }
    };
    if mode == Mode::AddressOnly {
        let board = recovery.board();
        ui.render(SafeView::address(&board.town, &board.web_address));
        log_mode();
        return show(&window, fullscreen, restart_when_over);
    }
    let (titles, network) = Titles::start(options, ui)?;
    let ticking = Rc::clone(&titles);
    log_mode();
    show(&window, fullscreen, move || {
        ticking.borrow_mut().apply(Event::Tick);
        restart_when_over();
    })?;
    network.begin_stop();
    titles.borrow_mut().stop();
    network.stop();
    Ok(())
}

/// Shows the last board and says that the display's key cannot be used, until the program is ended or the key can be
/// used.
///
/// Without the key nothing else can start: a display signs its journal and its requests by it, and a key that is not on
/// disk would make another display of it at each start. The next journal says that what was shown is not recorded.
pub(super) fn run_without_key(options: &Options, error: &IdentityError) -> anyhow::Result<()> {
    let (mut ui, fullscreen) = open(options)?;
    let window = ui.window().clone_strong();
    let trouble = match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    };
    tracing::error!(
        error = trouble,
        "nothing starts before the display's key can be used"
    );
    let last = match error {
        // There was none yet that could be lost, and its place stays free of what only a display with a key has.
        IdentityError::Io { .. } | IdentityError::Randomness(_) => None,
        IdentityError::Missing { .. }
        | IdentityError::Unreadable { .. }
        | IdentityError::Damaged { .. } => LastBoard::read(options).unwrap_or_else(|error| {
            tracing::error!("the last board is not shown: {error:#}");
            None
        }),
    };
    let recovery = lifecycle::recovery();
    let folder = options.data.clone();
    let restart_with_key = move || {
        if kiosk::load_identity(&folder).is_ok() {
            lifecycle::restart();
        }
    };
    let Some(last) = last else {
        let board = recovery.map(Recovery::board).unwrap_or_default();
        ui.render(SafeView {
            key_trouble: trouble,
            ..SafeView::address(&board.town, &board.web_address)
        });
        return show(&window, fullscreen, restart_with_key);
    };
    if let Some(recovery) = recovery {
        recovery.note(&format!("what was shown is not recorded: {trouble}"));
    }
    let titles = Titles::of_last_board(last, ui, trouble);
    tracing::warn!(
        notices = titles.state.posted().count(),
        "the last board is shown without the display's key"
    );
    let titles = Rc::new(RefCell::new(titles));
    show(&window, fullscreen, move || {
        titles.borrow_mut().apply(Event::Tick);
        restart_with_key();
    })
}

/// Opens the window's screen; says whether it fills the panel.
fn open(options: &Options) -> anyhow::Result<(SafeUi, bool)> {
    let (width, height, fullscreen) = match options.output_mode {
        OutputMode::Window { fullscreen } => (options.width, options.height, fullscreen),
        OutputMode::Headless | OutputMode::Walk { .. } => {
            Headless::install(options.width, options.height, Time::real())
                .context("cannot set up the headless screen")?;
            (options.width, options.height, false)
        }
    };
    let ui = SafeUi::new(options.panel).map_err(lifecycle::no_screen)?;
    let window = ui.window().window();
    window.set_size(slint::PhysicalSize::new(width, height));
    window.set_fullscreen(fullscreen);
    if fullscreen {
        guard(window);
    }
    Ok((ui, fullscreen))
}

/// Shows the window until the program is ended or restarted.
fn show(
    window: &vyveska_markup::SafeWindow,
    fullscreen: bool,
    tick: impl Fn() + 'static,
) -> anyhow::Result<()> {
    window.show().context("cannot open the window")?;
    lifecycle::ready();
    let timer = slint::Timer::default();
    timer.start(slint::TimerMode::Repeated, TICK, move || {
        tick();
        lifecycle::answered();
    });
    let repaint_timer = slint::Timer::default();
    let whole = window.clone_strong();
    repaint_timer.start(slint::TimerMode::Repeated, FULL_REPAINT, move || {
        repaint(whole.window());
    });
    lifecycle::run_loop(fullscreen)
}

/// What is posted, as titles, on the interface's thread.
struct Titles {
    state: State,
    clock: Arc<DeviceClock>,
    /// `None` while the display's key cannot be used.
    recorder: Option<Recorder>,
    shown_now: ShownNow,
    ui: SafeUi,
    key_trouble: String,
}

impl Titles {
    fn of_last_board(board: LastBoard, ui: SafeUi, key_trouble: String) -> Self {
        let mut titles = Self {
            state: State::new(board.clock.stamp()),
            clock: board.clock,
            recorder: None,
            shown_now: ShownNow::default(),
            ui,
            key_trouble,
        };
        titles.show_first(board.last_alive, Some(&board.snapshot));
        titles
    }

    /// Shows the board of the store.
    fn show_first(&mut self, last_alive: Option<DateTime<Utc>>, snapshot: Option<&Snapshot>) {
        if let Some(at) = last_alive {
            self.apply(Event::WasAlive(at));
        }
        if let Some(snapshot) = snapshot {
            self.apply(Event::BoardChanged(snapshot.content()));
        }
        self.apply(Event::Tick);
    }

    fn start(options: &Options, ui: SafeUi) -> anyhow::Result<(Rc<RefCell<Self>>, Network)> {
        let base = Base::open(options)?;
        let clock = Arc::clone(&base.clock);
        let memory = ServiceMemory::open(&options.data);
        #[cfg(feature = "demo")]
        let network_fault = super::driver::NetworkFault::new();
        let connection = base.connect(
            options,
            &memory,
            #[cfg(feature = "demo")]
            &network_fault,
        )?;
        let shown_now = ShownNow::default();
        let parts = network::Parts {
            client: connection.client(),
            central: base.central,
            identity: &base.identity,
            enrolment: options.enrolment.clone(),
            store: Arc::clone(&base.store),
            outbox: Arc::clone(&base.outbox),
            clock: Arc::clone(&clock),
            before_switch: base.recorder.before_switch(),
            emit: Box::new(post),
            tell_status: shown_now.teller(
                Arc::<DeviceClock>::clone(&clock),
                Arc::clone(&base.store),
                SystemHealth::new(&options.data),
            ),
            #[cfg(feature = "demo")]
            network_fault,
        };
        let (mut recorder, snapshot, last_alive) = (base.recorder, base.snapshot, base.last_alive);
        recorder.alerts_stand_beside();
        let titles = Rc::new(RefCell::new(Self {
            state: State::new(clock.stamp()),
            clock,
            recorder: Some(recorder),
            shown_now,
            ui,
            key_trouble: String::new(),
        }));
        TITLES.with(|here| *here.borrow_mut() = Rc::downgrade(&titles));
        (titles.borrow_mut()).show_first(last_alive, snapshot.as_ref());
        let network = Network::start(parts)?;
        Ok((titles, network))
    }

    fn apply(&mut self, event: Event) {
        self.state.apply(event, self.clock.stamp());
        let now = self.clock.stamp();
        self.ui.render(SafeView {
            key_trouble: self.key_trouble.clone(),
            ..SafeView::titles(&self.state)
        });
        self.shown_now.note(
            &self.state,
            ScreenShown::SafeMode,
            self.ui.window().window(),
        );
        if let Some(recorder) = &mut self.recorder {
            recorder.record_changes(&self.state, &now);
        }
    }

    fn stop(&mut self) {
        let now = self.clock.stamp();
        if let Some(recorder) = &mut self.recorder {
            recorder.stop(&now);
        }
    }
}

/// Handles what sync reports, on the interface's thread.
fn post(event: SyncEvent) {
    let posted = slint::invoke_from_event_loop(move || {
        let Some(titles) = TITLES.with(|titles| titles.borrow().upgrade()) else {
            return;
        };
        let mut titles = titles.borrow_mut();
        match event {
            SyncEvent::Taken(board) => {
                lifecycle::manifest_taken();
                titles.apply(Event::BoardChanged(board));
            }
            SyncEvent::Heard(at) => {
                let heard = Event::CentralHeard(titles.clock.shows_at(at));
                titles.apply(heard);
            }
            SyncEvent::Refused(refused) => {
                let now = titles.clock.stamp();
                if let Some(recorder) = &titles.recorder {
                    recorder.refused(refused, &now);
                }
            }
            SyncEvent::Link(_)
            | SyncEvent::Time { .. }
            | SyncEvent::ContentArrived(_)
            | SyncEvent::Trouble { .. } => {}
        }
    });
    if posted.is_err() {
        tracing::debug!("the interface has ended; the event is dropped");
    }
}
