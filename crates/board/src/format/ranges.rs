//! Periods, opening hours and ends of validity.
//!
//! An end at midnight is the end of the day before, and a beginning at midnight is the whole day:
//! nobody reads „7. 12. v 0.00" as „6. 12. včetně".

use chrono::{NaiveDate, NaiveTime, Timelike as _};

use super::dates::{full_date, short_date, short_dates, time_of_day};
use super::typography::NO_BREAK;
use super::{Phrase, say};
use crate::hours::Interval;
use crate::{Language, Moment};

/// „6. 12. 2026", „6. 12. 2026 ve 14.30"; `None` when it is not specified.
pub fn moment(moment: &Moment, language: Language) -> Option<String> {
    let (date, time) = moment.first_reading()?;
    let day = full_date(date, language);
    Some(match time {
        Some(time) => format!("{day} {}", at_time(time, language)),
        None => day,
    })
}

/// „do 6. 12. 2026 včetně", „do 6. 12. 2026, 14.30"; `None` when it is not specified.
pub fn until(end: &Moment, language: Language) -> Option<String> {
    until_reading(end, language, |date| full_date(date, language))
}

/// [`until`] without the year where it is this one.
pub fn until_short(end: &Moment, today: NaiveDate, language: Language) -> Option<String> {
    until_reading(end, language, |date| short_date(date, today, language))
}

fn until_reading(
    end: &Moment,
    language: Language,
    day: impl Fn(NaiveDate) -> String,
) -> Option<String> {
    let (date, time) = end.last_reading()?;
    let day = day(date);
    Some(match (time, language) {
        (Some(time), _) => format!(
            "{} {day}, {}",
            say(UNTIL, language),
            time_of_day(time, language)
        ),
        (None, Language::Czech) => format!("do {day} včetně"),
        (None, Language::German) => format!("bis einschließlich {day}"),
        (None, Language::English) => format!("through {day} inclusive"),
    })
}

const UNTIL: Phrase = ["do", "bis", "until"];
const CLOSED: Phrase = ["zavřeno", "geschlossen", "closed"];

/// „25. 11. v 17.00", „28. 11. – 29. 11.", „2. 12. 8.00–14.00"; empty when neither end is specified.
pub fn period(from: Moment, until: Moment, today: NaiveDate, language: Language) -> String {
    let ends = [from.first_reading(), until.last_reading()];
    let days = ends.into_iter().flatten().map(|(day, _)| day);
    let day = short_dates(days, today, language);
    let between = |from, to| hours(&[Interval { from, to }], language);
    match (from.first_reading(), until.last_reading()) {
        (None, None) => String::new(),
        (Some((date, None)), None) => day(date),
        (Some((date, Some(time))), None) => format!("{} {}", day(date), at_time(time, language)),
        (None, Some(_)) => until_short(&until, today, language).unwrap_or_default(),
        (Some((date, begin)), Some((last, end))) if date == last => match (begin, end) {
            (None, None) => day(date),
            (Some(begin), None) => format!("{} {}", day(date), between(begin, NaiveTime::MIN)),
            (None, Some(end)) => {
                let end = time_of_day(end, language);
                format!("{} {}{NO_BREAK}{end}", day(date), say(UNTIL, language))
            }
            (Some(begin), Some(end)) => format!("{} {}", day(date), between(begin, end)),
        },
        (Some(begin), Some(end)) => {
            let one = |(date, time): (NaiveDate, Option<NaiveTime>)| match time {
                Some(time) => format!("{} {}", day(date), time_of_day(time, language)),
                None => day(date),
            };
            format!("{} – {}", one(begin), one(end))
        }
    }
}

/// „8.00–12.00, 13.00–17.00", or that it is closed.
pub fn hours(intervals: &[Interval], language: Language) -> String {
    if intervals.is_empty() {
        return say(CLOSED, language).to_owned();
    }
    let reading = |time: NaiveTime| bare_time(time, language);
    let written: Vec<String> = intervals
        .iter()
        .map(|interval| {
            let to = if interval.to == NaiveTime::MIN {
                reading(interval.to).replacen('0', "24", 1)
            } else {
                reading(interval.to)
            };
            format!("{}–{to}", reading(interval.from))
        })
        .collect();
    let end = match language {
        Language::German => format!("{NO_BREAK}Uhr"),
        Language::Czech | Language::English => String::new(),
    };
    format!("{}{end}", written.join(", "))
}

/// „8.00", without the word that German puts after it.
fn bare_time(time: NaiveTime, language: Language) -> String {
    let language = match language {
        Language::German => Language::Czech,
        other => other,
    };
    time_of_day(time, language)
}

