//! Coat of arms, information and alerts of boards, each read again when its file changes.
//!
//! A file that cannot be used changes nothing of what the others say. What it said before goes on, and at the start what
//! the board published last. Where that cannot be read either, its section stays the one that was published, unread: a
//! standing alert is not to leave the screens because two files are damaged.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::DocumentHash;
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::section::{AlertsSection, InformationSection};

use super::{ALERTS, COAT_OF_ARMS, INFORMATION, PublishError, last};
use crate::alarm::AllOfKind;
use crate::coat_of_arms;
use crate::config::BoardConfig;
use crate::document::blobs::Blobs;
use crate::error::causes;
use crate::information::{
    BoardInformation, Enclosure, FileStamp, InformationError, read_alerts_file,
};
use crate::storage::{AlarmSubject, HeldContent, Preparation, Storage, StorageError};

/// The kinds of the alarms that a file of a board cannot be used.
const KINDS: [&str; 3] = [COAT_OF_ARMS, INFORMATION, ALERTS];

/// After how long a file that could not be used is read again although it did not change: a picture that it names may be
/// there by then, or the disk have room again.
pub(super) const AGAIN: TimeDelta = TimeDelta::minutes(1);

/// What the files of a board say; `None` where neither a file nor what it said when it was published last can be read.
#[derive(Debug, Clone)]
pub(super) struct BoardExtras {
    pub(super) coat_of_arms: Option<HeldContent>,
    pub(super) information: Option<Arc<Information>>,
    pub(super) alerts: Option<Arc<AlertsSection>>,
}

/// Pages and surveys; the bytes of their pictures and documents are stored.
#[derive(Debug, Default)]
pub(super) struct Information {
    section: InformationSection,
    /// The pictures the pages name.
    pictures: Vec<HeldContent>,
    /// The documents the pages name.
    pub(super) documents: Vec<HeldContent>,
}

impl Information {
    /// The pictures and documents the pages name.
    pub(super) fn content(&self) -> impl Iterator<Item = &HeldContent> {
        self.pictures.iter().chain(&self.documents)
    }

    /// Pages and surveys, with what was prepared of their documents.
    pub(super) fn prepared(
        &self,
        preparations: &BTreeMap<DocumentHash, Preparation>,
    ) -> InformationSection {
        let mut information = self.section.clone();
        let pages = information.pages.iter_mut();
        for document in pages.flat_map(|page| page.content.documents_mut()) {
            let made = document
                .content
                .and_then(|content| preparations.get(&content.hash.0));
            if let Some(made) = made {
                document.pages = made.pages;
                document.text = made.text;
                document.rendition = made.drawing.rendition;
                document.doubtful_pages = made.drawing.doubtful_pages.clone().into();
            }
        }
        information
    }
}

/// The name under which a board's own documents are registered in storage, beside those of sources.
///
/// No source has such a name: identifiers hold no colon.
pub(crate) fn ledger_name(board: &str) -> String {
    format!("board:{board}")
}

/// A file of a board, and what it says.
#[derive(Debug)]
struct Part<T> {
    /// Of the file when it was read last; `None` has it read in any case.
    stamp: Option<FileStamp>,
    /// `None` before anything could be read.
    said: Option<Arc<T>>,
    /// When what the file says could not be used, or not be stored.
    failed_at: Option<DateTime<Utc>>,
}

impl<T> Part<T> {
    fn is_due(&self, stamp: FileStamp, now: DateTime<Utc>) -> bool {
        let elapsed = |at| now.signed_duration_since(at).abs();
        self.stamp != Some(stamp) || self.failed_at.is_some_and(|at| elapsed(at) >= AGAIN)
    }
}

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self {
            stamp: None,
            said: None,
            failed_at: None,
        }
    }
}

#[derive(Debug, Default)]
struct Files {
    coat_of_arms: Part<Option<HeldContent>>,
    information: Part<Information>,
    alerts: Part<AlertsSection>,
}

