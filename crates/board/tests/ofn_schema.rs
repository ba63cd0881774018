//! What is written is valid against the published schemas, where they are at hand.

mod reference;

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;

use jsonschema::{Draft, Retrieve, Uri, Validator};
use serde_json::{Value, json};
use url::Url;
use vyveska_board::ofn::{self, Operator, WrittenBoard};
use vyveska_board::{
    BoardIri, Channel, Document, FileNumber, LanguageMap, Moment, Notice, NoticeId, NoticeIri,
    ReferenceNumber, Revision,
};

const BOARD_SCHEMA: &str = "https://ofn.gov.cz/úřední-desky/2021-07-20/schémata/úřední-deska.json";

/// Geometry is described elsewhere, and nothing written here has any.
const GEOMETRY_SCHEMA: &str =
    "https://raw.githubusercontent.com/ropensci/geojsonlint/master/inst/schema/geojson.json";

/// Every schema of the folder by its address, in the form addresses are compared.
struct Schemas(HashMap<String, Value>);

impl Schemas {
    fn of(folder: &Path) -> Self {
        let mut schemas = HashMap::from([(plain(GEOMETRY_SCHEMA), json!({"type": "object"}))]);
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("the folder can be listed") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).expect("the schema can be read");
                let mut schema: Value =
                    serde_json::from_str(text.trim_start_matches('\u{feff}')).expect("it is JSON");
                with_plain_addresses(&mut schema);
                if let Some(id) = schema["$id"].as_str() {
                    schemas.insert(id.to_owned(), schema);
                }
            }
        }
        Self(schemas)
    }
}

/// The norm names its schemas by IRIs with Czech letters; the validator knows URIs only.
fn with_plain_addresses(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::String(address) if key == "$id" || key == "$ref" => {
                        *address = plain(address);
                    }
                    member => with_plain_addresses(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(with_plain_addresses),
        _ => {}
    }
}

fn plain(address: &str) -> String {
    Url::parse(address).expect("an address").into()
}

impl Retrieve for Schemas {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        self.0
            .get(&plain(uri.as_str()))
            .cloned()
            .ok_or_else(|| format!("{uri} is not among the schemas").into())
    }
}

fn validator() -> Option<Validator> {
    let schemas = Schemas::of(&reference::folder("ofn/schemas")?);
    let board = schemas.0[&plain(BOARD_SCHEMA)].clone();
    Some(
        jsonschema::options()
            .with_draft(Draft::Draft201909)
            .should_validate_formats(true)
            .with_retriever(schemas)
            .build(&board)
            .expect("the norm's schema is one"),
    )
}

#[track_caller]
fn assert_valid(validator: &Validator, board: &Value) {
    let errors: Vec<_> = validator
        .iter_errors(board)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, [""; 0], "{board:#}");
}

fn board(operator: Operator) -> WrittenBoard {
    WrittenBoard {
        iri: BoardIri::new("https://kiosk.example/zdroj/úřední-deska"),
        name: LanguageMap::new(),
        page: Url::parse("https://kiosk.example/deska").expect("an address"),
        operator,
        notices: Url::parse("https://kiosk.example/oznameni").expect("an address"),
    }
}

fn bare(number: u32) -> Notice {
    Notice {
        id: NoticeId::new(format!("n {number}")),
        revision: Revision::FIRST,
        iri: None,
        url: None,
        title: LanguageMap::new(),
        description: LanguageMap::new(),
        posted: Moment::Unspecified,
        relevant_until: Moment::Unspecified,
        approved: Moment::Unspecified,
        reference_number: None,
        file_number: None,
        categories: Vec::new(),
        originator: None,
        documents: Vec::new(),
        channel: Channel::BoardAndWeb,
        personal_data: false,
    }
}

