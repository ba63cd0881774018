//! The connection to central, which a technician can change while the kiosk runs.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use url::Url;
use vyveska_board::Clock as _;
use vyveska_wire::envelope::Envelope;
use vyveska_wire::keys::{KeyPair, PublicKey};
use vyveska_wire::now::Now;

use super::app_event::{AppEvent, EventSender};
use crate::clock::DeviceClock;
use crate::service_mode::CentralConnection;
use crate::state::service_mode::{Transport, Trouble, TroubleKind};
use crate::sync::{
    CentralClient as _, ClientError, HttpCentralClient, HttpClients, NoReplyCause, clients_through,
    random_seed,
};

/// The kiosk's connection to central: the transport in use and how to test another.
#[derive(Clone)]
pub(super) struct KioskConnection {
    /// The client that sync uses; its transport can be exchanged.
    client: HttpCentralClient,
    transport: Arc<Mutex<Transport>>,
    central: Url,
    allow_http: bool,
    key: Arc<KeyPair>,
    central_key: PublicKey,
    clock: Arc<DeviceClock>,
    #[cfg(feature = "demo")]
    network_fault: super::driver::NetworkFault,
}

impl KioskConnection {
    /// Connects through the transport that a technician set before. Where that cannot be used, the default one is
    /// used instead, because the board must start all the same.
    pub(super) fn new(
        transport: &Transport,
        central: Url,
        allow_http: bool,
        key: Arc<KeyPair>,
        central_key: PublicKey,
        clock: Arc<DeviceClock>,
        #[cfg(feature = "demo")] network_fault: super::driver::NetworkFault,
    ) -> anyhow::Result<Self> {
        let clients = match clients(transport) {
            Ok(clients) => clients,
            Err(error) => {
                tracing::error!(%error, "the proxy and the certificate that were set are not used");
                clients(&Transport::default()).context("cannot set up the connection to central")?
            }
        };
        Ok(Self {
            client: http_client(clients, &central, allow_http, &key),
            allow_http,
            transport: Arc::new(Mutex::new(transport.clone())),
            central,
            key,
            central_key,
            clock,
            #[cfg(feature = "demo")]
            network_fault,
        })
    }

    pub(super) fn client(&self) -> HttpCentralClient {
        self.client.clone()
    }

    /// Asks central for its signed time and for the manifest.
    ///
    /// Opens a connection of its own, because that of sync belongs to another thread's runtime.
    fn ask(&self) -> Result<(), Trouble> {
        let transport = self
            .transport
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let clients = clients(&transport).map_err(trouble)?;
        let client = http_client(clients, &self.central, self.allow_http, &self.key);
        #[cfg(feature = "demo")]
        let client = self.network_fault.wrap(client);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Trouble::new(TroubleKind::Refused, &error.to_string()))?;
        let seed = random_seed()
            .map_err(|error| Trouble::new(TroubleKind::Refused, &error.to_string()))?;
        let nonce: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
        let at = self.clock.now().earliest;
        let bytes = runtime.block_on(client.now(at, &nonce)).map_err(trouble)?;
        // A proxy's error page does not count as an answer: only central can sign.
        let now: Now = Envelope::from_bytes(&bytes)
            .and_then(|envelope| envelope.open(&self.central_key))
            .map_err(|error| {
                tracing::warn!(%error, "the answer over the new network is not signed by central");
                TroubleKind::NotCentral
            })?;
        if now.nonce != nonce {
            tracing::warn!("the answer over the new network is a replay");
            return Err(TroubleKind::NotCentral.into());
        }
        // The request for the time ignores certificate dates; the one for the manifest checks them, as sync does.
        match runtime.block_on(client.manifest(now.instant, None)) {
            Ok(_) | Err(ClientError::NotLetIn(_) | ClientError::NotFound) => Ok(()),
            Err(error) => Err(trouble(error)),
        }
    }
}

fn http_client(
    clients: HttpClients,
    central: &Url,
    allow_http: bool,
    key: &Arc<KeyPair>,
) -> HttpCentralClient {
    let client = HttpCentralClient::new(clients, central.clone(), Arc::clone(key));
    if allow_http {
        client.allow_http()
    } else {
        client
    }
}

/// Sorts errors by what a technician can do about them.
fn trouble(error: ClientError) -> Trouble {
    match error {
        ClientError::Unreachable(reason) => {
            let kind = match reason.cause {
                NoReplyCause::TooSlow => TroubleKind::CentralSlow,
                NoReplyCause::UnknownName => TroubleKind::CentralUnknown,
                NoReplyCause::Untrusted => TroubleKind::CentralUntrusted,
                NoReplyCause::NoConnection => TroubleKind::CentralUnconnected,
                NoReplyCause::Broken => TroubleKind::CentralBroke,
                NoReplyCause::Proxy => TroubleKind::ProxyUnusable,
                NoReplyCause::Authority => TroubleKind::CertificateUnusable,
            };
            Trouble::new(kind, &reason.words)
        }
        ClientError::NotLetIn(status) | ClientError::Status(status) => {
            Trouble::new(TroubleKind::CentralRefuses, &format!("HTTP {status}"))
        }
        ClientError::PlainHttp => TroubleKind::CentralPlainHttp.into(),
        ClientError::NotFound => Trouble::new(TroubleKind::CentralRefuses, "HTTP 404"),
        ClientError::NotEnrolled(refusal) => {
            Trouble::new(TroubleKind::CentralRefuses, refusal.code())
        }
        ClientError::TooLong(_) | ClientError::Malformed(_) => TroubleKind::NotCentral.into(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the composition root builds the clients, which set their own bounds"
)]
fn clients(transport: &Transport) -> Result<HttpClients, ClientError> {
    clients_through(reqwest::Client::builder, transport)
}

impl CentralConnection for KioskConnection {
    fn use_transport(&self, transport: &Transport) -> Result<(), Trouble> {
        let clients = clients(transport).map_err(trouble)?;
        *self
            .transport
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = transport.clone();
        self.client.exchange_clients(clients);
        Ok(())
    }

    fn try_central(&self) -> Result<(), Trouble> {
        self.ask()
    }

    fn wake(&self) {
        EventSender.post(AppEvent::NetworkChanged);
    }
}
