//! `attention`: what waits for a person, and for how long it is listed.

use std::process::Command;

use serde_json::Value;

use crate::town::Town;

/// Runs `attention` on the town's data, beside the service: its status and what it prints.
fn attention(town: &Town, options: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("central.toml");
    let text = format!(
        r#"
        [service]
        data = "{}"
        [[boards]]
        id = "rolava"
        town = "Rolava"
        web_address = "rolava.example/deska"
        [[boards]]
        id = "lipnice"
        town = "Město Lipnice nad Rolavou"
        web_address = "lipnice.example/deska"
        [[boards.sources]]
        kind = "ofn"
        url = "{}"
        "#,
        town.data.path().display(),
        town.publisher.feed_url()
    );
    std::fs::write(&config, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_vyveska-central"))
        .args(["attention", "--config"])
        .arg(&config)
        .args(options)
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
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
