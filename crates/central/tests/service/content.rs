//! `GET /display/v1/content/{hash}`.

use chrono::TimeDelta;
use reqwest::header::{CACHE_CONTROL, CONTENT_RANGE, ETAG, IF_RANGE, RANGE};
use vyveska_board::DocumentHash;

use crate::device::{Device, refusal};
use crate::town::Town;

async fn first_document(device: &Device<'_>) -> String {
    let notices = device.notices().await;
    notices.notices[0].documents[0]
        .content
        .unwrap()
        .hash
        .to_string()
}

#[tokio::test]
async fn an_interrupted_download_goes_on() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let path = format!("content/{}", first_document(&device).await);
    let whole = device.get(&path).await;
    assert!(
        whole.headers()[CACHE_CONTROL]
            .to_str()
            .unwrap()
            .starts_with("private")
    );
    let etag = whole.headers()[ETAG].clone();
    let bytes = whole.bytes().await.unwrap();
    let rest = device
        .request(&path)
        .header(RANGE, "bytes=5-")
        .header(IF_RANGE, etag);
    let rest = rest.send().await.unwrap();
    assert_eq!(rest.status(), 206);
    let expected = format!("bytes 5-{}/{}", bytes.len() - 1, bytes.len());
    assert_eq!(rest.headers()[CONTENT_RANGE], expected.as_str());
    assert_eq!(rest.bytes().await.unwrap(), bytes[5..]);
    let beyond = device
        .request(&path)
        .header(RANGE, "bytes=5000-")
        .send()
        .await
        .unwrap();
    assert_eq!(beyond.status(), 416);
    assert_eq!(
        beyond.headers()[CONTENT_RANGE],
        format!("bytes */{}", bytes.len()).as_str()
    );
}

#[tokio::test]
async fn knowing_a_hash_does_not_grant_access_to_the_bytes() {
    let town = Town::posting(2).await;
    let device = Device::new(&town, 1);
    let hash = first_document(&device).await;
    assert_eq!(device.get(&format!("content/{hash}")).await.status(), 200);
    // Once the notice and the publications with it are gone, so is the right to its document.
    let gone = device.notices().await.notices[0].iri.clone().unwrap();
    town.publisher
        .edit(|shared| shared.notices.retain(|one| one["iri"] != gone.as_str()));
    town.poll_after(60).await;
    assert_eq!(
        town.central.held().await.unwrap().len(),
        1,
        "half of the board is a drop"
    );
    let held = town.central.held().await.unwrap().remove(0);
    town.central.accept(held.id, "test").await.unwrap();
    for title in ["a", "b", "c"] {
        town.publisher
            .edit(|shared| shared.notices[0]["název"]["cs"] = title.into());
        town.poll_after(60).await;
    }
    let answer = refusal(device.get(&format!("content/{hash}")).await).await;
    assert_eq!(answer, (404, "unknown_content".into()));
}

#[tokio::test]
async fn what_was_taken_down_cannot_be_fetched_a_day_later_although_nothing_else_is_published() {
    let town = Town::posting(3).await;
    let device = Device::new(&town, 1);
    let path = format!("content/{}", first_document(&device).await);
    let gone = device.notices().await.notices[0].iri.clone().unwrap();
    town.publisher
        .edit(|shared| shared.notices.retain(|one| one["iri"] != gone.as_str()));
    town.poll_after(15).await;
    assert_eq!(town.poll_after(31).await.withdrawn, 1);
    town.central.forget().await;
    assert_eq!(device.get(&path).await.status(), 200);
    town.clock.advance(TimeDelta::hours(25));
    town.central.forget().await;
    let answer = refusal(device.get(&path).await).await;
    assert_eq!(answer, (404, "unknown_content".into()));
    device
        .content(device.manifest().await.sections.notices)
        .await;
}

#[tokio::test]
async fn a_hash_of_no_board_is_not_found() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let unknown = DocumentHash::of(b"something else").to_string();
    let upper = first_document(&device).await.to_uppercase();
    for hash in [
        unknown.as_str(),
        upper.as_str(),
        "..%2f..%2fcentral-key.pem",
        "x",
    ] {
        let answer = refusal(device.get(&format!("content/{hash}")).await).await;
        assert_eq!(answer, (404, "unknown_content".into()), "{hash}");
    }
}
