//! `GET /display/v1/assignment`.

use std::sync::Arc;

use reqwest::header::{ETAG, IF_NONE_MATCH};
use vyveska_wire::keys::KeyPair;

use crate::device::Device;
use crate::town::Town;

#[tokio::test]
async fn a_display_learns_which_board_is_its_own() {
    let (town, _other) = Town::beside_another().await;
    let (lipnice, rolava) = (Device::new(&town, 1), Device::new(&town, 2));
    town.register(&rolava.key.public(), "rolava").await;
    for (device, board) in [(&lipnice, "lipnice"), (&rolava, "rolava")] {
        let assignment = device.assignment().await;
        assert_eq!(assignment.to, device.id());
        assert_eq!(assignment.board, board);
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
