//! How published feeds deviate from the norm, one test for each way it was seen to happen.
//!
//! Each gives its notices and a warning that names the notice, the field and what was done.
//! All names, numbers and addresses are invented.

use serde_json::{Value, json};
use url::Url;
use vyveska_board::ofn::{self, FeedBoard, FeedError, FeedKey, FeedNotice};
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

// A. Structure

#[test]
fn a01_an_array_of_boards_is_all_its_boards() {
    let boards = read_bytes(include_bytes!("fixtures/several_boards.json"));
    let found: Vec<_> = boards
        .iter()
        .map(|board| (board.iri.as_str(), board.notices.len()))
        .collect();
    assert_eq!(
        found,
        [
            ("https://kraj.example/deska/hasici", 2),
            ("https://kraj.example/deska/archiv", 0),
            ("https://kraj.example/deska/muzeum", 0),
        ]
    );
    let ovm = boards[1]
        .operator
        .as_ref()
        .expect("it has one")
        .ovm
        .as_deref();
    assert_eq!(ovm, Some("06216111"));
    assert_silent(&boards[1]);
    assert_warned(&boards[2], None, "informace", "chybí");
}

#[test]
fn a01_a02_a03_a_header_followed_by_its_notices_is_one_board() {
    let boards = read_bytes(include_bytes!("fixtures/header_and_items.json"));
    assert_eq!(boards.len(), 1);
    let board = &boards[0];
    assert_eq!(board.iri.as_str(), feed_url().as_str());
    assert_eq!(
        board.page.as_ref().expect("it has one").as_str(),
        "https://www.lipovec.example/uredni-deska"
    );
    assert_warned(board, None, "iri", "vzata adresa zdroje");
    assert_warned(board, None, "@context", "„@content“");
    assert_warned(board, None, "informace", "vedle desky");

    let notice = &board.notices[0];
    let iri = Some("https://lipovec.example/deska/11281154");
    assert_eq!(title(notice), "Veřejná vyhláška – opatření obecné povahy");
    assert_eq!(
        (notice.posted, notice.relevant_until),
        (day("2022-01-05"), day("2027-01-20"))
    );
    assert_eq!(
        notice.categories[0].best(Language::Czech),
        "Veřejná vyhláška"
    );
    assert_eq!(notice.documents.len(), 1);
    for (field, message) in [
        ("název", "„nazev“"),
        ("název", "prostý text"),
        ("vyvěšení", "„vyveseni“"),
        ("relevantní_do", "„relevantni_do“"),
        ("agenda", "„Veřejná vyhláška“"),
        ("typ", "bráno jako oznámení"),
        ("url", "dokument oznámení"),
    ] {
        assert_warned(board, iri, field, message);
    }
    assert_eq!(
        board.notices[1].documents[0]
            .url
            .as_ref()
            .expect("it has one")
            .as_str(),
        "https://obec.example/data/content/11281155/z%C3%A1mer%20prodeje.pdf"
    );
}

#[test]
fn a03_other_known_keys_are_read() {
    for key in [
        "vyveseni",
        "datumVyveseni",
        "datum_vyveseni",
        "datumZverejneni",
        "zverejneni",
        "VYVĚŠENÍ",
    ] {
        let (notice, board) = read_changed(json!({
            "vyvěšení": null,
            key: {"typ": "Časový okamžik", "datum": "2026-10-01"},
        }));
        assert_eq!(notice.posted, day("2026-10-01"), "{key}");
        assert_warned(&board, Some(IRI), "vyvěšení", &format!("„{key}“"));
    }
}

#[test]
fn a04_a_title_in_another_shape_is_read() {
    for (written, warning) in [
        (json!("Záměr"), "prostý text"),
        (json!({"cze": "Záměr"}), "„cze“"),
        (json!({"cs-CZ": "Záměr"}), "„cs-CZ“"),
        (json!([{"cs": "Záměr"}]), "seznam"),
    ] {
        let (notice, board) = read_changed(json!({"název": written}));
        assert_eq!(notice.title.get("cs"), Some("Záměr"));
        assert_warned(&board, Some(IRI), "název", warning);
    }
    let (notice, board) = read_changed(json!({"název": {"en": "Plan"}}));
    assert_eq!(title(&notice), "Plan");
    assert_silent(&board);
}

