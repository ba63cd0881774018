//! Runs the service screen's commands on a thread of its own: verifying a PIN takes tens of milliseconds, changing the
//! network many seconds, and the interface waits for neither.
//!
//! Commands run one after the other. Only the test of a new network is split into attempts, so that it can be reverted
//! in between.

mod memory;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use vyveska_wire::service_pin::ServicePinHash;

use crate::device::{Connection, Ending, Hardware, HardwareError};
use crate::state::service_mode::{
    NetworkSettings, Pin, Restart, ServiceCommand, ServiceEvent, Transport, Trouble, TroubleKind,
    Wiring,
};
use crate::worker::Worker;

pub use memory::{MemoryError, NetworkBefore, ServiceMemory};

/// How many times central is tried over a new network, and the pause after each failure.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_secs(3);

/// The interval of attempts to restore the old network when that failed.
const REVERT_EVERY: Duration = Duration::from_secs(30);

/// How long the kiosk waits at its end for running commands, and for the system's tools that it has ended.
const GRACE: Duration = Duration::from_secs(3);
const LAST_GRACE: Duration = Duration::from_secs(1);

/// How the kiosk's own connections are made.
pub trait CentralConnection: Send {
    /// Uses another transport from now on.
    ///
    /// # Errors
    ///
    /// When the transport is unusable, for instance because of its certificate.
    fn use_transport(&self, transport: &Transport) -> Result<(), Trouble>;

    /// Checks that central itself answers with a signed message, even if it does not know this display.
    ///
    /// # Errors
    ///
    /// A cause that a technician can act on.
    fn try_central(&self) -> Result<(), Trouble>;

    /// Begins a round of sync, because the network may work now.
    fn wake(&self);
}

/// What the service worker needs.
pub struct ServiceWorkerParts {
    pub memory: ServiceMemory,
    pub hardware: Hardware,
    pub connection: Box<dyn CentralConnection>,
    /// Ends this program so that it restarts.
    pub restart_program: Box<dyn Fn() + Send>,
    /// Receives the outcome of commands.
    pub send: Box<dyn Fn(ServiceEvent) + Send>,
}

/// Runs the commands one after the other.
pub struct ServiceWorker {
    // Dropped before what its thread receives from, so that the thread may end.
    worker: Worker,
    commands: Option<Sender<ServiceCommand>>,
    /// Disconnected once the thread has ended.
    running: mpsc::Receiver<()>,
    ending: Ending,
}

impl ServiceWorker {
    /// Starts the thread. A network that was being tested when the power failed is reverted first.
    ///
    /// # Errors
    ///
    /// When the system cannot start a thread.
    pub fn start(parts: ServiceWorkerParts) -> std::io::Result<Self> {
        let (sender, commands) = mpsc::channel();
        let (runs, running) = mpsc::channel();
        let ending = parts.hardware.ending.clone();
        let worker = Worker::start("service", move || {
            // Dropped last.
            let _runs: Sender<()> = runs;
            let mut thread = ServiceThread {
                parts,
                trying: None,
                revert_failure: None,
                pause: PAUSE,
            };
            thread.revert_unconfirmed();
            thread.work(&commands);
        })?;
        Ok(Self {
            worker,
            commands: Some(sender),
            running,
            ending,
        })
    }

    /// Queues a command.
    pub fn send(&self, command: ServiceCommand) {
        if let Some(commands) = &self.commands
            && commands.send(command).is_err()
        {
            tracing::error!("a command of the service screen was dropped: the worker has ended");
        }
    }

    /// Waits a few seconds until every queued command is done, then ends a tool that still runs.
    ///
    /// A network test that was interrupted is recorded on disk and reverted at the next start.
    pub fn stop(&mut self) {
        self.stop_within(GRACE, LAST_GRACE);
    }

