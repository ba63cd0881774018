//! Signals: the first asks to finish politely, the second leaves.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How long polite finishing may take.
pub const GRACE: Duration = Duration::from_secs(10);

/// Listens for the signals that end the service.
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Cancels `polite` at the first signal and returns at the second.
    pub async fn run(mut self, polite: CancellationToken) {
        self.next().await;
        tracing::info!("finishing; another signal leaves at once");
        polite.cancel();
        self.next().await;
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
