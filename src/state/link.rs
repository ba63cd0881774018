//! The connection to central, and the time the device was off.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::{ClockBounds, ClockTrust};

use super::{Now, State};

/// The shortest outage that is shown.
const SHORTEST_OUTAGE: TimeDelta = TimeDelta::minutes(10);

/// How long after its end an outage is shown.
const OUTAGE_SHOWN_FOR: TimeDelta = TimeDelta::hours(24);

/// The result of the last request to central.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    Reached,
    /// Central replied that it does not know this display (any more).
    NotLetIn,
    /// Central's address begins with `http://`, which is not allowed: nothing is asked.
    PlainHttp,
    Unreachable {
        /// The reason, in words for a technician.
        reason: String,
    },
    /// Central replied, but another error occurred.
    Trouble {
        /// The error, in words for a technician.
        reason: String,
    },
}

/// The period in which the board was out of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// The last sign of life before it.
    pub from: DateTime<Utc>,
    /// The start after it.
    pub until: DateTime<Utc>,
}

/// The time before this start, as far as it is known.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Before {
    last_alive: Option<DateTime<Utc>>,
    started: Duration,
    /// Fixed once the clock was synchronised; until then it follows the clock.
    outage: Option<Outage>,
}

impl Before {
    pub(super) fn new(last_alive: DateTime<Utc>, now: &Now) -> Self {
        let mut before = Self {
            last_alive: Some(last_alive),
            started: now.monotonic,
            outage: None,
        };
        before.reckon(now);
        before
    }

    /// The start is dated by the present clock, since the clock at the start may have been lost in 1970.
    pub(super) fn reckon(&mut self, now: &Now) {
        if self.outage.is_some() || now.clock.trust == ClockTrust::Unknown {
            return;
        }
        self.outage = self.reckoned(&now.clock, now.monotonic);
    }

    fn reckoned(&self, clock: &ClockBounds, monotonic: Duration) -> Option<Outage> {
        let since = TimeDelta::from_std(monotonic.saturating_sub(self.started)).ok()?;
        Some(Outage {
            from: self.last_alive?,
            until: clock.earliest.checked_sub_signed(since)?,
        })
    }
}

impl State {
    /// The result of the last request to central; `None` before the first.
    pub fn link(&self) -> Option<&Link> {
        self.link.as_ref()
    }

    /// The last outage, for a day after its end.
    ///
    /// `None` while the clock has never been set: the period could be wrong by years.
    pub fn outage(&self) -> Option<Outage> {
        self.before.outage.filter(|outage| {
            let length = outage.until.signed_duration_since(outage.from);
            let ago = self.clock.earliest.signed_duration_since(outage.until);
            length >= SHORTEST_OUTAGE && ago < OUTAGE_SHOWN_FOR
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Event;

    fn at(clock: &str, trust: ClockTrust, seconds: u64) -> Now {
        let earliest = clock.parse().unwrap();
        Now {
            clock: ClockBounds {
                earliest,
                latest: earliest,
                trust,
            },
            monotonic: Duration::from_secs(seconds),
        }
    }

    fn started(last_alive: &str, now: Now) -> State {
        let mut state = State::new(now);
        state.apply(Event::WasAlive(last_alive.parse().unwrap()), now);
        state
    }

    #[test]
    fn a_night_without_power_is_shown_for_a_day() {
        let start = at("2026-11-21T05:05:00Z", ClockTrust::Synchronised, 1);
        let mut state = started("2026-11-20T21:10:00Z", start);
        let outage = Outage {
            from: "2026-11-20T21:10:00Z".parse().unwrap(),
            until: "2026-11-21T05:05:00Z".parse().unwrap(),
        };
        assert_eq!(state.outage(), Some(outage));
        let tick = |state: &mut State, clock, seconds| {
            state.apply(Event::Tick, at(clock, ClockTrust::Synchronised, seconds));
            state.outage()
        };
        assert_eq!(
            tick(&mut state, "2026-11-22T05:04:00Z", 86_341),
            Some(outage)
        );
        assert_eq!(tick(&mut state, "2026-11-22T05:05:00Z", 86_401), None);
    }

    #[test]
    fn a_restart_is_no_outage() {
        let start = at("2026-11-21T05:05:00Z", ClockTrust::Synchronised, 1);
        assert_eq!(started("2026-11-21T04:56:00Z", start).outage(), None);
        // A clock that was ahead before proves nothing.
        assert_eq!(started("2026-11-23T00:00:00Z", start).outage(), None);
    }

    #[test]
    fn an_unsure_clock_says_nothing_until_somebody_tells_the_time() {
        let start = at("1970-01-01T00:00:10Z", ClockTrust::Unknown, 1);
        let mut state = started("2026-11-20T21:10:00Z", start);
        assert_eq!(state.outage(), None);
        let synchronised = at("2026-11-21T05:06:00Z", ClockTrust::Synchronised, 61);
        state.apply(Event::Tick, synchronised);
        let until = state.outage().map(|outage| outage.until);
        assert_eq!(until, Some("2026-11-21T05:05:00Z".parse().unwrap()));
    }
}
