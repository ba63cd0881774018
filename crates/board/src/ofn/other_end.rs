//! An end of posting in a notice's own words that is not the end the feed states.
//!
//! A plan was declared void in court because its notice and the net named different last days.
//! The feed's end counts and the words stay as they are; the officer is told.
//! Only „do“ with a day behind a word about posting or about comments is such an end, and „dne“ behind one about
//! taking down: „uzavírka do 5. 12. 2026“ says nothing of either.

use chrono::{Datelike, NaiveDate};

use super::FeedNotice;
use super::report::{Report, quoted};

/// How words about posting, or about what may be handed in meanwhile, begin.
const POSTING: [&str; 10] = [
    "vyvěš",
    "vyves",
    "zveřejn",
    "sejm",
    "svěš",
    "lhůt",
    "připomín",
    "námit",
    "podat",
    "podáv",
];

/// How words about taking down begin.
const TAKING_DOWN: [&str; 2] = ["sejm", "svěš"];

/// How far before a day those words are looked for, in characters.
const MAX_DISTANCE: usize = 80;

/// An earlier year is one of two digits, or no year.
const FIRST_LIKELY_YEAR: i32 = 2000;

/// Warns of each day in the title and the description that is named as an end and is another one.
pub(super) fn check(notice: &FeedNotice, report: &mut Report<'_>) {
    let Some(last) = notice.relevant_until.last_day() else {
        return;
    };
    for (field, texts) in [("název", &notice.title), ("popis", &notice.description)] {
        let Some(text) = texts.get("cs") else {
            continue;
        };
        for (words, _) in ends(text).filter(|(_, day)| *day != last) {
            report.doubts_end(
                field,
                format!(
                    "uvádí jiný konec ({}) než „relevantní_do“ ({}); platí „relevantní_do“, text ponechán",
                    quoted(words),
                    last.format("%-d. %-m. %Y")
                ),
            );
        }
    }
}

/// The days that a text names as an end, with the words that do.
fn ends(text: &str) -> impl Iterator<Item = (&str, NaiveDate)> {
    let until = text
        .match_indices("do ")
        .filter(move |(at, _)| is_about(&POSTING, sentence(text, *at)));
    let on = text.match_indices("dne ").filter(move |(at, _)| {
        let mut clauses = sentence(text, *at).rsplit(|c: char| c.is_ascii_digit());
        clauses
            .next()
            .is_some_and(|clause| !clause.ends_with("do ") && is_about(&TAKING_DOWN, clause))
    });
    until.chain(on).filter_map(move |(at, word)| {
        if text[..at].ends_with(char::is_alphanumeric) {
            return None;
        }
        let rest = &text[at + word.len()..];
        let rest = rest.strip_prefix("dne ").unwrap_or(rest);
        let (day, rest) = NaiveDate::parse_and_remainder(rest, "%d.%m.%Y").ok()?;
        (day.year() >= FIRST_LIKELY_YEAR).then(|| (&text[at..text.len() - rest.len()], day))
    })
}

/// What stands in the same sentence before a place, as far as it is near.
fn sentence(text: &str, at: usize) -> &str {
    let before = &text[..at];
    let near = before.char_indices().rev().take(MAX_DISTANCE).last();
    let near = &before[near.map_or(at, |(start, _)| start)..];
    // „7. 12.“ ends no sentence.
    let start = near
        .rmatch_indices(". ")
        .map(|(at, end)| at + end.len())
        .find(|start| near[*start..].starts_with(char::is_uppercase));
    &near[start.unwrap_or_default()..]
}

fn is_about(stems: &[&str], words: &str) -> bool {
    let words = words.to_lowercase();
    stems.iter().any(|stem| words.contains(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<_> = ends(text).map(|(words, _)| words).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn an_end_is_known_by_the_words_before_it() {
        check("Vyvěšeno do 7. 12. 2026.", &["do 7. 12. 2026"]);
        check("Vyvěšeno od 20. 11. 2026 do 7.12.2026", &["do 7.12.2026"]);
        check(
            "Připomínky lze podat do dne 7. 12. 2026 na úřad",
            &["do dne 7. 12. 2026"],
        );
        check(
            "VYVĚŠENO DNE 20. 11. 2026, sejmuto dne 7. 12. 2026",
            &["dne 7. 12. 2026"],
        );
        check(
            "Sejmuto dne 7. 12. 2026, vyvěšeno dne 20. 11. 2026",
            &["dne 7. 12. 2026"],
        );
        check(
            "Námitky do 7. 12. 2026, zveřejněno do 9. 12. 2026",
            &["do 7. 12. 2026", "do 9. 12. 2026"],
        );
    }

    #[test]
    fn another_end_is_none_of_posting() {
        check("Uzavírka silnice do 5. 12. 2026", &[]);
        check("Vyvěšeno na desce. Uzavírka potrvá do 5. 12. 2026.", &[]);
        check("Lhůta do 7. 12.", &[]);
        check("Lhůta do 7. 12. 26", &[]);
        check("Lhůta do 30. 2. 2026", &[]);
        check("Lhůta: kudo 7. 12. 2026", &[]);
        check("podáno dne 7. 12. 2026", &[]);
        check("do dne ", &[]);
    }
}
