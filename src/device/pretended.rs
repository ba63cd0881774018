//! A device that only pretends, for desks and tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Backlight, Connection, HardwareError, NetworkSetup, RestartSwitch, TimeServer};
use crate::state::service::Addressing;

/// What it would be by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PretendedState {
    /// In hundredths.
    pub brightness: u8,
    /// Its connections and where their addresses come from, by UUID.
    pub connections: BTreeMap<String, Addressing>,
    /// Which one is in use.
    pub active: String,
    /// Whom the clock is set by.
    pub time_server: Option<String>,
    /// How often a connection would have been brought up.
    pub ups: u32,
    /// How often it would have been started anew.
    pub restarts: u32,
    /// Whether the next change is refused.
    pub refuses: bool,
    /// Whether the next connection does not come up, and another one is used.
    pub picks_another: bool,
}

/// The connection it begins with.
const WIRED: &str = "wired";

/// A device that only pretends. Clones are the same device.
#[derive(Debug, Clone)]
pub struct Pretended(Arc<Mutex<PretendedState>>);

impl Default for Pretended {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(PretendedState {
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

impl Pretended {
    /// What it would be by now; for looking, and for tests to change.
    pub fn state(&self) -> MutexGuard<'_, PretendedState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the address comes from over the connection in use.
    pub fn addressing(&self) -> Addressing {
        let state = self.state();
        let addressing = state.connections.get(&state.active);
        addressing.cloned().unwrap_or_default()
    }

    fn change(&self, change: impl FnOnce(&mut PretendedState)) -> Result<(), HardwareError> {
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
        program: "pretended".to_owned(),
        reason: reason.to_owned(),
    }
}

impl Backlight for Pretended {
    fn brightness(&self) -> Result<u8, HardwareError> {
        Ok(self.state().brightness)
    }

    fn set_brightness(&self, percent: u8) -> Result<(), HardwareError> {
        self.change(|state| state.brightness = percent)
    }
}

impl NetworkSetup for Pretended {
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

impl TimeServer for Pretended {
    fn time_server(&self) -> Result<Option<String>, HardwareError> {
        Ok(self.state().time_server.clone())
    }

    fn set_time_server(&self, server: Option<&str>) -> Result<(), HardwareError> {
        self.change(|state| state.time_server = server.map(str::to_owned))
    }
}

impl RestartSwitch for Pretended {
    fn restart_device(&self) -> Result<(), HardwareError> {
        self.change(|state| state.restarts += 1)
    }
}
