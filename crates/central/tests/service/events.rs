//! `GET /display/v1/events`.

use futures_util::StreamExt as _;
use vyveska_central::storage::{NewManifest, NewPublication, PublicationRepository as _};
use vyveska_wire::event::ManifestAnnounced;
use vyveska_wire::limits::MAX_EVENT_BYTES;
use vyveska_wire::manifest::{ContentRef, Manifest};
use vyveska_wire::section::{AlertsSection, NOTICES_UNKNOWN};

use crate::device::Device;
use crate::limits::ALERT;
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

/// Opens the stream of a display, and reads its first event.
pub(crate) async fn open(
    device: &Device<'_>,
) -> impl futures_util::Stream<Item = reqwest::Result<bytes::Bytes>> + Unpin + use<> {
    let mut stream = Box::pin(device.get("events").await.bytes_stream());
    next_event(&mut stream).await.unwrap();
    stream
}

/// What an event says.
pub(crate) fn announced(event: &str) -> ManifestAnnounced {
    assert!(event.contains("event: manifest"), "{event}");
    let data = event.lines().find_map(|line| line.strip_prefix("data: "));
    serde_json::from_str(data.unwrap()).unwrap()
}

/// The manifest that an event brings, verified.
pub(crate) fn manifest(town: &Town, event: &ManifestAnnounced) -> Manifest {
    let envelope = event.manifest.as_ref().unwrap();
    envelope.open(&town.central.public_key()).unwrap()
}

#[tokio::test]
async fn a_new_manifest_is_announced() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let response = device.get("events").await;
    assert_eq!(response.status(), 200);
    let mut stream = Box::pin(response.bytes_stream());
    let first = device.manifest().await;
    let event = announced(&next_event(&mut stream).await.unwrap());
    assert_eq!(event.number, first.number);
    assert_eq!(
        (manifest(&town, &event), event.alerts),
        (first.clone(), None)
    );
    town.publisher
        .edit(|shared| shared.notices[0]["název"]["cs"] = "Jinak".into());
    town.poll_after(15).await;
    let event = announced(&next_event(&mut stream).await.unwrap());
    let second = device.manifest().await;
    assert!(second.number > first.number);
    assert_eq!(event.number, second.number);
    assert_eq!(event.jitter_ms, 1, "one display waits");
    assert_eq!((manifest(&town, &event), event.alerts), (second, None));
}

#[tokio::test]
async fn an_alert_travels_in_its_event() {
    let town = Town::with_alerts(1).await;
    town.poll().await;
    let device = Device::new(&town, 1);
    let mut stream = open(&device).await;
    town.alert(ALERT).await;
    let event = announced(&next_event(&mut stream).await.unwrap());
    let alerts = event.alerts.as_ref().unwrap();
    let named = manifest(&town, &event).sections.alerts;
    assert_eq!(ContentRef::to(alerts.as_bytes()), named);
    assert!(alerts.contains("povoden"), "{alerts}");
    assert_eq!(event.jitter_ms, 0);

    // An alert that has no room is named, and fetched.
    let sentences = vec![format!("\"{}\"", "x".repeat(160)); 6].join(", ");
    let instructions = (0..MAX_EVENT_BYTES / 900).map(|n| format!("l{n} = [{sentences}]\n"));
    let instructions: String = instructions.collect();
    let long = format!("{ALERT}\n[alerts.instructions]\n{instructions}");
    town.alert(&long).await;
    let event = announced(&next_event(&mut stream).await.unwrap());
    assert_eq!(event.alerts, None);
    let alerts = device
        .content(manifest(&town, &event).sections.alerts)
        .await;
    assert!(alerts.len() > MAX_EVENT_BYTES);
}

/// Displays keep the notices that they have, or say that they wait for them.
#[tokio::test]
async fn an_alert_does_not_wait_for_the_first_notices() {
    let town = Town::with_alerts(1).await;
    let device = Device::new(&town, 1);
    let mut stream = Box::pin(device.get("events").await.bytes_stream());
    let alerts_of = async |manifest: &Manifest| {
        let section: AlertsSection = device.section(manifest.sections.alerts).await;
        let notices = device.content(manifest.sections.notices).await;
        assert_eq!(notices, NOTICES_UNKNOWN);
        section.alerts.len()
    };
    town.alert(ALERT).await;
    let event = announced(&next_event(&mut stream).await.unwrap());
    let first = manifest(&town, &event);
    assert_eq!(first, device.manifest().await);
    assert_eq!(alerts_of(&first).await, 1);
    for path in ["lipnice/", "lipnice/opendata.jsonld"] {
        assert_eq!(town.get(path).await.status(), 503, "{path}");
    }
    assert_eq!(town.central.alarms().await.unwrap(), []);

    town.alert("").await;
    let second = device.manifest().await;
    assert!(second.number > first.number);
    assert_eq!(alerts_of(&second).await, 0);

    town.alert(ALERT).await;
    town.poll().await;
    let third = device.manifest().await;
    assert_eq!(device.notices().await.notices.len(), 1);
    assert_eq!(third.sections.alerts, first.sections.alerts);
    assert_eq!(town.get("lipnice/").await.status(), 200);
}

#[tokio::test]
async fn what_another_process_published_is_announced() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let mut stream = open(&device).await;
    let first = device.manifest().await.number;

    let storage = town.storage().await;
    let publication = storage.publication("lipnice").await.unwrap().unwrap();
    let again = NewPublication {
        after: publication.id,
        sections: publication.sections,
        // By a process that has another key: it is signed anew.
        manifest: NewManifest {
            number: first + 1,
            bytes: Vec::new(),
        },
        changes_at: publication.changes_at,
        content: Vec::new(),
        revisions: Vec::new(),
    };
    let published = storage.publish("lipnice", &again, start_of_test());
    published.await.unwrap();
    town.central.tick().await;
    let event = announced(&next_event(&mut stream).await.unwrap());
    assert!(event.number > first);
    assert_eq!(event.number, device.manifest().await.number);
}

#[tokio::test]
async fn an_open_stream_does_not_delay_the_shutdown() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let mut stream = open(&device).await;
    town.central.shutdown().await;
    assert!(next_event(&mut stream).await.is_none());
}
