//! The evidence about the time, and the bounds of now that follow from it. Pure.
//!
//! An instant is *proven* when central has signed it or a verified system clock has shown it. From there the monotonic
//! clock counts, less its drift, so that the lower bound also advances offline and after a restart.
//! A system clock below that bound, or an unverified one above it, proves nothing.
//!
//! Central is believed, with these exceptions, in which nothing may be removed early:
//!
//! | Central's time | Bounds |
//! | --- | --- |
//! | contradicts a verified system clock by more than [`TOLERANCE`] | both |
//! | is more than [`LARGEST_STEP`] ahead of what is proven | as proven, until two answers [`CONFIRMATION`] apart say so |
//! | is before what is proven | as proven, until confirmed in the same way; a step that only central proved is undone at once |
//!
//! A verified system clock alone is held in the same way when it is more than [`LARGEST_STEP`] ahead.
//! A system clock that agrees with central is a second source, even an unverified one.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::{ClockBounds, ClockTrust};

/// How far two sources may differ and still agree.
pub(super) const TOLERANCE: TimeDelta = TimeDelta::minutes(2);

/// The largest step forward that central's word alone can make.
pub(super) const LARGEST_STEP: TimeDelta = TimeDelta::days(1);

/// How far apart two answers of central have to be to confirm a larger one.
pub(super) const CONFIRMATION: Duration = Duration::from_secs(3600);

/// How long a clock counts as synchronised after it was compared (guidance on electronic boards, `domain.md` D6).
const SYNCHRONISED_FOR: Duration = Duration::from_secs(24 * 3600);

/// By how much an answer's way may differ from the last one's.
const LONGEST_DELAY: TimeDelta = TimeDelta::seconds(5);

/// The end of the calendar here: local times and their arithmetic stay far from the library's own end.
const LAST: DateTime<Utc> =
    DateTime::from_timestamp(253_402_214_400, 0).expect("the last day of the year 9999");

/// The drift of an undisciplined clock: 100 parts per million, twice that of cheap crystals.
const DRIFT_DIVISOR: i32 = 10_000;

/// The system clock at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemReading {
    pub instant: DateTime<Utc>,
    /// Whether something vouches for it.
    pub verified: bool,
}

/// An instant known at some point of the monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// The time was not before this.
    pub earliest: DateTime<Utc>,
    /// The time was not after this; `None` when only the lower bound is known.
    pub latest: Option<DateTime<Utc>>,
    /// The monotonic time at which it was so.
    pub at: Duration,
    /// Whether a source was compared just then; a record of an earlier run is none.
    pub compared: bool,
}

impl Proof {
    /// A lower bound from a record, for instance a signature of unknown age.
    pub fn not_before(earliest: DateTime<Utc>, at: Duration) -> Self {
        Self {
            earliest: saturating(earliest, TimeDelta::zero()),
            latest: None,
            at,
            compared: false,
        }
    }

    fn exact(instant: DateTime<Utc>, delay: TimeDelta, at: Duration) -> Self {
        let instant = saturating(instant, TimeDelta::zero());
        Self {
            earliest: instant,
            latest: Some(saturating(instant, delay)),
            at,
            compared: true,
        }
    }

    /// The bounds moved on by time that the monotonic clock of this run has not counted.
    pub fn after(self, elapsed: Duration) -> Self {
        let (passed, drift) = (delta(elapsed), drift(elapsed));
        Self {
            earliest: saturating(self.earliest, passed - drift),
            latest: self
                .latest
                .map(|latest| saturating(saturating(latest, passed), drift)),
            ..self
        }
    }

    /// The bounds at a later monotonic time.
    fn at(self, monotonic: Duration) -> Self {
        self.after(monotonic.saturating_sub(self.at))
    }

    fn bounds(&self, monotonic: Duration) -> ClockBounds {
        let now = self.at(monotonic);
        let recent = monotonic.saturating_sub(self.at) <= SYNCHRONISED_FOR;
        ClockBounds {
            earliest: now.earliest,
            latest: now.latest.unwrap_or(DateTime::<Utc>::MAX_UTC),
            trust: match now.latest {
                None => ClockTrust::Unknown,
                Some(_) if self.compared && recent => ClockTrust::Synchronised,
                Some(_) => ClockTrust::HoldingOver,
            },
        }
    }
}

/// Central's time, said in one answer or in several that agree.
#[derive(Debug, Clone, Copy, PartialEq)]
struct CentralTime {
    /// When central said so first.
    first: Duration,
    last: Proof,
}

impl CentralTime {
    fn is_confirmed(&self) -> bool {
        self.last.at.saturating_sub(self.first) >= CONFIRMATION
    }
}

