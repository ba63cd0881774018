//! The present utterance, the ones after it, and the last message.

use std::collections::VecDeque;

use vyveska_board::Language;

use super::Effect;
use crate::speech::sentences::sentences;
use crate::speech::utterance::{Rate, Utterance, Volume};

/// The most pieces of a message; longer texts are documents and are read page by page.
const MOST_PIECES: usize = 200;

/// Text in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) language: Language,
}

/// Pieces that are said and repeated together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) pieces: Vec<Piece>,
    /// Said unasked, so that it does not count as a sign of a user's presence.
    pub(super) warning: bool,
}

impl Message {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds text, split into sentences.
    pub(super) fn own(&mut self, words: &str, language: Language) {
        for text in sentences(words) {
            self.push(Piece { text, language });
        }
    }

    pub(super) fn push(&mut self, piece: Piece) {
        if self.pieces.len() < MOST_PIECES && !piece.text.trim().is_empty() {
            self.pieces.push(piece);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    speaking: Option<Utterance>,
    waiting: VecDeque<Piece>,
    last: Message,
    warning: bool,
    count: u64,
}

impl Queue {
    /// An empty queue that keeps counting: a late report about an earlier utterance never matches a new one.
    pub(super) fn fresh(&self) -> Self {
        Self {
            count: self.count,
            ..Self::default()
        }
    }

    pub(super) fn speaking(&self) -> Option<&Utterance> {
        self.speaking.as_ref()
    }

    pub(super) fn keeps_awake(&self) -> bool {
        self.speaking.is_some() && !self.warning
    }

    pub(super) fn is_speaking(&self) -> bool {
        self.speaking.is_some()
    }

    /// Says a message now.
    pub(super) fn say(&mut self, message: Message, rate: Rate, volume: Volume) -> Vec<Effect> {
        if message.is_empty() {
            return Vec::new();
        }
        self.last = message.clone();
        self.say_aside(message, rate, volume)
    }

    /// Says a message now, without replacing the one that can be repeated.
    pub(super) fn say_aside(
        &mut self,
        message: Message,
        rate: Rate,
        volume: Volume,
    ) -> Vec<Effect> {
        self.warning = message.warning;
        self.waiting = message.pieces.into();
        self.speaking = None;
        self.next(rate, volume).into_iter().collect()
    }

    /// Says a message after the present utterance.
    pub(super) fn say_after(
        &mut self,
        message: Message,
        rate: Rate,
        volume: Volume,
    ) -> Vec<Effect> {
        if !self.is_speaking() {
            return self.say(message, rate, volume);
        }
        for piece in &message.pieces {
            self.last.push(piece.clone());
        }
        self.waiting.extend(message.pieces);
        Vec::new()
    }

    pub(super) fn silence(&mut self) -> Vec<Effect> {
        self.waiting.clear();
        match self.speaking.take() {
            Some(_) => vec![Effect::Silence],
            None => Vec::new(),
        }
    }

    pub(super) fn repeat(&mut self, rate: Rate, volume: Volume) -> Vec<Effect> {
        let mut last = self.last.clone();
        last.warning = false;
        self.say_aside(last, rate, volume)
    }

    /// Whether that was the present utterance.
    pub(super) fn said(&mut self, number: u64) -> bool {
        let was = self
            .speaking
            .as_ref()
            .is_some_and(|said| said.number == number);
        if was {
            self.speaking = None;
        }
        was
    }

    pub(super) fn next(&mut self, rate: Rate, volume: Volume) -> Option<Effect> {
        let piece = self.waiting.pop_front()?;
        self.count += 1;
        let utterance = Utterance {
            number: self.count,
            text: piece.text,
            language: piece.language,
            rate,
            volume,
        };
        self.speaking = Some(utterance.clone());
        Some(Effect::Say(utterance))
    }
}
