//! Files that are almost JSON: one broken entry never holds the others.

use serde_json::{Value, json};
use vyveska_board::ofn::{self, FeedBoard, FeedError, FeedKey};
use vyveska_board::{Language, NoticeIri};

use crate::{board, feed_url, numbered, read_bytes};

/// A board of three notices as publishers print it: what names the board first, then one key a line.
fn printed() -> String {
    let notices = json!([numbered(1), numbered(2), numbered(3)]);
    let mut names = board(&json!([]));
    names
        .as_object_mut()
        .expect("an object")
        .remove("informace");
    let names = serde_json::to_string_pretty(&names).expect("it is JSON");
    let notices =
        serde_json::to_string_pretty(&json!({ "informace": notices })).expect("it is JSON");
    let (names, notices) = (names.strip_suffix("\n}"), notices.strip_prefix('{'));
    format!(
        "{},{}",
        names.expect("an object"),
        notices.expect("an object")
    )
}

fn read(feed: &str) -> FeedBoard {
    let mut boards = read_bytes(feed.as_bytes());
    assert_eq!(boards.len(), 1);
    boards.remove(0)
}

fn titles(board: &FeedBoard) -> Vec<&str> {
    board
        .notices
        .iter()
        .map(|notice| notice.title.best(Language::Czech))
        .collect()
}

fn key(number: u32) -> FeedKey {
    FeedKey::Iri(NoticeIri::new(format!(
        "https://obec.example/zdroj/deska/{number}"
    )))
}

/// The feed with `from` replaced once, which must be there and which must make it no JSON.
#[track_caller]
fn broken(from: &str, to: &str) -> String {
    let whole = printed();
    let feed = whole.replacen(from, to, 1);
    assert_ne!(feed, whole);
    assert!(serde_json::from_str::<serde_json::Value>(&feed).is_err());
    feed
}

/// Only notice 2 is lost, and is told by its key, name and lines.
#[track_caller]
fn loses_the_second_only(feed: &str) {
    let board = read(feed);
    assert_eq!(titles(&board), ["Oznámení č. 1", "Oznámení č. 3"]);
    assert_eq!(board.iri.as_str(), "https://obec.example/zdroj/deska");
    let [part] = &*board.unread else {
        panic!("{:?}", board.unread);
    };
    assert_eq!(part.keys, Some(vec![key(2)]));
    let lines: Vec<&str> = feed
        .lines()
        .skip(part.lines.0 - 1)
        .take(part.lines.1 + 1 - part.lines.0)
        .collect();
    assert!(lines.join("\n").contains("/deska/2"), "{lines:?}");
    assert!(!lines.join("\n").contains("/deska/1"), "{lines:?}");
    assert!(!lines.join("\n").contains("/deska/3"), "{lines:?}");
    let warning = &board.warnings[0];
    assert_eq!(warning.field, "informace");
    assert!(
        warning.message.contains(&format!(
            "na řádcích {} až {} není platný JSON",
            part.lines.0, part.lines.1
        )),
        "{warning:?}"
    );
}

