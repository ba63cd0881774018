//! The feed against the published JSON Schemas, which are beside the repository, not in it.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::collections::HashMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use jsonschema::{Draft, Retrieve, Uri};
use serde_json::{Value, json};
use vyveska_sample_town::{SampleTown, feed::feed};

const BOARD: &str = "úřední-desky/2021-07-20/schémata/úřední-deska.json";

fn json_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            json_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "json") {
            found.push(path);
        }
    }
}

/// The schemas refer to each other with Czech letters, which the schema registry expects percent-encoded.
fn encode_names(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(name) if key == "$id" || key == "$ref" => {
                        *name = percent_encoded(name)
                    }
                    value => encode_names(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(encode_names),
        _ => {}
    }
}

fn percent_encoded(name: &str) -> String {
    name.bytes()
        .map(|b| {
            if b.is_ascii() {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

/// The schemas by name; the missing ones describe geometry, which the feed does not use.
struct Schemas(HashMap<String, Value>);

impl Retrieve for Schemas {
    fn retrieve(&self, name: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        match self.0.get(name.as_str()) {
            Some(schema) => Ok(schema.clone()),
            None if name.as_str().ends_with("/geojson.json") => Ok(json!({"type": "object"})),
            None => Err(format!("{name} is not among the schemas").into()),
        }
    }
}

#[test]
fn the_feed_is_valid_against_the_published_schemas() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/ofn/schemas");
    if !folder.is_dir() {
        println!("The published schemas are not here, so the feed was not validated against them.");
        return;
    }
    let mut paths = Vec::new();
    json_files(&folder, &mut paths);
    let mut schemas = HashMap::new();
    let mut board = None;
    for path in paths {
        let mut schema: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        encode_names(&mut schema);
        if path.ends_with(BOARD) {
            board = Some(schema.clone());
        }
        schemas.insert(schema["$id"].as_str().unwrap().to_owned(), schema);
    }
    let validator = jsonschema::options()
        .with_draft(Draft::Draft201909)
        .with_retriever(Schemas(schemas))
        .should_validate_formats(true)
        .build(&board.unwrap())
        .unwrap();
    let town = SampleTown::load().unwrap();
    for today in ["2026-11-21", "2028-02-29"] {
        let feed = feed(&town, today.parse().unwrap(), "http://127.0.0.1:8040");
        let faults: Vec<_> = validator
            .iter_errors(&feed)
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{faults:#?}");
        let mut wrong = feed.clone();
        wrong["informace"][0]["vyvěšení"] = Value::from("21. 11. 2026");
        assert!(!validator.is_valid(&wrong));
    }
}
