//! A device that only pretends, for desks and tests.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Backlight, HardwareError, NetworkSetup, RestartSwitch, TimeServer};
use crate::state::service::Addressing;

/// What it would be by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PretendedState {
    /// In hundredths.
    pub brightness: u8,
    /// Where the address comes from.
    pub addressing: Addressing,
    /// Whom the clock is set by.
    pub time_server: Option<String>,
    /// How often it would have been started anew.
    pub restarts: u32,
    /// Whether the next change is refused.
    pub refuses: bool,
}

/// A device that only pretends. Clones are the same device.
#[derive(Debug, Clone)]
pub struct Pretended(Arc<Mutex<PretendedState>>);

impl Default for Pretended {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(PretendedState {
            brightness: 80,
            addressing: Addressing::Dhcp,
            time_server: None,
            restarts: 0,
            refuses: false,
        })))
    }
}

impl Pretended {
    /// What it would be by now; for looking, and for tests to change.
    pub fn state(&self) -> MutexGuard<'_, PretendedState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut PretendedState)) -> Result<(), HardwareError> {
        let mut state = self.state();
        if std::mem::take(&mut state.refuses) {
            return Err(HardwareError::Absent("this device refuses"));
        }
        change(&mut state);
        Ok(())
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
    fn addressing(&self) -> Result<Addressing, HardwareError> {
        Ok(self.state().addressing.clone())
    }

    fn set_addressing(&self, addressing: &Addressing) -> Result<(), HardwareError> {
        self.change(|state| state.addressing = addressing.clone())
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
