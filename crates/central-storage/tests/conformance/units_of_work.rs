//! Units of work: changes with their audit entries.

use vyveska_central_storage::{
    Actor, HoldOutcome, HoldReason, JobKind, NewJob, SourceChanges, Storage, StorageError,
};

use super::boards::{board, clerk, save};
use super::displays::{key, register};
use super::sources::hold;
use super::{add, id, lease_time, revision, start, storage};
use crate::TestDatabase;

async fn entries(database: &TestDatabase) -> i64 {
    database.count("SELECT COUNT(*) FROM audit").await
}

/// Holds a change of the source of Lipnice.
async fn hold_change(storage: &dyn Storage) {
    add(storage, "lipnice", &["a"]).await;
    let changes = SourceChanges {
        hold: Some(hold(HoldReason::Drop, 1)),
        ..SourceChanges::default()
    };
    let applied = storage.apply("lipnice", 1, &changes, start());
    applied.await.unwrap();
}

fn withdrawal() -> SourceChanges {
    SourceChanges {
        withdrawn: vec![id("a")],
        close_hold: Some(HoldOutcome::Accepted),
        ..SourceChanges::default()
    }
}

#[tokio::test]
async fn every_board_that_is_saved_is_in_the_audit_log() {
    let (storage, database) = storage().await;
    let boards = ["lipnice", "rolava"].map(|id| board(id, id, &[id]));
    save(&*storage, &[&boards[0], &boards[1]]).await;
    assert_eq!(entries(&database).await, 2);
    let told = database.count(
        "SELECT COUNT(*) FROM audit WHERE who = 'clerk' AND action = 'board.save' \
         AND subject = 'rolava'",
    );
    assert_eq!(told.await, 1);
}

#[tokio::test]
async fn the_audit_log_tells_a_person_from_a_job_or_a_display_of_the_same_name() {
    let (storage, database) = storage().await;
    let display = key(1).id();
    for actor in [
        Actor::Person("configuration".to_owned()),
        Actor::Job("configuration"),
        Actor::Display(display.clone()),
        Actor::Person(display.to_string()),
    ] {
        let mut unit = storage.begin(actor, start()).await.unwrap();
        let boards = [board("lipnice", "lipnice", &[])];
        unit.save_boards(&boards).await.unwrap();
        unit.save().await.unwrap();
    }
    for (told, count) in [
        ("SELECT COUNT(*) FROM audit WHERE actor_type = 'person'", 2),
        (
            "SELECT COUNT(*) FROM audit WHERE actor_type = 'job' AND who = 'configuration'",
            1,
        ),
        (
            "SELECT COUNT(*) FROM audit WHERE actor_type = 'display' AND who <> 'configuration'",
            1,
        ),
    ] {
        assert_eq!(database.count(told).await, count, "{told}");
    }
}

#[tokio::test]
async fn the_audit_log_says_what_of_a_board_was_changed() {
    let (storage, database) = storage().await;
    let first = board("lipnice", "lipnice", &["a"]);
    save(&*storage, &[&first]).await;
    let mut renamed = first.clone();
    renamed.town.name = [("cs".to_owned(), "Obec Lipnice".to_owned())].into();
    let mut moved = first.clone();
    moved.sources[0].settings = "{\"url\":\"https://jinde.example/\"}".to_owned();
    let mut other = first.clone();
    other.settings = "{\"service_pin_hash\":\"$argon2id$v=19$secret\"}".to_owned();
    for board in [&renamed, &moved, &other] {
        save(&*storage, &[board]).await;
    }
    let details = "SELECT COUNT(DISTINCT detail) FROM audit";
    assert_eq!(database.count(details).await, 4);
    // What differs is told, except what may be a secret.
    for (told, count) in [
        (
            "SELECT COUNT(*) FROM audit WHERE detail <> replace(detail, 'Obec Lipnice', '')",
            1,
        ),
        (
            "SELECT COUNT(*) FROM audit WHERE detail <> replace(detail, 'jinde.example', '')",
            1,
        ),
        (
            "SELECT COUNT(*) FROM audit WHERE detail <> replace(detail, 'secret', '')",
            0,
        ),
    ] {
        assert_eq!(database.count(told).await, count, "{told}");
    }
}

#[tokio::test]
async fn what_a_person_accepts_is_published_whatever_ends_afterwards() {
    let (storage, database) = storage().await;
    save(&*storage, &[&board("lipnice", "lipnice", &["lipnice"])]).await;
    hold_change(&*storage).await;
    let to_publish = "SELECT COUNT(*) FROM job WHERE kind = 'publish' AND key = 'lipnice'";
    assert_eq!(database.count(to_publish).await, 0);
    let held = storage.held().await.unwrap().remove(0);
    let mut unit = storage.begin(clerk(), start()).await.unwrap();
    unit.accept(&held, 2, &withdrawal()).await.unwrap();
    unit.save().await.unwrap();
    assert_eq!(database.count(to_publish).await, 1);
}

