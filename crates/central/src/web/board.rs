//! A published board, read from its sections' bytes.

use std::sync::{Arc, PoisonError};

use vyveska_board::posting::{PostingRules, posted};
use vyveska_board::{DocumentHash, Notice};
use vyveska_wire::manifest::ContentHash;
use vyveska_wire::section::{BoardRecord, NoticesSection, SettingsSection, Texts};

use super::error::WebError;
use crate::http_service::Service;

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

impl PublishedBoard {
    /// The board's newest publication.
    pub(super) async fn load(service: &Service, id: &str) -> Result<Arc<Self>, WebError> {
        if service.config.board(id).is_none() {
            return Err(WebError::NoPage);
        }
        let publication = service.storage.publication(id).await?;
        let sections = publication.ok_or(WebError::NothingPublished)?.sections;
        let known = {
            let boards = service
                .boards
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            boards.get(id).cloned()
        };
        let same = |board: &Arc<Self>| {
            board.section == sections.notices.hash
                && board.settings_section == sections.settings.hash
        };
        if let Some(board) = known.filter(same) {
            return Ok(board);
        }
        let notices = service.blobs.get(sections.notices.hash.0).await?;
        let settings = service.blobs.get(sections.settings.hash.0).await?;
        let unreadable = |error: serde_json::Error| WebError::Internal(Box::new(error));
        let notices: NoticesSection = serde_json::from_slice(&notices).map_err(unreadable)?;
        let settings: SettingsSection = serde_json::from_slice(&settings).map_err(unreadable)?;
        let board = Arc::new(Self {
            section: sections.notices.hash,
            settings_section: sections.settings.hash,
            id: id.to_owned(),
            record: notices.board,
            notices: notices
                .notices
                .iter()
                .map(|record| record.to_notice())
                .collect(),
            settings,
        });
        let mut boards = service
            .boards
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        boards.insert(id.to_owned(), board.clone());
        Ok(board)
    }

    /// The notices posted now, newest first.
    ///
    /// A notice delivered early is not public before its start.
    pub(super) fn posted(&self, service: &Service) -> Vec<&Notice> {
        posted(
            &self.notices,
            &service.clock.now(),
            &PostingRules::default(),
        )
    }

    /// Whether a picture of the settings has this hash.
    pub(super) fn shows_picture(&self, hash: DocumentHash) -> bool {
        self.settings
            .coat_of_arms
            .is_some_and(|coat| coat.hash.0 == hash)
    }

    /// The municipality's name in Czech.
    pub(super) fn town(&self) -> &str {
        in_czech(&self.settings.town)
    }
}

/// The Czech text, or any.
pub(super) fn in_czech(texts: &Texts) -> &str {
    texts
        .get("cs")
        .or_else(|| texts.values().next())
        .map_or("", String::as_str)
}
