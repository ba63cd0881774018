//! The network, as it is written, checked, tried, and taken back.
//!
//! A wrong address cuts a display off for good, so nothing stays that was not seen to work: after the device has set
//! the network up, central has to be reached, or somebody has to say that it stays all the same. When nobody does,
//! the network becomes what it was.

mod form;
mod visit;
mod written;

use std::net::Ipv4Addr;
use std::sync::Arc;

pub use form::{Field, Form, MAX_FIELD_LENGTH, Problem};
pub use visit::NetworkStage;
pub(super) use visit::NetworkVisit;

/// How the device gets onto the network and to central.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetworkSettings {
    /// What the operating system sets up.
    pub wiring: Wiring,
    /// What the kiosk itself does differently.
    pub transport: Transport,
}

/// What the operating system sets up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wiring {
    /// Where the address comes from.
    pub addressing: Addressing,
    /// Whom the clock is set by; the system's own choice when `None`.
    pub time_server: Option<String>,
}

/// Where the address comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Addressing {
    /// From the network.
    #[default]
    Dhcp,
    /// It is fixed.
    Fixed {
        /// The device's own.
        address: Ipv4Addr,
        /// How many bits of it name the network.
        prefix: u8,
        /// The way out, where there is one: central may be in the device's own network.
        gateway: Option<Ipv4Addr>,
        /// Who knows names; nobody when empty.
        dns: Vec<Ipv4Addr>,
    },
}

/// What the kiosk's own connections do differently.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transport {
    /// Through which proxy: `http://host:port`.
    pub proxy: Option<String>,
    /// Whom to trust besides the usual authorities.
    pub authority: Option<Authority>,
}

/// How large the certificates of an authority may be, in PEM: the same for reading, keeping and using them.
pub const MAX_AUTHORITY_BYTES: usize = 64 * 1024;

/// Certificates of an authority, never larger than [`MAX_AUTHORITY_BYTES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    pem: Arc<str>,
    fingerprint: String,
}

impl Authority {
    /// These certificates; `None` when they are too large.
    pub fn new(pem: String, fingerprint: String) -> Option<Self> {
        (pem.len() <= MAX_AUTHORITY_BYTES).then(|| Self {
            pem: pem.into(),
            fingerprint,
        })
    }

    /// In PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The beginning of the SHA-256 of the first one's bytes, as people compare it.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}
