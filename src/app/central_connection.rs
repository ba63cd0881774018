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
use crate::state::service::{Transport, Trouble, TroubleKind};
use crate::sync::{
    CentralClient as _, ClientError, HttpCentralClient, HttpClients, NoAnswerCause,
    clients_through, random_seed,
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
    fn ask(&self) -> Result<(), Trouble> {
        let transport = self
            .transport
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let clients = clients(&transport).map_err(trouble)?;
        let client = HttpCentralClient::new(clients, self.central.clone(), Arc::clone(&self.key));
        #[cfg(feature = "demo")]
        let client = self.cable.lay(client);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Trouble::told(TroubleKind::Refused, &error.to_string()))?;
        let seed = random_seed()
            .map_err(|error| Trouble::told(TroubleKind::Refused, &error.to_string()))?;
        let nonce: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
        let at = self.clock.now().earliest;
        let bytes = runtime.block_on(client.now(at, &nonce)).map_err(trouble)?;
        // A proxy's own page is no answer: only central can sign.
        let now: Now = Envelope::from_bytes(&bytes)
            .and_then(|envelope| envelope.open(&self.central_key))
            .map_err(|error| {
                tracing::warn!(%error, "what answers over the new network is not central");
                TroubleKind::NotCentral
            })?;
        if now.nonce != nonce {
            tracing::warn!("over the new network an old answer of central is played back");
            return Err(TroubleKind::NotCentral.into());
        }
        // The time is asked without minding dates of certificates; what sync asks minds them.
        match runtime.block_on(client.manifest(now.instant, None)) {
            Ok(_) | Err(ClientError::NotLetIn(_) | ClientError::NotFound) => Ok(()),
            Err(error) => Err(trouble(error)),
        }
    }
}

/// What a technician can do something about.
fn trouble(error: ClientError) -> Trouble {
    match error {
        ClientError::Unreachable(reason) => {
            let kind = match reason.cause {
                NoAnswerCause::TooSlow => TroubleKind::CentralSlow,
                NoAnswerCause::UnknownName => TroubleKind::CentralUnknown,
                NoAnswerCause::Untrusted => TroubleKind::CentralUntrusted,
                NoAnswerCause::NoConnection => TroubleKind::CentralUnconnected,
                NoAnswerCause::Broken => TroubleKind::CentralBroke,
                NoAnswerCause::Proxy => TroubleKind::ProxyUnusable,
                NoAnswerCause::Authority => TroubleKind::CertificateUnusable,
            };
            Trouble::told(kind, &reason.words)
        }
        ClientError::NotLetIn(status) | ClientError::Status(status) => {
            Trouble::told(TroubleKind::CentralRefuses, &format!("HTTP {status}"))
        }
        ClientError::NotFound => Trouble::told(TroubleKind::CentralRefuses, "HTTP 404"),
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

impl CentralLine for KioskLine {
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
        Poster.post(Happening::NetworkChanged);
    }
}
