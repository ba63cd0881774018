//! F. Feeds that people write by hand, or that they make a generator write: slips that must cost no notice,
//! no document and no day.

use serde_json::{Value, json};
use vyveska_board::Moment;
use vyveska_board::ofn::{self, FeedBoard};

use crate::{
    IRI, assert_silent, assert_warned, board, day, feed_url, instant, numbered, read, read_bytes,
    read_changed, title,
};

fn documents(board: &FeedBoard, notice: usize) -> Vec<&str> {
    let documents = board.notices[notice].documents.iter();
    documents
        .map(|document| document.url.as_ref().map_or("-", |url| url.as_str()))
        .collect()
}

/// Notice 1, with `fields` written as they are behind its own, and notice 2.
fn written(fields: &str) -> FeedBoard {
    let notice = numbered(1).to_string();
    let notice = notice.strip_suffix('}').expect("an object");
    let feed = board(&json!(["HERE", numbered(2)])).to_string();
    let feed = feed.replace("\"HERE\"", &format!("{notice}, {fields}}}"));
    let board = read_bytes(feed.as_bytes()).remove(0);
    assert_eq!(board.notices.len(), 2, "{:?}", board.warnings);
    board
}

#[test]
fn f01_a_mistyped_key_empties_no_board() {
    for mistyped in ["informacce", "imformace", "Infomrace", "nformace"] {
        let feed = board(&json!([numbered(1), numbered(2)])).to_string();
        let feed = feed.replace("\"informace\"", &format!("\"{mistyped}\""));
        let board = read_bytes(feed.as_bytes()).remove(0);
        assert_eq!(board.notices.len(), 2, "{mistyped}");
        assert_warned(&board, None, "informace", mistyped);
    }
    // Farther from the name it is a key of something else, and the board is told to be empty.
    let feed = board(&json!([numbered(1)])).to_string();
    let board = read_bytes(feed.replace("\"informace\"", "\"inzerce\"").as_bytes()).remove(0);
    assert_eq!(board.notices, []);
    assert_warned(&board, None, "informace", "deska je bez oznámení");
}

#[test]
fn f01_mistyped_keys_of_a_notice_are_read() {
    let (notice, board) = read_changed(json!({
        "název": null, "názve": {"cs": "Záměr"},
        "vyvěšení": null, "vyveseníí": {"typ": "Časový okamžik", "datum": "2026-11-20"},
        "relevantní_do": null, "relevanttní_do": {"typ": "Časový okamžik", "datum": "2026-12-24"},
        "dokumnet": [{"typ": "Digitální objekt", "název": {"cs": "a"}, "url": "https://obec.example/a.pdf"}],
    }));
    assert_eq!(title(&notice), "Záměr");
    assert_eq!(
        (notice.posted, notice.relevant_until),
        (day("2026-11-20"), day("2026-12-24"))
    );
    assert_eq!(notice.documents.len(), 1);
    for (field, key) in [
        ("název", "„názve“"),
        ("vyvěšení", "„vyveseníí“"),
        ("relevantní_do", "„relevanttní_do“"),
        ("dokument", "„dokumnet“"),
    ] {
        assert_warned(&board, Some(IRI), field, key);
    }
}

#[test]
fn f01_a_word_of_its_own_is_no_mistyped_key() {
    let (notice, board) = read_changed(json!({
        "relevantní_do": null,
        "relevantní_od": {"typ": "Časový okamžik", "datum": "2026-11-02"},
        "podpis": {"cs": "starosta"},
    }));
    assert_eq!(notice.relevant_until, Moment::Unspecified);
    assert!(notice.description.is_blank());
    assert_warned(&board, Some(IRI), "relevantní_do", "chybí");
}

#[test]
fn f02_a_key_that_comes_twice_loses_no_document() {
    let file = |name: &str| {
        format!(
            r#""dokument": [{{"název": {{"cs": "{name}"}}, "url": "https://obec.example/{name}.pdf"}}]"#
        )
    };
    let board = written(&format!("{}, {}, {}", file("a"), file("b"), file("a")));
    assert_eq!(
        documents(&board, 0),
        ["https://obec.example/a.pdf", "https://obec.example/b.pdf"]
    );
    assert_warned(&board, Some(IRI), "dokument", "„dokument“ je uveden 3×");
}

