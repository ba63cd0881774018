//! What is no longer needed.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::DocumentHash;
use vyveska_central_storage::{
    AlarmSubject, Drawing, FetchState, HeldContent, HoldOutcome, HoldReason, HoldRecord,
    NewPublication, OpenHold, PreparationResult, PreparationStage, ServiceStorage, SourceChanges,
    Storage,
};
use vyveska_wire::manifest::ContentRef;

use super::documents::{fetch, want};
use super::{add, content, id, lease_time, manifest, revision, sections, start, storage};

fn hash(bytes: &[u8]) -> DocumentHash {
    ContentRef::to(bytes).hash.0
}

fn days(count: i64) -> DateTime<Utc> {
    start() + TimeDelta::days(count)
}

async fn publish(
    storage: &dyn Storage,
    board: &str,
    content: Vec<HeldContent>,
    now: DateTime<Utc>,
) -> i64 {
    let before = storage.publication(board).await.unwrap();
    let after = before.map_or(0, |publication| publication.id);
    let new = NewPublication {
        after,
        sections: sections(b"notices"),
        manifest: manifest(u64::try_from(after).unwrap() + 1),
        changes_at: None,
        content,
        revisions: Vec::new(),
    };
    storage.publish(board, &new, now).await.unwrap().id
}

async fn apply(storage: &dyn Storage, changes: &SourceChanges) {
    let version = storage.source_state("lipnice").await.unwrap().version;
    let applied = storage.apply("lipnice", version, changes, start());
    applied.await.unwrap();
}

#[tokio::test]
async fn old_publications_go_with_their_manifests_but_for_the_newest_of_each_board() {
    let (storage, _database) = storage().await;
    let mut newest = 0;
    for day in 0..6 {
        newest = publish(&*storage, "lipnice", vec![content(b"a plan")], days(day)).await;
    }
    publish(&*storage, "rolava", vec![content(b"a map")], start()).await;
    let forget = async |before, limit| storage.forget_publications(before, limit).await.unwrap();
    assert_eq!(forget(start(), 500).await, 0, "none is older");
    assert_eq!(forget(days(2), 500).await, 2);
    assert_eq!(forget(days(100), 0).await, 0);
    assert_eq!(forget(days(100), 500).await, 1, "three can be fetched");
    assert_eq!(forget(days(100), 500).await, 0);
    let publication = storage.publication("lipnice").await.unwrap().unwrap();
    let manifest = storage.manifest("lipnice").await.unwrap().unwrap();
    assert_eq!((publication.id, manifest.publication), (newest, newest));
    for (board, bytes) in [("lipnice", &b"a plan"[..]), ("rolava", &b"a map"[..])] {
        let named = storage.named_content(board, hash(bytes)).await.unwrap();
        assert_eq!(named, Some(content(bytes)));
    }
}

#[tokio::test]
async fn a_revision_that_was_published_stays_and_one_that_never_was_goes_when_it_is_replaced() {
    let (storage, _database) = storage().await;
    add(&*storage, "lipnice", &["a"]).await;
    let published = NewPublication {
        after: 0,
        sections: sections(b"notices"),
        manifest: manifest(1),
        changes_at: None,
        content: Vec::new(),
        revisions: vec![(id("a"), 1)],
    };
    let published = storage.publish("lipnice", &published, start());
    published.await.unwrap();
    for title in ["second", "third"] {
        let changes = SourceChanges {
            revised: vec![revision("a", title)],
            ..SourceChanges::default()
        };
        apply(&*storage, &changes).await;
    }
    let forget = async |before, limit| storage.forget_revisions(before, limit).await.unwrap();
    assert_eq!(forget(start(), 500).await, 0, "none is older");
    assert_eq!(forget(days(1), 0).await, 0);
    assert_eq!(forget(days(1), 500).await, 1);
    assert_eq!(forget(days(1), 500).await, 0);
    let current = storage.current_notices("lipnice").await.unwrap();
    assert_eq!((current.len(), current[0].revision), (1, 3));
    assert_eq!(current[0].raw, revision("a", "third").raw);
}

