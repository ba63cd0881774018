//! What commands and the service are made of: every part, wired for the boards that are served.
//!
//! Whoever can open the database acts as the service: a command is given the storage of all towns.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use vyveska_board::Clock;
use vyveska_pages::WorkerOptions;
use vyveska_wire::keys::{KeyPair, PublicKey};

use super::data_folder::{make_document_folders, signing_key};
use super::source_clients::source_access;
use super::system::{SystemEntropy, host_name};
use super::{StartError, open_storage};
use crate::alarm::AllOfKind;
use crate::clock::ServiceClock;
use crate::clock::watch::ClockWatch;
use crate::config::{BoardConfig, Config, UseOfJury};
use crate::document::blobs::Blobs;
use crate::document::disk::Reserve;
use crate::document::fetcher::DocumentFetcher;
use crate::document::reader::PAGE_WORKER;
use crate::entropy::Entropy;
use crate::error::causes;
use crate::ingest::hold::HoldRule;
use crate::ingest::{Ingest, PollReport};
use crate::jobs::JobRunner;
use crate::jury::UNCHECKED;
use crate::maintenance::{LastDone, Maintenance, RestoreRetry};
use crate::poll::{PollError, Poller};
use crate::preparation::Preparer;
use crate::provision::{Changes, ProvisionError, REFUSED, UNREADABLE, enabled_boards, provision};
use crate::publish::Publisher;
use crate::retention::Retention;
use crate::source::{self, CERTIFICATES, SnapshotBounds};
use crate::status::StatusInbox;
use crate::storage::{
    Actor, Alarm, AlarmSubject, AnswerCount, HeldChange, ServiceStorage, Storage, StorageError,
};

/// What every command that changes something needs: storage, publishing and polling, but no server and no background tasks.
pub struct Parts {
    pub(super) config: Arc<Config>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) key: KeyPair,
    pub(super) storage: Arc<dyn ServiceStorage>,
    pub(super) blobs: Blobs,
    pub(super) publisher: Arc<Publisher>,
    pub(super) statuses: Arc<StatusInbox>,
    pub(crate) jobs: Arc<JobRunner>,
    /// What stands in the way of boards as these parts have them: noted by the service alone, since a command may have
    /// other files than the service that runs.
    found: Vec<AllOfKind>,
    pub(super) tasks: TaskTracker,
    pub(super) shutdown: CancellationToken,
}

/// Brings the boards of files into the database; the boards that are served from then on.
///
/// What is wrong with one board is added to `found`, and keeps no other from being served.
async fn boards_to_serve(
    storage: &dyn Storage,
    config: &Config,
    now: DateTime<Utc>,
    found: &mut Vec<AllOfKind>,
) -> Result<Vec<BoardConfig>, StartError> {
    let brought = &config.boards;
    let refused = match provision(storage, brought, Actor::Job("configuration"), now).await {
        Ok(changes) => {
            if changes != Changes::default() {
                tracing::info!(?changes, "boards were brought");
            }
            None
        }
        Err(ProvisionError::Storage(error)) => return Err(error.into()),
        Err(refused) => Some(causes(&refused)),
    };
    let refused = config.refused.clone().or(refused);
    found.push(of_service(REFUSED, "configuration", refused.clone()));
    if storage.boards().await?.is_empty() {
        return Err(refused.map_or(StartError::NoBoard, StartError::Refused));
    }
    let enabled = enabled_boards(storage).await?;
    found.push(AllOfKind {
        kind: UNREADABLE,
        of: |board| AlarmSubject::Board(board),
        messages: enabled.unreadable,
    });
    Ok(enabled.boards)
}

fn of_service(kind: &'static str, subject: &str, message: Option<String>) -> AllOfKind {
    let message = message.map(|message| (subject.to_owned(), message));
    AllOfKind {
        kind,
        of: |subject| AlarmSubject::Service(subject),
        messages: message.into_iter().collect(),
    }
}

/// The instant that storage holds as confirmed; before there was one, that of the newest publication.
async fn last_known_time(
    storage: &dyn ServiceStorage,
    config: &Config,
) -> Result<Option<DateTime<Utc>>, StorageError> {
    if let Some(seen) = storage.clock_seen().await? {
        return Ok(Some(seen));
    }
    let mut newest = None;
    for board in &config.boards {
        let publication = storage.publication(&board.id).await?;
        newest = newest.max(publication.map(|publication| publication.created_at));
    }
    Ok(newest)
}

