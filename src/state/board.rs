//! The board as the state machine sees it: verified, and in the domain's own types.

use vyveska_board::{LanguageMap, Notice};
use vyveska_wire::alert::AlertRecord;
use vyveska_wire::information::InformationSection;
use vyveska_wire::journal::NoticeRef;
use vyveska_wire::manifest::{ContentHash, ContentRef};
use vyveska_wire::section::{AlertsSection, NoticesSection, SettingsSection, language_map};

use super::information::Published;

/// A verified board, ready to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct BoardContent {
    /// The number of the manifest it came with.
    pub manifest: u64,
    /// The hash of its notices section.
    pub notices_hash: ContentHash,
    /// Every notice delivered, also such as appear later.
    pub notices: Vec<BoardNotice>,
    /// Information pages and surveys.
    pub information: InformationSection,
    /// The documents that information pages offer to be read here.
    pub published: Vec<Published>,
    /// Messages over the board, also such as come later.
    pub alerts: Vec<AlertRecord>,
    /// Whose board it is and how the kiosk behaves.
    pub settings: SettingsSection,
    /// The municipality's name.
    pub town: LanguageMap,
}

/// A notice with the name journals give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardNotice {
    /// The notice.
    pub notice: Notice,
    /// Its identifier, revision and salted hash.
    pub reference: NoticeRef,
}

impl BoardContent {
    /// Puts verified sections together.
    pub fn new(
        manifest: u64,
        notices_ref: ContentRef,
        notices: &NoticesSection,
        information: InformationSection,
        alerts: AlertsSection,
        settings: SettingsSection,
    ) -> Self {
        Self {
            manifest,
            notices_hash: notices_ref.hash,
            notices: notices
                .notices
                .iter()
                .map(|record| BoardNotice {
                    notice: record.to_notice(),
                    reference: NoticeRef {
                        id: record.id.clone(),
                        revision: record.revision,
                        hash: record.salted_hash(),
                    },
                })
                .collect(),
            published: Published::all(&information),
            information,
            alerts: alerts.alerts,
            town: language_map(&settings.town),
            settings,
        }
    }
}
