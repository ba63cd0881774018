//! Sources: fetches, notices and holds.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::DocumentHash;
use vyveska_central_storage::{
    FetchState, HeldChange, HeldContent, HoldOutcome, HoldReason, HoldRecord, KnownNotice,
    OpenHold, ServiceStorage, SourceBoard, SourceChanges, SourceState, Storage, StorageError,
};
use vyveska_wire::manifest::ContentRef;

use super::documents::{fetch, want};
use super::{add, address, content, id, revision, set_contents, start, storage};

fn snapshot(bytes: &[u8]) -> DocumentHash {
    ContentRef::to(bytes).hash.0
}

async fn apply(storage: &dyn Storage, changes: &SourceChanges, now: DateTime<Utc>) -> SourceState {
    let version = state(storage).await.version;
    let applied = storage.apply("lipnice", version, changes, now);
    applied.await.unwrap();
    state(storage).await
}

async fn state(storage: &dyn Storage) -> SourceState {
    storage.source_state("lipnice").await.unwrap()
}

/// The archived notices that have these keys.
async fn archived(storage: &dyn Storage, keys: &[&str]) -> Vec<KnownNotice> {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    storage.archived("lipnice", &keys).await.unwrap()
}

/// A notice as it is known after [`add`].
fn known(name: &str) -> KnownNotice {
    KnownNotice {
        id: id(name),
        key: name.to_owned(),
        archived: false,
        missing_since: None,
        facts: revision(name, name).facts,
    }
}

#[tokio::test]
async fn the_state_of_fetching_is_kept_whole() {
    let (storage, _database) = storage().await;
    let nothing = storage.fetch_state("lipnice").await.unwrap();
    assert_eq!(nothing, FetchState::default());
    let whole = FetchState {
        polled_at: Some(start()),
        failures: 3,
        last_error: Some("503 Služba není dostupná".to_owned()),
        etag: Some("\"1\"".to_owned()),
        last_modified: Some("yesterday".to_owned()),
        snapshot: Some(snapshot(b"feed")),
    };
    for state in [&whole, &nothing] {
        storage.set_fetch_state("lipnice", state).await.unwrap();
        let found = storage.fetch_state("lipnice").await.unwrap();
        assert_eq!(&found, state);
    }
    let other = storage.fetch_state("rolava").await.unwrap();
    assert_eq!(other, nothing);
}

#[tokio::test]
async fn changes_are_written_to_the_version_they_were_decided_on() {
    let (storage, database) = storage().await;
    assert_eq!(state(&*storage).await.version, 0);
    add(&*storage, "lipnice", &["a"]).await;
    let found = state(&*storage).await;
    assert_eq!((found.version, &found.notices[..]), (1, &[known("a")][..]));
    let withdraw = SourceChanges {
        withdrawn: vec![id("a")],
        ..SourceChanges::default()
    };
    for version in [0, 2] {
        let late = storage.apply("lipnice", version, &withdraw, start()).await;
        assert!(matches!(late, Err(StorageError::Conflict)), "{late:?}");
    }
    assert_eq!(state(&*storage).await.notices, [known("a")]);

    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let storage = database.open().await.unwrap();
        let changes = withdraw.clone();
        writers.spawn(async move { storage.apply("lipnice", 1, &changes, start()).await });
    }
    let outcomes = writers.join_all().await;
    let count = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(count, 1, "{outcomes:?}");
    assert_eq!(state(&*storage).await.version, 2);
}

#[tokio::test]
async fn the_first_writers_of_a_source_do_not_both_succeed() {
    let (storage, database) = storage().await;
    let other = database.open().await.unwrap();
    let apply = |storage: Arc<dyn ServiceStorage>, name: &'static str| async move {
        let changes = SourceChanges {
            added: vec![("key".to_owned(), revision(name, name))],
            ..SourceChanges::default()
        };
        storage.apply("lipnice", 0, &changes, start()).await
    };
    let (one, two) = tokio::join!(apply(storage.clone(), "a"), apply(other, "b"));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert!(matches!(one.and(two), Err(StorageError::Conflict)));
    assert_eq!(state(&*storage).await.notices.len(), 1);
}

