//! Damage done to a feed at random: no panic, and no notice lost by one bad field.

use std::ops::Range;

use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;
use vyveska_board::{Language, ofn};

const UGLY: &[u8] = include_bytes!("fixtures/ugly.json");

fn url() -> Url {
    Url::parse("https://obec.example/deska.jsonld").expect("an address")
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        prop::sample::select(vec![
            "",
            "-",
            "0000-00-00",
            "2026-02-30",
            "9999-12-31T23:59:59+23:59",
            "-262144-01-01",
            "0000-01-01T00:00:00Z",
            "http://",
            "https://[",
            "//",
            "?",
            "#",
            "data:,",
            "&#x110000;",
            "&#0;",
            "&amp;amp;amp;amp;amp;",
            "\u{feff}\u{202e}",
            "cs",
            "Informace na úřední desce",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let key = prop_oneof![
            ".{0,8}",
            prop::sample::select(vec![
                "cs",
                "datum",
                "datum_a_čas",
                "nespecifikovaný",
                "url",
                "název",
                "začátek",
                "konec",
                "iri",
                "typ",
                "@value",
                "0",
                "značka",
                "ičo",
            ])
            .prop_map(str::to_owned),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn flipped_and_cut_bytes_never_panic(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = UGLY.to_vec();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(UGLY.len()));
        }
        if let Ok(boards) = ofn::read(&bytes, &url()) {
            prop_assert!(boards.iter().all(|board| board.warnings.len() <= ofn::MAX_WARNINGS + 2));
        }
    }

    #[test]
    fn one_bad_field_never_loses_a_notice(
        number in 0_usize..4,
        field in any::<prop::sample::Index>(),
        junk in any_json(),
    ) {
        let mut feed: Value = serde_json::from_slice(UGLY).expect("it is JSON");
        let notice = feed["informace"][number].as_object_mut().expect("an object");
        let field = field.index(notice.len());
        *notice.values_mut().nth(field).expect("it is there") = junk;
        let boards = ofn::read(feed.to_string().as_bytes(), &url()).expect("it is a feed");
        prop_assert_eq!(boards.len(), 1);
        prop_assert_eq!(boards[0].notices.len(), 4, "{:?}", boards[0].warnings);
        let keys: std::collections::BTreeSet<_> =
            boards[0].notices.iter().map(|notice| &notice.key).collect();
        prop_assert_eq!(keys.len(), 4);
    }

    #[test]
    fn one_bad_field_of_the_board_never_loses_its_notices(
        field in prop::sample::select(vec!["@context", "typ", "iri", "stránka", "provozovatel", "název"]),
        junk in any_json(),
    ) {
        let mut feed: Value = serde_json::from_slice(UGLY).expect("it is JSON");
        feed[field] = junk;
        let boards = ofn::read(feed.to_string().as_bytes(), &url()).expect("it is a feed");
        prop_assert_eq!(boards[0].notices.len(), 4);
    }

    #[test]
    fn any_json_at_all_never_panics(root in any_json(), notices in any_json()) {
        let _ = ofn::read(root.to_string().as_bytes(), &url());
        let _ = ofn::read(json!({"informace": notices}).to_string().as_bytes(), &url());
        let _ = ofn::read(json!([{"typ": "Úřední deska"}, notices]).to_string().as_bytes(), &url());
    }

    #[test]
    fn reading_twice_gives_the_same(junk in any_json()) {
        let mut feed: Value = serde_json::from_slice(UGLY).expect("it is JSON");
        feed["informace"][2]["vyvěšení"] = junk;
        let text = feed.to_string();
        prop_assert_eq!(ofn::read(text.as_bytes(), &url()), ofn::read(text.as_bytes(), &url()));
    }
}

/// How a publisher prints its feed.
#[derive(Debug, Clone, Copy)]
enum Print {
    OneLine,
    Pretty,
}

/// The field of whole notices within one, which only those have whose last it is.
const RELATED: &str = "související";

/// Notices that hold objects which look like notices themselves, `last` being the last field of each.
fn notices_like_dolls(last: &str, print: Print) -> (String, Vec<Range<usize>>) {
    let mut feed =
        r#"{"typ":"Úřední deska","iri":"https://obec.example/deska","informace":["#.to_owned();
    let mut places = Vec::new();
    for number in 1..=3 {
        let document = |n: u32| {
            json!({
                "typ": "Digitální objekt",
                "název": {"cs": format!("Soubor {number}.{n}")},
                "url": format!("https://obec.example/{number}/{n}.pdf"),
                "vyvěšení": {"datum": "2026-10-01"},
                "relevantní_do": {"datum": "2026-12-24"},
            })
        };
        let related = |n: u32| {
            let mut notice = document(n);
            notice["iri"] = json!(format!("https://obec.example/archiv/{number}/{n}"));
            notice
        };
        let mut fields = vec![
            ("dokument", json!([document(1), document(2), document(3)])),
            (
                "odbor",
                json!({"název": {"cs": "Odbor"}, "platnost_do": {"datum": "2027-01-01"}}),
            ),
            (
                "typ",
                json!(["Digitální objekt", "Informace na úřední desce"]),
            ),
            ("iri", json!(format!("https://obec.example/deska/{number}"))),
            ("název", json!({"cs": format!("Oznámení {number}")})),
            ("vyvěšení", json!({"datum": "2026-11-01"})),
        ];
        if last == RELATED {
            fields.push((RELATED, json!([related(4), related(5), related(6)])));
        }
        let at = fields.iter().position(|(key, _)| *key == last);
        let field = fields.remove(at.expect("it is a field"));
        fields.push(field);
        let fields = fields.iter().map(|(key, value)| match print {
            Print::OneLine => format!("{key:?}:{value}"),
            Print::Pretty => format!("\n    {key:?}: {value:#}"),
        });
        let fields: Vec<String> = fields.collect();
        let start = feed.len();
        feed.push_str(&format!("{{{}}}", fields.join(",")));
        places.push(start..feed.len());
        feed.push_str(if number < 3 { "," } else { "" });
    }
    feed.push_str("]}");
    (feed, places)
}

/// Which notices a place is in or beside, from 0.
fn hit(places: &[Range<usize>], at: usize) -> Vec<usize> {
    let touches = |place: &Range<usize>| at + 1 >= place.start && at <= place.end;
    let numbers = 0..places.len();
    numbers.filter(|number| touches(&places[*number])).collect()
}

/// What is wrong with how a damaged feed was read, where one character at `at` of a whole one was put in or left out.
fn fault_in(
    board: &ofn::FeedBoard,
    whole: &[ofn::FeedNotice],
    places: &[Range<usize>],
    at: usize,
) -> Option<String> {
    let plain = |notice: &ofn::FeedNotice| ofn::FeedNotice {
        raw: String::new(),
        ..notice.clone()
    };
    let invented = board.notices.iter().map(plain);
    if let Some(one) = { invented }.find(|one| !whole.iter().any(|known| plain(known) == *one)) {
        return Some(format!("{} was not there", one.key));
    }
    let is_read = |number: &usize| {
        let key = &whole[*number].key;
        board.notices.iter().any(|notice| notice.key == *key)
    };
    let lost: Vec<usize> = (0..whole.len()).filter(|number| !is_read(number)).collect();
    let hit = hit(places, at);
    let is_near = |number: usize| hit.iter().any(|hit| hit.abs_diff(number) <= 1);
    if lost.len() > 2 || !lost.iter().all(|number| is_near(*number)) {
        return Some(format!("{lost:?} are lost of {hit:?}"));
    }
    for number in lost {
        let title = whole[number].title.best(Language::Czech);
        let is_damaged = hit.contains(&number);
        let is_named = board.warnings.iter().any(|warning| {
            warning.message.contains("není platný JSON")
                && (warning.notice.as_deref() == Some(title) || is_damaged)
        });
        if !is_named {
            return Some(format!("{number} is lost and not named"));
        }
    }
    let is_of_file = |name: &str| name.starts_with("Soubor");
    let names = board
        .warnings
        .iter()
        .filter(|one| one.message.contains("není platný JSON"));
    let name = { names }.find_map(|one| one.notice.as_deref().filter(|name| is_of_file(name)));
    name.map(|name| format!("{name} is named as a notice"))
}

/// One structural character put in or left out anywhere in the list.
#[test]
fn one_structural_character_neither_invents_a_notice_nor_holds_the_others() {
    let is_mark = |c: char| "{}[]:,\"".contains(c);
    for (last, print) in [
        ("dokument", Print::OneLine),
        ("odbor", Print::OneLine),
        ("iri", Print::Pretty),
        (RELATED, Print::OneLine),
    ] {
        let (feed, places) = notices_like_dolls(last, print);
        let read = ofn::read(feed.as_bytes(), &url()).expect("it is a feed");
        let whole = &read[0].notices;
        assert_eq!(whole.len(), places.len());
        let (mut broken, mut held) = (0, 0);
        // Within a word it would be one letter more.
        let is_beside_mark =
            |at: &usize| feed[*at..].starts_with(is_mark) || feed[..*at].ends_with(is_mark);
        let edits = (places[0].start..feed.len()).filter(|at| feed.is_char_boundary(*at));
        let edits = edits.filter(is_beside_mark);
        for (at, put_in) in edits.flat_map(|at| "_{}[]:,\"".chars().map(move |c| (at, c))) {
            let mut damaged = feed.clone();
            if put_in != '_' {
                damaged.insert(at, put_in);
            } else if feed[at..].starts_with(is_mark) {
                damaged.remove(at);
            }
            if serde_json::from_str::<Value>(&damaged).is_ok() {
                continue;
            }
            broken += 1;
            let Ok(boards) = ofn::read(damaged.as_bytes(), &url()) else {
                held += 1;
                continue;
            };
            let fault = fault_in(&boards[0], whole, &places, at);
            assert_eq!(fault, None, "{put_in:?} at {at}: {damaged}");
        }
        assert!(broken > 2_000, "{broken}");
        assert_eq!(held, 0, "{last} {print:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is damaged behind a notice that was read, and however often, nothing of a notice becomes one.
    #[test]
    fn structural_characters_put_in_or_left_out_invent_no_notice(
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), prop::option::of(prop::sample::select(b"{}[]:,\"".to_vec()))),
            2..5,
        ),
        last in prop::sample::select(vec!["dokument", "odbor", "iri"]),
    ) {
        let (feed, places) = notices_like_dolls(last, Print::OneLine);
        let mut damaged = feed.into_bytes();
        for (at, put_in) in edits {
            let marks: Vec<usize> = (places[1].start..damaged.len())
                .filter(|at| b"{}[]:,\"".contains(&damaged[*at])).collect();
            let at = marks[at.index(marks.len())];
            match put_in {
                Some(mark) => damaged.insert(at, mark),
                None => { damaged.remove(at); }
            }
        }
        prop_assume!(serde_json::from_slice::<Value>(&damaged).is_err());
        if let Ok(boards) = ofn::read(&damaged, &url()) {
            for notice in boards.iter().flat_map(|board| &board.notices) {
                let title = notice.title.best(Language::Czech);
                let is_inner = title.starts_with("Soubor") || title.starts_with("Odbor");
                prop_assert!(!is_inner, "{:?}", notice);
            }
        }
    }
}

