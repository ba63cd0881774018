//! Damage done to a feed at random: no panic, and no notice lost by one bad field.

use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;
use vyveska_board::ofn;

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

/// A byte changed, put in or left out anywhere: each notice is read, or it is said that it may be unread.
#[test]
fn one_wrong_byte_never_makes_another_notice_disappear() {
    let iri = |number: u32| format!("https://obec.example/deska/{number}");
    let notices: Vec<Value> = (1..=3)
        .map(|number| {
            json!({
                "iri": iri(number),
                "název": {"cs": format!("Oznámení {number}")},
                "vyvěšení": {"datum": "2026-11-01"},
                "dokument": [{"název": {"cs": "Text"}, "url": "https://obec.example/a.pdf"}],
            })
        })
        .collect();
    let board = format!(
        r#"{{"typ":"Úřední deska","iri":"https://obec.example/deska","informace":{}}}"#,
        Value::from(notices)
    );
    let start = board.find("[{").expect("it is there") + 1;
    let whole = board.into_bytes();
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
            let told: Vec<String> = boards
                .iter()
                .flat_map(|board| &board.notices)
                .map(|notice| notice.key.to_string())
                .chain(
                    boards[0]
                        .unread
                        .iter()
                        .flat_map(|part| part.keys.iter().flatten())
                        .map(ToString::to_string),
                )
                .collect();
            let is_unsure = boards[0].unread.iter().any(|part| part.keys.is_none());
            for number in 1..=3 {
                let key = format!("iri:{}", iri(number));
                assert!(
                    is_unsure || told.contains(&key),
                    "{number} is gone: {}",
                    String::from_utf8_lossy(&feed)
                );
            }
        }
    }
    assert!(broken > 1_500, "{broken}");
    // Hardly anything is held whole.
    assert!(held < broken / 20, "{held} of {broken}");
}
