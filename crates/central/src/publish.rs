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
//! It may have come in the place of another: as long as a source of the board has had none, what hangs of sources that
//! the board no longer has goes on hanging. Where no source has had one, the notices stay as they were published last.
//! Alerts wait for none of that: until the first time they are published with notices that no display can read, so that
//! each keeps those it has, or says that it waits for them, and none shows an empty board.
//!
//! Whatever cannot be read stays as it was published last, and keeps nothing else back: neither a notice nor an alert
//! leaves because bytes are damaged.
//!
//! A publisher holds no storage: whoever has a board published, or asks for what is signed of it, hands in the storage
//! that it may see. For a job it is that of its town, for a display that of its board, and what `all_boards.rs` does is
//! handed that of the whole service.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;
use vyveska_board::{Clock, DocumentHash};
use vyveska_wire::envelope::EnvelopeError;
use vyveska_wire::keys::KeyPair;
use vyveska_wire::limits::MAX_DOCUMENT_BYTES;
use vyveska_wire::manifest::ContentRef;
use vyveska_wire::section::{NOTICES_UNKNOWN, NoticesSection};

use crate::alarm::{self, AllOfKind};
use crate::coat_of_arms::CoatOfArmsError;
use crate::config::{BoardConfig, Config};
use crate::document::BlobError;
use crate::document::blobs::Blobs;
use crate::entropy::Entropy;
use crate::error::causes;
use crate::information::InformationError;
use crate::published_board;
use crate::storage::{
    AlarmSubject, CurrentNotice, HeldContent, NewPublication, Preparation, ServiceStorage, Storage,
    StorageError,
};

mod all_boards;
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
/// The kind of the alarm that the information of a board cannot be read.
pub(crate) const INFORMATION: &str = "information";
/// The kind of the alarm that the alerts of a board cannot be read.
pub(crate) const ALERTS: &str = "alerts";
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
    #[error("there is no board {0:?}")]
    UnknownBoard(String),
    /// The coat of arms cannot be used.
    #[error("the coat of arms of {board:?} cannot be used")]
    CoatOfArms {
        board: String,
        #[source]
        source: CoatOfArmsError,
    },
    /// The board's alerts cannot be read.
    #[error("the alerts of {board:?} cannot be read")]
    Alerts {
        board: String,
        #[source]
        source: InformationError,
    },
    /// The board's information cannot be read.
    #[error("the information of {board:?} cannot be read")]
    Information {
        board: String,
        #[source]
        source: InformationError,
    },
}

/// What is published of sources.
#[derive(Default)]
struct Current {
    notices: Vec<CurrentNotice>,
    missing: MissingDocuments,
    preparations: BTreeMap<DocumentHash, Preparation>,
}

impl Current {
    fn add(&mut self, other: Self) {
        self.notices.extend(other.notices);
        self.missing.extend(other.missing);
        self.preparations.extend(other.preparations);
    }
}

pub struct Publisher {
    blobs: Blobs,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    key: KeyPair,
    config: Arc<Config>,
    extras: AllBoardExtras,
    /// One publication of each board at a time within this process, so that no board waits for another; storage detects
    /// those of other processes.
    publishing: HashMap<String, Mutex<()>>,
    /// One manifest at a time that is signed beside publications.
    signing: Mutex<()>,
    /// What the clock said last, by the id of the board that followed it then.
    checked_at: std::sync::Mutex<HashMap<String, DateTime<Utc>>>,
    newest: NewestManifests,
    claims: Claims,
    /// Those about assignments, by display.
    assignment_claims: Claims,
    /// The largest publication, of any board and process, that was announced here.
    announced: AtomicI64,
}

