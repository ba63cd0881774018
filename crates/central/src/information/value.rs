//! Values of the information files: texts, hours, days and moments.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde::Deserialize;
use toml::value::Datetime;
use url::Url;
use vyveska_board::moment::prague_instant;
use vyveska_wire::information::IntervalRecord;
use vyveska_wire::section::{MomentRecord, Texts};

use super::InvalidValue;
use crate::config::TextConfig;

/// The longest title, in characters.
pub(super) const TITLE: usize = 120;
/// The longest text, in characters.
pub(super) const TEXT: usize = 4000;

/// A text of limited length; may be empty.
pub(super) fn text(key: &str, written: &TextConfig, longest: usize) -> Result<Texts, InvalidValue> {
    let mut texts = written.texts();
    for (language, text) in &mut texts {
        *text = text.trim().to_owned();
        let letters = text.chars().count();
        if letters > longest {
            let message = format!("{language}: at most {longest} characters, there are {letters}");
            return Err(InvalidValue::at(key, message));
        }
    }
    texts.retain(|_, text| !text.is_empty());
    Ok(texts)
}

/// A name, a telephone number or the like, the same in every language.
pub(super) fn plain(key: &str, written: &str) -> Result<String, InvalidValue> {
    let letters = written.chars().count();
    if letters > TITLE {
        let message = format!("at most {TITLE} characters, there are {letters}");
        return Err(InvalidValue::at(key, message));
    }
    Ok(written.to_owned())
}

/// A text that must exist in Czech.
pub(super) fn title(
    key: &str,
    written: &TextConfig,
    longest: usize,
) -> Result<Texts, InvalidValue> {
    let texts = text(key, written, longest)?;
    if texts.contains_key("cs") {
        Ok(texts)
    } else {
        Err(InvalidValue::at(key, "must be there in Czech (cs)"))
    }
}

/// An identifier: lower-case letters, digits and hyphens.
pub(super) fn id(key: &str, written: &str) -> Result<String, InvalidValue> {
    if crate::config::is_slug(written) {
        Ok(written.to_owned())
    } else {
        let message = format!("{written:?} must be lower-case letters, digits and hyphens");
        Err(InvalidValue::at(key, message))
    }
}

/// An address for QR codes.
pub(super) fn url(key: &str, written: Option<&str>) -> Result<Option<Url>, InvalidValue> {
    let Some(written) = written else {
        return Ok(None);
    };
    match Url::parse(written) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && written.len() <= 500 => {
            Ok(Some(url))
        }
        _ => Err(InvalidValue::at(
            key,
            format!("{written:?} must begin with https:// or http://, with at most 500 characters"),
        )),
    }
}

/// As in `8:00-12:00`; dots and an en dash are accepted as well.
pub(super) fn interval(key: &str, written: &str) -> Result<IntervalRecord, InvalidValue> {
    let wrong = || {
        let message = format!("{written:?} must be like \"8:00-12:00\"");
        InvalidValue::at(key, message)
    };
    let (from, to) = written.split_once(['-', '–']).ok_or_else(wrong)?;
    let time = |text: &str| {
        let text = text.trim().replace('.', ":");
        // Midnight at the end of a day.
        let text = if text == "24:00" { "0:00" } else { &text };
        NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| wrong())
    };
    Ok(IntervalRecord {
        from: time(from)?,
        to: time(to)?,
    })
}

/// The intervals of a day.
pub(super) fn intervals(
    key: &str,
    written: &[String],
) -> Result<Vec<IntervalRecord>, InvalidValue> {
    if written.len() > 6 {
        return Err(InvalidValue::at(key, "at most six stretches a day"));
    }
    written.iter().map(|one| interval(key, one)).collect()
}

/// A day or a moment, written as TOML writes them: 2026-12-02, or 2026-12-02T08:00:00 in Prague.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(super) struct MomentConfig(Datetime);

impl MomentConfig {
    fn reading(self) -> Option<(NaiveDate, Option<NaiveTime>)> {
        let date = self.0.date?;
        let date = NaiveDate::from_ymd_opt(
            i32::from(date.year),
            u32::from(date.month),
            u32::from(date.day),
        )?;
        let time = match self.0.time {
            Some(time) => Some(NaiveTime::from_hms_opt(
                u32::from(time.hour),
                u32::from(time.minute),
                u32::from(time.second.unwrap_or(0)),
            )?),
            None => None,
        };
        Some((date, time))
    }

