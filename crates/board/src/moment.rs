//! Dates as boards state them.
//!
//! A feed states a day, an instant, or explicitly nothing (`nespecifikovaný`).
//! Calendar arithmetic happens in Europe/Prague dates, never in multiples of 24 hours:
//! a day there has 23 or 25 hours twice a year.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// The zone in which every date on a Czech board is meant.
pub const PRAGUE: Tz = chrono_tz::Europe::Prague;

/// When something holds, as precisely as it was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Moment {
    /// A whole day in Europe/Prague.
    Date(NaiveDate),
    Instant(DateTime<Utc>),
    /// Explicitly unspecified.
    #[default]
    Unspecified,
}

impl Moment {
    /// The day in Europe/Prague this falls on.
    pub fn date(&self) -> Option<NaiveDate> {
        match self {
            Self::Date(date) => Some(*date),
            Self::Instant(instant) => Some(instant.with_timezone(&PRAGUE).date_naive()),
            Self::Unspecified => None,
        }
    }

    /// The last day in Europe/Prague of which this covers anything: what ends at midnight ends with the day before.
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.last_reading().map(|(day, _)| day)
    }

    /// The last day in Europe/Prague, with the reading of the clock at its end unless that is the end of the day.
    pub fn last_reading(&self) -> Option<(NaiveDate, Option<NaiveTime>)> {
        match self.first_reading()? {
            (day, None) if matches!(self, Self::Instant(_)) => {
                Some((day.pred_opt().unwrap_or(day), None))
            }
            reading => Some(reading),
        }
    }

    /// The first day in Europe/Prague, with the reading of the clock unless that is midnight.
    pub fn first_reading(&self) -> Option<(NaiveDate, Option<NaiveTime>)> {
        match self {
            Self::Date(date) => Some((*date, None)),
            Self::Instant(instant) => {
                let reading = instant.with_timezone(&PRAGUE).naive_local();
                let time = Some(reading.time()).filter(|time| *time != NaiveTime::MIN);
                Some((reading.date(), time))
            }
            Self::Unspecified => None,
        }
    }

    /// The first instant this covers.
    pub fn start(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Date(date) => Some(start_of_day(*date)),
            Self::Instant(instant) => Some(*instant),
            Self::Unspecified => None,
        }
    }

    /// The first instant after this: a day counts to its very end (the last day is inclusive).
    pub fn end(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Date(date) => Some(
                date.checked_add_days(Days::new(1))
                    .map_or(DateTime::<Utc>::MAX_UTC, start_of_day),
            ),
            Self::Instant(instant) => Some(*instant),
            Self::Unspecified => None,
        }
    }
}

/// The instant a day begins in Europe/Prague.
pub fn start_of_day(date: NaiveDate) -> DateTime<Utc> {
    prague_instant(date.and_time(NaiveTime::MIN))
}

/// The instant of a local time in Prague.
///
/// A reading that occurs twice (the night daylight saving ends) means the earlier of the two;
/// one that never occurs (the night it begins) means the instant the clocks jump.
pub fn prague_instant(reading: NaiveDateTime) -> DateTime<Utc> {
    use chrono::offset::LocalResult;
    match PRAGUE.from_local_datetime(&reading) {
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => {
            instant.with_timezone(&Utc)
        }
        LocalResult::None => {
            // The gap is one hour: the same reading an hour later exists, and its offset dates the jump.
            let after = PRAGUE
                .from_local_datetime(&(reading + chrono::TimeDelta::hours(1)))
                .earliest();
            match after {
                Some(after) => {
                    let into_gap = chrono::TimeDelta::minutes(i64::from(chrono::Timelike::minute(
                        &reading.time(),
                    ))) + chrono::TimeDelta::seconds(i64::from(
                        chrono::Timelike::second(&reading.time()),
                    ));
                    after.with_timezone(&Utc) - into_gap
                }
                None => reading.and_utc(),
            }
        }
    }
}

/// The instant at which something ends by a local time in Prague.
///
/// A reading that occurs twice means the later of the two here, so that nothing ends early.
pub fn prague_end(reading: NaiveDateTime) -> DateTime<Utc> {
    let latest = PRAGUE.from_local_datetime(&reading).latest();
    latest.map_or_else(|| prague_instant(reading), |instant| instant.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_end(date: (i32, u32, u32), expected: &str) {
        let date = NaiveDate::from_ymd_opt(date.0, date.1, date.2).unwrap();
        let end = Moment::Date(date).end().unwrap();
        assert_eq!(end.to_rfc3339(), expected);
    }

    #[test]
    fn the_last_day_is_inclusive() {
        check_end((2026, 12, 6), "2026-12-06T23:00:00+00:00");
        check_end((2026, 7, 6), "2026-07-06T22:00:00+00:00");
    }

    #[test]
    fn midnight_ends_the_day_before() {
        let last_day = |instant: &str| {
            let day = Moment::Instant(instant.parse().unwrap()).last_day();
            day.unwrap().to_string()
        };
        assert_eq!(last_day("2026-12-06T23:00:00Z"), "2026-12-06");
        assert_eq!(last_day("2026-12-06T23:00:01Z"), "2026-12-07");
        assert_eq!(last_day("2026-12-06T12:00:00Z"), "2026-12-06");
        assert_eq!(Moment::Unspecified.last_day(), None);
    }

    #[test]
    fn days_of_23_and_25_hours_end_at_midnight() {
        // 2026-03-29 loses an hour, 2026-10-25 gains one.
        check_end((2026, 3, 28), "2026-03-28T23:00:00+00:00");
        check_end((2026, 3, 29), "2026-03-29T22:00:00+00:00");
        check_end((2026, 10, 24), "2026-10-24T22:00:00+00:00");
        check_end((2026, 10, 25), "2026-10-25T23:00:00+00:00");
    }

    #[test]
    fn a_reading_in_the_spring_gap_means_the_jump() {
        let reading = NaiveDate::from_ymd_opt(2026, 3, 29)
            .unwrap()
            .and_hms_opt(2, 30, 10)
            .unwrap();
        assert_eq!(
            prague_instant(reading).to_rfc3339(),
            "2026-03-29T01:00:00+00:00"
        );
    }

    #[test]
    fn an_end_that_comes_twice_is_the_later() {
        let check = |reading: &str, expected: &str| {
            let reading = reading.parse().unwrap();
            assert_eq!(prague_end(reading).to_rfc3339(), expected);
        };
        check("2026-10-25T02:30:00", "2026-10-25T01:30:00+00:00");
        check("2026-10-25T03:00:00", "2026-10-25T02:00:00+00:00");
        check("2026-03-29T02:30:00", "2026-03-29T01:00:00+00:00");
        check("2026-12-06T12:00:00", "2026-12-06T11:00:00+00:00");
    }

    #[test]
    fn a_reading_that_comes_twice_means_the_earlier() {
        let reading = NaiveDate::from_ymd_opt(2026, 10, 25)
            .unwrap()
            .and_hms_opt(2, 30, 0)
            .unwrap();
        assert_eq!(
            prague_instant(reading).to_rfc3339(),
            "2026-10-25T00:30:00+00:00"
        );
    }

    #[test]
    fn the_last_day_of_the_calendar_does_not_panic() {
        assert!(Moment::Date(NaiveDate::MAX).end().is_some());
        assert!(Moment::Date(NaiveDate::MIN).start().is_some());
    }
}
