//! What displays tell about themselves.

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_central_storage::{
    AlarmSubject, HeardStatus, NewStatus, ServiceStorage, SilentDisplay, StoredBoard,
};
use vyveska_wire::keys::DisplayId;

use super::boards::{board, save};
use super::displays::{key, register};
use super::{of_job, start, storage};

pub(super) fn status(
    display: &DisplayId,
    number: u64,
    state: &str,
    at: DateTime<Utc>,
) -> NewStatus {
    NewStatus {
        display: display.clone(),
        number,
        heard_at: at,
        state: state.to_owned(),
        status: format!("{{\"number\":{number}}}"),
    }
}

fn minute(number: i64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(number)
}

async fn tell(storage: &dyn ServiceStorage, statuses: &[NewStatus]) {
    let gap = statuses[0].heard_at - TimeDelta::minutes(3);
    storage.set_statuses(statuses, gap).await.unwrap();
}

async fn heard(storage: &dyn ServiceStorage, display: &DisplayId) -> Option<HeardStatus> {
    let state = storage.display_state(display.as_str()).await.unwrap();
    state.unwrap().heard
}

#[tokio::test]
async fn the_latest_status_of_a_display_is_kept_with_since_when_it_says_so() {
    let (storage, _database) = storage().await;
    save(&*storage, &[&board("lipnice", "lipnice", &[])]).await;
    register(&*storage, &key(1), "lipnice").await;
    let id = key(1).id();
    assert_eq!(heard(&*storage, &id).await, None);
    for (number, state, at, since) in [
        (10, "fine", 0, 0),
        (11, "fine", 1, 0),
        (12, "overheated", 2, 2),
        (13, "overheated", 5, 2),
        // After a gap nobody knows how it was meanwhile.
        (14, "overheated", 9, 9),
    ] {
        tell(&*storage, &[status(&id, number, state, minute(at))]).await;
        let heard = heard(&*storage, &id).await.unwrap();
        assert_eq!(heard.state, state);
        assert_eq!(
            (heard.heard_at, heard.state_since),
            (minute(at), minute(since))
        );
        assert_eq!(heard.status, format!("{{\"number\":{number}}}"));
    }
}

#[tokio::test]
async fn no_replay_hides_a_later_status() {
    let (storage, _database) = storage().await;
    save(&*storage, &[&board("lipnice", "lipnice", &[])]).await;
    register(&*storage, &key(1), "lipnice").await;
    let id = key(1).id();
    tell(&*storage, &[status(&id, 11, "fine", minute(1))]).await;
    for number in [10, 11] {
        tell(&*storage, &[status(&id, number, "overheated", minute(2))]).await;
        let kept = heard(&*storage, &id).await.unwrap();
        assert_eq!((kept.state.as_str(), kept.heard_at), ("fine", minute(1)));
    }
    // One that was heard in what is still to come was so by a wrong clock.
    tell(&*storage, &[status(&id, 90, "fine", minute(80))]).await;
    tell(&*storage, &[status(&id, 12, "fine", minute(3))]).await;
    let kept = heard(&*storage, &id).await.unwrap();
    assert_eq!((kept.heard_at, kept.state_since), (minute(3), minute(3)));
}

#[tokio::test]
async fn a_display_that_is_gone_keeps_no_other_from_being_heard() {
    let (storage, _database) = storage().await;
    save(&*storage, &[&board("lipnice", "lipnice", &[])]).await;
    register(&*storage, &key(1), "lipnice").await;
    let (id, gone) = (key(1).id(), key(2).id());
    let both = [&gone, &id].map(|id| status(id, 7, "fine", start()));
    tell(&*storage, &both).await;
    assert!(heard(&*storage, &id).await.is_some());
    assert_eq!(storage.display_state(gone.as_str()).await.unwrap(), None);
}

#[tokio::test]
async fn silent_are_those_of_boards_in_service_that_told_something_once() {
    let (storage, _database) = storage().await;
    save(&*storage, &[&board("lipnice", "lipnice", &[])]).await;
    save(&*storage, &[&board("nadrazi", "lipnice", &[])]).await;
    for (number, board) in [
        (1, "lipnice"),
        (2, "lipnice"),
        (3, "nadrazi"),
        (4, "lipnice"),
    ] {
        register(&*storage, &key(number), board).await;
    }
    let ids = [1, 2, 3].map(|number| key(number).id());
    for (id, at) in ids.iter().zip([0, 5, 0]) {
        tell(&*storage, &[status(id, 1, "fine", minute(at))]).await;
    }
    let closed = StoredBoard {
        enabled: false,
        ..board("nadrazi", "lipnice", &[])
    };
    save(&*storage, &[&closed]).await;
    let silent = storage.silent_displays(minute(5)).await.unwrap();
    let expected = SilentDisplay {
        display: ids[0].to_string(),
        town: "lipnice".to_owned(),
        heard_at: start(),
    };
    assert_eq!(silent, [expected]);
    let states = storage.display_states().await.unwrap();
    assert_eq!(states.len(), 3);
    assert!(states.is_sorted_by_key(|one| one.display.clone()));
}

#[tokio::test]
async fn an_alarm_of_a_display_or_a_town_is_seen_there_alone() {
    let (storage, _database) = storage().await;
    for town in ["lipnice", "rolava"] {
        save(&*storage, &[&board(town, town, &[])]).await;
    }
    register(&*storage, &key(1), "lipnice").await;
    let id = key(1).id();
    let subjects = [
        AlarmSubject::Display(id.as_str()),
        AlarmSubject::Town("lipnice"),
    ];
    let [own, other] = [
        of_job(&*storage, Some("lipnice")).await,
        of_job(&*storage, Some("rolava")).await,
    ];
    for subject in subjects {
        let refused = other.raise_alarm("silent", subject, "", start()).await;
        assert!(refused.is_err(), "{subject:?}");
        assert!(
            own.raise_alarm("silent", subject, "", start())
                .await
                .unwrap()
        );
        other.clear_alarm("silent", subject, start()).await.unwrap();
    }
    let open = own.alarms().await.unwrap();
    let boards: Vec<_> = open.iter().map(|alarm| alarm.board.as_deref()).collect();
    assert_eq!(boards, [Some("lipnice"); 2]);
    assert_eq!(other.alarms().await.unwrap(), []);
    for subject in subjects {
        own.clear_alarm("silent", subject, start()).await.unwrap();
    }
    assert_eq!(storage.alarms().await.unwrap(), []);
}
