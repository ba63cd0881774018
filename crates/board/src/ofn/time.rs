//! Moments (*časový okamžik*) in every form feeds have been seen to write them.
//!
//! What cannot be understood becomes unspecified with a warning: the notice is shown, dateless.
//! Stand-ins for "never" (the epoch, 3333, 9999) become unspecified as well, as the norm wants it said.
//! Of two readings of an end the later counts, and of a start the earlier: no reading hides a notice that another shows.

use std::ops::RangeInclusive;

use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc,
};
use serde_json::{Map, Value};

use super::key::{BEGIN, DAY, END, INSTANT, UNSPECIFIED, UNTIL, fold};
use super::report::{Report, quoted};
use super::text;
use crate::moment::{Moment, PRAGUE, prague_end, prague_instant};

/// Dates up to this year stand for "none" (1970, 1900, 0001…).
const LAST_STAND_IN_YEAR: i32 = 1970;

/// Dates from this year on stand for "never" (3333, 9999…).
const FIRST_STAND_IN_YEAR: i32 = 3000;

/// Years of two digits, whose century nobody has said; the year 1 is a stand-in.
const TWO_DIGITS: RangeInclusive<i32> = 2..=99;

/// Which edge of the time of posting a moment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    Start,
    End,
}

/// How many moments of one list are read.
const MAX_MOMENTS: usize = 20;

/// Reads the moment of a field; anything not understood is unspecified.
pub(super) fn moment(value: &Value, edge: Edge, field: &str, report: &mut Report<'_>) -> Moment {
    match value {
        Value::Object(map) => from_object(map, edge, field, report),
        Value::String(text) => {
            report.tidied(field, "prostý text místo časového okamžiku");
            from_text(text, None, edge, field, report)
        }
        Value::Number(number) => from_number(number.as_i64(), field, report),
        Value::Array(several) => {
            let moments: Vec<Moment> = several
                .iter()
                .filter(|value| !value.is_array())
                .take(MAX_MOMENTS)
                .map(|value| moment(value, edge, field, report))
                .collect();
            match *moments {
                [] => unreadable("prázdný seznam", field, report),
                [only] => {
                    report.tidied(
                        field,
                        "seznam místo časového okamžiku; vzat jeho jediný prvek",
                    );
                    only
                }
                _ => edge.of_several(&moments, field, report),
            }
        }
        Value::Null | Value::Bool(_) => unreadable(text::kind(value), field, report),
    }
}

impl Edge {
    /// The moment that shows the notice longest, of those that say when.
    pub(super) fn of_several(
        self,
        moments: &[Moment],
        field: &str,
        report: &mut Report<'_>,
    ) -> Moment {
        let said = moments
            .iter()
            .filter(|moment| **moment != Moment::Unspecified);
        let (counts, found) = match self {
            Self::Start => ("nejdřívější", said.min_by_key(|moment| moment.start())),
            Self::End => ("nejpozdější", said.max_by_key(|moment| moment.end())),
        };
        let found = found.copied().unwrap_or_default();
        if moments.iter().any(|moment| *moment != found) {
            let day = found.date().map_or_else(String::new, |day| {
                format!(" ({})", day.format("%-d. %-m. %Y"))
            });
            doubt(
                format!("uvedeno více různých časů; platí {counts}{day}"),
                field,
                report,
            );
        }
        found
    }
}

/// The two ends of an interval, which the draft before 2021 wrote in place of two moments.
pub(super) fn interval(value: &Value) -> Option<(Option<&Value>, Option<&Value>)> {
    let Value::Object(map) = value else {
        return None;
    };
    let (begin, end) = (BEGIN.of(map), END.of(map));
    (begin.is_some() || end.is_some()).then_some((begin, end))
}

/// Which of the norm's two keys a text stood under.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Day,
    Instant,
}

