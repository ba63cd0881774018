//! A device on the wire: its key, central's time, and its signed requests.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use ed25519_dalek::SigningKey;
use hyper::body::Incoming;
use hyper::{Method, Response, StatusCode};
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use tokio::sync::mpsc;
use tokio::time::Instant;
use vyveska_board::Clock;
use vyveska_wire::enrolment::EnrolmentToken;
use vyveska_wire::envelope::{Envelope, EnvelopeError, Message};
use vyveska_wire::keys::{DisplayId, KeyPair, PublicKey};
use vyveska_wire::manifest::{ContentHash, ContentRef, Manifest};
use vyveska_wire::now::Now;
use vyveska_wire::token::{self, RequestBinding};

use crate::central_time::CentralTime;
use crate::fault::Fault;
use crate::identity::secret_of;
use crate::observation::{Observation, Seen};
use crate::request::{Central, Connection, Pace, RequestError, Sent};
use crate::timing::Timing;

/// The longest signed answer: many times what one has.
pub(crate) const MAX_ENVELOPE_BYTES: u64 = 256 * 1024;

/// How many requests are kept to be sent again.
const MOST_RECORDED: usize = 8;

/// What all displays of a fleet have in common.
pub(crate) struct Shared {
    pub(crate) central: Central,
    pub(crate) central_key: PublicKey,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) seed: u64,
    pub(crate) timing: Timing,
    pub(crate) with_documents: bool,
    pub(crate) enrolment: Option<EnrolmentToken>,
    pub(crate) observations: mpsc::UnboundedSender<Observation>,
}

pub(crate) struct Device {
    pub(crate) index: u32,
    pub(crate) shared: Arc<Shared>,
    pub(crate) key: KeyPair,
    pub(crate) id: DisplayId,
    pub(crate) time: CentralTime,
    pub(crate) fault: Option<Fault>,
    /// Requests that were sent, where the device sends them again.
    recorded: Mutex<Vec<Recorded>>,
    rng: Mutex<StdRng>,
}

/// A request that was sent.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) sent: Sent,
    pub(crate) at: DateTime<Utc>,
}

/// Why a round does not go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error("not central's: {0}")]
    Signature(#[from] EnvelopeError),
    #[error("the time answers another question")]
    OtherQuestion,
    #[error("the bytes are not those of their hash {0}")]
    OtherBytes(ContentHash),
    #[error("{0}")]
    Unusable(String),
}

impl Device {
    pub(crate) fn new(index: u32, shared: Arc<Shared>, fault: Option<Fault>) -> Self {
        let secret = secret_of(shared.seed, index);
        let key = KeyPair::from_seed(&secret);
        let ahead_by = match fault {
            Some(Fault::WrongClock { ahead_by }) => ahead_by,
            _ => TimeDelta::zero(),
        };
        Self {
            index,
            id: key.public().id(),
            key,
            time: CentralTime::new(shared.clock.clone(), ahead_by),
            shared,
            fault,
            recorded: Mutex::default(),
            rng: Mutex::new(StdRng::from_seed(secret)),
        }
    }

    pub(crate) async fn connect(&self) -> Result<Connection, RequestError> {
        Connection::open(&self.shared.central, self.index, self.pace()).await
    }

    /// Asks with a token of its own, and gives the answer whatever its status.
    pub(crate) async fn get(
        &self,
        connection: &mut Connection,
        below: &str,
        held: Option<String>,
    ) -> Result<Response<Incoming>, RequestError> {
        let sent = Sent {
            held,
            ..self.signed(Method::GET, below, Bytes::new(), self.time.now())
        };
        if self.fault == Some(Fault::Replaying) {
            self.record(&sent);
        }
        connection.send(sent).await
    }

    /// A request with the token for it.
    pub(crate) fn signed(
        &self,
        method: Method,
        below: &str,
        body: Bytes,
        at: DateTime<Utc>,
    ) -> Sent {
        let path_and_query = self.shared.central.path(below);
        let binding = RequestBinding {
            method: method.as_str(),
            path_and_query: &path_and_query,
            body: &body,
        };
        let token = Some(token::issue(&self.key, binding, at));
        Sent {
            method,
            path_and_query,
            token,
            held: None,
            body,
        }
    }