#[tokio::test]
async fn documents_go_some_time_after_nothing_wants_them() {
    let (storage, _database) = storage().await;
    want(&*storage, "lipnice", &["a", "b", "c"]).await;
    for name in ["a", "b", "c"] {
        // Due a day later, which says nothing of when it was last wanted.
        fetch(&*storage, "lipnice", name, &content(name.as_bytes())).await;
    }
    want(&*storage, "lipnice", &["a"]).await;
    let forget = async |before, limit| storage.forget_documents(before, limit).await.unwrap();
    assert_eq!(forget(start(), 500).await, 0, "all were wanted before");
    assert_eq!(forget(days(1), 1).await, 1);
    let left = storage.contents("lipnice").await.unwrap();
    assert_eq!(left.len(), 2);
    assert_eq!(forget(days(1), 500).await, 1);
    let left = storage.contents("lipnice").await.unwrap();
    assert_eq!(left.into_values().collect::<Vec<_>>(), [content(b"a")]);
}

#[tokio::test]
async fn an_instant_that_is_still_to_come_does_not_keep_a_document_longer() {
    let (storage, _database) = storage().await;
    want(&*storage, "lipnice", &["a"]).await;
    // By a clock that was ahead.
    let changes = SourceChanges {
        documents: Some(BTreeSet::new()),
        ..SourceChanges::default()
    };
    let version = storage.source_state("lipnice").await.unwrap().version;
    let applied = storage.apply("lipnice", version, &changes, days(365));
    applied.await.unwrap();
    let forget = async |before| storage.forget_documents(before, 500).await.unwrap();
    assert_eq!(forget(days(1)).await, 0);
    want(&*storage, "lipnice", &[]).await;
    assert_eq!(forget(days(1)).await, 1);
}

pub(super) fn hold(snapshot: DocumentHash) -> HoldRecord {
    HoldRecord {
        hold: OpenHold {
            reason: HoldReason::Empty,
            gone: BTreeSet::new(),
            blanked: BTreeSet::new(),
            opened_at: start(),
            since: start(),
            polls: 1,
        },
        message: "the feed is empty".to_owned(),
        snapshot,
    }
}

#[tokio::test]
async fn closed_holds_and_alarms_go_and_open_ones_stay() {
    let (storage, _database) = storage().await;
    for outcome in [None, Some(HoldOutcome::Healed)] {
        let changes = SourceChanges {
            close_hold: outcome,
            hold: Some(hold(hash(b"feed"))),
            ..SourceChanges::default()
        };
        apply(&*storage, &changes).await;
    }
    for kind in ["budget", "clock"] {
        let raised = storage.raise_alarm(
            kind,
            AlarmSubject::Source("lipnice"),
            "look into it",
            start(),
        );
        assert!(raised.await.unwrap());
    }
    let cleared = storage.clear_alarm("budget", "lipnice", start());
    cleared.await.unwrap();
    let forget = async |before| storage.forget_closed(before, 500).await.unwrap();
    assert_eq!(forget(start()).await, 0, "none was closed before");
    assert_eq!(forget(days(1)).await, 2);
    assert_eq!(forget(days(1)).await, 0);
    assert_eq!(storage.held().await.unwrap().len(), 1);
    let alarms = storage.alarms().await.unwrap();
    assert!(alarms.len() == 1 && alarms[0].is("clock", "lipnice"));
}

fn hashes(all: &[&[u8]]) -> BTreeSet<DocumentHash> {
    all.iter().map(|bytes| hash(bytes)).collect()
}

/// Has a text and a rendition made of the only document that waits.
async fn prepare(storage: &dyn ServiceStorage, text: &[u8], rendition: &[u8]) {
    let claim = async |stage| {
        let claimed = storage.claim_preparation(stage, 1, lease_time(start()));
        claimed.await.unwrap().unwrap()
    };
    let result = PreparationResult::Made {
        pages: 1,
        text: Some(ContentRef::to(text)),
        recognise: false,
    };
    let task = claim(PreparationStage::Text).await;
    let recorded = storage.record_preparation(&task, 1, &result, start(), start());
    recorded.await.unwrap();
    let drawing = Drawing {
        rendition: Some(ContentRef::to(rendition)),
        doubtful_pages: Vec::new(),
    };
    let task = claim(PreparationStage::Drawing).await;
    let drawing = Some(&drawing);
    let recorded = storage.record_drawing(&task, 1, drawing, "{}", start(), start());
    recorded.await.unwrap();
}

