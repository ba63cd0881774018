//! Office hours: when an office is open, and until when.
//!
//! Hours are local times in Prague; a week gives the usual ones, a date may have its own,
//! and public holidays are closed unless they are said to be as usual. An exception beats a holiday beats the week.
//! Stretches that touch are one: an office open from 8 to 12 and from 12 to 17 is open until 17.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};

use crate::clock::ClockBounds;
use crate::holidays::Holiday;
use crate::moment::{PRAGUE, prague_instant};

/// How far ahead the next opening is looked for; a school's office in summer is closed for two months.
const HORIZON_DAYS: u64 = 120;

/// An office open this long without a break counts as always open.
const ALWAYS_DAYS: u64 = 8;

/// A stretch of time in a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// The first reading.
    pub from: NaiveTime,
    /// The reading at which it is over; not after `from` means in the night to the next day.
    pub to: NaiveTime,
}

/// A date that has hours of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exception {
    /// When it is open that day; closed when empty.
    pub intervals: Vec<Interval>,
}

/// The hours of one office.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OpeningHours {
    /// Monday to Sunday.
    pub week: [Vec<Interval>; 7],
    /// Dates with hours of their own.
    pub exceptions: BTreeMap<NaiveDate, Exception>,
    /// Whether public holidays are like any other day.
    pub open_on_holidays: bool,
}

/// Why a day has the hours it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayReason {
    /// As every week.
    Usual,
    Holiday(Holiday),
    Exception,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenState {
    Open {
        /// When it closes; `None` when it hardly ever does.
        until: Option<DateTime<Utc>>,
    },
    Closed {
        /// When it opens next; `None` when that is far off.
        opens: Option<DateTime<Utc>>,
    },
}

impl OpeningHours {
    /// The stretches that begin on a day, in order, and why they are as they are.
    pub fn on(&self, date: NaiveDate) -> (Vec<Interval>, DayReason) {
        let (intervals, reason) = if let Some(exception) = self.exceptions.get(&date) {
            (&exception.intervals, DayReason::Exception)
        } else {
            let usual = &self.week[date.weekday().num_days_from_monday() as usize];
            match Holiday::on(date) {
                Some(holiday) if !self.open_on_holidays => {
                    return (Vec::new(), DayReason::Holiday(holiday));
                }
                _ => (usual, DayReason::Usual),
            }
        };
        let mut intervals = intervals.clone();
        intervals.sort_unstable();
        (intervals, reason)
    }

    /// Whether it is ever open in a usual week.
    pub fn is_blank(&self) -> bool {
        self.week.iter().all(Vec::is_empty)
    }

    /// Whether it is open at an instant, and until when it stays so.
    pub fn open_state(&self, at: DateTime<Utc>) -> OpenState {
        // The upper bound of an unbounded clock has no local time.
        if !(1..=9999).contains(&at.year()) {
            return OpenState::Closed { opens: None };
        }
        let today = at.with_timezone(&PRAGUE).date_naive();
        // Yesterday's night may still be going on.
        let Some(first) = today.checked_sub_days(Days::new(1)) else {
            return OpenState::Closed { opens: None };
        };
        let mut open: Option<DateTime<Utc>> = None;
        for date in first.iter_days().take(HORIZON_DAYS as usize) {
            let far = date.signed_duration_since(today).num_days() > ALWAYS_DAYS as i64;
            if open.is_some() && far {
                return OpenState::Open { until: None };
            }
            for (start, end) in self.stretches(date) {
                match open {
                    Some(until) if start > until => return OpenState::Open { until: Some(until) },
                    Some(until) => open = Some(until.max(end)),
                    None if end <= at => {}
                    None if start <= at => open = Some(end),
                    None => return OpenState::Closed { opens: Some(start) },
                }
            }
        }
        match open {
            Some(until) => OpenState::Open { until: Some(until) },
            None => OpenState::Closed { opens: None },
        }
    }

    /// The same within the bounds of a clock; `None` when the clock is not sure enough to say.
    pub fn open_state_within(&self, clock: &ClockBounds) -> Option<OpenState> {
        let state = self.open_state(clock.earliest);
        // Without the same result at both bounds nothing is said.
        (clock.earliest == clock.latest || self.open_state(clock.latest) == state).then_some(state)
    }

