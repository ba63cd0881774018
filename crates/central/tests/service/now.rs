//! `GET /display/v1/now`.

use chrono::DateTime;
use vyveska_board::Clock as _;
use vyveska_wire::envelope::Envelope;
use vyveska_wire::now::Now;

use crate::device::{Device, refusal};
use crate::town::Town;

#[tokio::test]
async fn a_device_with_a_lost_clock_learns_the_time() {
    let town = Town::posting(3).await;
    let device = Device::new(&town, 1);
    let lost = device.request_at("now?nonce=abc", DateTime::UNIX_EPOCH);
    let response = lost.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let bytes = response.bytes().await.unwrap();
    let now: Now = Envelope::from_bytes(&bytes)
        .unwrap()
        .open(&town.central.public_key())
        .unwrap();
    assert_eq!(now.nonce, "abc");
    assert_eq!(now.display, Some(device.id()));
    assert_eq!(now.instant, town.clock.now().earliest);
    assert_eq!(now.manifest_number, device.manifest().await.number);
    assert_eq!(now.assignment_number, device.assignment().await.number);
}

#[tokio::test]
async fn a_token_of_a_lost_clock_is_refused_elsewhere() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let lost = device.request_at("manifest", DateTime::UNIX_EPOCH);
    let response = lost.send().await.unwrap();
    assert_eq!(refusal(response).await, (401, "token_wrong_time".into()));
}

#[tokio::test]
async fn without_a_manifest_its_number_is_zero() {
    let town = Town::quiet(1).await;
    let response = Device::new(&town, 1).get("now?nonce=x").await;
    let bytes = response.bytes().await.unwrap();
    let envelope = Envelope::from_bytes(&bytes).unwrap();
    let now: Now = envelope.open(&town.central.public_key()).unwrap();
    assert_eq!(now.manifest_number, 0);
}

#[tokio::test]
async fn a_nonce_has_bounds() {
    let town = Town::quiet(1).await;
    let device = Device::new(&town, 1);
    let long = format!("now?nonce={}", "x".repeat(65));
    for path in ["now", "now?nonce=", &long] {
        let answer = refusal(device.get(path).await).await;
        assert_eq!(answer, (400, "bad_request".into()), "{path}");
    }
}
