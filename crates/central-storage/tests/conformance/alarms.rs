//! Alarms.

use std::sync::Arc;

use chrono::TimeDelta;
use vyveska_central_storage::{AlarmSubject, ServiceStorage};

use super::boards::{board, save};
use super::{of_job, start, storage};
use crate::TestDatabase;

#[tokio::test]
async fn an_alarm_is_open_once_until_it_is_cleared() {
    let (storage, _database) = storage().await;
    let now = start();
    let later = now + TimeDelta::minutes(5);
    let raise = async |message: &str, at| {
        let raised = storage.raise_alarm("shortened", AlarmSubject::Board("lipnice"), message, at);
        raised.await.unwrap()
    };
    assert!(raise("one", now).await);
    assert!(!raise("one", later).await, "nothing new");
    assert!(raise("two", later).await);
    let open = storage.alarms().await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0].message.as_str(), open[0].opened_at),
        ("two", now),
        "open since the first"
    );

    for (kind, subject) in [
        ("shortened", AlarmSubject::Board("rolava")),
        ("shortened", AlarmSubject::Source("lipnice")),
        ("damaged", AlarmSubject::Board("lipnice")),
    ] {
        storage.clear_alarm(kind, subject, later).await.unwrap();
    }
    assert_eq!(storage.alarms().await.unwrap(), open);
    let clear = storage.clear_alarm("shortened", AlarmSubject::Board("lipnice"), later);
    clear.await.unwrap();
    assert_eq!(storage.alarms().await.unwrap(), []);
    assert!(raise("two", later).await, "closed ones do not count");
}

#[tokio::test]
async fn the_oldest_alarm_comes_first() {
    let (storage, _database) = storage().await;
    for (kind, subject) in [("unread", "z"), ("unread", "a"), ("damaged", "z")] {
        let raised = storage.raise_alarm(kind, AlarmSubject::Source(subject), "message", start());
        assert!(raised.await.unwrap());
    }
    // A new message does not move it.
    let raised = storage.raise_alarm("unread", AlarmSubject::Source("z"), "another", start());
    assert!(raised.await.unwrap());
    let open = storage.alarms().await.unwrap();
    let order: Vec<(&str, &str)> = open
        .iter()
        .map(|alarm| (alarm.kind.as_str(), alarm.subject.as_str()))
        .collect();
    assert_eq!(order, [("unread", "z"), ("unread", "a"), ("damaged", "z")]);
}

#[tokio::test]
async fn of_two_that_raise_the_same_alarm_one_is_told_so() {
    let (storage, database) = storage().await;
    let other = database.open().await.unwrap();
    let raise = |storage: Arc<dyn ServiceStorage>| async move {
        let raised =
            storage.raise_alarm("unread", AlarmSubject::Source("lipnice"), "line 7", start());
        raised.await.unwrap()
    };
    let (one, two) = tokio::join!(raise(storage.clone()), raise(other));
    assert!(one != two, "{one} {two}");
    assert_eq!(storage.alarms().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_alarm_names_its_board_whatever_its_kind() {
    let (storage, _database) = storage().await;
    save(&*storage, &[&board("lipnice", "lipnice", &["a"])]).await;
    for (subject, board) in [
        (AlarmSubject::Board("lipnice"), Some("lipnice")),
        (AlarmSubject::Source("a"), Some("lipnice")),
        (AlarmSubject::Service("lipnice"), None),
    ] {
        let raised = storage.raise_alarm("kind", subject, "look into it", start());
        assert!(raised.await.unwrap());
        let open = storage.alarms().await.unwrap();
        assert_eq!(open.last().unwrap().board.as_deref(), board);
    }
}

#[tokio::test]
async fn an_alarm_is_of_the_town_that_its_source_has_now() {
    let (storage, _database) = storage().await;
    let source = AlarmSubject::Source("a");
    // Before the source has a row.
    let raised = storage.raise_alarm("unread", source, "line 7", start());
    assert!(raised.await.unwrap());
    assert_eq!(storage.alarms().await.unwrap()[0].board, None);
    let clear = async |town| {
        let scoped = of_job(&*storage, Some(town)).await;
        let cleared = scoped.clear_alarm("unread", source, start());
        cleared.await.unwrap();
    };
    for (own, other) in [("lipnice", "rolava"), ("rolava", "lipnice")] {
        save(&*storage, &[&board(own, own, &["a"])]).await;
        let scoped = of_job(&*storage, Some(own)).await;
        let open = scoped.alarms().await.unwrap();
        let boards: Vec<_> = open.into_iter().map(|alarm| alarm.board).collect();
        assert_eq!(boards, [Some(own.to_owned())]);
        let scoped = of_job(&*storage, Some(other)).await;
        assert_eq!(scoped.alarms().await.unwrap(), []);
        clear(other).await;
        assert_eq!(storage.alarms().await.unwrap().len(), 1);
    }
    clear("rolava").await;
    assert_eq!(storage.alarms().await.unwrap(), []);
}

#[tokio::test]
async fn alarms_that_did_not_say_whether_a_board_is_their_subject_are_told_by_their_kind() {
    let database = TestDatabase::new().await;
    let rows = "INSERT INTO town (id, name) VALUES ('t', '{}'); \
                INSERT INTO board (id, town_id, enabled, settings) VALUES ('b', 't', TRUE, '{}'); \
                INSERT INTO source (id, board_id, position, enabled, settings) \
                VALUES ('s', 'b', 0, TRUE, '{}'); \
                INSERT INTO alarm (kind, subject, message, opened_at) VALUES \
                ('shortened', 'b', '', '2026-11-21T12:00:00+00:00'), \
                ('unread', 's', '', '2026-11-21T12:00:00+00:00'), \
                ('refused', 'configuration', '', '2026-11-21T12:00:00+00:00'), \
                ('displays', 'displays', '', '2026-11-21T12:00:00+00:00')";
    database.make_before(22).await;
    database.execute(rows).await;
    let storage = database.open().await.unwrap();
    let open = storage.alarms().await.unwrap();
    let boards: Vec<_> = open.iter().map(|alarm| alarm.board.as_deref()).collect();
    // Nothing raises or clears the last one any more.
    assert_eq!(boards, [Some("b"), Some("b"), None]);
    for (kind, subject) in [
        ("shortened", AlarmSubject::Board("b")),
        ("unread", AlarmSubject::Source("s")),
        ("refused", AlarmSubject::Service("configuration")),
    ] {
        let cleared = storage.clear_alarm(kind, subject, start());
        cleared.await.unwrap();
    }
    assert_eq!(storage.alarms().await.unwrap(), []);
}
