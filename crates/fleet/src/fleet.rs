//! Displays that run together.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;
use vyveska_board::Clock;
use vyveska_wire::enrolment::EnrolmentToken;
use vyveska_wire::keys::PublicKey;

use crate::device::Shared;
use crate::display::Display;
use crate::fault::Fault;
use crate::observation::{Observation, Tally};
use crate::request::Central;
use crate::timing::Timing;

/// What a fleet is like.
pub struct FleetConfig {
    /// The address of central, over plain HTTP.
    pub central: Url,
    /// The key that central signs with.
    pub central_key: PublicKey,
    /// Displays of the same seed and index have the same key.
    pub seed: u64,
    pub count: u32,
    pub timing: Timing,
    /// Whether documents are fetched as well.
    pub with_documents: bool,
    /// What has displays let in that central does not know.
    pub enrolment: Option<EnrolmentToken>,
    /// What is wrong with the display of an index.
    pub fault: Box<dyn Fn(u32) -> Option<Fault> + Send>,
}

impl FleetConfig {
    /// So many displays without a fault.
    pub fn new(central: Url, central_key: PublicKey, count: u32) -> Self {
        Self {
            central,
            central_key,
            seed: 0,
            count,
            timing: Timing::default(),
            with_documents: false,
            enrolment: None,
            fault: Box::new(|_| None),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    #[error("a fleet speaks plain HTTP: {0}")]
    NotHttp(Url),
    #[error("the address of {url} is not known")]
    Address {
        url: Url,
        #[source]
        source: std::io::Error,
    },
}

/// Displays that run, each in a task of its own, until the fleet is dropped or stopped.
pub struct Fleet {
    tally: Tally,
    observations: mpsc::UnboundedReceiver<Observation>,
    online: Vec<watch::Sender<bool>>,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl Fleet {
    /// Starts the displays. `clock` is their own, which they believe until central has told the time.
    ///
    /// # Errors
    ///
    /// When the address of central is not one of plain HTTP, or is not known.
    pub fn start(config: FleetConfig, clock: Arc<dyn Clock>) -> Result<Self, FleetError> {
        let central = Central::at(&config.central).map_err(|source| FleetError::Address {
            url: config.central.clone(),
            source,
        })?;
        let central = central.ok_or(FleetError::NotHttp(config.central))?;
        let (sender, observations) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            central,
            central_key: config.central_key,
            clock,
            seed: config.seed,
            timing: config.timing,
            with_documents: config.with_documents,
            enrolment: config.enrolment,
            observations: sender,
        });
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let start = |index| {
            let online = watch::Sender::new(true);
            let fault = (config.fault)(index);
            let display = Display::new(index, shared.clone(), fault, online.clone());
            tasks.spawn(shutdown.clone().run_until_cancelled_owned(display.run()));
            online
        };
        Ok(Self {
            tally: Tally::of(config.count),
            observations,
            online: (0..config.count).map(start).collect(),
            tasks,
            shutdown,
        })
    }

    /// Takes the network from a display, or gives it back.
    ///
    /// # Panics
    ///
    /// When there is no display with this index.
    pub fn set_online(&self, display: u32, is_online: bool) {
        self.online[display as usize].send_replace(is_online);
    }

    /// What displays saw, as far as it was read by [`Self::next`] or [`Self::until`].
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The next thing that a display sees.
    ///
    /// # Panics
    ///
    /// When all displays have ended, which none does by itself.
    pub async fn next(&mut self) -> Observation {
        let observation = self.observations.recv().await;
        let observation = observation.expect("displays run for as long as their fleet");
        self.tally.note(&observation);
        observation
    }

    /// Reads what displays see until something is true of it.
    pub async fn until(&mut self, is_true: impl Fn(&Tally) -> bool) {
        while !is_true(&self.tally) {
            self.next().await;
        }
    }

    /// Ends all displays.
    pub async fn stop(self) {
        self.shutdown.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}
