//! Exploring by touch: the element under the finger is said; touched again, it is activated.
//!
//! A sliding finger says every element it passes; lifting it activates nothing (EN 301 549, 5.5.2).

use std::time::Duration;

use super::{Effect, Narrator};
use crate::speech::element::ElementKey;

/// Two touches within this time are a double touch.
const DOUBLE: Duration = Duration::from_millis(600);

/// One event of a touch: where the finger is, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finger {
    pub phase: FingerPhase,
    /// From the left, in logical pixels.
    pub x: f32,
    /// From the top, in logical pixels.
    pub y: f32,
    /// Monotonic, since an arbitrary fixed point.
    pub at: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FingerPhase {
    Down,
    Move,
    Up,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Exploring {
    /// The element that the next touch activates: it has been spoken.
    armed: Option<ElementKey>,
    /// Whether the finger came down on the armed element and has not left it.
    acts: bool,
    last_tap: Option<Duration>,
}

impl Narrator {
    pub fn explore(&mut self, finger: Finger) -> Vec<Effect> {
        if !self.on {
            return Vec::new();
        }
        if self.asks {
            // A touch chooses the loudspeaker.
            return match finger.phase {
                FingerPhase::Down => self.settle_listening(),
                FingerPhase::Move | FingerPhase::Up => Vec::new(),
            };
        }
        let under = self.under(finger.x, finger.y);
        let key = under.map(|index| self.elements[index].key);
        match finger.phase {
            FingerPhase::Down => {
                self.remembered.answered();
                self.reading = None;
                let mut effects = self.queue.silence();
                let focused = self.focused().map(|element| element.key);
                self.exploring.acts =
                    key.is_some() && key == focused && key == self.exploring.armed;
                if !self.exploring.acts {
                    effects.extend(self.come_to(under));
                }
                effects
            }
            FingerPhase::Move => {
                let focused = self.focused().map(|element| element.key);
                if key.is_none() || key == focused {
                    return Vec::new();
                }
                self.exploring.acts = false;
                let mut effects = self.queue.silence();
                effects.extend(self.come_to(under));
                effects
            }
            FingerPhase::Up => {
                let double = self
                    .exploring
                    .last_tap
                    .is_some_and(|last| finger.at.saturating_sub(last) < DOUBLE);
                let acts = self.exploring.acts && key == self.exploring.armed;
                // Outside of every element: a double touch activates the one spoken last.
                let beside = key.is_none() && double;
                self.exploring.acts = false;
                self.exploring.last_tap = (!acts && !beside).then_some(finger.at);
                if acts || beside {
                    self.act_again()
                } else {
                    Vec::new()
                }
            }
        }
    }

    fn come_to(&mut self, under: Option<usize>) -> Vec<Effect> {
        let Some(index) = under else {
            return Vec::new();
        };
        self.exploring.armed = Some(self.elements[index].key);
        self.focus_on(index)
    }

    /// An element without an action is said again.
    fn act_again(&mut self) -> Vec<Effect> {
        match self.focused() {
            Some(element) if !element.acts => {
                let index = self.focus.index(&self.elements).unwrap_or(0);
                self.focus_on(index)
            }
            Some(_) => self.act(),
            None => Vec::new(),
        }
    }

    /// The smallest element at a point.
    fn under(&self, x: f32, y: f32) -> Option<usize> {
        let area = |index: &usize| {
            let place = self.elements[*index].place();
            place.width * place.height
        };
        (0..self.elements.len())
            .filter(|index| self.elements[*index].place().contains(x, y))
            .min_by(|a, b| area(a).total_cmp(&area(b)))
    }
}
