//! Publication: from notices to the sections that displays and the web show.
//!
//! A publication is the four sections of a board as exact bytes, and the signed manifest that names them for all
//! displays of the board: one transaction and one signature, however many displays there are;
//! the public page and the open data are rendered from the same notices section.
//!
//! A revision that was published never changes: when the bytes of its documents change, a new revision is added.
//! A board is published for the first time once each of its sources has had an accepted poll, so that a central service
//! that lost its database cannot blank a display. A source that is added to a published board holds nothing back: until
//! its first accepted poll the others and the alerts go on without it, and the alarm `unaccepted` tells the clerk.
//! Where no source has had one, because all were replaced, the notices stay as they were published last.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;
use vyveska_board::Clock;
use vyveska_wire::envelope::EnvelopeError;
use vyveska_wire::keys::KeyPair;
use vyveska_wire::limits::MAX_DOCUMENT_BYTES;

use crate::alarm;
use crate::config::{BoardConfig, Config};
use crate::document::BlobError;
use crate::document::blobs::Blobs;
use crate::entropy::Entropy;
use crate::error::causes;
use crate::information::InformationError;
use crate::storage::{
    AlarmSubject, CurrentNotice, HeldContent, NewPublication, ServiceStorage, StorageError,
};

mod claims;
pub(crate) mod document_list;
pub(crate) mod doubtful;
pub(crate) mod extras;
mod last;
pub(crate) mod missing;
mod newest;
pub mod sections;
mod shrink;
mod signing;

use claims::Claims;
use extras::{AllBoardExtras, ledger_name};
use missing::MissingDocuments;
use newest::NewestManifests;
pub use newest::{Announcement, NewestManifest};
use sections::{BoardSections, CurrentNotices};

const ATTEMPTS: u32 = 10;
/// The kind of the alarm that the coat of arms of a board cannot be read.
pub(crate) const COAT_OF_ARMS: &str = "coat_of_arms";
/// The kind of the alarm that information or alerts of a board cannot be read.
pub(crate) const INFORMATION: &str = "information";
/// The kind of the alarm that no poll of a source was accepted yet; its subject is the source.
pub(crate) const UNACCEPTED: &str = "unaccepted";
/// The kind of the alarm that a board's notices section was shortened.
pub(crate) const SHORTENED: &str = "shortened";

#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A stored manifest cannot be read.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// A section could not be stored.
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error("the published notices cannot be read")]
    Section(#[from] serde_json::Error),
    #[error("there is no board {0:?}")]
    UnknownBoard(String),
    /// The coat of arms cannot be read.
    #[error("cannot read the coat of arms of {board:?}")]
    CoatOfArms {
        board: String,
        #[source]
        source: std::io::Error,
    },
    /// The coat of arms is no PNG.
    #[error("the coat of arms of {0:?} is not a PNG of at most 4 MB")]
    NotPng(String),
    /// The board's information or alerts cannot be read.
    #[error("the information or alerts of {board:?} cannot be read")]
    Information {
        board: String,
        #[source]
        source: InformationError,
    },
}

pub struct Publisher {
    storage: Arc<dyn ServiceStorage>,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    key: KeyPair,
    config: Arc<Config>,
    coats_of_arms: HashMap<String, HeldContent>,
    extras: AllBoardExtras,
    /// One publication at a time within this process; storage detects those of other processes.
    publishing: Mutex<()>,
    /// One manifest at a time that is signed beside publications.
    signing: Mutex<()>,
    /// What the clock said last.
    checked_at: std::sync::Mutex<Option<DateTime<Utc>>>,
    newest: NewestManifests,
    claims: Claims,
    /// The largest publication, of any board and process, that was announced here.
    announced: AtomicI64,
}

