//! Decides what is said, from the elements on the screen and the user's actions. Pure.
//!
//! The narrator knows no particular screen. It walks over the elements declared by the markup, in their order, keeps
//! one in focus, announces changes, and acts through the elements' own actions. So every function of every screen can
//! be used by keys alone, and a new screen needs no code here.
//!
//! Every action of the user interrupts the present utterance (EN 301 549, 5.1.3.5).

mod describe;
mod document;
mod focus;
mod queue;
mod screen;
#[cfg(test)]
mod tests;
mod touch;

use vyveska_board::Language;

use super::element::{Element, ElementKey, Rect};
use super::keys::TactileKey;
use super::record::RecordTexts;
use super::utterance::{Rate, Utterance, Volume};
use super::words::Words;
use document::ReadingPosition;
pub use document::{PageText, ReadablePage};
use focus::Focus;
use queue::{Message, Queue};
use screen::Remembered;
pub use screen::ScreenNow;
use touch::Exploring;
pub use touch::{Finger, FingerPhase};

/// An effect of the narrator's decisions.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Says this now, in place of the present utterance.
    Say(Utterance),
    /// Stops the present utterance.
    Silence,
    /// Activates an element, or leaves a group.
    Act(ElementKey),
    /// The offset is in logical pixels.
    Scroll { key: ElementKey, offset: f32 },
    /// A request by key that does not depend on the screen.
    Want(Want),
    /// The text of a page is needed; [`Narrator::page_text`] takes it.
    ReadPage(PageWanted),
}

/// A request by key that does not depend on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// The list of every notice, from any screen.
    WholeBoard,
    /// Toggles reading aloud.
    ToggleSpeech,
    /// The key that simulates the headphones' plug.
    ToggleHeadphones,
}

/// Who can hear the speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Listening {
    /// A user with headphones, or nobody where there is no sound.
    #[default]
    Private,
    /// Everybody around: the loudspeaker. It says nothing of the screen until the user has chosen it.
    Loudspeaker,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageWanted {
    /// The current page.
    Open,
    /// This page, counted from 0; it is opened first.
    Number(usize),
}

#[derive(Debug, Clone, Default)]
pub struct Narrator {
    on: bool,
    language: Language,
    rate: Rate,
    volume: Volume,
    elements: Vec<Element>,
    focus: Focus,
    queue: Queue,
    remembered: Remembered,
    exploring: Exploring,
    reading: Option<ReadingPosition>,
    /// Whether it waits for headphones, or for the user's choice of the loudspeaker.
    asks: bool,
    /// The texts on the screen that are Czech in every language of the interface.
    record: Vec<RecordTexts>,
}

impl Narrator {
    /// Whether it reads aloud.
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// Whether it is saying something the user asked for: meanwhile the session does not time out.
    pub fn keeps_awake(&self) -> bool {
        self.on && self.queue.keeps_awake()
    }

    pub fn speaking(&self) -> Option<&Utterance> {
        self.queue.speaking()
    }

    /// The area of the element in focus.
    pub fn focus_place(&self) -> Option<Rect> {
        let index = self
            .on
            .then(|| self.focus.index(&self.elements))
            .flatten()?;
        Some(self.elements[index].place())
    }

    pub fn focused(&self) -> Option<&Element> {
        self.focus
            .index(&self.elements)
            .map(|index| &self.elements[index])
    }

    /// Starts reading aloud, on the present screen.
    ///
    /// Private listening comes first (EN 301 549, 5.1.3.9): without headphones only a prompt is said,
    /// and the next key or touch chooses the loudspeaker.
    pub fn switch_on(&mut self, now: ScreenNow, listening: Listening) -> Vec<Effect> {
        *self = Self {
            on: true,
            asks: listening == Listening::Loudspeaker,
            queue: self.queue.fresh(),
            language: now.language,
            record: now.record,
            elements: now.elements,
            ..Self::default()
        };
        if self.asks {
            return self.say_own(self.words().asks_for_headphones());
        }
        self.introduce()
    }

    /// Whether it waits for headphones or for the user's choice of the loudspeaker.
    pub fn asks_for_headphones(&self) -> bool {
        self.asks
    }

    /// Headphones are plugged in, or the loudspeaker was chosen.
    pub fn settle_listening(&mut self) -> Vec<Effect> {
        if !std::mem::take(&mut self.asks) {
            return Vec::new();
        }
        let mut effects = self.queue.silence();
        effects.extend(self.introduce());
        effects
    }

    /// An introduction to the keys, and the present screen.
    fn introduce(&mut self) -> Vec<Effect> {
        let mut message = Message::new();
        message.own(self.words().switched_on(), self.language);
        self.introduce_screen(&mut message);
        self.say(message)
    }

    /// Stops reading aloud; rate and volume are reset.
    ///
    /// `aloud` announces it: not after the user has left, nor when the headphones were unplugged.
    pub fn switch_off(&mut self, aloud: bool) -> Vec<Effect> {
        if !self.on {
            return Vec::new();
        }
        let (rate, volume, language) = (self.rate, self.volume, self.language);
        let numbers = self.queue.clone();
        *self = Self {
            language,
            queue: numbers,
            ..Self::default()
        };
        let mut effects = self.queue.silence();
        if aloud {
            let mut message = Message::new();
            message.own(self.words().switched_off(), language);
            effects = self.queue.say(message, rate, volume);
        }
        effects
    }

