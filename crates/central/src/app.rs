//! The composition root: the only place that knows every part, the system clock, the system's random source and the HTTP clients.

mod data_folder;
mod notifications;
mod source_clients;
mod system;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;
use vyveska_board::Clock;
use vyveska_confine::{FolderInUse, FolderLock};
use vyveska_pages::WorkerOptions;
use vyveska_wire::keys::{KeyError, KeyPair, PublicKey};

use crate::alarm::{self, AllOfKind};
use crate::clock::ServiceClock;
use crate::clock::watch::ClockWatch;
use crate::config::{BoardConfig, Config, UseOfJury};
use crate::display_api;
use crate::document::BlobError;
use crate::document::blobs::{Blobs, UNFINISHED_KEPT};
use crate::document::fetcher::DocumentFetcher;
use crate::document::reader::PAGE_WORKER;
use crate::entropy::Entropy;
use crate::error::causes;
use crate::http_service::{self, Service};
use crate::ingest::hold::HoldRule;
use crate::ingest::{Ingest, PollReport};
use crate::jobs::JobRunner;
use crate::jury::UNCHECKED;
use crate::maintenance::{Maintenance, RestoreRetry};
use crate::poll::{PollError, Poller};
use crate::preparation::Preparer;
use crate::provision::{
    Changes, DISPLAYS, ProvisionError, REFUSED, UNREADABLE, enabled_boards, provision,
};
use crate::publish::{PublishError, Publisher};
use crate::published_board::PublishedBoards;
use crate::retention::Retention;
use crate::source::{self, CERTIFICATES, SnapshotBounds};
use crate::storage::{
    Actor, Alarm, AlarmSubject, AnswerCount, HeldChange, PostgresStorage, Scope, ServiceStorage,
    SqliteStorage, Storage, StorageError,
};
use crate::web;

use data_folder::{make_document_folders, make_folder, take_folders};
use notifications::announce_others;
use source_clients::source_access;

pub use data_folder::{PUBLIC_KEY_FILE, signing_key};
pub use source_clients::source_client;
pub use system::{SystemClock, SystemEntropy, checked_system_clock, raise_descriptors};

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file or folder inside the data folder cannot be used.
    #[error("cannot use {path}")]
    Data {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error(transparent)]
    InUse(#[from] FolderInUse),
    #[error("the signing key {path} cannot be read; put it back from the backup")]
    Key {
        path: PathBuf,
        #[source]
        source: KeyError,
    },
    /// There is no signing key where displays may know one.
    #[error(
        "the signing key {path} is missing although this data folder or its database was used: put it back from the backup, or copy it from another service with the same database; only when it is lost for good, make another with `openssl genpkey -algorithm ed25519 -out {path}` as the user of the service, and give the new {public} to every display, which refuses everything until then"
    )]
    KeyLost {
        path: PathBuf,
        /// The public key's file.
        public: PathBuf,
    },
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// No board was ever brought.
    #[error("there is no board to serve: bring one with `vyveska-central provision FILE`")]
    NoBoard,
    /// No board was ever brought, and why those of the files are refused.
    #[error("there is no board to serve: {0}")]
    Refused(String),
    #[error("cannot listen on {address}")]
    Listen {
        /// From `service.listen`.
        address: SocketAddr,
        #[source]
        source: std::io::Error,
    },
    #[error("the certificates {path} cannot be used: {reason}")]
    Certificates {
        /// From `boards.sources.extra_ca`.
        path: PathBuf,
        reason: String,
    },
    #[error("the HTTP client cannot be made")]
    Client(#[from] reqwest::Error),
}

/// Opens the database and nothing else, for commands that only read it.
///
/// # Errors
///
/// When the data folder or the database cannot be used.
pub async fn open_storage(config: &Config) -> Result<Arc<dyn ServiceStorage>, StartError> {
    let data = &config.service.data;
    make_folder(data)?;
    let storage: Arc<dyn ServiceStorage> = match &config.service.database {
        Some(address) => Arc::new(PostgresStorage::open(address.expose_secret()).await?),
        None => Arc::new(SqliteStorage::open(&data.join("central.sqlite")).await?),
    };
    Ok(storage)
}

