//! The idle rotation of a board's displays.

use serde::Deserialize;
use vyveska_wire::idle_settings::{IdleKind, IdleSettings};

use super::{ConfigError, within};

/// `[boards.idle]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdleConfig {
    /// What is shown between the pages of titles: any of `new`, `ending` and `information`, in this order.
    pub between: Vec<BetweenConfig>,
    /// How long a new notice is shown, in seconds (5 to 30). Default 12.
    pub notice_seconds: u32,
    /// How long a page of notices ending today or tomorrow is shown, in seconds (5 to 30). Default 12.
    pub ending_seconds: u32,
    /// How long an information page is shown, in seconds (5 to 30). Default 12.
    pub information_seconds: u32,
    /// After how long a paused rotation resumes, in seconds (10 to 600). Default 60.
    pub pause_seconds: u32,
}

/// What is shown between two pages of titles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BetweenConfig {
    /// New notices, one by one.
    New,
    /// Notices that end today or tomorrow.
    Ending,
    /// Information pages of the town.
    Information,
}

impl Default for IdleConfig {
    fn default() -> Self {
        let settings = IdleSettings::default();
        Self {
            between: vec![
                BetweenConfig::New,
                BetweenConfig::Ending,
                BetweenConfig::Information,
            ],
            notice_seconds: settings.notice_seconds,
            ending_seconds: settings.ending_seconds,
            information_seconds: settings.information_seconds,
            pause_seconds: settings.pause_seconds,
        }
    }
}

impl IdleConfig {
    /// Converts to the wire type.
    pub fn settings(&self) -> IdleSettings {
        IdleSettings {
            between: self
                .between
                .iter()
                .map(|kind| match kind {
                    BetweenConfig::New => IdleKind::New,
                    BetweenConfig::Ending => IdleKind::Ending,
                    BetweenConfig::Information => IdleKind::Information,
                })
                .collect(),
            notice_seconds: self.notice_seconds,
            ending_seconds: self.ending_seconds,
            information_seconds: self.information_seconds,
            pause_seconds: self.pause_seconds,
        }
    }

    pub(super) fn check(&self, key: &str) -> Result<(), ConfigError> {
        for (name, value, from, to) in [
            ("notice_seconds", self.notice_seconds, 5, 30),
            ("ending_seconds", self.ending_seconds, 5, 30),
            ("information_seconds", self.information_seconds, 5, 30),
            ("pause_seconds", self.pause_seconds, 10, 600),
        ] {
            within(&format!("{key}.idle.{name}"), u64::from(value), from, to)?;
        }
        Ok(())
    }
}