proptest! {
    /// A fault in the last notice, before the notices within it, of a feed that is cut off in them: those are none of it.
    #[test]
    fn a_fault_in_a_notice_that_is_cut_off_invents_none(
        edited: prop::sample::Index,
        put_in in prop::option::of(prop::sample::select("{}[]:,\"".chars().collect::<Vec<_>>())),
        cut: prop::sample::Index,
    ) {
        let (mut feed, places) = notices_like_dolls(RELATED, Print::OneLine);
        let related = feed.rfind(RELATED).expect("it is there");
        let marks = |range: Range<usize>| {
            let marks = feed[range.clone()].match_indices(|c| "{}[]:,\"".contains(c));
            marks.map(|(at, _)| range.start + at).collect::<Vec<_>>()
        };
        let edited = *edited.get(&marks(places[2].start + 1..related));
        let cut = *cut.get(&marks(related + RELATED.len()..places[2].end));
        feed.truncate(cut);
        match put_in {
            Some(put_in) => feed.insert(edited, put_in),
            None => drop(feed.remove(edited)),
        }
        if let Ok(boards) = ofn::read(feed.as_bytes(), &url()) {
            for notice in boards.iter().flat_map(|board| &board.notices) {
                let title = notice.title.best(Language::Czech);
                prop_assert!(title.starts_with("Oznámení"), "{title}: {feed}");
            }
        }
    }
}

