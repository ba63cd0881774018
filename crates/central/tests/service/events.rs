//! `GET /display/v1/events`.

use futures_util::StreamExt as _;

use crate::device::Device;
use crate::town::Town;

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
async fn an_open_stream_does_not_delay_the_shutdown() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let mut stream = Box::pin(device.get("events").await.bytes_stream());
    next_event(&mut stream).await.unwrap();
    town.central.shutdown().await;
    assert!(next_event(&mut stream).await.is_none());
}
