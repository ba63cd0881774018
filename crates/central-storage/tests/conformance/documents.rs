//! Documents: which are fetched when, and what came of it.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::MissingReason;
use vyveska_central_storage::{DocumentResult, DocumentTask, HeldContent, SourceChanges, Storage};

use super::{address, content, revision, start, storage};

pub(super) async fn want(storage: &dyn Storage, source: &str, names: &[&str]) {
    let version = storage.source_state(source).await.unwrap().version;
    let changes = SourceChanges {
        documents: Some(names.iter().map(|name| address(name)).collect()),
        ..SourceChanges::default()
    };
    let applied = storage.apply(source, version, &changes, start());
    applied.await.unwrap();
}

/// The documents that are due, source by source.
async fn all_due(
    storage: &dyn Storage,
    now: DateTime<Utc>,
    latest: DateTime<Utc>,
) -> Vec<DocumentTask> {
    let mut all = Vec::new();
    for source in ["board:lipnice", "lipnice", "rolava"] {
        all.extend(storage.due(source, now, latest, 5000).await.unwrap());
    }
    all
}

/// The documents that are due, by the last part of their addresses.
async fn due(storage: &dyn Storage, now: DateTime<Utc>) -> Vec<String> {
    let due = all_due(storage, now, now + TimeDelta::days(2)).await;
    due.into_iter()
        .map(|task| task.url.path().trim_start_matches('/').to_owned())
        .collect()
}

/// The only document that is due.
async fn task(storage: &dyn Storage, now: DateTime<Utc>) -> DocumentTask {
    let mut due = all_due(storage, now, now).await;
    assert_eq!(due.len(), 1);
    due.remove(0)
}

fn fetched(content: HeldContent) -> DocumentResult {
    DocumentResult::Content {
        content,
        etag: Some("\"1\"".to_owned()),
    }
}

/// Has a wanted document fetched; it is due again a day later.
pub(super) async fn fetch(storage: &dyn Storage, source: &str, name: &str, content: &HeldContent) {
    let task = DocumentTask {
        source: source.to_owned(),
        url: address(name),
        held: None,
        missing: None,
        etag: None,
        failures: 0,
    };
    let next = start() + TimeDelta::days(1);
    let result = fetched(content.clone());
    let recorded = storage.record(&task, &result, start(), next, next);
    recorded.await.unwrap();
}

/// Polls a notice whose document is at this address, which is its newest revision's from the second poll on.
async fn poll_at(storage: &dyn Storage, name: &str) {
    let state = storage.source_state("lipnice").await.unwrap();
    let mut first = revision("a", "Dražba");
    first.facts.documents[0].url = Some(address(name));
    let mut changes = SourceChanges {
        documents: Some([address(name)].into()),
        ..SourceChanges::default()
    };
    match state.notices.first() {
        None => changes.added = vec![("a".to_owned(), first)],
        Some(known) => {
            let mut facts = known.facts.clone();
            let moved = facts.move_documents(&first.facts);
            assert_eq!(moved.len(), 1);
            changes.readdressed = vec![(known.id.clone(), facts, moved)];
        }
    }
    let applied = storage.apply("lipnice", state.version, &changes, start());
    applied.await.unwrap();
}

#[tokio::test]
async fn a_document_at_another_address_has_its_bytes_until_it_is_fetched_there() {
    let (storage, _database) = storage().await;
    poll_at(&*storage, "a?session=1").await;
    let (plan, other) = (content(b"a plan"), content(b"another plan"));
    fetch(&*storage, "lipnice", "a?session=1", &plan).await;
    for session in 2..4 {
        let name = format!("a?session={session}");
        poll_at(&*storage, &name).await;
        let current = storage.current_notices("lipnice").await.unwrap();
        let document = &current[0].facts.documents[0];
        assert_eq!(current[0].revision, 1);
        assert_eq!(document.url, Some(address(&name)));
        assert_eq!(document.published_url(), Some(&address("a?session=1")));
        // It is due at once, where it is now.
        let task = task(&*storage, start()).await;
        assert_eq!((task.url, task.held), (address(&name), Some(plan.clone())));
        assert_eq!(
            task.etag, None,
            "a mark of an address says nothing of another"
        );
    }
    // The same bytes are no change, others are.
    for (bytes, is_changed) in [(&plan, false), (&other, true)] {
        let task = task(&*storage, start()).await;
        let result = fetched(bytes.clone());
        let recorded = storage.record(&task, &result, start(), start(), start());
        assert_eq!(recorded.await.unwrap(), is_changed);
    }
}

