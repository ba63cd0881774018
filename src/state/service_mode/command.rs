//! What the service screen has done outside of the state, and what became of it.

use std::sync::Arc;
use std::time::Duration;

use super::intent::Restart;
use super::network::{Authority, NetworkSettings};
use super::pin::Pin;
use super::trouble::Trouble;

/// What has to be done outside of the state.
#[derive(Debug, Clone, PartialEq)]
pub enum ServiceOrder {
    /// Verify a PIN, having first counted the attempt where a power cut cannot undo it.
    CheckPin {
        /// What was typed.
        pin: Pin,
        /// What it is compared with.
        hash: Arc<str>,
        /// How many attempts have failed in a row when this one does.
        failures: u32,
    },
    /// Remember the hash for a time without a board.
    RememberHash(Option<Arc<str>>),
    /// Say how the device is.
    Report,
    /// Read how the network is set up.
    ReadNetwork,
    /// Set the network up anew, remembering how it was, and see whether central is reached.
    ApplyNetwork(Box<NetworkSettings>),
    /// It stays so.
    KeepNetwork,
    /// It becomes what it was.
    RevertNetwork,
    /// Look for a certificate on a connected disk.
    FindAuthority,
    /// Read how bright the panel is.
    ReadBrightness,
    /// Set it, in hundredths.
    SetBrightness(u8),
    /// Start something anew.
    Restart(Restart),
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq)]
pub enum ServiceEvent {
    /// At the start: what was remembered from before.
    Remembered {
        /// How many attempts at the PIN have failed in a row.
        failures: u32,
        /// The hash of the PIN that the last board had.
        hash: Option<Arc<str>>,
        /// The hash of the PIN that this device was started with.
        device_hash: Option<Arc<str>>,
    },
    /// A PIN was verified, or could not be.
    PinChecked {
        /// Whether it was the right one.
        right: bool,
    },
    /// How the device is.
    Report(DeviceReport),
    /// How the network is set up, or why that is not known.
    NetworkRead(Result<NetworkSettings, Trouble>),
    /// The network was set up anew, or could not be and is as it was.
    NetworkApplied(Result<(), Trouble>),
    /// Whether central was reached since.
    CentralTried(Result<(), Trouble>),
    /// The network is as it was, or could not be made so yet; that is tried again by itself, and told once it is done.
    NetworkReverted(Result<(), Trouble>),
    /// A certificate was found on a connected disk, or none.
    AuthorityFound(Result<Authority, Trouble>),
    /// How bright the panel is, in hundredths, or why that is not known.
    Brightness(Result<u8, Trouble>),
    /// The panel stays as bright as it was.
    BrightnessRefused(Trouble),
    /// A restart did not come about.
    RestartFailed(Trouble),
}

/// How the device is. What it does not tell is `None`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeviceReport {
    /// Since the device started.
    pub uptime: Option<Duration>,
    /// Since this program started.
    pub running: Duration,
    /// Free and all bytes where the kiosk keeps its data.
    pub storage: Option<(u64, u64)>,
    /// The hottest sensor, in degrees Celsius.
    pub temperature: Option<f32>,
    /// The addresses of the device.
    pub addresses: Vec<String>,
    /// The kiosk's version.
    pub version: String,
    /// The page worker's version, when it says one.
    pub worker: Option<String>,
    /// The operating system.
    pub system: Option<String>,
    /// Its kernel.
    pub kernel: Option<String>,
}
