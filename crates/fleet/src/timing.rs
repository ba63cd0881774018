//! When displays ask, and how long they wait.

use std::time::Duration;

/// The times of a display; the defaults are those of a kiosk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Over which time the displays of a fleet come.
    pub arrival: Duration,
    /// How often central is asked without an event: so long, and up to a tenth more or less.
    pub poll_interval: Duration,
    /// The wait after a first failure; it doubles with every other one, and each waits at least half of it.
    pub first_backoff: Duration,
    /// The longest wait after failures.
    pub longest_backoff: Duration,
    /// The shortest time between two looks at what events brought.
    pub shortest_pause: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            arrival: Duration::ZERO,
            poll_interval: Duration::from_secs(60),
            first_backoff: Duration::from_secs(2),
            longest_backoff: Duration::from_secs(30),
            shortest_pause: Duration::from_millis(250),
        }
    }
}

impl Timing {
    /// The wait after so many failures in a row; `random` is from 0 to 1.
    pub(crate) fn backoff(&self, failures: u32, random: f64) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let longest = self.first_backoff.saturating_mul(1 << doublings);
        let longest = longest.min(self.longest_backoff);
        longest / 2 + (longest / 2).mul_f64(random)
    }

    /// The wait until central is asked again; `random` is from 0 to 1.
    pub(crate) fn poll_pause(&self, random: f64) -> Duration {
        self.poll_interval * 9 / 10 + (self.poll_interval / 5).mul_f64(random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_are_never_less_than_half() {
        let timing = Timing::default();
        let waits = |random| {
            [1, 2, 3, 4, 5, u32::MAX].map(|failures| timing.backoff(failures, random).as_secs())
        };
        assert_eq!(waits(1.0), [2, 4, 8, 16, 30, 30]);
        assert_eq!(waits(0.0), [1, 2, 4, 8, 15, 15]);
    }

    #[test]
    fn polls_are_spread_around_their_interval() {
        let timing = Timing::default();
        assert_eq!(timing.poll_pause(0.0).as_secs(), 54);
        assert_eq!(timing.poll_pause(1.0).as_secs(), 66);
    }
}