#[tokio::test]
async fn bytes_that_anything_names_stay() {
    let (storage, _database) = storage().await;
    publish(&*storage, "lipnice", vec![content(b"section")], start()).await;
    want(&*storage, "lipnice", &["wanted"]).await;
    fetch(&*storage, "lipnice", "wanted", &content(b"wanted")).await;
    prepare(&*storage, b"text", b"rendition").await;
    want(&*storage, "rolava", &["unwanted"]).await;
    fetch(&*storage, "rolava", "unwanted", &content(b"unwanted")).await;
    want(&*storage, "rolava", &[]).await;
    add(&*storage, "lipnice", &["live", "ended"]).await;
    for (name, bytes) in [("live", &b"hanging"[..]), ("ended", &b"hung"[..])] {
        let (notice, contents) = (id(name), [Some(content(bytes))]);
        let set = storage.set_contents(&notice, 1, &contents);
        set.await.unwrap();
    }
    let changes = SourceChanges {
        ended: vec![id("ended")],
        hold: Some(hold(hash(b"held feed"))),
        ..SourceChanges::default()
    };
    apply(&*storage, &changes).await;
    let fetched = FetchState {
        snapshot: Some(hash(b"feed")),
        ..FetchState::default()
    };
    storage.set_fetch_state("lipnice", &fetched).await.unwrap();

    let named: [&[u8]; 8] = [
        b"section",
        b"wanted",
        b"text",
        b"rendition",
        b"unwanted",
        b"hanging",
        b"held feed",
        b"feed",
    ];
    let unnamed: [&[u8]; 2] = [b"hung", b"orphan"];
    let stored = hashes(&[&named[..], &unnamed[..]].concat());
    let unnamed_at = async |now, before| {
        let found = storage.unnamed_content(&stored, now, before);
        found.await.unwrap()
    };
    let none = BTreeSet::new();
    assert_eq!(unnamed_at(start(), days(-7)).await, none, "just noticed");
    assert_eq!(unnamed_at(days(6), days(-1)).await, none);
    assert_eq!(unnamed_at(days(7), start()).await, hashes(&unnamed));
    // Another part of the store concerns none of these.
    let other = hashes(&[b"other"]);
    let found = storage.unnamed_content(&other, days(7), start());
    assert_eq!(found.await.unwrap(), none);

    let healed = SourceChanges {
        close_hold: Some(HoldOutcome::Healed),
        ..SourceChanges::default()
    };
    apply(&*storage, &healed).await;
    unnamed_at(days(7), start()).await;
    let expected = hashes(&[b"hung", b"orphan", b"held feed"]);
    assert_eq!(unnamed_at(days(14), days(7)).await, expected);
}

#[tokio::test]
async fn bytes_that_are_named_again_and_deleted_ones_begin_anew() {
    let (storage, _database) = storage().await;
    let stored = hashes(&[b"plan", b"text", b"rendition"]);
    let unnamed_at = async |now, before| {
        let found = storage.unnamed_content(&stored, now, before);
        found.await.unwrap()
    };
    let none = BTreeSet::new();
    // By a clock that was ahead.
    unnamed_at(days(365), days(358)).await;
    unnamed_at(start(), days(-7)).await;
    assert_eq!(unnamed_at(days(7), start()).await, stored);
    want(&*storage, "lipnice", &["plan"]).await;
    fetch(&*storage, "lipnice", "plan", &content(b"plan")).await;
    prepare(&*storage, b"text", b"rendition").await;
    assert_eq!(unnamed_at(days(7), start()).await, none);
    want(&*storage, "lipnice", &[]).await;
    storage.forget_documents(days(30), 1).await.unwrap();
    let plan = hashes(&[b"plan"]);
    assert_eq!(unnamed_at(days(7), start()).await, none);
    assert_eq!(unnamed_at(days(14), days(7)).await, plan);
    assert!(storage.forget_content(hash(b"plan")).await.unwrap());
    // What was made of it is named by nothing from now on.
    assert_eq!(unnamed_at(days(14), days(7)).await, none);
    assert_eq!(unnamed_at(days(21), days(14)).await, stored);
}

#[tokio::test]
async fn bytes_that_come_to_be_named_before_they_are_deleted_stay() {
    let (storage, _database) = storage().await;
    let plan = hashes(&[b"plan"]);
    for (now, expected) in [(start(), BTreeSet::new()), (days(7), plan.clone())] {
        let found = storage.unnamed_content(&plan, now, now - TimeDelta::days(7));
        assert_eq!(found.await.unwrap(), expected);
    }
    want(&*storage, "lipnice", &["plan"]).await;
    fetch(&*storage, "lipnice", "plan", &content(b"plan")).await;
    prepare(&*storage, b"text", b"rendition").await;
    for named in [&b"plan"[..], b"text", b"rendition"] {
        assert!(!storage.forget_content(hash(named)).await.unwrap());
    }
    assert_eq!(storage.preparations("lipnice").await.unwrap().len(), 1);
}
