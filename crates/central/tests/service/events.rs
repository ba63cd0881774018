//! `GET /display/v1/events`.

use futures_util::StreamExt as _;
use vyveska_central::storage::{NewPublication, PublicationRepository as _};

use crate::device::Device;
use crate::town::{Town, start_of_test};

/// Reads the stream up to the next event and gives its text.
pub(crate) async fn next_event(
    stream: &mut (impl futures_util::Stream<Item = reqwest::Result<bytes::Bytes>> + Unpin),
) -> Option<String> {
    let mut text = String::new();
    while !text.contains("\n\n") {
        text.push_str(std::str::from_utf8(&stream.next().await?.ok()?).unwrap());
    }
    Some(text)
}

#[tokio::test]
async fn a_new_manifest_is_announced() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let response = device.get("events").await;
    assert_eq!(response.status(), 200);
    let mut stream = Box::pin(response.bytes_stream());
    let first = device.manifest().await.number;
    let event = next_event(&mut stream).await.unwrap();
    assert!(event.contains("event: manifest"), "{event}");
    assert!(
        event.contains(&format!("{{\"number\":{first}}}")),
        "{event}"
    );
    town.publisher
        .edit(|shared| shared.notices[0]["název"]["cs"] = "Jinak".into());
    town.poll_after(15).await;
    let event = next_event(&mut stream).await.unwrap();
    let second = device.manifest().await.number;
    assert!(second > first);
    assert!(
        event.contains(&format!("{{\"number\":{second}}}")),
        "{event}"
    );
}

#[tokio::test]
async fn a_publication_is_announced_to_its_own_board() {
    let (town, other) = Town::beside_another().await;
    let (lipnice, rolava) = (Device::new(&town, 1), Device::new(&town, 2));
    town.register(&rolava.key.public(), "rolava").await;
    let mut streams = Vec::new();
    for device in [&lipnice, &rolava] {
        let mut stream = Box::pin(device.get("events").await.bytes_stream());
        next_event(&mut stream).await.unwrap();
        streams.push(stream);
    }
    let edit = |shared: &mut crate::publisher::Shared| {
        shared.notices[0]["název"]["cs"] = "Jinak".into();
    };
    town.publisher.edit(edit);
    town.poll_after(15).await;
    other.edit(edit);
    town.central.poll_now("rolava").await.unwrap();
    // The first event after each publication is that of the display's own board.
    for (device, stream) in [&lipnice, &rolava].into_iter().zip(&mut streams) {
        let event = next_event(stream).await.unwrap();
        let number = device.manifest().await.number;
        assert!(event.contains(&format!("{{\"number\":{number}")), "{event}");
    }
}

#[tokio::test]
async fn what_another_process_published_is_announced() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let mut stream = Box::pin(device.get("events").await.bytes_stream());
    next_event(&mut stream).await.unwrap();
    let first = device.manifest().await.number;

    let storage = town.storage().await;
    let publication = storage.publication("lipnice").await.unwrap().unwrap();
    let again = NewPublication {
        after: publication.id,
        sections: publication.sections,
        changes_at: publication.changes_at,
        content: Vec::new(),
        revisions: Vec::new(),
    };
    let published = storage.publish("lipnice", &again, start_of_test());
    published.await.unwrap();
    town.central.tick().await;
    next_event(&mut stream).await.unwrap();
    assert!(device.manifest().await.number > first);
}

#[tokio::test]
async fn an_open_stream_does_not_delay_the_shutdown() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let mut stream = Box::pin(device.get("events").await.bytes_stream());
    next_event(&mut stream).await.unwrap();
    town.central.shutdown().await;
    assert!(next_event(&mut stream).await.is_none());
}