    fn stop_within(&mut self, grace: Duration, last_grace: Duration) {
        self.worker.may_end();
        drop(self.commands.take());
        if !self.ends_within(grace) {
            tracing::warn!("commands of the service screen are cut off");
            self.ending.begin();
            if !self.ends_within(last_grace) {
                tracing::error!("the kiosk ends although the service worker still runs");
                return;
            }
        }
        self.worker.join();
    }

    fn ends_within(&self, grace: Duration) -> bool {
        self.running.recv_timeout(grace) == Err(RecvTimeoutError::Disconnected)
    }
}

/// The remembered values, as an event for the state.
pub fn remembered(memory: &ServiceMemory, device_hash: Option<Arc<str>>) -> ServiceEvent {
    ServiceEvent::Remembered {
        failures: memory.failures(),
        hash: memory.pin_hash().map(Arc::from),
        device_hash,
    }
}

/// Reads the hash of the PIN that this device was started with.
///
/// # Errors
///
/// When the file cannot be read or holds no hash.
pub fn device_pin(file: &Path) -> Result<Arc<str>, String> {
    let refused = |reason: String| {
        format!(
            "{} does not hold the hash of a service PIN; `vyveska-central hash-pin` makes one: {reason}",
            file.display()
        )
    };
    let text = std::fs::read_to_string(file).map_err(|error| refused(error.to_string()))?;
    let hash = ServicePinHash::parse(&text).map_err(|error| refused(error.to_string()))?;
    Ok(hash.as_str().into())
}

/// Logs an error in full and returns the message for the screen.
fn logged(error: &HardwareError) -> Trouble {
    tracing::warn!(%error, "a command of the service screen failed");
    error.trouble()
}

struct ServiceThread {
    parts: ServiceWorkerParts,
    /// How many attempts to reach central are left; `None` while no network is tested.
    trying: Option<u32>,
    /// Why the old network has not been restored yet.
    revert_failure: Option<Trouble>,
    pause: Duration,
}

