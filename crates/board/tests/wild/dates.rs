//! B. Dates.

use serde_json::{Value, json};
use vyveska_board::Moment;

use crate::{IRI, assert_silent, assert_warned, board, day, instant, numbered, read, read_changed};

#[test]
fn b13_a_time_in_a_day_is_read() {
    let time = |text: &str| json!({"typ": "Časový okamžik", "datum": text});
    let (notice, board) = read_changed(json!({
        "vyvěšení": time("2024-10-25T11:15:00+02:00"),
        "relevantní_do": time("2024-11-25T01:00:00+02:00"),
    }));
    assert_eq!(notice.posted, instant("2024-10-25T09:15:00Z"));
    assert_eq!(notice.relevant_until, day("2024-11-25"));
    assert_warned(&board, Some(IRI), "vyvěšení", "brán jako okamžik");
    assert_warned(
        &board,
        Some(IRI),
        "relevantní_do",
        "brán jako den 25. 11. 2024",
    );
    let (notice, _) = read_changed(json!({"relevantní_do": time("2022-02-24T23:00:00+01:00")}));
    assert_eq!(notice.relevant_until, day("2022-02-25"));
}

#[test]
fn b14_a_time_without_a_zone_is_pragues() {
    let (notice, board) = read_changed(json!({
        "vyvěšení": {"typ": "Časový okamžik", "datum_a_čas": "2026-06-25T13:20:32.439493"},
        "relevantní_do": {"typ": "Časový okamžik", "datum_a_čas": "2026-07-25T18:00:00.641"},
    }));
    assert_eq!(notice.posted, instant("2026-06-25T11:20:32.439493Z"));
    assert_eq!(notice.relevant_until, instant("2026-07-25T16:00:00.641Z"));
    assert_warned(&board, Some(IRI), "vyvěšení", "brán jako pražský");
}

#[test]
fn b15_junk_for_a_date_leaves_the_notice_dateless() {
    let time = |text: &str| json!({"typ": "Časový okamžik", "datum": text});
    for junk in [
        time(""),
        time("0000-00-00"),
        time("-"),
        time("None"),
        json!({}),
        json!("?"),
        json!("null"),
        time("1970-01-01"),
        time("9999-09-09"),
        time("3333-03-03"),
        json!([]),
        json!(7),
    ] {
        let (notice, board) = read_changed(json!({"relevantní_do": junk}));
        assert_eq!(notice.relevant_until, Moment::Unspecified);
        assert_eq!(notice.posted, day("2026-11-01"));
        assert_warned(
            &board,
            Some(IRI),
            "relevantní_do",
            "bráno jako nespecifikované",
        );
    }
    let mut written = numbered(1);
    written["vyvěšení"] = Value::Null;
    let board = read(&board(&json!([written])));
    assert_eq!(board.notices[0].posted, Moment::Unspecified);
    assert_warned(&board, Some(IRI), "vyvěšení", "null");
}

#[test]
fn b15_a_date_under_a_wrong_key_is_read() {
    let (notice, board) = read_changed(json!({
        "relevantní_do": {"typ": "Časový okamžik", "Časový okamžik": "2026-12-24"},
    }));
    assert_eq!(notice.relevant_until, day("2026-12-24"));
    assert_warned(&board, Some(IRI), "relevantní_do", "„Časový okamžik“");
}

#[test]
fn b16_a_missing_end_is_reported_and_an_open_one_is_not() {
    let (notice, board) = read_changed(json!({"relevantní_do": null}));
    assert_eq!(notice.relevant_until, Moment::Unspecified);
    assert_warned(&board, Some(IRI), "relevantní_do", "chybí");

    let open = json!({"typ": "Časový okamžik", "nespecifikovaný": true});
    let (notice, board) = read_changed(json!({"vyvěšení": open, "relevantní_do": open}));
    assert_eq!(
        (notice.posted, notice.relevant_until),
        (Moment::Unspecified, Moment::Unspecified)
    );
    assert_silent(&board);
}

#[test]
fn b17_an_end_before_the_start_is_kept_and_reported() {
    let (notice, board) = read_changed(json!({
        "relevantní_do": {"typ": "Časový okamžik", "datum": "2025-12-06"},
    }));
    assert_eq!(notice.relevant_until, day("2025-12-06"));
    assert_warned(
        &board,
        Some(IRI),
        "relevantní_do",
        "konec je před vyvěšením",
    );
}

#[test]
fn b17_what_makes_an_end_doubtful_is_kept_with_its_notice() {
    let day = |text: &str| json!({"typ": "Časový okamžik", "datum": text});
    for (changes, doubt) in [
        (json!({"relevantní_do": "6. 12. 2026"}), None),
        (json!({"relevantní_do": null}), None),
        (
            json!({"vyvěšení": [day("2026-11-01"), day("2026-11-02")]}),
            None,
        ),
        (
            json!({"relevantní_do": [day("2026-12-06"), day("2026-12-07")]}),
            Some("relevantní_do: uvedeno více různých časů; platí nejpozdější (7. 12. 2026)"),
        ),
        (
            json!({"relevantní_do": "dnes"}),
            Some("relevantní_do: nečitelné datum („dnes“)"),
        ),
        (
            json!({"relevantní_do": "9. 2. 27"}),
            Some("relevantní_do: nečitelné datum („9. 2. 27“, rok o dvou číslicích)"),
        ),
        (
            json!({"relevantní_do": day("2026-10-01")}),
            Some("relevantní_do: konec je před"),
        ),
        (
            json!({"popis": {"cs": "Vyvěšeno do 7. 12. 2026"}}),
            Some("popis: uvádí jiný konec („do 7. 12. 2026“)"),
        ),
    ] {
        let (notice, _) = read_changed(changes);
        match (&notice.end_doubts[..], doubt) {
            ([], None) => {}
            ([found], Some(doubt)) => assert!(found.starts_with(doubt), "{found}"),
            (found, _) => panic!("{found:?}, expected {doubt:?}"),
        }
    }
    for (text, doubts) in [
        ("Vyvěšeno do 7. 12. 2026. ".repeat(100), 1),
        (
            (7..30)
                .map(|day| format!("Vyvěšeno do {day}. 12. 2026. "))
                .collect(),
            5,
        ),
    ] {
        let (notice, _) = read_changed(json!({"popis": {"cs": text}}));
        assert_eq!(notice.end_doubts.len(), doubts);
    }
}

#[test]
fn b17_far_ends_and_old_starts_are_taken_at_their_word() {
    let (notice, board) = read_changed(json!({
        "vyvěšení": {"typ": "Časový okamžik", "datum": "2001-01-01"},
        "relevantní_do": {"typ": "Časový okamžik", "datum": "2099-12-31"},
    }));
    assert_eq!(
        (notice.posted, notice.relevant_until),
        (day("2001-01-01"), day("2099-12-31"))
    );
    assert_silent(&board);
}

#[test]
fn b18_a_version_mark_is_free_text() {
    let (notice, board) = read_changed(json!({"revize": "25.06.2026 13:20:32"}));
    assert_eq!(notice.revision_mark.as_deref(), Some("25.06.2026 13:20:32"));
    assert_silent(&board);
    let (notice, board) = read_changed(json!({"revize": 20_180_101}));
    assert_eq!(notice.revision_mark.as_deref(), Some("20180101"));
    assert_warned(&board, Some(IRI), "revize", "číslo");
}
