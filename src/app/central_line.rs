//! The way to central, as a technician changes it while the kiosk runs.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use url::Url;
use vyveska_board::Clock as _;
use vyveska_wire::envelope::Envelope;
use vyveska_wire::keys::{KeyPair, PublicKey};
use vyveska_wire::now::Now;

use super::circle::{Happening, Poster};
use crate::clock::DeviceClock;
use crate::service_desk::CentralLine;
use crate::state::service::Transport;
use crate::sync::{
    CentralClient as _, ClientError, HttpCentralClient, HttpClients, clients_through, random_seed,
};

/// The kiosk's way to central.
#[derive(Clone)]
pub(super) struct KioskLine {
    /// What sync asks through.
    client: HttpCentralClient,
    transport: Arc<Mutex<Transport>>,
    central: Url,
    key: Arc<KeyPair>,
    central_key: PublicKey,
    clock: Arc<DeviceClock>,
    #[cfg(feature = "demo")]
    cable: super::driver::Cable,
}

impl KioskLine {
    /// Through what a technician set before. Where that cannot be used, as if nobody had set anything: the board
    /// must start all the same.
    pub(super) fn new(
        transport: &Transport,
        central: Url,
        key: Arc<KeyPair>,
        central_key: PublicKey,
        clock: Arc<DeviceClock>,
        #[cfg(feature = "demo")] cable: super::driver::Cable,
    ) -> anyhow::Result<Self> {
        let clients = match clients(transport) {
            Ok(clients) => clients,
            Err(error) => {
                tracing::error!(%error, "the proxy and the certificate that were set are not used");
                clients(&Transport::default()).context("cannot set up the connection to central")?
            }
        };
        Ok(Self {
            client: HttpCentralClient::new(clients, central.clone(), Arc::clone(&key)),
            transport: Arc::new(Mutex::new(transport.clone())),
            central,
            key,
            central_key,
            clock,
            #[cfg(feature = "demo")]
            cable,
        })
    }

    /// What sync asks through.
    pub(super) fn client(&self) -> HttpCentralClient {
        self.client.clone()
    }

    /// A connection of its own: that of sync belongs to another thread's runtime.
    fn ask(&self) -> Result<(), String> {
        let transport = self
            .transport
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let clients = clients(&transport).map_err(|error| error.to_string())?;
        let client = HttpCentralClient::new(clients, self.central.clone(), Arc::clone(&self.key));
        #[cfg(feature = "demo")]
        let client = self.cable.lay(client);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let seed = random_seed().map_err(|error| error.to_string())?;
        let nonce: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
        let at = self.clock.now().earliest;
        let bytes = runtime
            .block_on(client.now(at, &nonce))
            .map_err(|error| error.to_string())?;
        // A proxy's own page is no answer: only central can sign.
        let now: Now = Envelope::from_bytes(&bytes)
            .and_then(|envelope| envelope.open(&self.central_key))
            .map_err(|error| error.to_string())?;
        if now.nonce != nonce {
            return Err("an old answer of central was played back".to_owned());
        }
        // The time is asked without minding dates of certificates; what sync asks minds them.
        match runtime.block_on(client.manifest(now.instant, None)) {
            Ok(_) | Err(ClientError::NotLetIn(_) | ClientError::NotFound) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the composition root builds the clients, which set their own bounds"
)]
fn clients(transport: &Transport) -> Result<HttpClients, ClientError> {
    clients_through(reqwest::Client::builder, transport)
}

impl CentralLine for KioskLine {
    fn use_transport(&self, transport: &Transport) -> Result<(), String> {
        let clients = clients(transport).map_err(|error| error.to_string())?;
        *self
            .transport
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = transport.clone();
        self.client.exchange_clients(clients);
        Ok(())
    }

    fn try_central(&self) -> Result<(), String> {
        self.ask()
    }

    fn wake(&self) {
        Poster.post(Happening::NetworkChanged);
    }
}
