//! Does what the service screen orders, on a thread of its own: verifying a PIN takes tens of milliseconds, a network
//! that is set up anew takes many seconds, and the interface waits for neither.
//!
//! Orders are done one after the other. Only the trying of a new network is cut into attempts, so that it can be taken
//! back meanwhile.

mod memory;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use vyveska_wire::service_pin::ServicePinHash;

use crate::hardware::{Connection, Ending, Hardware, HardwareError};
use crate::state::service::{
    NetworkSettings, Pin, Restart, ServiceEvent, ServiceOrder, Transport, Trouble, TroubleKind,
    Wiring,
};

pub use memory::{MemoryError, NetworkBefore, ServiceMemory};

/// How often central is tried over a new network, and how long after each failure.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_secs(3);

/// How often the old network is tried again when it could not be brought back.
const TAKE_BACK_EVERY: Duration = Duration::from_secs(30);

/// How long the kiosk waits at its end for what was ordered, and for tools of the system that it has ended.
const GRACE: Duration = Duration::from_secs(3);
const LAST_GRACE: Duration = Duration::from_secs(1);

/// How the kiosk's own connections are made.
pub trait CentralLine: Send {
    /// From now on like this.
    ///
    /// # Errors
    ///
    /// When no connection can be made like this, for instance because the certificate is none.
    fn use_transport(&self, transport: &Transport) -> Result<(), Trouble>;

    /// Whether central itself answers now, signed, whatever it says of this display.
    ///
    /// # Errors
    ///
    /// With what a technician can do something about.
    fn try_central(&self) -> Result<(), Trouble>;

    /// What waited for a network may go on.
    fn wake(&self);
}

/// What the desk works with.
pub struct DeskParts {
    /// What it remembers.
    pub memory: ServiceMemory,
    /// The device.
    pub hardware: Hardware,
    /// The way to central.
    pub line: Box<dyn CentralLine>,
    /// Ends this program so that it starts anew.
    pub restart_program: Box<dyn Fn() + Send>,
    /// Told what became of orders.
    pub tell: Box<dyn Fn(ServiceEvent) + Send>,
}

/// Takes orders.
pub struct ServiceDesk {
    orders: Option<Sender<ServiceOrder>>,
    thread: Option<JoinHandle<()>>,
    /// Has no sender any more once the thread has ended.
    running: mpsc::Receiver<()>,
    ending: Ending,
}

impl ServiceDesk {
    /// Starts it. A network that was being tried when the power went is taken back first.
    ///
    /// # Errors
    ///
    /// When there is no thread for it.
    pub fn start(parts: DeskParts) -> std::io::Result<Self> {
        let (sender, orders) = mpsc::channel();
        let (runs, running) = mpsc::channel();
        let ending = parts.hardware.ending.clone();
        let thread = std::thread::Builder::new()
            .name("service".into())
            .spawn(move || {
                // Dropped last.
                let _runs: Sender<()> = runs;
                let mut desk = Desk {
                    parts,
                    trying: None,
                    not_back: None,
                    pause: PAUSE,
                };
                desk.take_back_what_was_tried();
                desk.work(&orders);
            })?;
        Ok(Self {
            orders: Some(sender),
            thread: Some(thread),
            running,
            ending,
        })
    }

    /// Does this soon.
    pub fn order(&self, order: ServiceOrder) {
        if let Some(orders) = &self.orders
            && orders.send(order).is_err()
        {
            tracing::error!("the service screen's orders are not followed: their thread has ended");
        }
    }

    /// Waits a few seconds until everything ordered is done, and no longer: a tool that still runs then is ended.
    ///
    /// What was cut off is on disk as a trial, and taken back at the next start.
    pub fn stop(&mut self) {
        self.stop_within(GRACE, LAST_GRACE);
    }

    fn stop_within(&mut self, grace: Duration, last_grace: Duration) {
        drop(self.orders.take());
        if !self.ends_within(grace) {
            tracing::warn!("what the service screen ordered is cut off");
            self.ending.begin();
            if !self.ends_within(last_grace) {
                tracing::error!("the kiosk ends without the thread of the service screen's orders");
                return;
            }
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the service screen's orders ended badly");
        }
    }

    fn ends_within(&self, grace: Duration) -> bool {
        self.running.recv_timeout(grace) == Err(RecvTimeoutError::Disconnected)
    }
}

/// What is remembered from before, for the state.
pub fn remembered(memory: &ServiceMemory, device_hash: Option<Arc<str>>) -> ServiceEvent {
    ServiceEvent::Remembered {
        failures: memory.failures(),
        hash: memory.pin_hash().map(Arc::from),
        device_hash,
    }
}

