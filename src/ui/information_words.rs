//! Sentences of the town's information about hours, days, dates and sums.
//!
//! Their grammar depends on the value (a weekday takes its preposition, a number its plural),
//! which the markup's translations cannot do; each stands here in every language side by side.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use vyveska_board::hours::{Interval, OpenState};
use vyveska_board::moment::PRAGUE;
use vyveska_board::{ClockBounds, Language, Moment};

use super::dates::{self, short_date, time_of_day};
use super::typography::NO_BREAK;
use super::view_model::Tone;

/// A word in Czech, German and English.
pub(super) type Word = [&'static str; 3];

/// The word in this language.
pub(super) const fn say(word: Word, language: Language) -> &'static str {
    let [czech, german, english] = word;
    match language {
        Language::Czech => czech,
        Language::German => german,
        Language::English => english,
    }
}

pub(super) const WHERE: Word = ["Kde", "Wo", "Where"];
pub(super) const PHONE: Word = ["Telefon", "Telefon", "Phone"];
pub(super) const EMAIL: Word = ["E-mail", "E-Mail", "E-mail"];
pub(super) const WHO_MAY_APPLY: Word = ["Kdo může žádat", "Wer beantragen kann", "Who may apply"];
pub(super) const ALLOCATION: Word = ["K rozdělení", "Fördermittel", "Available"];
pub(super) const MOST: Word = [
    "Nejvýše na projekt",
    "Höchstens je Projekt",
    "At most per project",
];
pub(super) const APPLICATIONS: Word = ["Příjem žádostí", "Anträge", "Applications"];
pub(super) const RESULTS: Word = ["Výsledky", "Ergebnisse", "Results"];
pub(super) const WHEN: Word = ["Kdy", "Wann", "When"];
pub(super) const FOUND: Word = ["Nalezeno", "Gefunden", "Found"];
pub(super) const COLLECT: Word = ["K vyzvednutí", "Abzuholen", "To collect"];
pub(super) const UNTIL: Word = ["Do", "Bis", "Until"];
pub(super) const OPERATOR: Word = ["Ohlásil", "Gemeldet von", "Announced by"];
pub(super) const DISTANCE: Word = ["Vzdálenost", "Entfernung", "Distance"];
const THROUGH: Word = ["do", "bis", "until"];
const CLOSED: Word = ["zavřeno", "geschlossen", "closed"];
const TODAY: Word = ["dnes", "heute", "today"];

/// „pondělí".
pub(super) fn weekday(day: usize, language: Language) -> &'static str {
    dates::weekday(day, language)
}

/// „pondělí (dnes)".
pub(super) fn weekday_today(day: usize, language: Language) -> String {
    let today = say(TODAY, language);
    format!("{} ({today})", weekday(day, language))
}

