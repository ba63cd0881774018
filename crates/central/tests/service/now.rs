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

/// What the device is told now.
async fn now(device: &Device<'_>) -> Now {
    let response = device.get("now?nonce=x").await;
    assert_eq!(response.status(), 200);
    let envelope = Envelope::from_bytes(&response.bytes().await.unwrap()).unwrap();
    envelope.open(&device.town.central.public_key()).unwrap()
}

#[tokio::test]
async fn the_time_is_told_although_no_assignment_can_be_stored() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let manifest = device.manifest().await.number;
    let database = town.database().await;
    let execute = async |statement: &'static str| {
        let executed = sqlx::raw_sql(statement).execute(&database);
        executed.await.unwrap();
    };
    let no_room = "CREATE TRIGGER no_room BEFORE INSERT ON assignment \
                   BEGIN SELECT RAISE(ABORT, 'no room'); END";
    execute(no_room).await;
    let told = now(&device).await;
    assert_eq!(told.instant, town.clock.now().earliest);
    assert_eq!(
        (told.manifest_number, told.assignment_number),
        (manifest, 0)
    );

    execute("DROP TRIGGER no_room").await;
    let stored = device.assignment().await.number;
    assert_eq!(now(&device).await.assignment_number, stored);
    // It has to be signed anew, and cannot.
    execute("UPDATE assignment SET bytes = X''").await;
    execute(no_room).await;
    assert_eq!(now(&device).await.assignment_number, stored);
    database.close().await;
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
