//! Published boards, read from their sections' bytes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use tokio::time::Instant;
use vyveska_board::posting::{PostingRules, posted};
use vyveska_board::{ClockBounds, DocumentHash, Notice, NoticeId};
use vyveska_wire::manifest::{ContentHash, ContentRef, Sections};
use vyveska_wire::section::{BoardRecord, NOTICES_UNKNOWN, NoticesSection, SettingsSection, Texts};

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
    open_data: Mutex<Option<Arc<OpenData>>>,
}

/// A board as open data.
pub struct OpenData {
    /// The notices that were posted then.
    posted: Vec<NoticeId>,
    pub text: Bytes,
    pub etag: String,
}

/// The boards as last read, by id.
#[derive(Default)]
pub struct PublishedBoards {
    read: Mutex<HashMap<String, LastRead>>,
    silent_at: Mutex<Option<Instant>>,
}

/// For how long nobody waits again for a database that did not answer.
const SILENCE: Duration = Duration::from_secs(5);

/// A board as it was last read.
#[derive(Clone)]
pub struct LastRead {
    pub board: Arc<PublishedBoard>,
    /// When storage last said that nothing newer is published.
    pub at: DateTime<Utc>,
}

impl PublishedBoards {
    /// The board's newest publication; `None` before the first that has notices.
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
        if !has_notices(&sections) {
            return Ok(None);
        }
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
            open_data: Mutex::default(),
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

    /// The database did not answer in time.
    pub fn note_silence(&self) {
        *self.silent_at() = Some(Instant::now());
    }

    /// Whether it did not a moment ago, so that nobody has to wait for that again.
    pub fn is_silent(&self) -> bool {
        self.silent_at().is_some_and(|at| at.elapsed() < SILENCE)
    }

    fn silent_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.silent_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn boards(&self) -> MutexGuard<'_, HashMap<String, LastRead>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PublishedBoard {
    /// The notices posted now, newest first.
    ///
    /// A notice delivered early is not public before its start.
    pub fn posted(&self, now: &ClockBounds) -> Vec<&Notice> {
        posted(&self.notices, now, &PostingRules::default())
    }

    /// The notices posted now as open data; `write` is called where it has not written the same ones last. Others wait for
    /// it.
    ///
    /// # Errors
    ///
    /// When `write` fails.
    pub fn open_data<E>(
        &self,
        now: &ClockBounds,
        write: impl FnOnce(&[&Notice]) -> Result<String, E>,
    ) -> Result<Arc<OpenData>, E> {
        let mut last = self
            .open_data
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let notices = self.posted(now);
        let posted = || notices.iter().map(|notice| &notice.id);
        if let Some(same) = last.as_ref().filter(|last| last.posted.iter().eq(posted())) {
            return Ok(same.clone());
        }
        let text = write(&notices)?;
        let written = Arc::new(OpenData {
            posted: posted().cloned().collect(),
            etag: format!("\"{}\"", DocumentHash::of(text.as_bytes())),
            text: text.into(),
        });
        *last = Some(written.clone());
        Ok(written)
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

/// Whether the notices of a publication are known, even if there are none.
pub fn has_notices(sections: &Sections) -> bool {
    sections.notices != ContentRef::to(NOTICES_UNKNOWN)
}

/// The Czech text, or any.
pub fn in_czech(texts: &Texts) -> &str {
    texts
        .get("cs")
        .or_else(|| texts.values().next())
        .map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use vyveska_board::Revision;
    use vyveska_wire::section::MomentRecord;

    use super::*;
    use crate::storage::NoticeFacts;

    #[test]
    fn open_data_are_written_once_for_the_same_notices() {
        let notice = |id: &str, until: &str| {
            let facts = NoticeFacts {
                posted: MomentRecord::Date("2026-11-01".parse().unwrap()),
                relevant_until: MomentRecord::Date(until.parse().unwrap()),
                ..NoticeFacts::default()
            };
            facts.notice(NoticeId::new(id), Revision::FIRST, &[])
        };
        let hash = ContentHash(DocumentHash::of(b"section"));
        let settings = r#"{ "town": { "cs": "Lipnice" }, "web_address": "lipnice.example" }"#;
        let board = PublishedBoard {
            section: hash,
            settings_section: hash,
            id: "lipnice".to_owned(),
            record: BoardRecord {
                iri: "https://lipnice.example/deska".to_owned(),
                name: Texts::new(),
                page: None,
                operator_ico: None,
            },
            notices: vec![notice("a", "2026-12-01"), notice("b", "2026-11-21")],
            settings: serde_json::from_str(settings).unwrap(),
            open_data: Mutex::default(),
        };
        let written = |day: u32, text: &'static str| {
            let now = format!("2026-11-{day}T12:00:00Z").parse().unwrap();
            let write = |notices: &[&Notice]| match text {
                "" => Err("it cannot be written"),
                text => Ok(format!("{text} {}", notices.len())),
            };
            let written = board.open_data(&ClockBounds::exact(now), write);
            written.map(|written| String::from_utf8(written.text.to_vec()).unwrap())
        };
        assert!(written(20, "").is_err());
        for (day, text, expected) in [
            (20, "first", "first 2"),
            (21, "again", "first 2"),
            (22, "later", "later 1"),
            (23, "", "later 1"),
        ] {
            assert_eq!(written(day, text).as_deref(), Ok(expected));
        }
    }
}
