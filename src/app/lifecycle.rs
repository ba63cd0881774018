//! How the program ends and restarts.
//!
//! A kiosk is ended by a signal or by the service screen, and by nothing a passer-by can press: where it fills the
//! screen, it restarts at once when anything else ended its event loop (the toolkit's backend for panels does at
//! Ctrl+Alt+Backspace).
//!
//! The first signal lets the interface stop in good order, so that the journal says that the kiosk was stopped and not
//! cut off; a second one ends the process at once.
//!
//! A failure (a panic anywhere, the end of a worker) ends the program with [`RESTART_STATUS`] and its reason on disk, and
//! systemd or the demo script starts it again: see [`crate::recovery`].

use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, exit};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};
use std::time::Duration;

use anyhow::Context as _;
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use vyveska_board::Language;

use super::runtime::runtime;
use crate::recovery::{BoardName, Mode, Recovery, Start};
use crate::state::BoardContent;
use crate::worker::{self, Worker};

/// The exit status that a shell expects of a program ended by a signal.
const ENDED_BY_SIGNAL: i32 = 130;

/// The exit status of a program that has failed and has to be started again: EX_TEMPFAIL of sysexits.h.
pub const RESTART_STATUS: u8 = 75;

/// How long the other parts have to stop in good order.
pub(super) const GRACE: Duration = Duration::from_secs(5);

/// Whether the interface's loop may end.
static MAY_END: AtomicBool = AtomicBool::new(false);

/// Whether the program restarts once it has stopped.
static RESTARTS: AtomicBool = AtomicBool::new(false);

/// Whether the program ends because of a failure.
static FAILED: AtomicBool = AtomicBool::new(false);

/// Set by the program itself, not where tests run a kiosk in their own process.
static SUPERVISION: OnceLock<Supervision> = OnceLock::new();

struct Supervision {
    recovery: Recovery,
    start: Start,
    interface: ThreadId,
}

/// Decides how the program starts. From now on a failure ends it with the reason recorded.
///
/// Call it on the interface's thread.
pub(super) fn supervise(data: &Path) -> anyhow::Result<()> {
    let recovery = Recovery::open(data, folder_in_memory().as_deref())
        .context("the system does not say how long it runs")?;
    let start = recovery.start();
    for failure in &start.failures {
        tracing::error!(reason = failure.reason, mode = ?start.mode, "the program had failed");
    }
    let supervision = Supervision {
        recovery,
        start,
        interface: thread::current().id(),
    };
    if SUPERVISION.set(supervision).is_ok() {
        worker::on_failure(fail);
    }
    Ok(())
}

/// systemd's runtime folder, which lasts until the device is switched off; `None` where nobody provides one.
pub(super) fn folder_in_memory() -> Option<PathBuf> {
    let folders = std::env::var_os("RUNTIME_DIRECTORY")?;
    std::env::split_paths(&folders).next()
}

/// Where failures are recorded, when this program is supervised.
pub(super) fn recovery() -> Option<&'static Recovery> {
    SUPERVISION.get().map(|supervision| &supervision.recovery)
}

/// How this program started, when it is supervised.
pub(super) fn start() -> Option<&'static Start> {
    SUPERVISION.get().map(|supervision| &supervision.start)
}

/// Forgets the failures that this start brought: the journal has them.
pub(super) fn failures_recorded(start: &Start) {
    if let Some(recovery) = recovery()
        && !start.failures.is_empty()
    {
        recovery.recorded(&start.failures);
    }
}

/// The mode, when it is not the normal one.
pub(super) fn mode() -> Option<(Mode, &'static Recovery)> {
    let supervision = SUPERVISION.get()?;
    let mode = supervision.start.mode;
    (mode != Mode::Normal).then_some((mode, &supervision.recovery))
}

/// Tells systemd that the screen is there.
pub(super) fn ready() {
    notify(NotifyState::Ready);
}

/// Tells systemd's watchdog that the interface's thread has answered. Call it from a timer of that thread: a picture
/// that has frozen is not to be taken for a kiosk that runs.
pub(super) fn answered() {
    if sd_notify::watchdog_enabled().is_some() {
        notify(NotifyState::Watchdog);
    }
}

/// Does nothing where systemd does not supervise the program.
fn notify(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!(%error, "systemd cannot be told");
    }
}

/// Records whose board is shown, for a screen that can show nothing else.
pub(super) fn remember_board(board: &BoardContent) {
    if let Some(recovery) = recovery()
        && recovery.set_board(BoardName {
            town: board.town.best(Language::Czech).to_owned(),
            web_address: board.settings.web_address.clone(),
        })
    {
        save(recovery);
    }
}

/// Records that a new manifest was taken into use.
pub(super) fn manifest_taken() {
    if let Some(recovery) = recovery() {
        recovery.manifest_taken();
        save(recovery);
    }
}

/// Writes the record of failures without making the interface wait for the disk.
fn save(recovery: &'static Recovery) {
    if let Err(error) = worker::spawn_task("recovery", || recovery.save()) {
        tracing::error!(%error, "the record of failures is written later");
    }
}

/// Records a failure and ends the program: at once on the interface's thread, otherwise after the other parts have
/// stopped, so that the journal is complete.
fn fail(reason: &str) {
    let on_interface = SUPERVISION
        .get()
        .is_some_and(|supervision| supervision.interface == thread::current().id());
    if FAILED.swap(true, Ordering::AcqRel) {
        if on_interface {
            exit(RESTART_STATUS.into());
        }
        return;
    }
    // First of all: recording the reason may hang on the disk too.
    let deadline = worker::spawn_task("deadline", || {
        thread::sleep(GRACE);
        tracing::error!("the other parts do not stop");
        exit(RESTART_STATUS.into());
    });
    record(reason);
    if on_interface || deadline.is_err() {
        exit(RESTART_STATUS.into());
    }
    quit();
}