impl Parts {
    /// Opens the data folder, brings the boards of the configuration, and wires the parts for all that are served.
    ///
    /// # Errors
    ///
    /// When the data folder cannot be used, or no board was ever brought.
    pub async fn open(
        mut config: Config,
        clock: impl Into<ServiceClock>,
    ) -> Result<Self, StartError> {
        let service_clock = clock.into();
        let clock = service_clock.clock();
        let storage = open_storage(&config).await?;
        let key = signing_key(&config).await?;
        let now = clock.now().earliest;
        let mut found = Vec::new();
        let boards = boards_to_serve(&*storage, &config, now, &mut found).await?;
        config.set_boards(boards);
        let node = config.service.node.clone().unwrap_or_else(host_name);
        let unchecked = (config.documents.jury == UseOfJury::Off).then_some(
            "documents are not compared with what other engines draw, and nobody is told where displays draw one wrong: documents.jury is \"off\"",
        );
        let page_worker = WorkerOptions::beside_current_exe();
        let no_worker = page_worker.is_none().then_some(
            "documents go out without their text, and are not compared with what other engines draw: the page worker vyveska-pages is not beside this program",
        );
        let config = Arc::new(config);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        if let Some(checked) = service_clock.checked() {
            checked.restore(
                last_known_time(&*storage, &config).await?,
                config.has_http_source(),
            );
        }
        let blobs = Blobs::in_folder(&make_document_folders(&config.service)?)?;
        let (publisher, unusable_files) = Publisher::new(
            &*storage,
            blobs.clone(),
            clock.clone(),
            entropy.clone(),
            key.clone(),
            config.clone(),
        )
        .await?;
        let publisher = Arc::new(publisher);
        found.extend(unusable_files);
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let (access, unusable) = source_access(&config, service_clock.checked())?;
        found.push(AllOfKind {
            kind: CERTIFICATES,
            of: |source| AlarmSubject::Source(source),
            messages: unusable,
        });
        let bounds = SnapshotBounds {
            max_bytes: config.fetch.max_feed_mib * 1024 * 1024,
            timeout: Duration::from_secs(config.fetch.timeout_seconds),
        };
        let mut pollers = BTreeMap::new();
        let ingest = Arc::new(Ingest {
            clock: clock.clone(),
            entropy: entropy.clone(),
            rule: HoldRule::default(),
        });
        for board in &config.boards {
            for source in &board.sources {
                let poller = Poller {
                    source: source.clone(),
                    board: board.id.clone(),
                    feed: source::open(source, access[&source.id].client.clone(), bounds),
                    blobs: blobs.clone(),
                    ingest: ingest.clone(),
                    clock: clock.clone(),
                    entropy: entropy.clone(),
                };
                pollers.insert(source.id.clone(), poller);
            }
        }
        let statuses = Arc::new(StatusInbox::default());
        let jobs = Arc::new(JobRunner {
            config: config.clone(),
            storage: storage.clone(),
            clock: clock.clone(),
            pollers,
            fetcher: DocumentFetcher::new(
                blobs.clone(),
                clock.clone(),
                entropy.clone(),
                config.documents.clone(),
                access,
            ),
            preparer: Preparer::new(
                storage.clone(),
                blobs.clone(),
                clock.clone(),
                page_worker,
                config.documents.ocr,
                config.documents.jury,
            ),
            entropy,
            publisher: publisher.clone(),
            retention: Retention::new(storage.clone(), blobs.clone(), clock.clone()),
            maintenance: Maintenance {
                config: config.clone(),
                publisher: publisher.clone(),
                storage: storage.clone(),
                blobs: blobs.clone(),
                clock: clock.clone(),
                clock_watch: service_clock
                    .checked()
                    .map(|checked| ClockWatch::new(checked.clone(), storage.clone(), node.clone())),
                node,
                of_node: [(UNCHECKED, unchecked), (PAGE_WORKER, no_worker)],
                node_kept: LastDone::default(),
                statuses: statuses.clone(),
                silence_noted: LastDone::default(),
                restore_retry: RestoreRetry::default(),
                reserve: (config.service.database.is_none())
                    .then(|| Reserve::of(&config.service.data)),
            },
            made_missing: LastDone::default(),
            held: Mutex::default(),
            unknown: Mutex::default(),
            tasks: tasks.clone(),
            shutdown: shutdown.clone(),
        });
        Ok(Self {
            config,
            clock,
            key,
            storage,
            blobs,
            publisher,
            statuses,
            jobs,
            found,
            tasks,
            shutdown,
        })
    }

    /// Notes what stands in the way of boards, and what is over of it.
    pub(crate) async fn note_found(&self) -> Result<(), StorageError> {
        let now = self.clock.now().earliest;
        // First, so that no other node takes the alarms of this one for those of one that is gone.
        self.jobs.maintenance.keep_node().await?;
        // A service that ran until now may have raised them again after boards were taken out of service.
        self.storage.close_disabled(now).await?;
        for found in &self.found {
            found.note(&*self.storage, now).await?;
        }
        Ok(())
    }

    /// The key that displays verify signatures with.
    pub fn public_key(&self) -> PublicKey {
        self.key.public()
    }

    /// The changes that are held now.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn held(&self) -> Result<Vec<HeldChange>, StorageError> {
        self.storage.held().await
    }

    /// The open alarms, the oldest first.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn alarms(&self) -> Result<Vec<Alarm>, StorageError> {
        self.storage.alarms().await
    }

    /// Applies the held change of this id; the service that runs, or runs next, publishes the board, since the files and
    /// settings are its own.
    ///
    /// # Errors
    ///
    /// When there is no such held change, or its feed cannot be read.
    pub async fn accept(&self, id: i64, who: &str) -> Result<PollReport, PollError> {
        let held = self.storage.held().await?;
        let Some(change) = held.into_iter().find(|change| change.id == id) else {
            return Err(PollError::NotHeld(id));
        };
        let poller = self.jobs.poller(&change.source)?;
        poller.accept(&*self.storage, &change, who).await
    }

    /// Survey answers, counted.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn count_answers(&self) -> Result<Vec<AnswerCount>, StorageError> {
        self.storage.count_answers().await
    }

    /// Polls a source now and publishes what changed.
    ///
    /// # Errors
    ///
    /// When there is no such source, its publisher cannot be asked, or storage fails.
    pub async fn poll_now(&self, source: &str) -> Result<PollReport, PollError> {
        self.jobs.poll_now(source).await
    }

    /// Lets running work finish and closes the database.
    pub async fn close(self) {
        self.shutdown.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.storage.close().await;
    }
}
