//! The field files of the reference folder, where it is there: what must be seen of each.

mod reference;

use url::Url;
use vyveska_board::Moment;
use vyveska_board::ofn::{self, FeedBoard};

fn read(name: &str) -> Option<FeedBoard> {
    let bytes = std::fs::read(reference::folder("field")?.join(name)).expect("the file");
    let url = Url::parse("http://127.0.0.1:8099/deska.jsonld").expect("an address");
    Some(ofn::read(&bytes, &url).expect("it is a feed").remove(0))
}

/// Whether the notice whose IRI ends so, or the board, has a warning about this field that says this.
fn is_told(board: &FeedBoard, notice: &str, field: &str, message: &str) -> bool {
    board.warnings.iter().any(|warning| {
        warning
            .notice
            .as_deref()
            .unwrap_or_default()
            .ends_with(notice)
            && warning.field == field
            && warning.message.contains(message)
    })
}

fn day(text: &str) -> Moment {
    Moment::Date(text.parse().expect("a day"))
}

fn instant(text: &str) -> Moment {
    Moment::Instant(text.parse().expect("an instant"))
}

#[test]
fn a_mistyped_key_empties_no_board() {
    let Some(board) = read("f30a-board-key-misspelt.jsonld") else {
        return;
    };
    assert_eq!(board.notices.len(), 5);
    assert!(is_told(&board, "", "informace", "„infomace“"));
}

#[test]
fn ends_are_read_as_people_write_them() {
    let Some(board) = read("f31-ends-as-people-write-them.jsonld") else {
        return;
    };
    let (february, never) = (day("2027-02-09"), Moment::Unspecified);
    let expected = [
        (day("2026-12-31"), "prostý text"),
        (day("2026-12-31"), "jinak než"),
        (february, "jinak než"),
        (never, "den i měsíc"),
        (february, "jinak než"),
        (never, "2027-02-30"),
        (february, "jinak než"),
        (february, "9. 2. 2027"),
        (february, "jinak než"),
        (never, "seznam"),
        (instant("2027-02-12T09:00:00Z"), "platí nejpozdější"),
        (never, "9. 2. 27"),
        (never, ""),
        (february, "„nespecifikovaný“"),
        (day("2206-12-01"), "180 let"),
        (instant("2026-12-31T23:30:00Z"), ""),
        (day("2026-11-20"), ""),
        (february, ""),
        (february, "„typ“"),
    ];
    assert_eq!(board.notices.len(), expected.len());
    for (index, (notice, (end, message))) in board.notices.iter().zip(expected).enumerate() {
        let name = format!("/d{:02}", index + 1);
        assert_eq!(notice.relevant_until, end, "{name}");
        let told = is_told(&board, &name, "relevantní_do", message);
        assert_eq!(told, !message.is_empty(), "{name}: {:#?}", board.warnings);
        // An officer is told without asking where another end may have been meant.
        let doubtful = [4, 6, 10, 11, 12, 14, 15].contains(&(index + 1));
        let doubts = &notice.end_doubts;
        assert_eq!(!doubts.is_empty(), doubtful, "{name}: {doubts:?}");
        assert!(doubts.iter().all(|one| one.starts_with("relevantní_do: ")));
    }
}

#[test]
fn keys_that_come_twice_lose_nothing_unsaid() {
    let Some(board) = read("f32b-keys-that-come-twice.jsonld") else {
        return;
    };
    let [documents, ends] = &*board.notices else {
        panic!("{:?}", board.notices);
    };
    assert_eq!(documents.documents.len(), 2);
    assert!(is_told(&board, "/g1", "dokument", "uveden 2×"));
    assert_eq!(ends.relevant_until, day("2026-12-31"));
    assert!(is_told(&board, "/g2", "relevantní_do", "uveden 2×"));
}

#[test]
fn no_attachment_costs_its_notice_or_leads_elsewhere() {
    let Some(board) = read("f33-what-hangs-on-a-notice.jsonld") else {
        return;
    };
    assert_eq!(board.notices.len(), 26);
    for notice in &board.notices {
        assert!(!notice.documents.is_empty(), "{:?}", notice.title);
        for url in notice
            .documents
            .iter()
            .filter_map(|document| document.url.as_ref())
        {
            assert_eq!(url.host_str(), Some("127.0.0.1"), "{url}");
            assert_eq!(url.scheme(), "http");
        }
    }
    for (notice, message) in [
        ("/h17", "nemá adresu"),
        ("/h18", "prázdná adresa"),
        ("/h19", "„#“"),
        ("/h20", "javascript"),
        ("/h21", "file:"),
        ("/h22", r"\\server"),
        ("/h23", r"C:\Deska"),
        ("/h25", "dvakrát"),
    ] {
        assert!(
            is_told(&board, notice, "dokument.url", message),
            "{notice}: {:#?}",
            board.warnings
        );
    }
    assert!(is_told(&board, "/h24", "dokument.název", "nemá název"));
}

#[test]
fn no_end_is_early_when_the_clocks_change() {
    let Some(board) = read("f34-clocks-change.jsonld") else {
        return;
    };
    let times: Vec<_> = board
        .notices
        .iter()
        .map(|one| (one.posted.start(), one.relevant_until.end()))
        .collect();
    let at = |text: &str| instant(text).start();
    assert_eq!(times[0].1, at("2027-03-28T01:00:00Z"));
    assert_eq!(times[1].1, at("2027-10-31T01:30:00Z"));
    assert_eq!(
        times[2],
        (at("2027-03-27T23:00:00Z"), at("2027-03-28T22:00:00Z"))
    );
    assert_eq!(
        times[3],
        (at("2027-10-30T22:00:00Z"), at("2027-10-31T23:00:00Z"))
    );
    assert_eq!(times[5].0, times[6].0);
}

#[test]
fn another_end_in_the_description_is_told() {
    let Some(board) = read("f38-two-ends.jsonld") else {
        return;
    };
    assert_eq!(board.notices[0].relevant_until, day("2026-12-17"));
    assert!(is_told(&board, "/n1", "popis", "„do 7. 12. 2026“"));
    assert!(!is_told(&board, "/n1", "název", ""));
    let [doubt] = &board.notices[0].end_doubts[..] else {
        panic!("{:?}", board.notices[0].end_doubts);
    };
    assert!(doubt.starts_with("popis: uvádí jiný konec"), "{doubt}");
}
