//! Documents: fetched, stored, rechecked daily.

use std::sync::Arc;

use chrono::TimeDelta;
use vyveska_board::{DocumentHash, MissingReason};
use vyveska_wire::section::NoticesSection;

use crate::device::Device;
use crate::publisher::{Publisher, Shared};
use crate::town::{Town, config};

#[tokio::test]
async fn documents_wait_while_the_disk_is_short_and_notices_do_not() {
    let publisher = Publisher::start(2).await;
    let feed = publisher.feed_url();
    // More than any disk has.
    let short = "keep_free_mb = 20000000";
    let town = Town::with(publisher, |data| config(data, &feed, short)).await;
    town.poll().await;
    town.central.tick().await;
    let section = Device::new(&town, 1).notices().await;
    let contents = |section: &NoticesSection| {
        let notices = section.notices.iter();
        let documents = notices.flat_map(|notice| &notice.documents);
        documents.filter(|one| one.content.is_some()).count()
    };
    assert_eq!((section.notices.len(), contents(&section)), (2, 0));
    let alarms = town.central.alarms().await.unwrap();
    assert!(alarms.len() == 1 && alarms[0].kind == "disk");
    assert_eq!(town.publisher.files_asked(), 0);

    // There is room again.
    town.clock.advance(TimeDelta::minutes(1));
    let clock = Arc::new(town.clock.clone());
    let town = town.restart(clock).await;
    town.central.tick().await;
    let section = Device::new(&town, 1).notices().await;
    assert_eq!((section.notices.len(), contents(&section)), (2, 2));
    assert_eq!(town.central.alarms().await.unwrap(), []);
}

#[tokio::test]
async fn what_central_cannot_store_is_not_told_as_the_publishers_fault_and_tried_again_soon() {
    let town = Town::quiet(1).await;
    // As where the disk is full.
    let incoming = town.data.path().join("documents/incoming");
    std::fs::remove_dir(&incoming).unwrap();
    std::fs::write(&incoming, "").unwrap();
    town.poll().await;
    let document = async || {
        let notice = Device::new(&town, 1).notices().await.notices.remove(0);
        notice.documents[0].clone()
    };
    assert_eq!(document().await.missing, Some(MissingReason::NotStored));
    for _ in 0..8 {
        town.clock.advance(TimeDelta::minutes(10));
        town.central.tick().await;
    }
    assert_eq!(document().await.missing, Some(MissingReason::NotStored));
    let alarms = town.central.alarms().await.unwrap();
    let kinds: Vec<&str> = alarms.iter().map(|alarm| alarm.kind.as_str()).collect();
    assert_eq!(kinds, ["unstored_documents"]);
    let message = "1 document could not be stored\n/lipnice/notice/";
    assert!(
        alarms[0].message.starts_with(message),
        "{}",
        alarms[0].message
    );

    std::fs::remove_file(&incoming).unwrap();
    std::fs::create_dir(&incoming).unwrap();
    town.clock.advance(TimeDelta::minutes(10));
    town.central.tick().await;
    assert!(document().await.content.is_some());
    assert_eq!(town.central.alarms().await.unwrap(), []);
}

#[tokio::test]
async fn what_central_cannot_store_costs_a_source_nothing_of_its_day() {
    let publisher = Publisher::start(6).await;
    let feed = publisher.feed_url();
    let town = Town::with(publisher, |data| {
        config(data, &feed, "source_documents = 7")
    })
    .await;
    // As where the disk is full.
    let incoming = town.data.path().join("documents/incoming");
    std::fs::remove_dir(&incoming).unwrap();
    std::fs::write(&incoming, "").unwrap();
    town.poll().await;
    town.central.tick().await;
    let asked = town.publisher.files_asked();
    assert_eq!(asked, 2, "the others are not downloaded in vain");
    for _ in 0..8 {
        town.clock.advance(TimeDelta::minutes(10));
        town.central.tick().await;
    }
    assert!(town.publisher.files_asked() > 7);

    std::fs::remove_file(&incoming).unwrap();
    std::fs::create_dir(&incoming).unwrap();
    town.clock.advance(TimeDelta::minutes(10));
    town.central.tick().await;
    let notices = Device::new(&town, 1).notices().await.notices;
    let mut documents = notices.iter().flat_map(|notice| &notice.documents);
    assert!(documents.all(|document| document.content.is_some()));
    assert_eq!(town.central.alarms().await.unwrap(), []);
}

#[tokio::test]
async fn a_notice_whose_document_is_missing_is_published_and_completed_later() {
    let town = Town::quiet(1).await;
    let late = town
        .publisher
        .shared
        .lock()
        .unwrap()
        .documents
        .remove("0.pdf")
        .unwrap();
    town.poll().await;
    let device = Device::new(&town, 1);
    let before = device.notices().await.notices.remove(0);
    assert_eq!(before.documents.len(), 1);
    assert!(before.documents[0].content.is_none());
    town.publisher
        .edit(|shared| drop(shared.documents.insert("0.pdf".into(), late)));
    // A document missing at its publisher is requested again the next day, not earlier.
    town.clock.advance(TimeDelta::hours(1));
    town.central.tick().await;
    assert_eq!(town.publisher.asked("/files/0.pdf"), 1);
    town.clock.advance(TimeDelta::hours(24));
    town.central.tick().await;
    let after = device.notices().await.notices.remove(0);
    assert_eq!((after.id.as_str(), after.revision), (before.id.as_str(), 2));
    assert!(after.documents[0].content.is_some());
    assert_ne!(after.salt, before.salt);
}

