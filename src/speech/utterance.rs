//! An utterance, its rate and its volume.

use vyveska_board::Language;

/// Text in one language, at most a sentence or two long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utterance {
    /// Grows with every utterance.
    pub number: u64,
    /// The words as shown on the screen.
    pub text: String,
    pub language: Language,
    pub rate: Rate,
    pub volume: Volume,
}

/// The speed of speech, in steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(u8);

/// The loudness of speech, in steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Volume(u8);

const WORDS_PER_MINUTE: [u16; 9] = [90, 110, 130, 150, 175, 205, 240, 285, 340];
const AMPLITUDES: [u8; 9] = [15, 30, 45, 60, 80, 105, 135, 165, 200];

impl Rate {
    /// One step faster, as far as there is one.
    #[must_use]
    pub fn faster(self) -> Self {
        Self((self.0 + 1).min(WORDS_PER_MINUTE.len() as u8 - 1))
    }

    /// One step slower, as far as there is one.
    #[must_use]
    pub fn slower(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// In words per minute.
    pub fn words_per_minute(self) -> u16 {
        WORDS_PER_MINUTE[usize::from(self.0)]
    }

    /// The step, counted from 1, and the number of steps.
    pub fn step(self) -> (u8, u8) {
        (self.0 + 1, WORDS_PER_MINUTE.len() as u8)
    }
}

impl Volume {
    /// One step louder, as far as there is one.
    #[must_use]
    pub fn louder(self) -> Self {
        Self((self.0 + 1).min(AMPLITUDES.len() as u8 - 1))
    }

    /// One step quieter, as far as there is one. The quietest step is still audible.
    #[must_use]
    pub fn quieter(self) -> Self {
        Self(self.0.saturating_sub(1))
    }

    /// espeak-ng's amplitude: 100 is its default, 200 the most.
    pub fn amplitude(self) -> u8 {
        AMPLITUDES[usize::from(self.0)]
    }

    /// The step, counted from 1, and the number of steps.
    pub fn step(self) -> (u8, u8) {
        (self.0 + 1, AMPLITUDES.len() as u8)
    }
}

impl Default for Rate {
    fn default() -> Self {
        Self(3)
    }
}

impl Default for Volume {
    /// The step to which a technician calibrates the amplifier: not over 65 dBA (EN 301 549, 5.1.3.13).
    fn default() -> Self {
        Self(3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_saturate() {
        let mut rate = Rate::default();
        let mut volume = Volume::default();
        for _ in 0..20 {
            rate = rate.faster();
            volume = volume.louder();
        }
        assert_eq!((rate.words_per_minute(), volume.amplitude()), (340, 200));
        for _ in 0..20 {
            rate = rate.slower();
            volume = volume.quieter();
        }
        assert_eq!((rate.words_per_minute(), volume.amplitude()), (90, 15));
    }
}
