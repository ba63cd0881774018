//! The idle rotation of a display.

use serde::{Deserialize, Serialize};

/// What is shown between the pages of titles, and for how long.
///
/// The time of a page of titles is [`crate::section::SettingsSection::idle_page_seconds`];
/// displays shorten it where a board is so large that not every title would be seen within two minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IdleSettings {
    /// The kinds alternate in this order; what is left out is not shown.
    pub between: Vec<IdleKind>,
    /// How long a new notice is shown, in seconds (5 to 30).
    pub notice_seconds: u32,
    /// How long a page of what ends today and tomorrow is shown, in seconds (5 to 30).
    pub ending_seconds: u32,
    /// How long a page of information is shown, in seconds (5 to 30).
    pub information_seconds: u32,
    /// After how long a paused rotation resumes by itself, in seconds (10 to 600).
    pub pause_seconds: u32,
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
            notice_seconds: 12,
            ending_seconds: 12,
            information_seconds: 12,
            pause_seconds: 60,
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
                pause_seconds: 90,
                ..IdleSettings::default()
            }
        );
    }
}