#[tokio::test]
async fn what_is_handed_over_is_published_fetched_and_in_the_audit_log() {
    let (storage, database) = storage().await;
    save(&*storage, &[&board("lipnice", "lipnice", &["lipnice"])]).await;
    let before = entries(&database).await;
    let pushed = revision("a", "Dražba");
    let changes = SourceChanges {
        documents: Some(pushed.facts.document_urls().cloned().collect()),
        added: vec![("a".to_owned(), pushed)],
        ..SourceChanges::default()
    };
    let mut unit = storage.begin(clerk(), start()).await.unwrap();
    unit.push("lipnice", 0, &changes).await.unwrap();
    unit.save().await.unwrap();
    for scheduled in [
        "SELECT COUNT(*) FROM job WHERE kind = 'publish' AND key = 'lipnice'",
        "SELECT COUNT(*) FROM job WHERE kind = 'fetch' AND key = 'lipnice'",
    ] {
        assert_eq!(database.count(scheduled).await, 1, "{scheduled}");
    }
    assert_eq!(entries(&database).await, before + 1);
    let told = "SELECT COUNT(*) FROM audit WHERE action = 'notice.push' AND subject = 'lipnice'";
    assert_eq!(database.count(told).await, 1);
    // Who decided on an older state decides again.
    let mut unit = storage.begin(clerk(), start()).await.unwrap();
    let late = unit.push("lipnice", 0, &changes).await;
    assert!(matches!(late, Err(StorageError::Conflict)), "{late:?}");
}

#[tokio::test]
async fn what_a_person_accepts_is_in_the_audit_log_once() {
    let (storage, database) = storage().await;
    hold_change(&*storage).await;
    assert_eq!(entries(&database).await, 0, "a poll has its own record");
    let held = storage.held().await.unwrap().remove(0);
    let mut unit = storage.begin(clerk(), start()).await.unwrap();
    unit.accept(&held, 2, &withdrawal()).await.unwrap();
    unit.save().await.unwrap();
    assert_eq!(storage.held().await.unwrap(), []);
    assert_eq!(storage.source_state("lipnice").await.unwrap().notices, []);
    assert_eq!(entries(&database).await, 1);
    let told = database.count(
        "SELECT COUNT(*) FROM audit JOIN hold ON subject = source_id || '/' || hold.id \
         WHERE who = 'clerk' AND action = 'hold.accept' AND at = closed_at",
    );
    assert_eq!(told.await, 1);

    // It is no longer held, or the state is another.
    for (held, version) in [(&held, 3), (&held, 2)] {
        let mut unit = storage.begin(clerk(), start()).await.unwrap();
        let again = unit.accept(held, version, &SourceChanges::default()).await;
        assert!(matches!(again, Err(StorageError::NotFound)), "{again:?}");
    }
    assert_eq!(entries(&database).await, 1);
}

#[tokio::test]
async fn what_is_decided_on_another_state_leaves_no_entry() {
    let (storage, database) = storage().await;
    hold_change(&*storage).await;
    let held = storage.held().await.unwrap().remove(0);
    let mut unit = storage.begin(clerk(), start()).await.unwrap();
    let late = unit.accept(&held, 1, &withdrawal()).await;
    assert!(matches!(late, Err(StorageError::Conflict)), "{late:?}");
    unit.cancel().await.unwrap();
    assert_eq!(storage.held().await.unwrap(), [held]);
    assert_eq!(entries(&database).await, 0);
}

#[tokio::test]
async fn a_display_is_let_in_once_and_by_its_name() {
    let (storage, database) = storage().await;
    for board in ["lipnice", "rolava"] {
        register(&*storage, &key(1), board).await;
    }
    assert_eq!(entries(&database).await, 1);
    let told = database.count(
        "SELECT COUNT(*) FROM audit JOIN display ON who = display.id AND subject = display.id \
         WHERE action = 'display.register' AND detail = '{\"board\":\"lipnice\"}'",
    );
    assert_eq!(told.await, 1);
}

#[tokio::test]
async fn a_display_that_is_moved_is_that_of_the_other_board_and_in_the_audit_log() {
    let (storage, database) = storage().await;
    register(&*storage, &key(1), "lipnice").await;
    for (id, is_there) in [(key(1).id(), true), (key(2).id(), false)] {
        let mut unit = storage.begin(clerk(), start()).await.unwrap();
        let moved = unit.move_display(&id, "rolava").await;
        assert_eq!(moved.is_ok(), is_there, "{moved:?}");
        if is_there {
            unit.save().await.unwrap();
        }
    }
    let display = storage.display(&key(1).id()).await.unwrap().unwrap();
    assert_eq!(display.board, "rolava");
    let told = database.count("SELECT COUNT(*) FROM audit WHERE action = 'display.move'");
    assert_eq!(told.await, 1);
}

