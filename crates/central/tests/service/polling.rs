//! Polls: which changes of a feed reach the board.

use reqwest::StatusCode;
use reqwest::header::{ACCEPT, USER_AGENT};
use vyveska_central::storage::HoldReason;
use vyveska_wire::section::MomentRecord;

use crate::device::Device;
use crate::publisher::{Publisher, notice};
use crate::town::{Town, config};

#[tokio::test]
async fn an_unchanged_feed_is_not_sent_again() {
    let town = Town::posting(2).await;
    town.poll_after(15).await;
    town.publisher.edit(|shared| {
        assert_eq!(shared.not_modified, 1);
        let (_, headers) = &shared.requests[0];
        assert_eq!(headers[ACCEPT], "application/ld+json, application/json");
        assert!(
            headers[USER_AGENT]
                .to_str()
                .unwrap()
                .starts_with("Vyveska/")
        );
    });
}

#[tokio::test]
async fn an_unchanged_answer_counts_as_a_poll_that_agrees() {
    let town = Town::posting(5).await;
    town.publisher.edit(|shared| drop(shared.notices.remove(0)));
    town.poll_after(15).await;
    assert_eq!(Device::new(&town, 1).notices().await.notices.len(), 5);
    let report = town.poll_after(31).await;
    assert_eq!(report.withdrawn, 1);
    assert_eq!(Device::new(&town, 1).notices().await.notices.len(), 4);
}

#[tokio::test]
async fn a_change_is_a_revision_with_a_salt_of_its_own() {
    let town = Town::posting(2).await;
    let device = Device::new(&town, 1);
    let before = device.notices().await.notices;
    let iri = before[0].iri.clone().unwrap();
    town.publisher.edit(|shared| {
        let one = shared
            .notices
            .iter_mut()
            .find(|one| one["iri"] == iri.as_str());
        one.unwrap()["relevantní_do"]["datum"] = "2026-12-20".into();
    });
    town.poll_after(15).await;
    let after = device.notices().await.notices;
    assert_eq!(
        (after[0].id.as_str(), after[0].revision),
        (before[0].id.as_str(), 2)
    );
    assert_eq!(
        after[0].relevant_until,
        MomentRecord::Date("2026-12-20".parse().unwrap())
    );
    assert_ne!(after[0].salt, before[0].salt);
    assert!(
        after[0].documents[0].content.is_some(),
        "its document is still there"
    );
    assert_eq!(after[1], before[1]);
}

#[tokio::test]
async fn a_publisher_in_trouble_changes_nothing() {
    let town = Town::posting(3).await;
    let device = Device::new(&town, 1);
    let before = device.manifest().await;
    let faults: [(StatusCode, &str, &[u8]); 6] = [
        (StatusCode::INTERNAL_SERVER_ERROR, "text/html", b"<html>"),
        (StatusCode::NOT_FOUND, "text/html", b"<html>"),
        (
            StatusCode::OK,
            "text/html",
            b"<!DOCTYPE html><html>Udrzba</html>",
        ),
        (StatusCode::OK, "application/json", b"{\"informace\": ["),
        (StatusCode::OK, "application/json", b"{\"informace\": []}"),
        (StatusCode::OK, "application/json", b""),
    ];
    for (status, media_type, bytes) in faults {
        town.publisher
            .edit(|shared| shared.fault = Some((status, media_type, bytes.to_vec())));
        town.clock.advance(chrono::TimeDelta::hours(2));
        let polled = town.central.poll_now("lipnice").await;
        assert_eq!(polled.is_ok(), status == StatusCode::OK, "{status}");
        assert_eq!(device.manifest().await, before);
    }
    assert_eq!(town.central.held().await.unwrap().len(), 1);
    town.publisher.edit(|shared| shared.fault = None);
    assert_eq!(town.poll_after(60).await.held, None);
    assert_eq!(
        town.central.held().await.unwrap(),
        [],
        "a healed feed clears the hold"
    );
    assert_eq!(device.manifest().await, before);
}