/// Why the time is not certain although a source states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// Central and the verified system clock contradict each other.
    Contradiction,
    /// Central is far ahead of what is proven, and no second source agrees.
    CentralAhead,
    /// Central is behind what is proven.
    CentralBehind,
    /// The verified system clock is far ahead of what is proven, and central has not been heard.
    SystemAhead,
    /// The verified system clock is behind what is proven.
    SystemBehind,
}

/// The bounds of now, and what is doubtful about them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reckoning {
    pub bounds: ClockBounds,
    pub doubt: Option<Doubt>,
    /// Whether the lower bound is proven; otherwise it is only what the system clock says.
    pub proven: bool,
}

/// Everything a device knows about the time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TimeEvidence {
    proven: Option<Proof>,
    /// What was proven before one source alone changed it.
    superseded: Option<Proof>,
    /// Since when a verified system clock alone has been far ahead.
    system_ahead: Option<Duration>,
    central: Option<CentralTime>,
}

impl TimeEvidence {
    /// Takes what was recorded before this start. What goes further than `LARGEST_STEP` beyond what is
    /// already known is left out, because a wrong central may have signed it.
    pub fn recall(&mut self, record: Proof) {
        let Some(known) = &mut self.proven else {
            self.proven = Some(record);
            return;
        };
        let ahead = record
            .earliest
            .signed_duration_since(known.at(record.at).earliest);
        if ahead > TimeDelta::zero() && ahead <= LARGEST_STEP {
            let latest = known.at(record.at).latest;
            *known = Proof {
                latest: latest.map(|latest| latest.max(record.earliest)),
                ..record
            };
        }
    }

    /// Takes central's signed time, which arrived now, at most `delay` after it was signed.
    pub fn central_said(&mut self, instant: DateTime<Utc>, delay: Duration, monotonic: Duration) {
        let mut said = Proof::exact(instant, delta(delay), monotonic);
        let first = match &self.central {
            Some(before) if agree(&before.last, instant, monotonic) => {
                // An answer that took longer than the last one does not turn the clock back.
                let expected = before.last.at(monotonic).earliest;
                if expected.signed_duration_since(instant) <= LONGEST_DELAY {
                    said.earliest = said.earliest.max(expected);
                    said.latest = said.latest.max(Some(said.earliest));
                }
                before.first
            }
            _ => monotonic,
        };
        self.central = Some(CentralTime { first, last: said });
        // A step that one source alone made is undone by central's word alone.
        if let (Some(proven), Some(superseded)) = (&self.proven, &self.superseded)
            && is_behind(instant, proven, monotonic)
            && !is_behind(instant, superseded, monotonic)
            && !is_far_ahead(instant, superseded, monotonic)
        {
            self.proven = self.superseded.take();
        }
    }

    /// The bounds of now. `system` is `None` where the system clock is no evidence at all.
    pub fn reckon(&mut self, system: Option<SystemReading>, monotonic: Duration) -> Reckoning {
        let ahead_since = self.system_ahead.take();
        let central = self.central.filter(|central| is_recent(central, monotonic));
        if let (Some(central), Some(system)) = (central, system)
            && agree(&central.last, system.instant, monotonic)
        {
            self.proven = Some(central.last);
            self.superseded = None;
            return certain(central.last.bounds(monotonic));
        }
        let verified = system.filter(|system| system.verified);
        match (verified, central, self.proven) {
            (Some(verified), Some(central), _) => {
                self.contradiction(verified.instant, central, monotonic)
            }
            (Some(verified), None, Some(proven))
                if is_behind(verified.instant, &proven, monotonic) =>
            {
                unknown(proven.at(monotonic).earliest, Some(Doubt::SystemBehind))
            }
            (Some(verified), None, _) => {
                self.system_alone(verified.instant, ahead_since, monotonic)
            }
            (None, _, _) => self.central_alone(system, monotonic),
        }
    }

    fn system_alone(
        &mut self,
        verified: DateTime<Utc>,
        ahead_since: Option<Duration>,
        monotonic: Duration,
    ) -> Reckoning {
        if let Some(proven) = self.proven {
            if is_far_ahead(verified, &proven, monotonic) {
                let since = ahead_since.unwrap_or(monotonic);
                if monotonic.saturating_sub(since) < CONFIRMATION {
                    self.system_ahead = Some(since);
                    return unknown(proven.at(monotonic).earliest, Some(Doubt::SystemAhead));
                }
            }
            if !agree(&proven, verified, monotonic) {
                self.superseded = Some(proven);
            }
        } else {
            self.superseded = Some(nothing_before(monotonic));
        }
        let proof = Proof::exact(verified, TimeDelta::zero(), monotonic);
        self.proven = Some(proof);
        certain(proof.bounds(monotonic))
    }

