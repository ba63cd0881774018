//! The idle rotation of a board's displays.

use serde::{Deserialize, Serialize};
use vyveska_board::settings::{IdlePauseSeconds, IdlePictureSeconds};
use vyveska_wire::idle_settings::{IdleKind, IdleSettings};

use super::ConfigError;
use super::check::check;

/// `[boards.idle]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdleConfig {
    /// What is shown between the pages of titles: any of `new`, `ending` and `information`, in this order.
    pub between: Vec<BetweenConfig>,
    /// How long a new notice is shown, in seconds.
    pub notice_seconds: u32,
    /// How long a page of notices ending today or tomorrow is shown, in seconds.
    pub ending_seconds: u32,
    /// How long an information page is shown, in seconds.
    pub information_seconds: u32,
    /// After how long a paused rotation resumes, in seconds.
    pub pause_seconds: u32,
}

/// What is shown between two pages of titles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BetweenConfig {
    /// New notices, one by one.
    New,
    /// Notices that end today or tomorrow.
    Ending,
    /// Information pages of the town.
    Information,
}

impl BetweenConfig {
    fn kind(self) -> IdleKind {
        match self {
            Self::New => IdleKind::New,
            Self::Ending => IdleKind::Ending,
            Self::Information => IdleKind::Information,
        }
    }

    /// `None` for a kind that cannot be configured.
    fn of(kind: IdleKind) -> Option<Self> {
        match kind {
            IdleKind::New => Some(Self::New),
            IdleKind::Ending => Some(Self::Ending),
            IdleKind::Information => Some(Self::Information),
            IdleKind::Unknown => None,
        }
    }
}

/// The defaults of displays.
impl Default for IdleConfig {
    fn default() -> Self {
        let between = IdleSettings::default().between;
        Self {
            between: between.into_iter().filter_map(BetweenConfig::of).collect(),
            notice_seconds: IdlePictureSeconds::default_value(),
            ending_seconds: IdlePictureSeconds::default_value(),
            information_seconds: IdlePictureSeconds::default_value(),
            pause_seconds: IdlePauseSeconds::default_value(),
        }
    }
}

impl IdleConfig {
    /// Converts to the wire type.
    pub fn settings(&self) -> IdleSettings {
        IdleSettings {
            between: self.between.iter().map(|kind| kind.kind()).collect(),
            notice_seconds: IdlePictureSeconds::nearest(self.notice_seconds),
            ending_seconds: IdlePictureSeconds::nearest(self.ending_seconds),
            information_seconds: IdlePictureSeconds::nearest(self.information_seconds),
            pause_seconds: IdlePauseSeconds::nearest(self.pause_seconds),
        }
    }

    pub(super) fn check(&self, key: &str) -> Result<(), ConfigError> {
        for (name, value) in [
            ("notice_seconds", self.notice_seconds),
            ("ending_seconds", self.ending_seconds),
            ("information_seconds", self.information_seconds),
        ] {
            check::<IdlePictureSeconds>(&format!("{key}.idle.{name}"), value)?;
        }
        check::<IdlePauseSeconds>(&format!("{key}.idle.pause_seconds"), self.pause_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_configured_is_as_displays_have_it_without_settings() {
        assert_eq!(IdleConfig::default().settings(), IdleSettings::default());
    }
}
