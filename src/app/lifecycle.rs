//! Signals.
//!
//! The first one lets the interface finish politely, so that the journal says that the kiosk was stopped and not cut off;
//! a second one leaves at once.

use std::process::exit;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a shell expects of a program that a signal ended.
const ENDED_BY_SIGNAL: i32 = 130;

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
    if slint::quit_event_loop().is_err() {
        tracing::debug!("the interface has ended already");
    }
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