#[test]
fn a05_notices_missing_null_or_single_are_a_board_all_the_same() {
    for (notices, count, warning) in [
        (json!(null), 0, "null"),
        (json!({}), 0, "prázdný objekt"),
        (json!("nic"), 0, "„\"nic\"“"),
        (numbered(1), 1, "jediný objekt"),
        (
            json!({"0": numbered(1), "5": numbered(2)}),
            2,
            "objekt místo seznamu",
        ),
    ] {
        let board = read(&board(&notices));
        assert_eq!(board.notices.len(), count);
        assert_warned(&board, None, "informace", warning);
    }
    let bare = read(&json!({"informace": []}));
    assert_eq!(bare.notices, []);
    assert_eq!(bare.iri.as_str(), feed_url().as_str());
    for field in ["@context", "typ", "iri", "stránka", "provozovatel"] {
        assert_warned(&bare, None, field, "");
    }
}

#[test]
fn a05_what_is_no_notice_among_notices_costs_nothing_else() {
    let board = read(&board(&json!([null, 5, "x", [], {}, numbered(1)])));
    assert_eq!(board.notices.len(), 1);
    assert_warned(
        &board,
        Some("1. položka"),
        "informace",
        "„null“ není oznámení",
    );
    assert_warned(&board, Some("5. položka"), "informace", "prázdné oznámení");
}

#[test]
fn a06_documents_may_be_absent_empty_or_single() {
    let document = json!({"typ": "Digitální objekt", "název": {"cs": "Plán"}, "url": "https://obec.example/a.pdf"});
    for (written, count, warning) in [
        (json!([]), 0, None),
        (json!([document]), 1, None),
        (document.clone(), 1, Some("jediná hodnota")),
        (json!("https://obec.example/a.pdf"), 1, Some("pouhá adresa")),
        (json!(true), 0, Some("logická hodnota")),
    ] {
        let (notice, board) = read_changed(json!({"dokument": written}));
        assert_eq!(notice.documents.len(), count);
        match warning {
            Some(warning) => assert_warned(&board, Some(IRI), "dokument", warning),
            None => assert_silent(&board),
        }
    }
    let mut written = numbered(1);
    written["dokument"] = Value::Null;
    let board = read(&board(&json!([written])));
    assert_eq!(board.notices[0].documents, []);
    assert_warned(&board, Some(IRI), "dokument", "null");
}

#[test]
fn a06_documents_and_attachments_are_both_documents() {
    let document = |name: &str| json!({"typ": "Digitální objekt", "název": {"cs": name}, "url": format!("https://obec.example/{name}.pdf")});
    let (notice, board) = read_changed(json!({
        "dokument": [document("a"), document("b")],
        "příloha": [document("c"), document("a")],
    }));
    let names: Vec<_> = notice
        .documents
        .iter()
        .map(|d| d.title.best(Language::Czech))
        .collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_warned(&board, Some(IRI), "příloha", "dvakrát");
}

#[test]
fn a07_a_document_without_a_name_is_kept() {
    let (notice, board) = read_changed(json!({"dokument": [
        {"typ": "Digitální objekt", "název": {}, "url": "https://obec.example/a.pdf"},
        {"typ": "Digitální objekt", "url": "https://obec.example/b.pdf"},
    ]}));
    assert_eq!(notice.documents.len(), 2);
    assert!(
        notice
            .documents
            .iter()
            .all(|document| document.title.is_blank())
    );
    assert_warned(&board, Some(IRI), "dokument.název", "prázdný objekt");
    assert_warned(&board, Some(IRI), "dokument.název", "nemá název");
}