#[test]
fn f02_of_two_ends_the_later_counts() {
    let end =
        |day: &str| format!(r#""relevantní_do": {{"typ": "Časový okamžik", "datum": "{day}"}}"#);
    for (other, later) in [("2026-12-01", "2026-12-06"), ("2026-12-24", "2026-12-24")] {
        let board = written(&end(other));
        assert_eq!(board.notices[0].relevant_until, day(later));
        assert_warned(&board, Some(IRI), "relevantní_do", "uveden 2×");
        assert_warned(&board, Some(IRI), "relevantní_do", "platí nejpozdější");
    }
}

#[test]
fn f02_a_key_that_comes_twice_within_a_value_is_told() {
    let board = written(
        r#""schválení": {"typ": "Časový okamžik", "datum": "2026-11-01", "datum": "2026-11-02"},
           "popis": {"cs": "První", "cs": "Druhý"}"#,
    );
    assert_eq!(board.notices[0].approved, Moment::Unspecified);
    assert_warned(
        &board,
        Some(IRI),
        "schválení",
        "„datum“ je v hodnotě uveden vícekrát",
    );
    assert_eq!(board.notices[0].description.get("cs"), Some("První"));
    assert_warned(
        &board,
        Some(IRI),
        "popis",
        "„cs“ je v hodnotě uveden vícekrát",
    );
    assert_warned(&board, Some(IRI), "popis", "vzat první prvek");
}

#[test]
fn f02_two_lists_of_notices_are_both_read() {
    let feed = board(&json!([numbered(1)])).to_string();
    let more = format!("{{\"informace\":[{},{}],", numbered(2), numbered(1));
    let feed = feed.replacen('{', &more, 1);
    let board = read_bytes(feed.as_bytes()).remove(0);
    assert_eq!(board.notices.len(), 2);
    assert_warned(&board, None, "informace", "uveden 2×");
}

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

#[test]
fn f05_another_end_in_the_words_of_a_notice_is_told() {
    let (notice, board) = read_changed(json!({
        "název": {"cs": "Návrh rozpočtu, zveřejněno do 6. 12. 2026"},
        "popis": {"cs": "Námitky lze podat do 1. 12. 2026. Jednání trvá do 24. 12. 2026."},
    }));
    assert_eq!(notice.relevant_until, day("2026-12-06"));
    let told: Vec<_> = board
        .warnings
        .iter()
        .map(|one| (&*one.field, &*one.message))
        .collect();
    assert_eq!(
        told,
        [(
            "popis",
            "uvádí jiný konec („do 1. 12. 2026“) než „relevantní_do“ (6. 12. 2026); platí „relevantní_do“, text ponechán"
        )]
    );
    assert_warned(&board, Some(IRI), "popis", "jiný konec");
}

#[test]
fn f06_an_address_of_the_office_leads_to_no_host_on_the_web() {
    let urls = [
        r"\\server\deska\a.pdf",
        r"S:\deska\a.pdf",
        "file://server/deska/a.pdf",
        "https://https://obec.example/a.pdf",
    ];
    let documents: Vec<Value> = urls
        .iter()
        .map(|url| json!({"název": {"cs": url}, "url": url}))
        .collect();
    let (notice, board) = read_changed(json!({"dokument": documents}));
    let found: Vec<_> = notice
        .documents
        .iter()
        .map(|one| one.url.as_ref().map(|url| url.as_str()))
        .collect();
    assert_eq!(
        found,
        [None, None, None, Some("https://obec.example/a.pdf")]
    );
    for url in &urls[..3] {
        assert_warned(
            &board,
            Some(IRI),
            "dokument.url",
            &format!("nepoužitelná adresa „{url}“"),
        );
    }
    assert_warned(&board, Some(IRI), "dokument.url", "dvakrát");
}

#[test]
fn slips_in_a_list_of_boards_are_told_of_their_board() {
    let feed = json!([board(&json!([numbered(1)])), board(&json!([numbered(2)]))]).to_string();
    let feed = feed.replacen("\"informace\"", "\"infomace\"", 1);
    let boards = ofn::read(feed.as_bytes(), &feed_url()).expect("it is a feed");
    assert_eq!((boards[0].notices.len(), boards[1].notices.len()), (1, 1));
    assert_warned(&boards[0], None, "informace", "„infomace“");
    assert_eq!(read(&board(&json!([numbered(1)]))).warnings, []);
}