#[tokio::test]
async fn a_source_that_cannot_be_polled_is_an_alarm_until_it_can() {
    let town = Town::posting(1).await;
    for _ in 0..2 {
        let fault = (StatusCode::SERVICE_UNAVAILABLE, "text/html", Vec::new());
        town.publisher.edit(|shared| shared.fault = Some(fault));
        for failures in 1..=4 {
            town.clock.advance(chrono::TimeDelta::hours(2));
            town.central.poll_now("lipnice").await.unwrap_err();
            let alarms = town.central.alarms().await.unwrap();
            assert_eq!(alarms.len(), usize::from(failures > 2), "{failures}");
            for alarm in alarms {
                assert!(alarm.is("unreachable", "lipnice"), "{alarm:?}");
                assert!(alarm.message.contains("503"), "{alarm:?}");
            }
        }
        town.publisher.edit(|shared| shared.fault = None);
        town.poll_after(60).await;
        assert_eq!(town.central.alarms().await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_redirect_is_followed_and_a_redirect_loop_is_not() {
    for (path, works) in [("moved", true), ("loop", false)] {
        let publisher = Publisher::start(1).await;
        let feed = format!("{}/{path}", publisher.base);
        let town = Town::with(publisher, |data| config(data, &feed, "")).await;
        let polled = town.central.poll_now("lipnice").await;
        assert_eq!(polled.is_ok(), works, "{path}: {polled:?}");
    }
}

#[tokio::test]
async fn a_feed_larger_than_allowed_is_refused() {
    let publisher = Publisher::start(1).await;
    let feed = publisher.feed_url();
    let more = "[fetch]\nmax_feed_mib = 1";
    let town = Town::with(publisher, |data| config(data, &feed, more)).await;
    let padding = " ".repeat(1024 * 1024 + 1).into_bytes();
    let fault = (StatusCode::OK, "application/json", padding);
    town.publisher.edit(|shared| shared.fault = Some(fault));
    let error = town.central.poll_now("lipnice").await.unwrap_err();
    assert!(error.to_string().contains("larger"), "{error}");
}

#[tokio::test]
async fn a_hollow_feed_takes_nothing_away() {
    let town = Town::posting(12).await;
    let device = Device::new(&town, 1);
    let before = device.manifest().await;
    town.publisher.edit(|shared| {
        for one in &mut shared.notices {
            one["dokument"] = serde_json::json!([]);
        }
    });
    for _ in 0..5 {
        let report = town.poll_after(60).await;
        assert_eq!(report.held.unwrap().0, HoldReason::Hollow);
    }
    assert_eq!(device.manifest().await, before);
}

#[tokio::test]
async fn a_feed_may_be_a_local_file_with_documents_beside_it() {
    let publisher = Publisher::start(0).await;
    let folder = tempfile::TempDir::new().unwrap();
    let outside = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(outside.path(), "%PDF-1.7 secret").unwrap();
    std::fs::write(folder.path().join("a.pdf"), "%PDF-1.7 a").unwrap();
    let mut one = notice("https://lipnice.example", 1);
    one["dokument"] = serde_json::json!([
        { "url": "a.pdf" },
        { "url": format!("file://{}", outside.path().display()) },
    ]);
    let feed = serde_json::json!({ "iri": "https://lipnice.example/deska", "informace": [one] });
    let path = folder.path().join("feed.jsonld");
    std::fs::write(&path, feed.to_string()).unwrap();
    let feed = path.display().to_string();
    let town = Town::with(publisher, |data| config(data, &feed, "")).await;
    town.poll().await;
    let notices = Device::new(&town, 1).notices().await.notices;
    let documents = &notices[0].documents;
    assert!(documents[0].content.is_some());
    assert!(
        documents
            .iter()
            .skip(1)
            .all(|document| document.content.is_none())
    );
}

#[tokio::test]
async fn an_identifier_is_never_fetched() {
    let town = Town::quiet(1).await;
    let iri = format!("{}/files/iri", town.publisher.base);
    town.publisher
        .edit(|shared| shared.notices[0]["iri"] = iri.into());
    town.poll().await;
    assert_eq!(town.publisher.asked("/files/iri"), 0);
    assert_eq!(town.publisher.asked("/files/0.pdf"), 1);
}

#[tokio::test]
async fn a_feed_that_redirects_without_end_is_given_up() {
    let publisher = Publisher::start(1).await;
    let feed = format!("{}/files/feed", publisher.base);
    publisher.edit(|shared| drop(shared.redirects.insert("feed".into(), feed.clone())));
    let town = Town::with(publisher, |data| config(data, &feed, "")).await;
    let error = town.central.poll_now("lipnice").await.unwrap_err();
    assert!(error.to_string().contains("too often"), "{error}");
    assert_eq!(town.publisher.asked("/files/feed"), 6);
}

#[tokio::test]
async fn a_broken_entry_is_an_alarm_until_its_publisher_mends_it() {
    let town = Town::posting(3).await;
    let device = Device::new(&town, 1);
    let before = device.notices().await.notices;
    let feed = town.publisher.feed();
    let title = "\"vyvěšení\":";
    assert_eq!(feed.matches(title).count(), 3);
    let broken = feed.replacen(title, "\"vyvěšení\"", 1);
    let fault = (StatusCode::OK, "application/json", broken.into_bytes());
    town.publisher.edit(|shared| shared.fault = Some(fault));
    for _ in 0..3 {
        assert_eq!(town.poll_after(60).await.held, None);
        assert_eq!(device.notices().await.notices, before);
        let [alarm] = &*town.central.alarms().await.unwrap() else {
            panic!("one alarm");
        };
        assert!(alarm.is("unread", "lipnice"));
        assert!(alarm.message.contains("lines 1:"), "{}", alarm.message);
    }
    town.publisher.edit(|shared| shared.fault = None);
    town.poll_after(60).await;
    assert_eq!(town.central.alarms().await.unwrap(), []);
    assert_eq!(device.notices().await.notices, before);
}