#[test]
fn a07_a_title_overwritten_by_the_last_document_is_kept_and_told() {
    let (notice, board) = read_changed(json!({
        "název": {"cs": "Situační výkres.pdf"},
        "dokument": [
            {"typ": "Digitální objekt", "název": {"cs": "Oznámení"}, "url": "https://obec.example/a"},
            {"typ": "Digitální objekt", "název": {"cs": "Situační výkres.pdf"}, "url": "https://obec.example/b"},
        ],
    }));
    assert_eq!(title(&notice), "Situační výkres.pdf");
    assert_warned(&board, Some(IRI), "název", "zřejmě chybou zdroje");
}

#[test]
fn a08_a_mistyped_iri_is_read() {
    let (notice, board) = read_changed(json!({"iri": null, "ỉri": IRI}));
    assert_eq!(notice.key.to_string(), format!("iri:{IRI}"));
    assert_warned(&board, Some(IRI), "iri", "„ỉri“");
}

#[test]
fn a08_without_an_iri_the_page_identifies_then_a_hash() {
    let (notice, board) = read_changed(json!({"iri": null}));
    assert_eq!(notice.key.to_string(), "url:https://obec.example/deska/1");
    assert_warned(
        &board,
        Some("https://obec.example/deska/1"),
        "iri",
        "podle adresy své stránky",
    );

    let bare = json!({"iri": null, "url": null, "číslo_jednací": "OU/1/26"});
    let (notice, board) = read_changed(bare.clone());
    let FeedKey::Digest(digest) = notice.key else {
        panic!("{}", notice.key);
    };
    assert_warned(
        &board,
        Some("Oznámení č. 1"),
        "iri",
        "podle názvu, vyvěšení a čísla",
    );
    assert_warned(&board, Some("Oznámení č. 1"), "url", "chybí");

    // The same notice later, prolonged and with a document more, keeps its key; another one does not.
    let mut later = bare.clone();
    later["relevantní_do"] = json!({"typ": "Časový okamžik", "datum": "2027-01-31"});
    later["dokument"] =
        json!([{"typ": "Digitální objekt", "název": {"cs": "a"}, "url": "https://obec.example/a"}]);
    assert_eq!(read_changed(later).0.key, FeedKey::Digest(digest));
    let mut other = bare;
    other["číslo_jednací"] = json!("OU/2/26");
    assert_ne!(read_changed(other).0.key, FeedKey::Digest(digest));
}

#[test]
fn a08_a_page_that_many_notices_share_identifies_none() {
    let shared = |number: u32| {
        let mut notice = numbered(number);
        notice.as_object_mut().expect("an object").remove("iri");
        notice["url"] = json!("https://obec.example/deska");
        notice
    };
    let board = read(&board(&json!([shared(1), shared(2)])));
    assert!(
        board
            .notices
            .iter()
            .all(|notice| matches!(notice.key, FeedKey::Digest(_)))
    );
    assert_ne!(board.notices[0].key, board.notices[1].key);
}

#[test]
fn a09_an_address_that_is_a_document_becomes_one() {
    let (notice, board) = read_changed(json!({"url": "https://obec.example/vyhlaska.PDF"}));
    assert_eq!(notice.documents.len(), 1);
    assert_eq!(notice.documents[0].url, notice.url);
    assert_eq!(notice.documents[0].title, notice.title);
    assert_warned(&board, Some(IRI), "url", "vzat jako dokument");

    let (notice, _) = read_changed(json!({
        "url": "https://obec.example/download?id=1",
        "typ_média": "http://www.iana.org/assignments/media-types/application/pdf",
    }));
    assert_eq!(
        notice.documents[0].media_type.as_deref(),
        Some("application/pdf")
    );
}

#[test]
fn a09_an_address_of_data_is_told() {
    let (notice, board) = read_changed(json!({"url": "https://obec.example/deska/1?json=1"}));
    assert_eq!(
        notice.url.expect("kept").as_str(),
        "https://obec.example/deska/1?json=1"
    );
    assert_warned(&board, Some(IRI), "url", "json=1");
}

