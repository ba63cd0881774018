//! The tactile keys, and the keys of a keyboard that stand for them.

use slint::platform::Key as KeyboardKey;

/// What a tactile key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TactileKey {
    /// The next element.
    Next,
    /// The one before.
    Previous,
    /// The first element of the next part of the screen.
    NextSection,
    /// The first element of this part of the screen, or of the one before.
    PreviousSection,
    /// Does what touching the element does.
    Act,
    /// Whence one came; closes what is in front.
    Back,
    /// The whole board.
    WholeBoard,
    /// The last part of the screen: the bar.
    Bar,
    /// What was said last, again.
    Repeat,
    /// Nothing more, until the next key.
    Quiet,
    /// One step slower.
    Slower,
    /// One step faster.
    Faster,
    /// One step quieter.
    Quieter,
    /// One step louder.
    Louder,
    /// The document, from the page that is open.
    ReadDocument,
    /// What the keys do.
    Help,
    /// Reading aloud on or off.
    Speech,
    /// Stands for headphones being plugged in or out.
    Headphones,
}

/// Every key of a keyboard that stands for a tactile one.
const TABLE: &[(KeyboardKey, TactileKey)] = &[
    (KeyboardKey::DownArrow, TactileKey::Next),
    (KeyboardKey::UpArrow, TactileKey::Previous),
    (KeyboardKey::RightArrow, TactileKey::NextSection),
    (KeyboardKey::LeftArrow, TactileKey::PreviousSection),
    (KeyboardKey::Return, TactileKey::Act),
    (KeyboardKey::Escape, TactileKey::Back),
    (KeyboardKey::Home, TactileKey::WholeBoard),
    (KeyboardKey::End, TactileKey::Bar),
    (KeyboardKey::F5, TactileKey::Repeat),
    (KeyboardKey::Space, TactileKey::Quiet),
    (KeyboardKey::F2, TactileKey::Slower),
    (KeyboardKey::F3, TactileKey::Faster),
    (KeyboardKey::F4, TactileKey::Quieter),
    (KeyboardKey::F6, TactileKey::Louder),
    (KeyboardKey::F7, TactileKey::ReadDocument),
    (KeyboardKey::F1, TactileKey::Help),
    (KeyboardKey::F8, TactileKey::Speech),
    (KeyboardKey::F9, TactileKey::Headphones),
];

impl TactileKey {
    /// The tactile key that a key's text stands for.
    pub fn of(text: &str) -> Option<Self> {
        let mut letters = text.chars();
        let (letter, None) = (letters.next()?, letters.next()) else {
            return None;
        };
        TABLE
            .iter()
            .find(|(key, _)| char::from(*key) == letter)
            .map(|(_, key)| *key)
    }

    /// Whether it begins to read aloud when nothing is read yet.
    ///
    /// Only keys that nobody needs for typing: a keyboard may be attached for other reasons.
    pub const fn starts_speech(self) -> bool {
        !matches!(
            self,
            Self::Act | Self::Back | Self::WholeBoard | Self::Bar | Self::Quiet
        )
    }

    /// Whether holding it down repeats it.
    pub const fn repeats(self) -> bool {
        matches!(
            self,
            Self::Next | Self::Previous | Self::NextSection | Self::PreviousSection
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_one_meaning_and_letters_none() {
        for (key, meaning) in TABLE {
            let text = char::from(*key).to_string();
            assert_eq!(TactileKey::of(&text), Some(*meaning));
            assert_eq!(
                TABLE.iter().filter(|(_, other)| other == meaning).count(),
                1
            );
        }
        for text in ["a", "Ř", "", "ab", "\u{8}"] {
            assert_eq!(TactileKey::of(text), None, "{text:?}");
        }
    }
}
