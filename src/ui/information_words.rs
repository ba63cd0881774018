//! Sentences of the town's information about hours, days, dates and sums.
//!
//! Their grammar depends on the value (a weekday takes its preposition, a number its plural),
//! which the markup's translations cannot do; each stands here in every language side by side.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use vyveska_board::format::dates::{short_date, time_of_day, weekday};
use vyveska_board::format::ranges::{at_time, period};
use vyveska_board::format::typography::NO_BREAK;
use vyveska_board::format::{Phrase, deadlines, say};
use vyveska_board::hours::OpenState;
use vyveska_board::moment::PRAGUE;
use vyveska_board::{ClockBounds, Language, Moment};

use super::view_model::Tone;

pub(super) const WHERE: Phrase = ["Kde", "Wo", "Where"];
pub(super) const PHONE: Phrase = ["Telefon", "Telefon", "Phone"];
pub(super) const EMAIL: Phrase = ["E-mail", "E-Mail", "E-mail"];
pub(super) const WHO_MAY_APPLY: Phrase = ["Kdo může žádat", "Wer beantragen kann", "Who may apply"];
pub(super) const ALLOCATION: Phrase = ["K rozdělení", "Fördermittel", "Available"];
pub(super) const MOST: Phrase = [
    "Nejvýše na projekt",
    "Höchstens je Projekt",
    "At most per project",
];
pub(super) const APPLICATIONS: Phrase = ["Příjem žádostí", "Anträge", "Applications"];
pub(super) const RESULTS: Phrase = ["Výsledky", "Ergebnisse", "Results"];
pub(super) const WHEN: Phrase = ["Kdy", "Wann", "When"];
pub(super) const FOUND: Phrase = ["Nalezeno", "Gefunden", "Found"];
pub(super) const COLLECT: Phrase = ["K vyzvednutí", "Abzuholen", "To collect"];
pub(super) const UNTIL: Phrase = ["Do", "Bis", "Until"];
pub(super) const OPERATOR: Phrase = ["Ohlásil", "Gemeldet von", "Announced by"];
pub(super) const DISTANCE: Phrase = ["Vzdálenost", "Entfernung", "Distance"];
const THROUGH: Phrase = ["do", "bis", "until"];
const CLOSED: Phrase = ["zavřeno", "geschlossen", "closed"];
const TODAY: Phrase = ["dnes", "heute", "today"];

/// „pondělí (dnes)".
pub(super) fn weekday_today(day: usize, language: Language) -> String {
    let today = say(TODAY, language);
    format!("{} ({today})", weekday(day, language))
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
fn until_time(until: DateTime<Utc>, today: NaiveDate, language: Language) -> String {
    let Some((day, time)) = Moment::Instant(until).last_reading() else {
        return String::new();
    };
    let time = time.map_or_else(
        || time_of_day(NaiveTime::MIN, language).replacen('0', "24", 1),
        |time| time_of_day(time, language),
    );
    if day == today {
        return time;
    }
    format!("{} {time}", short_date(day, today, language))
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

/// When something that is not over is on, in a word or two: „28. 11.", and once it has begun „do 30. 11.".
pub(super) fn coming(
    from: Moment,
    until: Moment,
    clock: &ClockBounds,
    language: Language,
) -> String {
    let today = clock.today();
    let has_begun = from.start().is_some_and(|start| start <= clock.earliest);
    let last = until.last_day();
    let first = from.date();
    match last {
        Some(last) if has_begun && first != Some(last) => {
            let day = short_date(last, today, language);
            format!("{}{NO_BREAK}{day}", say(THROUGH, language))
        }
        _ => period(from, Moment::Unspecified, today, language),
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
    match u32::try_from(days) {
        Ok(0) | Err(_) => say(
            ["dnes naposledy", "heute letzter Tag", "last day today"],
            language,
        )
        .to_owned(),
        Ok(days) => deadlines::days_left(days, language),
    }
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
        check(
            "teď otevřeno do~23.~11. 24.00",
            &open("2026-11-24 00:00", Language::Czech),
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
    fn what_has_begun_is_stated_by_its_end() {
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
    fn sums_are_grouped_and_the_last_day_has_its_words() {
        check("dnes naposledy", &days_left(0, Language::Czech));
        check("zbývá 10~dní", &days_left(10, Language::Czech));
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