fn full(number: u32) -> Notice {
    let german = [("de".to_owned(), "Bekanntmachung".to_owned())];
    let document = |media_type: &str, url: &str| Document {
        title: LanguageMap::czech("Příloha"),
        hash: None,
        missing: None,
        size_bytes: 1,
        media_type: Some(media_type.to_owned()),
        url: Url::parse(url).ok(),
        pages: Some(2),
        text: None,
        rendition: None,
        doubtful_pages: Vec::new(),
    };
    Notice {
        iri: Some(NoticeIri::new(format!(
            "https://obec.example/zdroj/deska/ř{number}"
        ))),
        url: Url::parse("https://obec.example/a|b?c[]=^{x}&d=%zz#e").ok(),
        title: german.into_iter().collect(),
        description: LanguageMap::czech("Popis"),
        posted: Moment::Date("2026-11-01".parse().expect("a day")),
        relevant_until: Moment::Instant("2026-11-25T16:00:00.5Z".parse().expect("an instant")),
        approved: Moment::Date("2026-10-31".parse().expect("a day")),
        reference_number: Some(ReferenceNumber::new("OU/1/26")),
        file_number: Some(FileNumber::new("S-OU/1/26")),
        categories: vec![LanguageMap::czech("Záměry"), LanguageMap::new()],
        originator: Some("Odbor dopravy".to_owned()),
        documents: vec![
            document("application/pdf", "https://obec.example/a.pdf"),
            document("not a type", "https://obec.example/b 2.pdf"),
            Document {
                title: LanguageMap::new(),
                hash: None,
                missing: None,
                size_bytes: 0,
                media_type: None,
                url: None,
                pages: None,
                text: None,
                rendition: None,
                doubtful_pages: Vec::new(),
            },
        ],
        personal_data: true,
        ..bare(number)
    }
}

#[test]
fn what_is_written_is_valid() {
    let Some(validator) = validator() else { return };
    let ico = Some("00258245".to_owned());
    let ovm = Some("06216111".to_owned());
    let mut odd = full(3);
    odd.iri = Some(NoticeIri::new("není to IRI"));
    odd.posted = Moment::Date(chrono::NaiveDate::MAX);
    odd.relevant_until = Moment::Instant(chrono::DateTime::<chrono::Utc>::MIN_UTC);
    let notices = [bare(1), full(2), odd];
    let notices: Vec<_> = notices.iter().collect();
    for operator in [
        Operator {
            ico: ico.clone(),
            ..Operator::default()
        },
        Operator {
            ovm: ovm.clone(),
            ..Operator::default()
        },
        Operator {
            ico,
            ovm,
            name: LanguageMap::czech("Dolní Lhota"),
        },
    ] {
        for notices in [&notices[..], &[]] {
            let written = ofn::write(&board(operator.clone()), notices, |_, document| {
                document.url.clone()
            })
            .expect("a board");
            assert_valid(
                &validator,
                &serde_json::from_str(&written).expect("it is JSON"),
            );
        }
    }
}

#[test]
fn the_check_itself_finds_faults() {
    let Some(validator) = validator() else { return };
    let operator = Operator {
        ico: Some("00258245".to_owned()),
        ..Operator::default()
    };
    let notice = full(1);
    let written = ofn::write(&board(operator), &[&notice], |_, document| {
        document.url.clone()
    })
    .expect("a board");
    let written: Value = serde_json::from_str(&written).expect("it is JSON");
    assert_valid(&validator, &written);
    let faults: [(&str, Value); 7] = [
        ("/iri", json!("není to IRI")),
        ("/provozovatel/ičo", json!("258245")),
        ("/informace/0/typ", json!("Informace na úřední desce")),
        ("/informace/0/název", json!("Záměr")),
        ("/informace/0/vyvěšení/datum", json!("2026-11-01T00:00:00")),
        (
            "/informace/0/relevantní_do/datum_a_čas",
            json!("2026-11-25T17:00:00"),
        ),
        (
            "/informace/0/dokument/0/typ_média",
            json!("application/pdf"),
        ),
    ];
    for (path, fault) in faults {
        let mut faulty = written.clone();
        *faulty.pointer_mut(path).expect("it is there") = fault;
        assert!(!validator.is_valid(&faulty), "{path}");
    }
}

#[test]
fn the_norms_own_examples_are_read() {
    let Some(folder) = reference::folder("ofn/examples") else {
        return;
    };
    for (name, notices) in [("1", 1), ("2", 1), ("3", 2), ("4", 2)] {
        let bytes = std::fs::read(folder.join(format!("{name}.jsonld"))).expect("it can be read");
        let url = Url::parse("https://obec.example/").expect("an address");
        let boards = ofn::read(&bytes, &url).expect("it is a feed");
        assert_eq!(boards[0].notices.len(), notices, "{name}");
        // The only warnings are about the Czech letters in their addresses.
        for warning in &boards[0].warnings {
            assert!(
                warning.message.contains("zakódovány"),
                "{name}: {warning:?}"
            );
        }
    }
}