#[tokio::test]
async fn changes_are_written_all_or_none() {
    let (storage, _database) = storage().await;
    add(&*storage, "lipnice", &["a"]).await;
    let changes = SourceChanges {
        withdrawn: vec![id("a")],
        // The key is taken.
        added: vec![
            ("b".to_owned(), revision("b", "b")),
            ("a".to_owned(), revision("c", "c")),
        ],
        ..SourceChanges::default()
    };
    let applied = storage.apply("lipnice", 1, &changes, start()).await;
    assert!(matches!(applied, Err(StorageError::Database(_))));
    let found = state(&*storage).await;
    assert_eq!((found.version, &found.notices[..]), (1, &[known("a")][..]));
}

#[tokio::test]
async fn the_life_of_a_notice() {
    let (storage, _database) = storage().await;
    add(&*storage, "lipnice", &["a", "b"]).await;
    let later = start() + TimeDelta::hours(1);
    let mut one = known("a");
    let found = async |changes: SourceChanges| {
        let mut found = apply(&*storage, &changes, later).await.notices;
        let archived = archived(&*storage, &["a", "another key"]).await;
        assert_eq!(found.pop(), Some(known("b")), "the other stays");
        found.extend(archived);
        assert_eq!(found.len(), 1, "it is live or archived");
        found.remove(0)
    };
    let ids = || vec![id("a")];
    let nothing = SourceChanges::default;

    let missing = found(SourceChanges {
        missing: ids(),
        ..nothing()
    });
    one.missing_since = Some(later);
    assert_eq!(missing.await, one);
    let back = found(SourceChanges {
        found: ids(),
        ..nothing()
    });
    one.missing_since = None;
    assert_eq!(back.await, one);
    let withdrawn = found(SourceChanges {
        missing: ids(),
        withdrawn: ids(),
        ..nothing()
    });
    one.missing_since = Some(later);
    one.archived = true;
    assert_eq!(withdrawn.await, one);
    let reinstated = found(SourceChanges {
        reinstated: ids(),
        revised: vec![revision("a", "Nový název")],
        ..nothing()
    });
    one = known("a");
    one.facts = revision("a", "Nový název").facts;
    assert_eq!(reinstated.await, one);
    let ended = found(SourceChanges {
        ended: ids(),
        ..nothing()
    });
    one.archived = true;
    assert_eq!(ended.await, one);
    let reinstated = found(SourceChanges {
        reinstated: ids(),
        ..nothing()
    });
    one.archived = false;
    assert_eq!(reinstated.await, one);
    let rekeyed = found(SourceChanges {
        rekeyed: vec![(id("a"), "another key".to_owned())],
        ..nothing()
    });
    one.key = "another key".to_owned();
    assert_eq!(rekeyed.await, one);
    let current = storage.current_notices("lipnice").await.unwrap();
    assert_eq!((current[0].revision, current[1].revision), (2, 1));
    assert_eq!(current[0].facts, revision("a", "Nový název").facts);
}

/// A notice whose end has come.
fn ended(name: &str) -> KnownNotice {
    KnownNotice {
        archived: true,
        ..known(name)
    }
}

