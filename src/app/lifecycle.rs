//! How the program ends and restarts.
//!
//! A kiosk is ended by a signal or by the service screen, and by nothing a passer-by can press: where it fills the
//! screen, it restarts at once when anything else ended its event loop (the toolkit's backend for panels does at
//! Ctrl+Alt+Backspace).
//!
//! The first signal lets the interface stop in good order, so that the journal says that the kiosk was stopped and not
//! cut off; a second one ends the process at once.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode, exit};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The exit status that a shell expects of a program ended by a signal.
const ENDED_BY_SIGNAL: i32 = 130;

/// Whether the interface's loop may end.
static MAY_END: AtomicBool = AtomicBool::new(false);

/// Whether the program restarts once it has stopped.
static RESTARTS: AtomicBool = AtomicBool::new(false);

/// Runs the interface's loop until it is to end; where it does not fill the screen, also until its window is closed.
pub(super) fn run_loop(fullscreen: bool) -> anyhow::Result<()> {
    slint::run_event_loop().context("the screen ended")?;
    if fullscreen && !MAY_END.load(Ordering::Acquire) {
        tracing::warn!("the interface's loop was ended by something that may not end it");
        // Bounds the rate of restarts, should it happen again and again.
        std::thread::sleep(std::time::Duration::from_secs(2));
        RESTARTS.store(true, Ordering::Release);
    }
    Ok(())
}

/// Ends the interface's loop so that the program restarts.
pub(super) fn restart() {
    RESTARTS.store(true, Ordering::Release);
    quit();
}

/// Replaces this process by the same program with the same arguments, when a restart was requested.
///
/// Call it after everything has stopped in good order.
pub(super) fn end_or_restart() -> ExitCode {
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

/// Ends the interface's loop at the first signal and the process at the second.
pub(super) async fn quit_at_signal() {
    let (Some(mut terminate), Some(mut interrupt)) = (
        listen(SignalKind::terminate()),
        listen(SignalKind::interrupt()),
    ) else {
        return std::future::pending().await;
    };
    either(&mut terminate, &mut interrupt).await;
    tracing::info!("finishing; another signal leaves at once");
    quit();
    either(&mut terminate, &mut interrupt).await;
    exit(ENDED_BY_SIGNAL);
}

fn listen(kind: SignalKind) -> Option<Signal> {
    signal(kind)
        .inspect_err(|error| tracing::error!(%error, "signals end the kiosk without a record"))
        .ok()
}

async fn either(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
