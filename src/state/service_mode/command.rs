//! Commands of the service screen to the device, and their outcomes.

use std::sync::Arc;
use std::time::Duration;

use super::intent::Restart;
use super::network::{Authority, NetworkSettings};
use super::pin::Pin;
use super::trouble::Trouble;

/// A command to be carried out outside of the state.
#[derive(Debug, Clone, PartialEq)]
pub enum ServiceCommand {
    /// Verify a PIN. The attempt is stored first, so that a power cut cannot undo its count.
    CheckPin {
        /// The PIN as typed.
        pin: Pin,
        /// The hash it is compared with.
        hash: Arc<str>,
        /// The number of failed attempts in a row, including this one if it fails.
        failures: u32,
    },
    /// Store the hash for a time without a board.
    RememberHash(Option<Arc<str>>),
    /// Read the device's health.
    Report,
    ReadNetwork,
    /// Apply a network set-up, storing the one before, and test whether central is reached.
    ApplyNetwork(Box<NetworkSettings>),
    /// Stop waiting for a confirmation: the applied network stays.
    KeepNetwork,
    /// Restore the network set-up before.
    RevertNetwork,
    /// Look for a certificate on a connected disk.
    FindAuthority,
    ReadBrightness,
    /// Set the panel's brightness, in hundredths.
    SetBrightness(u8),
    Restart(Restart),
}

/// The outcome of a command.
#[derive(Debug, Clone, PartialEq)]
pub enum ServiceEvent {
    /// Sent at the start: what was stored before.
    Remembered {
        /// Failed PIN attempts in a row.
        failures: u32,
        /// The PIN hash of the last board.
        hash: Option<Arc<str>>,
        /// The PIN hash this device was started with.
        device_hash: Option<Arc<str>>,
    },
    /// A PIN was verified, or could not be.
    PinChecked {
        right: bool,
    },
    /// The device's health.
    Report(DeviceReport),
    /// The network set-up, or why it is unknown.
    NetworkRead(Result<NetworkSettings, Trouble>),
    /// The network set-up was applied, or failed and is unchanged.
    NetworkApplied(Result<(), Trouble>),
    /// Whether central was reached with it.
    CentralTried(Result<(), Trouble>),
    /// The network set-up was restored, or not yet: that is retried and reported once it is done.
    NetworkReverted(Result<(), Trouble>),
    /// A certificate was found on a connected disk, or none.
    AuthorityFound(Result<Authority, Trouble>),
    /// The panel's brightness in hundredths, or why it is unknown.
    Brightness(Result<u8, Trouble>),
    /// The brightness could not be changed.
    BrightnessRefused(Trouble),
    RestartFailed(Trouble),
}

/// The device's health. Unknown values are `None`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeviceReport {
    pub uptime: Option<Duration>,
    pub running: Duration,
    /// Free and total bytes of the data folder's file system.
    pub storage: Option<(u64, u64)>,
    /// The hottest sensor, in degrees Celsius.
    pub temperature: Option<f32>,
    pub addresses: Vec<String>,
    pub version: String,
    /// The page worker's version, when it reports one.
    pub worker: Option<String>,
    pub system: Option<String>,
    pub kernel: Option<String>,
}