#[tokio::test]
async fn what_is_read_of_a_source_does_not_grow_with_its_archive() {
    let (storage, database) = storage().await;
    add(&*storage, "lipnice", &["a", "b", "old"]).await;
    let changes = SourceChanges {
        ended: vec![id("old")],
        ..SourceChanges::default()
    };
    apply(&*storage, &changes, start()).await;
    database
        .execute(
            "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000) \
             INSERT INTO notice (id, source_id, feed_key, state, revision, created_at, archived_at) \
             SELECT 'old ' || n, source_id, 'old ' || n, state, revision, created_at, archived_at \
             FROM notice, numbers WHERE id = 'old'; \
             INSERT INTO revision (notice_id, number, created_at, facts, contents, raw, salt) \
             SELECT notice.id, number, revision.created_at, facts, contents, raw, salt \
             FROM revision, notice WHERE notice_id = 'old' AND notice.id <> 'old' AND state = 'ended'",
        )
        .await;
    let live = state(&*storage).await.notices;
    assert_eq!(live, [known("a"), known("b")]);
    let current = storage.current_notices("lipnice").await.unwrap();
    assert_eq!(current.len(), 2);
    let looked_up = archived(&*storage, &["a", "old", "old 7", "unknown"]).await;
    let seventh = KnownNotice {
        id: id("old 7"),
        key: "old 7".to_owned(),
        ..ended("old")
    };
    assert_eq!(looked_up, [ended("old"), seventh]);
    let keys = ["old".to_owned()].into();
    assert_eq!(storage.archived("rolava", &keys).await.unwrap(), []);
}

#[tokio::test]
async fn what_ended_by_a_wrong_clock_is_live_again_with_its_documents() {
    let (storage, _database) = storage().await;
    add(&*storage, "lipnice", &["a", "b", "c", "d"]).await;
    let year = start() + TimeDelta::days(365);
    for (ended, withdrawn, now) in [("a", "b", start()), ("c", "d", year)] {
        let changes = SourceChanges {
            ended: vec![id(ended)],
            withdrawn: vec![id(withdrawn)],
            documents: Some(BTreeSet::new()),
            ..SourceChanges::default()
        };
        apply(&*storage, &changes, now).await;
    }
    let before = state(&*storage).await.version;
    let revive = async |now| storage.revive_ended("lipnice", now).await.unwrap();
    revive(year).await;
    assert_eq!(state(&*storage).await.version, before, "nothing changed");
    assert_eq!(state(&*storage).await.notices, []);
    revive(year - TimeDelta::days(1)).await;
    let found = state(&*storage).await;
    assert_eq!(found.notices, [known("c")]);
    assert!(
        found.version > before,
        "a poll that read it before decides again"
    );
    let due = storage.due("lipnice", year, year, 10).await.unwrap();
    let urls: Vec<_> = due.into_iter().map(|task| task.url).collect();
    assert_eq!(urls, [address("c.pdf")]);
    assert_eq!(archived(&*storage, &["a", "b", "d"]).await.len(), 3);
}

/// The stored bytes of a notice's document.
async fn held(storage: &dyn Storage, name: &str) -> Option<HeldContent> {
    let mut contents = storage.contents("lipnice").await.unwrap();
    contents.remove(address(name).as_str())
}

