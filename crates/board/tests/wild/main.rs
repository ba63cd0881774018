//! How published feeds deviate from the norm, one test for each way it was seen to happen.
//!
//! Each gives its notices and a warning that names the notice, the field and what was done.
//! All names, numbers and addresses are invented.

mod bounds;
mod broken;
mod by_hand;
mod dates;
mod identity;
mod structure;
mod text;

use serde_json::{Value, json};
use url::Url;
use vyveska_board::ofn::{self, FeedBoard, FeedError, FeedNotice};
use vyveska_board::{Language, Moment};

const IRI: &str = "https://obec.example/zdroj/deska/1";

fn feed_url() -> Url {
    Url::parse("https://obec.example/data/deska.jsonld").expect("it is an address")
}

fn read_bytes(bytes: &[u8]) -> Vec<FeedBoard> {
    ofn::read(bytes, &feed_url()).expect("it is a feed")
}

fn read(feed: &Value) -> FeedBoard {
    let mut boards = read_bytes(feed.to_string().as_bytes());
    assert_eq!(boards.len(), 1);
    boards.remove(0)
}

fn refused(feed: &str) -> FeedError {
    ofn::read(feed.as_bytes(), &feed_url()).expect_err("it is no feed")
}

/// A board without fault around `notices`.
fn board(notices: &Value) -> Value {
    json!({
        "@context": "https://ofn.gov.cz/úřední-desky/2021-07-20/kontexty/úřední-deska.jsonld",
        "typ": "Úřední deska",
        "iri": "https://obec.example/zdroj/deska",
        "stránka": "https://obec.example/deska",
        "provozovatel": {"typ": "Osoba", "ičo": "00258245"},
        "informace": notices,
    })
}

/// A notice without fault, numbered.
fn numbered(number: u32) -> Value {
    json!({
        "typ": ["Digitální objekt", "Informace na úřední desce"],
        "iri": format!("https://obec.example/zdroj/deska/{number}"),
        "url": format!("https://obec.example/deska/{number}"),
        "název": {"cs": format!("Oznámení č. {number}")},
        "vyvěšení": {"typ": "Časový okamžik", "datum": "2026-11-01"},
        "relevantní_do": {"typ": "Časový okamžik", "datum": "2026-12-06"},
    })
}

/// Notice 1 with some fields changed; `null` in `changes` takes a field away.
fn changed(changes: Value) -> Value {
    let mut notice = numbered(1);
    let Value::Object(changes) = changes else {
        panic!("an object");
    };
    for (key, value) in changes {
        if value.is_null() {
            notice.as_object_mut().expect("an object").remove(&key);
        } else {
            notice[key] = value;
        }
    }
    notice
}

/// Reads notice 1 so changed, with notice 2 behind it that must not suffer.
fn read_changed(changes: Value) -> (FeedNotice, FeedBoard) {
    let mut board = read(&board(&json!([changed(changes), numbered(2)])));
    assert_eq!(board.notices.len(), 2, "{:?}", board.warnings);
    assert_eq!(title(&board.notices[1]), "Oznámení č. 2");
    (board.notices.remove(0), board)
}

fn title(notice: &FeedNotice) -> &str {
    notice.title.best(Language::Czech)
}

fn day(text: &str) -> Moment {
    Moment::Date(text.parse().expect("a day"))
}

fn instant(text: &str) -> Moment {
    Moment::Instant(text.parse().expect("an instant"))
}

/// There is a warning about this notice and field that says this.
#[track_caller]
fn assert_warned(board: &FeedBoard, notice: Option<&str>, field: &str, message: &str) {
    let found = board.warnings.iter().any(|warning| {
        warning.notice.as_deref() == notice
            && warning.field == field
            && warning.message.contains(message)
    });
    assert!(found, "{notice:?} {field} {message}: {:#?}", board.warnings);
}

#[track_caller]
fn assert_silent(board: &FeedBoard) {
    assert!(board.warnings.is_empty(), "{:#?}", board.warnings);
}

#[test]
fn a_feed_without_fault_raises_no_warning() {
    let board = read(&board(&json!([numbered(1), numbered(2)])));
    assert_silent(&board);
    assert_eq!(board.notices[0].key.to_string(), format!("iri:{IRI}"));
    assert_eq!(board.notices[0].posted, day("2026-11-01"));
    assert_eq!(board.notices[0].relevant_until, day("2026-12-06"));
    assert_eq!(
        board.operator.expect("it has one").ico.as_deref(),
        Some("00258245")
    );
    let raw: Value = serde_json::from_str(&board.notices[0].raw).expect("JSON");
    assert_eq!(raw, numbered(1));
}
