//! Times of all displays; one that never heard has waited for ever.

use std::fmt;
use std::time::Duration;

/// One time for each display.
pub(crate) struct Latencies(Vec<Option<Duration>>);

impl Latencies {
    pub(crate) fn of(mut times: Vec<Option<Duration>>) -> Self {
        times.sort_by_key(|time| time.unwrap_or(Duration::MAX));
        Self(times)
    }

    /// The time within which so many of a hundred were served; `None` where they never were.
    pub(crate) fn percentile(&self, percent: usize) -> Option<Duration> {
        let place = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(place - 1).copied().flatten()
    }

    fn never(&self) -> usize {
        self.0.iter().filter(|time| time.is_none()).count()
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, percent) in [("median", 50), ("p99", 99), ("longest", 100)] {
            match self.percentile(percent) {
                Some(time) => write!(f, "{name} {time:.1?}, ")?,
                None => write!(f, "{name} infinite, ")?,
            }
        }
        write!(f, "{} of {} never", self.never(), self.0.len())
    }
}