#[tokio::test]
async fn the_jobs_of_a_board_that_is_saved_are_those_of_its_town() {
    let (storage, _database) = storage().await;
    save(&*storage, &[&board("lipnice", "lipnice", &["a"])]).await;
    let of = async |kind, key: &str| {
        let job = NewJob {
            kind,
            key: key.to_owned(),
            town: Some("lipnice".to_owned()),
            run_at: start(),
        };
        storage.schedule(&[job]).await.unwrap();
        let leased = storage.lease_job(kind, key, lease_time(start())).await;
        let leased = leased.unwrap().unwrap();
        storage.finish(&leased, None).await.unwrap();
        leased.town().map(str::to_owned)
    };
    let jobs = [
        (JobKind::Poll, "a"),
        (JobKind::Fetch, "a"),
        (JobKind::Publish, "lipnice"),
    ];
    for town in ["lipnice", "rolava"] {
        save(&*storage, &[&board("lipnice", town, &["a"])]).await;
        for (kind, key) in jobs {
            assert_eq!(of(kind, key).await.as_deref(), Some(town), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn what_is_cancelled_or_dropped_leaves_nothing() {
    let (storage, database) = storage().await;
    hold_change(&*storage).await;
    let held = storage.held().await.unwrap().remove(0);
    let before = storage.source_state("lipnice").await.unwrap();
    for is_cancelled in [true, false] {
        let actor = Actor::Job("configuration");
        let mut unit = storage.begin(actor, start()).await.unwrap();
        let boards = [board("lipnice", "lipnice", &["lipnice"])];
        unit.save_boards(&boards).await.unwrap();
        unit.accept(&held, 2, &withdrawal()).await.unwrap();
        let key = key(1);
        unit.register(&key.id(), &key, "lipnice").await.unwrap();
        if is_cancelled {
            unit.cancel().await.unwrap();
        } else {
            drop(unit);
        }
        assert_eq!(entries(&database).await, 0);
        assert_eq!(storage.boards().await.unwrap(), []);
        assert_eq!(storage.display(&key.id()).await.unwrap(), None);
        let after = storage.source_state("lipnice").await.unwrap();
        assert_eq!(format!("{after:?}"), format!("{before:?}"));
        assert_eq!(storage.held().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn after_an_error_nothing_is_saved() {
    let (storage, database) = storage().await;
    hold_change(&*storage).await;
    let held = storage.held().await.unwrap().remove(0);
    let boards = [board("lipnice", "lipnice", &["lipnice"])];
    let mut unit = storage.begin(clerk(), start()).await.unwrap();
    unit.save_boards(&boards).await.unwrap();
    let late = unit.accept(&held, 1, &withdrawal()).await;
    assert!(matches!(late, Err(StorageError::Conflict)), "{late:?}");
    let incomplete = |outcome: Result<(), StorageError>| {
        assert!(
            matches!(outcome, Err(StorageError::Incomplete)),
            "{outcome:?}"
        );
    };
    // It keeps nobody else waiting, and goes on with nothing.
    save(&*storage, &[&board("rolava", "rolava", &[])]).await;
    incomplete(unit.save_boards(&boards).await);
    let key = key(1);
    incomplete(unit.register(&key.id(), &key, "lipnice").await);
    incomplete(unit.accept(&held, 2, &withdrawal()).await);
    incomplete(unit.save().await);

    // Also where the database itself fails.
    database.execute("DROP TABLE hold").await;
    let mut unit = storage.begin(clerk(), start()).await.unwrap();
    unit.register(&key.id(), &key, "rolava").await.unwrap();
    let failed = unit.save_boards(&boards).await;
    assert!(
        matches!(failed, Err(StorageError::Database(_))),
        "{failed:?}"
    );
    incomplete(unit.save().await);
    assert_eq!(storage.display(&key.id()).await.unwrap(), None);
    let saved = storage.boards().await.unwrap();
    assert_eq!(saved, [board("rolava", "rolava", &[])]);
    assert_eq!(entries(&database).await, 1);
}

#[tokio::test]
async fn what_is_changed_together_is_saved_together() {
    let (storage, database) = storage().await;
    let mut unit = storage.begin(clerk(), start()).await.unwrap();
    let boards = [board("lipnice", "lipnice", &["lipnice"])];
    unit.save_boards(&boards).await.unwrap();
    let key = key(1);
    unit.register(&key.id(), &key, "lipnice").await.unwrap();
    unit.save().await.unwrap();
    assert_eq!(storage.boards().await.unwrap(), boards);
    assert!(storage.display(&key.id()).await.unwrap().is_some());
    assert_eq!(entries(&database).await, 2);
}