impl Publisher {
    /// A publisher of the configured boards.
    ///
    /// A board whose coat of arms, information or alerts cannot be read goes on with those of its newest publication, and
    /// is an alarm.
    ///
    /// # Errors
    ///
    /// When storage fails, or what was read cannot be stored.
    pub async fn new(
        storage: Arc<dyn ServiceStorage>,
        blobs: Blobs,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        key: KeyPair,
        config: Arc<Config>,
    ) -> Result<Self, PublishError> {
        let now = clock.now().earliest;
        let mut coats_of_arms = HashMap::new();
        let mut unusable = BTreeMap::new();
        for board in &config.boards {
            let coat = match sections::coat_of_arms(board, &blobs).await {
                Err(error @ (PublishError::CoatOfArms { .. } | PublishError::NotPng(_))) => {
                    unusable.insert(board.id.clone(), causes(&error));
                    last::coat_of_arms(&*storage, &blobs, &board.id).await?
                }
                read => read?,
            };
            coats_of_arms.extend(coat.map(|coat| (board.id.clone(), coat)));
        }
        alarm::note_all(&*storage, COAT_OF_ARMS, AlarmSubject::Board, &unusable, now).await?;
        let (extras, unusable) = AllBoardExtras::read(&config, &*storage, &blobs).await?;
        alarm::note_all(&*storage, INFORMATION, AlarmSubject::Board, &unusable, now).await?;
        let announced = AtomicI64::new(storage.newest_publication().await?);
        let publisher = Self {
            storage,
            blobs,
            clock,
            entropy,
            key,
            config,
            coats_of_arms,
            extras,
            publishing: Mutex::default(),
            signing: Mutex::default(),
            checked_at: std::sync::Mutex::default(),
            newest: NewestManifests::default(),
            claims: Claims::default(),
            announced,
        };
        for board in &publisher.config.boards {
            publisher.register_documents(board).await?;
        }
        Ok(publisher)
    }

    /// Registers the documents of a board's own pages to be prepared.
    async fn register_documents(&self, board: &BoardConfig) -> Result<(), StorageError> {
        let extras = self.extras.of(&board.id);
        let now = self.clock.now().earliest;
        self.storage
            .register_documents(&ledger_name(&board.id), &extras.documents, now)
            .await
    }

    /// A channel that changes with every publication of a board.
    pub fn subscribe(&self, board: &str) -> NewestManifest {
        self.newest.subscribe(board)
    }