fn from_object(
    map: &Map<String, Value>,
    edge: Edge,
    field: &str,
    report: &mut Report<'_>,
) -> Moment {
    if !is_of_type(map.get("typ")) {
        report.tidied(field, "časový okamžik bez správného „typ“");
    }
    let (day, instant) = (DAY.of(map), INSTANT.of(map));
    let unspecified = UNSPECIFIED.of(map);
    let openly_unspecified = match unspecified {
        Some(Value::Bool(open)) => Some(*open),
        Some(Value::String(text)) => Some(matches!(fold(text).as_str(), "true" | "ano" | "1")),
        Some(_) => Some(false),
        None => None,
    };
    if openly_unspecified == Some(true) && (day.is_some() || instant.is_some()) {
        doubt(
            "uvedeno datum i „nespecifikovaný“; platí datum, je-li čitelné".to_owned(),
            field,
            report,
        );
    }
    let given = match (day, instant) {
        (Some(day), Some(instant)) => {
            report.tidied(field, "uvedeno „datum“ i „datum_a_čas“");
            let both = [(day, Key::Day), (instant, Key::Instant)]
                .map(|(value, key)| from_value(value, Some(key), edge, field, report));
            return edge.of_several(&both, field, report);
        }
        (Some(day), None) => Some((day, Some(Key::Day))),
        (None, Some(instant)) => Some((instant, Some(Key::Instant))),
        (None, None) if openly_unspecified != Some(true) => {
            // „Časový okamžik“ has been seen as the key; any other readable value is as good.
            let other = map
                .iter()
                .find(|(key, value)| is_other_date(key, value))
                .map(|(key, value)| {
                    report.tidied(
                        field,
                        format!("zapsáno pod klíčem {}; přečteno", quoted(key)),
                    );
                    (value, None)
                });
            if other.is_none() && openly_unspecified.is_none() {
                let what = if map.is_empty() {
                    "prázdný objekt"
                } else {
                    "objekt bez data"
                };
                return unreadable(what, field, report);
            }
            other
        }
        (None, None) => None,
    };
    match (given, openly_unspecified) {
        (Some((value, key)), _) => from_value(value, key, edge, field, report),
        (None, Some(true)) => Moment::Unspecified,
        (None, _) => unreadable("„nespecifikovaný“ není true", field, report),
    }
}

fn from_value(
    value: &Value,
    key: Option<Key>,
    edge: Edge,
    field: &str,
    report: &mut Report<'_>,
) -> Moment {
    match value {
        Value::String(text) => from_text(text, key, edge, field, report),
        Value::Number(number) => from_number(number.as_i64(), field, report),
        other => unreadable(text::kind(other), field, report),
    }
}

fn is_of_type(value: Option<&Value>) -> bool {
    const TYPE: &str = "Časový okamžik";
    match value {
        Some(Value::String(name)) => name == TYPE,
        Some(Value::Array(names)) => names.iter().any(|name| name == TYPE),
        _ => false,
    }
}

fn is_other_date(key: &str, value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    !matches!(key, "typ" | "@type" | "nespecifikovaný")
        && (fold(key) == "casovyokamzik" && !text.is_empty() || parse(text.trim()).is_some())
}

fn unreadable(what: &str, field: &str, report: &mut Report<'_>) -> Moment {
    doubt(
        format!("nečitelné datum ({what}); bráno jako nespecifikované"),
        field,
        report,
    );
    Moment::Unspecified
}

/// The moment that counts may be another than the one that was meant.
fn doubt(message: String, field: &str, report: &mut Report<'_>) {
    if field == UNTIL.norm {
        report.doubts_end(field, message);
    } else {
        report.deviates(field, message);
    }
}

/// What a text turned out to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// `2026-12-06`
    Day(NaiveDate),
    /// `2026-12-06+01:00`
    DayWithZone(NaiveDate),
    /// A day in another spelling, for instance `6. 12. 2026`.
    DayOtherwise(NaiveDate),
    /// `09/02/2027`: the 9 February in Europe, the 2 September in America.
    DayOrMonth(NaiveDate),
    /// RFC 3339 with a zone.
    Instant(DateTime<FixedOffset>),
    /// A date and time without a zone.
    Reading(NaiveDateTime),
}

impl Said {
    fn year(self) -> i32 {
        match self {
            Self::Day(day)
            | Self::DayWithZone(day)
            | Self::DayOtherwise(day)
            | Self::DayOrMonth(day) => day.year(),
            Self::Instant(instant) => instant.year(),
            Self::Reading(reading) => reading.year(),
        }
    }
}

