//! The board as the state machine sees it: verified, and in the domain's own types.

use chrono::{DateTime, Utc};
use vyveska_board::{LanguageMap, Notice};
use vyveska_wire::alert::AlertRecord;
use vyveska_wire::information::InformationSection;
use vyveska_wire::journal::NoticeRef;
use vyveska_wire::manifest::{Addressee, ContentHash, Manifest};
use vyveska_wire::section::{AlertsSection, NoticesSection, SettingsSection, language_map};

use super::published::Published;

/// A verified board, ready to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct BoardContent {
    pub manifest: u64,
    /// Whom its manifest is addressed to: a board, or this display by an older central service.
    pub addressee: Addressee,
    /// When central signed it.
    pub created: DateTime<Utc>,
    pub notices_hash: ContentHash,
    /// All notices delivered, including those that start later.
    pub notices: Vec<BoardNotice>,
    pub information: InformationSection,
    /// The documents that information pages offer for reading on the kiosk.
    pub published: Vec<Published>,
    /// Alerts, including those that start later.
    pub alerts: Vec<AlertRecord>,
    /// The operator of the board and the kiosk's settings.
    pub settings: SettingsSection,
    pub town: LanguageMap,
}

/// A notice and its identity in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardNotice {
    pub notice: Notice,
    /// Its identifier, revision and salted hash.
    pub reference: NoticeRef,
}

/// What stands in the place of a notices section while none has been usable: the alerts and settings of a manifest do
/// not wait for it. Central never publishes these bytes.
pub(crate) const NO_NOTICES: &[u8] =
    br#"{"board":{"iri":"","name":{}},"notices":[],"unknown":true}"#;

impl BoardContent {
    /// Whether the notices are known, even if there are none.
    pub fn has_notices(&self) -> bool {
        self.notices_hash != ContentHash::of(NO_NOTICES)
    }

    /// Builds the board from a verified manifest and the sections in use with it.
    pub fn new(
        manifest: &Manifest,
        notices_hash: ContentHash,
        notices: &NoticesSection,
        information: InformationSection,
        alerts: AlertsSection,
        settings: SettingsSection,
    ) -> Self {
        Self {
            manifest: manifest.number,
            addressee: manifest.to.clone(),
            created: manifest.created,
            notices_hash,
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