/// Records the error that ended the program, and returns the status it ends with.
pub(super) fn failed(error: &anyhow::Error) -> ExitCode {
    if !FAILED.swap(true, Ordering::AcqRel) {
        record(&format!("{error:#}"));
    }
    match mode() {
        // Nothing simpler is left, and whoever runs it by hand is not to be kept in a loop.
        Some((Mode::AddressOnly, _)) => ExitCode::FAILURE,
        _ => ExitCode::from(RESTART_STATUS),
    }
}

fn record(reason: &str) {
    tracing::error!(reason, "the program fails");
    worker::fault::ends("record");
    if let Some(recovery) = recovery() {
        recovery.fail(reason);
    }
}

/// Why there is no screen. Where there is no display at all, the toolkit's own words name its source files.
pub(super) fn no_screen(error: slint::PlatformError) -> anyhow::Error {
    let variables = ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"];
    let is_missing = |name: &&str| std::env::var_os(name).is_none();
    if !cfg!(feature = "kms") && variables.iter().all(is_missing) {
        tracing::debug!(%error, "the screen cannot be opened");
        return anyhow::anyhow!(
            "there is no display: neither DISPLAY nor WAYLAND_DISPLAY is set; start the kiosk in a graphical session, or with --headless"
        );
    }
    anyhow::Error::new(error).context("cannot open the screen")
}

/// Runs the interface's loop until it is to end; where it does not fill the screen, also until its window is closed.
pub(super) fn run_loop(fullscreen: bool) -> anyhow::Result<()> {
    // A failure during the start came too early to end the loop.
    if MAY_END.load(Ordering::Acquire) {
        return Ok(());
    }
    slint::Timer::single_shot(Duration::ZERO, || {
        worker::fault::ends("interface");
    });
    slint::run_event_loop().context("the screen ended")?;
    if fullscreen && !MAY_END.load(Ordering::Acquire) {
        tracing::warn!("the interface's loop was ended by something that may not end it");
        // Bounds the rate of restarts, should it happen again and again.
        thread::sleep(Duration::from_secs(2));
        RESTARTS.store(true, Ordering::Release);
    }
    Ok(())
}

/// Ends the interface's loop so that the program restarts.
pub(super) fn restart() {
    RESTARTS.store(true, Ordering::Release);
    quit();
}

/// The program's exit status; after a failure it asks for a new start.
///
/// Replaces this process by the same program with the same arguments, when a restart was requested.
///
/// Call it after everything has stopped in good order.
pub(super) fn end_or_restart() -> ExitCode {
    if FAILED.load(Ordering::Acquire) {
        return ExitCode::from(RESTART_STATUS);
    }
    if let Some(recovery) = recovery() {
        recovery.stop();
    }
    if !RESTARTS.load(Ordering::Acquire) {
        return ExitCode::SUCCESS;
    }
    tracing::info!("restarting");
    let error = match std::env::current_exe() {
        // Returns only when it fails.
        Ok(program) => Command::new(program)
            .args(std::env::args_os().skip(1))
            .exec(),
        Err(error) => error,
    };
    tracing::error!(%error, "the program ends; the system has to start it again");
    ExitCode::FAILURE
}

fn quit() {
    MAY_END.store(true, Ordering::Release);
    if slint::quit_event_loop().is_err() {
        tracing::debug!("the interface has ended already");
    }
}

/// Ends the interface's loop at the first signal and the process at the second, whatever the other threads do.
pub(super) fn listen_for_signals() -> anyhow::Result<Worker> {
    let runtime = runtime()?;
    let signals = runtime.block_on(async {
        [SignalKind::terminate(), SignalKind::interrupt()].map(|kind| {
            signal(kind).inspect_err(
                |error| tracing::error!(%error, "signals end the kiosk without a record"),
            )
        })
    });
    Worker::start("signals", move || runtime.block_on(quit_at_signal(signals)))
        .context("cannot listen for signals")
}

async fn quit_at_signal(signals: [io::Result<Signal>; 2]) {
    let [Ok(mut terminate), Ok(mut interrupt)] = signals else {
        return std::future::pending().await;
    };
    either(&mut terminate, &mut interrupt).await;
    tracing::info!("finishing; another signal leaves at once");
    notify(NotifyState::Stopping);
    quit();
    either(&mut terminate, &mut interrupt).await;
    exit(ENDED_BY_SIGNAL);
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_unit_starts_the_program_again_and_watches_it() {
        let unit = include_str!("../../deploy/device/etc/systemd/system/vyveska.service");
        let value = |key: &str| {
            unit.lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
        };
        assert_eq!(value("Type"), Some("notify"));
        assert_eq!(value("Restart"), Some("always"));
        assert_eq!(value("StartLimitIntervalSec"), Some("0"), "never given up");
        assert!(value("RuntimeDirectory").is_some());
        assert_eq!(value("RuntimeDirectoryPreserve"), Some("yes"));
        let watchdog: u64 = value("WatchdogSec").unwrap().parse().unwrap();
        assert!((10..=60).contains(&watchdog), "{watchdog}");
        let demo = include_str!("../../deploy/demo.sh");
        assert!(demo.contains(&format!("-eq {} ]", super::RESTART_STATUS)));
        assert!(demo.contains("export RUNTIME_DIRECTORY="));
    }
}