fn from_text(
    text: &str,
    key: Option<Key>,
    edge: Edge,
    field: &str,
    report: &mut Report<'_>,
) -> Moment {
    let trimmed = text.trim();
    let Some(said) = parse(trimmed) else {
        let what = if trimmed.is_empty() {
            "prázdný text".to_owned()
        } else {
            quoted(trimmed)
        };
        return unreadable(&what, field, report);
    };
    if TWO_DIGITS.contains(&said.year()) {
        let what = format!("{}, rok o dvou číslicích", quoted(trimmed));
        return unreadable(&what, field, report);
    }
    let found = match said {
        Said::Day(day) => {
            if key == Some(Key::Instant) {
                report.tidied(field, "pouhé datum v „datum_a_čas“; bráno jako celý den");
            }
            Moment::Date(day)
        }
        Said::DayWithZone(day) => {
            report.tidied(field, "pásmo u data vynecháno");
            Moment::Date(day)
        }
        Said::DayOtherwise(day) => {
            report.tidied(
                field,
                format!(
                    "datum {} zapsáno jinak než RRRR-MM-DD; přečteno",
                    quoted(text)
                ),
            );
            Moment::Date(day)
        }
        Said::DayOrMonth(_) if edge == Edge::End => {
            let what = format!("{} je den i měsíc, nebo naopak", quoted(trimmed));
            return unreadable(&what, field, report);
        }
        Said::DayOrMonth(day) => {
            report.deviates(
                field,
                format!(
                    "datum {} je dvojznačné; přečteno jako {}",
                    quoted(trimmed),
                    day.format("%-d. %-m. %Y")
                ),
            );
            Moment::Date(day)
        }
        Said::Instant(instant) if key == Some(Key::Day) => {
            from_instant_in_day(instant.with_timezone(&Utc), trimmed, field, report)
        }
        Said::Instant(instant) => Moment::Instant(instant.with_timezone(&Utc)),
        Said::Reading(reading) => {
            let (first, last) = (prague_instant(reading), prague_end(reading));
            let (instant, which) = match edge {
                Edge::Start => (first, "dřívější"),
                Edge::End => (last, "pozdější"),
            };
            let twice = if first == last {
                String::new()
            } else {
                format!(", při změně času nastane dvakrát a platí {which}")
            };
            let message = format!(
                "čas {} bez pásma; brán jako pražský{twice}",
                quoted(trimmed)
            );
            if first == last {
                report.deviates(field, message);
            } else {
                doubt(message, field, report);
            }
            if key == Some(Key::Day) {
                from_instant_in_day(instant, trimmed, field, report)
            } else {
                Moment::Instant(instant)
            }
        }
    };
    without_stand_ins(found, trimmed, field, report)
}

/// The day that begins at an instant.
///
/// Feeds were seen to write 01:00 and 23:00 in Prague, which are midnights too, shifted by a zone mixed up;
/// the date part alone would be off by a day. A midnight in UTC comes from programs that know no zones.
fn day_from_midnight(instant: DateTime<Utc>) -> Option<NaiveDate> {
    let local = instant.with_timezone(&PRAGUE).naive_local();
    [0, -1, 1]
        .into_iter()
        .filter_map(|hours| local.checked_add_signed(TimeDelta::hours(hours)))
        .chain([instant.naive_utc()])
        .find_map(|reading| (reading.time() == NaiveTime::MIN).then(|| reading.date()))
}

/// A date and time where the norm wants a day: a midnight means the day it begins.
fn from_instant_in_day(
    instant: DateTime<Utc>,
    text: &str,
    field: &str,
    report: &mut Report<'_>,
) -> Moment {
    match day_from_midnight(instant) {
        Some(day) => {
            report.deviates(
                field,
                format!(
                    "čas v „datum“ ({}) je půlnoc, nejvýš posunutá pásmem; brán jako den {}",
                    quoted(text),
                    day.format("%-d. %-m. %Y")
                ),
            );
            Moment::Date(day)
        }
        None => {
            report.deviates(
                field,
                format!("čas v „datum“ ({}); brán jako okamžik", quoted(text)),
            );
            Moment::Instant(instant)
        }
    }
}

fn from_number(number: Option<i64>, field: &str, report: &mut Report<'_>) -> Moment {
    // Seconds of the epoch from 2001 on have ten digits, milliseconds thirteen.
    let instant = match number {
        Some(seconds @ 1_000_000_000..=9_999_999_999) => DateTime::from_timestamp(seconds, 0),
        Some(millis @ 1_000_000_000_000..=9_999_999_999_999) => {
            DateTime::from_timestamp_millis(millis)
        }
        _ => None,
    };
    let Some(instant) = instant else {
        return unreadable("číslo", field, report);
    };
    let (found, what) = match day_from_midnight(instant) {
        Some(day) => (
            Moment::Date(day),
            format!(
                "; je to půlnoc, brán jako den {}",
                day.format("%-d. %-m. %Y")
            ),
        ),
        None => (Moment::Instant(instant), "; přečten".to_owned()),
    };
    report.deviates(
        field,
        format!("čas zapsán počtem sekund od roku 1970{what}"),
    );
    found
}

