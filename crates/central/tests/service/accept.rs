//! Holds and their acceptance by a person.

use vyveska_central::storage::{
    AlarmRepository as _, AlarmSubject, DocumentRepository as _, HeldContent, HoldReason,
    ServiceStorage as _,
};
use vyveska_wire::manifest::ContentHash;

use crate::device::Device;
use crate::town::{Town, start_of_test};

#[tokio::test]
async fn an_empty_feed_waits_until_a_person_accepts() {
    let town = Town::posting(4).await;
    let device = Device::new(&town, 1);
    town.publisher.edit(|shared| shared.notices.clear());
    for _ in 0..4 {
        town.poll_after(60).await;
    }
    let held = town.central.held().await.unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!(
        (held[0].source.as_str(), held[0].hold.reason),
        ("lipnice", HoldReason::Empty)
    );
    assert_eq!((held[0].hold.gone.len(), held[0].hold.polls), (4, 4));
    assert_eq!(device.notices().await.notices.len(), 4);
    let report = town
        .central
        .accept(held[0].id, "Jana Nováková")
        .await
        .unwrap();
    assert_eq!(report.withdrawn, 4);
    assert_eq!(device.notices().await.notices.len(), 0);
    town.poll_after(60).await;
    assert_eq!(town.central.held().await.unwrap(), []);
}

#[tokio::test]
async fn what_is_not_held_cannot_be_accepted() {
    let town = Town::posting(1).await;
    let error = town.central.accept(7, "x").await.unwrap_err().to_string();
    assert!(error.contains('7'), "{error}");
}

#[tokio::test]
async fn a_feed_that_cannot_be_read_cannot_be_accepted() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let before = device.manifest().await;
    let broken = (reqwest::StatusCode::OK, "application/json", b"{".to_vec());
    town.publisher.edit(|shared| shared.fault = Some(broken));
    town.poll_after(60).await;
    let held = town.central.held().await.unwrap().remove(0);
    assert_eq!(held.hold.reason, HoldReason::Broken);
    let error = town
        .central
        .accept(held.id, "x")
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("publisher"), "{error}");
    assert_eq!(device.manifest().await, before);
}

#[tokio::test]
async fn a_held_feed_that_is_lost_comes_again_with_the_next_poll() {
    let town = Town::posting(4).await;
    town.publisher.edit(|shared| shared.notices.clear());
    town.poll_after(60).await;
    let held = async || town.central.held().await.unwrap().remove(0).id;
    // As after a backup was put back.
    std::fs::remove_dir_all(town.data.path().join("documents/feeds")).unwrap();
    let lost = town.central.accept(held().await, "x").await;
    let error = lost.unwrap_err().to_string();
    assert!(error.contains("with its next poll"), "{error}");
    town.poll_after(60).await;
    let report = town.central.accept(held().await, "x").await.unwrap();
    assert_eq!(report.withdrawn, 4);
}

#[tokio::test]
async fn another_process_may_accept_and_the_service_notices() {
    let town = Town::posting(4).await;
    town.publisher.edit(|shared| shared.notices.clear());
    town.poll_after(60).await;
    let id = town.central.held().await.unwrap()[0].id;
    let config = crate::town::config(town.data.path(), &town.publisher.feed_url(), "");
    let clock = std::sync::Arc::new(town.clock.clone());
    let other = vyveska_central::app::Parts::open(config, clock)
        .await
        .unwrap();
    other.accept(id, "x").await.unwrap();
    other.close().await;
    town.central.tick().await;
    assert_eq!(Device::new(&town, 1).notices().await.notices.len(), 0);
    assert!(
        town.page("/lipnice/")
            .await
            .contains("nevisí žádné oznámení")
    );
}

#[tokio::test]
async fn another_process_leaves_alone_what_the_service_found_at_its_start() {
    let town = Town::posting(1).await;
    let storage = town.storage().await;
    for (kind, subject) in [
        ("refused", AlarmSubject::Service("configuration")),
        ("unreadable", AlarmSubject::Board("lipnice")),
        ("coat_of_arms", AlarmSubject::Board("lipnice")),
        ("certificates", AlarmSubject::Source("lipnice")),
    ] {
        let message = "found by the service";
        let raised = storage.raise_alarm(kind, subject, message, start_of_test());
        raised.await.unwrap();
    }
    let form = [HeldContent {
        hash: ContentHash::of(b"form"),
        size_bytes: 4,
        media_type: None,
    }];
    let registered = storage.register_documents("board:lipnice", &form, start_of_test());
    registered.await.unwrap();
    let documents = storage.contents("board:lipnice").await.unwrap();
    let before = town.central.alarms().await.unwrap();
    let mut config = crate::town::config(town.data.path(), &town.publisher.feed_url(), "");
    config.boards[0].information = Some(town.data.path().join("none.toml"));
    let clock = std::sync::Arc::new(town.clock.clone());
    let other = vyveska_central::app::Parts::open(config, clock)
        .await
        .unwrap();
    other.close().await;
    assert_eq!(town.central.alarms().await.unwrap(), before);
    let left = storage.contents("board:lipnice").await.unwrap();
    assert_eq!(left, documents);
    storage.close().await;
}
