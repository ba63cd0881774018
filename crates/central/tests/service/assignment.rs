//! `GET /display/v1/assignment`.

use std::sync::Arc;

use reqwest::header::{ETAG, IF_NONE_MATCH};
use vyveska_central::config::{DisplayConfig, TextConfig};
use vyveska_wire::keys::KeyPair;
use vyveska_wire::manifest::Sections;
use vyveska_wire::service_pin::ServicePinHash;

use crate::device::Device;
use crate::publisher::Publisher;
use crate::town::{Town, config};

/// The hash of a PIN.
fn hash(pin: &str) -> String {
    let hash = ServicePinHash::of(pin, &[7; 16]).unwrap();
    hash.as_str().to_owned()
}

#[tokio::test]
async fn a_stolen_device_knows_part_and_pin_of_no_other() {
    let publisher = Publisher::start(1).await;
    let feed = publisher.feed_url();
    let id = KeyPair::from_seed(&[2; 32]).public().id();
    let town = Town::with(publisher, |data| {
        let mut config = config(data, &feed, "");
        let board = &mut config.boards[0];
        board.part = TextConfig::Czech("část na radnici".to_owned());
        board.service_pin_hash = Some(hash("482915"));
        board.displays = vec![DisplayConfig {
            id,
            part: Some(TextConfig::Czech("část na nádraží".to_owned())),
            service_pin_hash: Some(hash("7391")),
        }];
        config
    })
    .await;
    town.poll().await;
    let (hall, station) = (Device::new(&town, 1), Device::new(&town, 2));
    let (at_hall, at_station) = (hall.assignment().await, station.assignment().await);
    assert_eq!(at_hall.part["cs"], "část na radnici");
    assert_eq!(at_hall.service_pin_hash, Some(hash("482915")));
    assert_eq!(at_station.part["cs"], "část na nádraží");
    assert_eq!(at_station.service_pin_hash, Some(hash("7391")));

    // Everything that both can read.
    let manifest = hall.manifest().await;
    assert_eq!(manifest, station.manifest().await);
    let Sections {
        notices,
        information,
        alerts,
        settings,
    } = manifest.sections;
    for section in [notices, information, alerts, settings] {
        let text = String::from_utf8(hall.content(section).await).unwrap();
        for own in ["část na", "argon2id"] {
            assert!(!text.contains(own), "{text}");
        }
    }
}

#[tokio::test]
async fn an_assignment_is_signed_once_and_sent_once() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let first = device.get("assignment").await;
    let etag = first.headers()[ETAG].clone();
    let bytes = first.bytes().await.unwrap();
    town.poll_after(15).await;
    let again = device.get("assignment").await;
    assert_eq!(again.bytes().await.unwrap(), bytes);
    let request = device.request("assignment").header(IF_NONE_MATCH, etag);
    assert_eq!(request.send().await.unwrap().status(), 304);
}

#[tokio::test]
async fn a_display_that_knows_a_larger_number_gets_one_beyond_it() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let newest = device.assignment().await;
    // The database was restored from a backup.
    let held = format!("\"{}\"", newest.number + 7);
    let request = device.request("assignment").header(IF_NONE_MATCH, held);
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert_eq!(device.assignment().await.number, newest.number + 8);
    // A stolen one claims more with each request: central signs for it once in a while.
    for more in 20..25 {
        let held = format!("\"{}\"", newest.number + more);
        let request = device.request("assignment").header(IF_NONE_MATCH, held);
        request.send().await.unwrap();
        assert_eq!(device.assignment().await.number, newest.number + 8);
    }
    let other = Device::new(&town, 2).assignment().await;
    assert_eq!(
        other.number, newest.number,
        "numbers of other displays stay"
    );
}

#[tokio::test]
async fn what_another_key_has_signed_is_signed_anew() {
    let town = Town::posting(1).await;
    let before = Device::new(&town, 1).assignment().await;
    let another = KeyPair::from_seed(&[7; 32]).to_pem();
    std::fs::write(town.data.path().join("central-key.pem"), another).unwrap();
    let clock = Arc::new(town.clock.clone());
    let town = town.restart(clock).await;
    let after = Device::new(&town, 1).assignment().await;
    assert!(after.number > before.number);
    assert_eq!(after.board, before.board);
}