/// Opens the database as it is and makes nothing, for a command that must not change anything; `None` where there is none.
///
/// # Errors
///
/// When the database cannot be read, or another version of this program has used it last.
pub async fn open_storage_to_read(
    config: &Config,
) -> Result<Option<Arc<dyn ServiceStorage>>, StorageError> {
    let shared = |storage: Arc<dyn ServiceStorage>| storage;
    Ok(match &config.service.database {
        Some(address) => PostgresStorage::open_to_read(address.expose_secret())
            .await?
            .map(|storage| shared(Arc::new(storage))),
        None => SqliteStorage::open_to_read(&config.service.data.join("central.sqlite"))
            .await?
            .map(|storage| shared(Arc::new(storage))),
    })
}

/// What every command that changes something needs: storage, publishing and polling, but no server and no background tasks.
pub struct Parts {
    config: Arc<Config>,
    clock: Arc<dyn Clock>,
    key: KeyPair,
    storage: Arc<dyn ServiceStorage>,
    blobs: Blobs,
    publisher: Arc<Publisher>,
    pub(crate) jobs: Arc<JobRunner>,
    /// What stands in the way of boards as these parts have them: noted by the service alone, since a command may have
    /// other files than the service that runs.
    found: Vec<AllOfKind>,
    tasks: TaskTracker,
    shutdown: CancellationToken,
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
        let displays = config.check_displays().err();
        let displays = displays.map(|error| error.to_string());
        found.push(of_service(DISPLAYS, "displays", displays));
        let unchecked = (config.documents.jury == UseOfJury::Off).then(|| {
            "documents are not compared with what other engines draw, and nobody is told where displays draw one wrong: documents.jury is \"off\"".to_owned()
        });
        found.push(of_service(UNCHECKED, "documents", unchecked));
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
            storage.clone(),
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
        for board in &config.boards {
            let ingest = Arc::new(Ingest {
                storage: storage.within(Scope::of_job(&[&board.town_id])),
                clock: clock.clone(),
                entropy: entropy.clone(),
                rule: HoldRule::default(),
            });
            for source in &board.sources {
                let poller = Poller {
                    source: source.clone(),
                    board: board.id.clone(),
                    feed: source::open(source, access[&source.id].client.clone(), bounds),
                    storage: storage.clone(),
                    blobs: blobs.clone(),
                    ingest: ingest.clone(),
                    clock: clock.clone(),
                    entropy: entropy.clone(),
                };
                pollers.insert(source.id.clone(), poller);
            }
        }
        let jobs = Arc::new(JobRunner {
            config: config.clone(),
            storage: storage.clone(),
            clock: clock.clone(),
            pollers,
            fetcher: DocumentFetcher::new(
                storage.clone(),
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
                WorkerOptions::beside_current_exe(),
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
                    .map(|checked| ClockWatch::new(checked.clone(), storage.clone())),
                restore_retry: RestoreRetry::default(),
            },
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
            jobs,
            found,
            tasks,
            shutdown,
        })
    }

    /// Notes what stands in the way of boards, and what is over of it.
    async fn note_found(&self) -> Result<(), StorageError> {
        let now = self.clock.now().earliest;
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
        let report = poller.accept(&change, who).await?;
        let now = self.clock.now().earliest;
        self.jobs
            .schedule_publications([change.source.as_str()], now)
            .await?;
        Ok(report)
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

/// Whether background tasks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    /// Sources are polled, documents rechecked and boards republished when due.
    Running,
    /// Work is done only when called for: for tests that set the clock themselves.
    OnCall,
}

/// The central service, running in this process.
pub struct Central {
    parts: Parts,
    url: Url,
    /// Commands may change something beside the service, because storage notices that; a second service may not.
    _locks: Vec<FolderLock>,
}

impl Central {
    /// Starts the service with its background tasks.
    ///
    /// # Errors
    ///
    /// When the data folder cannot be used or the address cannot be listened on.
    pub async fn start(config: Config, clock: impl Into<ServiceClock>) -> Result<Self, StartError> {
        Self::start_with(config, clock, Background::Running).await
    }

