//! Published boards, read from their sections' bytes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use vyveska_board::posting::{PostingRules, posted};
use vyveska_board::{ClockBounds, DocumentHash, Notice};
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::section::{BoardRecord, NoticesSection, SettingsSection, Texts};

use crate::document::BlobError;
use crate::document::blobs::Blobs;
use crate::storage::{Storage, StorageError};

/// Why a published board cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PublishedBoardError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error("a section cannot be read")]
    Section(#[from] serde_json::Error),
}

/// A board, read from the bytes its displays get.
pub struct PublishedBoard {
    /// The hash of the bytes it was read from.
    section: ContentHash,
    settings_section: ContentHash,
    /// Its identifier in addresses.
    pub id: String,
    pub record: BoardRecord,
    /// Every notice, the upcoming ones too.
    pub notices: Vec<Notice>,
    pub settings: SettingsSection,
}

/// The boards as last read, by id.
#[derive(Default)]
pub struct PublishedBoards(Mutex<HashMap<String, LastRead>>);

/// A board as it was last read.
#[derive(Clone)]
pub struct LastRead {
    pub board: Arc<PublishedBoard>,
    /// When storage last said that nothing newer is published.
    pub at: DateTime<Utc>,
}

impl PublishedBoards {
    /// The board's newest publication; `None` before the first.
    ///
    /// # Errors
    ///
    /// When storage fails, or its bytes are damaged.
    pub async fn newest(
        &self,
        id: &str,
        storage: &dyn Storage,
        blobs: &Blobs,
        now: DateTime<Utc>,
    ) -> Result<Option<Arc<PublishedBoard>>, PublishedBoardError> {
        let Some(publication) = storage.publication(id).await? else {
            return Ok(None);
        };
        let sections = publication.sections;
        let same = |known: &&mut LastRead| {
            known.board.section == sections.notices.hash
                && known.board.settings_section == sections.settings.hash
        };
        if let Some(known) = self.boards().get_mut(id).filter(same) {
            known.at = now;
            return Ok(Some(known.board.clone()));
        }
        let notices = blobs.get(sections.notices.hash.0).await?;
        let settings = blobs.get(sections.settings.hash.0).await?;
        let notices: NoticesSection = serde_json::from_slice(&notices)?;
        let board = Arc::new(PublishedBoard {
            section: sections.notices.hash,
            settings_section: sections.settings.hash,
            id: id.to_owned(),
            record: notices.board,
            notices: notices
                .notices
                .iter()
                .map(|record| record.to_notice())
                .collect(),
            settings: serde_json::from_slice(&settings)?,
        });
        let read = LastRead {
            board: board.clone(),
            at: now,
        };
        self.boards().insert(id.to_owned(), read);
        Ok(Some(board))
    }

    /// The board as it was last read, without asking storage.
    pub fn last_read(&self, id: &str) -> Option<LastRead> {
        self.boards().get(id).cloned()
    }

    fn boards(&self) -> MutexGuard<'_, HashMap<String, LastRead>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PublishedBoard {
    /// The notices posted now, newest first.
    ///
    /// A notice delivered early is not public before its start.
    pub fn posted(&self, now: &ClockBounds) -> Vec<&Notice> {
        posted(&self.notices, now, &PostingRules::default())
    }

    /// Whether a picture of the settings has this hash.
    pub fn shows_picture(&self, hash: DocumentHash) -> bool {
        self.settings
            .coat_of_arms
            .is_some_and(|coat| coat.hash.0 == hash)
    }

    /// The municipality's name in Czech.
    pub fn town(&self) -> &str {
        in_czech(&self.settings.town)
    }
}

/// The Czech text, or any.
pub fn in_czech(texts: &Texts) -> &str {
    texts
        .get("cs")
        .or_else(|| texts.values().next())
        .map_or("", String::as_str)
}
