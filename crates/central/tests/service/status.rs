//! `POST status`, and the alarm of displays that do not report any more.

use chrono::{DateTime, TimeDelta, Utc};
use vyveska_board::{Clock as _, ClockBounds, ClockTrust};
use vyveska_central::storage::{Alarm, HeardStatus, StatusRepository as _};
use vyveska_wire::keys::KeyPair;
use vyveska_wire::status::{ClockStatus, ClockTrustStatus, ScreenShown, Status};

use crate::device::{Device, refusal};
use crate::publisher::Publisher;
use crate::town::{Town, config};

/// As a display tells at this time that all is well.
pub(crate) fn status(now: DateTime<Utc>) -> Status {
    let clock = ClockStatus {
        trust: ClockTrustStatus::Synchronised,
        earliest: now,
        latest: Some(now),
    };
    let number = now.timestamp_millis().try_into().unwrap();
    Status {
        model: Some("Raspberry Pi 5".to_owned()),
        uptime_seconds: Some(273_600),
        program_seconds: Some(720),
        manifest_number: Some(1),
        data_as_of: Some(now),
        missing_documents: Some(0),
        temperature_celsius: Some(48.3),
        processor_percent: Some(7),
        screen_pixels: Some((1080, 1920)),
        ..Status::new(number, "0.1.0", ScreenShown::Idle, clock)
    }
}

/// Has a registered display tell how it is, and central write it down.
pub(crate) async fn tell(device: &Device<'_>, change: impl FnOnce(&mut Status)) {
    let mut status = status(device.town.clock.now().earliest);
    change(&mut status);
    let response = device.post("status", status.to_bytes()).await;
    assert_eq!(response.status(), 204);
    device.town.central.tick().await;
}

pub(crate) async fn device(town: &Town, seed: u8) -> Device<'_> {
    let key = KeyPair::from_seed(&[seed; 32]).public();
    town.register(&key, "lipnice").await;
    Device::new(town, seed)
}

async fn heard(device: &Device<'_>) -> Option<HeardStatus> {
    let storage = device.town.storage().await;
    let state = storage.display_state(device.id().as_str()).await.unwrap();
    state.unwrap().heard
}