    /// Starts the service.
    ///
    /// # Errors
    ///
    /// When the data folder cannot be used or is in use, or the address cannot be listened on.
    pub async fn start_with(
        config: Config,
        clock: impl Into<ServiceClock>,
        background: Background,
    ) -> Result<Self, StartError> {
        let locks = take_folders(&config.service)?;
        let parts = Parts::open(config, clock).await?;
        parts.note_found().await?;
        let before = parts.clock.now().earliest - UNFINISHED_KEPT;
        if let Err(error) = parts.blobs.delete_unfinished(before).await {
            let error = causes(&error);
            tracing::warn!(error, "what unfinished fetches left behind stays");
        }
        // Where the clock went back since the last publication, it lacks notices that have not ended.
        if let Err(error) = parts.publisher.follow_clock().await {
            tracing::error!(error = causes(&error), "boards cannot be republished");
        }
        parts.jobs.keep_jobs().await?;
        let address = parts.config.service.listen;
        let cannot_listen = |source| StartError::Listen { address, source };
        let listener = http_service::listen(address).map_err(cannot_listen)?;
        let address = listener.local_addr().map_err(cannot_listen)?;
        let url = Url::parse(&format!("http://{address}/")).expect("an address makes an URL");
        let service = Arc::new(Service {
            public_url: parts
                .config
                .service
                .public_url
                .clone()
                .unwrap_or_else(|| url.clone()),
            config: parts.config.clone(),
            clock: parts.clock.clone(),
            key: parts.key.clone(),
            storage: parts.storage.clone(),
            blobs: parts.blobs.clone(),
            publisher: parts.publisher.clone(),
            shutdown: parts.shutdown.clone(),
            boards: PublishedBoards::default(),
        });
        parts.tasks.spawn(http_service::serve(
            listener,
            display_api::router().merge(web::router()),
            service,
            parts.shutdown.clone(),
        ));
        if background == Background::Running {
            let missing = (!parts.jobs.preparer.is_able()).then_some(
                "documents go out without their text, and are not compared with what other engines draw: the page worker vyveska-pages is not beside this program",
            );
            let (subject, now) = (AlarmSubject::Service("documents"), parts.clock.now());
            alarm::note(&*parts.storage, PAGE_WORKER, subject, missing, now.earliest).await?;
            parts.jobs.spawn();
            parts.tasks.spawn(announce_others(
                parts.storage.clone(),
                parts.publisher.clone(),
                parts.shutdown.clone(),
            ));
        }
        Ok(Self {
            parts,
            url,
            _locks: locks,
        })
    }

    /// The address the service listens on, with the actual port.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The key that displays verify signatures with.
    pub fn public_key(&self) -> PublicKey {
        self.parts.public_key()
    }

    /// Polls a source now and publishes what changed; `source` is its id, by default that of its board.
    ///
    /// # Errors
    ///
    /// When there is no such source, its publisher cannot be asked, or storage fails.
    pub async fn poll_now(&self, source: &str) -> Result<PollReport, PollError> {
        self.parts.poll_now(source).await
    }

    /// Survey answers, counted.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn count_answers(&self) -> Result<Vec<AnswerCount>, StorageError> {
        self.parts.count_answers().await
    }

    /// Does once what background tasks do besides polling: fetches documents that are due and publishes boards that changed.
    ///
    /// Documents are prepared only by [`Self::prepare_documents`], since that takes long and nothing waits for it.
    pub async fn tick(&self) {
        self.parts.jobs.run_due().await;
    }

    /// Does once what the preparation task does: counts the pages of every document not prepared yet,
    /// extracts its text (with OCR of scans where enabled and installed) and publishes the result.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn prepare_documents(&self) -> Result<(), StorageError> {
        self.parts.jobs.prepare_documents().await
    }

    /// Does once what the background task does in a day: forgets what the rule of [`retention`](crate::retention) no
    /// longer keeps.
    pub async fn forget(&self) {
        if let Err(error) = self.parts.jobs.retention.run_once().await {
            tracing::error!(error = causes(&error), "not all of it can be forgotten");
        }
    }

    /// The changes that are held now.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn held(&self) -> Result<Vec<HeldChange>, StorageError> {
        self.parts.held().await
    }

    /// The open alarms, the oldest first.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn alarms(&self) -> Result<Vec<Alarm>, StorageError> {
        self.parts.alarms().await
    }

    /// Applies the held change of this id and publishes the board.
    ///
    /// # Errors
    ///
    /// When there is no such held change, or its feed cannot be read.
    pub async fn accept(&self, id: i64, who: &str) -> Result<PollReport, PollError> {
        let report = self.parts.accept(id, who).await?;
        self.tick().await;
        Ok(report)
    }

    pub async fn shutdown(self) {
        self.parts.close().await;
    }
}