/// What the files of every board say, by the board's id.
#[derive(Debug, Default)]
pub(super) struct AllBoardExtras(Mutex<HashMap<String, Files>>);

impl AllBoardExtras {
    /// Reads the files of these boards; what cannot be used, with the reason, is among the alarms that are returned.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub(super) async fn read(
        boards: &[BoardConfig],
        storage: &dyn Storage,
        blobs: &Blobs,
        now: DateTime<Utc>,
    ) -> Result<(Self, Vec<AllOfKind>), StorageError> {
        let extras = Self::default();
        let mut unusable = BTreeMap::from(KINDS.map(|kind| (kind, BTreeMap::new())));
        for board in boards {
            for (kind, read) in extras.refresh(board, storage, blobs, now).await? {
                if let Err(reason) = read {
                    let reasons = unusable.entry(kind).or_default();
                    reasons.insert(board.id.clone(), reason);
                }
            }
        }
        let alarms = unusable.into_iter().map(|(kind, messages)| AllOfKind {
            kind,
            of: |board| AlarmSubject::Board(board),
            messages,
        });
        let alarms = alarms.collect();
        Ok((extras, alarms))
    }

    fn with<R>(&self, board: &str, what: impl FnOnce(&mut Files) -> R) -> R {
        let mut boards = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        what(boards.entry(board.to_owned()).or_default())
    }

    /// What the files of a board say.
    pub(super) fn of(&self, board: &str) -> BoardExtras {
        self.with(board, |files| BoardExtras {
            coat_of_arms: files.coat_of_arms.said.as_deref().cloned().flatten(),
            information: files.information.said.clone(),
            alerts: files.alerts.said.clone(),
        })
    }

    /// Has a board's files read again although they did not change: what they say was lost, or could not be published.
    pub(super) fn refresh_again(&self, board: &str) {
        self.with(board, |files| {
            files.coat_of_arms.stamp = None;
            files.information.stamp = None;
            files.alerts.stamp = None;
        });
    }

    /// Reads those of a board's files that changed, and some time later those that could not be used: of which kind each
    /// is, and the reason where it cannot.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub(super) async fn refresh(
        &self,
        board: &BoardConfig,
        storage: &dyn Storage,
        blobs: &Blobs,
        now: DateTime<Utc>,
    ) -> Result<Vec<(&'static str, Result<(), String>)>, StorageError> {
        let id = board.id.as_str();
        let coat_of_arms = self.refresh_part(
            (id, board.coat_of_arms.as_deref()),
            |files| &mut files.coat_of_arms,
            read_coat_of_arms(board, blobs),
            last::coat_of_arms(storage, blobs, id),
            now,
        );
        let coat_of_arms = coat_of_arms.await?;
        let information = self.refresh_part(
            (id, board.information.as_deref()),
            |files| &mut files.information,
            read_information(board, blobs),
            last_information(storage, blobs, id),
            now,
        );
        let information = information.await?;
        let alerts = self.refresh_part(
            (id, board.alerts.as_deref()),
            |files| &mut files.alerts,
            read_alerts(board),
            last::section(storage, blobs, id, |all| all.alerts),
            now,
        );
        let read = [
            (COAT_OF_ARMS, coat_of_arms),
            (INFORMATION, information),
            (ALERTS, alerts.await?),
        ];
        Ok(read
            .into_iter()
            .filter_map(|(kind, read)| Some((kind, read?)))
            .collect())
    }

    /// Reads a file of a board where it is due; `last` is what stands in for it at the start.
    async fn refresh_part<T>(
        &self,
        (board, file): (&str, Option<&Path>),
        part: fn(&mut Files) -> &mut Part<T>,
        read: impl Future<Output = Result<T, PublishError>>,
        last: impl Future<Output = Result<Option<T>, StorageError>>,
        now: DateTime<Utc>,
    ) -> Result<Option<Result<(), String>>, StorageError> {
        let stamp = FileStamp::of(file).await;
        let (is_due, is_unknown) = self.with(board, |files| {
            let part = part(files);
            (part.is_due(stamp, now), part.said.is_none())
        });
        if !is_due {
            return Ok(None);
        }
        let (said, outcome) = match read.await {
            Ok(said) => (Some(said), Ok(())),
            Err(error) if is_unknown => (last.await?, Err(causes(&error))),
            Err(error) => (None, Err(causes(&error))),
        };
        if outcome.is_ok() && !is_unknown {
            tracing::info!(board, file = ?file, "a file of the board was read again");
        }
        self.with(board, |files| {
            let part = part(files);
            part.stamp = Some(stamp);
            part.failed_at = outcome.is_err().then_some(now);
            part.said = said.map(Arc::new).or(part.said.take());
        });
        Ok(Some(outcome))
    }
}

