//! The network set-up: edited, checked, tried and reverted.
//!
//! A wrong address cuts a display off for good, so no set-up stays untested: once the device has applied it, central
//! has to be reached, or the technician has to confirm it all the same. Otherwise the set-up before is restored.

mod form;
mod session;
mod written;

use std::net::Ipv4Addr;
use std::sync::Arc;

pub use form::{Field, Form, MAX_FIELD_LENGTH};
pub(super) use session::NetworkSession;
pub use session::NetworkStage;
pub use written::Problem;

/// How the device reaches the network and central.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetworkSettings {
    /// The part set up by the operating system.
    pub wiring: Wiring,
    /// The part used by the kiosk alone.
    pub transport: Transport,
}

/// The part set up by the operating system.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wiring {
    pub addressing: Addressing,
    /// The time server; the system's default when `None`.
    pub time_server: Option<String>,
}

/// The source of the device's address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Addressing {
    #[default]
    Dhcp,
    Fixed {
        address: Ipv4Addr,
        /// In bits: 24 is the mask 255.255.255.0.
        prefix: u8,
        /// The gateway, if any: central may be in the device's own network.
        gateway: Option<Ipv4Addr>,
        /// The name servers; may be empty.
        dns: Vec<Ipv4Addr>,
    },
}

/// The part used by the kiosk alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transport {
    /// The proxy, as `http://host:port`.
    pub proxy: Option<String>,
    /// An authority trusted besides the usual ones.
    pub authority: Option<Authority>,
}

/// The largest certificates of an authority, in PEM: the limit for reading, storing and using them.
pub const MAX_AUTHORITY_BYTES: usize = 64 * 1024;

/// Certificates of an authority, at most [`MAX_AUTHORITY_BYTES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    pem: Arc<str>,
    fingerprint: String,
}

impl Authority {
    /// Wraps certificates; `None` when they are too large.
    pub fn new(pem: String, fingerprint: String) -> Option<Self> {
        (pem.len() <= MAX_AUTHORITY_BYTES).then(|| Self {
            pem: pem.into(),
            fingerprint,
        })
    }

    /// The certificates in PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The beginning of the first certificate's SHA-256, for comparison by people.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}
