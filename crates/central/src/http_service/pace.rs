//! Whether a response is taken fast enough.
//!
//! Only the time counts in which there is something to send and the client takes nothing: an event stream without
//! news is not slow, and neither is a response that is still being made.

use std::time::Duration;

use tokio::time::Instant;

/// How long a client may take nothing.
///
/// The system tells of room only once a third of its buffer is free, which at 1 kB/s takes most of a minute.
const PATIENCE: Duration = Duration::from_secs(60);

/// The patience that is left with a client: waiting uses it up, every byte gives some back.
pub(super) struct Pace {
    patience: Duration,
    waiting_since: Option<Instant>,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            patience: PATIENCE,
            waiting_since: None,
        }
    }
}

impl Pace {
    pub(super) fn wait(&mut self, now: Instant) {
        self.waiting_since.get_or_insert(now);
    }

    /// Bytes were taken, for which the client may take the time `gained`.
    pub(super) fn go_on(&mut self, gained: Duration, now: Instant) {
        if let Some(since) = self.waiting_since.take() {
            self.patience = self.patience.saturating_sub(now - since);
        }
        self.patience = PATIENCE.min(self.patience + gained);
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.waiting_since.is_some()
    }

    pub(super) fn is_too_slow(&self, now: Instant) -> bool {
        self.waiting_since
            .is_some_and(|since| now - since > self.patience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many seconds a client is too slow that takes so many bytes every ten seconds.
    fn too_slow_after(bytes: u64) -> Option<u64> {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut pace = Pace::default();
        for second in 0..10_000 {
            if pace.is_too_slow(at(second)) {
                return Some(second);
            }
            if second % 10 == 9 && bytes > 0 {
                pace.go_on(Duration::from_millis(bytes), at(second));
            }
            pace.wait(at(second));
        }
        None
    }

    #[test]
    fn a_thousand_bytes_a_second_are_enough_and_less_is_not() {
        assert_eq!(too_slow_after(10_000), None);
        assert_eq!(too_slow_after(0), Some(61));
        // It is out of patience the later, the faster it is.
        let (slow, faster) = (too_slow_after(10), too_slow_after(9_000));
        assert!(slow >= Some(61) && slow < Some(80), "{slow:?}");
        assert!(faster > Some(500) && faster < Some(700), "{faster:?}");
    }
}
