//! `attention`: what waits for a person, and for how long it is listed.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use vyveska_board::{Clock as _, ClockBounds};
use vyveska_central::attention::{Waiting, gather};
use vyveska_central::storage::Drawing;

use crate::preparation::examine_as;
use crate::publisher::Publisher;
use crate::town::{Town, config, start_of_test};

/// Runs `attention` on the town's data, beside the service: its status and what it prints.
fn attention(town: &Town, options: &[&str]) -> (Option<i32>, String) {
    run(town, "attention", options)
}

/// Runs a command on the town's data, beside the service: its status and what it prints.
fn run(town: &Town, command: &str, options: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("central.toml");
    let text = format!("[service]\ndata = {:?}\n", town.data.path());
    std::fs::write(&config, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_vyveska-central"))
        .args([command, "--config"])
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
    assert_eq!(lines.len(), 4, "{printed}");
    assert_eq!(lines[0], "lipnice:");
    let held = "  held  lipnice  since=2026-11-21 13:15 CET  ";
    assert!(lines[1].starts_with(held), "{printed}");
    let missing = "  documents  lipnice  since=2026-11-21 13:00 CET  1 document could not";
    assert!(lines[2].starts_with(missing), "{printed}");
    assert!(lines[2].contains(" → have the publisher"), "{printed}");
    assert!(lines[3].starts_with("    /lipnice/notice/"), "{printed}");
    let reason = ": There is no file at the given address.";
    assert!(lines[3].ends_with(reason), "{printed}");

    let (status, listed) = run(&town, "held", &[]);
    assert_eq!(status, Some(0), "{listed}");
    for (printed, since) in [(lines[1], held), (&*listed, "since=2026-11-21 13:15 CET")] {
        assert!(printed.contains(since), "{printed}");
        let accept = "with `vyveska-central accept 1 --config /";
        assert!(printed.contains(accept), "{printed}");
        let whole = "central.toml`, which takes over the whole feed";
        assert!(printed.contains(whole), "{printed}");
    }

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
    let boards = gather(&storage, &config.boards, Path::new("central.toml"), now).await;
    let boards = boards.unwrap();
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
    let address = format!("„Příloha 0“, {}/files/0.pdf", town.publisher.base);
    assert_eq!(told.items, [address]);
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
async fn a_doubtful_end_is_told_with_its_title_until_it_is_mended_or_has_come() {
    let town = Town::quiet(4).await;
    let day = |day: &str| json!({ "typ": "Časový okamžik", "datum": day });
    town.publisher.edit(|shared| {
        let [several, described, ambiguous, _] = &mut shared.notices[..] else {
            panic!("four notices");
        };
        several["relevantní_do"] = json!([day("2026-12-06"), day("2026-12-09")]);
        described["popis"] = json!({ "cs": "Připomínky lze podat do 7. 12. 2026." });
        ambiguous["relevantní_do"] = json!("09/12/2026");
    });
    town.poll().await;
    let [told] = &waiting(&town, &town.clock.now()).await[..] else {
        panic!("all ends in one");
    };
    assert_eq!(
        (told.kind.as_str(), told.subject.as_str(), told.since),
        ("doubtful_ends", "lipnice", start_of_test())
    );
    let [several, described, ambiguous] = &told.items[..] else {
        panic!("{:?}", told.items);
    };
    for (n, item, words) in [
        (
            0,
            several,
            "relevantní_do: uvedeno více různých časů; platí nejpozdější (9. 12. 2026)",
        ),
        (
            1,
            described,
            "popis: uvádí jiný konec („do 7. 12. 2026“) než „relevantní_do“ (6. 12. 2026)",
        ),
        (
            2,
            ambiguous,
            "relevantní_do: nečitelné datum („09/12/2026“ je den i měsíc",
        ),
    ] {
        assert!(item.starts_with("/lipnice/notice/"), "{item}");
        assert!(item.contains(&format!("„Oznámení č. {n} ")), "{item}");
        assert!(item.contains(words), "{item}");
    }
    // A title may name people, and alarms are kept.
    let alarms = town.central.alarms().await.unwrap();
    assert_eq!(alarms.len(), 1);
    assert!(!alarms[0].message.contains("Oznámení"), "{alarms:?}");

    let later: DateTime<Utc> = "2026-12-08T12:00:00Z".parse().unwrap();
    let told = waiting(&town, &ClockBounds::exact(later)).await;
    assert_eq!(told[0].items, [several.clone(), ambiguous.clone()]);

    town.publisher.edit(|shared| {
        shared.notices[0]["relevantní_do"] = day("2026-12-09");
        shared.notices[1]["popis"]["cs"] = "Připomínky lze podat do 6. 12. 2026.".into();
        shared.notices[2]["relevantní_do"] = day("2026-12-09");
    });
    town.poll_after(15).await;
    assert_eq!(waiting(&town, &town.clock.now()).await, []);
}

#[tokio::test]
async fn that_nobody_compares_documents_is_told_once_for_the_service() {
    let publisher = Publisher::start(2).await;
    let feed = publisher.feed_url();
    let config = |data: &Path| config(data, &feed, "jury = \"off\"");
    let town = Town::with(publisher, config).await;
    town.poll().await;
    // As engines that were not complete said before.
    let record = json!({
        "engines": { "pages": "0.1.0-2", "mupdf": null, "poppler": null },
        "pages": [{ "verdict": "unchecked", "warnings": [] }],
    });
    for _ in 0..2 {
        examine_as(&town, &Drawing::default(), &record.to_string()).await;
    }
    let [told] = &waiting(&town, &town.clock.now()).await[..] else {
        panic!("neither each document nor each board is told");
    };
    assert_eq!(told.kind, "unchecked");
    assert!(told.message.contains("jury is \"off\""), "{}", told.message);
    assert!(
        told.remedy.contains("install mupdf-tools"),
        "{}",
        told.remedy
    );

    let clock = Arc::new(town.clock.clone());
    let town = town.restart(clock).await;
    let told = waiting(&town, &town.clock.now()).await;
    assert_eq!(told.len(), 1);
    assert!(told[0].message.starts_with("2 documents"), "{told:?}");
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
        ("unchecked", "documents")
    );
    assert!(told.message.starts_with("2 documents"), "{}", told.message);
    assert!(
        told.remedy.starts_with("install mupdf-tools, or"),
        "{}",
        told.remedy
    );
}
