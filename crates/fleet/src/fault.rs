//! What is wrong with a display, and with which share of a fleet.

use std::time::Duration;

use chrono::TimeDelta;

/// What is wrong with a display. It has one fault at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It takes what comes at this speed.
    Slow { bytes_per_second: u32 },
    /// It drops its event stream each time that it has been open for so long.
    Flapping { every: Duration },
    /// Its own clock is wrong; until central has told the time, it has no other.
    WrongClock { ahead_by: TimeDelta },
    /// It has a network for a time, then none for a time, and so on.
    Offline { after: Duration, lasting: Duration },
    /// It sends earlier requests again, and their tokens with other requests.
    Replaying,
    /// It sends what nobody may be given an answer to: see [`crate::Seen::Violation`].
    Malicious,
}

/// Which share of a fleet has which fault. No faults by default.
#[derive(Debug, Clone, Default)]
pub struct Shares(Vec<(Fault, u32)>);

impl Shares {
    /// Gives a fault to so many of a hundred displays that have none yet.
    #[must_use]
    pub fn with(mut self, fault: Fault, percent: u32) -> Self {
        self.0.push((fault, percent));
        self
    }

    /// The fault of the display with this index. Of every hundred that follow each other the shares are exact.
    pub fn of(&self, index: u32) -> Option<Fault> {
        // 61 has no divisor in common with 100: a hundred indices have a hundred places, and neighbours differ.
        let mut place = index % 100 * 61 % 100;
        for (fault, percent) in &self.0 {
            match place.checked_sub(*percent) {
                None => return Some(*fault),
                Some(rest) => place = rest,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hundred_displays_have_the_shares() {
        let slow = Fault::Slow {
            bytes_per_second: 1,
        };
        let shares = Shares::default()
            .with(slow, 1)
            .with(Fault::Replaying, 30)
            .with(Fault::Malicious, 0);
        for first in [0, 250] {
            let faults: Vec<_> = (first..first + 100).map(|index| shares.of(index)).collect();
            let count = |fault| faults.iter().filter(|one| **one == fault).count();
            assert_eq!(count(Some(slow)), 1);
            assert_eq!(count(Some(Fault::Replaying)), 30);
            assert_eq!(count(None), 69);
        }
    }
}