    /// Announces what other processes published.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn notice_others(&self) -> Result<(), PublishError> {
        let after = self.announced.load(Ordering::SeqCst);
        for (board, publication) in self.storage.published_after(after).await? {
            self.announce(&board, publication).await?;
            self.announced.fetch_max(publication, Ordering::SeqCst);
        }
        Ok(())
    }

    /// Announces the newest manifest of a board to whoever waits for it.
    async fn announce(&self, board: &str, publication: i64) -> Result<(), PublishError> {
        if self.newest.lacks(board, publication) {
            self.announcement(board).await?;
        }
        Ok(())
    }

    /// Where the clock has gone back since the last call, publishes every board, with the notices that ended later than it
    /// now says; returns whether it has. At the first call, boards whose publication is later than it are published so.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn follow_clock(&self) -> Result<bool, PublishError> {
        let now = self.clock.now().earliest;
        let checked_at = *self.checked_at();
        let went_back = checked_at.is_some_and(|at| now < at);
        let mut outcome = Ok(None);
        if went_back || checked_at.is_none() {
            for board in &self.config.boards {
                let Some(publication) = self.storage.publication(&board.id).await? else {
                    continue;
                };
                if went_back || now < publication.created_at {
                    for source in &board.sources {
                        self.storage.revive_ended(&source.id, now).await?;
                    }
                    outcome = outcome.and(self.publish(&board.id).await);
                }
            }
        }
        outcome?;
        *self.checked_at() = Some(now);
        Ok(went_back)
    }

    fn checked_at(&self) -> std::sync::MutexGuard<'_, Option<DateTime<Utc>>> {
        self.checked_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads information and alerts again where their files changed, and publishes them.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn publish_extras(&self) -> Result<(), PublishError> {
        let mut outcome = Ok(());
        for board in &self.config.boards {
            let refreshed = self.extras.refresh(board, &self.blobs).await;
            if let Ok(false) = refreshed {
                continue;
            }
            let published = async {
                let now = self.clock.now().earliest;
                let subject = AlarmSubject::Board(&board.id);
                if let Err(error) = refreshed {
                    let error = Some(causes(&error));
                    return Ok(self.note(INFORMATION, subject, error, now).await?);
                }
                self.note(INFORMATION, subject, None, now).await?;
                self.register_documents(board).await?;
                self.publish(&board.id).await.map(drop)
            };
            let published = published.await;
            if published.is_err() {
                self.extras.refresh_again(&board.id);
            }
            outcome = outcome.and(published);
        }
        outcome
    }

    /// Stores again what the configured files and the notices give: coats of arms, pictures, documents and sections.
    ///
    /// Returns whether everything could be stored; what cannot keeps nothing else from it.
    pub async fn restore_board_content(&self) -> bool {
        let mut is_whole = true;
        for board in &self.config.boards {
            let coat_of_arms = sections::coat_of_arms(board, &self.blobs).await.map(drop);
            let extras = extras::store(board, &self.blobs).await;
            let published = self.publish(&board.id).await.map(drop);
            for (what, stored) in [
                ("coat of arms", coat_of_arms),
                ("information and alerts", extras),
                ("sections", published),
            ] {
                if let Err(error) = stored {
                    is_whole = false;
                    let error = causes(&error);
                    tracing::error!(board = board.id, what, error, "cannot be stored again");
                }
            }
        }
        is_whole
    }

    /// Publishes a board if anything of it changed; returns when it changes next by itself.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn publish(&self, board: &str) -> Result<Option<DateTime<Utc>>, PublishError> {
        let Some(board) = self.config.board(board) else {
            return Ok(None);
        };
        let _publishing = self.publishing.lock().await;
        for _ in 0..ATTEMPTS {
            match self.publish_once(board).await {
                Err(PublishError::Storage(StorageError::Conflict)) => {}
                other => return other,
            }
        }
        Err(StorageError::Conflict.into())
    }

    async fn publish_once(
        &self,
        board: &BoardConfig,
    ) -> Result<Option<DateTime<Utc>>, PublishError> {
        // Read before anything else: what another process publishes from now on makes this attempt a conflict, so that
        // nothing older than a publication follows it.
        let before = self.storage.publication(&board.id).await?;
        let mut source_boards = Vec::new();
        let mut notices = Vec::new();
        let mut preparations = BTreeMap::new();
        let mut missing = MissingDocuments::default();
        let now = self.clock.now();
        for source in &board.sources {
            let source_board = self.storage.source_board(&source.id).await?;
            if source_board.is_none() && before.is_none() {
                return Ok(None);
            }
            let alarm = source_board.is_none().then(|| {
                "no poll of this source was accepted yet: its notices are not shown".to_owned()
            });
            let subject = AlarmSubject::Source(&source.id);
            self.note(UNACCEPTED, subject, alarm, now.earliest).await?;
            let Some(source_board) = source_board else {
                continue;
            };
            source_boards.push(source_board);
            let current = self.with_documents(&source.id).await?;
            let not_taken = MissingDocuments::new(self.storage.missing(&source.id).await?);
            for (kind, alarm) in not_taken.alarms(&board.id, &current, &now) {
                self.note(kind, subject, alarm, now.earliest).await?;
            }
            missing.extend(not_taken);
            notices.extend(current);
            preparations.extend(self.storage.preparations(&source.id).await?);
        }
        let own = self.storage.preparations(&ledger_name(&board.id)).await?;
        preparations.extend(own);
        let alarm = doubtful::message(&board.id, &notices, &preparations, &now);
        let subject = AlarmSubject::Board(&board.id);
        self.note(doubtful::DRAWING, subject, alarm, now.earliest)
            .await?;
        let coat_of_arms = self.coats_of_arms.get(&board.id);
        let extras = self.extras.of(&board.id);
        let mut made = BoardSections::make(
            board,
            source_boards.first(),
            CurrentNotices {
                notices: &notices,
                missing: &missing,
            },
            &extras,
            &preparations,
            coat_of_arms,
            &now,
        );
        if source_boards.is_empty()
            && let Some(before) = &before
        {
            let notices = self.blobs.get(before.sections.notices.hash.0).await?;
            made.keep_notices(notices.to_vec())?;
        }
        let alarm = made.shortened.as_ref().map(ToString::to_string);
        self.note(SHORTENED, subject, alarm, now.earliest).await?;
        for (section, bytes) in made.parts() {
            if !self
                .blobs
                .recheck(section.hash.0, section.size_bytes)
                .await?
            {
                self.blobs.put(bytes.clone()).await?;
            }
        }
        let unchanged = before
            .as_ref()
            .filter(|publication| publication.sections == made.sections());
        if let Some(publication) = unchanged {
            if publication.changes_at != made.changes_at {
                self.storage
                    .set_changes_at(publication.id, made.changes_at)
                    .await?;
            }
            // Another key may have signed it.
            self.manifest(&board.id, 0).await?;
            return Ok(made.changes_at);
        }
        let mut content: BTreeMap<_, HeldContent> = BTreeMap::new();
        for (section, _) in made.parts() {
            content.insert(
                section.hash,
                HeldContent {
                    hash: section.hash,
                    size_bytes: section.size_bytes,
                    media_type: Some("application/json".to_owned()),
                },
            );
        }
        content.extend(made.named.iter().map(|one| (one.hash, one.clone())));
        let sections = made.sections();
        let new = NewPublication {
            after: before.map_or(0, |publication| publication.id),
            manifest: self.sign(&board.id, &sections, 0).await?,
            sections,
            changes_at: made.changes_at,
            content: content.into_values().collect(),
            revisions: made.revisions.clone(),
        };
        let publication = self.storage.publish(&board.id, &new, now.earliest).await?;
        tracing::info!(
            board = board.id,
            publication = publication.id,
            notices = made.revisions.len(),
            "published"
        );
        self.announce(&board.id, publication.id).await?;
        Ok(made.changes_at)
    }

    /// Raises the alarm of a board or a source, or clears it where there is no message.
    async fn note(
        &self,
        kind: &'static str,
        subject: AlarmSubject<'_>,
        message: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<(), StorageError> {
        alarm::note(&*self.storage, kind, subject, message.as_deref(), now).await
    }

    /// The live notices of a source, with the current bytes of their documents.
    async fn with_documents(&self, source: &str) -> Result<Vec<CurrentNotice>, PublishError> {
        let held = self.storage.contents(source).await?;
        let mut notices = self.storage.current_notices(source).await?;
        let now = self.clock.now().earliest;
        for notice in &mut notices {
            let contents: Vec<Option<HeldContent>> = notice
                .facts
                .documents
                .iter()
                .map(|document| held.get(document.url.as_ref()?.as_str()).cloned())
                // Displays refuse a larger one; older versions of central fetched it.
                .map(|content| content.filter(|one| one.size_bytes <= MAX_DOCUMENT_BYTES))
                .collect();
            if contents == notice.contents {
                continue;
            }
            notice.contents = contents;
            if notice.published {
                notice.revision += 1;
                notice.published = false;
                notice.salt = self.entropy.hex(16);
                self.storage.add_revision(notice, now).await?;
            } else {
                self.storage
                    .set_contents(&notice.id, notice.revision, &notice.contents)
                    .await?;
            }
        }
        Ok(notices)
    }

    /// The boards with these sources, or with their own documents under these names.
    pub fn boards_of<'a>(&self, sources: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
        let sources: BTreeSet<&str> = sources.into_iter().collect();
        self.config
            .boards
            .iter()
            .filter(|board| {
                sources.contains(ledger_name(&board.id).as_str())
                    || board
                        .sources
                        .iter()
                        .any(|source| sources.contains(source.id.as_str()))
            })
            .map(|board| board.id.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests;