/// A board of three notices that hold objects with identifiers of their own, and the notices' places.
fn numbered_notices() -> (String, Vec<Range<usize>>) {
    let mut feed =
        r#"{"typ":"Úřední deska","iri":"https://obec.example/deska","informace":["#.to_owned();
    let mut places = Vec::new();
    for number in 1..=3 {
        let notice = json!({
            "iri": iri(number),
            "název": {"cs": format!("Oznámení {number}")},
            "vyvěšení": {"datum": "2026-11-01"},
            "dokument": [{"název": {"cs": "Text"}, "url": "https://obec.example/a.pdf"}],
            "poskytovatel": {"iri": "https://obec.example/odbor"},
        });
        let start = feed.len();
        feed.push_str(&notice.to_string());
        places.push(start..feed.len());
        feed.push_str(if number < 3 { "," } else { "" });
    }
    feed.push_str("]}");
    (feed, places)
}

fn iri(number: usize) -> String {
    format!("https://obec.example/deska/{number}")
}

/// A notice of [`numbered_notices`] that is neither read nor may be unread, by its number.
///
/// One unknown key may be that of any notice with a title that stands beside it, and among several that of any.
fn disappeared(boards: &[ofn::FeedBoard]) -> Option<usize> {
    let key = |number: usize| format!("iri:{}", iri(number));
    let read = boards.iter().flat_map(|board| &board.notices);
    let mut told: Vec<String> = read.map(|notice| notice.key.to_string()).collect();
    for part in boards.iter().flat_map(|board| &board.unread) {
        let keys: Vec<String> = part
            .keys
            .as_ref()?
            .iter()
            .map(ToString::to_string)
            .collect();
        if !keys
            .iter()
            .all(|one| (1..=3).any(|number| key(number) == *one))
        {
            if keys.len() > 1 || part.titles.is_empty() {
                return None;
            }
            let titles: Vec<_> = part
                .titles
                .iter()
                .map(|title| title.best(Language::Czech))
                .collect();
            let named = (1..=3).filter(|number| titles.contains(&&*format!("Oznámení {number}")));
            told.extend(named.map(key));
        }
        told.extend(keys);
    }
    (1..=3).find(|number| !told.contains(&key(*number)))
}