/// Reads and stores the coat of arms of a board.
async fn read_coat_of_arms(
    board: &BoardConfig,
    blobs: &Blobs,
) -> Result<Option<HeldContent>, PublishError> {
    let Some(path) = &board.coat_of_arms else {
        return Ok(None);
    };
    let path = path.clone();
    let read = tokio::task::spawn_blocking(move || coat_of_arms::read(&path)).await;
    let read = read.expect("reading a file does not panic");
    let bytes = read.map_err(|source| PublishError::CoatOfArms {
        board: board.id.clone(),
        source,
    })?;
    let size_bytes = bytes.len() as u64;
    Ok(Some(HeldContent {
        hash: ContentHash(blobs.put(bytes).await?),
        size_bytes,
        media_type: Some("image/png".to_owned()),
    }))
}

async fn read_information(board: &BoardConfig, blobs: &Blobs) -> Result<Information, PublishError> {
    let Some(path) = board.information.clone() else {
        return Ok(Information::default());
    };
    let read = read_file(move || BoardInformation::read(&path)).await;
    let read = read.map_err(|source| PublishError::Information {
        board: board.id.clone(),
        source,
    })?;
    Ok(Information {
        section: read.information,
        pictures: keep(read.pictures, blobs).await?,
        documents: keep(read.documents, blobs).await?,
    })
}

async fn read_alerts(board: &BoardConfig) -> Result<AlertsSection, PublishError> {
    match board.alerts.clone() {
        Some(path) => {
            let read = read_file(move || read_alerts_file(&path)).await;
            read.map_err(|source| PublishError::Alerts {
                board: board.id.clone(),
                source,
            })
        }
        None => Ok(AlertsSection::default()),
    }
}

/// Reading files would block the runtime.
async fn read_file<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, InformationError> + Send + 'static,
) -> Result<T, InformationError> {
    let read = tokio::task::spawn_blocking(read).await;
    read.expect("reading a file does not panic")
}

/// The information of the newest publication; `None` when it cannot be read.
async fn last_information(
    storage: &dyn Storage,
    blobs: &Blobs,
    board: &str,
) -> Result<Option<Information>, StorageError> {
    let section = last::section::<InformationSection>(storage, blobs, board, |all| all.information);
    let Some(section) = section.await? else {
        return Ok(None);
    };
    let pages = section.pages.iter();
    let documents = pages.flat_map(|page| page.content.documents());
    let documents = documents.filter_map(|document| document.content).collect();
    Ok(Some(Information {
        pictures: last::named(storage, board, section.content().collect()).await?,
        documents: last::named(storage, board, documents).await?,
        section,
    }))
}

async fn keep(enclosures: Vec<Enclosure>, blobs: &Blobs) -> Result<Vec<HeldContent>, PublishError> {
    let mut kept = Vec::new();
    for (content, media_type, bytes) in enclosures {
        blobs.put(bytes).await?;
        kept.push(HeldContent {
            hash: content.hash,
            size_bytes: content.size_bytes,
            media_type: Some(media_type.to_owned()),
        });
    }
    Ok(kept)
}
