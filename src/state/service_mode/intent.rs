//! Intents of a technician.

use super::network::Field;

/// An intent of a technician, expressed by a touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceIntent {
    /// A finger came down in the hidden corner.
    CornerTouched,
    /// The finger left the corner, or moved.
    CornerLeft,
    /// A digit of the PIN.
    Digit(u8),
    /// Deletes the last digit.
    EraseDigit,
    EnterPin,
    /// Opens a part of the screen.
    Show(ServiceSection),
    /// Switches between DHCP and a fixed address.
    UseDhcp(bool),
    Edit(Field),
    /// A letter for the field being edited.
    Type(char),
    /// Deletes the last letter.
    EraseLetter,
    ClearField,
    DoneEditing,
    /// Looks for a certificate on a connected disk.
    FindAuthority,
    /// Removes the certificate.
    RemoveAuthority,
    /// Tries the network as written.
    ApplyNetwork,
    /// Keeps the tried network though central was not reached.
    KeepNetwork,
    /// Restores the network before.
    RevertNetwork,
    /// One step darker.
    Darker,
    /// One step brighter.
    Brighter,
    /// Asks for a restart, which has to be confirmed.
    AskRestart(Restart),
    ConfirmRestart,
    CancelRestart,
    Leave,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ServiceSection {
    #[default]
    Device,
    Network,
    Panel,
    Restart,
}

/// What is restarted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Restart {
    /// The kiosk's program.
    Program,
    /// The whole device.
    Device,
}
