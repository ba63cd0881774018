//! What the service screen draws: the pad for the PIN, or behind it the device and its network.

use vyveska_board::ClockTrust;

use crate::state::Link;
use crate::state::service_mode::{Field, NetworkStage, Problem, Restart, ServiceSection, Trouble};

/// What a technician sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceView {
    Locked(PinView),
    /// Behind the PIN.
    Open(Box<OpenServiceView>),
}

/// The pad for the PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinView {
    pub status: PinStatus,
    /// How many digits are typed.
    pub typed: u32,
    /// Whether what is typed could be a PIN.
    pub can_enter: bool,
    /// „0:32" until the next try; empty when there is nothing to wait for.
    pub wait: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinStatus {
    /// There is none yet.
    Absent,
    Ready,
    Checking,
    /// The last one was wrong.
    Wrong,
}

/// Behind the PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenServiceView {
    pub section: ServiceSection,
    pub facts: Vec<DeviceFact>,
    /// The outcome of the last request to central.
    pub link: Option<Link>,
    /// How far the time is verified.
    pub clock: ClockTrust,
    pub network: NetworkView,
    /// How bright the panel is, in hundredths, or why that is not known; `None` before it has said so.
    pub brightness: Option<Result<u8, Trouble>>,
    /// Why the brightness could not be changed.
    pub brightness_refused: Option<Trouble>,
    /// The restart that has to be confirmed.
    pub asked_restart: Option<Restart>,
    /// Why the last restart failed.
    pub restart_failed: Option<Trouble>,
}

/// A fact about the device, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceFact {
    pub kind: DeviceFactKind,
    /// The value; empty where words of the markup say it.
    pub value: String,
}

/// What is known of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceFactKind {
    /// Its identification at central.
    PairingCode,
    Central,
    /// The outcome of the last request to central.
    Link,
    /// The last contact with central.
    LastSync,
    /// How far the time is verified.
    Clock,
    Address,
    Storage,
    /// The temperature of the hottest sensor.
    Temperature,
    DeviceRunning,
    ProgramRunning,
    Version,
    Worker,
    System,
    Kernel,
}

/// The network settings as they are edited, and the outcome of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkView {
    /// The stage of a change.
    pub stage: NetworkStage,
    /// How long until the old network comes back, in seconds.
    pub seconds_left: u32,
    /// Whether the address comes from the network.
    pub dhcp: bool,
    pub fields: Vec<FieldView>,
    /// The fingerprint of the town's own authority; empty when there is none.
    pub authority: String,
    /// The field that is being written.
    pub editing: Option<FieldView>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldView {
    pub field: Field,
    pub text: String,
    pub problem: Option<Problem>,
}