#[test]
fn a09_an_iri_equal_to_the_address_is_fine() {
    let page = "https://obec.example/zamer-prodeje/d-1513126";
    let (notice, board) = read_changed(json!({"iri": page, "url": page}));
    assert_eq!(notice.key.to_string(), format!("iri:{page}"));
    assert_silent(&board);
}

#[test]
fn a10_categories_and_office_are_found_outside_agenda() {
    let (notice, board) = read_changed(json!({"kategorie": "Dražby", "odbor": "VD", "odkaz": []}));
    assert_eq!(notice.categories[0].best(Language::Czech), "Dražby");
    assert_eq!(notice.originator.as_deref(), Some("VD"));
    assert_warned(&board, Some(IRI), "kategorie", "jediná hodnota");
}

#[test]
fn a10_whom_a_notice_concerns_did_not_issue_it() {
    let (notice, _) = read_changed(json!({
        "subjekt": [{"typ": "Člověk", "jméno": {"cs": "Jan"}, "příjmení": {"cs": "Vymyšlený"}}],
    }));
    assert_eq!(notice.originator, None);
    let (notice, _) = read_changed(json!({
        "autor_díla": [{"typ": "Člověk", "jméno": {"cs": "Mirek"}, "příjmení": {"cs": "Starosta"}}],
    }));
    assert_eq!(notice.originator.as_deref(), Some("Mirek Starosta"));
}

#[test]
fn a11_a_missing_or_odd_operator_is_told() {
    let read_with = |operator: Value| {
        let mut feed = board(&json!([numbered(1)]));
        feed["provozovatel"] = operator;
        read(&feed)
    };
    for (written, ico, field, warning) in [
        (
            json!({"typ": "Osoba", "ičo": 258_245}),
            Some("00258245"),
            "provozovatel.ičo",
            "00258245",
        ),
        (
            json!({"typ": "Osoba", "ico": "258245"}),
            Some("00258245"),
            "provozovatel.ičo",
            "00258245",
        ),
        (
            json!({"typ": "Osoba", "ičo": "002 58 245"}),
            Some("00258245"),
            "provozovatel.ičo",
            "00258245",
        ),
        (
            json!([{"typ": "Osoba", "ičo": "00258245"}]),
            Some("00258245"),
            "provozovatel",
            "seznam",
        ),
        (
            json!({"typ": "Osoba", "ičo": "CZ00258245"}),
            None,
            "provozovatel.ičo",
            "není IČO",
        ),
        (
            json!("00258245"),
            Some("00258245"),
            "provozovatel",
            "prostý text",
        ),
        (json!({}), None, "provozovatel", "není v něm"),
        (json!(null), None, "provozovatel", "null"),
    ] {
        let board = read_with(written);
        assert_eq!(board.operator.as_ref().and_then(|o| o.ico.as_deref()), ico);
        assert_eq!(board.notices.len(), 1);
        assert_warned(&board, None, field, warning);
    }
    let mut feed = board(&json!([]));
    feed.as_object_mut()
        .expect("an object")
        .remove("provozovatel");
    assert_warned(&read(&feed), None, "provozovatel", "chybí");
}

