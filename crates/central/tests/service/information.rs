//! Pages, surveys and alerts from files, as displays receive them.

use std::path::Path;

use vyveska_wire::information::PageContent;
use vyveska_wire::section::{AlertsSection, InformationSection};

use crate::damage::file;
use crate::device::Device;
use crate::provision::restarted;
use crate::publisher::Publisher;
use crate::town::{Town, config};

pub(crate) const PAGES: &str = r#"
    [[pages]]
    id = "vylety"
    kind = "tourism"
    title = { cs = "Výlety", de = "Ausflüge" }
    map = { file = "mapa.png", description = "Mapa města" }
    [[pages.places]]
    name = "Kamenný most"
"#;

const ALERT: &str = r#"
    [[alerts]]
    id = "voda-1"
    severity = "extreme"
    sender = "starosta města"
    sent = 2026-11-21T12:30:00
    expires = 2026-11-22T18:00:00
    headline = "Nepijte vodu"
"#;

pub(crate) async fn town() -> Town {
    let publisher = Publisher::start(1).await;
    let feed = publisher.feed_url();
    let town = Town::with(publisher, |data| {
        std::fs::write(data.join("pages.toml"), PAGES).unwrap();
        std::fs::write(data.join("mapa.png"), b"\x89PNG\r\n\x1A\n map").unwrap();
        let mut config = config(data, &feed, "");
        config.boards[0].information = Some(data.join("pages.toml"));
        config.boards[0].alerts = Some(data.join("alerts.toml"));
        config
    })
    .await;
    town.poll().await;
    town
}

async fn information(device: &Device<'_>) -> InformationSection {
    let manifest = device.manifest().await;
    device.section(manifest.sections.information).await
}

async fn alerts(device: &Device<'_>) -> AlertsSection {
    let manifest = device.manifest().await;
    device.section(manifest.sections.alerts).await
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

#[tokio::test]
async fn a_display_gets_pages_with_their_pictures() {
    let town = town().await;
    let device = Device::new(&town, 1);
    let section = information(&device).await;
    assert_eq!(section.pages[0].title["de"], "Ausflüge");
    assert!(matches!(
        section.pages[0].content,
        PageContent::Tourism { .. }
    ));
    let map = section.pages[0].map.as_ref().unwrap();
    let bytes = device.content(map.content).await;
    assert!(bytes.starts_with(b"\x89PNG"));
    assert!(alerts(&device).await.alerts.is_empty());
}

#[tokio::test]
async fn an_alert_appears_and_disappears_with_its_file() {
    let town = town().await;
    let device = Device::new(&town, 1);
    let path = town.data.path().join("alerts.toml");
    let before = device.manifest().await;

    write(&path, ALERT);
    town.central.tick().await;
    assert_eq!(alerts(&device).await.alerts[0].id, "voda-1");
    let with = device.manifest().await;
    assert_eq!(with.sections.notices, before.sections.notices);

    std::fs::remove_file(&path).unwrap();
    town.central.tick().await;
    assert!(alerts(&device).await.alerts.is_empty());
}

#[tokio::test]
async fn an_invalid_file_changes_nothing() {
    let town = town().await;
    let device = Device::new(&town, 1);
    let path = town.data.path().join("alerts.toml");
    write(&path, ALERT);
    town.central.tick().await;
    let before = device.manifest().await;
    write(&path, &ALERT.replace("extreme", "terrible"));
    write(&town.data.path().join("pages.toml"), "pages = 7");
    town.central.tick().await;
    assert_eq!(device.manifest().await, before);
    let alarms = town.central.alarms().await.unwrap();
    let kinds: Vec<&str> = alarms.iter().map(|alarm| alarm.kind.as_str()).collect();
    assert_eq!(kinds, ["information", "alerts"]);
    assert!(alarms.iter().all(|alarm| alarm.subject == "lipnice"));
    write(&path, ALERT);
    write(&town.data.path().join("pages.toml"), PAGES);
    town.central.tick().await;
    assert_eq!(town.central.alarms().await.unwrap(), []);
    assert_eq!(device.manifest().await, before);
}

#[tokio::test]
async fn a_mistake_in_one_file_keeps_nothing_in_the_other_back() {
    let town = town().await;
    let device = Device::new(&town, 1);
    let (pages, path) = (
        town.data.path().join("pages.toml"),
        town.data.path().join("alerts.toml"),
    );
    let before = information(&device).await;
    write(&pages, "pages = 7");
    town.central.tick().await;
    write(&path, ALERT);
    town.central.tick().await;
    assert_eq!(alerts(&device).await.alerts[0].id, "voda-1");
    assert_eq!(information(&device).await, before);

    // Neither does it at the start.
    let other = ALERT.replace("voda-1", "voda-2");
    write(&path, &other);
    let town = restarted(town).await;
    town.central.tick().await;
    let device = Device::new(&town, 1);
    let shown = &alerts(&device).await.alerts[0].id;
    assert_eq!(shown, "voda-2", "it does not wait for a poll");
    assert_eq!(information(&device).await, before);

    write(&path, &other.replace("extreme", "terrible"));
    write(&pages, &PAGES.replace("Výlety", "Procházky"));
    town.central.tick().await;
    assert_eq!(alerts(&device).await.alerts[0].id, "voda-2");
    assert_eq!(information(&device).await.pages[0].title["cs"], "Procházky");
    let [alarm] = &*town.central.alarms().await.unwrap() else {
        panic!("one alarm");
    };
    assert!(alarm.is("alerts", "lipnice"), "{alarm:?}");
}

#[tokio::test]
async fn what_can_be_read_nowhere_stays_as_it_was_published() {
    let town = town().await;
    let (pages, path) = (
        town.data.path().join("pages.toml"),
        town.data.path().join("alerts.toml"),
    );
    write(&path, ALERT);
    town.central.tick().await;
    let before = Device::new(&town, 1).manifest().await.sections;
    for section in [before.information, before.alerts] {
        std::fs::remove_file(file(&town, section)).unwrap();
    }
    for path in [&pages, &path] {
        write(path, "pages = 7");
    }
    let town = restarted(town).await;
    town.publisher
        .edit(|shared| shared.notices[0]["název"]["cs"] = "Jinak".into());
    town.poll_after(15).await;
    let device = Device::new(&town, 1);
    let after = device.manifest().await.sections;
    assert_eq!(
        (after.information, after.alerts),
        (before.information, before.alerts)
    );
    assert_eq!(device.notices().await.notices[0].title["cs"], "Jinak");

    write(&path, ALERT);
    write(&pages, PAGES);
    town.central.tick().await;
    assert_eq!(alerts(&device).await.alerts[0].id, "voda-1");
    assert_eq!(information(&device).await.pages.len(), 1);
}
