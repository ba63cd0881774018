//! Czech public holidays: zákon č. 245/2000 Sb., §§ 1 and 2.
//!
//! They are computed, not listed by year, so that a display without updates still knows Easter.

use chrono::{Datelike, Days, NaiveDate};

use crate::language::Language;

/// A public holiday, on which offices are closed as a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holiday {
    /// 1 January.
    NewYear,
    /// The Friday before Easter; a holiday since 2016.
    GoodFriday,
    /// The Monday after Easter.
    EasterMonday,
    /// 1 May.
    LabourDay,
    /// 8 May.
    LiberationDay,
    /// 5 July.
    CyrilAndMethodius,
    /// 6 July.
    JanHus,
    /// 28 September.
    StatehoodDay,
    /// 28 October.
    IndependenceDay,
    /// 17 November.
    FreedomAndDemocracyDay,
    /// 24 December.
    ChristmasEve,
    /// 25 December.
    ChristmasDay,
    /// 26 December.
    SecondChristmasDay,
}

impl Holiday {
    /// The holiday on this date, when it is one.
    pub fn on(date: NaiveDate) -> Option<Self> {
        let fixed = match (date.month(), date.day()) {
            (1, 1) => Some(Self::NewYear),
            (5, 1) => Some(Self::LabourDay),
            (5, 8) => Some(Self::LiberationDay),
            (7, 5) => Some(Self::CyrilAndMethodius),
            (7, 6) => Some(Self::JanHus),
            (9, 28) => Some(Self::StatehoodDay),
            (10, 28) => Some(Self::IndependenceDay),
            (11, 17) => Some(Self::FreedomAndDemocracyDay),
            (12, 24) => Some(Self::ChristmasEve),
            (12, 25) => Some(Self::ChristmasDay),
            (12, 26) => Some(Self::SecondChristmasDay),
            _ => None,
        };
        fixed.or_else(|| {
            let easter = easter_sunday(date.year())?;
            let good_friday = easter.checked_sub_days(Days::new(2))?;
            if date == good_friday && date.year() >= 2016 {
                Some(Self::GoodFriday)
            } else {
                (date == easter.checked_add_days(Days::new(1))?).then_some(Self::EasterMonday)
            }
        })
    }

    pub const fn name(self, language: Language) -> &'static str {
        let [czech, german, english] = match self {
            Self::NewYear => ["Nový rok", "Neujahr", "New Year’s Day"],
            Self::GoodFriday => ["Velký pátek", "Karfreitag", "Good Friday"],
            Self::EasterMonday => ["Velikonoční pondělí", "Ostermontag", "Easter Monday"],
            Self::LabourDay => ["Svátek práce", "Tag der Arbeit", "Labour Day"],
            Self::LiberationDay => ["Den vítězství", "Tag des Sieges", "Victory Day"],
            Self::CyrilAndMethodius => [
                "Den slovanských věrozvěstů Cyrila a Metoděje",
                "Tag der Slawenapostel Kyrill und Method",
                "Saints Cyril and Methodius Day",
            ],
            Self::JanHus => ["Den upálení mistra Jana Husa", "Jan-Hus-Tag", "Jan Hus Day"],
            Self::StatehoodDay => [
                "Den české státnosti",
                "Tag der tschechischen Staatlichkeit",
                "Czech Statehood Day",
            ],
            Self::IndependenceDay => [
                "Den vzniku samostatného československého státu",
                "Tag der Entstehung der Tschechoslowakei",
                "Independent Czechoslovak State Day",
            ],
            Self::FreedomAndDemocracyDay => [
                "Den boje za svobodu a demokracii",
                "Tag des Kampfes für Freiheit und Demokratie",
                "Struggle for Freedom and Democracy Day",
            ],
            Self::ChristmasEve => ["Štědrý den", "Heiligabend", "Christmas Eve"],
            Self::ChristmasDay => ["1. svátek vánoční", "1. Weihnachtstag", "Christmas Day"],
            Self::SecondChristmasDay => {
                ["2. svátek vánoční", "2. Weihnachtstag", "St Stephen’s Day"]
            }
        };
        match language {
            Language::Czech => czech,
            Language::German => german,
            Language::English => english,
        }
    }
}

/// Easter Sunday of the Gregorian calendar, by the algorithm of Meeus, Jones and Butcher.
pub fn easter_sunday(year: i32) -> Option<NaiveDate> {
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let (leap_centuries, century_rest) = (century.div_euclid(4), century.rem_euclid(4));
    let correction = (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    let epact = (19 * golden + century - leap_centuries - correction + 15).rem_euclid(30);
    let (leap_years, year_rest) = (of_century.div_euclid(4), of_century.rem_euclid(4));
    let weekday = (32 + 2 * century_rest + 2 * leap_years - epact - year_rest).rem_euclid(7);
    let shift = (golden + 11 * epact + 22 * weekday).div_euclid(451);
    let days = epact + weekday - 7 * shift + 114;
    NaiveDate::from_ymd_opt(
        year,
        u32::try_from(days.div_euclid(31)).ok()?,
        u32::try_from(days.rem_euclid(31) + 1).ok()?,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn easter_is_where_the_calendars_have_it() {
        for sunday in [
            "1961-04-02",
            "2000-04-23",
            "2008-03-23",
            "2011-04-24",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2038-04-25",
            "2049-04-18",
        ] {
            let sunday = date(sunday);
            assert_eq!(easter_sunday(sunday.year()), Some(sunday));
        }
    }

    #[test]
    fn a_year_has_thirteen_holidays() {
        let days = |year: i32| {
            date(&format!("{year}-01-01"))
                .iter_days()
                .take_while(move |date| date.year() == year)
                .filter_map(Holiday::on)
                .count()
        };
        assert_eq!(days(2026), 13);
        assert_eq!(days(2028), 13);
        assert_eq!(days(2015), 12, "Good Friday is one since 2016");
        assert_eq!(days(2038), 13, "the latest Easter");
    }

    #[test]
    fn every_holiday_is_on_its_day() {
        #[track_caller]
        fn check(on: &str, expected: Option<Holiday>) {
            assert_eq!(Holiday::on(date(on)), expected, "{on}");
        }
        check("2026-04-03", Some(Holiday::GoodFriday));
        check("2026-04-05", None);
        check("2026-04-06", Some(Holiday::EasterMonday));
        check("2026-11-17", Some(Holiday::FreedomAndDemocracyDay));
        check("2026-12-24", Some(Holiday::ChristmasEve));
        check("2026-12-27", None);
        check("2027-01-01", Some(Holiday::NewYear));
    }

    #[test]
    fn no_year_panics() {
        for year in [-262_000, -1, 0, 1, 9999, 262_000, i32::MAX, i32::MIN] {
            let _ = easter_sunday(year);
        }
        assert_eq!(Holiday::on(NaiveDate::MAX), None);
        assert_eq!(Holiday::on(NaiveDate::MIN), Some(Holiday::NewYear));
    }

    #[test]
    fn names_are_in_every_language() {
        assert_eq!(Holiday::GoodFriday.name(Language::Czech), "Velký pátek");
        assert_eq!(Holiday::GoodFriday.name(Language::German), "Karfreitag");
        assert_eq!(Holiday::GoodFriday.name(Language::English), "Good Friday");
    }
}