#[test]
fn a12_the_draft_before_2021_is_recognised() {
    let boards = read_bytes(include_bytes!("fixtures/draft_2020.json"));
    let board = &boards[0];
    assert_eq!(
        board.page.as_ref().expect("it has one").as_str(),
        "https://www.horni-ves.example/uredni_deska"
    );
    assert_eq!(
        board.operator.as_ref().expect("it has one").ico.as_deref(),
        Some("00258245")
    );
    assert_warned(board, None, "informace", "před rokem 2021");

    let [of_2020, of_2018] = board.notices.as_slice() else {
        panic!("{:?}", board.notices);
    };
    assert_eq!(
        of_2020.iri.as_ref().expect("it has one").as_str(),
        "https://www.horni-ves.example/uredni_deska/2018-14"
    );
    assert_eq!(title(of_2020), "Podpora spolkového života v obci");
    assert_eq!(
        of_2020.description.get("cs"),
        Some("Program na podporu hasičů")
    );
    assert_eq!(
        (of_2020.posted, of_2020.relevant_until),
        (day("2018-01-20"), day("2019-02-20"))
    );
    assert_eq!(of_2020.approved, day("2017-12-31"));
    assert_eq!(
        of_2020.file_number.as_ref().expect("it has one").as_str(),
        "OV/13/2018"
    );
    assert_eq!(of_2020.originator.as_deref(), Some("Obecní úřad Horní Ves"));
    assert_eq!(of_2020.revision_mark.as_deref(), Some("20180101"));
    assert_eq!(of_2020.categories.len(), 1);
    assert_eq!(of_2020.documents.len(), 1);

    assert_eq!(title(of_2018), "Svoz odpadu");
    assert_eq!(
        (of_2018.posted, of_2018.relevant_until),
        (day("2018-02-01"), day("2018-02-28"))
    );
}

#[test]
fn a12_a_file_number_of_the_first_edition_is_read() {
    let (notice, board) = read_changed(json!({"spis": {"typ": "Spis", "značka": "OV/13/2018"}}));
    assert_eq!(
        notice.file_number.expect("it has one").as_str(),
        "OV/13/2018"
    );
    assert_warned(&board, Some(IRI), "spisová_značka", "„spis“");
}

#[test]
fn a12_a_sibling_norm_is_no_board() {
    for kind in ["Aktualita", "Událost", "Turistický cíl"] {
        let record = json!({"@context": "x", "typ": kind, "název": {"cs": "Vinobraní"}});
        for feed in [record.clone(), json!([record])] {
            let FeedError::NoBoard(why) = refused(&feed.to_string()) else {
                panic!("{kind}");
            };
            assert!(why.contains(kind), "{why}");
        }
    }
}

