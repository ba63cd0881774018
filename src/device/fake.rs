//! A simulated device, for development and tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vyveska_wire::status::Status;

use super::{
    Backlight, Connection, HardwareError, HealthMonitor, NetworkSetup, RestartSwitch, TimeServer,
};
use crate::state::service_mode::Addressing;

/// What the commands so far would have done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FakeDeviceState {
    /// In per cent.
    pub brightness: u8,
    /// The configuration of each connection, by UUID.
    pub connections: BTreeMap<String, Addressing>,
    /// The UUID of the connection in use.
    pub active: String,
    pub time_server: Option<String>,
    /// How often a connection was brought up.
    pub ups: u32,
    /// How often the device was restarted.
    pub restarts: u32,
    /// Whether the next change fails.
    pub refuses: bool,
    /// Whether the next connection fails to come up and another one is used.
    pub picks_another: bool,
}

/// The UUID of the first connection.
const WIRED: &str = "wired";

/// A simulated device. Clones share one state.
#[derive(Debug, Clone)]
pub struct FakeDevice(Arc<Mutex<FakeDeviceState>>);

impl Default for FakeDevice {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(FakeDeviceState {
            brightness: 80,
            connections: BTreeMap::from([(WIRED.to_owned(), Addressing::Dhcp)]),
            active: WIRED.to_owned(),
            time_server: None,
            ups: 0,
            restarts: 0,
            refuses: false,
            picks_another: false,
        })))
    }
}

impl FakeDevice {
    /// The simulated state, which tests may change.
    pub fn state(&self) -> MutexGuard<'_, FakeDeviceState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The configuration of the connection in use.
    pub fn addressing(&self) -> Addressing {
        let state = self.state();
        let addressing = state.connections.get(&state.active);
        addressing.cloned().unwrap_or_default()
    }

    fn change(&self, change: impl FnOnce(&mut FakeDeviceState)) -> Result<(), HardwareError> {
        let mut state = self.state();
        if std::mem::take(&mut state.refuses) {
            return Err(refused("not today"));
        }
        change(&mut state);
        Ok(())
    }
}

fn refused(reason: &str) -> HardwareError {
    HardwareError::Refused {
        program: "fake".to_owned(),
        reason: reason.to_owned(),
    }
}

impl HealthMonitor for FakeDevice {
    fn measure(&self, status: &mut Status) {
        status.brightness_percent = Some(self.state().brightness);
    }
}

impl Backlight for FakeDevice {
    fn brightness(&self) -> Result<u8, HardwareError> {
        Ok(self.state().brightness)
    }

    fn set_brightness(&self, percent: u8) -> Result<(), HardwareError> {
        self.change(|state| state.brightness = percent)
    }
}

impl NetworkSetup for FakeDevice {
    fn connection(&self, uuid: Option<&str>) -> Result<Connection, HardwareError> {
        let state = self.state();
        let known = uuid.filter(|uuid| state.connections.contains_key(*uuid));
        let uuid = known.unwrap_or(&state.active).to_owned();
        let active = uuid == state.active;
        Ok(Connection { uuid, active })
    }

    fn addressing(&self, connection: &Connection) -> Result<Addressing, HardwareError> {
        let state = self.state();
        let addressing = state.connections.get(&connection.uuid);
        addressing.cloned().ok_or(HardwareError::NoConnection)
    }

    fn set_addressing(
        &self,
        connection: &Connection,
        addressing: &Addressing,
    ) -> Result<(), HardwareError> {
        self.change(|state| {
            state
                .connections
                .insert(connection.uuid.clone(), addressing.clone());
        })
    }

    fn bring_up(&self, connection: &Connection) -> Result<(), HardwareError> {
        self.change(|state| {
            state.ups += 1;
            state.active.clone_from(&connection.uuid);
        })?;
        let mut state = self.state();
        if !std::mem::take(&mut state.picks_another) {
            return Ok(());
        }
        let other = state
            .connections
            .keys()
            .find(|uuid| **uuid != connection.uuid);
        if let Some(other) = other.cloned() {
            state.active = other;
        }
        Err(refused("this connection does not come up"))
    }
}

impl TimeServer for FakeDevice {
    fn time_server(&self) -> Result<Option<String>, HardwareError> {
        Ok(self.state().time_server.clone())
    }

    fn set_time_server(&self, server: Option<&str>) -> Result<(), HardwareError> {
        self.change(|state| state.time_server = server.map(str::to_owned))
    }
}

impl RestartSwitch for FakeDevice {
    fn restart_device(&self) -> Result<(), HardwareError> {
        self.change(|state| state.restarts += 1)
    }
}
