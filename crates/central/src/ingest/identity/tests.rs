use super::*;
use crate::storage::DocumentFacts;

fn facts(title: &str, posted: &str, number: &str, files: &[&str]) -> NoticeFacts {
    NoticeFacts {
        title: [("cs".to_owned(), title.to_owned())].into(),
        posted: MomentRecord::Date(posted.parse().unwrap()),
        reference_number: Some(number.to_owned()),
        documents: files
            .iter()
            .map(|file| DocumentFacts {
                url: Some(format!("https://a.example/{file}").parse().unwrap()),
                ..DocumentFacts::default()
            })
            .collect(),
        ..NoticeFacts::default()
    }
}

fn known(id: &str, key: &str, facts: NoticeFacts) -> KnownNotice {
    KnownNotice {
        id: NoticeId::new(id),
        key: key.to_owned(),
        archived: false,
        missing_since: None,
        facts,
    }
}

fn fed(key: &str, facts: NoticeFacts) -> KeyedNotice {
    KeyedNotice {
        key: key.to_owned(),
        facts,
        end_doubts: Vec::new(),
        raw: String::new(),
    }
}

#[track_caller]
fn check_same_key(now: NoticeFacts, expected: Identity) {
    let before = facts("Vyhláška", "2021-03-01", "A/1", &["a.pdf"]);
    let known = [known("n1", "iri:x", before)];
    assert_eq!(identify(&known, &[fed("iri:x", now)]), [expected]);
}

#[test]
fn a_key_with_a_new_date_number_and_files_is_a_new_notice() {
    let id = NoticeId::new("n1");
    check_same_key(
        facts("Jiná", "2022-10-17", "B/7", &["b.pdf"]),
        Identity::Reused(id),
    );
}

#[test]
fn anything_less_is_a_change_of_the_same_notice() {
    let same = || Identity::Known(NoticeId::new("n1"));
    check_same_key(facts("Jiná", "2022-10-17", "B/7", &["a.pdf"]), same());
    check_same_key(facts("Jiná", "2022-10-17", "B/7", &[]), same());
    check_same_key(facts("Jiná", "2021-03-01", "B/7", &["b.pdf"]), same());
    check_same_key(facts("Jiná", "2022-10-17", "A/1", &["b.pdf"]), same());
    let mut numberless = facts("Jiná", "2022-10-17", "", &["b.pdf"]);
    numberless.reference_number = None;
    check_same_key(numberless, same());
}

#[test]
fn a_notice_is_recognised_when_only_its_key_changed() {
    let facts = || facts("Záměr", "2026-11-01", "MO/3", &["a.pdf"]);
    let known = [known("n1", "iri:http://a/slug-old", facts())];
    let feed = [fed("iri:https://a/slug-new", facts())];
    let expected = [Identity::Moved(NoticeId::new("n1"))];
    assert_eq!(identify(&known, &feed), expected);
}

fn moved(id: &str) -> Identity {
    Identity::Moved(NoticeId::new(id))
}

/// Without a number; the documents are named like their files.
fn numberless(title: &str, posted: &str, files: &[&str]) -> NoticeFacts {
    let mut facts = facts(title, posted, "", files);
    facts.reference_number = None;
    for (document, file) in facts.documents.iter_mut().zip(files) {
        let name = file.rsplit('/').next().unwrap();
        document.title = [("cs".to_owned(), name.to_owned())].into();
    }
    facts
}

#[test]
fn a_notice_without_a_number_is_recognised_by_its_title_date_and_files() {
    let before = || numberless("Záměr", "2026-11-01", &["a.pdf", "b.pdf"]);
    let check = |now: NoticeFacts, expected: Identity| {
        let known = [known("n1", "iri:1", before())];
        assert_eq!(identify(&known, &[fed("iri:2", now)]), [expected]);
    };
    check(before(), moved("n1"));
    let mut prolonged = before();
    prolonged.relevant_until = MomentRecord::Date("2026-12-24".parse().unwrap());
    check(prolonged, moved("n1"));
    check(
        numberless("Jiný", "2026-11-01", &["a.pdf", "b.pdf"]),
        Identity::New,
    );
    check(
        numberless("Záměr", "2026-11-02", &["a.pdf", "b.pdf"]),
        Identity::New,
    );
    check(
        facts("Záměr", "2026-11-01", "MO/3", &["a.pdf", "b.pdf"]),
        Identity::New,
    );
}

