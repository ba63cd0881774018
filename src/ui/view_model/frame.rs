//! Header, footer, notes and appearance, which are the same on every screen.

use slint::Color;

use super::Picture;
use crate::state::TextSize;

/// Whose board and what time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HeaderView {
    /// „Město Lipnice nad Rolavou".
    pub town: String,
    /// „14:32"; empty while nothing bounds the time.
    pub time: String,
    /// „sobota 21. listopadu 2026"; empty together with the time.
    pub date: String,
    pub coat_of_arms: Option<Picture>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct FooterView {
    /// The web address as people type it.
    pub web_address: String,
    /// „část 1 ze 2, druhá je na nádraží"; empty when the board has one part.
    pub part: String,
    /// „14:31", or with the date when that is not today; empty before central was ever heard.
    pub data_as_of: String,
    /// Whether the data are older than they should be.
    pub stale: bool,
}

/// A sentence that stands under the header of every screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoteView {
    /// That only the Czech text of notices binds: for those who read another language.
    CzechBinds,
    /// That the board was out of service, and from when to when: „20. 11. 22.10 – 21. 11. 6.05".
    OutOfService(String),
    /// The time has not been verified for a day, or at all.
    TimeNotVerified,
}

/// The appearance of the whole screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LookView {
    pub scheme: Scheme,
    /// The town's colour, dark enough to be read.
    pub town: Color,
    pub text_size: TextSize,
    /// Whether everything that can be touched is within reach from a wheelchair.
    pub reach: bool,
    /// Whether what is shown is read aloud.
    pub speech: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Scheme {
    /// The colours of print.
    #[default]
    Day,
    /// Black, white and yellow.
    HighContrast,
    /// Warm and dark.
    Night,
}