/// Lets minutes pass in which these displays report.
async fn pass(town: &Town, minutes: i64, reporting: &[&Device<'_>]) {
    for _ in 0..minutes {
        for device in reporting {
            tell(device, |_| {}).await;
        }
        for _ in 0..3 {
            town.clock.advance(TimeDelta::seconds(20));
            town.central.tick().await;
        }
    }
}

async fn silent(town: &Town) -> Vec<Alarm> {
    let alarms = town.central.alarms().await.unwrap().into_iter();
    alarms.filter(|alarm| alarm.kind == "silent").collect()
}

#[tokio::test]
async fn a_display_is_heard_silent_and_heard_again() {
    let town = Town::posting(1).await;
    let (one, other) = (device(&town, 1).await, device(&town, 2).await);
    assert_eq!(heard(&one).await, None);
    pass(&town, 3, &[&one]).await;
    let told = heard(&one).await.unwrap();
    assert_eq!(told.state, "fine");
    let said: serde_json::Value = serde_json::from_str(&told.status).unwrap();
    assert_eq!(said["model"], "Raspberry Pi 5");
    // A display that was never heard of is none that is missed.
    assert_eq!((silent(&town).await, heard(&other).await), (vec![], None));

    pass(&town, 2, &[]).await;
    assert_eq!(silent(&town).await, []);
    pass(&town, 1, &[]).await;
    let alarms = silent(&town).await;
    let [alarm] = &alarms[..] else {
        panic!("{alarms:?}");
    };
    assert_eq!(alarm.subject, one.id().to_string());
    assert_eq!(alarm.board.as_deref(), Some("lipnice"));
    assert!(
        alarm.message.contains(one.id().as_str()),
        "{}",
        alarm.message
    );

    town.clock.advance(TimeDelta::seconds(20));
    tell(&one, |_| {}).await;
    assert_eq!(silent(&town).await, []);
}

#[tokio::test]
async fn nothing_is_missed_while_central_was_away_or_unsure() {
    let town = Town::posting(1).await;
    let one = device(&town, 1).await;
    let told = heard_after_start(&one).await;
    let clock = town.clock.clone();
    // An hour without central.
    clock.advance(TimeDelta::hours(1));
    let town = town.restart(std::sync::Arc::new(clock)).await;
    pass(&town, 3, &[]).await;
    assert_eq!(silent(&town).await, []);
    // Nobody was heard before the start: it is silent, now that somebody has listened.
    pass(&town, 1, &[]).await;
    assert_eq!(silent(&town).await.len(), 1);
    let one = Device::new(&town, 1);
    assert_eq!(heard(&one).await, Some(told));
    tell(&one, |_| {}).await;

    // An hour of an unsure clock, and the minutes after it.
    let now = town.clock.now();
    town.clock.set(ClockBounds {
        trust: ClockTrust::Unknown,
        ..now
    });
    pass(&town, 60, &[]).await;
    assert_eq!(silent(&town).await, []);
    town.clock
        .set(ClockBounds::exact(town.clock.now().earliest));
    pass(&town, 3, &[]).await;
    assert_eq!(silent(&town).await, []);
}

async fn heard_after_start(device: &Device<'_>) -> HeardStatus {
    tell(device, |_| {}).await;
    heard(device).await.unwrap()
}

#[tokio::test]
async fn many_displays_of_a_town_are_one_alarm() {
    let town = Town::posting(1).await;
    let mut displays = Vec::new();
    for seed in 1..=4 {
        displays.push(device(&town, seed).await);
    }
    let all: Vec<&Device<'_>> = displays.iter().collect();
    pass(&town, 3, &all).await;
    pass(&town, 4, &[]).await;
    let alarms = silent(&town).await;
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    assert_eq!(alarms[0].subject, "lipnice");
    let listed = |device: &&&Device<'_>| alarms[0].message.contains(device.id().as_str());
    assert_eq!(all.iter().filter(listed).count(), 4);
    // Of those that stay each has its own.
    pass(&town, 1, &all[..2]).await;
    let mut subjects: Vec<String> = silent(&town)
        .await
        .into_iter()
        .map(|one| one.subject)
        .collect();
    subjects.sort();
    let mut expected: Vec<String> = all[2..].iter().map(|one| one.id().to_string()).collect();
    expected.sort();
    assert_eq!(subjects, expected);
    pass(&town, 1, &all).await;
    assert_eq!(silent(&town).await, []);
}

#[tokio::test]
async fn the_silence_of_one_town_is_nothing_of_another() {
    let (town, _other) = Town::beside_another().await;
    let one = device(&town, 1).await;
    let key = KeyPair::from_seed(&[2; 32]).public();
    town.register(&key, "rolava").await;
    let other = Device::new(&town, 2);
    pass(&town, 3, &[&one, &other]).await;
    pass(&town, 4, &[&one]).await;
    let alarms = silent(&town).await;
    assert_eq!(alarms.len(), 1);
    assert_eq!(alarms[0].board.as_deref(), Some("rolava"));
}

#[tokio::test]
async fn no_replay_changes_what_was_told_later() {
    let town = Town::posting(1).await;
    let one = device(&town, 1).await;
    let now = town.clock.now().earliest;
    let first = status(now).to_bytes();
    tell(&one, |status| status.number += 1000).await;
    let before = heard(&one).await;
    town.clock.advance(TimeDelta::seconds(30));
    // Before and after the later one was written.
    for _ in 0..2 {
        assert_eq!(one.post("status", first.clone()).await.status(), 204);
        town.central.tick().await;
        assert_eq!(heard(&one).await, before);
    }
    tell(&one, |status| status.temperature_celsius = Some(91.0)).await;
    assert_eq!(one.post("status", first).await.status(), 204);
    town.central.tick().await;
    assert_eq!(heard(&one).await.unwrap().state, "overheated");
}

#[tokio::test]
async fn what_is_no_status_is_refused_by_name() {
    let publisher = Publisher::start(1).await;
    let feed = publisher.feed_url();
    let town = Town::with(publisher, |data| config(data, &feed, "")).await;
    let one = device(&town, 1).await;
    let now = town.clock.now().earliest;
    let changed = |change: fn(&mut Status)| {
        let mut status = status(now);
        change(&mut status);
        status.to_bytes()
    };
    let mut long = changed(|_| {});
    long.resize(5_000, b' ');
    for (body, expected) in [
        (b"rubbish".to_vec(), (400, "status_malformed")),
        (b"{}".to_vec(), (400, "status_malformed")),
        (long, (413, "status_too_long")),
        (
            changed(|status| status.temperature_celsius = Some(900.0)),
            (400, "status_absurd"),
        ),
        // By a clock that is wrong, or one that is to hide all that come later.
        (
            changed(|status| status.number += 121_000),
            (400, "status_absurd"),
        ),
        (
            changed(|status| status.number -= 121_000),
            (400, "status_absurd"),
        ),
    ] {
        let refused = refusal(one.post("status", body).await).await;
        assert_eq!(refused, (expected.0, expected.1.to_owned()));
    }
    let body = changed(|_| {});
    let request = one.posting("status", &body);
    let other = changed(|status| status.screen = ScreenShown::Alert);
    let response = request.body(other).send().await.unwrap();
    assert_eq!(refusal(response).await, (401, "token_wrong_request".into()));
    town.central.tick().await;
    assert_eq!(heard(&one).await, None);
}