#[test]
fn files_under_new_addresses_are_recognised_by_their_names() {
    let one = |file: &str| numberless("Záměr", "2026-11-01", &[file]);
    let known = [known("n1", "iri:1", one("1/plan.pdf"))];
    let check = |now: NoticeFacts, expected: Identity| {
        assert_eq!(identify(&known, &[fed("iri:2", now)]), [expected]);
    };
    check(one("2/plan.pdf"), moved("n1"));
    check(one("2/mapa.pdf"), Identity::New);
}

#[test]
fn files_without_names_under_new_addresses_are_as_many() {
    let with = |files: &[&str]| {
        let mut facts = facts("Záměr", "2026-11-01", "", files);
        facts.reference_number = None;
        facts
    };
    let known = [known("n1", "iri:1", with(&["a?export=1"]))];
    let check = |now: NoticeFacts, expected: Identity| {
        assert_eq!(identify(&known, &[fed("iri:2", now)]), [expected]);
    };
    check(with(&["a?export=2"]), moved("n1"));
    check(with(&["a?export=2", "b?export=2"]), Identity::New);
}

#[test]
fn what_is_told_apart_by_its_files_keeps_its_identity() {
    let one = |file: &str| numberless("Záměr", "2026-11-01", &[file]);
    let known = [
        known("n1", "iri:1", one("a.pdf")),
        known("n2", "iri:2", one("b.pdf")),
    ];
    let feed = [fed("iri:3", one("b.pdf")), fed("iri:4", one("a.pdf"))];
    assert_eq!(identify(&known, &feed), [moved("n2"), moved("n1")]);
    let feed = [fed("iri:3", one("c.pdf")), fed("iri:4", one("b.pdf"))];
    assert_eq!(identify(&known, &feed), [Identity::New, moved("n2")]);
}

#[test]
fn those_that_are_alike_in_everything_are_matched_one_to_one() {
    let facts = || facts("Záměr", "2026-11-01", "MO/3", &["a.pdf"]);
    let known_two = [known("n2", "iri:2", facts()), known("n1", "iri:1", facts())];
    let one = [fed("iri:3", facts())];
    assert_eq!(identify(&known_two, &one), [moved("n1")]);
    let known_one = [known("n1", "iri:1", facts())];
    let two = [fed("iri:3", facts()), fed("iri:4", facts())];
    assert_eq!(identify(&known_one, &two), [moved("n1"), Identity::New]);
}

#[test]
fn a_live_notice_takes_an_archived_ones_key_but_not_its_identity() {
    let one = |title: &str| facts(title, "2026-11-01", title, &[title]);
    let archived = KnownNotice {
        archived: true,
        ..known("n1", "iri:1", one("Dražba"))
    };
    let all = [archived, known("n2", "iri:1 #2", one("Záměr"))];
    let check = |now: NoticeFacts, expected: Identity| {
        assert_eq!(identify(&all, &[fed("iri:1", now)]), [expected]);
    };
    check(one("Záměr"), moved("n2"));
    // By its likeness, or for want of another, it is the archived one.
    let known = || Identity::Known(NoticeId::new("n1"));
    check(one("Dražba"), known());
    check(one("Jiná"), known());
    // While the live one still has its own key, it has not moved.
    let feed = [fed("iri:1", one("Jiná")), fed("iri:1 #2", one("Záměr"))];
    let live = Identity::Known(NoticeId::new("n2"));
    assert_eq!(identify(&all, &feed), [known(), live]);
}

#[test]
fn a_copy_beside_the_original_is_a_notice_of_its_own() {
    let facts = || facts("Záměr", "2026-11-01", "MO/3", &["a.pdf"]);
    let known = [known("n1", "iri:1", facts())];
    let feed = [fed("iri:1", facts()), fed("iri:2", facts())];
    let expected = [Identity::Known(NoticeId::new("n1")), Identity::New];
    assert_eq!(identify(&known, &feed), expected);
}

#[test]
fn what_a_publisher_repeats_is_kept_unless_it_is_the_same() {
    let feed = r#"{"iri":"https://a.example/d","informace":[
        {"iri":"https://a.example/1","název":{"cs":"První"}},
        {"iri":"https://a.example/1","název":{"cs":"Druhá"}},
        {"iri":"https://a.example/1","název":{"cs":"První"}}]}"#;
    let base = "https://a.example/feed".parse().unwrap();
    let board = vyveska_board::ofn::read(feed.as_bytes(), &base)
        .unwrap()
        .remove(0);
    let keys: Vec<String> = keyed(&board.notices).into_iter().map(|n| n.key).collect();
    assert_eq!(keys.len(), 2, "{keys:?}");
    assert_ne!(keys[0], keys[1]);
}
