//! The service screen.

use vyveska_board::ClockTrust;

use crate::state::Link;
use crate::state::service::{Field, NetworkStage, Problem, Restart, ServiceSection, Trouble};

/// What a technician sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceView {
    /// The PIN is asked for.
    Locked(PinView),
    /// Behind the PIN.
    Open(Box<OpenServiceView>),
}

/// The pad for the PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinView {
    /// How it is with it.
    pub status: PinStatus,
    /// How many digits are typed.
    pub typed: u32,
    /// Whether what is typed could be a PIN.
    pub can_enter: bool,
    /// „0:32" until the next try; empty when there is nothing to wait for.
    pub wait: String,
}

/// How it is with the PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinStatus {
    /// There is none yet.
    Absent,
    /// It can be typed.
    Ready,
    /// It is being verified.
    Checking,
    /// The last one was wrong.
    Wrong,
}

/// Behind the PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenServiceView {
    /// Which part.
    pub section: ServiceSection,
    /// How the device is.
    pub facts: Vec<DeviceFact>,
    /// How it went when central was asked last.
    pub link: Option<Link>,
    /// How sure the time is.
    pub clock: ClockTrust,
    /// The network.
    pub network: NetworkView,
    /// How bright the panel is, in hundredths, or why that is not known; `None` before it has said so.
    pub brightness: Option<Result<u8, Trouble>>,
    /// Why the panel did not become brighter or darker.
    pub brightness_refused: Option<Trouble>,
    /// The restart that has to be confirmed.
    pub asked_restart: Option<Restart>,
    /// Why the last restart did not come about.
    pub restart_failed: Option<Trouble>,
}

/// Something known of the device, written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceFact {
    /// What it is about.
    pub kind: DeviceFactKind,
    /// The value; empty where words of the markup say it.
    pub value: String,
}

/// What is known of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceFactKind {
    /// What names it at central.
    PairingCode,
    /// The address of central.
    Central,
    /// How it went when central was asked last.
    Link,
    /// When central was heard last.
    LastSync,
    /// How sure the time is.
    Clock,
    /// The device's own addresses.
    Address,
    /// Free storage.
    Storage,
    /// Of the hottest sensor.
    Temperature,
    /// Since the device started.
    DeviceRunning,
    /// Since the program started.
    ProgramRunning,
    /// The kiosk's version.
    Version,
    /// The page worker's version.
    Worker,
    /// The operating system.
    System,
    /// Its kernel.
    Kernel,
}

/// How the network is set up, as it is written, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkView {
    /// How far a change is.
    pub stage: NetworkStage,
    /// How long until the old network comes back, in seconds.
    pub seconds_left: u32,
    /// Whether the address comes from the network.
    pub dhcp: bool,
    /// The fields that are there.
    pub fields: Vec<FieldView>,
    /// The fingerprint of the town's own authority; empty when there is none.
    pub authority: String,
    /// The field that is being written.
    pub editing: Option<FieldView>,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldView {
    /// Which.
    pub field: Field,
    /// What stands in it.
    pub text: String,
    /// What is wrong with it.
    pub problem: Option<Problem>,
}
