//! Backoff after failed requests to a publisher.

use std::time::Duration;

/// The delay before the next attempt after `failures` in a row: doubled each time up to `cap`,
/// then reduced by up to half at random (jitter), so that many clients do not retry at the same time.
///
/// `random` is in 0..1.
pub fn delay(failures: u32, base: Duration, cap: Duration, random: f64) -> Duration {
    let doubled = base.saturating_mul(1_u32 << failures.saturating_sub(1).min(20));
    let random = if random.is_finite() {
        random.clamp(0.0, 1.0)
    } else {
        0.0
    };
    doubled.min(cap).mul_f64(0.5 + random / 2.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BASE: Duration = Duration::from_secs(60);
    const CAP: Duration = Duration::from_secs(3600);

    #[track_caller]
    fn check(failures: u32, random: f64, expected_seconds: u64) {
        let found = delay(failures, BASE, CAP, random);
        assert_eq!(found, Duration::from_secs(expected_seconds));
    }

    #[test]
    fn it_doubles_up_to_the_cap() {
        check(1, 1.0, 60);
        check(2, 1.0, 120);
        check(6, 1.0, 1920);
        check(7, 1.0, 3600);
        check(u32::MAX, 1.0, 3600);
    }

    #[test]
    fn jitter_removes_up_to_half() {
        check(2, 0.0, 60);
        check(2, 0.5, 90);
    }

    proptest! {
        #[test]
        fn it_is_never_longer_than_the_cap_nor_shorter_than_half_the_base(
            failures: u32, random: f64,
        ) {
            let found = delay(failures, BASE, CAP, random);
            prop_assert!(found >= BASE / 2 && found <= CAP);
        }
    }
}
