//! Information and alerts of boards, read again when their files change.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use vyveska_board::DocumentHash;
use vyveska_wire::section::{AlertsSection, InformationSection};

use super::{PublishError, last};
use crate::config::{BoardConfig, Config};
use crate::document::blobs::Blobs;
use crate::error::causes;
use crate::information::{BoardInformation, Enclosure, FileStamp};
use crate::storage::{HeldContent, Preparation, Storage};

/// Information and alerts of a board; the bytes of its pictures and documents are stored.
#[derive(Debug, Clone, Default)]
pub(super) struct BoardExtras {
    /// Pages and surveys.
    pub(super) information: InformationSection,
    pub(super) alerts: AlertsSection,
    /// The pictures the pages name.
    pub(super) pictures: Vec<HeldContent>,
    /// The documents the pages name.
    pub(super) documents: Vec<HeldContent>,
}

impl BoardExtras {
    /// Pages and surveys, with what was prepared of their documents.
    pub(super) fn prepared(
        &self,
        preparations: &BTreeMap<DocumentHash, Preparation>,
    ) -> InformationSection {
        let mut information = self.information.clone();
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

/// Information and alerts of every board, by the board's id.
#[derive(Debug, Default)]
pub(super) struct AllBoardExtras(Mutex<HashMap<String, (FileStamp, Arc<BoardExtras>)>>);

impl AllBoardExtras {
    /// Reads the files of every board. Boards whose files are invalid have what they published last; why, by their ids.
    pub(super) async fn read(
        config: &Config,
        storage: &dyn Storage,
        blobs: &Blobs,
    ) -> Result<(Self, BTreeMap<String, String>), PublishError> {
        let (mut boards, mut unusable) = (HashMap::new(), BTreeMap::new());
        for board in &config.boards {
            let stamp = stamp(board);
            let extras = match read(board, blobs).await {
                Err(error @ PublishError::Information { .. }) => {
                    unusable.insert(board.id.clone(), causes(&error));
                    last_published(storage, blobs, &board.id).await?
                }
                read => read?,
            };
            boards.insert(board.id.clone(), (stamp, Arc::new(extras)));
        }
        Ok((Self(Mutex::new(boards)), unusable))
    }

    /// Information and alerts of a board.
    pub(super) fn of(&self, board: &str) -> Arc<BoardExtras> {
        let boards = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        boards
            .get(board)
            .map(|(_, extras)| Arc::clone(extras))
            .unwrap_or_default()
    }

    /// Has a board's files read again although they did not change: they could not be published.
    pub(super) fn refresh_again(&self, board: &str) {
        let mut boards = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((stamp, _)) = boards.get_mut(board) {
            *stamp = FileStamp::default();
        }
    }

    /// Reads a board's files again when they changed; returns whether they were read.
    ///
    /// Invalid files change nothing, and are an error once.
    pub(super) async fn refresh(
        &self,
        board: &BoardConfig,
        blobs: &Blobs,
    ) -> Result<bool, PublishError> {
        let stamp = stamp(board);
        {
            let mut boards = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let (known, _) = boards.entry(board.id.clone()).or_default();
            if *known == stamp {
                return Ok(false);
            }
            *known = stamp;
        }
        let extras = read(board, blobs).await?;
        tracing::info!(board = board.id, "information and alerts were read again");
        let mut boards = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = boards.get_mut(&board.id) {
            *known = Arc::new(extras);
        }
        Ok(true)
    }
}

fn files(board: &BoardConfig) -> impl Iterator<Item = &Path> {
    let files = board.information.iter().chain(&board.alerts);
    files.map(std::path::PathBuf::as_path)
}

fn stamp(board: &BoardConfig) -> FileStamp {
    FileStamp::of(files(board))
}

/// Stores the pictures and documents of a board's pages again.
pub(super) async fn store(board: &BoardConfig, blobs: &Blobs) -> Result<(), PublishError> {
    read(board, blobs).await.map(drop)
}

async fn read(board: &BoardConfig, blobs: &Blobs) -> Result<BoardExtras, PublishError> {
    let wrong = |source| PublishError::Information {
        board: board.id.clone(),
        source,
    };
    let (information, alerts) = (board.information.clone(), board.alerts.clone());
    let read = tokio::task::spawn_blocking(move || {
        BoardInformation::read(information.as_deref(), alerts.as_deref())
    })
    .await
    .expect("reading a file does not panic")
    .map_err(wrong)?;
    Ok(BoardExtras {
        information: read.information,
        alerts: read.alerts,
        pictures: keep(read.pictures, blobs).await?,
        documents: keep(read.documents, blobs).await?,
    })
}

/// Information and alerts of the newest publication; none before the first.
async fn last_published(
    storage: &dyn Storage,
    blobs: &Blobs,
    board: &str,
) -> Result<BoardExtras, PublishError> {
    let information = last::section(storage, blobs, board, |all| all.information).await?;
    let information: InformationSection = information.unwrap_or_default();
    let alerts = last::section(storage, blobs, board, |all| all.alerts).await?;
    let pages = information.pages.iter();
    let documents = pages.flat_map(|page| page.content.documents());
    let documents = documents.filter_map(|document| document.content).collect();
    Ok(BoardExtras {
        pictures: last::named(storage, board, information.content().collect()).await?,
        documents: last::named(storage, board, documents).await?,
        information,
        alerts: alerts.unwrap_or_default(),
    })
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