    /// An utterance was said to its end.
    pub fn said(&mut self, number: u64) -> Vec<Effect> {
        if !self.queue.said(number) {
            return Vec::new();
        }
        if let Some(next) = self.queue.next(self.rate, self.volume) {
            return vec![next];
        }
        self.read_on()
    }

    pub fn press(&mut self, key: TactileKey) -> Vec<Effect> {
        if !self.on {
            return match key {
                TactileKey::Headphones => vec![Effect::Want(Want::ToggleHeadphones)],
                key if key.starts_speech() => vec![Effect::Want(Want::ToggleSpeech)],
                _ => Vec::new(),
            };
        }
        if self.asks && !matches!(key, TactileKey::Speech | TactileKey::Headphones) {
            return self.settle_listening();
        }
        self.remembered.answered();
        let mut effects = self.queue.silence();
        if !matches!(
            key,
            TactileKey::Repeat
                | TactileKey::Slower
                | TactileKey::Faster
                | TactileKey::Quieter
                | TactileKey::Louder
                | TactileKey::Quiet
                | TactileKey::ReadDocument
        ) {
            self.reading = None;
        }
        effects.extend(match key {
            TactileKey::Next => self.step(1),
            TactileKey::Previous => self.step(-1),
            TactileKey::NextSection => self.step_section(true),
            TactileKey::PreviousSection => self.step_section(false),
            TactileKey::Bar => self.go_to_bar(),
            TactileKey::Act => self.act(),
            TactileKey::Back => self.back(),
            TactileKey::WholeBoard => {
                self.remembered.acted(None);
                vec![Effect::Want(Want::WholeBoard)]
            }
            TactileKey::Repeat => self.repeat(),
            TactileKey::Quiet => Vec::new(),
            TactileKey::Slower => self.change_rate(Rate::slower),
            TactileKey::Faster => self.change_rate(Rate::faster),
            TactileKey::Quieter => self.change_volume(Volume::quieter),
            TactileKey::Louder => self.change_volume(Volume::louder),
            TactileKey::ReadDocument => self.read_document(),
            TactileKey::Help => self.say_own(self.words().help()),
            TactileKey::Speech => vec![Effect::Want(Want::ToggleSpeech)],
            TactileKey::Headphones => vec![Effect::Want(Want::ToggleHeadphones)],
        });
        effects
    }

    fn words(&self) -> Words {
        Words(self.language)
    }

    fn say(&mut self, message: Message) -> Vec<Effect> {
        self.queue.say(message, self.rate, self.volume)
    }

    fn say_own(&mut self, words: &str) -> Vec<Effect> {
        let mut message = Message::new();
        message.own(words, self.language);
        self.say(message)
    }

    fn act(&mut self) -> Vec<Effect> {
        let Some(element) = self.focused() else {
            return self.step(1);
        };
        let (key, enabled, acts) = (element.key, element.enabled, element.acts);
        if !enabled {
            return self.say_own(self.words().not_now());
        }
        if !acts {
            return self.say_own(self.words().nothing_to_do());
        }
        self.remembered.acted(Some(key));
        vec![Effect::Act(key)]
    }

    /// Leaves the innermost group around the focus that can be left, else the one in front, else goes to the board.
    fn back(&mut self) -> Vec<Effect> {
        let around = self
            .focused()
            .map(|element| &element.groups[..])
            .unwrap_or_default();
        let leaves = |groups: &[super::element::Group]| {
            groups
                .iter()
                .rev()
                .find(|group| group.leaves)
                .map(|group| group.key)
        };
        let key = leaves(around).or_else(|| {
            self.elements
                .iter()
                .rev()
                .find_map(|element| leaves(&element.groups))
        });
        self.remembered.acted(None);
        match key {
            Some(key) => vec![Effect::Act(key)],
            None => vec![Effect::Want(Want::WholeBoard)],
        }
    }

    fn repeat(&mut self) -> Vec<Effect> {
        if self.reading.is_some() {
            return self.read_sentence_again();
        }
        self.queue.repeat(self.rate, self.volume)
    }

    fn change_rate(&mut self, change: fn(Rate) -> Rate) -> Vec<Effect> {
        self.rate = change(self.rate);
        let words = self.words().rate(self.rate);
        self.say_aside(&words)
    }

    fn change_volume(&mut self, change: fn(Volume) -> Volume) -> Vec<Effect> {
        self.volume = change(self.volume);
        let words = self.words().volume(self.volume);
        self.say_aside(&words)
    }

    /// Says something in between: the message before can still be repeated, and a document continues after it.
    fn say_aside(&mut self, words: &str) -> Vec<Effect> {
        let mut message = Message::new();
        message.own(words, self.language);
        if let Some(reading) = &mut self.reading {
            reading.again();
        }
        self.queue.say_aside(message, self.rate, self.volume)
    }
}
