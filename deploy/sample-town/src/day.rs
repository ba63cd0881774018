//! Days relative to today, and the placeholders that name them in texts.
//!
//! The sample board must look the same in any year, therefore nothing in `notices.json` is a calendar date.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A day given relative to today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    offset: i32,
    weekday: Option<Weekday>,
}

/// Why a text is no relative day.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is no relative day; write a number of days like `-3` or a weekday like `wed+4`")]
pub struct DayError(String);

/// No notice is further from today than this, so that adding never leaves the calendar.
const FURTHEST: i32 = 100_000;

impl Day {
    /// So many days after today; negative before it.
    #[must_use]
    pub fn after(offset: i32) -> Self {
        Self {
            offset: offset.clamp(-FURTHEST, FURTHEST),
            weekday: None,
        }
    }

    /// Reads `-3`, `+12` or `wed+4`: the first Wednesday on or after the fourth day from today.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn parse(text: &str) -> Result<Self, DayError> {
        let wrong = || DayError(text.to_owned());
        let start = text
            .find(|c: char| !c.is_ascii_alphabetic())
            .ok_or_else(wrong)?;
        let (name, number) = text.split_at(start);
        let weekday = match name {
            "" => None,
            "mon" => Some(Weekday::Mon),
            "tue" => Some(Weekday::Tue),
            "wed" => Some(Weekday::Wed),
            "thu" => Some(Weekday::Thu),
            "fri" => Some(Weekday::Fri),
            "sat" => Some(Weekday::Sat),
            "sun" => Some(Weekday::Sun),
            _ => return Err(wrong()),
        };
        let offset: i32 = number.parse().map_err(|_| wrong())?;
        if offset.abs() > FURTHEST {
            return Err(wrong());
        }
        Ok(Self { offset, weekday })
    }

    /// The calendar date when today is `today`.
    #[must_use]
    pub fn on(self, today: NaiveDate) -> NaiveDate {
        let days = Days::new(u64::from(self.offset.unsigned_abs()));
        let date = if self.offset < 0 {
            today - days
        } else {
            today + days
        };
        match self.weekday {
            None => date,
            Some(weekday) => date + Days::new(u64::from(weekday.days_since(date.weekday()))),
        }
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.weekday {
            None => serializer.serialize_i32(self.offset),
            Some(day) => serializer.collect_str(&format_args!(
                "{}{:+}",
                day.to_string().to_lowercase(),
                self.offset
            )),
        }
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(i32),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(offset) => Ok(Self::after(offset)),
            Written::Text(text) => Self::parse(&text).map_err(D::Error::custom),
        }
    }
}

/// Replaces `{year}`, `{last_year}`, `{next_year}`, `{date:DAY}`, `{day:DAY}` (as files write it) and `{weekday:DAY}` in a text.
///
/// Anything else in braces stays as it is.
#[must_use]
pub fn fill_in(text: &str, today: NaiveDate) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let Some(close) = rest.find('}') else { break };
        match placeholder(&rest[1..close], today) {
            Some(value) => out.push_str(&value),
            None => {
                // Braces that mean something else may hold placeholders.
                out.push('{');
                rest = &rest[1..];
                continue;
            }
        }
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    out
}

fn placeholder(name: &str, today: NaiveDate) -> Option<String> {
    let day = |text: &str| Day::parse(text).ok().map(|day| day.on(today));
    match name {
        "year" => Some(today.year().to_string()),
        "last_year" => Some((today.year() - 1).to_string()),
        "next_year" => Some((today.year() + 1).to_string()),
        _ => match name.split_once(':')? {
            ("date", text) => {
                day(text).map(|date| format!("{}. {}. {}", date.day(), date.month(), date.year()))
            }
            ("day", text) => day(text).map(|date| date.to_string()),
            ("weekday", text) => day(text).map(|date| weekday_in_czech(date.weekday()).to_owned()),
            _ => None,
        },
    }
}

/// As in "koná se ve středu": the accusative, with its preposition.
fn weekday_in_czech(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "v pondělí",
        Weekday::Tue => "v úterý",
        Weekday::Wed => "ve středu",
        Weekday::Thu => "ve čtvrtek",
        Weekday::Fri => "v pátek",
        Weekday::Sat => "v sobotu",
        Weekday::Sun => "v neděli",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[track_caller]
    fn check(day: &str, today: &str, expected: &str) {
        assert_eq!(Day::parse(day).unwrap().on(date(today)), date(expected));
    }

    #[test]
    fn days_count_from_today() {
        check("0", "2026-11-21", "2026-11-21");
        check("-3", "2026-03-01", "2026-02-26");
        check("+12", "2026-12-25", "2027-01-06");
        // 21 November 2026 is a Saturday, the 25th a Wednesday.
        check("wed+4", "2026-11-21", "2026-11-25");
        check("wed+4", "2026-11-22", "2026-12-02");
        check("mon-7", "2026-11-21", "2026-11-16");
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in ["", "wed", "someday+3", "3 days", "9999999", "středa+1"] {
            assert!(Day::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn placeholders_name_days_and_years() {
        let text = "rok {next_year}, {weekday:wed+4} {date:wed+4}, {unknown} {date:x} {";
        assert_eq!(
            fill_in(text, date("2026-11-21")),
            "rok 2027, ve středu 25. 11. 2026, {unknown} {date:x} {"
        );
        let nested = "x = { cs = \"{next_year}\" }, {day:+1}T08:00:00";
        assert_eq!(
            fill_in(nested, date("2026-11-21")),
            "x = { cs = \"2027\" }, 2026-11-22T08:00:00"
        );
    }
}
