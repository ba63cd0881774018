//! The tactile keys, and the keyboard keys mapped to them.

use slint::platform::Key as KeyboardKey;

/// The function of a tactile key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TactileKey {
    /// To the next element.
    Next,
    /// To the previous element.
    Previous,
    /// To the first element of the next section of the screen.
    NextSection,
    /// To the first element of this section, or of the previous one.
    PreviousSection,
    /// Activates the element.
    Act,
    /// Goes back, or closes what is in front.
    Back,
    /// To the list of every notice, from any screen.
    WholeBoard,
    /// To the last section of the screen: the bar.
    Bar,
    /// Repeats the last message.
    Repeat,
    /// Silence until the next key.
    Quiet,
    /// Slower by one step.
    Slower,
    /// Faster by one step.
    Faster,
    /// Quieter by one step.
    Quieter,
    /// Louder by one step.
    Louder,
    /// Reads the document from the current page.
    ReadDocument,
    /// Explains the keys.
    Help,
    /// Toggles reading aloud.
    Speech,
    /// Simulates plugging headphones in or out.
    Headphones,
}

/// The keyboard keys mapped to tactile keys.
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
    /// The tactile key of a keyboard key's text.
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

    /// Whether it switches reading aloud on.
    ///
    /// Only keys not needed for typing: a keyboard may be attached for other reasons.
    pub const fn starts_speech(self) -> bool {
        !matches!(
            self,
            Self::Act | Self::Back | Self::WholeBoard | Self::Bar | Self::Quiet
        )
    }

    /// Whether it repeats while held.
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
