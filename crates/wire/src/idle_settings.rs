//! The idle rotation of a display.

use serde::{Deserialize, Serialize};
use vyveska_board::settings::{IdlePauseSeconds, IdlePictureSeconds};

/// What is shown between the pages of titles, and for how long.
///
/// The time of a page of titles is [`crate::section::SettingsSection::idle_page_seconds`];
/// displays shorten it where a board is so large that not every title would be seen within two minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IdleSettings {
    /// The kinds alternate in this order; what is left out is not shown.
    pub between: Vec<IdleKind>,
    /// How long a new notice is shown.
    pub notice_seconds: IdlePictureSeconds,
    /// How long a page of what ends today and tomorrow is shown.
    pub ending_seconds: IdlePictureSeconds,
    /// How long a page of information is shown.
    pub information_seconds: IdlePictureSeconds,
    /// After how long a paused rotation resumes by itself.
    pub pause_seconds: IdlePauseSeconds,
}

/// A kind of picture between the pages of titles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdleKind {
    /// New notices, one by one, each with its first page.
    New,
    /// What ends today and tomorrow.
    Ending,
    /// Pages of the town's information.
    Information,
    /// A kind of a newer central service; it is skipped.
    #[serde(other)]
    Unknown,
}

impl Default for IdleSettings {
    fn default() -> Self {
        Self {
            between: vec![IdleKind::New, IdleKind::Ending, IdleKind::Information],
            notice_seconds: IdlePictureSeconds::default(),
            ending_seconds: IdlePictureSeconds::default(),
            information_seconds: IdlePictureSeconds::default(),
            pause_seconds: IdlePauseSeconds::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_has_its_default_and_what_is_unknown_is_no_error() {
        let json = r#"{"between":["information","weather","new"],"pause_seconds":90}"#;
        let read: IdleSettings = serde_json::from_str(json).unwrap();
        assert_eq!(
            read,
            IdleSettings {
                between: vec![IdleKind::Information, IdleKind::Unknown, IdleKind::New],
                pause_seconds: IdlePauseSeconds::nearest(90),
                ..IdleSettings::default()
            }
        );
    }
}