/// Two edits, in two notices or in one: a publisher's fault is seldom in one entry only.
#[test]
fn two_structural_characters_never_make_another_notice_disappear() {
    let (feed, places) = numbered_notices();
    let edits = |place: &Range<usize>| {
        let marks = (place.start..=place.end).map(|at| (at, feed.as_bytes()[at]));
        let edits = marks.flat_map(|(at, mark)| match mark {
            // A bracket within a text would make it another.
            b'"' => "_\"".chars().map(|c| (at, c)).collect(),
            b'{' | b'}' | b'[' | b']' | b',' => "_{}[]\"".chars().map(|c| (at, c)).collect(),
            _ => Vec::new(),
        });
        edits.collect::<Vec<_>>()
    };
    let (mut broken, mut held) = (0, 0);
    let mut check = |first: (usize, char), second: (usize, char)| {
        let mut damaged = feed.clone();
        // From behind, so that the places stay where they are.
        for (at, put_in) in [first.max(second), first.min(second)] {
            if put_in == '_' {
                damaged.remove(at);
            } else {
                damaged.insert(at, put_in);
            }
        }
        if serde_json::from_str::<Value>(&damaged).is_ok() {
            return;
        }
        broken += 1;
        match ofn::read(damaged.as_bytes(), &url()) {
            Ok(boards) => assert_eq!(disappeared(&boards), None, "{damaged}"),
            Err(_) => held += 1,
        }
    };
    // The same in two notices.
    for (one, other) in [(0, 1), (1, 2), (0, 2)] {
        let alike = edits(&places[one]).into_iter().zip(edits(&places[other]));
        for (first, second) in alike {
            check(first, second);
        }
    }
    // Any two in the first two notices, one of fifteen.
    let seconds = [edits(&places[0]), edits(&places[1])].concat();
    for first in edits(&places[0]).into_iter().step_by(5) {
        for second in seconds.iter().step_by(3) {
            check(first, *second);
        }
    }
    assert!(broken > 1_000, "{broken}");
    assert!(held < broken / 10, "{held} of {broken}");
}

/// A byte changed, put in or left out anywhere: each notice is read, or it is said that it may be unread.
#[test]
fn one_wrong_byte_never_makes_another_notice_disappear() {
    let (feed, places) = numbered_notices();
    let start = places[0].start;
    let whole = feed.into_bytes();
    let (mut broken, mut held) = (0, 0);
    for at in start..whole.len() {
        for (left_out, put_in) in [
            (1, &b""[..]),
            (0, b"\""),
            (0, b"{"),
            (0, b"}"),
            (0, b"]"),
            (0, b","),
            (1, b"\\"),
        ] {
            let mut feed = whole.clone();
            feed.splice(at..at + left_out, put_in.iter().copied());
            if serde_json::from_slice::<Value>(&feed).is_ok() {
                continue;
            }
            broken += 1;
            let Ok(boards) = ofn::read(&feed, &url()) else {
                held += 1;
                continue;
            };
            let damaged = String::from_utf8_lossy(&feed);
            assert_eq!(disappeared(&boards), None, "{damaged}");
        }
    }
    assert!(broken > 1_500, "{broken}");
    // Hardly anything is held whole.
    assert!(held < broken / 20, "{held} of {broken}");
}
