//! The composition root: the only place that knows every part, the system clock, the system's random source and the HTTP clients.

mod data_folder;
mod notifications;
mod parts;
mod source_clients;
mod system;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::ExposeSecret as _;
use tower_http::limit::RequestBodyLimitLayer;
use url::Url;
use vyveska_confine::{FolderInUse, FolderLock};
use vyveska_wire::keys::{KeyError, PublicKey};

use crate::account::invitation::{FirstAdministrator, administrator_link};
use crate::account::password::Passwords;
use crate::clock::ServiceClock;
use crate::config::Config;
use crate::display_api;
use crate::document::BlobError;
use crate::document::blobs::UNFINISHED_KEPT;
use crate::error::causes;
use crate::http_service::{self, Access, MAX_BODY_BYTES, Service};
use crate::ingest::PollReport;
use crate::poll::PollError;
use crate::publish::PublishError;
use crate::published_board::PublishedBoards;
use crate::storage::{
    Alarm, AnswerCount, HeldChange, PostgresStorage, ServiceStorage, SqliteStorage, StorageError,
};
use crate::web;

use data_folder::{make_data_folder, take_folders};
use notifications::announce_others;

pub use data_folder::{PUBLIC_KEY_FILE, check_folders, signing_key};
pub use parts::Parts;
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
    #[error(
        "{path} holds files, and none of them is central's: name a folder that is empty or not there yet ({key}), since everybody else loses the right to read what is in it"
    )]
    Foreign { path: PathBuf, key: &'static str },
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

/// Opens the database and nothing else; makes it where there is none.
///
/// # Errors
///
/// When the data folder or the database cannot be used.
pub async fn open_storage(config: &Config) -> Result<Arc<dyn ServiceStorage>, StartError> {
    let data = &config.service.data;
    make_data_folder(&config.service)?;
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
        parts
            .publisher
            .register_all_documents(&*parts.storage)
            .await?;
        let before = parts.clock.now().earliest - UNFINISHED_KEPT;
        if let Err(error) = parts.blobs.delete_unfinished(before).await {
            let error = causes(&error);
            tracing::warn!(error, "what unfinished fetches left behind stays");
        }
        // Where the clock went back since the last publication, it lacks notices that have not ended.
        if let (_, Err(error)) = parts.publisher.follow_clock(&*parts.storage).await {
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
            access: Access::new(parts.storage.clone()),
            blobs: parts.blobs.clone(),
            publisher: parts.publisher.clone(),
            shutdown: parts.shutdown.clone(),
            boards: PublishedBoards::default(),
            statuses: parts.statuses.clone(),
            entropy: Arc::new(SystemEntropy),
            passwords: Passwords::default(),
        });
        let limits = &parts.config.service.limits;
        parts.tasks.spawn(http_service::serve(
            listener,
            display_api::router()
                .merge(web::router())
                // The admin has a page of its own for what is too large.
                .layer(RequestBodyLimitLayer::new(MAX_BODY_BYTES as usize))
                .merge(web::admin::router(limits)),
            service,
            parts.shutdown.clone(),
        ));
        if background == Background::Running {
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

    /// A link for the first administrator, which is printed and stored nowhere, unless there is either.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn first_administrator_link(&self) -> Result<FirstAdministrator, StorageError> {
        let storage = &*self.parts.storage;
        if storage.has_administrator().await? {
            return Ok(FirstAdministrator::Known);
        }
        let base = self.parts.config.service.public_url.as_ref();
        let (base, now) = (base.unwrap_or(&self.url), self.parts.clock.now().earliest);
        let link = administrator_link(storage, &SystemEntropy, base, true, now).await?;
        Ok(link.map_or(FirstAdministrator::LinkBefore, FirstAdministrator::Link))
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