#[test]
fn a_quotation_mark_without_its_backslash_loses_its_notice() {
    loses_the_second_only(&broken("Oznámení č. 2", r#"Oznámení „č." 2"#));
}

#[test]
fn a_text_that_does_not_end_loses_its_notice() {
    loses_the_second_only(&broken(r#"Oznámení č. 2""#, r#"Oznámení č. 2\""#));
}

#[test]
fn a_bracket_too_many_or_too_few_loses_its_notice() {
    loses_the_second_only(&broken(r#"Oznámení č. 2""#, r#"Oznámení č. 2"}"#));
    loses_the_second_only(&broken(
        r#"{
        "cs": "Oznámení č. 2""#,
        r#"
        "cs": "Oznámení č. 2""#,
    ));
}

#[test]
fn a_missing_comma_in_a_notice_loses_it() {
    loses_the_second_only(&broken(r#"zdroj/deska/2","#, r#"zdroj/deska/2""#));
}

#[test]
fn the_name_of_what_is_lost_is_in_the_warning() {
    let board = read(&broken(r#"deska/2","#, r#"deska/2""#));
    assert_eq!(board.warnings[0].notice.as_deref(), Some("Oznámení č. 2"));
}

/// A document and an organisation with dates of their own look like notices.
fn with_dates_inside(number: u32) -> Value {
    let mut notice = numbered(number);
    let dates = json!({"vyvěšení": {"datum": "2026-10-01"}, "název": {"cs": "Výkres"}});
    notice["dokument"] = json!([dates, dates, dates]);
    notice["poskytovatel"] =
        json!({"název": {"cs": "Odbor"}, "platnost_do": {"datum": "2027-01-01"}});
    notice
}

#[test]
fn what_is_within_a_broken_notice_is_no_notice() {
    let notices = json!([
        with_dates_inside(1),
        with_dates_inside(2),
        with_dates_inside(3)
    ]);
    let whole = board(&notices).to_string();
    let second = whole.find("deska/2").expect("it is there");
    // Before the documents, within one of them, and behind them.
    for (from, to) in [
        (r#""dokument":["#, r#""dokument":"#),
        (r#""název":{"cs":"Výkres"}"#, r#""název":{"cs":"Výkres""#),
        (r#"},"relevantní_do""#, r#"}},"relevantní_do""#),
    ] {
        let start = whole[..second]
            .rfind(r#"{"dokument""#)
            .expect("it is there");
        let feed = whole[..start].to_owned() + &whole[start..].replacen(from, to, 1);
        let board = read(&feed);
        assert_eq!(titles(&board), ["Oznámení č. 1", "Oznámení č. 3"], "{from}");
        let keys = board.unread[0].keys.as_ref();
        assert!(
            keys.is_none_or(|keys| *keys == [key(2)]),
            "{from}: {keys:?}"
        );
        assert_eq!(board.warnings[0].notice.as_deref(), Some("Oznámení č. 2"));
    }
}

#[test]
fn a_notice_without_its_brace_leaves_the_one_before_it() {
    let notices = json!([
        with_dates_inside(1),
        with_dates_inside(2),
        with_dates_inside(3)
    ]);
    for whole in [board(&notices).to_string(), printed()] {
        let close = whole.match_indices('}');
        let brace = close.map(|(at, _)| at).find_map(|at| {
            let gap = whole[at + 1..].strip_prefix(',')?.trim_start();
            gap.starts_with('{').then(|| whole.len() - gap.len())
        });
        // Documents lie deeper than the notices of the printed board, which has none.
        let brace = match whole.find(r#"},{"dokument""#) {
            Some(at) => at + 2,
            None => brace.expect("two notices"),
        };
        let mut feed = whole.clone();
        feed.remove(brace);
        let board = read(&feed);
        assert_eq!(titles(&board), ["Oznámení č. 1", "Oznámení č. 3"]);
        assert_eq!(board.warnings[0].notice.as_deref(), Some("Oznámení č. 2"));
    }
}

#[test]
fn a_control_character_within_an_identifier_or_address_is_left_out() {
    let feed = printed().replace("deska/2", "des\0ka/2");
    let board = read(&feed);
    assert_eq!(board.notices[1].key, key(2));
    let page = board.notices[1].url.as_ref().expect("it has a page");
    assert_eq!(page.as_str(), "https://obec.example/deska/2");
}

#[test]
fn commas_between_notices_may_be_missing_double_or_trailing() {
    let whole = printed();
    let between = whole.find("},\n    {").expect("two notices");
    let end = whole.rfind("}\n  ]").expect("the last notice");
    for (at, comma, to) in [
        (between + 1, 1, ""),
        (between + 1, 0, ","),
        (end + 1, 0, ","),
    ] {
        let mut feed = whole.clone();
        feed.replace_range(at..at + comma, to);
        assert!(serde_json::from_str::<serde_json::Value>(&feed).is_err());
        let board = read(&feed);
        assert_eq!(board.notices.len(), 3, "{at}");
        assert_eq!(board.unread, []);
        assert!(
            board.warnings[0].message.contains("čárka"),
            "{:?}",
            board.warnings
        );
    }
}

#[test]
fn control_characters_lose_nothing() {
    for odd in ["\0", "\u{1}", "\u{b}", "\n", "\t"] {
        let board = read(&broken("č. 2", &format!("č.{odd} 2")));
        assert_eq!(titles(&board)[1], "Oznámení č. 2");
        assert_eq!(board.unread, []);
    }
    // A file padded with NULs behind its end.
    assert_eq!(read(&(printed() + "\0\0\0")).notices.len(), 3);
}

#[test]
fn bytes_that_are_no_utf8_cost_a_letter_even_in_a_broken_file() {
    let feed = broken("Oznámení č. 2", r#"Oznámení „č." 2"#);
    let mut bytes = feed.into_bytes();
    let at = bytes.len() - 200;
    let letter = bytes[at..].iter().position(u8::is_ascii_alphabetic);
    bytes[at + letter.expect("a letter")] = 0xff;
    let boards = ofn::read(&bytes, &feed_url()).expect("it is a feed");
    assert_eq!(boards[0].notices.len() + boards[0].unread.len(), 3);
}

#[test]
fn of_a_file_cut_off_the_read_notices_count_and_any_other_may_be_unread() {
    let whole = printed();
    let third = whole.find("Oznámení č. 3").expect("it is there");
    let second_end = whole.match_indices("},\n    {").nth(1).expect("three").0 + 1;
    for cut in [third, second_end, second_end + 1] {
        let board = read(&whole[..cut]);
        assert_eq!(titles(&board), ["Oznámení č. 1", "Oznámení č. 2"]);
        assert!(board.unread.iter().any(|part| part.keys.is_none()));
        assert!(
            board
                .warnings
                .iter()
                .any(|warning| warning.message.contains("nekončí")),
            "{:?}",
            board.warnings
        );
    }
}

#[test]
fn the_last_notice_may_be_the_broken_one() {
    let board = read(&broken("Oznámení č. 3", r#"Oznámení „č." 3"#));
    assert_eq!(titles(&board), ["Oznámení č. 1", "Oznámení č. 2"]);
    assert_eq!(board.unread.len(), 1);
    assert_eq!(board.unread[0].keys, Some(vec![key(3)]));
}

#[test]
fn a_lost_notice_whose_identifier_is_what_is_broken_may_be_any() {
    let board = read(&broken("zdroj/deska/2", r#"zdroj"deska/2"#));
    assert_eq!(titles(&board), ["Oznámení č. 1", "Oznámení č. 3"]);
    assert_eq!(board.unread[0].keys, None);
}

#[test]
fn several_broken_notices_are_lost_each_by_itself() {
    let feed = broken("Oznámení č. 1", r#"Oznámení „č." 1"#).replacen(
        "Oznámení č. 3",
        r#"Oznámení „č." 3"#,
        1,
    );
    let board = read(&feed);
    assert_eq!(titles(&board), ["Oznámení č. 2"]);
    let keys: Vec<_> = board.unread.iter().map(|part| part.keys.clone()).collect();
    assert_eq!(keys, [Some(vec![key(1)]), Some(vec![key(3)])]);
}

#[test]
fn of_two_broken_notices_that_are_lost_together_none_is_forgotten() {
    // The bracket in the second's text makes good the one that the first lacks.
    let mut feed = broken("},\n    {", ",\n    {");
    let moment = "Časový okamžik";
    let (last, _) = feed.match_indices(moment).nth(3).expect("two a notice");
    feed.replace_range(last..last + moment.len(), r#"Časový" } okamžik"#);
    let board = read(&feed);
    assert_eq!(titles(&board), ["Oznámení č. 3"]);
    let keys = board.unread.iter().map(|part| part.keys.clone());
    let keys: Option<Vec<_>> = keys.collect();
    let keys = keys.map(|keys| keys.concat());
    assert!(keys.is_none_or(|keys| keys == [key(1), key(2)]));
}

#[test]
fn a_list_of_notices_without_a_board_is_salvaged_too() {
    let list = serde_json::to_string_pretty(&json!([numbered(1), numbered(2), numbered(3)]))
        .expect("it is JSON")
        .replacen("Oznámení č. 2", r#"Oznámení „č." 2"#, 1);
    assert_eq!(titles(&read(&list)), ["Oznámení č. 1", "Oznámení č. 3"]);
}

#[test]
fn what_holds_no_readable_notice_is_refused_as_before() {
    let head = printed();
    let head = &head[..head.find("Oznámení č. 1").expect("it is there")];
    let no_comma_in_the_board = broken(r#"zdroj/deska","#, r#"zdroj/deska""#);
    let cut_before_the_identifier = format!(r#"{{"informace": [{}, "#, numbered(1));
    for feed in [
        "",
        "{",
        "[",
        "[]]",
        "null,",
        "<!DOCTYPE html>",
        r#"{"informace": [}"#,
        r#"{"informace": ["#,
        r#"[{"informace": [{"#,
        head,
        &no_comma_in_the_board,
        &cut_before_the_identifier,
        &format!("[{}, {{\"typ\" \"Úřední deska\"}}]", numbered(1)),
    ] {
        let read = ofn::read(feed.as_bytes(), &feed_url());
        assert!(
            matches!(read, Err(FeedError::NotJson(_))),
            "{feed}: {read:?}"
        );
    }
}

#[test]
fn a_file_of_brackets_is_given_up_in_time() {
    // Each opening bracket could begin the entry that is looked for.
    let feed = format!(
        r#"{{"informace": [{}, {}"#,
        numbered(1),
        r#"{"a":"#.repeat(300_000)
    );
    let read = ofn::read(feed.as_bytes(), &feed_url());
    assert!(matches!(read, Err(FeedError::NotJson(_))));
}

#[test]
fn what_is_told_of_a_lost_part_of_brackets_is_given_up_in_time() {
    // Each title holds all that follows.
    let mut feed = printed();
    feed.truncate(feed.rfind("\n  ]").expect("the list ends"));
    feed.push_str(",\n");
    feed.push_str(&r#"{"název":["#.repeat(300_000));
    let board = read(&feed);
    assert_eq!(board.notices.len(), 3);
    assert!(board.unread.iter().all(|part| part.keys.is_none()));
}
