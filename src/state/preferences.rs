//! The user's preferences: language, text size, contrast, reach, speech.
//!
//! They do not outlive the session: the idle reset restores the defaults.

use vyveska_board::Language;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum TextSize {
    /// The size the markup is designed for.
    #[default]
    Normal,
    /// 120 %.
    Large,
    /// 150 %. From here on a capital H is at least 7.3 mm high.
    Larger,
    /// 170 %.
    Largest,
}

/// The preferences of the present user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Preferences {
    pub language: Language,
    pub text_size: TextSize,
    /// High contrast: black, white and yellow, no motion.
    pub high_contrast: bool,
    /// Low reach: everything that can be touched is within reach from a wheelchair.
    pub reach: bool,
    /// The screen is read aloud.
    pub speech: bool,
}

impl TextSize {
    /// All sizes, the smallest first.
    pub const ALL: [Self; 4] = [Self::Normal, Self::Large, Self::Larger, Self::Largest];

    /// Its position among [`Self::ALL`], counted from 1.
    pub fn step(self) -> u8 {
        match self {
            Self::Normal => 1,
            Self::Large => 2,
            Self::Larger => 3,
            Self::Largest => 4,
        }
    }

    /// The factor to the usual size.
    pub fn factor(self) -> f32 {
        match self {
            Self::Normal => 1.0,
            Self::Large => 1.2,
            Self::Larger => 1.45,
            Self::Largest => 1.7,
        }
    }

    /// The next larger size; after the largest, the usual one.
    #[must_use]
    pub fn next(self) -> Self {
        Self::ALL[usize::from(self.step()) % Self::ALL.len()]
    }
}

impl Preferences {
    pub(super) fn next_language(&mut self) {
        let position = Language::ALL
            .iter()
            .position(|language| *language == self.language)
            .map_or(0, |position| (position + 1) % Language::ALL.len());
        self.language = Language::ALL[position];
    }
}