// B. Dates

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
fn b16_a_missing_end_is_told_and_an_open_one_is_not() {
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
fn b17_an_end_before_the_start_is_kept_and_told() {
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

// C. Text and addresses

#[test]
fn c19_html_entities_become_characters() {
    let (notice, board) = read_changed(json!({
        "název": {"cs": "Restaurace &bdquo;U Lípy&ldquo; &quot;dole&quot;"},
        "popis": {"cs": "Ulice A &amp; B"},
        "dokument": [{
            "typ": "Digitální objekt",
            "název": {"cs": "Plán &ndash; 1"},
            "url": "https://obec.example/file.ashx?id_org=1&amp;id_dokumenty=2&amp;amp;x=3",
        }],
    }));
    assert_eq!(title(&notice), "Restaurace „U Lípy“ \"dole\"");
    assert_eq!(notice.description.get("cs"), Some("Ulice A & B"));
    assert_eq!(notice.documents[0].title.get("cs"), Some("Plán – 1"));
    assert_eq!(
        notice.documents[0]
            .url
            .as_ref()
            .expect("it has one")
            .as_str(),
        "https://obec.example/file.ashx?id_org=1&id_dokumenty=2&x=3"
    );
    for field in ["název", "popis", "dokument.název", "dokument.url"] {
        assert_warned(&board, Some(IRI), field, "entity HTML");
    }
}

#[test]
fn c20_broken_json_says_where_it_broke() {
    let broken = "{\n \"informace\": [\n  {\"název\": {\"cs\": \"CÍSAŘSKÝ DEN\\\"},\n  }]}";
    let FeedError::NotJson(why) = refused(broken) else {
        panic!("it was read");
    };
    assert!(why.ends_with("at line 3 column 36"), "{why}");
    for (text, expected) in [
        ("", "it is empty"),
        ("<html><body>Přihlaste se</body></html>", "a page in HTML"),
        ("{\"informace\": [", "line 1 column 15"),
        ("{&quot;", "line 1 column 2"),
        ("{} {}", "trailing"),
    ] {
        let FeedError::NotJson(why) = refused(text) else {
            panic!("it was read: {text}");
        };
        assert!(why.contains(expected), "{why}");
    }
}

#[test]
fn c21_white_space_collapses() {
    let (notice, board) = read_changed(json!({
        "název": {"cs": "   Záměr  prodeje\u{a0}pozemku\n"},
        "popis": {"cs": ""},
        "číslo_jednací": "",
        "spisová_značka": " S  1 ",
    }));
    assert_eq!(title(&notice), "Záměr prodeje pozemku");
    assert!(notice.description.is_blank());
    assert_eq!(notice.reference_number, None);
    assert_eq!(notice.file_number.expect("it has one").as_str(), "S 1");
    assert_warned(&board, Some(IRI), "název", "mezery navíc");
    assert_warned(&board, Some(IRI), "popis", "prázdný text");
    assert_warned(&board, Some(IRI), "číslo_jednací", "prázdný text");
}

#[test]
fn c21_an_endless_title_is_cut() {
    let (notice, board) = read_changed(json!({"název": {"cs": "ž".repeat(5_000)}}));
    assert_eq!(title(&notice).chars().count(), ofn::MAX_TITLE_CHARS + 1);
    assert_warned(&board, Some(IRI), "název", "zkrácen na 2000 znaků");
}

#[test]
fn c22_a_document_named_by_a_number_is_kept_as_it_is() {
    let (notice, board) = read_changed(json!({"dokument": [{
        "typ": "Digitální objekt",
        "název": {"cs": "24340"},
        "url": "https://obec.example/File.ashx?id=24340",
    }]}));
    assert_eq!(notice.documents[0].title.get("cs"), Some("24340"));
    assert_eq!(notice.documents[0].media_type, None);
    assert_silent(&board);
}

#[test]
fn c23_letters_in_addresses_are_encoded_and_relative_ones_resolved() {
    let (notice, board) = read_changed(json!({
        "iri": "https://obec.example/zdroj/úřední-deska/1",
        "url": "/úřední-deska/1",
        "dokument": [{"typ": "Digitální objekt", "název": {"cs": "a"}, "url": "content/1/vyhláška.pdf"}],
    }));
    let iri = "https://obec.example/zdroj/úřední-deska/1";
    assert_eq!(notice.iri.expect("it has one").as_str(), iri);
    assert_eq!(
        notice.url.expect("it has one").as_str(),
        "https://obec.example/%C3%BA%C5%99edn%C3%AD-deska/1"
    );
    assert_eq!(
        notice.documents[0]
            .url
            .as_ref()
            .expect("it has one")
            .as_str(),
        "https://obec.example/data/content/1/vyhl%C3%A1%C5%A1ka.pdf"
    );
    assert_warned(&board, Some(iri), "url", "relativní");
    assert_warned(&board, Some(iri), "dokument.url", "zakódovány");
}

#[test]
fn c23_an_address_beyond_the_web_is_left_out_and_its_notice_kept() {
    let (notice, board) = read_changed(json!({
        "url": "javascript:alert(1)",
        "dokument": [{"typ": "Digitální objekt", "název": {"cs": "a"}, "url": "file:///etc/passwd"}],
    }));
    assert_eq!(notice.url, None);
    assert_eq!(notice.documents[0].url, None);
    assert_warned(&board, Some(IRI), "url", "nepoužitelná");
    assert_warned(&board, Some(IRI), "dokument.url", "nepoužitelná");
}

#[test]
fn c24_other_encodings_are_read() {
    let feed = board(&json!([numbered(1)])).to_string();
    let marked = [b"\xef\xbb\xbf".as_slice(), feed.as_bytes()].concat();
    let (cp1250, _, lossy) = encoding_rs::WINDOWS_1250.encode(&feed);
    assert!(!lossy);
    for (bytes, warning) in [
        (marked.as_slice(), "BOM"),
        (cp1250.as_ref(), "Windows-1250"),
    ] {
        let boards = read_bytes(bytes);
        assert_eq!(title(&boards[0].notices[0]), "Oznámení č. 1");
        assert_warned(&boards[0], None, "kódování", warning);
    }
}

#[test]
fn c25_a_notice_with_personal_data_says_so() {
    let terms = json!({"typ": "Podmínky užití", "obsahuje_osobní_údaje": true});
    let (notice, board) = read_changed(json!({"podmínky_užití": terms}));
    assert!(notice.personal_data);
    assert_silent(&board);
    assert!(!read_changed(json!({})).0.personal_data);
}

// D. Identity, as far as it concerns one feed

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
    let boards = read_bytes(include_bytes!("fixtures/several_boards.json"));
    assert_eq!(boards[0].notices.len(), 2);
    assert_warned(
        &boards[0],
        Some("https://kraj.example/deska/hasici/2"),
        "url",
        "stejnou stránku",
    );
}

#[test]
fn d26_boards_of_one_name_are_told_apart() {
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

// Bounds

#[test]
fn a_feed_beyond_bounds_is_refused_or_cut() {
    let long = vec![b' '; ofn::MAX_FEED_BYTES + 1];
    assert!(matches!(
        ofn::read(&long, &feed_url()),
        Err(FeedError::TooLong { bytes }) if bytes == long.len()
    ));

    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    assert!(matches!(refused(&deep), FeedError::NoBoard(_)));

    let many = format!(
        r#"{{"informace": [{}{{}}]}}"#,
        "1,".repeat(ofn::MAX_NOTICES + 10)
    );
    let boards = read_bytes(many.as_bytes());
    assert!(boards[0].warnings.len() <= ofn::MAX_WARNINGS + 1);
    assert_warned(&boards[0], None, "informace", "11 posledních vynecháno");
    assert_warned(&boards[0], None, "informace", "a dalších");
}

#[test]
fn a_field_nested_too_deep_costs_that_field_only() {
    let deep = format!("{}1{}", "[".repeat(1_000), "]".repeat(1_000));
    let feed = board(&json!([changed(json!({"agenda": "HERE"})), numbered(2)]))
        .to_string()
        .replace("\"HERE\"", &deep);
    let boards = read_bytes(feed.as_bytes());
    assert_eq!(boards[0].notices.len(), 2);
    assert_warned(&boards[0], Some(IRI), "agenda", "příliš vnořená");
}

#[test]
fn what_is_json_but_no_board_is_refused() {
    for text in [
        "null",
        "5",
        "\"deska\"",
        "[]",
        "{}",
        "[1, 2]",
        r#"{"chyba": "nenalezeno"}"#,
    ] {
        assert!(matches!(refused(text), FeedError::NoBoard(_)), "{text}");
    }
}

#[test]
fn half_a_letter_in_a_title_costs_that_letter_only() {
    let feed = board(&json!([numbered(1)]))
        .to_string()
        .replace("Oznámení č. 1", "Pozvánka \\ud83d");
    let boards = read_bytes(feed.as_bytes());
    assert_eq!(title(&boards[0].notices[0]), "Pozvánka \u{fffd}");
    assert_warned(&boards[0], None, "kódování", "rozpůlený znak");
}

#[test]
fn an_ugly_feed_gives_all_its_notices() {
    let boards = read_bytes(include_bytes!("fixtures/ugly.json"));
    let found: Vec<_> = boards[0].notices.iter().map(title).collect();
    assert_eq!(
        found,
        [
            "Záměr prodeje „Na Vyhlídce“",
            "Dražební vyhláška",
            "Rozpočet obce",
            "Záměr pronájmu"
        ]
    );
    for warning in &boards[0].warnings {
        assert!(
            warning.notice.is_some() && !warning.field.is_empty() && !warning.message.is_empty()
        );
    }
}