/// „8.00–12.00, 13.00–17.00", or that it is closed.
pub(super) fn hours(intervals: &[Interval], language: Language) -> String {
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

/// „teď otevřeno do 17.00", „zavřeno, otevře v pondělí v 8.00".
pub(super) fn open_state(
    state: OpenState,
    at: DateTime<Utc>,
    language: Language,
) -> (String, Tone) {
    let today = at.with_timezone(&PRAGUE).date_naive();
    match state {
        OpenState::Open { until: None } => {
            let always = [
                "otevřeno nepřetržitě",
                "durchgehend geöffnet",
                "always open",
            ];
            (say(always, language).to_owned(), Tone::Good)
        }
        OpenState::Open { until: Some(until) } => {
            let until = local(until);
            let time = until_time(until, today, language);
            let words = match language {
                Language::Czech => format!("teď otevřeno do{NO_BREAK}{time}"),
                Language::German => format!("jetzt geöffnet bis{NO_BREAK}{time}"),
                Language::English => format!("open now until{NO_BREAK}{time}"),
            };
            (words, Tone::Good)
        }
        OpenState::Closed { opens: None } => (say(CLOSED, language).to_owned(), Tone::Plain),
        OpenState::Closed { opens: Some(opens) } => {
            let when = day_and_time(local(opens), today, language);
            let words = match language {
                Language::Czech => format!("zavřeno, otevře {when}"),
                Language::German => format!("geschlossen, öffnet {when}"),
                Language::English => format!("closed, opens {when}"),
            };
            (words, Tone::Plain)
        }
    }
}

fn local(instant: DateTime<Utc>) -> NaiveDateTime {
    instant.with_timezone(&PRAGUE).naive_local()
}

/// „17.00"; „24.00" at the end of the day, with the date when it is another one.
fn until_time(until: NaiveDateTime, today: NaiveDate, language: Language) -> String {
    let tomorrow = today.checked_add_days(Days::new(1));
    if until.time() == NaiveTime::MIN && Some(until.date()) == tomorrow {
        return time_of_day(NaiveTime::MIN, language).replacen('0', "24", 1);
    }
    let time = time_of_day(until.time(), language);
    if until.date() == today {
        return time;
    }
    format!("{} {time}", short_date(until.date(), today, language))
}

/// „v 13.00", „zítra v 8.00", „v pondělí v 8.00", „4. 1. 2027 v 8.00".
fn day_and_time(at: NaiveDateTime, today: NaiveDate, language: Language) -> String {
    let time = at_time(at.time(), language);
    let days = at.date().signed_duration_since(today).num_days();
    let day = match days {
        0 => return time,
        1 => say(["zítra", "morgen", "tomorrow"], language).to_owned(),
        2..=6 => on_weekday(at.date(), language),
        _ => short_date(at.date(), today, language),
    };
    format!("{day} {time}")
}

/// „v 8.00", „ve 14.00", „um 8.00 Uhr", „at 8:00".
pub(super) fn at_time(time: NaiveTime, language: Language) -> String {
    use chrono::Timelike;
    let at = match language {
        // Dvě, tři, čtyři, dvanáct, čtrnáct, dvacet begin with two consonants.
        Language::Czech => match time.hour() {
            2 | 3 | 4 | 12 | 13 | 14 | 20..=23 => "ve",
            _ => "v",
        },
        Language::German => "um",
        Language::English => "at",
    };
    format!("{at}{NO_BREAK}{}", time_of_day(time, language))
}

/// „v pondělí", „ve středu", „am Montag", „on Monday".
fn on_weekday(date: NaiveDate, language: Language) -> String {
    let day = date.weekday().num_days_from_monday() as usize;
    match language {
        Language::Czech => [
            "v pondělí",
            "v úterý",
            "ve středu",
            "ve čtvrtek",
            "v pátek",
            "v sobotu",
            "v neděli",
        ][day]
            .replacen(' ', "\u{a0}", 1),
        Language::German => format!("am{NO_BREAK}{}", weekday(day, language)),
        Language::English => format!("on{NO_BREAK}{}", weekday(day, language)),
    }
}

/// „25. 11. v 17.00", „28. 11. – 29. 11.", „2. 12. od 8.00 do 14.00".
pub(super) fn period(from: Moment, until: Moment, today: NaiveDate, language: Language) -> String {
    let (begin, end) = (reading(from), reading(until));
    let day = |date: NaiveDate| short_date(date, today, language);
    match (begin, end) {
        (None, None) => String::new(),
        (Some((date, None)), None) => day(date),
        (Some((date, Some(time))), None) => format!("{} {}", day(date), at_time(time, language)),
        (None, Some(end)) => through(end, today, language),
        (Some((date, None)), Some((last, None))) if date == last => day(date),
        (Some((date, None)), Some((last, None))) => {
            format!("{} – {}", day(date), day(last))
        }
        (Some((date, Some(time))), Some((last, Some(end)))) if date == last => {
            let interval = Interval {
                from: time,
                to: end,
            };
            format!("{} {}", day(date), hours(&[interval], language))
        }
        (Some(begin), Some(end)) => {
            let one = |(date, time): (NaiveDate, Option<NaiveTime>)| match time {
                Some(time) => format!("{} {}", day(date), time_of_day(time, language)),
                None => day(date),
            };
            format!("{} – {}", one(begin), one(end))
        }
    }
}

/// When something that is not over is on, in a word or two: „28. 11.", and once it has begun „do 30. 11.".
pub(super) fn coming(
    from: Moment,
    until: Moment,
    clock: &ClockBounds,
    language: Language,
) -> String {
    let today = clock.today();
    let has_begun = from.start().is_some_and(|start| start <= clock.earliest);
    let last = reading(until).map(|(last, _)| last);
    let first = reading(from).map(|(first, _)| first);
    match last {
        Some(last) if has_begun && first != Some(last) => {
            let day = short_date(last, today, language);
            format!("{}{NO_BREAK}{day}", say(THROUGH, language))
        }
        _ => period(from, Moment::Unspecified, today, language),
    }
}

/// „do 31. 12. 2026 včetně", „do 31. 12. 2026 12.00".
fn through(
    (date, time): (NaiveDate, Option<NaiveTime>),
    today: NaiveDate,
    language: Language,
) -> String {
    let day = short_date(date, today, language);
    let until = say(THROUGH, language);
    match time {
        Some(time) => format!("{until}{NO_BREAK}{day} {}", time_of_day(time, language)),
        None => {
            let inclusive = say(["včetně", "einschließlich", "inclusive"], language);
            format!("{until}{NO_BREAK}{day} {inclusive}")
        }
    }
}

fn reading(moment: Moment) -> Option<(NaiveDate, Option<NaiveTime>)> {
    match moment {
        Moment::Date(date) => Some((date, None)),
        Moment::Instant(instant) => {
            let reading = local(instant);
            Some((reading.date(), Some(reading.time())))
        }
        Moment::Unspecified => None,
    }
}

/// „600 000 Kč", „600 000 CZK", „CZK 600,000".
pub(super) fn crowns(sum: u64, language: Language) -> String {
    let digits = sum.to_string();
    let separator = match language {
        Language::English => ',',
        Language::Czech | Language::German => NO_BREAK,
    };
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    match language {
        Language::Czech => format!("{grouped}{NO_BREAK}Kč"),
        Language::German => format!("{grouped}{NO_BREAK}CZK"),
        Language::English => format!("CZK{NO_BREAK}{grouped}"),
    }
}

/// „zbývá 10 dní", „dnes naposledy".
pub(super) fn days_left(days: i64, language: Language) -> String {
    let n = NO_BREAK;
    match (language, days) {
        (_, ..=0) => say(
            ["dnes naposledy", "heute letzter Tag", "last day today"],
            language,
        )
        .to_owned(),
        (Language::Czech, 1) => format!("zbývá{n}1{n}den"),
        (Language::Czech, 2..=4) => format!("zbývají{n}{days}{n}dny"),
        (Language::Czech, _) => format!("zbývá{n}{days}{n}dní"),
        (Language::German, 1) => format!("noch{n}1{n}Tag"),
        (Language::German, _) => format!("noch{n}{days}{n}Tage"),
        (Language::English, 1) => format!("1{n}day left"),
        (Language::English, _) => format!("{days}{n}days left"),
    }
}

/// A number with the word it counts: one, two to four, more; none.
pub(super) fn counted(number: usize, forms: [[&str; 3]; 3], language: Language) -> String {
    let form = match number {
        1 => 0,
        2..=4 => 1,
        _ => 2,
    };
    let word = match language {
        Language::Czech => forms[0][form],
        Language::German => forms[1][form],
        Language::English => forms[2][form],
    };
    format!("{number}{NO_BREAK}{word}")
}

/// With a capital at its beginning.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDateTime;
    use vyveska_board::moment::prague_instant;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn instant(text: &str) -> DateTime<Utc> {
        prague_instant(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap())
    }

    /// `~` stands for the non-breaking space.
    #[track_caller]
    fn check(expected: &str, written: &str) {
        assert_eq!(written.replace(NO_BREAK, "~"), expected);
    }

    fn now() -> DateTime<Utc> {
        instant("2026-11-21 14:32")
    }

    #[test]
    fn offices_say_until_when_they_are_open() {
        let open = |until: &str, language| {
            let until = Some(instant(until));
            open_state(OpenState::Open { until }, now(), language).0
        };
        check(
            "teď otevřeno do~17.00",
            &open("2026-11-21 17:00", Language::Czech),
        );
        check(
            "jetzt geöffnet bis~17.00~Uhr",
            &open("2026-11-21 17:00", Language::German),
        );
        check(
            "open now until~17:00",
            &open("2026-11-21 17:00", Language::English),
        );
        check(
            "teď otevřeno do~24.00",
            &open("2026-11-22 00:00", Language::Czech),
        );
        check(
            "teď otevřeno do~22.~11. 2.00",
            &open("2026-11-22 02:00", Language::Czech),
        );
    }

    #[test]
    fn closed_offices_say_when_they_open() {
        let closed = |opens: &str, language| {
            let opens = Some(instant(opens));
            open_state(OpenState::Closed { opens }, now(), language).0
        };
        let czech = Language::Czech;
        check(
            "zavřeno, otevře v~15.00",
            &closed("2026-11-21 15:00", czech),
        );
        check(
            "zavřeno, otevře zítra v~9.00",
            &closed("2026-11-22 09:00", czech),
        );
        check(
            "zavřeno, otevře v~pondělí v~8.00",
            &closed("2026-11-23 08:00", czech),
        );
        check(
            "zavřeno, otevře ve~středu ve~13.00",
            &closed("2026-11-25 13:00", czech),
        );
        check(
            "zavřeno, otevře 4.~1.~2027 v~8.00",
            &closed("2027-01-04 08:00", czech),
        );
        check(
            "geschlossen, öffnet am~Montag um~8.00~Uhr",
            &closed("2026-11-23 08:00", Language::German),
        );
        check(
            "closed, opens on~Monday at~8:00",
            &closed("2026-11-23 08:00", Language::English),
        );
    }

    #[test]
    fn hours_of_a_day_are_ranges() {
        let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
        let day = [
            Interval {
                from: time(8),
                to: time(12),
            },
            Interval {
                from: time(13),
                to: time(0),
            },
        ];
        check("8.00–12.00, 13.00–24.00", &hours(&day, Language::Czech));
        check(
            "8.00–12.00, 13.00–24.00~Uhr",
            &hours(&day, Language::German),
        );
        check("8:00–12:00, 13:00–24:00", &hours(&day, Language::English));
        check("zavřeno", &hours(&[], Language::Czech));
    }

    #[test]
    fn periods_say_what_is_needed() {
        let today = day("2026-11-21");
        let date = |text: &str| Moment::Date(day(text));
        let at = |text: &str| Moment::Instant(instant(text));
        let czech = |from, until| period(from, until, today, Language::Czech);
        check("25.~11.", &czech(date("2026-11-25"), date("2026-11-25")));
        check(
            "28.~11. – 3.~1.~2027",
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
            "do~31.~12. včetně",
            &czech(Moment::Unspecified, date("2026-12-31")),
        );
        check("", &czech(Moment::Unspecified, Moment::Unspecified));
    }

    #[test]
    fn what_has_begun_is_told_by_its_end() {
        let clock = ClockBounds::exact(instant("2026-11-21 12:00"));
        let date = |text: &str| Moment::Date(day(text));
        let at = |text: &str| Moment::Instant(instant(text));
        let czech = |from, until| coming(from, until, &clock, Language::Czech);
        check("do~30.~11.", &czech(date("2026-11-03"), date("2026-11-30")));
        check("28.~11.", &czech(date("2026-11-28"), date("2026-11-30")));
        check("3.~11.", &czech(date("2026-11-03"), Moment::Unspecified));
        // It ends on the day it began.
        check(
            "21.~11. v~10.00",
            &czech(at("2026-11-21 10:00"), at("2026-11-21 14:00")),
        );
    }

    #[test]
    fn numbers_bend_their_words() {
        let left = |days| days_left(days, Language::Czech);
        check("dnes naposledy", &left(0));
        check("zbývá~1~den", &left(1));
        check("zbývají~3~dny", &left(3));
        check("zbývá~10~dní", &left(10));
        check("noch~10~Tage", &days_left(10, Language::German));
        check("1~day left", &days_left(1, Language::English));
        check("600~000~Kč", &crowns(600_000, Language::Czech));
        check("CZK~1,250,000", &crowns(1_250_000, Language::English));
        check("999~Kč", &crowns(999, Language::Czech));
    }

    #[test]
    fn a_sentence_begins_with_a_capital() {
        assert_eq!(sentence("čtvrtek"), "Čtvrtek");
        assert_eq!(sentence(""), "");
    }
}