/// „v 8.00", „ve 14.00", „um 8.00 Uhr", „at 8:00".
pub fn at_time(time: NaiveTime, language: Language) -> String {
    let at = match language {
        // Dvě, tři, čtyři, dvanáct, třináct, čtrnáct and dvacet begin with two consonants.
        Language::Czech => match time.hour() {
            2 | 3 | 4 | 12 | 13 | 14 | 20..=23 => "ve",
            _ => "v",
        },
        Language::German => "um",
        Language::English => "at",
    };
    format!("{at}{NO_BREAK}{}", time_of_day(time, language))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::prague_instant;
    use chrono::NaiveDateTime;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Moment {
        let reading = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        Moment::Instant(prague_instant(reading))
    }

    /// `~` stands for the non-breaking space.
    #[track_caller]
    fn check(expected: &str, written: &str) {
        assert_eq!(written.replace(NO_BREAK, "~"), expected);
    }

    #[test]
    fn hours_of_a_day_are_ranges() {
        let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        let intervals = [
            Interval {
                from: time(8),
                to: time(12),
            },
            Interval {
                from: time(13),
                to: time(0),
            },
        ];
        check(
            "8.00–12.00, 13.00–24.00",
            &hours(&intervals, Language::Czech),
        );
        check(
            "8.00–12.00, 13.00–24.00~Uhr",
            &hours(&intervals, Language::German),
        );
        check(
            "8:00–12:00, 13:00–24:00",
            &hours(&intervals, Language::English),
        );
        check("zavřeno", &hours(&[], Language::Czech));
    }

    #[test]
    fn periods_say_what_is_needed() {
        let today = day("2026-11-21");
        let date = |text: &str| Moment::Date(day(text));
        let czech = |from, until| period(from, until, today, Language::Czech);
        check("25.~11.", &czech(date("2026-11-25"), date("2026-11-25")));
        check(
            "28.~11.~2026 – 3.~1.~2027",
            &czech(date("2026-11-28"), date("2027-01-03")),
        );
        check(
            "25.~11. v~17.00",
            &czech(at("2026-11-25 17:00"), Moment::Unspecified),
        );
        check(
            "2.~12. 8.00–14.00",
            &czech(at("2026-12-02 08:00"), at("2026-12-02 14:00")),
        );
        check(
            "2.~12. 8.00 – 3.~12. 14.00",
            &czech(at("2026-12-02 08:00"), at("2026-12-03 14:00")),
        );
        check(
            "do 31.~12. včetně",
            &czech(Moment::Unspecified, date("2026-12-31")),
        );
        check("", &czech(Moment::Unspecified, Moment::Unspecified));
    }

    /// The table that the kiosk's cards and the web board are held to as well.
    #[test]
    fn ends_are_written_by_the_common_table() {
        let table = include_str!("../../tests/fixtures/ends.json");
        let table: Vec<serde_json::Value> = serde_json::from_str(table).unwrap();
        for case in table {
            let end = case["end"].as_str().unwrap();
            let moment = end
                .parse()
                .map_or_else(|_| Moment::Instant(end.parse().unwrap()), Moment::Date);
            for language in Language::ALL {
                let expected = case[language.code()].as_str().unwrap();
                check(expected, &until(&moment, language).unwrap());
            }
        }
        assert_eq!(until(&Moment::Unspecified, Language::Czech), None);
    }

    #[test]
    fn what_begins_or_ends_at_midnight_is_stated_by_its_days() {
        let today = day("2026-11-21");
        let czech = |from, until| period(from, until, today, Language::Czech);
        check(
            "2.~12. 8.00–24.00",
            &czech(at("2026-12-02 08:00"), at("2026-12-03 00:00")),
        );
        check(
            "2.~12. – 3.~12.",
            &czech(at("2026-12-02 00:00"), at("2026-12-04 00:00")),
        );
        check(
            "2.~12.",
            &czech(at("2026-12-02 00:00"), at("2026-12-03 00:00")),
        );
        check(
            "2.~12. do~14.00",
            &czech(Moment::Date(day("2026-12-02")), at("2026-12-02 14:00")),
        );
        check(
            "do 6.~12. včetně",
            &czech(Moment::Unspecified, at("2026-12-07 00:00")),
        );
        check(
            "6.~12.~2026 ve~14.05",
            &moment(&at("2026-12-06 14:05"), Language::Czech).unwrap(),
        );
        check(
            "6.~12.~2026",
            &moment(&at("2026-12-06 00:00"), Language::Czech).unwrap(),
        );
    }
}
