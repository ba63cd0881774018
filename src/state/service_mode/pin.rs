//! The PIN pad and its protection against guessing.

use std::fmt;
use std::time::Duration;

use vyveska_wire::service_pin::PIN_DIGITS;

use crate::state::typing::{Debounce, KeyPress};

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// Digits of a PIN as typed. Never shown in logs.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Pin(String);

impl Pin {
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// Constructor for tests.
    #[cfg(test)]
    pub(crate) fn of(digits: &str) -> Self {
        Self(digits.to_owned())
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pin({} digits)", self.0.len())
    }
}

/// A key of the PIN pad, debounced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PadKey {
    Digit(u8),
    Erase,
}

/// The digits typed so far, and what became of the last PIN.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PinPad {
    typed: Pin,
    checking: bool,
    refused: bool,
    debounce: Debounce<PadKey>,
}

impl PinPad {
    /// Number of digits typed.
    pub fn typed(&self) -> usize {
        self.typed.0.len()
    }

    /// Whether enough digits for a PIN are typed.
    pub fn is_complete(&self) -> bool {
        !self.checking && PIN_DIGITS.contains(&self.typed())
    }

    /// Whether the PIN is being verified.
    pub fn is_checking(&self) -> bool {
        self.checking
    }

    /// Whether the last PIN was wrong.
    pub fn is_refused(&self) -> bool {
        self.refused
    }

    pub(super) fn push(&mut self, digit: u8, key_press: KeyPress) {
        if !self.debounce.accepts(PadKey::Digit(digit), key_press) {
            return;
        }
        if self.checking || self.typed() >= *PIN_DIGITS.end() {
            return;
        }
        if let Some(digit) = char::from_digit(u32::from(digit), 10) {
            self.refused = false;
            self.typed.0.push(digit);
        }
    }

    pub(super) fn erase(&mut self, key_press: KeyPress) {
        if self.debounce.accepts(PadKey::Erase, key_press) && !self.checking {
            self.typed.0.pop();
        }
    }

    /// The PIN to be verified, once submitted.
    pub(super) fn take(&mut self) -> Option<Pin> {
        if !self.is_complete() {
            return None;
        }
        self.checking = true;
        Some(std::mem::take(&mut self.typed))
    }

    pub(super) fn refuse(&mut self) {
        *self = Self {
            refused: true,
            ..Self::default()
        };
    }
}

/// Delays further attempts: after each failure twice as long as before.
///
/// Only the number of failures is stored across a restart; the pause then starts anew,
/// so that neither a restart nor a changed clock shortens it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Guard {
    failures: u32,
    ready_at: Duration,
}

impl Guard {
    pub(super) fn failures(self) -> u32 {
        self.failures
    }

    pub(super) fn wait(self, now: Duration) -> Duration {
        self.ready_at.saturating_sub(now)
    }

    pub(super) fn remember(&mut self, failures: u32, now: Duration) {
        self.failures = failures;
        self.ready_at = now.saturating_add(pause_after(failures));
    }

    pub(super) fn failed(&mut self, now: Duration) {
        self.remember(self.failures.saturating_add(1), now);
    }

    pub(super) fn opened(&mut self) {
        *self = Self::default();
    }
}

/// One second, two, four … a quarter of an hour.
fn pause_after(failures: u32) -> Duration {
    let Some(doublings) = failures.checked_sub(1) else {
        return Duration::ZERO;
    };
    1_u64
        .checked_shl(doublings)
        .map_or(LONGEST_PAUSE, Duration::from_secs)
        .min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::preferences::Preferences;

    #[test]
    fn pauses_double_up_to_a_quarter_of_an_hour() {
        let seconds: Vec<u64> = (0..=12).map(|n| pause_after(n).as_secs()).collect();
        assert_eq!(
            seconds,
            [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
        );
        for failures in [64, 65, 1000, u32::MAX] {
            assert_eq!(pause_after(failures), LONGEST_PAUSE);
        }
    }

    #[test]
    fn digits_do_not_get_into_logs() {
        let mut pad = PinPad::default();
        let key_press = KeyPress::new(Duration::ZERO, Preferences::default());
        for digit in [4, 8, 2, 9] {
            pad.push(digit, key_press);
        }
        assert_eq!(format!("{:?}", pad.take().unwrap()), "Pin(4 digits)");
    }
}
