//! What the service screen remembers across restarts and power cuts, in a small file beside the board's store.
//!
//! It is not in the store, because it must be readable before the store opens and survive its loss. It is not in the
//! sealed journal, because that is never overwritten and leaves the device.

use std::io::{self, ErrorKind};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::device::{Connection, authority_of};
use crate::state::service_mode::{
    Addressing, MAX_AUTHORITY_BYTES, NetworkSettings, Transport, Wiring,
};
use crate::store::{read_small, write_whole};

const FILE: &str = "service.json";

/// The largest file that is written and read: two authorities and a little more.
const MAX_FILE_BYTES: u64 = 4 * MAX_AUTHORITY_BYTES as u64;

/// The file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}: {source}")]
pub struct MemoryError {
    path: PathBuf,
    source: io::Error,
}

impl MemoryError {
    /// The path and the system's own message.
    pub(super) fn words(&self) -> String {
        format!("{}: {}", self.path.display(), self.source)
    }
}

/// The remembered values and their file.
#[derive(Debug)]
pub struct ServiceMemory {
    path: PathBuf,
    kept: Kept,
    transport: Transport,
}

/// The network from before a test.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkBefore {
    pub settings: NetworkSettings,
    /// The connection that was changed, and whether it was in use.
    pub connection: Option<Connection>,
    /// Its configuration is restored, but it still has to be brought up.
    pub up_due: bool,
}

impl NetworkBefore {
    pub fn uuid(&self) -> Option<&str> {
        self.connection.as_ref().map(|connection| &*connection.uuid)
    }

    /// Whether it describes another connection.
    pub(super) fn is_of_another(&self, connection: &Connection) -> bool {
        self.uuid().is_some_and(|uuid| uuid != connection.uuid)
    }
}

