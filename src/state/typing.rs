//! Typing on the on-screen keyboard, or on a real one.
//!
//! A trembling finger or a drop of rain presses a key twice: the same key counts again only after a pause
//! (EN 301 549, 5.8), a longer one with low reach or reading aloud.
//! Keys held down do not repeat.

use std::time::Duration;

use vyveska_board::Language;

use super::preferences::Preferences;

/// The most letters in a field.
pub(super) const LONGEST: usize = 60;

/// Debounce time: the same key is ignored for this long.
const DEBOUNCE_TIME: Duration = Duration::from_millis(100);

/// Debounce time with low reach or reading aloud.
const DEBOUNCE_TIME_ASSISTED: Duration = Duration::from_millis(500);

/// Which letters the on-screen keyboard has, and in which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum KeyboardLayout {
    /// QWERTZ with ě š č ř ž ý á í é ú ů ď ť ň ó.
    #[default]
    Czech,
    /// QWERTZ with ä ö ü ß.
    German,
    /// QWERTY.
    English,
}

impl KeyboardLayout {
    pub fn of(language: Language) -> Self {
        match language {
            Language::Czech => Self::Czech,
            Language::German => Self::German,
            Language::English => Self::English,
        }
    }
}

/// The keys shown by a small keyboard; a large one shows all at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Layer {
    #[default]
    Letters,
    /// Accented letters.
    Marks,
    /// Digits and punctuation.
    Digits,
}

/// A key of the on-screen keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// A letter, a digit, a punctuation mark or a space.
    Letter(char),
    /// Deletes the last letter.
    Erase,
}

/// An action on a keyboard.
#[derive(Debug, Clone, PartialEq)]
pub enum TypingIntent {
    KeyPress(Key),
    /// Text from a real keyboard.
    Type(String),
    /// Backspace on a real keyboard.
    Erase,
    /// Clears the field.
    Clear,
    ChooseLayout(KeyboardLayout),
    /// Switches the keys of a small keyboard.
    ChooseLayer(Layer),
}

/// The time of a key press, and the debounce time that applies to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyPress {
    at: Duration,
    wait: Duration,
}

/// Ignores repeated presses of the same key within the debounce time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Debounce<K>(Option<(K, Duration)>);

impl<K> Default for Debounce<K> {
    fn default() -> Self {
        Self(None)
    }
}

impl<K: PartialEq> Debounce<K> {
    /// Whether the key press counts.
    pub(super) fn accepts(&mut self, key: K, key_press: KeyPress) -> bool {
        let repeated = self.0.as_ref().is_some_and(|(last, when)| {
            *last == key && key_press.at.saturating_sub(*when) < key_press.wait
        });
        self.0 = Some((key, key_press.at));
        !repeated
    }
}

impl KeyPress {
    pub(super) fn new(at: Duration, preferences: Preferences) -> Self {
        let wait = if preferences.reach || preferences.speech {
            DEBOUNCE_TIME_ASSISTED
        } else {
            DEBOUNCE_TIME
        };
        Self { at, wait }
    }
}

/// The content of a field and the state of its keyboard.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Typing {
    text: String,
    /// `None` follows the language of the interface.
    layout: Option<KeyboardLayout>,
    layer: Layer,
    debounce: Debounce<Key>,
}

impl Typing {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The layout while the interface is in this language.
    pub fn layout(&self, language: Language) -> KeyboardLayout {
        self.layout.unwrap_or(KeyboardLayout::of(language))
    }

    /// The keys a small keyboard shows.
    pub fn layer(&self) -> Layer {
        self.layer
    }

    /// Applies an action; says whether the text may have changed.
    pub(super) fn handle(&mut self, intent: TypingIntent, key_press: KeyPress) -> bool {
        match intent {
            TypingIntent::KeyPress(key) => {
                if !self.debounce.accepts(key, key_press) {
                    return false;
                }
                match key {
                    Key::Letter(letter) => self.push(letter.encode_utf8(&mut [0; 4])),
                    Key::Erase => {
                        self.text.pop();
                    }
                }
            }
            TypingIntent::Type(text) => self.push(&text),
            TypingIntent::Erase => {
                self.text.pop();
            }
            TypingIntent::Clear => self.replace(""),
            TypingIntent::ChooseLayout(layout) => {
                self.layout = Some(layout);
                self.layer = Layer::Letters;
                return false;
            }
            TypingIntent::ChooseLayer(layer) => {
                self.layer = layer;
                return false;
            }
        }
        true
    }

    pub(super) fn replace(&mut self, text: &str) {
        self.text.clear();
        self.text.extend(text.chars().take(LONGEST));
        self.layer = Layer::Letters;
    }

    fn push(&mut self, text: &str) {
        for letter in text.chars() {
            let space = letter.is_whitespace();
            let ends_with_space = self.text.is_empty() || self.text.ends_with(' ');
            if letter.is_control() && !space || space && ends_with_space {
                continue;
            }
            if self.text.chars().count() < LONGEST {
                self.text.push(if space { ' ' } else { letter });
            }
        }
        // After an accented letter or a digit most people want plain letters again; a space ends a number.
        if text == " " || self.layer == Layer::Marks {
            self.layer = Layer::Letters;
        }
    }
}
