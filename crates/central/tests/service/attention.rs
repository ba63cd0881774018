//! `attention`: what waits for a person, and for how long it is listed.

use std::process::Command;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use vyveska_board::{Clock as _, ClockBounds};
use vyveska_central::attention::{Waiting, gather};
use vyveska_central::storage::Drawing;

use crate::preparation::examine_as;
use crate::town::{Town, config};

/// Runs `attention` on the town's data, beside the service: its status and what it prints.
fn attention(town: &Town, options: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("central.toml");
    let text = format!("[service]\ndata = {:?}\n", town.data.path());
    std::fs::write(&config, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_vyveska-central"))
        .args(["attention", "--config"])
        .arg(&config)
        .args(options)
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(errors, "");
    (output.status.code(), printed)
}

#[tokio::test]
async fn what_waits_is_listed_board_by_board_until_it_is_done() {
    let town = Town::quiet(3).await;
    let mut document = None;
    town.publisher
        .edit(|shared| document = shared.documents.remove("2.pdf"));
    town.poll().await;
    let mut notices = Vec::new();
    town.publisher
        .edit(|shared| notices = std::mem::take(&mut shared.notices));
    town.poll_after(15).await;

    let (status, printed) = attention(&town, &[]);
    assert_eq!(status, Some(3), "{printed}");
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 3, "{printed}");
    assert_eq!(lines[0], "lipnice:");
    let held = "  held  lipnice  since=2026-11-21 13:15  ";
    assert!(lines[1].starts_with(held), "{printed}");
    assert!(
        lines[1].ends_with("`vyveska-central accept 1`"),
        "{printed}"
    );
    let missing = "  documents  lipnice  since=2026-11-21 13:00  1 documents could not";
    assert!(lines[2].starts_with(missing), "{printed}");
    assert!(lines[2].contains(" → have the publisher"), "{printed}");

    let (status, printed) = attention(&town, &["--json"]);
    assert_eq!(status, Some(3), "{printed}");
    let report: Value = serde_json::from_str(&printed).unwrap();
    let [board] = &report["boards"].as_array().unwrap()[..] else {
        panic!("nothing waits in the other town: {printed}");
    };
    assert_eq!(board["board"], "lipnice");
    let kinds: Vec<&Value> = (0..2).map(|n| &board["waiting"][n]["kind"]).collect();
    assert_eq!(kinds, ["held", "documents"]);
    assert_eq!(board["waiting"][0]["since"], "2026-11-21T12:15:00Z");

    town.publisher.edit(|shared| {
        shared.notices = notices;
        shared
            .documents
            .extend([("2.pdf".to_owned(), document.unwrap())]);
    });
    town.poll_after(25 * 60).await;
    let nothing = "nothing waits for a person\n".to_owned();
    assert_eq!(attention(&town, &[]), (Some(0), nothing));
    let nothing = "{\"boards\":[]}\n".to_owned();
    assert_eq!(attention(&town, &["--json"]), (Some(0), nothing));
}

/// What waits on the town's board at this time, as the service sees it.
async fn waiting(town: &Town, now: &ClockBounds) -> Vec<Waiting> {
    let config = config(town.data.path(), &town.publisher.feed_url(), "");
    let storage = town.storage().await;
    let boards = gather(&storage, &config.boards, now).await.unwrap();
    boards.into_iter().flat_map(|board| board.waiting).collect()
}

#[tokio::test]
async fn what_engines_noticed_of_a_document_is_told_page_by_page_until_its_notice_ends() {
    let town = Town::posting(1).await;
    assert_eq!(waiting(&town, &town.clock.now()).await, []);
    let record = json!({
        "engines": { "pages": "0.1.0-2", "mupdf": "1.21.1", "poppler": "22.12.0" },
        "kind": "pdf",
        "warnings": ["foreign_head"],
        "pages": [
            { "verdict": "agreed", "warnings": ["letters_hidden"] },
            { "verdict": "disputed", "warnings": ["letters_missing"] },
            { "verdict": "rendition", "warnings": ["picture_missing"] },
            { "verdict": "disputed", "warnings": [] },
        ],
    });
    let drawing = Drawing {
        rendition: None,
        doubtful_pages: vec![2, 4],
    };
    examine_as(&town, &drawing, &record.to_string()).await;
    let examined = town.clock.now();
    town.poll_after(15).await;

    let [told] = &waiting(&town, &town.clock.now()).await[..] else {
        panic!("the document, and no alarm beside it");
    };
    assert_eq!(
        (told.kind.as_str(), told.since),
        ("document", examined.earliest)
    );
    let place = told.subject.strip_prefix("/lipnice/notice/").unwrap();
    assert!(place.ends_with(", attachment 1"), "{place}");
    assert_eq!(
        told.message,
        "other bytes come before the document in its file; \
         displays may show pages 2, 4 wrong, and say so; \
         pages 2, 4: no two engines draw the same; \
         page 1: letters that nobody sees can be read in the file, as under a black bar; \
         page 2: letters are missing, because their font lacks them"
    );
    assert_eq!(
        told.remedy,
        "publish it anew as a plain PDF; if they are secret, publish it anew without them; \
         publish it with its fonts embedded"
    );

    let after: DateTime<Utc> = "2026-12-07T12:00:00Z".parse().unwrap();
    assert_eq!(waiting(&town, &ClockBounds::exact(after)).await, []);
}

#[tokio::test]
async fn documents_that_were_not_compared_are_told_together() {
    let town = Town::posting(2).await;
    let record = json!({
        "engines": { "pages": "0.1.0-2", "mupdf": null, "poppler": "22.12.0" },
        "pages": [{ "verdict": "unchecked", "warnings": [] }],
    });
    for _ in 0..2 {
        examine_as(&town, &Drawing::default(), &record.to_string()).await;
    }
    let [told] = &waiting(&town, &town.clock.now()).await[..] else {
        panic!("both documents in one");
    };
    assert_eq!(
        (told.kind.as_str(), told.subject.as_str()),
        ("unchecked", "lipnice")
    );
    assert!(told.message.starts_with("2 documents"), "{}", told.message);
    assert!(
        told.remedy.starts_with("install mupdf-tools, or"),
        "{}",
        told.remedy
    );
}