impl Publisher {
    /// A publisher of the configured boards.
    ///
    /// A board whose coat of arms, information or alerts cannot be read or stored goes on with those of its newest
    /// publication, and is among the alarms that are returned.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub(crate) async fn new(
        service: &dyn ServiceStorage,
        blobs: Blobs,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        key: KeyPair,
        config: Arc<Config>,
    ) -> Result<(Self, Vec<AllOfKind>), PublishError> {
        let now = clock.now().earliest;
        let (extras, unusable) = AllBoardExtras::read(&config.boards, service, &blobs, now).await?;
        let boards = config.boards.iter();
        let publishing = boards.map(|board| (board.id.clone(), Mutex::default()));
        let publishing = publishing.collect();
        let announced = AtomicI64::new(service.newest_publication().await?);
        let publisher = Self {
            blobs,
            clock,
            entropy,
            key,
            config,
            extras,
            publishing,
            signing: Mutex::default(),
            checked_at: std::sync::Mutex::default(),
            newest: NewestManifests::default(),
            claims: Claims::default(),
            assignment_claims: Claims::default(),
            announced,
        };
        Ok((publisher, unusable))
    }

    /// A channel that changes with every publication of a board.
    pub fn subscribe(&self, board: &str) -> NewestManifest {
        self.newest.subscribe(board)
    }

    /// Announces the newest manifest of a board to whoever waits for it.
    async fn announce(
        &self,
        storage: &dyn Storage,
        board: &str,
        publication: i64,
    ) -> Result<(), PublishError> {
        if self.newest.lacks(board, publication) {
            self.announcement(storage, board).await?;
        }
        Ok(())
    }

    /// Publishes a board if anything of it changed; returns when it changes next by itself.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn publish(
        &self,
        storage: &dyn Storage,
        board: &str,
    ) -> Result<Option<DateTime<Utc>>, PublishError> {
        let (Some(publishing), Some(board)) =
            (self.publishing.get(board), self.config.board(board))
        else {
            return Ok(None);
        };
        let _publishing = publishing.lock().await;
        for _ in 0..ATTEMPTS {
            match self.publish_once(storage, board).await {
                Err(PublishError::Storage(StorageError::Conflict)) => {}
                other => return other,
            }
        }
        Err(StorageError::Conflict.into())
    }

    async fn publish_once(
        &self,
        storage: &dyn Storage,
        board: &BoardConfig,
    ) -> Result<Option<DateTime<Utc>>, PublishError> {
        // Read before anything else: what another process publishes from now on makes this attempt a conflict, so that
        // nothing older than a publication follows it.
        let before = storage.publication(&board.id).await?;
        let extras = self.extras.of(&board.id);
        let has_alerts = (extras.alerts.as_ref()).is_some_and(|section| !section.alerts.is_empty());
        let had_notices = before
            .as_ref()
            .is_some_and(|one| published_board::has_notices(&one.sections));
        let mut source_boards = Vec::new();
        let mut current = Current::default();
        let now = self.clock.now();
        for source in &board.sources {
            let source_board = storage.source_board(&source.id).await?;
            if source_board.is_none() && before.is_none() && !has_alerts {
                return Ok(None);
            }
            let alarm = (source_board.is_none() && had_notices).then(|| {
                "no poll of this source was accepted yet: its notices are not shown".to_owned()
            });
            let subject = AlarmSubject::Source(&source.id);
            alarm::note(storage, UNACCEPTED, subject, alarm.as_deref(), now.earliest).await?;
            let Some(source_board) = source_board else {
                continue;
            };
            source_boards.push(source_board);
            let its = self.current(storage, &source.id).await?;
            for (kind, alarm) in its.missing.alarms(&board.id, &its.notices, &now) {
                alarm::note(storage, kind, subject, alarm.as_deref(), now.earliest).await?;
            }
            current.add(its);
        }
        let mut kept = None;
        if source_boards.len() < board.sources.len() {
            let (content, section) = match before.as_ref().filter(|_| had_notices) {
                Some(before) => {
                    let content = before.sections.notices;
                    let section = last::read(&self.blobs, &board.id, content);
                    (content, section.await)
                }
                None => (ContentRef::to(NOTICES_UNKNOWN), None),
            };
            match section {
                Some(section) if !source_boards.is_empty() => {
                    current.add(self.replaced(storage, board, &section).await?);
                }
                section => {
                    current = Current::default();
                    kept = Some((content, section));
                }
            }
        }
        let own = storage.preparations(&ledger_name(&board.id)).await?;
        current.preparations.extend(own);
        let Current {
            notices,
            missing,
            preparations,
        } = current;
        let subject = AlarmSubject::Board(&board.id);
        // What was told of notices that are kept still holds.
        if kept.is_none() {
            let alarm = doubtful::message(&board.id, &notices, &preparations, &now);
            let (kind, alarm) = (doubtful::DRAWING, alarm.as_deref());
            alarm::note(storage, kind, subject, alarm, now.earliest).await?;
        }
        let mut made = BoardSections::make(
            board,
            source_boards.first(),
            CurrentNotices {
                notices: &notices,
                missing: &missing,
            },
            &extras,
            &preparations,
            &now,
        );
        if let Some(before) = &before {
            made.keep_unknown(&extras, &before.sections);
        }
        if let Some((content, section)) = &kept {
            made.keep_notices(*content, section.as_ref());
        }
        if kept.is_none() {
            let alarm = made.shortened.as_ref().map(ToString::to_string);
            alarm::note(storage, SHORTENED, subject, alarm.as_deref(), now.earliest).await?;
        }
        for (section, bytes) in made.parts() {
            if let Some(bytes) = bytes
                && !self
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
                storage
                    .set_changes_at(publication.id, made.changes_at)
                    .await?;
            }
            // Another key may have signed it.
            self.manifest(storage, &board.id, 0).await?;
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
            manifest: self.sign(storage, &board.id, &sections, 0).await?,
            sections,
            changes_at: made.changes_at,
            content: content.into_values().collect(),
            revisions: made.revisions.clone(),
        };
        let publication = storage.publish(&board.id, &new, now.earliest).await?;
        tracing::info!(
            board = board.id,
            publication = publication.id,
            revisions = made.revisions.len(),
            "published"
        );
        // It is published all the same, and announced with what other processes publish.
        if let Err(error) = self.announce(storage, &board.id, publication.id).await {
            let error = causes(&error);
            tracing::warn!(board = board.id, error, "a publication is announced later");
        }
        Ok(made.changes_at)
    }

    /// What is published of a source.
    async fn current(&self, storage: &dyn Storage, source: &str) -> Result<Current, PublishError> {
        Ok(Current {
            notices: self.with_documents(storage, source).await?,
            missing: MissingDocuments::new(storage.missing(source).await?),
            preparations: storage.preparations(source).await?,
        })
    }

    /// What is published of the notices in this section that are of sources which the board no longer has.
    async fn replaced(
        &self,
        storage: &dyn Storage,
        board: &BoardConfig,
        section: &NoticesSection,
    ) -> Result<Current, PublishError> {
        let hanging: BTreeSet<&str> = section.notices.iter().map(|one| one.id.as_str()).collect();
        let stored = storage.boards().await?;
        let stored = stored.iter().filter(|one| one.id == board.id);
        let mut current = Current::default();
        for source in stored.flat_map(|one| &one.sources) {
            if board.sources.iter().any(|one| one.id == source.id) {
                continue;
            }
            let mut its = self.current(storage, &source.id).await?;
            its.notices.retain(|one| hanging.contains(one.id.as_str()));
            current.add(its);
        }
        Ok(current)
    }

    /// The live notices of a source, with the current bytes of their documents.
    async fn with_documents(
        &self,
        storage: &dyn Storage,
        source: &str,
    ) -> Result<Vec<CurrentNotice>, PublishError> {
        let held = storage.contents(source).await?;
        let mut notices = storage.current_notices(source).await?;
        let (mut changed, mut added) = (Vec::new(), Vec::new());
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
                notice.facts.forget_former_addresses();
                notice.revision += 1;
                notice.published = false;
                notice.salt = self.entropy.hex(16);
                added.push(notice.clone());
            } else {
                changed.push(notice.revision_contents());
            }
        }
        if !changed.is_empty() {
            storage.set_contents(&changed).await?;
        }
        if !added.is_empty() {
            let now = self.clock.now().earliest;
            storage.add_revisions(&added, now).await?;
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
