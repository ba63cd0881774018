//! Exponential backoff with jitter.

use std::time::Duration;

/// Doubles from `first` up to `cap`, with jitter so that displays do not all retry at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The wait after one failure.
    pub first: Duration,
    /// The longest wait.
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(2),
            cap: Duration::from_secs(120),
        }
    }
}

impl Backoff {
    /// The wait after this many failures in a row: between half and all of the doubled time, chosen by `random`.
    pub fn delay(&self, failures: u32, random: u64) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let full = self.first.saturating_mul(1 << doublings).min(self.cap);
        spread(full / 2, full - full / 2, random)
    }
}

/// A duration from `least` to `least + width`, chosen by `random`.
pub(crate) fn spread(least: Duration, width: Duration, random: u64) -> Duration {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a wait does not need more than 53 random bits"
    )]
    let share = random as f64 / u64::MAX as f64;
    least + width.mul_f64(share)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waits_double_up_to_the_cap() {
        let backoff = Backoff::default();
        let longest: Vec<u64> = [1, 2, 3, 6, 7, 8, u32::MAX]
            .map(|failures| backoff.delay(failures, u64::MAX).as_secs())
            .into();
        assert_eq!(longest, [2, 4, 8, 64, 120, 120, 120]);
    }

    proptest! {
        #[test]
        fn a_wait_lies_between_half_and_all(failures: u32, random: u64) {
            let backoff = Backoff::default();
            let delay = backoff.delay(failures, random);
            prop_assert!(delay >= backoff.first / 2 && delay <= backoff.cap);
            prop_assert!(delay * 2 >= backoff.delay(failures, u64::MAX) - Duration::from_nanos(2));
        }
    }
}
