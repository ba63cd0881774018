//! F. Feeds that people write by hand, or that they make a generator write: slips that must cost no notice,
//! no document and no day.

use serde_json::json;
use vyveska_board::Moment;

use crate::{IRI, assert_silent, assert_warned, day, instant, read_changed};

#[test]
fn f03_an_end_is_never_read_too_early() {
    let object = |value: &str| json!({"typ": "Časový okamžik", "datum": value});
    let never = Moment::Unspecified;
    for (end, expected, warning) in [
        (json!("5. 1. 2027"), day("2027-01-05"), "jinak než"),
        (json!("05/01/2027"), never, "den i měsíc"),
        (json!("25/01/2027"), day("2027-01-25"), "jinak než"),
        (object("2027-1-5"), day("2027-01-05"), "jinak než"),
        (object("2027-04-31"), never, "nečitelné"),
        (object("20270105"), day("2027-01-05"), "jinak než"),
        (
            json!(1_799_103_600_000_i64),
            day("2027-01-05"),
            "5. 1. 2027",
        ),
        (object("2027-01-05T24:00"), day("2027-01-05"), "jinak než"),
        (
            object("2026-07-05T00:00:00Z"),
            day("2026-07-05"),
            "brán jako den",
        ),
        (
            json!({"typ": "Časový okamžik", "datum": ["2027-01-05"]}),
            never,
            "seznam",
        ),
        (
            json!({"typ": "Časový okamžik", "datum": "2027-01-05", "datum_a_čas": "2027-01-07T10:00:00+01:00"}),
            instant("2027-01-07T09:00:00Z"),
            "platí nejpozdější (7. 1. 2027)",
        ),
        (json!("5. 1. 27"), never, "nespecifikované"),
        (object("2162-01-05"), day("2162-01-05"), "136 let"),
    ] {
        let (notice, board) =
            read_changed(json!({"relevantní_do": end, "vyvěšení": object("2026-07-01")}));
        assert_eq!(notice.relevant_until, expected, "{end}");
        assert_warned(&board, Some(IRI), "relevantní_do", warning);
    }
    let (notice, board) = read_changed(json!({"relevantní_do": object("2099-12-31")}));
    assert_eq!(notice.relevant_until, day("2099-12-31"));
    assert_silent(&board);
}

#[test]
fn f03_of_an_interval_and_an_end_the_later_counts() {
    let (notice, board) = read_changed(json!({
        "vyvěšení": {"typ": "Časový interval",
            "začátek": {"typ": "Časový okamžik", "datum": "2026-11-01"},
            "konec": {"typ": "Časový okamžik", "datum": "2026-12-24"}},
    }));
    assert_eq!(notice.relevant_until, day("2026-12-24"));
    assert_warned(
        &board,
        Some(IRI),
        "relevantní_do",
        "platí nejpozdější (24. 12. 2026)",
    );
}

#[test]
fn f04_an_end_in_the_hour_that_comes_twice_is_the_second() {
    let time = |reading: &str| json!({"typ": "Časový okamžik", "datum_a_čas": reading});
    let (notice, board) = read_changed(json!({
        "vyvěšení": time("2028-10-29T02:15:00"),
        "relevantní_do": time("2028-10-29T02:45:00"),
    }));
    assert_eq!(notice.posted, instant("2028-10-29T00:15:00Z"));
    assert_eq!(notice.relevant_until, instant("2028-10-29T01:45:00Z"));
    assert_warned(&board, Some(IRI), "relevantní_do", "platí pozdější");
    // In the hour that does not exist the clocks jump from 2:00 to 3:00.
    let (notice, _) = read_changed(json!({"relevantní_do": time("2028-03-26T02:45:00")}));
    assert_eq!(notice.relevant_until, instant("2028-03-26T01:00:00Z"));
    // A zone says which hour is meant.
    let (notice, _) = read_changed(json!({"relevantní_do": time("2028-10-29T02:45:00+02:00")}));
    assert_eq!(notice.relevant_until, instant("2028-10-29T00:45:00Z"));
}