    /// The key as it signs what no display would.
    pub(crate) fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(&secret_of(self.shared.seed, self.index))
    }

    /// Asks for central's time, which dates the tokens from then on.
    pub(crate) async fn ask_time(&self, connection: &mut Connection) -> Result<Now, Trouble> {
        let mut nonce = [0; 16];
        self.rng().fill_bytes(&mut nonce);
        let nonce = hex::encode(nonce);
        let below = format!("now?nonce={nonce}");
        let answer = accepted(self.get(connection, &below, None).await?)?;
        let now: Now = self.open(&connection.whole(answer, MAX_ENVELOPE_BYTES).await?)?;
        let is_ours = now
            .display
            .as_ref()
            .is_none_or(|display| *display == self.id);
        if now.nonce != nonce || !is_ours {
            return Err(Trouble::OtherQuestion);
        }
        self.time.set(now.instant);
        Ok(now)
    }

    pub(crate) async fn content(
        &self,
        connection: &mut Connection,
        content: ContentRef,
        most: u64,
    ) -> Result<Vec<u8>, Trouble> {
        if content.size_bytes > most {
            return Err(RequestError::TooLong(most).into());
        }
        let below = format!("content/{}", content.hash);
        let answer = accepted(self.get(connection, &below, None).await?)?;
        let bytes = connection.whole(answer, content.size_bytes).await?;
        if ContentRef::to(&bytes) != content {
            return Err(Trouble::OtherBytes(content.hash));
        }
        Ok(bytes)
    }

    pub(crate) fn open<M: Message>(&self, bytes: &[u8]) -> Result<M, EnvelopeError> {
        Envelope::from_bytes(bytes)?.open(&self.shared.central_key)
    }

    pub(crate) fn open_manifest(&self, envelope: &Envelope) -> Result<Manifest, EnvelopeError> {
        let manifest: Manifest = envelope.open(&self.shared.central_key)?;
        let (number, created) = (manifest.number, manifest.created);
        self.saw(Seen::Manifest { number, created });
        Ok(manifest)
    }

    pub(crate) fn pace(&self) -> Pace {
        match self.fault {
            Some(Fault::Slow { bytes_per_second }) => Pace(Some(bytes_per_second)),
            _ => Pace::default(),
        }
    }

    fn rng(&self) -> MutexGuard<'_, StdRng> {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From 0 to 1.
    pub(crate) fn random(&self) -> f64 {
        self.rng().random()
    }

    pub(crate) fn saw(&self, seen: Seen) {
        // Nobody may listen any more, while the fleet ends.
        let _ = self.shared.observations.send(Observation {
            display: self.index,
            at: Instant::now(),
            seen,
        });
    }

    pub(crate) fn refused(&self, reason: String) {
        tracing::debug!(index = self.index, reason, "refused");
        self.saw(Seen::Refused { reason });
    }

    pub(crate) fn failed(&self, trouble: &Trouble) {
        let reason = trouble.to_string();
        tracing::debug!(index = self.index, reason, "failed");
        self.saw(match trouble {
            Trouble::Request(_) => Seen::Failed { reason },
            _ => Seen::Refused { reason },
        });
    }

    /// The requests that were kept.
    pub(crate) fn recorded(&self) -> Vec<Recorded> {
        self.locked_recorded().clone()
    }

    /// Keeps a request, unless it is one that is answered at any time or never ends.
    fn record(&self, sent: &Sent) {
        let mut recorded = self.locked_recorded();
        let path = &sent.path_and_query;
        if recorded.len() < MOST_RECORDED && !path.contains("/now?") && !path.ends_with("/events") {
            recorded.push(Recorded {
                sent: sent.clone(),
                at: self.time.now(),
            });
        }
    }

    fn locked_recorded(&self) -> MutexGuard<'_, Vec<Recorded>> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer, where it has what was asked for.
pub(crate) fn accepted(answer: Response<Incoming>) -> Result<Response<Incoming>, RequestError> {
    match answer.status() {
        StatusCode::OK => Ok(answer),
        status => Err(RequestError::Status(status.as_u16())),
    }
}
