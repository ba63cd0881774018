//! What boards tell besides their notices, read again when its files change.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use vyveska_board::DocumentHash;
use vyveska_wire::section::{AlertsSection, InformationSection};

use super::PublishError;
use crate::config::{BoardConfig, Config};
use crate::document::blobs::Blobs;
use crate::information::{BoardInformation, Enclosure, FileStamp};
use crate::storage::{HeldContent, Preparation};

/// What a board tells, its pictures and documents kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    /// Pages and surveys.
    pub(super) information: InformationSection,
    /// Messages over the board.
    pub(super) alerts: AlertsSection,
    /// The pictures the pages name.
    pub(super) pictures: Vec<HeldContent>,
    /// The documents the pages name.
    pub(super) documents: Vec<HeldContent>,
}

impl Told {
    /// Pages and surveys, with what was made of their documents beside them.
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
            }
        }
        information
    }
}

/// Under which name documents that a board itself hands over stand among those of its sources.
///
/// No source is called so: identifiers hold no colon.
pub(super) fn ledger_name(board: &str) -> String {
    format!("board:{board}")
}

/// What every board tells, by the board's id.
#[derive(Debug, Default)]
pub(super) struct TellingBoards(Mutex<HashMap<String, (FileStamp, Arc<Told>)>>);

impl TellingBoards {
    /// Reads what every board tells.
    pub(super) async fn read(config: &Config, blobs: &Blobs) -> Result<Self, PublishError> {
        let mut boards = HashMap::new();
        for board in &config.boards {
            let stamp = stamp(board);
            let told = read(board, blobs).await?;
            boards.insert(board.id.clone(), (stamp, Arc::new(told)));
        }
        Ok(Self(Mutex::new(boards)))
    }

    /// What a board tells now.
    pub(super) fn of(&self, board: &str) -> Arc<Told> {
        let boards = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        boards
            .get(board)
            .map(|(_, told)| Arc::clone(told))
            .unwrap_or_default()
    }

    /// Reads a board's files again when they changed; says whether what it tells is another now.
    ///
    /// Files that are wrong change nothing.
    pub(super) async fn refresh(&self, board: &BoardConfig, blobs: &Blobs) -> bool {
        let stamp = stamp(board);
        {
            let mut boards = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let (known, _) = boards.entry(board.id.clone()).or_default();
            if *known == stamp {
                return false;
            }
            // What is wrong is told once, not every second.
            *known = stamp;
        }
        match read(board, blobs).await {
            Ok(told) => {
                tracing::info!(board = board.id, "information and messages were read again");
                let mut boards = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some((_, known)) = boards.get_mut(&board.id) {
                    *known = Arc::new(told);
                }
                true
            }
            Err(error) => {
                let error = anyhow::Error::from(error);
                tracing::error!(
                    board = board.id,
                    error = format!("{error:#}"),
                    "information and messages stay as they were"
                );
                false
            }
        }
    }
}

fn files(board: &BoardConfig) -> impl Iterator<Item = &Path> {
    let files = board.information.iter().chain(&board.alerts);
    files.map(std::path::PathBuf::as_path)
}

fn stamp(board: &BoardConfig) -> FileStamp {
    FileStamp::of(files(board))
}

async fn read(board: &BoardConfig, blobs: &Blobs) -> Result<Told, PublishError> {
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
    Ok(Told {
        information: read.information,
        alerts: read.alerts,
        pictures: keep(read.pictures, blobs).await?,
        documents: keep(read.documents, blobs).await?,
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