fn without_stand_ins(found: Moment, text: &str, field: &str, report: &mut Report<'_>) -> Moment {
    let year = found.date().map(|date| date.year());
    if year.is_some_and(|year| !(LAST_STAND_IN_YEAR + 1..FIRST_STAND_IN_YEAR).contains(&year)) {
        report.deviates(
            field,
            format!(
                "zástupné datum {}; bráno jako nespecifikované",
                quoted(text)
            ),
        );
        return Moment::Unspecified;
    }
    found
}

fn parse(text: &str) -> Option<Said> {
    if text.len() > 60 || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Some(day) = iso_day(text) {
        return Some(Said::Day(day));
    }
    if let (Some(head), Some(tail)) = (text.get(..10), text.get(10..))
        && let Some(day) = iso_day(head)
    {
        if is_zone(tail) {
            return Some(Said::DayWithZone(day));
        }
        // The end of a day, written as an hour that no clock shows.
        if tail
            .strip_prefix(['T', ' '])
            .is_some_and(|time| time.starts_with("24:00"))
        {
            return Some(Said::DayOtherwise(day));
        }
    }
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(Said::Instant(instant));
    }
    for format in [
        "%Y-%m-%dT%H:%M:%S%.f%#z",
        "%Y-%m-%d %H:%M:%S%.f%#z",
        "%Y-%m-%dT%H:%M%#z",
    ] {
        if let Ok(instant) = DateTime::parse_from_str(text, format) {
            return Some(Said::Instant(instant));
        }
    }
    // „6. 12. 2026 8:00“ as much as „06.12.2026 08:00:00“.
    let czech = text.replace(". ", ".");
    for format in [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
        "%d.%m.%Y %H:%M:%S",
        "%d.%m.%Y %H:%M",
    ] {
        if let Ok(reading) = NaiveDateTime::parse_from_str(&czech, format) {
            return Some(Said::Reading(reading));
        }
    }
    for format in ["%d.%m.%Y", "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"] {
        if let Ok(day) = NaiveDate::parse_from_str(&czech, format) {
            return Some(Said::DayOtherwise(day));
        }
    }
    let day = NaiveDate::parse_from_str(text, "%d/%m/%Y").ok()?;
    let either = day.day() <= 12 && day.day() != day.month();
    Some(if either {
        Said::DayOrMonth(day)
    } else {
        Said::DayOtherwise(day)
    })
}

fn iso_day(text: &str) -> Option<NaiveDate> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if shaped {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
    } else {
        None
    }
}

