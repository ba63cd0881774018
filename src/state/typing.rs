//! Typing on the keyboard of the screen, or on a real one.
//!
//! A finger that trembles, or a drop of rain, strikes a key twice: the same key counts again only after a moment
//! (EN 301 549, 5.8), a longer one for whoever has asked for the lower controls or for reading aloud.
//! Keys do not repeat while they are held.

use std::time::Duration;

use vyveska_board::Language;

use super::reader::Reader;

/// How many letters a field takes.
pub(super) const LONGEST: usize = 60;

/// The same key counts again after this long.
const DOUBLE_STRIKE: Duration = Duration::from_millis(100);

/// The same, for whoever has asked for help.
const DOUBLE_STRIKE_ASSISTED: Duration = Duration::from_millis(500);

/// Which letters the keyboard has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Layout {
    /// QWERTZ with ě š č ř ž ý á í é ú ů ď ť ň ó.
    #[default]
    Czech,
    /// QWERTZ with ä ö ü ß.
    German,
    /// QWERTY.
    English,
}

impl Layout {
    /// The letters of a language.
    pub fn of(language: Language) -> Self {
        match language {
            Language::Czech => Self::Czech,
            Language::German => Self::German,
            Language::English => Self::English,
        }
    }
}

/// Which keys a small keyboard shows; a large one shows all of them at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Layer {
    /// Letters.
    #[default]
    Letters,
    /// Letters with marks.
    Marks,
    /// Digits and signs.
    Digits,
}

/// A key of the keyboard on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// A letter, a digit, a sign or a space.
    Letter(char),
    /// Takes the last letter away.
    Erase,
}

/// What a passer-by does on a keyboard.
#[derive(Debug, Clone, PartialEq)]
pub enum TypingIntent {
    /// A key of the keyboard on the screen was struck.
    Strike(Key),
    /// Something was typed on a real keyboard.
    Type(String),
    /// The last letter was taken away on a real keyboard.
    Erase,
    /// Everything is to go.
    Clear,
    /// The letters of another language.
    ChooseLayout(Layout),
    /// Other keys of a small keyboard.
    ChooseLayer(Layer),
}

/// A strike of a key: when, and how patient one has to be with the hand that strikes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strike {
    at: Duration,
    wait: Duration,
}

/// Tells a key that is struck anew from one that trembled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tremor<K>(Option<(K, Duration)>);

impl<K> Default for Tremor<K> {
    fn default() -> Self {
        Self(None)
    }
}

impl<K: PartialEq> Tremor<K> {
    /// Whether a key may count: not when it trembled.
    pub(super) fn accepts(&mut self, key: K, strike: Strike) -> bool {
        let trembled = self.0.as_ref().is_some_and(|(last, when)| {
            *last == key && strike.at.saturating_sub(*when) < strike.wait
        });
        self.0 = Some((key, strike.at));
        !trembled
    }
}

impl Strike {
    pub(super) fn new(at: Duration, reader: Reader) -> Self {
        let wait = if reader.reach || reader.speech {
            DOUBLE_STRIKE_ASSISTED
        } else {
            DOUBLE_STRIKE
        };
        Self { at, wait }
    }
}

/// What was typed into a field, and the keyboard it was typed on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Typing {
    text: String,
    /// `None` follows the language of the interface.
    layout: Option<Layout>,
    layer: Layer,
    tremor: Tremor<Key>,
}

impl Typing {
    /// What was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Which letters the keyboard has where the interface speaks this language.
    pub fn layout(&self, language: Language) -> Layout {
        self.layout.unwrap_or(Layout::of(language))
    }

    /// Which keys a small keyboard shows.
    pub fn layer(&self) -> Layer {
        self.layer
    }

    /// Does it; says whether what is typed may have changed.
    pub(super) fn follow(&mut self, intent: TypingIntent, strike: Strike) -> bool {
        match intent {
            TypingIntent::Strike(key) => {
                if !self.tremor.accepts(key, strike) {
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
        // After a letter with a mark or a digit most people want plain letters again; spaces end a number for sure.
        if text == " " || self.layer == Layer::Marks {
            self.layer = Layer::Letters;
        }
    }
}
