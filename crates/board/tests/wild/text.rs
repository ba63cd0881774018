//! C. Texts, addresses and encodings.

use serde_json::json;
use vyveska_board::ofn::{self, FeedError, MAX_DOCUMENTS};

use crate::{
    IRI, assert_silent, assert_warned, board, numbered, read_bytes, read_changed, refused, title,
};

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
    // As a list, directly, and of a document behind the last one that is read.
    let terms = json!([{"typ": "Podmínky užití"}, {"obsahuje_osobní_údaje": "Ano."}]);
    assert!(
        read_changed(json!({"podmínky_užití": terms}))
            .0
            .personal_data
    );
    assert!(
        read_changed(json!({"obsahuje_osobní_údaje": true}))
            .0
            .personal_data
    );
    let mut documents: Vec<_> = (0..=MAX_DOCUMENTS)
        .map(
            |n| json!({"název": {"cs": "Příloha"}, "url": format!("https://obec.example/{n}.pdf")}),
        )
        .collect();
    documents[MAX_DOCUMENTS]["podmínky_užití"] = json!({"obsahuje_osobní_údaje": true});
    assert!(read_changed(json!({"dokument": documents})).0.personal_data);
    let (odd, board) = read_changed(json!({"podmínky_užití": {"obsahuje_osobní_údaje": "snad"}}));
    assert!(!odd.personal_data);
    assert_warned(
        &board,
        Some(IRI),
        "obsahuje_osobní_údaje",
        "nečitelná hodnota",
    );
}

#[test]
fn c26_a_title_of_characters_that_are_not_seen_is_blank() {
    for unseen in [
        "\u{34f}",
        "\u{61c}",
        "\u{115f}",
        "\u{180e}",
        "\u{2800}",
        "\u{3164}",
        "\u{fe0f}",
        "\u{ffa0}",
        "\u{e0061}",
    ] {
        let (notice, _) = read_changed(json!({"název": {"cs": format!(" {unseen} ")}}));
        assert!(notice.title.is_blank(), "{unseen:?}");
        let (notice, _) = read_changed(json!({"název": {"cs": format!("Zá{unseen}měr")}}));
        assert_eq!(title(&notice), "Záměr");
    }
}