    /// The stretches that begin on a day, as instants.
    fn stretches(&self, date: NaiveDate) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        let (intervals, _) = self.on(date);
        intervals.into_iter().filter_map(move |interval| {
            let last = if interval.to <= interval.from {
                date.checked_add_days(Days::new(1))?
            } else {
                date
            };
            let start = prague_instant(date.and_time(interval.from));
            let end = prague_instant(last.and_time(interval.to));
            // In the night the clocks go forward a stretch may have no length at all.
            (start < end).then_some((start, end))
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;

    use super::*;
    use crate::clock::ClockTrust;

    fn interval(text: &str) -> Interval {
        let (from, to) = text.split_once('-').unwrap();
        let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
        Interval {
            from: time(from),
            to: time(to),
        }
    }

    fn day(text: &str) -> Vec<Interval> {
        text.split_whitespace().map(interval).collect()
    }

    /// Monday and Wednesday long, Tuesday and Thursday in the morning.
    fn office() -> OpeningHours {
        OpeningHours {
            week: [
                day("8:00-12:00 13:00-17:00"),
                day("8:00-12:00"),
                day("8:00-12:00 12:00-17:00"),
                day("8:00-12:00"),
                day(""),
                day(""),
                day(""),
            ],
            ..OpeningHours::default()
        }
    }

    fn instant(text: &str) -> DateTime<Utc> {
        prague_instant(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap())
    }

    fn describe(state: OpenState) -> String {
        let reading = |at: DateTime<Utc>| {
            at.with_timezone(&PRAGUE)
                .format("%Y-%m-%d %H:%M")
                .to_string()
        };
        match state {
            OpenState::Open { until: Some(until) } => format!("open until {}", reading(until)),
            OpenState::Open { until: None } => "open".to_owned(),
            OpenState::Closed { opens: Some(opens) } => format!("closed until {}", reading(opens)),
            OpenState::Closed { opens: None } => "closed".to_owned(),
        }
    }

    #[track_caller]
    fn check(hours: &OpeningHours, at: &str, expected: &str) {
        assert_eq!(describe(hours.open_state(instant(at))), expected, "{at}");
    }

    #[test]
    fn an_office_is_open_when_the_clock_says_so() {
        let office = office();
        // 23 November 2026 is a Monday.
        check(&office, "2026-11-23 07:59", "closed until 2026-11-23 08:00");
        check(&office, "2026-11-23 08:00", "open until 2026-11-23 12:00");
        check(&office, "2026-11-23 12:00", "closed until 2026-11-23 13:00");
        check(&office, "2026-11-23 16:59", "open until 2026-11-23 17:00");
        check(&office, "2026-11-23 17:00", "closed until 2026-11-24 08:00");
        check(&office, "2026-11-26 12:00", "closed until 2026-11-30 08:00");
        check(&office, "2026-11-21 14:32", "closed until 2026-11-23 08:00");
    }

    #[test]
    fn stretches_that_touch_are_one() {
        check(&office(), "2026-11-25 11:30", "open until 2026-11-25 17:00");
    }

    #[test]
    fn holidays_are_closed_and_passed_over() {
        let office = office();
        // Tuesday 17 November; Good Friday 3 and Easter Monday 6 April.
        check(&office, "2026-11-17 09:00", "closed until 2026-11-18 08:00");
        check(&office, "2026-04-02 13:00", "closed until 2026-04-07 08:00");
        // Christmas of 2026: Thursday to Saturday, New Year a Friday.
        check(&office, "2026-12-23 17:30", "closed until 2026-12-28 08:00");
        let (intervals, reason) = office.on("2026-11-17".parse().unwrap());
        assert!(intervals.is_empty());
        assert_eq!(reason, DayReason::Holiday(Holiday::FreedomAndDemocracyDay));

        let centre = OpeningHours {
            open_on_holidays: true,
            ..office
        };
        check(&centre, "2026-11-17 09:00", "open until 2026-11-17 12:00");
    }

    #[test]
    fn a_date_of_its_own_beats_the_holiday_and_the_week() {
        let mut office = office();
        let mut except = |date: &str, hours: &str| {
            let exception = Exception {
                intervals: day(hours),
            };
            office.exceptions.insert(date.parse().unwrap(), exception);
        };
        except("2026-11-23", "");
        except("2026-11-17", "9:00-11:00");
        except("2026-11-25", "8:00-10:00");
        check(&office, "2026-11-23 09:00", "closed until 2026-11-24 08:00");
        check(&office, "2026-11-17 10:00", "open until 2026-11-17 11:00");
        check(&office, "2026-11-25 11:00", "closed until 2026-11-26 08:00");
        assert_eq!(
            office.on("2026-11-17".parse().unwrap()).1,
            DayReason::Exception
        );
    }

    #[test]
    fn a_night_goes_on_after_midnight() {
        let bar = OpeningHours {
            week: [
                day(""),
                day(""),
                day(""),
                day(""),
                day("18:00-2:00"),
                day("18:00-2:00"),
                day("0:00-0:00"),
            ],
            open_on_holidays: true,
            ..OpeningHours::default()
        };
        // Friday 20 November into Saturday; the whole Sunday.
        check(&bar, "2026-11-21 01:30", "open until 2026-11-21 02:00");
        check(&bar, "2026-11-21 02:00", "closed until 2026-11-21 18:00");
        check(&bar, "2026-11-21 23:00", "open until 2026-11-23 00:00");
        check(&bar, "2026-11-23 00:00", "closed until 2026-11-27 18:00");
    }

    #[test]
    fn an_hour_that_is_missing_or_doubled_does_no_harm() {
        let night = OpeningHours {
            week: std::array::from_fn(|_| day("1:00-5:00")),
            open_on_holidays: true,
            ..OpeningHours::default()
        };
        // From 2 to 3 there is no time on 29 March 2026, and twice on 25 October.
        check(&night, "2026-03-29 01:59", "open until 2026-03-29 05:00");
        check(&night, "2026-10-25 04:59", "open until 2026-10-25 05:00");
        let length = |at: &str| match night.open_state(instant(at)) {
            OpenState::Open { until: Some(until) } => (until - instant(at)).num_minutes(),
            other => panic!("{other:?}"),
        };
        assert_eq!(length("2026-03-29 01:00"), 180);
        assert_eq!(length("2026-10-25 01:00"), 300);

        let gap = OpeningHours {
            week: std::array::from_fn(|_| day("2:00-3:00")),
            open_on_holidays: true,
            ..OpeningHours::default()
        };
        check(&gap, "2026-03-28 12:00", "closed until 2026-03-30 02:00");
    }

    #[test]
    fn what_never_closes_is_simply_open_and_what_never_opens_closed() {
        let always = OpeningHours {
            week: std::array::from_fn(|_| day("0:00-0:00")),
            open_on_holidays: true,
            ..OpeningHours::default()
        };
        check(&always, "2026-11-21 14:32", "open");
        check(&OpeningHours::default(), "2026-11-21 14:32", "closed");
        assert!(OpeningHours::default().is_blank());
    }

    #[test]
    fn an_unsure_clock_says_nothing_about_now() {
        let office = office();
        let mut clock = ClockBounds::exact(instant("2026-11-23 11:00"));
        assert!(office.open_state_within(&clock).is_some());
        clock.latest = instant("2026-11-23 11:30");
        clock.trust = ClockTrust::HoldingOver;
        assert!(
            office.open_state_within(&clock).is_some(),
            "open all the while"
        );
        clock.latest = instant("2026-11-23 12:01");
        assert_eq!(office.open_state_within(&clock), None);
        clock.latest = DateTime::<Utc>::MAX_UTC;
        clock.trust = ClockTrust::Unknown;
        assert_eq!(office.open_state_within(&clock), None);
    }

    #[test]
    fn the_ends_of_the_calendar_do_not_panic() {
        let office = office();
        let _ = office.open_state(DateTime::<Utc>::MAX_UTC);
        let _ = office.open_state(DateTime::<Utc>::MIN_UTC);
    }
}
