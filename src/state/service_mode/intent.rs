//! What a technician can want.

use super::network::Field;

/// What a technician wants, said by touching something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceIntent {
    /// A finger came down in the hidden corner.
    CornerTouched,
    /// It left, or moved.
    CornerLeft,
    /// A digit of the PIN.
    Digit(u8),
    /// The last digit is wrong.
    EraseDigit,
    /// The PIN is complete.
    EnterPin,
    /// One of the screen's parts.
    Show(ServiceSection),
    /// The address comes by itself, or is fixed.
    UseDhcp(bool),
    /// A field is written into.
    Edit(Field),
    /// A letter into the field being written into.
    Type(char),
    /// The last letter is wrong.
    EraseLetter,
    /// All of it is wrong.
    ClearField,
    /// The field is done.
    DoneEditing,
    /// A certificate is looked for on a connected disk.
    FindAuthority,
    /// The certificate is no longer wanted.
    RemoveAuthority,
    /// The network as written is tried.
    ApplyNetwork,
    /// The network as tried stays, though central was not reached.
    KeepNetwork,
    /// The network as it was comes back.
    RevertNetwork,
    /// A step darker.
    Darker,
    /// A step brighter.
    Brighter,
    /// A restart is wanted; it has to be confirmed.
    AskRestart(Restart),
    /// Yes.
    ConfirmRestart,
    /// No.
    CancelRestart,
    /// The technician is done.
    Leave,
}

/// The parts of the service screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ServiceSection {
    /// How the device is.
    #[default]
    Device,
    /// How it gets onto the network.
    Network,
    /// How bright the panel is.
    Panel,
    /// Starting anew.
    Restart,
}

/// What is started anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Restart {
    /// The kiosk's program.
    Program,
    /// The whole device.
    Device,
}