#[tokio::test]
async fn only_wanted_documents_are_due_and_keep_what_is_known_of_them() {
    let (storage, _database) = storage().await;
    want(&*storage, "lipnice", &["a", "b"]).await;
    want(&*storage, "rolava", &["c"]).await;
    assert_eq!(due(&*storage, start()).await, ["a", "b", "c"]);
    let plan = content(b"a plan");
    fetch(&*storage, "lipnice", "a", &plan).await;
    want(&*storage, "lipnice", &["b"]).await;
    assert_eq!(due(&*storage, start()).await, ["b", "c"]);
    want(&*storage, "lipnice", &[]).await;
    assert_eq!(due(&*storage, start()).await, ["c"]);
    // Changes that say nothing of documents.
    let version = storage.source_state("rolava").await.unwrap().version;
    let nothing = SourceChanges::default();
    let applied = storage.apply("rolava", version, &nothing, start());
    applied.await.unwrap();
    assert_eq!(due(&*storage, start()).await, ["c"]);

    want(&*storage, "lipnice", &["a"]).await;
    assert_eq!(due(&*storage, start()).await, ["c"], "a was fetched");
    let contents = storage.contents("lipnice").await.unwrap();
    let expected = (address("a").to_string(), plan);
    assert_eq!(contents.into_iter().collect::<Vec<_>>(), [expected]);
    assert!(storage.contents("rolava").await.unwrap().is_empty());
}

#[tokio::test]
async fn what_was_never_fetched_comes_first_and_what_failed_often_last() {
    let (storage, _database) = storage().await;
    want(&*storage, "lipnice", &["held", "new", "failed"]).await;
    fetch(&*storage, "lipnice", "held", &content(b"held")).await;
    let failed = DocumentTask {
        source: "lipnice".to_owned(),
        url: address("failed"),
        held: None,
        missing: None,
        etag: None,
        failures: 0,
    };
    let error = DocumentResult::Failed {
        error: "503".to_owned(),
        reason: MissingReason::Unavailable,
    };
    for _ in 0..2 {
        let recorded = storage.record(&failed, &error, start(), start(), start());
        recorded.await.unwrap();
    }
    let tomorrow = start() + TimeDelta::days(1);
    assert_eq!(due(&*storage, tomorrow).await, ["new", "failed", "held"]);
    let two = storage.due("lipnice", tomorrow, tomorrow, 2).await.unwrap();
    assert_eq!(two.len(), 2);
    assert_eq!(two[1].failures, 2);
}

#[tokio::test]
async fn the_result_of_an_attempt_is_the_next_ones_task() {
    let (storage, _database) = storage().await;
    want(&*storage, "lipnice", &["a"]).await;
    let mut now = start();
    let first = task(&*storage, now).await;
    assert_eq!((first.held.as_ref(), first.failures), (None, 0));
    let plan = content(b"a plan");
    let mut record = async |result: DocumentResult| {
        let next = now + TimeDelta::hours(1);
        let recorded = storage.record(&first, &result, now, next, next);
        recorded.await.unwrap();
        assert_eq!(all_due(&*storage, now, next).await, []);
        now = next;
        task(&*storage, now).await
    };
    let held = record(fetched(plan.clone())).await;
    assert_eq!(held.held.as_ref(), Some(&plan));
    assert_eq!(held.etag.as_deref(), Some("\"1\""));
    let failed = record(DocumentResult::Failed {
        error: "503".to_owned(),
        reason: MissingReason::Unavailable,
    })
    .await;
    assert_eq!((failed.held.as_ref(), failed.failures), (Some(&plan), 1));
    assert_eq!(failed.missing, Some(MissingReason::Unavailable));
    let unchanged = record(DocumentResult::NotModified).await;
    assert_eq!(unchanged, held);
    let nothing = HeldContent {
        media_type: None,
        ..content(b"")
    };
    let replaced = record(DocumentResult::Content {
        content: nothing.clone(),
        etag: None,
    })
    .await;
    assert_eq!(replaced.held, Some(nothing));
    assert_eq!((replaced.etag, replaced.missing), (None, None));
}

