//! `docs/architecture.md` names places that exist.

use std::path::Path;

#[test]
fn the_places_of_the_rules_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/architecture.md")).expect("the page");
    let (_, table) = page
        .split_once("## Where is the rule?")
        .expect("the page ends with the list");
    let rows: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| Q") && !line.contains("---"))
        .collect();
    assert!(rows.len() >= 11, "{rows:#?}");
    for row in rows {
        let places: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
        assert!(!places.is_empty(), "{row}");
        for place in places {
            assert!(root.join(place).exists(), "{place} of {row}");
        }
    }
    let after = table.lines().rev().find(|line| !line.trim().is_empty());
    assert!(
        after.is_some_and(|line| line.starts_with('|')),
        "nothing follows the table"
    );
}
