//! What is no longer needed.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::DocumentHash;
use vyveska_central_storage::{
    AlarmSubject, Drawing, FetchState, HeldContent, HoldOutcome, HoldReason, HoldRecord,
    NewPublication, OpenHold, PreparationResult, PreparationStage, RevisionContents,
    ServiceStorage, SourceChanges, Storage, StoredBoard,
};
use vyveska_wire::manifest::ContentRef;

use super::boards::{board, save};
use super::documents::{fetch, want};
use super::{
    add, content, id, lease_time, manifest, revision, sections, set_contents, start, storage,
};

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
async fn sources_with_live_notices_are_told_with_whether_they_are_in_service() {
    let (storage, _database) = storage().await;
    let closed = StoredBoard {
        enabled: false,
        ..board("rolava", "rolava", &["r"])
    };
    let mut lipnice = board("lipnice", "lipnice", &["a", "b", "ended", "none"]);
    lipnice.sources[1].enabled = false;
    save(&*storage, &[&lipnice, &closed]).await;
    for source in ["a", "b", "ended", "r", "unknown"] {
        add(&*storage, source, &[&format!("of {source}")]).await;
    }
    let changes = SourceChanges {
        ended: vec![id("of ended")],
        ..SourceChanges::default()
    };
    let applied = storage.apply("ended", 1, &changes, start());
    applied.await.unwrap();
    let sources = storage.live_sources().await.unwrap();
    let expected = [("a", true), ("b", false), ("r", false), ("unknown", false)];
    let expected = expected.map(|(source, is_in_service)| (source.to_owned(), is_in_service));
    assert_eq!(sources, expected.into());
}

