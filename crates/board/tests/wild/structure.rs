//! A. Structure: arrays, keys, shapes, and editions of the norm.

use serde_json::{Value, json};
use vyveska_board::Language;
use vyveska_board::ofn::{FeedError, FeedKey};

use crate::{
    IRI, assert_silent, assert_warned, board, day, feed_url, numbered, read, read_bytes,
    read_changed, refused, title,
};

#[test]
fn a01_an_array_of_boards_is_all_its_boards() {
    let boards = read_bytes(include_bytes!("../fixtures/several_boards.json"));
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
    let boards = read_bytes(include_bytes!("../fixtures/header_and_items.json"));
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
fn a01_what_is_no_notice_beside_a_header_is_reported() {
    let header = json!({"typ": "Úřední deska", "stránka": "https://obec.example/deska"});
    let feed = json!([header, null, numbered(1), {}, "x", numbered(2)]);
    let boards = read_bytes(feed.to_string().as_bytes());
    assert_eq!(boards.len(), 1);
    assert_eq!(boards[0].notices.len(), 2);
    for (position, message) in [
        ("1. položka", "„null“ není oznámení"),
        ("3. položka", "prázdné oznámení"),
        ("4. položka", "není oznámení"),
    ] {
        assert_warned(&boards[0], Some(position), "informace", message);
    }
}

#[test]
fn a01_notices_without_any_header_are_a_board_of_the_feeds_address() {
    let boards = read_bytes(json!([numbered(1), numbered(2)]).to_string().as_bytes());
    assert_eq!(boards.len(), 1);
    assert_eq!(
        boards[0].iri.as_str(),
        "https://obec.example/data/deska.jsonld"
    );
    assert_eq!(boards[0].notices.len(), 2);
    assert_warned(&boards[0], None, "provozovatel", "chybí");
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
fn a07_a_title_overwritten_by_the_last_document_is_kept_and_reported() {
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
fn a09_an_address_of_data_is_reported() {
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
fn a11_a_missing_or_odd_operator_is_reported() {
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
    let boards = read_bytes(include_bytes!("../fixtures/draft_2020.json"));
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
    assert_warned(board, None, "stránka", "„url“");

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
