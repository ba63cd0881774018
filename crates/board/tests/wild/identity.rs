//! D. Identity, as far as it concerns one reading of one feed.

use serde_json::json;
use vyveska_board::ofn::FeedKey;

use crate::{
    IRI, assert_silent, assert_warned, board, changed, numbered, read, read_bytes, read_changed,
};

#[test]
fn d26_one_iri_twice_is_two_notices_with_keys_of_their_own() {
    let mut later = numbered(1);
    later["vyvěšení"]["datum"] = json!("2026-11-20");
    let first = read(&board(&json!([numbered(1), later])));
    assert_eq!(first.notices.len(), 2);
    assert_eq!(first.notices[0].key.to_string(), format!("iri:{IRI}"));
    assert!(matches!(first.notices[1].key, FeedKey::Digest(_)));
    assert_warned(&first, Some(IRI), "iri", "ponechána obě");

    // More notices around them change neither key.
    let second = read(&board(&json!([
        numbered(7),
        numbered(1),
        numbered(8),
        later
    ])));
    assert_eq!(second.notices[1].key, first.notices[0].key);
    assert_eq!(second.notices[3].key, first.notices[1].key);
}

#[test]
fn d26_notices_alike_in_all_but_their_documents_have_keys_of_their_own() {
    let with = |name: &str| {
        changed(json!({"iri": null, "url": null, "dokument": [
            {"typ": "Digitální objekt", "název": {"cs": name}, "url": format!("https://obec.example/{name}")},
        ]}))
    };
    let board = read(&board(&json!([with("a"), with("b"), with("c")])));
    let keys: std::collections::BTreeSet<_> = board.notices.iter().map(|n| &n.key).collect();
    assert_eq!(keys.len(), 3);
}

#[test]
fn d26_a_notice_repeated_word_by_word_is_one() {
    let board = read(&board(&json!([numbered(1), numbered(2), numbered(1)])));
    assert_eq!(board.notices.len(), 2);
    assert_warned(&board, Some(IRI), "iri", "dvakrát beze změny");
}

#[test]
fn d26_one_page_under_several_iris_is_several_notices() {
    let boards = read_bytes(include_bytes!("../fixtures/several_boards.json"));
    assert_eq!(boards[0].notices.len(), 2);
    assert_warned(
        &boards[0],
        Some("https://kraj.example/deska/hasici/2"),
        "url",
        "stejnou stránku",
    );
}

#[test]
fn d26_boards_of_one_name_get_different_identifiers() {
    let feed = json!([board(&json!([numbered(1)])), board(&json!([numbered(2)]))]);
    let boards = read_bytes(feed.to_string().as_bytes());
    assert_eq!(boards[0].iri.as_str(), "https://obec.example/zdroj/deska");
    assert_eq!(boards[1].iri.as_str(), "https://obec.example/zdroj/deska#2");
    assert_warned(&boards[1], None, "iri", "stejně je označena");
}

#[test]
fn d27_d28_an_archive_and_an_empty_board_are_both_boards() {
    let archive: Vec<_> = (1..=2_500).map(numbered).collect();
    let full = read(&board(&json!(archive)));
    assert_eq!(full.notices.len(), 2_500);
    assert_silent(&full);
    let empty = read(&board(&json!([])));
    assert_eq!(empty.notices, []);
    assert_silent(&empty);
}

#[test]
fn d28b_hollow_notices_stay_notices_and_blank() {
    let hollow = json!({"název": {"cs": ""}, "dokument": []});
    let (notice, board) = read_changed(hollow);
    assert!(notice.title.is_blank());
    assert_eq!(notice.documents, []);
    assert_eq!(notice.key.to_string(), format!("iri:{IRI}"));
    assert_warned(&board, Some(IRI), "název", "oznámení je bez názvu");
}

#[test]
fn d29_d31_what_changes_under_one_iri_keeps_its_key() {
    let (before, _) = read_changed(json!({}));
    let (after, _) = read_changed(json!({
        "název": {"cs": "Oznámení č. 1 (oprava)"},
        "vyvěšení": {"typ": "Časový okamžik", "datum": "2026-11-02"},
        "číslo_jednací": "OU/1/26",
        "url": "https://obec.example/deska/1-oprava",
    }));
    assert_eq!(before.key, after.key);
    assert_ne!(before.raw, after.raw);
}