fn is_zone(text: &str) -> bool {
    text == "Z"
        || text.strip_prefix(['+', '-']).is_some_and(|offset| {
            offset.len() == 5
                && offset.bytes().enumerate().all(|(at, byte)| match at {
                    2 => byte == b':',
                    _ => byte.is_ascii_digit(),
                })
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::report::Warnings;
    use super::*;

    /// `expected` is a date, an instant in UTC or `-`; `warning` a part of the last warning.
    #[track_caller]
    fn check(value: Value, expected: &str, warning: Option<&str>) {
        let mut warnings = Warnings::default();
        let field = "relevantní_do";
        let found = match moment(&value, Edge::End, field, &mut warnings.about("n")) {
            Moment::Date(day) => day.to_string(),
            Moment::Instant(instant) => {
                instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
            }
            Moment::Unspecified => "-".to_owned(),
        };
        let warnings = warnings.finish();
        assert_eq!(found, expected, "{value} {warnings:?}");
        match (warnings.last(), warning) {
            (None, None) => {}
            (Some(found), Some(expected)) => {
                assert!(found.message.contains(expected), "{warnings:?}");
                assert_eq!(found.field, "relevantní_do");
            }
            _ => panic!("{value}: {warnings:?}, expected {warning:?}"),
        }
    }

    fn day(text: &str) -> Value {
        json!({"typ": "Časový okamžik", "datum": text})
    }

    fn instant(text: &str) -> Value {
        json!({"typ": "Časový okamžik", "datum_a_čas": text})
    }

    #[test]
    fn the_norms_own_forms_raise_no_warning() {
        check(day("2026-12-06"), "2026-12-06", None);
        check(
            instant("2026-11-25T17:00:00.5+01:00"),
            "2026-11-25T16:00:00.500Z",
            None,
        );
        check(
            json!({"typ": ["Časový okamžik"], "nespecifikovaný": true}),
            "-",
            None,
        );
        check(day("2099-12-31"), "2099-12-31", None);
    }

    #[test]
    fn a_time_in_a_day_is_an_instant() {
        check(
            day("2024-10-25T11:15:00+02:00"),
            "2024-10-25T09:15:00Z",
            Some("brán jako okamžik"),
        );
    }

    #[test]
    fn a_midnight_shifted_by_a_zone_is_its_day() {
        // 01:00 in summer time, written with the summer's zone: the publisher meant the 25th.
        check(
            day("2024-07-25T01:00:00+02:00"),
            "2024-07-25",
            Some("25. 7. 2024"),
        );
        // The summer's zone in winter: midnight in Prague.
        check(
            day("2024-11-25T01:00:00+02:00"),
            "2024-11-25",
            Some("25. 11. 2024"),
        );
        // An hour before midnight: the 25th, not the 24th its date part says.
        check(
            day("2022-01-24T23:00:00+01:00"),
            "2022-01-25",
            Some("25. 1. 2022"),
        );
        check(
            day("2022-01-24T23:00:00Z"),
            "2022-01-25",
            Some("25. 1. 2022"),
        );
        check(
            day("2022-01-25T00:00:00"),
            "2022-01-25",
            Some("25. 1. 2022"),
        );
    }

    #[test]
    fn a_time_without_a_zone_is_pragues() {
        check(
            instant("2026-06-25T13:20:32.439493"),
            "2026-06-25T11:20:32.439493Z",
            Some("bez pásma"),
        );
        check(
            instant("2026-12-25 18:00"),
            "2026-12-25T17:00:00Z",
            Some("bez pásma"),
        );
    }

    #[test]
    fn a_day_where_an_instant_belongs_stays_a_day() {
        check(instant("2026-12-06"), "2026-12-06", Some("celý den"));
        check(day("2026-12-06+01:00"), "2026-12-06", Some("pásmo"));
        check(day("2026-12-06T24:00:00"), "2026-12-06", Some("jinak než"));
    }

    #[test]
    fn other_spellings_are_read() {
        check(json!("2026-12-06"), "2026-12-06", Some("prostý text"));
        check(json!("6. 12. 2026"), "2026-12-06", Some("jinak než"));
        check(
            json!("06.12.2026 13:20:32"),
            "2026-12-06T12:20:32Z",
            Some("bez pásma"),
        );
        check(json!("20261206"), "2026-12-06", Some("jinak než"));
        check(
            json!({"typ": "Časový okamžik", "Časový okamžik": "2026-12-06"}),
            "2026-12-06",
            Some("„Časový okamžik“"),
        );
        check(json!({"datum": "2026-12-06"}), "2026-12-06", Some("„typ“"));
        check(
            json!(1_796_511_600_000_i64),
            "2026-12-06",
            Some("půlnoc, brán jako den 6. 12. 2026"),
        );
        check(
            json!(1_783_296_000_i64),
            "2026-07-06",
            Some("půlnoc, brán jako den 6. 7. 2026"),
        );
        check(
            json!(1_796_511_660_000_i64),
            "2026-12-05T23:01:00Z",
            Some("sekund od roku 1970; přečten"),
        );
        check(
            json!([{"typ": "Časový okamžik", "datum": "2026-12-06"}]),
            "2026-12-06",
            Some("seznam"),
        );
    }

    #[test]
    fn a_start_is_the_earlier_of_several_readings() {
        let check = |value: Value, expected: Moment| {
            let mut warnings = Warnings::default();
            let found = moment(&value, Edge::Start, "vyvěšení", &mut warnings.about("n"));
            assert_eq!(found, expected, "{value}");
            assert!(!warnings.finish().is_empty(), "{value}");
        };
        let date = |text: &str| Moment::Date(text.parse().unwrap());
        check(
            json!([day("2026-12-24"), day("2026-12-06")]),
            date("2026-12-06"),
        );
        check(day("09/02/2027"), date("2027-02-09"));
        check(
            instant("2027-10-31T02:30:00"),
            Moment::Instant("2027-10-31T00:30:00Z".parse().unwrap()),
        );
    }

    #[test]
    fn an_end_of_several_readings_is_not_early() {
        check(day("09/02/2027"), "-", Some("den i měsíc"));
        check(day("09/09/2027"), "2027-09-09", Some("jinak než"));
        check(day("24/02/2027"), "2027-02-24", Some("jinak než"));
        check(
            instant("2027-10-31T02:30:00"),
            "2027-10-31T01:30:00Z",
            Some("nastane dvakrát a platí pozdější"),
        );
        check(
            instant("2027-03-28T02:30:00"),
            "2027-03-28T01:00:00Z",
            Some("pražský"),
        );
        check(
            day("2026-07-06T00:00:00Z"),
            "2026-07-06",
            Some("6. 7. 2026"),
        );
    }

    #[test]
    fn junk_is_unspecified() {
        for junk in [
            "",
            "0000-00-00",
            "-",
            "None",
            "?",
            "null",
            "2026-02-30",
            "2026-13-01",
            "dosud",
            "99999999999999999999",
            "+2026-01-01",
            "２０２６-01-01",
            "2026-01-01T99:99:99Z",
        ] {
            check(day(junk), "-", Some("nečitelné"));
            check(instant(junk), "-", Some("nečitelné"));
            check(json!(junk), "-", Some("nečitelné"));
        }
        for junk in [
            json!(null),
            json!({}),
            json!([]),
            json!([[]]),
            json!(true),
            json!(5),
            json!(-1e300),
            json!({"typ": "Časový okamžik"}),
            json!({"typ": "Časový okamžik", "datum": 5}),
            json!({"typ": "Časový okamžik", "datum": {"datum": "2026-01-01"}}),
            json!({"typ": "Časový okamžik", "Časový okamžik": "?"}),
        ] {
            check(junk, "-", Some("nečitelné"));
        }
        check(
            json!({"typ": "Časový okamžik", "nespecifikovaný": false}),
            "-",
            Some("není true"),
        );
    }

    #[test]
    fn a_year_of_two_digits_is_not_read_and_nothing_else_is_said() {
        for value in [
            day("9. 2. 27"),
            day("9/2/27"),
            instant("9. 2. 27 8:00"),
            instant("0027-02-09T08:00:00Z"),
        ] {
            for edge in [Edge::Start, Edge::End] {
                let mut warnings = Warnings::default();
                let found = moment(&value, edge, "relevantní_do", &mut warnings.about("n"));
                assert_eq!(found, Moment::Unspecified);
                let warnings = warnings.finish();
                let [warning] = &warnings[..] else {
                    panic!("{value}: {warnings:?}");
                };
                let expected = "rok o dvou číslicích); bráno jako nespecifikované";
                assert!(warning.message.ends_with(expected), "{warnings:?}");
            }
        }
    }

    #[test]
    fn stand_ins_for_never_are_unspecified() {
        for stand_in in [
            "1970-01-01",
            "9999-09-09",
            "3333-03-03",
            "0001-01-01",
            "1900-01-01",
        ] {
            check(day(stand_in), "-", Some("zástupné"));
        }
        check(instant("1970-01-01T00:00:00Z"), "-", Some("zástupné"));
        check(instant("9999-12-31T23:59:59Z"), "-", Some("zástupné"));
    }

    #[test]
    fn of_two_answers_the_one_that_hides_nothing_counts() {
        check(
            json!({"typ": "Časový okamžik", "datum": "2026-12-06", "datum_a_čas": "2026-12-06T00:00:00+01:00"}),
            "2026-12-06",
            Some("platí nejpozdější (6. 12. 2026)"),
        );
        check(
            json!({"typ": "Časový okamžik", "datum": "2026-12-06", "datum_a_čas": "2026-12-09T10:00:00+01:00"}),
            "2026-12-09T09:00:00Z",
            Some("platí nejpozdější (9. 12. 2026)"),
        );
        check(
            json!({"typ": "Časový okamžik", "datum": "2026-12-06", "datum_a_čas": "?"}),
            "2026-12-06",
            Some("platí nejpozdější (6. 12. 2026)"),
        );
        check(
            json!([day("2026-12-06"), day("2026-12-24"), null]),
            "2026-12-24",
            Some("platí nejpozdější (24. 12. 2026)"),
        );
        check(
            json!({"typ": "Časový okamžik", "datum": "2026-12-06", "nespecifikovaný": true}),
            "2026-12-06",
            Some("platí datum"),
        );
    }
}