    /// Converts to the wire type.
    pub(super) fn record(self, key: &str) -> Result<MomentRecord, InvalidValue> {
        match self.reading() {
            Some((date, None)) => Ok(MomentRecord::Date(date)),
            Some((date, Some(time))) => {
                Ok(MomentRecord::Instant(self.instant_of(date.and_time(time))))
            }
            None => Err(InvalidValue::at(key, "must be a day, or a day and a time")),
        }
    }

    /// A day without a time.
    pub(super) fn day(self, key: &str) -> Result<NaiveDate, InvalidValue> {
        match self.reading() {
            Some((date, None)) => Ok(date),
            _ => Err(InvalidValue::at(
                key,
                "must be a day like 2026-12-02, without a time",
            )),
        }
    }

    pub(super) fn instant(self, key: &str) -> Result<DateTime<Utc>, InvalidValue> {
        match self.reading() {
            Some((date, Some(time))) => Ok(self.instant_of(date.and_time(time))),
            _ => Err(InvalidValue::at(
                key,
                "must be a day and a time like 2026-12-02T08:00:00",
            )),
        }
    }

    fn instant_of(self, reading: NaiveDateTime) -> DateTime<Utc> {
        use toml::value::Offset;
        match self.0.offset {
            None => prague_instant(reading),
            Some(Offset::Z) => reading.and_utc(),
            Some(Offset::Custom { minutes }) => {
                reading.and_utc() - chrono::TimeDelta::minutes(i64::from(minutes))
            }
        }
    }
}

/// An optional moment.
pub(super) fn moment(
    key: &str,
    written: Option<MomentConfig>,
) -> Result<MomentRecord, InvalidValue> {
    written.map_or(Ok(MomentRecord::Unspecified), |one| one.record(key))
}

/// An optional day.
pub(super) fn day(
    key: &str,
    written: Option<MomentConfig>,
) -> Result<Option<NaiveDate>, InvalidValue> {
    written.map(|one| one.day(key)).transpose()
}

/// Checks the length of a list.
pub(super) fn at_most<T>(key: &str, list: &[T], most: usize) -> Result<(), InvalidValue> {
    if list.len() > most {
        return Err(InvalidValue::at(
            key,
            format!("at most {most}, there are {}", list.len()),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct One {
        at: MomentConfig,
    }

    fn written(text: &str) -> MomentConfig {
        toml::from_str::<One>(&format!("at = {text}")).unwrap().at
    }

    #[test]
    fn moments_are_readings_of_prague_unless_they_say_otherwise() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            let MomentRecord::Instant(instant) = written(text).record("at").unwrap() else {
                panic!("{text} is an instant");
            };
            assert_eq!(instant.to_rfc3339(), expected);
        }
        check("2026-12-02T08:00:00", "2026-12-02T07:00:00+00:00");
        check("2026-07-02 08:00:00", "2026-07-02T06:00:00+00:00");
        check("2026-07-02T08:00:00Z", "2026-07-02T08:00:00+00:00");
        check("2026-07-02T08:00:00+05:00", "2026-07-02T03:00:00+00:00");
        let day = "2026-12-02".parse().unwrap();
        assert_eq!(
            written("2026-12-02").record("at").unwrap(),
            MomentRecord::Date(day)
        );
        assert!(written("08:00:00").record("at").is_err());
        assert!(written("2026-12-02").instant("at").is_err());
        assert!(written("2026-12-02T08:00:00").day("at").is_err());
    }

    #[test]
    fn hours_are_read_as_people_write_them() {
        let read = |text: &str| {
            interval("mon", text)
                .map(|one| format!("{} {}", one.from, one.to))
                .ok()
        };
        for text in ["8:00-12:30", "08:00 - 12:30", "8.00–12.30"] {
            assert_eq!(read(text).unwrap(), "08:00:00 12:30:00", "{text}");
        }
        assert_eq!(read("18:00-24:00").unwrap(), "18:00:00 00:00:00");
        for text in ["", "8", "8-12", "8:00", "8:00-25:00"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
