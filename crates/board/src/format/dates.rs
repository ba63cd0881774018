//! Dates and times as the board writes them.
//!
//! The year stands where it is not this one, and always on the last day of a notice:
//! „vyvěšeno 21. 11., do 6. 12. 2026 včetně".

use crate::Language;
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use super::typography::NO_BREAK;
use super::{months, weekdays};

/// „sobota 21. listopadu 2026".
pub fn header_date(date: NaiveDate, language: Language) -> String {
    let day = date.weekday().num_days_from_monday() as usize;
    let weekday = weekday(day, language);
    let month = months::names(language)[date.month0() as usize];
    let (number, year, s) = (date.day(), date.year(), NO_BREAK);
    match language {
        Language::Czech => format!("{weekday} {number}.{s}{month} {year}"),
        Language::German => format!("{weekday}, {number}.{s}{month} {year}"),
        Language::English => format!("{weekday} {number}{s}{month} {year}"),
    }
}

/// „pondělí": the day of the week, counted from Monday as 0.
pub fn weekday(day: usize, language: Language) -> &'static str {
    weekdays::names(language)[day % 7]
}

/// „25." and „listopadu", as a calendar shows a day.
pub fn calendar_day(date: NaiveDate, language: Language) -> (String, &'static str) {
    let month = months::names(language)[date.month0() as usize];
    match language {
        Language::Czech => (format!("{}.", date.day()), month),
        Language::German => (format!("{}.", date.day()), month),
        Language::English => (date.day().to_string(), month),
    }
}

/// „14:32", as clocks show it.
pub fn clock_time(time: NaiveTime) -> String {
    format!("{}:{:02}", time.hour(), time.minute())
}

/// „14.30", as text says it.
pub fn time_of_day(time: NaiveTime, language: Language) -> String {
    match language {
        Language::Czech => format!("{}.{:02}", time.hour(), time.minute()),
        Language::German => format!("{}.{:02}{NO_BREAK}Uhr", time.hour(), time.minute()),
        Language::English => format!("{}:{:02}", time.hour(), time.minute()),
    }
}

/// „21. 11.", with the year where it is not this one.
pub fn short_date(date: NaiveDate, today: NaiveDate, language: Language) -> String {
    if date.year() != today.year() {
        return full_date(date, language);
    }
    let s = NO_BREAK;
    match language {
        Language::Czech => format!("{}.{s}{}.", date.day(), date.month()),
        Language::German => format!("{}.{s}{}.", date.day(), date.month()),
        Language::English => format!("{}{s}{}", date.day(), english_month(date)),
    }
}

/// Writes dates that are shown together: all as [`short_date`], or all with the year as soon as one is not of this year,
/// because „9. 11. 2026 … 9. 11." reads as one day.
pub fn short_dates(
    together: impl IntoIterator<Item = NaiveDate>,
    today: NaiveDate,
    language: Language,
) -> impl Fn(NaiveDate) -> String {
    let are_this_year = together.into_iter().all(|date| date.year() == today.year());
    move |date| {
        if are_this_year {
            short_date(date, today, language)
        } else {
            full_date(date, language)
        }
    }
}

/// „6. 12. 2026".
pub fn full_date(date: NaiveDate, language: Language) -> String {
    let s = NO_BREAK;
    match language {
        Language::Czech | Language::German => {
            format!("{}.{s}{}.{s}{}", date.day(), date.month(), date.year())
        }
        Language::English => format!("{}{s}{}{s}{}", date.day(), english_month(date), date.year()),
    }
}

/// „14:31", or with the date when that is not today: as of when the data are.
pub fn as_of(heard: NaiveDateTime, today: NaiveDate, language: Language) -> String {
    let time = clock_time(heard.time());
    if heard.date() == today {
        time
    } else {
        format!("{} {time}", short_date(heard.date(), today, language))
    }
}

fn english_month(date: NaiveDate) -> &'static str {
    months::english_short(date.month0() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    fn moment(date: NaiveDate, hour: u32, minute: u32) -> NaiveDateTime {
        date.and_hms_opt(hour, minute, 0).unwrap()
    }

    /// `~` stands for the non-breaking space.
    #[track_caller]
    fn check(expected: &str, written: &str) {
        assert_eq!(written.replace(NO_BREAK, "~"), expected);
    }

    #[test]
    fn dates_shown_together_all_have_the_year_where_one_needs_it() {
        let today = day(2027, 2, 10);
        let write = |dates: [NaiveDate; 2]| {
            let write = short_dates(dates, today, Language::Czech);
            dates.map(write).join(" | ").replace(NO_BREAK, "~")
        };
        let crossing = write([day(2026, 11, 9), day(2027, 11, 9)]);
        assert_eq!(crossing, "9.~11.~2026 | 9.~11.~2027");
        assert_eq!(write([day(2027, 1, 5), day(2027, 11, 9)]), "5.~1. | 9.~11.");
    }

    #[test]
    fn the_header_names_day_and_month() {
        let date = day(2026, 11, 21);
        check(
            "sobota 21.~listopadu 2026",
            &header_date(date, Language::Czech),
        );
        check(
            "Samstag, 21.~November 2026",
            &header_date(date, Language::German),
        );
        check(
            "Saturday 21~November 2026",
            &header_date(date, Language::English),
        );
        check(
            "středa 1.~září 2027",
            &header_date(day(2027, 9, 1), Language::Czech),
        );
    }

    #[test]
    fn the_year_stands_where_it_is_not_this_one() {
        let today = day(2026, 11, 21);
        check(
            "21.~11.",
            &short_date(day(2026, 11, 21), today, Language::Czech),
        );
        check(
            "30.~12.~2025",
            &short_date(day(2025, 12, 30), today, Language::Czech),
        );
        check(
            "3~Nov",
            &short_date(day(2026, 11, 3), today, Language::English),
        );
        check(
            "12.~1.~2027",
            &full_date(day(2027, 1, 12), Language::German),
        );
    }

    #[test]
    fn times_are_written_as_they_are_read() {
        let date = day(2027, 1, 12);
        let time = |hour, minute| moment(date, hour, minute).time();
        check("14.30", &time_of_day(time(14, 30), Language::Czech));
        check("8.05~Uhr", &time_of_day(time(8, 5), Language::German));
        check("18:00", &time_of_day(time(18, 0), Language::English));
        check("9:05", &clock_time(moment(date, 9, 5).time()));
    }

    #[test]
    fn data_of_another_day_say_the_day() {
        let today = day(2026, 11, 21);
        check(
            "14:31",
            &as_of(moment(today, 14, 31), today, Language::Czech),
        );
        check(
            "20.~11. 9:15",
            &as_of(moment(day(2026, 11, 20), 9, 15), today, Language::Czech),
        );
    }
}
