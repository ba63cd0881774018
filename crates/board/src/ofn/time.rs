//! Moments (*časový okamžik*) in every form feeds have been seen to write them.
//!
//! What cannot be understood becomes unspecified with a warning: the notice is shown, dateless.
//! Stand-ins for "never" (the epoch, 3333, 9999) become unspecified as well, as the norm wants it said.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Map, Value};

use super::key::{BEGIN, DAY, END, INSTANT, UNSPECIFIED, fold};
use super::report::{Report, quoted};
use super::text;
use crate::moment::{Moment, PRAGUE, prague_instant};

/// Dates up to this year stand for "none" (1970, 1900, 0001…).
const LAST_STAND_IN_YEAR: i32 = 1970;

/// Dates from this year on stand for "never" (3333, 9999…).
const FIRST_STAND_IN_YEAR: i32 = 3000;

/// Reads the moment of a field; anything not understood is unspecified.
pub(super) fn moment(value: &Value, field: &str, report: &mut Report<'_>) -> Moment {
    match value {
        Value::Object(map) => from_object(map, field, report),
        Value::String(text) => {
            report.tidied(field, "prostý text místo časového okamžiku");
            from_text(text, None, field, report)
        }
        Value::Number(number) => from_number(number.as_i64(), field, report),
        Value::Array(several) => match several.first() {
            Some(first) if !first.is_array() => {
                report.tidied(field, "seznam místo časového okamžiku; vzat první prvek");
                moment(first, field, report)
            }
            _ => unreadable("prázdný seznam", field, report),
        },
        Value::Null | Value::Bool(_) => unreadable(text::kind(value), field, report),
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

fn from_object(map: &Map<String, Value>, field: &str, report: &mut Report<'_>) -> Moment {
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
    let given = match (day, instant) {
        (Some(day), Some(_)) => {
            // A day lasts to its end, so of the two it never removes a notice too early.
            report.deviates(field, "uvedeno „datum“ i „datum_a_čas“; platí „datum“");
            Some((day, Some(Key::Day)))
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
        (Some((value, key)), open) => {
            if open == Some(true) {
                report.deviates(
                    field,
                    "uvedeno datum i „nespecifikovaný“; platí datum, je-li čitelné",
                );
            }
            match value {
                Value::String(text) => from_text(text, key, field, report),
                Value::Number(number) => from_number(number.as_i64(), field, report),
                other => unreadable(text::kind(other), field, report),
            }
        }
        (None, Some(true)) => Moment::Unspecified,
        (None, _) => unreadable("„nespecifikovaný“ není true", field, report),
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
    report.deviates(
        field,
        format!("nečitelné datum ({what}); bráno jako nespecifikované"),
    );
    Moment::Unspecified
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
    /// RFC 3339 with a zone.
    Instant(DateTime<FixedOffset>),
    /// A date and time without a zone.
    Reading(NaiveDateTime),
}

fn from_text(text: &str, key: Option<Key>, field: &str, report: &mut Report<'_>) -> Moment {
    let trimmed = text.trim();
    let Some(said) = parse(trimmed) else {
        let what = if trimmed.is_empty() {
            "prázdný text".to_owned()
        } else {
            quoted(trimmed)
        };
        return unreadable(&what, field, report);
    };
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
        Said::Instant(instant) if key == Some(Key::Day) => {
            from_instant_in_day(instant.with_timezone(&Utc), trimmed, field, report)
        }
        Said::Instant(instant) => Moment::Instant(instant.with_timezone(&Utc)),
        Said::Reading(reading) => {
            report.deviates(
                field,
                format!("čas {} bez pásma; brán jako pražský", quoted(trimmed)),
            );
            let instant = prague_instant(reading);
            if key == Some(Key::Day) {
                from_instant_in_day(instant, trimmed, field, report)
            } else {
                Moment::Instant(instant)
            }
        }
    };
    without_stand_ins(found, trimmed, field, report)
}

/// A date and time where the norm wants a day.
///
/// Read in Prague, a midnight means the day it begins. Feeds were seen to write 01:00 and 23:00 there,
/// which are midnights too, shifted by a zone mixed up; the date part alone would be off by a day.
fn from_instant_in_day(
    instant: DateTime<Utc>,
    text: &str,
    field: &str,
    report: &mut Report<'_>,
) -> Moment {
    let nearest = [0, -1, 1].into_iter().find_map(|hours| {
        let reading = instant
            .with_timezone(&PRAGUE)
            .naive_local()
            .checked_add_signed(TimeDelta::hours(hours))?;
        (reading.time() == chrono::NaiveTime::MIN).then(|| reading.date())
    });
    match nearest {
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
    match instant {
        Some(instant) => {
            report.deviates(field, "čas zapsán počtem sekund od roku 1970; přečten");
            Moment::Instant(instant)
        }
        None => unreadable("číslo", field, report),
    }
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
    for format in ["%d.%m.%Y", "%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%Y%m%d"] {
        if let Ok(day) = NaiveDate::parse_from_str(&czech, format) {
            return Some(Said::DayOtherwise(day));
        }
    }
    None
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
        let found = match moment(&value, "relevantní_do", &mut warnings.about("n")) {
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
            "2026-12-05T23:00:00Z",
            Some("sekund"),
        );
        check(
            json!([{"typ": "Časový okamžik", "datum": "2026-12-06"}]),
            "2026-12-06",
            Some("seznam"),
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
            Some("platí „datum“"),
        );
        check(
            json!({"typ": "Časový okamžik", "datum": "2026-12-06", "nespecifikovaný": true}),
            "2026-12-06",
            Some("platí datum"),
        );
    }
}