#[tokio::test]
async fn why_a_document_cannot_be_fetched_is_kept_while_it_is_wanted_and_until_it_can() {
    let (storage, _database) = storage().await;
    want(&*storage, "lipnice", &["gone", "held", "unwanted"]).await;
    want(&*storage, "rolava", &["other"]).await;
    fetch(&*storage, "lipnice", "held", &content(b"held")).await;
    for task in all_due(&*storage, start(), start()).await {
        let result = DocumentResult::Failed {
            error: "404".to_owned(),
            reason: MissingReason::NotFound,
        };
        let recorded = storage.record(&task, &result, start(), start(), start());
        recorded.await.unwrap();
    }
    want(&*storage, "lipnice", &["gone", "held"]).await;
    let missing = storage.missing("lipnice").await.unwrap();
    let expected =
        ["gone", "held"].map(|name| (address(name).to_string(), MissingReason::NotFound));
    assert_eq!(missing.into_iter().collect::<Vec<_>>(), expected);
    for name in ["gone", "held"] {
        fetch(&*storage, "lipnice", name, &content(b"found")).await;
    }
    assert!(storage.missing("lipnice").await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_due_by_a_clock_ahead_is_due_once_it_is_mended() {
    let (storage, _database) = storage().await;
    want(&*storage, "lipnice", &["a"]).await;
    let mended = start() - TimeDelta::days(365);
    let due = async |latest| all_due(&*storage, mended, latest).await.len();
    assert_eq!(due(mended + TimeDelta::days(1)).await, 1);
    assert_eq!(due(start()).await, 0);
}

#[tokio::test]
async fn the_next_document_that_is_wanted_says_when_its_source_is_due() {
    let (storage, _database) = storage().await;
    let next = async || storage.next_due("lipnice").await.unwrap();
    assert_eq!(next().await, None);
    want(&*storage, "lipnice", &["a", "b"]).await;
    want(&*storage, "rolava", &["c"]).await;
    fetch(&*storage, "lipnice", "a", &content(b"a plan")).await;
    assert_eq!(next().await, Some(start()));
    want(&*storage, "lipnice", &["a"]).await;
    assert_eq!(next().await, Some(start() + TimeDelta::days(1)));
    want(&*storage, "lipnice", &[]).await;
    assert_eq!(next().await, None);
}

#[tokio::test]
async fn a_result_is_a_change_where_the_bytes_or_the_reason_why_there_are_none_are_others() {
    let (storage, _database) = storage().await;
    want(&*storage, "lipnice", &["a"]).await;
    let task = task(&*storage, start()).await;
    let record = async |result: &DocumentResult| {
        let recorded = storage.record(&task, result, start(), start(), start());
        recorded.await.unwrap()
    };
    let failed = |reason| DocumentResult::Failed {
        error: "no".to_owned(),
        reason,
    };
    let [plan, map] = [b"a plan", b"a maps"].map(|bytes| fetched(content(bytes)));
    for (result, is_change) in [
        (failed(MissingReason::NotFound), true),
        (failed(MissingReason::NotFound), false),
        (failed(MissingReason::Unavailable), true),
        (plan.clone(), true),
        (plan.clone(), false),
        (DocumentResult::NotModified, false),
        (map, true),
        (failed(MissingReason::Unavailable), true),
        (DocumentResult::NotModified, true),
    ] {
        assert_eq!(record(&result).await, is_change, "{result:?}");
    }
    want(&*storage, "lipnice", &[]).await;
    assert!(!record(&plan).await, "no notice has it any more");
}

#[tokio::test]
async fn a_boards_own_documents_are_never_fetched() {
    let (storage, _database) = storage().await;
    let source = "board:lipnice";
    let register = async |documents: &[HeldContent]| {
        let registered = storage.register_documents(source, documents, start());
        registered.await.unwrap();
        let contents = storage.contents(source).await.unwrap();
        contents.into_values().collect::<Vec<_>>()
    };
    let plan = content(b"a plan");
    let twice = [plan.clone(), plan.clone()];
    assert_eq!(register(&twice).await, twice[..1]);
    let lost = BTreeSet::from([plan.hash.0]);
    storage.requeue_lost_content(&lost, start()).await.unwrap();
    let later = start() + TimeDelta::days(36_500);
    assert_eq!(all_due(&*storage, later, later).await, []);
    assert_eq!(storage.next_due(source).await.unwrap(), None);
    let map = content(b"a map");
    assert_eq!(register(std::slice::from_ref(&map)).await, [map]);
    assert_eq!(register(&[]).await, []);
}

#[tokio::test]
async fn lost_bytes_are_fetched_again_at_once() {
    let (storage, _database) = storage().await;
    want(&*storage, "lipnice", &["lost", "whole"]).await;
    let lost = content(b"lost");
    fetch(&*storage, "lipnice", "lost", &lost).await;
    fetch(&*storage, "lipnice", "whole", &content(b"whole")).await;
    assert_eq!(due(&*storage, start()).await, [""; 0]);
    let hashes = BTreeSet::from([lost.hash.0]);
    let requeued = storage.requeue_lost_content(&hashes, start());
    requeued.await.unwrap();
    assert_eq!(due(&*storage, start()).await, ["lost"]);
}

#[tokio::test]
async fn thousands_of_documents_are_wanted_at_once() {
    let (storage, _database) = storage().await;
    let names: Vec<String> = (0..3000).map(|n| format!("{n}?a=\"b\"&č")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    want(&*storage, "lipnice", &names).await;
    want(&*storage, "lipnice", &names[1..]).await;
    let due = all_due(&*storage, start(), start()).await;
    let urls: BTreeSet<_> = due.into_iter().map(|task| task.url).collect();
    let expected: BTreeSet<_> = names[1..].iter().map(|name| address(name)).collect();
    assert_eq!(urls, expected);
}