/// The hash of the PIN that this device was started with.
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

/// What the screen says of it; the log says more.
fn logged(error: &HardwareError) -> Trouble {
    tracing::warn!(%error, "the device does not do what the service screen ordered");
    error.trouble()
}

struct Desk {
    parts: DeskParts,
    /// How many attempts at central are left.
    trying: Option<u32>,
    /// Why the old network could not be brought back yet.
    not_back: Option<Trouble>,
    pause: Duration,
}

impl Desk {
    fn work(&mut self, orders: &mpsc::Receiver<ServiceOrder>) {
        loop {
            let order = match self.trying {
                None if self.not_back.is_some() => orders.recv_timeout(TAKE_BACK_EVERY),
                None => orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
                // The first attempt at once, later ones after a pause.
                Some(ATTEMPTS) => orders.recv_timeout(Duration::ZERO),
                Some(_) => orders.recv_timeout(self.pause),
            };
            match order {
                Ok(order) => self.follow(order),
                Err(RecvTimeoutError::Timeout) if self.trying.is_some() => self.try_central(),
                Err(RecvTimeoutError::Timeout) => self.take_back_what_was_tried(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn tell(&self, event: ServiceEvent) {
        (self.parts.tell)(event);
    }

    fn follow(&mut self, order: ServiceOrder) {
        match order {
            ServiceOrder::CheckPin {
                pin,
                hash,
                failures,
            } => {
                let right = self.is_right(&pin, &hash, failures);
                self.tell(ServiceEvent::PinChecked { right });
            }
            ServiceOrder::RememberHash(hash) => {
                let hash = hash.map(|hash| hash.to_string());
                self.remember(|memory| memory.remember_hash(hash));
            }
            ServiceOrder::Report => {
                let report = self.parts.hardware.inspector.report();
                self.tell(ServiceEvent::Report(report));
            }
            ServiceOrder::ReadNetwork => {
                let settings = self.settings().map_err(|error| logged(&error));
                self.tell(ServiceEvent::NetworkRead(settings));
                if let Some(reason) = &self.not_back {
                    self.tell(ServiceEvent::NetworkReverted(Err(reason.clone())));
                }
            }
            ServiceOrder::ApplyNetwork(settings) => self.try_network(&settings),
            ServiceOrder::KeepNetwork => {
                self.trying = None;
                self.not_back = None;
                self.remember(ServiceMemory::keep_network);
                self.parts.line.wake();
            }
            ServiceOrder::RevertNetwork => {
                self.trying = None;
                let outcome = self.revert();
                self.tell(ServiceEvent::NetworkReverted(outcome));
            }
            ServiceOrder::FindAuthority => {
                let found = self.parts.hardware.disks.find_authority();
                self.tell(ServiceEvent::AuthorityFound(
                    found.map_err(|error| logged(&error)),
                ));
            }
            ServiceOrder::ReadBrightness => self.tell_brightness(),
            ServiceOrder::SetBrightness(percent) => {
                let outcome = self.parts.hardware.backlight.set_brightness(percent);
                if let Err(error) = outcome {
                    self.tell_brightness();
                    self.tell(ServiceEvent::BrightnessRefused(logged(&error)));
                }
            }
            ServiceOrder::Restart(what) => self.restart(what),
        }
    }

    /// The attempt counts as failed before it is known to be: whoever cuts the power meanwhile has still used it up.
    fn is_right(&mut self, pin: &Pin, hash: &str, failures: u32) -> bool {
        self.remember(|memory| memory.remember_failures(failures));
        let right = match ServicePinHash::parse(hash) {
            Ok(hash) => hash.matches(pin.digits()),
            Err(error) => {
                tracing::error!(%error, "the service screen stays shut");
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

    /// The connection that is set up: while one is being tried that very one, whichever the system uses meanwhile.
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
        self.not_back = None;
        let Err(reason) = self.begin_trying(settings) else {
            self.trying = Some(ATTEMPTS);
            self.tell(ServiceEvent::NetworkApplied(Ok(())));
            return;
        };
        tracing::warn!(%reason, "a new network could not be set up");
        let back = self.revert();
        self.tell(ServiceEvent::NetworkApplied(Err(reason)));
        if let Err(reason) = back {
            tracing::error!(%reason, "nor could the old one be brought back");
            self.tell(ServiceEvent::NetworkReverted(Err(reason)));
        }
    }

    fn begin_trying(&mut self, settings: &NetworkSettings) -> Result<(), Trouble> {
        let told = |error: HardwareError| error.trouble();
        let connection = self.connection().map_err(told)?;
        let tried = self.parts.memory.network_before();
        if tried
            .as_ref()
            .is_some_and(|tried| tried.is_of_another(&connection))
        {
            // It cannot come back any more.
            self.remember(ServiceMemory::keep_network);
        }
        let up_due = tried.is_some_and(|tried| tried.up_due);
        let before = NetworkBefore {
            settings: self.settings().map_err(told)?,
            connection: Some(connection.clone()),
            up_due: false,
        };
        // On disk first: after a power cut in the middle, the old network comes back.
        self.parts
            .memory
            .begin_trying(&before, settings.transport.clone())
            .map_err(|error| Trouble::told(TroubleKind::NotKept, &error.words()))?;
        self.parts.line.use_transport(&settings.transport)?;
        let network = &self.parts.hardware.network;
        let addressing = &settings.wiring.addressing;
        if before.settings.wiring.addressing != *addressing || up_due {
            network
                .set_addressing(&connection, addressing)
                .map_err(told)?;
            network.bring_up(&connection).map_err(told)?;
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
        let outcome = self.parts.line.try_central();
        let left = left.saturating_sub(1);
        if outcome.is_err() && left > 0 {
            self.trying = Some(left);
            return;
        }
        self.trying = None;
        self.tell(ServiceEvent::CentralTried(outcome));
    }

    /// The network as it was before the trying began, when one did.
    fn revert(&mut self) -> Result<(), Trouble> {
        let Some(before) = self.parts.memory.network_before() else {
            return Ok(());
        };
        let outcome = self.bring_back(&before);
        self.not_back = outcome.clone().err();
        outcome?;
        self.remember(ServiceMemory::forget_tried_network);
        self.parts.line.wake();
        Ok(())
    }

    /// The very connection that was in use, as it was set up: the system may have picked another one meanwhile.
    fn bring_back(&mut self, before: &NetworkBefore) -> Result<(), Trouble> {
        let told = |error: HardwareError| error.trouble();
        let settings = &before.settings;
        if let Err(reason) = self.parts.line.use_transport(&settings.transport) {
            // It was of no use before either, and must not hold the address up.
            tracing::error!(%reason, "the old way to central is not used");
        }
        let addressing = &settings.wiring.addressing;
        let connection = self.connection().map_err(told)?;
        if before.is_of_another(&connection) {
            tracing::warn!("the old connection is gone; the one in use is left alone");
            return self.set_time_server(settings);
        }
        let now = self.parts.hardware.network.addressing(&connection);
        let is_so = now.is_ok_and(|now| now == *addressing);
        if !is_so {
            // Should this end here, it comes up at the next start.
            self.remember(ServiceMemory::note_up_due);
            let network = &self.parts.hardware.network;
            network
                .set_addressing(&connection, addressing)
                .map_err(told)?;
        }
        let was_active = before
            .connection
            .as_ref()
            .is_none_or(|before| before.active);
        if !is_so || before.up_due || was_active && !connection.active {
            let outcome = self.parts.hardware.network.bring_up(&connection);
            match outcome {
                // It did not come up before either.
                Err(error) if !was_active => {
                    tracing::warn!(%error, "the old connection stays unused")
                }
                outcome => outcome.map_err(told)?,
            }
        }
        self.set_time_server(settings)
    }

    fn take_back_what_was_tried(&mut self) {
        if self.parts.memory.network_before().is_none() {
            return;
        }
        match self.revert() {
            Ok(()) => {
                tracing::info!("a network that nobody confirmed was taken back");
                self.tell(ServiceEvent::NetworkReverted(Ok(())));
            }
            Err(reason) => tracing::error!(%reason, "a network that nobody confirmed is still set"),
        }
    }

    fn tell_brightness(&self) {
        let brightness = self.parts.hardware.backlight.brightness();
        self.tell(ServiceEvent::Brightness(
            brightness.map_err(|error| logged(&error)),
        ));
    }

    fn restart(&self, what: Restart) {
        match what {
            Restart::Program => {
                tracing::info!("the service screen starts this program anew");
                (self.parts.restart_program)();
            }
            Restart::Device => {
                tracing::info!("the service screen restarts the device");
                if let Err(error) = self.parts.hardware.restart.restart_device() {
                    self.tell(ServiceEvent::RestartFailed(logged(&error)));
                }
            }
        }
    }

    fn remember(&mut self, change: impl FnOnce(&mut ServiceMemory) -> Result<(), MemoryError>) {
        if let Err(error) = change(&mut self.parts.memory) {
            tracing::error!(%error, "the service screen will not remember this");
        }
    }
}

#[cfg(test)]
mod tests;
