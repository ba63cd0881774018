//! What tests against the sample town rely on.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::collections::BTreeSet;
use std::path::Path;

use chrono::NaiveDate;
use vyveska_sample_town::{Day, Notice, SampleTown, Until, fill_in};

fn today() -> NaiveDate {
    "2026-11-21".parse().unwrap()
}

fn town() -> SampleTown {
    SampleTown::load().unwrap()
}

fn of<'a>(town: &'a SampleTown, id: &str) -> &'a Notice {
    town.notices.iter().find(|notice| notice.id == id).unwrap()
}

fn posted(notice: &Notice, today: NaiveDate) -> bool {
    notice.posted_day.on(today) <= today
        && match notice.until {
            Until::Day(day) => today <= day.on(today),
            Until::Unspecified => true,
        }
}

#[test]
fn every_document_is_used_and_all_fit_into_the_repository() {
    let town = town();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("documents");
    let mut total = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        total += entry.metadata().unwrap().len();
        let name = entry.file_name().into_string().unwrap();
        assert!(town.documents.contains_key(&name), "no notice uses {name}");
    }
    assert!(total < 10_000_000, "{total} bytes");
    assert!(town.documents.values().all(|bytes| !bytes.is_empty()));
}

#[test]
fn thirty_eight_of_forty_notices_are_posted_on_any_day() {
    let town = town();
    assert_eq!(town.notices.len(), 40);
    let ids: BTreeSet<_> = town.notices.iter().map(|notice| &notice.id).collect();
    assert_eq!(ids.len(), 40);
    for day in ["2026-11-21", "2027-02-28", "2028-02-29", "2031-12-31"] {
        let day = day.parse().unwrap();
        assert_eq!(
            town.notices
                .iter()
                .filter(|notice| posted(notice, day))
                .count(),
            38,
            "{day}"
        );
    }
}

#[test]
fn the_days_that_matter_are_there() {
    let town = town();
    let starts = |offset| {
        town.notices
            .iter()
            .filter(|notice| notice.posted_day == Day::after(offset))
            .count()
    };
    assert_eq!((starts(1), starts(0), starts(-1)), (1, 1, 1));
    let ends_today = town
        .notices
        .iter()
        .filter(|notice| notice.until == Until::Day(Day::after(0)))
        .count();
    assert_eq!(ends_today, 1);
    assert!(!posted(of(&town, "volby-okrsky"), today()));
    assert!(!posted(of(&town, "pozvanka-20-zasedani"), today()));
    assert!(
        town.notices
            .iter()
            .any(|notice| notice.until == Until::Unspecified)
    );
    assert!(
        town.notices
            .iter()
            .any(|notice| notice.posted_time.is_some())
    );
}

#[test]
fn the_special_notices_are_there() {
    let town = town();
    let counts = |n| {
        town.notices
            .iter()
            .filter(|notice| notice.documents.len() == n)
            .count()
    };
    assert_eq!((counts(34), counts(0)), (1, 1));
    let longest = town
        .notices
        .iter()
        .map(|notice| notice.title.chars().count())
        .max()
        .unwrap();
    assert!((241..=300).contains(&longest), "{longest}");
    let agendas: BTreeSet<_> = town
        .notices
        .iter()
        .flat_map(|notice| &notice.agenda)
        .collect();
    assert!(agendas.len() >= 12, "{agendas:?}");
    assert!(town.notices.iter().any(|notice| notice.agenda.len() > 1));
}

#[test]
fn texts_hold_no_placeholder_once_filled_in() {
    for notice in &town().notices {
        let title = fill_in(&notice.title, today());
        let text = fill_in(notice.description.as_deref().unwrap_or_default(), today());
        assert!(
            !title.contains(['{', '}']) && !text.contains(['{', '}']),
            "{title} {text}"
        );
    }
}

#[test]
fn a_meeting_is_posted_until_the_day_it_is_held() {
    let town = town();
    let notice = of(&town, "pozvanka-21-zasedani");
    let Until::Day(day) = notice.until else {
        panic!("no end")
    };
    assert_eq!(day.on(today()).to_string(), "2026-11-25");
    let text = fill_in(notice.description.as_deref().unwrap(), today());
    assert!(text.contains("ve středu 25. 11. 2026"), "{text}");
}