    fn contradiction(
        &mut self,
        verified: DateTime<Utc>,
        central: CentralTime,
        monotonic: Duration,
    ) -> Reckoning {
        // Once the second source is gone, central has to confirm its time anew.
        self.central = Some(CentralTime {
            first: central.last.at,
            ..central
        });
        let central = central.last.bounds(monotonic);
        let latest = verified.max(central.latest);
        let both = verified.min(central.earliest);
        // The present proof may come from the clock that is contradicted.
        let earliest = match self.superseded.or(self.proven) {
            Some(proven) => both.max(proven.at(monotonic).earliest).min(latest),
            None => both,
        };
        Reckoning {
            bounds: ClockBounds {
                earliest,
                latest,
                trust: ClockTrust::Unknown,
            },
            doubt: Some(Doubt::Contradiction),
            proven: true,
        }
    }

    fn central_alone(&mut self, system: Option<SystemReading>, monotonic: Duration) -> Reckoning {
        let newest = self.central.filter(|central| {
            self.proven
                .is_none_or(|proven| central.last.at >= proven.at)
        });
        let (central, proven) = match (newest, self.proven) {
            (None, None) => {
                let earliest = system.map_or(DateTime::UNIX_EPOCH, |system| system.instant);
                return Reckoning {
                    proven: false,
                    ..unknown(earliest, None)
                };
            }
            (None, Some(proven)) => return certain(proven.bounds(monotonic)),
            (Some(central), proven) => (central, proven),
        };
        let instant = central.last.at(monotonic).earliest;
        if let Some(proven) = proven {
            let doubt = if is_far_ahead(instant, &proven, monotonic) {
                Some(Doubt::CentralAhead)
            } else if is_behind(instant, &proven, monotonic) {
                Some(Doubt::CentralBehind)
            } else {
                None
            };
            if doubt.is_some() && !central.is_confirmed() {
                return unknown(proven.at(monotonic).earliest, doubt);
            }
        }
        if central.is_confirmed() {
            match proven {
                Some(proven) if agree(&proven, instant, monotonic) => {}
                Some(proven) => self.superseded = Some(proven),
                None => self.superseded = Some(nothing_before(monotonic)),
            }
            self.proven = Some(central.last);
            self.central = Some(CentralTime {
                first: central.last.at,
                ..central
            });
        }
        let mut bounds = central.last.bounds(monotonic);
        if let Some(proven) = &self.proven {
            bounds.earliest = bounds.earliest.max(proven.at(monotonic).earliest);
            bounds.latest = bounds.latest.max(bounds.earliest);
        }
        certain(bounds)
    }

    /// Moves everything that is known, as if the calendar had always said so; for scripted walks.
    pub fn shift(&mut self, by: TimeDelta) {
        let central = self.central.as_mut().map(|central| &mut central.last);
        let proofs = [self.proven.as_mut(), self.superseded.as_mut(), central];
        for proof in proofs.into_iter().flatten() {
            proof.earliest = saturating(proof.earliest, by);
            proof.latest = proof.latest.map(|latest| saturating(latest, by));
        }
    }
}

fn certain(bounds: ClockBounds) -> Reckoning {
    Reckoning {
        bounds,
        doubt: None,
        proven: true,
    }
}

/// What stays proven when the first source that was believed is contradicted.
fn nothing_before(monotonic: Duration) -> Proof {
    Proof::not_before(DateTime::UNIX_EPOCH, monotonic)
}

fn unknown(earliest: DateTime<Utc>, doubt: Option<Doubt>) -> Reckoning {
    Reckoning {
        bounds: ClockBounds {
            earliest,
            latest: DateTime::<Utc>::MAX_UTC,
            trust: ClockTrust::Unknown,
        },
        doubt,
        proven: true,
    }
}

fn is_recent(central: &CentralTime, monotonic: Duration) -> bool {
    monotonic.saturating_sub(central.last.at) <= SYNCHRONISED_FOR
}

fn agree(proof: &Proof, instant: DateTime<Utc>, monotonic: Duration) -> bool {
    let tolerance = TOLERANCE + drift(monotonic.saturating_sub(proof.at));
    let expected = proof.at(monotonic).earliest;
    instant.signed_duration_since(expected).abs() <= tolerance
}

fn is_behind(instant: DateTime<Utc>, proven: &Proof, monotonic: Duration) -> bool {
    instant < saturating(proven.at(monotonic).earliest, -TOLERANCE)
}

fn is_far_ahead(instant: DateTime<Utc>, proven: &Proof, monotonic: Duration) -> bool {
    instant >= saturating(proven.at(monotonic).earliest, LARGEST_STEP)
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

fn drift(elapsed: Duration) -> TimeDelta {
    delta(elapsed) / DRIFT_DIVISOR
}

pub(super) fn saturating(instant: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    let end = if by < TimeDelta::zero() {
        DateTime::UNIX_EPOCH
    } else {
        LAST
    };
    instant
        .checked_add_signed(by)
        .unwrap_or(end)
        .clamp(DateTime::UNIX_EPOCH, LAST)
}
