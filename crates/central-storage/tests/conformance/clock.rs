//! The time last seen, and when each node was.

use chrono::TimeDelta;
use vyveska_central_storage::AlarmSubject;

use super::{start, storage};

#[tokio::test]
async fn the_time_last_seen_is_kept_to_the_microsecond() {
    let (storage, _database) = storage().await;
    assert_eq!(storage.clock_seen().await.unwrap(), None);
    for seen in [start(), start() - TimeDelta::microseconds(1)] {
        storage.set_clock_seen(seen).await.unwrap();
        assert_eq!(storage.clock_seen().await.unwrap(), Some(seen));
    }
}

#[tokio::test]
async fn the_alarms_of_a_node_are_its_own_and_end_with_it() {
    let (storage, _database) = storage().await;
    let day = TimeDelta::days(1);
    for node in ["one", "two"] {
        let kept = storage.keep_node(node, start(), start() - day);
        kept.await.unwrap();
        let raised = storage.raise_alarm("disk", AlarmSubject::Node(node), "it is full", start());
        assert!(raised.await.unwrap());
    }
    let open = async || -> Vec<String> {
        let open = storage.alarms().await.unwrap().into_iter();
        open.map(|alarm| alarm.subject).collect()
    };
    assert_eq!(open().await, ["one", "two"]);
    let cleared = storage.clear_alarm("disk", AlarmSubject::Node("two"), start());
    cleared.await.unwrap();
    assert_eq!(open().await, ["one"]);
    for (later, left) in [(day, 1), (day + TimeDelta::microseconds(1), 0)] {
        let now = start() + later;
        storage.keep_node("two", now, now - day).await.unwrap();
        assert_eq!(open().await.len(), left);
    }
}

#[tokio::test]
async fn a_node_whose_clock_is_behind_is_not_taken_for_gone() {
    let (storage, _database) = storage().await;
    let day = TimeDelta::days(1);
    for minute in 0..3 {
        for (node, behind) in [("right", 0), ("behind", 2)] {
            let now = start() + TimeDelta::minutes(minute) - day * behind;
            storage.keep_node(node, now, now - day).await.unwrap();
        }
        let subject = AlarmSubject::Node("behind");
        let raised = storage.raise_alarm("clock", subject, "it is behind", start());
        assert_eq!(raised.await.unwrap(), minute == 0, "it is open once");
    }
    let later = start() + TimeDelta::days(9);
    storage
        .keep_node("right", later, later - day)
        .await
        .unwrap();
    assert_eq!(storage.alarms().await.unwrap(), []);
}