impl ServiceThread {
    fn work(&mut self, commands: &mpsc::Receiver<ServiceCommand>) {
        loop {
            let command = match self.trying {
                None if self.revert_failure.is_some() => commands.recv_timeout(REVERT_EVERY),
                None => commands.recv().map_err(|_| RecvTimeoutError::Disconnected),
                // The first attempt at once, later ones after a pause.
                Some(ATTEMPTS) => commands.recv_timeout(Duration::ZERO),
                Some(_) => commands.recv_timeout(self.pause),
            };
            match command {
                Ok(command) => self.run(command),
                Err(RecvTimeoutError::Timeout) if self.trying.is_some() => self.try_central(),
                Err(RecvTimeoutError::Timeout) => self.revert_unconfirmed(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn send(&self, event: ServiceEvent) {
        (self.parts.send)(event);
    }

    fn run(&mut self, command: ServiceCommand) {
        match command {
            ServiceCommand::CheckPin {
                pin,
                hash,
                failures,
            } => {
                let right = self.is_right(&pin, &hash, failures);
                self.send(ServiceEvent::PinChecked { right });
            }
            ServiceCommand::RememberHash(hash) => {
                let hash = hash.map(|hash| hash.to_string());
                self.remember(|memory| memory.remember_hash(hash));
            }
            ServiceCommand::Report => {
                let report = self.parts.hardware.inspector.report();
                self.send(ServiceEvent::Report(report));
            }
            ServiceCommand::ReadNetwork => {
                let settings = self.settings().map_err(|error| logged(&error));
                self.send(ServiceEvent::NetworkRead(settings));
                if let Some(reason) = &self.revert_failure {
                    self.send(ServiceEvent::NetworkReverted(Err(reason.clone())));
                }
            }
            ServiceCommand::ApplyNetwork(settings) => self.try_network(&settings),
            ServiceCommand::KeepNetwork => {
                self.trying = None;
                self.revert_failure = None;
                self.remember(ServiceMemory::keep_network);
                self.parts.connection.wake();
            }
            ServiceCommand::RevertNetwork => {
                self.trying = None;
                let outcome = self.revert();
                self.send(ServiceEvent::NetworkReverted(outcome));
            }
            ServiceCommand::FindAuthority => {
                let found = self.parts.hardware.disks.find_authority();
                self.send(ServiceEvent::AuthorityFound(
                    found.map_err(|error| logged(&error)),
                ));
            }
            ServiceCommand::ReadBrightness => self.send_brightness(),
            ServiceCommand::SetBrightness(percent) => {
                let outcome = self.parts.hardware.backlight.set_brightness(percent);
                if let Err(error) = outcome {
                    self.send_brightness();
                    self.send(ServiceEvent::BrightnessRefused(logged(&error)));
                }
            }
            ServiceCommand::Restart(what) => self.restart(what),
        }
    }

    /// Records the attempt as failed before it is checked, so that cutting the power does not give it back.
    fn is_right(&mut self, pin: &Pin, hash: &str, failures: u32) -> bool {
        self.remember(|memory| memory.remember_failures(failures));
        let right = match ServicePinHash::parse(hash) {
            Ok(hash) => hash.matches(pin.digits()),
            Err(error) => {
                tracing::error!(%error, "the service screen stays locked");
                false
            }
        };
        if right {
            tracing::info!("somebody opened the service screen");
            self.remember(|memory| memory.remember_failures(0));
        } else {
            tracing::warn!(failures, "a wrong PIN was typed at the service screen");
        }
        right
    }

    /// The connection to configure. During a test it is the tested one, whichever the system uses.
    fn connection(&self) -> Result<Connection, HardwareError> {
        let before = self.parts.memory.network_before();
        let tried = before.as_ref().and_then(NetworkBefore::uuid);
        self.parts.hardware.network.connection(tried)
    }

    fn settings(&self) -> Result<NetworkSettings, HardwareError> {
        let hardware = &self.parts.hardware;
        Ok(NetworkSettings {
            wiring: Wiring {
                addressing: hardware.network.addressing(&self.connection()?)?,
                time_server: hardware.time_server.time_server()?,
            },
            transport: self.parts.memory.transport().clone(),
        })
    }

    fn try_network(&mut self, settings: &NetworkSettings) {
        self.trying = None;
        self.revert_failure = None;
        let Err(reason) = self.begin_trying(settings) else {
            self.trying = Some(ATTEMPTS);
            self.send(ServiceEvent::NetworkApplied(Ok(())));
            return;
        };
        tracing::warn!(%reason, "a new network could not be set up");
        let back = self.revert();
        self.send(ServiceEvent::NetworkApplied(Err(reason)));
        if let Err(reason) = back {
            tracing::error!(%reason, "the old network could not be restored");
            self.send(ServiceEvent::NetworkReverted(Err(reason)));
        }
    }

    fn begin_trying(&mut self, settings: &NetworkSettings) -> Result<(), Trouble> {
        let trouble = |error: HardwareError| error.trouble();
        let connection = self.connection().map_err(trouble)?;
        let tried = self.parts.memory.network_before();
        if tried
            .as_ref()
            .is_some_and(|tried| tried.is_of_another(&connection))
        {
            // The tested connection was removed and cannot be restored.
            self.remember(ServiceMemory::keep_network);
        }
        let up_due = tried.is_some_and(|tried| tried.up_due);
        let before = NetworkBefore {
            settings: self.settings().map_err(trouble)?,
            connection: Some(connection.clone()),
            up_due: false,
        };
        // On disk first: after a power cut in the middle, the old network is restored.
        self.parts
            .memory
            .begin_trying(&before, settings.transport.clone())
            .map_err(|error| Trouble::new(TroubleKind::NotKept, &error.words()))?;
        self.parts.connection.use_transport(&settings.transport)?;
        let network = &self.parts.hardware.network;
        let addressing = &settings.wiring.addressing;
        if before.settings.wiring.addressing != *addressing || up_due {
            network
                .set_addressing(&connection, addressing)
                .map_err(trouble)?;
            network.bring_up(&connection).map_err(trouble)?;
        }
        self.set_time_server(settings)
    }

    fn set_time_server(&self, settings: &NetworkSettings) -> Result<(), Trouble> {
        let server = settings.wiring.time_server.as_deref();
        let time_server = &self.parts.hardware.time_server;
        time_server
            .set_time_server(server)
            .map_err(|error| error.trouble())
    }

    fn try_central(&mut self) {
        let Some(left) = self.trying else { return };
        let outcome = self.parts.connection.try_central();
        let left = left.saturating_sub(1);
        if outcome.is_err() && left > 0 {
            self.trying = Some(left);
            return;
        }
        self.trying = None;
        self.send(ServiceEvent::CentralTried(outcome));
    }

    /// Restores the network from before the test, when there was one.
    fn revert(&mut self) -> Result<(), Trouble> {
        let Some(before) = self.parts.memory.network_before() else {
            return Ok(());
        };
        let outcome = self.restore(&before);
        self.revert_failure = outcome.clone().err();
        outcome?;
        self.remember(ServiceMemory::forget_tried_network);
        self.parts.connection.wake();
        Ok(())
    }

    /// Restores the connection that was in use before the test; the system may have picked another one since.
    fn restore(&mut self, before: &NetworkBefore) -> Result<(), Trouble> {
        let trouble = |error: HardwareError| error.trouble();
        let settings = &before.settings;
        if let Err(reason) = self.parts.connection.use_transport(&settings.transport) {
            // It was unusable before too, and must not prevent restoring the address.
            tracing::error!(%reason, "the old transport is not used");
        }
        let addressing = &settings.wiring.addressing;
        let connection = self.connection().map_err(trouble)?;
        if before.is_of_another(&connection) {
            tracing::warn!("the old connection is gone; the one in use is not changed");
            return self.set_time_server(settings);
        }
        let now = self.parts.hardware.network.addressing(&connection);
        let is_so = now.is_ok_and(|now| now == *addressing);
        if !is_so {
            // If the power fails here, the connection is brought up at the next start.
            self.remember(ServiceMemory::note_up_due);
            let network = &self.parts.hardware.network;
            network
                .set_addressing(&connection, addressing)
                .map_err(trouble)?;
        }
        let was_active = before
            .connection
            .as_ref()
            .is_none_or(|before| before.active);
        if !is_so || before.up_due || was_active && !connection.active {
            let outcome = self.parts.hardware.network.bring_up(&connection);
            match outcome {
                // It was not in use before either.
                Err(error) if !was_active => {
                    tracing::warn!(%error, "the old connection stays unused")
                }
                outcome => outcome.map_err(trouble)?,
            }
        }
        self.set_time_server(settings)
    }

    fn revert_unconfirmed(&mut self) {
        if self.parts.memory.network_before().is_none() {
            return;
        }
        match self.revert() {
            Ok(()) => {
                tracing::info!("a network that was not confirmed was reverted");
                self.send(ServiceEvent::NetworkReverted(Ok(())));
            }
            Err(reason) => {
                tracing::error!(%reason, "a network that was not confirmed could not be reverted")
            }
        }
    }

    fn send_brightness(&self) {
        let brightness = self.parts.hardware.backlight.brightness();
        self.send(ServiceEvent::Brightness(
            brightness.map_err(|error| logged(&error)),
        ));
    }

    fn restart(&self, what: Restart) {
        match what {
            Restart::Program => {
                tracing::info!("the service screen restarts this program");
                (self.parts.restart_program)();
            }
            Restart::Device => {
                tracing::info!("the service screen restarts the device");
                if let Err(error) = self.parts.hardware.restart.restart_device() {
                    self.send(ServiceEvent::RestartFailed(logged(&error)));
                }
            }
        }
    }

    fn remember(&mut self, change: impl FnOnce(&mut ServiceMemory) -> Result<(), MemoryError>) {
        if let Err(error) = change(&mut self.parts.memory) {
            tracing::error!(%error, "a setting of the service screen could not be stored");
        }
    }
}

#[cfg(test)]
mod tests;