#[tokio::test]
async fn what_comes_back_has_the_bytes_that_its_documents_had_unless_these_are_gone() {
    let (storage, _database) = storage().await;
    add(&*storage, "lipnice", &["a"]).await;
    want(&*storage, "lipnice", &["a.pdf"]).await;
    let plan = content(b"a plan");
    fetch(&*storage, "lipnice", "a.pdf", &plan).await;
    let set = [Some(plan.clone())];
    set_contents(&*storage, "a", 1, &set).await.unwrap();
    let year = start() + TimeDelta::days(365);
    let leaves = |ended: bool| {
        let ids = |is: bool| is.then(|| id("a")).into_iter().collect();
        SourceChanges {
            ended: ids(ended),
            withdrawn: ids(!ended),
            documents: Some(BTreeSet::new()),
            ..SourceChanges::default()
        }
    };
    let returns = SourceChanges {
        reinstated: vec![id("a")],
        revised: vec![revision("a", "a")],
        documents: Some([address("a.pdf")].into()),
        ..SourceChanges::default()
    };
    let forget = async |before| {
        let forgotten = storage.forget_documents(before, 10);
        forgotten.await.unwrap()
    };
    // A step ahead makes nothing old that was wanted until then.
    apply(&*storage, &leaves(true), year).await;
    assert_eq!(forget(year - TimeDelta::days(7)).await, 0);
    storage.revive_ended("lipnice", start()).await.unwrap();
    assert_eq!(held(&*storage, "a.pdf").await, Some(plan.clone()));

    // What is known of the document goes a while before its bytes do.
    apply(&*storage, &leaves(true), year).await;
    assert_eq!(forget(year + TimeDelta::days(8)).await, 1);
    assert_eq!(held(&*storage, "a.pdf").await, None);
    let stored = BTreeSet::from([plan.hash.0]);
    let noted = storage.unnamed_content(&stored, year, start());
    noted.await.unwrap();
    storage.revive_ended("lipnice", start()).await.unwrap();
    assert_eq!(held(&*storage, "a.pdf").await, Some(plan.clone()));

    apply(&*storage, &leaves(false), start()).await;
    assert_eq!(forget(year).await, 1);
    apply(&*storage, &returns, start()).await;
    assert_eq!(held(&*storage, "a.pdf").await, Some(plan.clone()));

    set_contents(&*storage, "a", 2, &set).await.unwrap();
    apply(&*storage, &leaves(false), start()).await;
    assert_eq!(forget(year).await, 1);
    assert!(storage.forget_content(plan.hash.0).await.unwrap());
    apply(&*storage, &returns, start()).await;
    assert_eq!(
        held(&*storage, "a.pdf").await,
        None,
        "they are fetched again"
    );
}

#[tokio::test]
async fn a_key_that_is_given_up_is_another_notices() {
    let (storage, _database) = storage().await;
    add(&*storage, "lipnice", &["a"]).await;
    let changes = SourceChanges {
        replaced: vec![id("a")],
        added: vec![("a".to_owned(), revision("b", "b"))],
        ..SourceChanges::default()
    };
    let found = apply(&*storage, &changes, start()).await;
    let expected = KnownNotice {
        key: "a".to_owned(),
        ..known("b")
    };
    assert_eq!(found.notices, [expected]);
    // Keys are a source's own.
    add(&*storage, "rolava", &["c"]).await;
    let changes = SourceChanges {
        added: vec![("c".to_owned(), revision("d", "d"))],
        ..SourceChanges::default()
    };
    let found = apply(&*storage, &changes, start()).await;
    assert_eq!(found.notices.len(), 2);
}

#[tokio::test]
async fn a_notice_whose_key_is_reused_has_ended_when_it_ended() {
    let (storage, database) = storage().await;
    add(&*storage, "lipnice", &["a"]).await;
    let ended = SourceChanges {
        ended: vec![id("a")],
        ..SourceChanges::default()
    };
    apply(&*storage, &ended, start()).await;
    let reused = SourceChanges {
        replaced: vec![id("a")],
        added: vec![("a".to_owned(), revision("b", "b"))],
        ..SourceChanges::default()
    };
    apply(&*storage, &reused, start() + TimeDelta::days(5)).await;
    // What ended after an instant is what comes back at it.
    database
        .execute("UPDATE notice SET state = 'ended', feed_key = 'former' WHERE id = 'a'")
        .await;
    for (at, live) in [
        (start(), &["b"][..]),
        (start() - TimeDelta::microseconds(1), &["a", "b"][..]),
    ] {
        storage.revive_ended("lipnice", at).await.unwrap();
        let notices = state(&*storage).await.notices;
        let ids: Vec<&str> = notices.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, live);
    }
}