#[tokio::test]
async fn publications_go_with_their_manifests_some_time_after_they_were_replaced() {
    let (storage, _database) = storage().await;
    let boards = ["lipnice", "rolava"].map(|id| board(id, id, &[]));
    save(&*storage, &[&boards[0], &boards[1]]).await;
    let mut newest = 0;
    for day in 0..6 {
        newest = publish(&*storage, "lipnice", vec![content(b"a plan")], days(day)).await;
    }
    publish(&*storage, "rolava", vec![content(b"a map")], start()).await;
    let forget = async |before, limit| storage.forget_publications(before, limit).await.unwrap();
    assert_eq!(forget(start(), 500).await, 0, "none was replaced by then");
    assert_eq!(forget(days(2), 500).await, 2);
    assert_eq!(forget(days(100), 0).await, 0);
    assert_eq!(forget(days(100), 500).await, 3);
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
async fn all_publications_of_a_board_go_some_time_after_it_left_service() {
    let (storage, _database) = storage().await;
    let mut lipnice = board("lipnice", "lipnice", &["a"]);
    let rolava = board("rolava", "rolava", &["r"]);
    save(&*storage, &[&lipnice, &rolava]).await;
    for board in ["lipnice", "rolava"] {
        publish(&*storage, board, vec![content(b"a plan")], days(-100)).await;
    }
    let forget = async |before| storage.forget_publications(before, 500).await.unwrap();
    lipnice.enabled = false;
    save(&*storage, &[&lipnice]).await;
    // By a clock that was ahead when it was last started.
    storage.close_disabled(days(-1)).await.unwrap();
    storage.close_disabled(days(1)).await.unwrap();
    assert_eq!(forget(days(-2)).await, 0);
    lipnice.enabled = true;
    save(&*storage, &[&lipnice]).await;
    assert_eq!(forget(days(100)).await, 0);
    lipnice.enabled = false;
    save(&*storage, &[&lipnice]).await;
    assert_eq!(forget(days(-1)).await, 0);
    assert_eq!(forget(start()).await, 1);
    let left = storage.publication("rolava").await.unwrap();
    assert!(left.is_some());
    assert_eq!(storage.publication("lipnice").await.unwrap(), None);
    assert_eq!(storage.manifest("lipnice").await.unwrap(), None);
}

#[tokio::test]
async fn what_a_publication_names_can_be_fetched_for_some_time_after_the_next_one() {
    let (storage, _database) = storage().await;
    for (day, bytes) in [(0, b"first"), (30, b"other"), (60, b"newer")] {
        publish(&*storage, "lipnice", vec![content(bytes)], days(day)).await;
    }
    publish(&*storage, "rolava", vec![content(b"a map")], start()).await;
    let named = async |board: &'static str, bytes: &[u8]| {
        let named = storage.named_content(board, hash(bytes)).await.unwrap();
        named.is_some()
    };
    for (replaced_before, left) in [
        (days(30), [true, true, true]),
        (days(31), [false, true, true]),
        (days(60), [false, true, true]),
        (days(365), [false, false, true]),
    ] {
        let forgotten = storage.forget_replaced_content(replaced_before);
        forgotten.await.unwrap();
        for (bytes, is_left) in [b"first", b"other", b"newer"].into_iter().zip(left) {
            assert_eq!(named("lipnice", bytes).await, is_left, "{replaced_before}");
        }
        assert!(named("rolava", b"a map").await);
    }
    assert!(storage.publication("lipnice").await.unwrap().is_some());
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
        revisions: vec![RevisionContents {
            notice: id("a"),
            number: 1,
            contents: vec![None],
        }],
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
    assert_eq!(current[0].facts, revision("a", "third").facts);
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

/// As those of a source that another replaced, until what is published of it leaves.
#[tokio::test]
async fn documents_that_hang_stay_although_nothing_wants_them() {
    let (storage, _database) = storage().await;
    save(&*storage, &[&board("lipnice", "lipnice", &["lipnice"])]).await;
    want(&*storage, "lipnice", &["a", "b"]).await;
    for name in ["a", "b"] {
        fetch(&*storage, "lipnice", name, &content(name.as_bytes())).await;
    }
    want(&*storage, "lipnice", &[]).await;
    let forget = async || storage.forget_documents(days(1), 500).await.unwrap();
    publish(&*storage, "lipnice", vec![content(b"a")], start()).await;
    assert_eq!(forget().await, 1);
    let left = storage.contents("lipnice").await.unwrap();
    assert_eq!(left.into_values().collect::<Vec<_>>(), [content(b"a")]);
    publish(&*storage, "lipnice", vec![content(b"other")], start()).await;
    assert_eq!(forget().await, 1);
}

#[tokio::test]
async fn documents_without_bytes_go_once_nothing_wants_them() {
    let (storage, database) = storage().await;
    want(&*storage, "lipnice", &["a", "b", "c"]).await;
    fetch(&*storage, "lipnice", "a", &content(b"a")).await;
    let forget = async |limit| {
        let forgotten = storage.forget_documents(start(), limit);
        forgotten.await.unwrap()
    };
    assert_eq!(forget(500).await, 0);
    want(&*storage, "lipnice", &[]).await;
    assert_eq!((forget(1).await, forget(500).await), (1, 1));
    assert_eq!(database.count("SELECT COUNT(*) FROM document").await, 1);
}

#[tokio::test]
async fn an_instant_that_is_still_to_come_does_not_keep_a_document_longer() {
    let (storage, _database) = storage().await;
    want(&*storage, "lipnice", &["a"]).await;
    fetch(&*storage, "lipnice", "a", &content(b"a")).await;
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
    let cleared = storage.clear_alarm("budget", AlarmSubject::Source("lipnice"), start());
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
async fn what_is_left_of_the_job_of_a_document_goes_with_it() {
    let (storage, _database) = storage().await;
    let attempts = async |now| {
        let claimed = storage.claim_preparation(PreparationStage::Text, 1, lease_time(now));
        claimed.await.unwrap().unwrap().job.attempts
    };
    let add = async || {
        want(&*storage, "lipnice", &["plan"]).await;
        fetch(&*storage, "lipnice", "plan", &content(b"plan")).await;
    };
    add().await;
    // Whoever took it did not come back.
    assert_eq!(attempts(start()).await, 1);
    let first = hash(b"plan").as_bytes()[0];
    storage.forget_preparations(first).await.unwrap();
    assert_eq!(attempts(days(1)).await, 2, "it is wanted");
    want(&*storage, "lipnice", &[]).await;
    assert_eq!(storage.forget_documents(days(3), 1).await.unwrap(), 1);
    storage.forget_preparations(first).await.unwrap();
    add().await;
    assert_eq!(attempts(days(2)).await, 1);
}

#[tokio::test]
async fn bytes_that_anything_in_service_names_stay() {
    let (storage, _database) = storage().await;
    let mut boards = ["lipnice", "rolava"].map(|id| board(id, id, &[id]));
    save(&*storage, &[&boards[0], &boards[1]]).await;
    publish(&*storage, "lipnice", vec![content(b"section")], start()).await;
    want(&*storage, "lipnice", &["wanted"]).await;
    fetch(&*storage, "lipnice", "wanted", &content(b"wanted")).await;
    prepare(&*storage, b"text", b"rendition").await;
    want(&*storage, "rolava", &["unwanted"]).await;
    fetch(&*storage, "rolava", "unwanted", &content(b"unwanted")).await;
    want(&*storage, "rolava", &[]).await;
    add(&*storage, "lipnice", &["live", "ended"]).await;
    for (name, bytes) in [("live", &b"hanging"[..]), ("ended", &b"hung"[..])] {
        let contents = [Some(content(bytes))];
        let set = set_contents(&*storage, name, 1, &contents);
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

    let named: [&[u8]; 7] = [
        b"section",
        b"wanted",
        b"text",
        b"rendition",
        b"hanging",
        b"held feed",
        b"feed",
    ];
    let unnamed: [&[u8]; 3] = [b"hung", b"orphan", b"unwanted"];
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
    let mut expected = hashes(&[b"hung", b"orphan", b"unwanted", b"held feed"]);
    assert_eq!(unnamed_at(days(14), days(7)).await, expected);

    // Of what is out of service nothing stays; what is known of bytes goes before them.
    boards[0].sources[0].enabled = false;
    save(&*storage, &[&boards[0]]).await;
    unnamed_at(days(14), days(7)).await;
    expected.extend(hashes(&[
        b"wanted",
        b"text",
        b"rendition",
        b"hanging",
        b"feed",
    ]));
    assert_eq!(unnamed_at(days(21), days(14)).await, expected);
    boards[0].enabled = false;
    save(&*storage, &[&boards[0]]).await;
    unnamed_at(days(21), days(14)).await;
    assert_eq!(unnamed_at(days(28), days(21)).await, stored);
    let known: [&[u8]; 5] = [b"section", b"wanted", b"text", b"rendition", b"unwanted"];
    for bytes in known {
        assert!(!storage.forget_content(hash(bytes)).await.unwrap());
    }
    storage.forget_documents(days(1), 500).await.unwrap();
    storage.forget_publications(days(1), 500).await.unwrap();
    for bytes in known {
        assert!(storage.forget_content(hash(bytes)).await.unwrap());
    }
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
    assert_eq!(unnamed_at(days(7), start()).await, none);
    assert_eq!(unnamed_at(days(14), days(7)).await, stored);
    assert!(storage.forget_content(hash(b"plan")).await.unwrap());
    let made = hashes(&[b"text", b"rendition"]);
    assert_eq!(unnamed_at(days(14), days(7)).await, made);
    assert_eq!(unnamed_at(days(21), days(14)).await, stored);
}

#[tokio::test]
async fn what_was_made_of_a_document_goes_with_it_though_its_bytes_were_lost_before() {
    let (storage, _database) = storage().await;
    want(&*storage, "lipnice", &["plan"]).await;
    fetch(&*storage, "lipnice", "plan", &content(b"plan")).await;
    prepare(&*storage, b"text", b"rendition").await;
    let first = hash(b"plan").as_bytes()[0];
    let forget = async |first| storage.forget_preparations(first).await.unwrap();
    assert_eq!(forget(first).await, 0, "it is wanted");
    want(&*storage, "lipnice", &[]).await;
    assert_eq!(forget(first).await, 0, "it is known");
    assert_eq!(storage.forget_documents(days(1), 1).await.unwrap(), 1);
    assert!(!storage.forget_content(hash(b"text")).await.unwrap());
    for other in [first.wrapping_sub(1), first.wrapping_add(1)] {
        assert_eq!(forget(other).await, 0);
    }
    assert_eq!(forget(first).await, 1);
    for made in [&b"text"[..], b"rendition"] {
        assert!(storage.forget_content(hash(made)).await.unwrap());
    }
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
