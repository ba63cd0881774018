//! Bounds, and what is no feed at all.

use serde_json::json;
use vyveska_board::Language;
use vyveska_board::ofn::{self, FeedError};

use crate::{
    IRI, assert_warned, board, changed, feed_url, numbered, read_bytes, read_changed, refused,
    title,
};

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
fn no_more_categories_are_kept_than_the_limit() {
    let names: Vec<String> = (0..=ofn::MAX_CATEGORIES)
        .map(|number| format!("Agenda {number}"))
        .collect();
    let numbered: serde_json::Map<String, serde_json::Value> = names
        .iter()
        .enumerate()
        .map(|(number, name)| (number.to_string(), json!({"název": {"cs": name}})))
        .collect();
    let full = &names[..ofn::MAX_CATEGORIES];
    for (field, changes) in [
        ("agenda", json!({"agenda": names})),
        ("agenda", json!({"agenda": numbered})),
        ("kategorie", json!({"agenda": full, "kategorie": "Jiná"})),
        ("kategorie", json!({"agenda": full, "kategorie": ["Jiná"]})),
        ("agenda", json!({"informace": names})),
    ] {
        let (notice, board) = read_changed(changes.clone());
        assert_eq!(notice.categories.len(), ofn::MAX_CATEGORIES, "{changes}");
        assert_warned(&board, Some(IRI), field, "příliš mnoho kategorií");
    }
    let (notice, board) = read_changed(json!({"agenda": full, "informace": ["Agenda 1"]}));
    assert_eq!(notice.categories.len(), ofn::MAX_CATEGORIES);
    assert_warned(&board, Some(IRI), "agenda", "příliš mnoho kategorií");
}

#[test]
fn texts_and_lists_are_kept_up_to_their_limits() {
    let long = |limit: usize| "a".repeat(limit);
    let names = || (0..).map(|number| format!("{}{number:03}", long(ofn::MAX_NAME_CHARS - 3)));
    let person = json!({"jméno": long(ofn::MAX_NAME_CHARS), "příjmení": long(ofn::MAX_NAME_CHARS)});
    let address = |number| format!("https://obec.example/dokumenty/{number}.pdf");
    let document =
        |number| json!({"název": {"cs": long(ofn::MAX_TITLE_CHARS)}, "url": address(number)});
    let (notice, board) = read_changed(json!({
        "název": {"cs": long(ofn::MAX_TITLE_CHARS)},
        "popis": {"cs": long(ofn::MAX_DESCRIPTION_CHARS)},
        "číslo_jednací": long(ofn::MAX_NUMBER_CHARS),
        "spisová_značka": long(ofn::MAX_NUMBER_CHARS),
        "agenda": names().take(ofn::MAX_CATEGORIES).collect::<Vec<_>>(),
        "autor_díla": vec![person; 12],
        "dokument": (0..ofn::MAX_DOCUMENTS).map(document).collect::<Vec<_>>(),
    }));
    let cut = board.warnings.iter().find(|warning| {
        ["příliš dlouhý", "příliš mnoho"]
            .iter()
            .any(|said| warning.message.contains(said))
            && warning.field != "informace"
    });
    assert_eq!(cut, None);
    let czech = |text: &vyveska_board::LanguageMap| text.best(Language::Czech).len();
    assert_eq!(title(&notice).len(), ofn::MAX_TITLE_CHARS);
    assert_eq!(czech(&notice.description), ofn::MAX_DESCRIPTION_CHARS);
    let lengths: Vec<_> = notice.categories.iter().map(czech).collect();
    assert_eq!(lengths, [ofn::MAX_NAME_CHARS; ofn::MAX_CATEGORIES]);
    assert_eq!(
        notice.originator.map(|text| text.len()),
        Some(ofn::MAX_ORIGINATOR_CHARS)
    );
    let lengths: Vec<_> = notice
        .documents
        .iter()
        .map(|one| czech(&one.title))
        .collect();
    assert_eq!(lengths, [ofn::MAX_TITLE_CHARS; ofn::MAX_DOCUMENTS]);
    for number in [
        notice.reference_number.unwrap().as_str(),
        notice.file_number.unwrap().as_str(),
    ] {
        assert_eq!(number.len(), ofn::MAX_NUMBER_CHARS);
    }

    // One more each.
    let (notice, board) = read_changed(json!({
        "název": {"cs": long(ofn::MAX_TITLE_CHARS + 1)},
        "popis": {"cs": long(ofn::MAX_DESCRIPTION_CHARS + 1)},
        "číslo_jednací": long(ofn::MAX_NUMBER_CHARS + 1),
        "agenda": [long(ofn::MAX_NAME_CHARS + 1)],
        "dokument": (0..=ofn::MAX_DOCUMENTS).map(address).collect::<Vec<_>>(),
    }));
    for field in ["název", "popis", "číslo_jednací", "agenda"] {
        assert_warned(&board, Some(IRI), field, "příliš dlouhý");
    }
    assert_warned(&board, Some(IRI), "dokument", "1 posledních vynecháno");
    assert_eq!(notice.documents.len(), ofn::MAX_DOCUMENTS);
    assert_eq!(
        czech(&notice.description),
        ofn::MAX_DESCRIPTION_CHARS + '…'.len_utf8()
    );
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
    let boards = read_bytes(include_bytes!("../fixtures/ugly.json"));
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

#[test]
fn a_key_repeated_without_end_is_read_as_far_as_one_may_be_long() {
    let list = format!("\"dokument\":[\"{}\"],", "a".repeat(1024 * 1024));
    let feed = board(&json!([changed(json!({}))])).to_string();
    let place = feed
        .find("\"iri\":\"https://obec.example/zdroj/deska/1\"")
        .expect("it is there");
    let (head, tail) = feed.split_at(place);
    let board = read_bytes(format!("{head}{}{tail}", list.repeat(6)).as_bytes()).remove(0);
    assert_eq!(board.notices.len(), 1);
    assert_warned(&board, Some(IRI), "dokument", "uveden 6×");
    assert_warned(&board, Some(IRI), "dokument", "hodnota je příliš dlouhá");
}