#[tokio::test]
async fn a_source_describes_its_board_once_a_poll_was_accepted() {
    let (storage, _database) = storage().await;
    assert_eq!(storage.source_board("lipnice").await.unwrap(), None);
    add(&*storage, "lipnice", &["a"]).await;
    assert_eq!(storage.source_board("lipnice").await.unwrap(), None);
    assert!(!state(&*storage).await.applied);
    let board = SourceBoard {
        iri: "https://lipnice.example/deska".to_owned(),
        name: [("cs".to_owned(), "Úřední deska".to_owned())].into(),
        page: None,
        operator_ico: Some("00000001".to_owned()),
    };
    let changes = SourceChanges {
        board: Some(board.clone()),
        warnings: 7,
        ..SourceChanges::default()
    };
    assert!(apply(&*storage, &changes, start()).await.applied);
    let described = storage.source_board("lipnice").await.unwrap();
    assert_eq!(described.as_ref(), Some(&board));
    // A poll that is not accepted leaves it.
    let found = apply(&*storage, &SourceChanges::default(), start()).await;
    assert!(found.applied);
    assert_eq!(found.board, described);
    assert_eq!(storage.source_board("lipnice").await.unwrap(), described);
}

pub(super) fn hold(reason: HoldReason, polls: u32) -> HoldRecord {
    HoldRecord {
        hold: OpenHold {
            reason,
            gone: [id("a"), id("b")].into(),
            blanked: BTreeSet::new(),
            opened_at: start(),
            since: start() + TimeDelta::minutes(polls.into()),
            polls,
        },
        message: format!("poll {polls}"),
        snapshot: snapshot(b"feed"),
    }
}

fn holding(record: HoldRecord) -> SourceChanges {
    SourceChanges {
        hold: Some(record),
        ..SourceChanges::default()
    }
}

#[tokio::test]
async fn a_source_has_one_hold_that_goes_on_until_it_is_closed() {
    let (storage, _database) = storage().await;
    assert_eq!(storage.held().await.unwrap(), []);
    let record = hold(HoldReason::Drop, 1);
    let found = apply(&*storage, &holding(record.clone()), start()).await;
    assert_eq!(found.hold, Some(record.hold));
    let first = storage.held().await.unwrap().remove(0);
    let record = hold(HoldReason::Drop, 2);
    let found = apply(&*storage, &holding(record.clone()), start()).await;
    assert_eq!(found.hold.as_ref(), Some(&record.hold));
    let expected = HeldChange {
        id: first.id,
        source: "lipnice".to_owned(),
        message: record.message.clone(),
        hold: record.hold,
        snapshot: record.snapshot,
    };
    assert_eq!(storage.held().await.unwrap(), [expected]);

    let superseded = SourceChanges {
        close_hold: Some(HoldOutcome::Superseded),
        ..holding(hold(HoldReason::Empty, 1))
    };
    let found = apply(&*storage, &superseded, start()).await;
    assert_eq!(found.hold.unwrap().reason, HoldReason::Empty);
    let held = storage.held().await.unwrap();
    assert_eq!(held.len(), 1);
    assert!(held[0].id > first.id, "another hold has another number");
    let healed = SourceChanges {
        close_hold: Some(HoldOutcome::Healed),
        ..SourceChanges::default()
    };
    assert_eq!(apply(&*storage, &healed, start()).await.hold, None);
    assert_eq!(storage.held().await.unwrap(), []);
}

#[tokio::test]
async fn every_reason_of_a_hold_is_kept_and_the_oldest_hold_listed_first() {
    let (storage, _database) = storage().await;
    let reasons = [
        ("z", HoldReason::Empty),
        ("y", HoldReason::Hollow),
        ("x", HoldReason::Drop),
        ("w", HoldReason::Blanked),
        ("v", HoldReason::Broken),
        ("u", HoldReason::Foreign),
    ];
    for (source, reason) in reasons {
        let changes = holding(hold(reason, 1));
        let applied = storage.apply(source, 0, &changes, start());
        applied.await.unwrap();
    }
    let held = storage.held().await.unwrap();
    let listed: Vec<(&str, HoldReason)> = held
        .iter()
        .map(|one| (one.source.as_str(), one.hold.reason))
        .collect();
    assert_eq!(listed, reasons);
}