#[tokio::test]
async fn a_document_is_rechecked_daily_and_its_change_is_a_revision() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    town.clock.advance(TimeDelta::hours(23));
    town.central.tick().await;
    assert_eq!(town.publisher.asked("/files/0.pdf"), 1);
    town.clock.advance(TimeDelta::hours(1));
    town.central.tick().await;
    assert_eq!(town.publisher.asked("/files/0.pdf"), 2);
    assert_eq!(
        device.notices().await.notices[0].revision,
        1,
        "it was not modified"
    );
    let other = b"%PDF-1.7 another\n%%EOF".to_vec();
    let hash = DocumentHash::of(&other);
    town.publisher.edit(|shared| {
        shared
            .documents
            .insert("0.pdf".into(), ("application/pdf", other));
    });
    town.clock.advance(TimeDelta::hours(24));
    town.central.tick().await;
    let notice = device.notices().await.notices.remove(0);
    assert_eq!(notice.revision, 2);
    assert_eq!(notice.documents[0].content.unwrap().hash.0, hash);
}

#[tokio::test]
async fn an_address_that_changes_at_each_poll_is_no_revision_until_the_bytes_differ() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let before = device.notices().await;
    let poll = async |session: usize| {
        let url = format!("{}/files/0.pdf?session={session}", town.publisher.base);
        let edit = |shared: &mut Shared| shared.notices[0]["dokument"][0]["url"] = url.into();
        town.publisher.edit(edit);
        town.clock.advance(TimeDelta::hours(1));
        town.poll().await;
        town.central.tick().await;
    };
    for session in 1..4 {
        poll(session).await;
        assert_eq!(device.notices().await, before);
        assert_eq!(town.publisher.asked("/files/0.pdf"), 1 + session);
    }
    let other = b"%PDF-1.7 another\n%%EOF".to_vec();
    let hash = DocumentHash::of(&other);
    town.publisher.edit(|shared| {
        let document = ("application/pdf", other);
        shared.documents.insert("0.pdf".into(), document);
    });
    poll(4).await;
    let notice = device.notices().await.notices.remove(0);
    assert_eq!(notice.revision, 2);
    assert_eq!(notice.documents[0].content.unwrap().hash.0, hash);
    let url = notice.documents[0].url.as_ref().unwrap();
    assert_eq!(url.query(), Some("session=4"));
}

#[tokio::test]
async fn a_document_that_disappears_at_its_publisher_stays_on_the_board() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let before = device.notices().await;
    let page = ("text/html", b"<html>permission denied</html>".to_vec());
    for trouble in [None, Some(page)] {
        town.publisher.edit(|shared| {
            shared.documents.clear();
            shared
                .documents
                .extend(trouble.map(|page| ("0.pdf".to_owned(), page)));
        });
        town.clock.advance(TimeDelta::hours(25));
        town.central.tick().await;
        assert_eq!(device.notices().await, before);
    }
    assert_eq!(town.publisher.asked("/files/0.pdf"), 3);
}

#[tokio::test]
async fn a_page_in_the_place_of_a_document_is_not_one() {
    let town = Town::quiet(1).await;
    town.publisher.edit(|shared| {
        let page = ("application/pdf", b"<!DOCTYPE html><html>".to_vec());
        shared.documents.insert("0.pdf".into(), page);
    });
    town.poll().await;
    let notices = Device::new(&town, 1).notices().await.notices;
    assert!(notices[0].documents[0].content.is_none());
}

#[tokio::test]
async fn a_document_larger_than_allowed_is_listed_without_content() {
    let town = Town::quiet(1).await;
    town.publisher.edit(|shared| {
        let large = ("application/pdf", vec![b'%'; 50_000_001]);
        shared.documents.insert("0.pdf".into(), large);
    });
    town.poll().await;
    let notices = Device::new(&town, 1).notices().await.notices;
    assert!(notices[0].documents[0].content.is_none());
    let incoming = town.data.path().join("documents/incoming");
    let left = std::fs::read_dir(incoming).map_or(0, Iterator::count);
    assert_eq!(left, 0, "what was begun is cleared away");
}

#[tokio::test]
async fn documents_of_notices_that_ended_are_not_fetched() {
    let town = Town::quiet(2).await;
    town.publisher.edit(|shared| {
        shared.notices[0]["relevantní_do"]["datum"] = "2020-01-01".into();
        shared.notices[0]["vyvěšení"]["datum"] = "2019-12-01".into();
    });
    town.poll().await;
    assert_eq!(town.publisher.asked("/files/0.pdf"), 0);
    assert_eq!(town.publisher.asked("/files/1.pdf"), 1);
}

#[tokio::test]
async fn what_a_poll_does_not_wait_for_is_published_once_it_is_there() {
    let publisher = Publisher::start(20).await;
    let feed = publisher.feed_url();
    let town = Town::with(publisher, |data| {
        let mut config = config(data, &feed, "");
        config.documents.first_wait_ms = 0;
        config
    })
    .await;
    town.poll().await;
    let device = Device::new(&town, 1);
    assert_eq!(device.notices().await.notices.len(), 20);
    town.central.tick().await;
    let notices = device.notices().await.notices;
    let mut documents = notices.iter().flat_map(|notice| &notice.documents);
    assert!(documents.all(|document| document.content.is_some()));
    assert_eq!(town.publisher.files_asked(), 20);
}
