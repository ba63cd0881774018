//! The real feeds of the reference folder, where it is there.

mod reference;

use url::Url;
use vyveska_board::ofn;

fn url() -> Url {
    Url::parse("https://deska.example/deska.jsonld").expect("it is an address")
}

#[test]
fn every_real_feed_is_read_whole() {
    let Some(folder) = reference::folder("feeds") else {
        return;
    };
    for (name, notices, warnings) in [
        ("town-a/poll-1.jsonld", 90, 1..200),
        ("town-a/poll-2.jsonld", 91, 1..200),
        ("town-a/poll-3.jsonld", 89, 1..200),
        ("town-a/poll-4.jsonld", 90, 1..200),
        ("town-a/poll-5.jsonld", 88, 1..200),
        ("town-a/poll-6.jsonld", 87, 1..200),
        ("town-a/largest.jsonld", 135, 1..200),
        ("town-a/hollow-1-before.jsonld", 103, 1..200),
        ("town-a/hollow-2-emptied.jsonld", 103, 1..200),
        ("town-a/hollow-3-healed.jsonld", 103, 1..200),
        ("town-b-with-archive.jsonld", 2246, 400..700),
        ("town-c-excerpt.jsonld", 5, 5..10),
    ] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let boards = ofn::read(&bytes, &url()).unwrap();
        assert_eq!(boards.len(), 1, "{name}");
        assert_eq!(boards[0].notices.len(), notices, "{name}");
        assert!(warnings.contains(&boards[0].warnings.len()), "{name}");
        for warning in &boards[0].warnings {
            assert!(warning.notice.is_some(), "{name}: {warning:?}");
        }
    }
}

#[test]
fn a_broken_feed_gives_every_notice_but_the_broken_one() {
    let Some(folder) = reference::folder("feeds") else {
        return;
    };
    let bytes = std::fs::read(folder.join("town-a/broken-json.jsonld")).unwrap();
    let boards = ofn::read(&bytes, &url()).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let entries = text.matches("\"vyvěšení\"").count();
    let board = &boards[0];
    assert_eq!(board.notices.len(), entries - 1);
    let [part] = &*board.unread else {
        panic!("{:?}", board.unread);
    };
    // The mark without its backslash is on line 2103.
    assert!(
        part.lines.0 < 2103 && part.lines.1 > 2103 && part.lines.1 < 2130,
        "{part:?}"
    );
    assert_eq!(part.keys.as_ref().map(Vec::len), Some(1));
    let warning = &board.warnings[0];
    assert!(warning.message.contains("není platný JSON"), "{warning:?}");
    assert!(
        warning
            .notice
            .as_ref()
            .is_some_and(|notice| notice.contains("střednědobého výhledu")),
        "{warning:?}"
    );
}