/// The content of the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    /// How many PINs were wrong in a row.
    failures: u32,
    /// The hash of the PIN that the last board had.
    pin_hash: Option<String>,
    transport: KeptTransport,
    /// The network from before the test that is running.
    before: Option<KeptNetwork>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct KeptTransport {
    proxy: Option<String>,
    authority: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct KeptNetwork {
    fixed: Option<KeptAddress>,
    time_server: Option<String>,
    transport: KeptTransport,
    #[serde(default)]
    connection: Option<KeptConnection>,
    #[serde(default)]
    up_due: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct KeptConnection {
    uuid: String,
    active: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct KeptAddress {
    address: Ipv4Addr,
    prefix: u8,
    gateway: Option<Ipv4Addr>,
    #[serde(default)]
    dns: Vec<Ipv4Addr>,
}

impl ServiceMemory {
    /// Reads the file in this folder.
    ///
    /// A missing or damaged file counts as empty: the board is more important than what a technician set. A damaged one
    /// counts as many failed attempts, though, so that damaging it does not help to guess the PIN.
    pub fn open(folder: &Path) -> Self {
        let path = folder.join(FILE);
        let kept = match read(&path) {
            Ok(Some(kept)) => kept,
            Ok(None) => Kept::default(),
            Err(error) => {
                tracing::error!(%error, path = %path.display(), "the service screen's memory is damaged and counts as empty");
                Kept {
                    failures: 6,
                    ..Kept::default()
                }
            }
        };
        // A network that was being tested is reverted right after the start.
        let transport = kept
            .before
            .as_ref()
            .map_or(&kept.transport, |before| &before.transport);
        let transport = Transport::from(transport);
        Self {
            path,
            kept,
            transport,
        }
    }

    /// How many PINs were wrong in a row.
    pub fn failures(&self) -> u32 {
        self.kept.failures
    }

    /// The hash of the PIN that the last board had.
    pub fn pin_hash(&self) -> Option<&str> {
        self.kept.pin_hash.as_deref()
    }

    /// How the kiosk's own connections are made.
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    /// The network from before the test that is running.
    pub(super) fn network_before(&self) -> Option<NetworkBefore> {
        self.kept.before.as_ref().map(NetworkBefore::from)
    }

    pub(super) fn remember_failures(&mut self, failures: u32) -> Result<(), MemoryError> {
        self.change(|kept| kept.failures = failures)
    }

    pub(super) fn remember_hash(&mut self, hash: Option<String>) -> Result<(), MemoryError> {
        self.change(|kept| kept.pin_hash = hash)
    }

    /// Records the start of a test. When one was running already, the network from before that one is kept.
    pub(super) fn begin_trying(
        &mut self,
        before: &NetworkBefore,
        transport: Transport,
    ) -> Result<(), MemoryError> {
        let before = KeptNetwork::from(before);
        self.change(|kept| {
            kept.before.get_or_insert(before);
            kept.transport = KeptTransport::from(&transport);
        })?;
        self.transport = transport;
        Ok(())
    }

    /// Records that the old configuration is restored and the connection has to be brought up.
    pub(super) fn note_up_due(&mut self) -> Result<(), MemoryError> {
        self.change(|kept| {
            if let Some(before) = &mut kept.before {
                before.up_due = true;
            }
        })
    }

    pub(super) fn keep_network(&mut self) -> Result<(), MemoryError> {
        self.change(|kept| kept.before = None)
    }

    pub(super) fn forget_tried_network(&mut self) -> Result<(), MemoryError> {
        let Some(before) = self.kept.before.clone() else {
            return Ok(());
        };
        self.transport = Transport::from(&before.transport);
        self.change(|kept| {
            kept.before = None;
            kept.transport = before.transport;
        })
    }

    fn change(&mut self, change: impl FnOnce(&mut Kept)) -> Result<(), MemoryError> {
        let mut changed = self.kept.clone();
        change(&mut changed);
        if changed == self.kept {
            return Ok(());
        }
        serde_json::to_vec(&changed)
            .map_err(io::Error::other)
            .and_then(bounded)
            .and_then(|bytes| write_whole(&self.path, &bytes, 0o600))
            .map_err(|source| MemoryError {
                path: self.path.clone(),
                source,
            })?;
        self.kept = changed;
        Ok(())
    }
}

/// Refuses to write what [`read`] would refuse.
fn bounded(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

fn read(path: &Path) -> io::Result<Option<Kept>> {
    let bytes = read_small(path, MAX_FILE_BYTES)?;
    Ok(bytes
        .map(|bytes| serde_json::from_slice(&bytes))
        .transpose()?)
}

impl From<&Transport> for KeptTransport {
    fn from(transport: &Transport) -> Self {
        Self {
            proxy: transport.proxy.clone(),
            authority: transport
                .authority
                .as_ref()
                .map(|authority| authority.pem().to_owned()),
        }
    }
}

impl From<&KeptTransport> for Transport {
    fn from(kept: &KeptTransport) -> Self {
        Self {
            proxy: kept.proxy.clone(),
            authority: kept.authority.as_ref().and_then(|pem| {
                authority_of(pem.as_bytes())
                    .inspect_err(|reason| {
                        tracing::error!(%reason, "the stored authority is not used");
                    })
                    .ok()
            }),
        }
    }
}

impl From<&NetworkBefore> for KeptNetwork {
    fn from(before: &NetworkBefore) -> Self {
        let settings = &before.settings;
        let fixed = match &settings.wiring.addressing {
            Addressing::Dhcp => None,
            Addressing::Fixed {
                address,
                prefix,
                gateway,
                dns,
            } => Some(KeptAddress {
                address: *address,
                prefix: *prefix,
                gateway: *gateway,
                dns: dns.clone(),
            }),
        };
        Self {
            fixed,
            time_server: settings.wiring.time_server.clone(),
            transport: KeptTransport::from(&settings.transport),
            connection: before.connection.as_ref().map(|connection| KeptConnection {
                uuid: connection.uuid.clone(),
                active: connection.active,
            }),
            up_due: before.up_due,
        }
    }
}

impl From<&KeptNetwork> for NetworkBefore {
    fn from(kept: &KeptNetwork) -> Self {
        let addressing = match &kept.fixed {
            None => Addressing::Dhcp,
            Some(fixed) => Addressing::Fixed {
                address: fixed.address,
                prefix: fixed.prefix,
                gateway: fixed.gateway,
                dns: fixed.dns.clone(),
            },
        };
        let connection = kept.connection.as_ref().map(|connection| Connection {
            uuid: connection.uuid.clone(),
            active: connection.active,
        });
        Self {
            settings: NetworkSettings {
                wiring: Wiring {
                    addressing,
                    time_server: kept.time_server.clone(),
                },
                transport: Transport::from(&kept.transport),
            },
            connection,
            up_due: kept.up_due,
        }
    }
}
