//! How the person before the kiosk wants it.
//!
//! None of it outlives the visit: when the kiosk goes back to idle, the next passer-by finds the defaults.

use vyveska_board::Language;

/// How large text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum TextSize {
    /// As drawn.
    #[default]
    Normal,
    /// A fifth larger.
    Large,
    /// Half as large again. From here on a capital H is at least 7.3 mm high.
    Larger,
    /// Seven tenths larger.
    Largest,
}

/// How the person before the kiosk wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reader {
    /// The language of the interface.
    pub language: Language,
    /// How large text is.
    pub text_size: TextSize,
    /// Black, white and yellow, and nothing moves.
    pub high_contrast: bool,
    /// Everything that can be touched is within reach from a wheelchair.
    pub reach: bool,
    /// What the screen shows is read aloud.
    pub speech: bool,
}

impl TextSize {
    /// All of them, the smallest first.
    pub const ALL: [Self; 4] = [Self::Normal, Self::Large, Self::Larger, Self::Largest];

    /// Which step it is, counted from 1.
    pub fn step(self) -> u8 {
        match self {
            Self::Normal => 1,
            Self::Large => 2,
            Self::Larger => 3,
            Self::Largest => 4,
        }
    }

    /// How many times larger than usual.
    pub fn factor(self) -> f32 {
        match self {
            Self::Normal => 1.0,
            Self::Large => 1.2,
            Self::Larger => 1.45,
            Self::Largest => 1.7,
        }
    }

    /// The next larger one, and after the largest the usual one.
    #[must_use]
    pub fn next(self) -> Self {
        Self::ALL[usize::from(self.step()) % Self::ALL.len()]
    }
}

impl Reader {
    /// The next language.
    pub(super) fn next_language(&mut self) {
        let position = Language::ALL
            .iter()
            .position(|language| *language == self.language)
            .map_or(0, |position| (position + 1) % Language::ALL.len());
        self.language = Language::ALL[position];
    }
}
