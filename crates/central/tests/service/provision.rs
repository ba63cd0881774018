//! Towns, boards and sources as rows of the database: three towns on one central service, and how files bring them.

use std::path::Path;
use std::process::Command;
use std::slice;
use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::json;
use sqlx::SqlitePool;
use vyveska_board::{Clock as _, DocumentHash};
use vyveska_central::attention::gather;
use vyveska_central::config::{BoardConfig, DisplayConfig, SourceConfig, boards_from_toml};
use vyveska_central::provision::{Changes, ProvisionError, provision};
use vyveska_central::storage::{Actor, BoardRepository as _, ServiceStorage as _, SqliteStorage};
use vyveska_central::{Background, Central, Config};
use vyveska_wire::keys::KeyPair;
use vyveska_wire::section::{AlertsSection, NoticesSection};

use crate::damage::file;
use crate::data_folder::Service;
use crate::device::{Device, refusal};
use crate::information::PAGES;
use crate::limits::ALERT;
use crate::publisher::Publisher;
use crate::retention::file_of;
use crate::town::{Town, config, start_of_test};

pub(crate) const TOWNS: [&str; 3] = ["lipnice", "rolava", "tisova"];

pub(crate) fn title(town: &str, n: usize) -> String {
    format!("Oznámení{town}{n}")
}

/// A publisher of two notices, with titles and documents that no other town has.
pub(crate) async fn publisher(town: &str) -> Publisher {
    let publisher = Publisher::start(2).await;
    publisher.edit(|shared| {
        for (n, notice) in shared.notices.iter_mut().enumerate() {
            notice["název"]["cs"] = title(town, n).into();
            let bytes = format!("%PDF-1.7 {town} {n}\n%%EOF").into_bytes();
            let document = ("application/pdf", bytes);
            shared.documents.insert(format!("{n}.pdf"), document);
        }
    });
    publisher
}

pub(crate) fn table(id: &str, feed: &str, more: &str) -> String {
    format!(
        r#"
        [[boards]]
        id = "{id}"
        town = "Město {id}"
        web_address = "{id}.example/deska"
        {more}
        [[boards.sources]]
        kind = "ofn"
        url = "{feed}"
        "#
    )
}

fn board(id: &str, publisher: &Publisher, more: &str) -> BoardConfig {
    let text = table(id, &publisher.feed_url(), more);
    boards_from_toml(&text, Path::new("/")).unwrap().remove(0)
}

/// A configuration without boards.
pub(crate) fn service(data: &Path) -> Config {
    let mut config = config(data, "none", "");
    config.boards.clear();
    config
}

/// A central service that polled these towns once; the first one's publisher is the town's own.
async fn serving(towns: &[&str]) -> (Town, Vec<Publisher>) {
    let own = publisher(towns[0]).await;
    let mut boards = vec![board(towns[0], &own, "")];
    let mut others = Vec::new();
    for id in &towns[1..] {
        let other = publisher(id).await;
        boards.push(board(id, &other, ""));
        others.push(other);
    }
    let config = |data: &Path| Config {
        boards,
        ..service(data)
    };
    let town = Town::with(own, config).await;
    for id in towns {
        town.central.poll_now(id).await.unwrap();
    }
    (town, others)
}

/// Brings a board as another process does.
async fn bring(town: &Town, board: BoardConfig) -> Changes {
    let storage = town.storage().await;
    let clerk = Actor::Person("clerk".to_owned());
    let changes = provision(&storage, &[board], clerk, start_of_test()).await;
    storage.close().await;
    changes.unwrap()
}

/// The same towns after a restart, with what the database says.
pub(crate) async fn restarted(town: Town) -> Town {
    town.central.shutdown().await;
    let config = service(town.data.path());
    let clock = Arc::new(town.clock.clone());
    let central = Central::start_with(config, clock, Background::OnCall);
    Town {
        central: central.await.unwrap(),
        ..town
    }
}

/// A display of this board.
async fn display<'a>(town: &'a Town, seed: u8, board: &str) -> Device<'a> {
    let device = Device::new(town, seed);
    town.register(&device.key.public(), board).await;
    device
}

pub(crate) fn titles(section: &NoticesSection) -> Vec<String> {
    let notices = section.notices.iter();
    let mut titles: Vec<_> = notices.map(|one| one.title["cs"].clone()).collect();
    titles.sort();
    titles
}

#[tokio::test]
async fn each_town_has_its_own_page_displays_and_documents() {
    let (town, _others) = serving(&TOWNS).await;
    let overview = town.page("/").await;
    let mut displays = Vec::new();
    for (seed, id) in (1..).zip(TOWNS) {
        assert!(overview.contains(&format!("href=\"/{id}/\"")), "{id}");
        let page = town.page(&format!("/{id}/")).await;
        for other in TOWNS {
            assert_eq!(page.contains(&title(other, 0)), other == id, "{other}");
        }
        let device = display(&town, seed, id).await;
        let section = device.notices().await;
        assert_eq!(titles(&section), [title(id, 0), title(id, 1)]);
        let document = section.notices[0].documents[0].content.unwrap();
        let notice = section.notices[0].id.clone();
        displays.push((id, device, notice, document));
    }
    for (id, device, _, document) in &displays {
        device.content(*document).await;
        for (other, _, notice, document) in displays.iter().filter(|other| other.0 != *id) {
            let hidden = device.get(&format!("content/{}", document.hash)).await;
            assert_eq!(refusal(hidden).await.0, 404, "{other} at {id}");
            let hidden = town.get(&format!("/{id}/notice/{notice}")).await;
            assert_eq!(hidden.status(), 404, "{other} at {id}");
        }
    }
}

#[tokio::test]
async fn what_fails_in_one_town_is_told_of_it_alone() {
    let (town, others) = serving(&TOWNS).await;
    assert_eq!(town.central.alarms().await.unwrap(), []);
    let [rolava, tisova] = &others[..] else {
        panic!("three towns");
    };
    rolava.edit(|shared| {
        shared.notices[0]["dokument"][0]["url"] = format!("{}/files/x.pdf", rolava.base).into();
    });
    tisova.edit(|shared| shared.notices.clear());
    town.clock.advance(TimeDelta::hours(1));
    for id in TOWNS {
        town.central.poll_now(id).await.unwrap();
    }
    let alarms = town.central.alarms().await.unwrap();
    let told: Vec<_> = alarms
        .iter()
        .map(|alarm| (&*alarm.kind, &*alarm.subject))
        .collect();
    assert_eq!(told, [("withdrawn_documents", "rolava")]);
    let held = town.central.held().await.unwrap();
    let held: Vec<_> = held.iter().map(|change| &*change.source).collect();
    assert_eq!(held, ["tisova"]);
    for (seed, id) in (1..).zip(TOWNS) {
        let section = display(&town, seed, id).await.notices().await;
        assert_eq!(titles(&section), [title(id, 0), title(id, 1)]);
    }
}

#[tokio::test]
async fn a_town_that_is_added_is_served_after_the_restart() {
    let (town, others) = serving(&TOWNS[..2]).await;
    let before = display(&town, 1, "lipnice").await.manifest().await;
    let tisova = publisher("tisova").await;
    let all = ["town tisova", "board tisova", "source tisova"].map(str::to_owned);
    let added = Changes {
        added: all.to_vec(),
        ..Changes::default()
    };
    assert_eq!(bring(&town, board("tisova", &tisova, "")).await, added);
    for (id, publisher) in [
        ("tisova", &tisova),
        ("rolava", &others[0]),
        ("lipnice", &town.publisher),
    ] {
        let again = bring(&town, board(id, publisher, "")).await;
        assert_eq!(again, Changes::default(), "{id}");
    }
    assert_eq!(town.get("/tisova/").await.status(), 404);

    let town = restarted(town).await;
    town.central.poll_now("tisova").await.unwrap();
    for (seed, id) in (1..).zip(TOWNS) {
        assert!(town.page(&format!("/{id}/")).await.contains(&title(id, 1)));
        let section = display(&town, seed, id).await.notices().await;
        assert_eq!(titles(&section), [title(id, 0), title(id, 1)]);
    }
    assert_eq!(Device::new(&town, 1).manifest().await, before);
}

#[tokio::test]
async fn a_board_out_of_service_comes_back_as_it_was() {
    let (town, others) = serving(&TOWNS).await;
    let before = display(&town, 1, "rolava").await.manifest().await;
    others[0].edit(|shared| shared.notices.clear());
    town.central.poll_now("rolava").await.unwrap();
    assert_eq!(town.central.held().await.unwrap().len(), 1);
    let changes = bring(&town, board("rolava", &others[0], "enabled = false")).await;
    assert_eq!(changes.disabled, ["board rolava"]);
    // Nobody can accept it any more; until the restart it is polled as before.
    assert_eq!(town.central.held().await.unwrap(), []);
    town.central.poll_now("rolava").await.unwrap();
    assert_eq!(town.central.held().await.unwrap().len(), 1);
    let town = restarted(town).await;
    assert_eq!(town.central.held().await.unwrap(), []);
    assert_eq!(town.get("/rolava/").await.status(), 404);
    assert!(!town.page("/").await.contains("rolava"));
    assert!(town.central.poll_now("rolava").await.is_err());
    let refused = Device::new(&town, 1).get("manifest").await;
    assert_eq!(refusal(refused).await.1, "unknown_display");

    bring(&town, board("rolava", &others[0], "")).await;
    let town = restarted(town).await;
    assert!(town.page("/rolava/").await.contains(&title("rolava", 1)));
    assert_eq!(Device::new(&town, 1).manifest().await, before);
}

#[tokio::test]
async fn of_files_that_claim_the_same_source_at_once_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("central.sqlite");
    let storage = SqliteStorage::open(&path).await.unwrap();
    let bring = async |id: &str| {
        let file = table(id, "feed.jsonld", "").replace("kind", "id = \"drazby\"\nkind");
        let boards = boards_from_toml(&file, folder.path()).unwrap();
        let clerk = Actor::Person("clerk".to_owned());
        provision(&storage, &boards, clerk, start_of_test()).await
    };
    let (one, other) = tokio::join!(bring("lipnice"), bring("rolava"));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let refused = one.and(other);
    assert!(
        matches!(refused, Err(ProvisionError::SourceTaken { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_a_board_out_of_service_had_is_forgotten_and_fetched_again_when_it_comes_back() {
    let (town, others) = serving(&TOWNS[..2]).await;
    others[0].edit(|shared| {
        for notice in &mut shared.notices {
            notice["relevantní_do"] = json!({ "nespecifikovaný": true });
        }
    });
    town.central.poll_now("rolava").await.unwrap();
    let sections = display(&town, 1, "rolava").await.manifest().await.sections;
    let document = DocumentHash::of(b"%PDF-1.7 rolava 0\n%%EOF").to_string();
    let files = [document, sections.notices.hash.to_string()].map(|hash| file_of(&town, &hash));
    bring(&town, board("rolava", &others[0], "enabled = false")).await;
    let town = restarted(town).await;
    for (days, are_there) in [(1, true), (5, true), (3, false)] {
        town.clock.advance(TimeDelta::days(days));
        town.central.forget().await;
        assert!(files.iter().all(|file| file.exists() == are_there));
    }
    bring(&town, board("rolava", &others[0], "")).await;
    let town = restarted(town).await;
    town.central.poll_now("rolava").await.unwrap();
    let device = Device::new(&town, 1);
    let section = device.notices().await;
    assert_eq!(titles(&section), [title("rolava", 0), title("rolava", 1)]);
    for notice in &section.notices {
        device.content(notice.documents[0].content.unwrap()).await;
    }
}

async fn told(town: &Town) -> Vec<(String, String)> {
    let alarms = town.central.alarms().await.unwrap().into_iter();
    let mut told: Vec<_> = alarms.map(|one| (one.kind, one.subject)).collect();
    told.sort();
    told
}

#[tokio::test]
async fn what_is_wrong_with_one_town_keeps_no_other_from_being_served() {
    let (town, others) = serving(&TOWNS).await;
    let data = town.data.path().to_owned();
    let (arms, pages) = (data.join("arms.png"), data.join("pages.toml"));
    let png = b"\x89PNG\r\n\x1A\n";
    std::fs::write(data.join("mapa.png"), png).unwrap();
    let write = || {
        std::fs::write(&arms, png).unwrap();
        std::fs::write(&pages, PAGES).unwrap();
    };
    write();
    let files = format!("coat_of_arms = {arms:?}\ninformation = {pages:?}");
    bring(&town, board("lipnice", &town.publisher, &files)).await;
    let town = restarted(town).await;
    town.poll().await;
    let before = display(&town, 1, "lipnice").await.manifest().await.sections;

    std::fs::remove_file(&arms).unwrap();
    std::fs::remove_file(&pages).unwrap();
    let mut tisova = board("tisova", &others[1], "");
    tisova.sources[0].extra_ca = Some(data.join("ca.pem"));
    bring(&town, tisova).await;
    let database = town.database().await;
    sqlx::query("UPDATE source SET settings = '{\"kind\":\"of_tomorrow\"}' WHERE id = 'rolava'")
        .execute(&database)
        .await
        .unwrap();
    database.close().await;
    let town = restarted(town).await;
    let expected = [
        ("certificates", "tisova"),
        ("coat_of_arms", "lipnice"),
        ("information", "lipnice"),
        ("unreadable", "rolava"),
    ];
    let expected = expected.map(|(kind, subject)| (kind.to_owned(), subject.to_owned()));
    assert_eq!(told(&town).await, expected);
    assert_eq!(town.get("/rolava/").await.status(), 404);
    for id in ["lipnice", "tisova"] {
        town.central.poll_now(id).await.unwrap();
        assert!(town.page(&format!("/{id}/")).await.contains(&title(id, 1)));
    }
    // As it was last published.
    let device = Device::new(&town, 1);
    assert_eq!(device.manifest().await.sections, before);

    write();
    town.central.tick().await;
    let [certificates, _, _, unreadable] = expected;
    let left = [certificates, unreadable];
    assert_eq!(told(&town).await, left, "both were read again");
    bring(&town, board("rolava", &others[0], "")).await;
    bring(&town, board("tisova", &others[1], "")).await;
    let town = restarted(town).await;
    assert!(told(&town).await.is_empty());
    assert!(town.page("/rolava/").await.contains(&title("rolava", 1)));
    let device = Device::new(&town, 1);
    assert_eq!(device.manifest().await.sections, before);
}

#[tokio::test]
async fn a_service_starts_without_a_board_and_beside_boards_that_are_refused() {
    let (town, _) = serving(&TOWNS[..1]).await;
    let rolava = publisher("rolava").await;
    let rename = board("rolava", &rolava, "town_id = \"lipnice\"");
    town.central.shutdown().await;
    let config = Config {
        boards: vec![rename],
        ..service(town.data.path())
    };
    let clock = Arc::new(town.clock.clone());
    let central = Central::start_with(config, clock, Background::OnCall);
    let town = Town {
        central: central.await.unwrap(),
        ..town
    };
    let refused = ("refused".to_owned(), "configuration".to_owned());
    assert_eq!(told(&town).await, [refused]);
    assert!(town.page("/lipnice/").await.contains(&title("lipnice", 1)));
    assert_eq!(town.get("/rolava/").await.status(), 404);

    bring(&town, board("lipnice", &town.publisher, "enabled = false")).await;
    let town = restarted(town).await;
    assert_eq!(told(&town).await, []);
    assert_eq!(town.get("/lipnice/").await.status(), 404);
}

/// What waits on these boards for a person, as kind and subject.
async fn waiting(town: &Town, boards: &[BoardConfig]) -> Vec<(String, String)> {
    let storage = town.storage().await;
    let config = Path::new("central.toml");
    let found = gather(&storage, boards, config, &town.clock.now()).await;
    storage.close().await;
    let waiting = found.unwrap().into_iter().flat_map(|board| board.waiting);
    waiting.map(|one| (one.kind, one.subject)).collect()
}

#[tokio::test]
async fn a_source_that_is_added_and_never_accepted_holds_nothing_back() {
    let (town, _) = serving(&TOWNS[..1]).await;
    let path = town.data.path().join("alerts.toml");
    let mut lipnice = board("lipnice", &town.publisher, &format!("alerts = {path:?}"));
    let auctions = publisher("drazby").await;
    lipnice
        .sources
        .extend(board("drazby", &auctions, "").sources);
    bring(&town, lipnice.clone()).await;
    let town = restarted(town).await;

    std::fs::write(&path, ALERT).unwrap();
    town.central.tick().await;
    town.publisher
        .edit(|shared| shared.notices[0]["název"]["cs"] = "Jinak".into());
    town.poll_after(15).await;
    let device = display(&town, 1, "lipnice").await;
    let section = device.notices().await;
    assert_eq!(titles(&section), ["Jinak".to_owned(), title("lipnice", 1)]);
    let alerts: AlertsSection = device
        .section(device.manifest().await.sections.alerts)
        .await;
    assert_eq!(alerts.alerts.len(), 1);
    let told = [("unaccepted".to_owned(), "drazby".to_owned())];
    assert_eq!(waiting(&town, slice::from_ref(&lipnice)).await, told);

    town.central.poll_now("drazby").await.unwrap();
    assert_eq!(device.notices().await.notices.len(), 4);
    assert_eq!(waiting(&town, &[lipnice]).await, []);
}

#[tokio::test]
async fn a_source_that_replaces_one_of_two_leaves_its_notices_until_it_is_accepted() {
    let (town, _) = serving(&TOWNS[..1]).await;
    let path = town.data.path().join("alerts.toml");
    let auctions = publisher("drazby").await;
    let (new, another) = (publisher("nova").await, publisher("dalsi").await);
    let source = |id: &str, publisher: &Publisher| board(id, publisher, "").sources.remove(0);
    let [first, second, third, fourth] = [
        source("lipnice", &town.publisher),
        source("drazby", &auctions),
        source("nova", &new),
        source("dalsi", &another),
    ];
    let bring_with = async |town: Town, sources: Vec<SourceConfig>| {
        let lipnice = board("lipnice", &auctions, &format!("alerts = {path:?}"));
        bring(&town, BoardConfig { sources, ..lipnice }).await;
        restarted(town).await
    };
    let of = |towns: [&str; 2]| {
        let titles = towns.map(|town| [title(town, 0), title(town, 1)]);
        let mut titles = titles.concat();
        titles.sort();
        titles
    };
    let town = bring_with(town, vec![first, second.clone()]).await;
    town.central.poll_now("drazby").await.unwrap();
    let device = display(&town, 1, "lipnice").await;
    assert_eq!(titles(&device.notices().await), of(["lipnice", "drazby"]));

    let town = bring_with(town, vec![third.clone(), second.clone()]).await;
    town.central.poll_now("drazby").await.unwrap();
    let device = Device::new(&town, 1);
    let section = device.notices().await;
    assert_eq!(titles(&section), of(["lipnice", "drazby"]));
    for notice in &section.notices {
        device.content(notice.documents[0].content.unwrap()).await;
    }
    // Also when the documents of the old source would have been forgotten.
    town.clock.advance(TimeDelta::days(9));
    town.central.forget().await;
    auctions.edit(|shared| shared.notices[0]["název"]["cs"] = "Dražba".into());
    town.central.poll_now("drazby").await.unwrap();
    let section = device.notices().await;
    let renamed = titles(&section).contains(&"Dražba".to_owned());
    assert!(renamed && section.notices.len() == 4);
    for notice in &section.notices {
        device.content(notice.documents[0].content.unwrap()).await;
    }
    auctions.edit(|shared| shared.notices[0]["název"]["cs"] = title("drazby", 0).into());
    town.central.poll_now("drazby").await.unwrap();
    // Whose they are cannot be told without what was published last: then all of it stays, and holds no alert back.
    let before = device.manifest().await.sections;
    std::fs::remove_file(file(&town, before.notices)).unwrap();
    std::fs::write(&path, ALERT).unwrap();
    town.central.tick().await;
    let after = device.manifest().await.sections;
    assert_eq!(after.notices, before.notices);
    assert_ne!(after.alerts, before.alerts);

    town.central.poll_now("nova").await.unwrap();
    assert_eq!(titles(&device.notices().await), of(["nova", "drazby"]));

    // What has left does not come back with the next source that is not accepted yet.
    let town = bring_with(town, vec![third, second, fourth]).await;
    auctions.edit(|shared| shared.notices[0]["název"]["cs"] = "Jinak".into());
    town.central.poll_now("drazby").await.unwrap();
    let section = Device::new(&town, 1).notices().await;
    assert_eq!(section.notices.len(), 4);
    assert!(titles(&section).contains(&"Jinak".to_owned()));
}

#[tokio::test]
async fn sources_that_replace_all_others_leave_the_notices_until_they_are_accepted() {
    let (town, _) = serving(&TOWNS[..1]).await;
    let before = display(&town, 1, "lipnice").await.notices().await;
    let path = town.data.path().join("alerts.toml");
    let auctions = publisher("drazby").await;
    let mut lipnice = board("lipnice", &auctions, &format!("alerts = {path:?}"));
    lipnice.sources = board("drazby", &auctions, "").sources;
    bring(&town, lipnice).await;
    let town = restarted(town).await;
    std::fs::write(&path, ALERT).unwrap();
    town.central.tick().await;
    let device = Device::new(&town, 1);
    let alerts: AlertsSection = device
        .section(device.manifest().await.sections.alerts)
        .await;
    assert_eq!(alerts.alerts.len(), 1);
    assert_eq!(device.notices().await, before);
    // Also after the publications that named their documents can no longer be fetched.
    for headline in ["Povodeň I", "Povodeň II", "Povodeň III"] {
        std::fs::write(&path, ALERT.replace("Povodeň", headline)).unwrap();
        town.central.tick().await;
    }
    for notice in &before.notices {
        device.content(notice.documents[0].content.unwrap()).await;
    }
    // Damage keeps no alert back either: displays have these notices.
    let sections = device.manifest().await.sections;
    std::fs::remove_file(file(&town, sections.notices)).unwrap();
    std::fs::write(&path, "").unwrap();
    town.central.tick().await;
    let after = device.manifest().await.sections;
    assert_eq!(after.notices, sections.notices);
    let alerts: AlertsSection = device.section(after.alerts).await;
    assert_eq!(alerts, AlertsSection::default());
    town.central.poll_now("drazby").await.unwrap();
    let section = device.notices().await;
    assert_eq!(titles(&section), [title("drazby", 0), title("drazby", 1)]);
}

#[tokio::test]
async fn a_display_that_is_listed_for_another_board_is_told() {
    let (town, others) = serving(&TOWNS[..2]).await;
    let key = KeyPair::from_seed(&[9; 32]).public();
    let listed = |publisher: &Publisher, id: &str| BoardConfig {
        displays: vec![DisplayConfig {
            id: key.id(),
            part: None,
            service_pin_hash: None,
        }],
        ..board(id, publisher, "")
    };
    let (own, other) = (
        listed(&town.publisher, "lipnice"),
        listed(&others[0], "rolava"),
    );
    let waits = waiting(&town, slice::from_ref(&other)).await;
    assert_eq!(waits, [], "it is not registered");
    town.register(&key, "lipnice").await;
    let told = [("display".to_owned(), key.id().to_string())];
    assert_eq!(waiting(&town, &[other]).await, told);
    assert_eq!(waiting(&town, &[own]).await, []);
}

#[tokio::test]
async fn a_display_moves_to_the_board_that_lists_it_and_not_by_the_file_of_another_town() {
    let (town, others) = serving(&TOWNS[..2]).await;
    let device = display(&town, 1, "lipnice").await;
    let before = device.assignment().await;
    assert_eq!(before.board, "lipnice");
    let id = device.id();
    drop(device);
    let listed = BoardConfig {
        displays: vec![DisplayConfig {
            id: id.clone(),
            part: None,
            service_pin_hash: None,
        }],
        ..board("rolava", &others[0], "")
    };
    let storage = town.storage().await;
    let bring = async |boards: &[BoardConfig]| {
        let clerk = Actor::Person("clerk".to_owned());
        provision(&storage, boards, clerk, start_of_test()).await
    };
    let refused = bring(slice::from_ref(&listed)).await.unwrap_err();
    assert!(
        matches!(&refused, ProvisionError::DisplayTaken { owner, .. } if owner == "lipnice"),
        "{refused:?}"
    );
    let both = [board("lipnice", &town.publisher, ""), listed];
    let moved = bring(&both).await.unwrap();
    assert!(
        moved.changed.contains(&format!("display {id}")),
        "{moved:?}"
    );
    assert_eq!(bring(&both).await.unwrap(), Changes::default());
    storage.close().await;
    let town = restarted(town).await;
    let device = Device::new(&town, 1);
    let after = device.assignment().await;
    assert_eq!(after.board, "rolava");
    assert!(after.number > before.number);
    let section = device.notices().await;
    assert_eq!(titles(&section), [title("rolava", 0), title("rolava", 1)]);
}

/// Runs a command in this folder: its status and what it says.
fn run(folder: &Path, command: &str) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_vyveska-central"))
        .args(command.split(' '))
        .current_dir(folder)
        .output()
        .unwrap();
    let words = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(words).unwrap())
}

#[track_caller]
fn check(folder: &Path, command: &str, status: i32, says: &str) {
    let (found, words) = run(folder, command);
    assert_eq!(found, Some(status), "{command}: {words}");
    assert!(words.contains(says), "{command}: {words}");
}

#[tokio::test]
async fn a_file_of_boards_is_brought_by_a_command() {
    let folder = tempfile::tempdir().unwrap();
    let folder = &folder.path().canonicalize().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    let text = "[service]\ndata = \"data\"\nlisten = \"127.0.0.1:0\"\n";
    write("central.toml", text);
    let (serve, bring, examine) = (
        "serve --config central.toml",
        "provision boards.toml --config central.toml",
        "check-config --provision boards.toml --config central.toml",
    );
    check(folder, serve, 1, "vyveska-central provision FILE");

    // Nothing of a wrong file is brought.
    let right = table("lipnice", "feed.jsonld", "");
    for (wrong, says) in [
        (
            table("rolava", "feed.jsonld", "new_days = 400"),
            "boards[1] (rolava).new_days",
        ),
        (
            table("rolava", "feed.jsonld", "coat_of_arms = \"no.png\""),
            "boards[1] (rolava).coat_of_arms",
        ),
    ] {
        write("boards.toml", &format!("{right}{wrong}"));
        check(folder, examine, 1, says);
        check(folder, bring, 1, says);
        check(folder, serve, 1, "vyveska-central provision FILE");
    }

    write("boards.toml", &right.replace("web_address", "web_page"));
    let serve_it = "serve --provision boards.toml --config central.toml";
    check(folder, serve_it, 1, "unknown field `web_page`");

    write("boards.toml", &right);
    check(folder, examine, 0, "1 board, 1 source");
    check(folder, bring, 0, "added: board lipnice");
    check(folder, bring, 0, "nothing changed");
    let database = folder.join("data/central.sqlite");
    let storage = SqliteStorage::open(&database).await.unwrap();
    let boards = storage.boards().await.unwrap();
    storage.close().await;
    // A command may be given in any folder.
    let feed = folder.join("feed.jsonld");
    let settings: serde_json::Value = boards[0].sources[0].settings().unwrap();
    assert_eq!(settings["url"], feed.to_str().unwrap());
    let config = folder.join("central.toml");
    Service::start(&config, &[]);

    write("more.toml", &table("rolava", "feed.jsonld", ""));
    let more = folder.join("more.toml");
    Service::start(&config, &["--provision", more.to_str().unwrap()]);
    check(
        folder,
        "provision more.toml --config central.toml",
        0,
        "nothing changed",
    );

    // A file that is wrong later keeps no board from being served.
    write(
        "more.toml",
        &table("rolava", "feed.jsonld", "new_days = 400"),
    );
    Service::start(&config, &["--provision", more.to_str().unwrap()]);
    let waiting = "attention --config central.toml";
    check(folder, waiting, 3, "boards[0] (rolava).new_days");
    write("more.toml", &table("rolava", "feed.jsonld", ""));
    Service::start(&config, &["--provision", more.to_str().unwrap()]);
    let (_, words) = run(folder, waiting);
    assert!(!words.contains("new_days"), "{words}");

    // As a configuration was in November 2026.
    write("central.toml", &format!("{text}{right}"));
    let (_, words) = run(folder, "check-config --config central.toml");
    assert!(words.contains("move the [[boards]]"), "{words}");
    // It would bring the board again as it has it at every start.
    check(folder, bring, 1, "taken by an earlier board");
    check(folder, examine, 1, "taken by an earlier board");
}

#[test]
fn a_check_says_how_many_documents_are_fetched_from_a_host_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (configured, at_once, of_town) in [("", 4, 2), ("per_host = 1", 2, 1)] {
        let text = format!("[service]\ndata = \"data\"\n[documents]\n{configured}");
        std::fs::write(folder.join("central.toml"), text).unwrap();
        let says = format!(
            "at most {at_once} documents are fetched from one host at once (documents.per_host), {of_town} of them for one town"
        );
        check(folder, "check-config --config central.toml", 0, &says);
    }
}

#[test]
fn a_check_says_why_documents_are_published_unchecked() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let whole = Path::new(env!("CARGO_BIN_EXE_vyveska-central"));
    let alone = folder.join("vyveska-central");
    // Another process writes what is executed.
    let copied = Command::new("cp").arg(whole).arg(&alone).status().unwrap();
    assert!(copied.success());
    let config = folder.join("central.toml");
    let reasons = |program: &Path, documents: &str| -> Vec<String> {
        let text = format!("[service]\ndata = \"data\"\n[documents]\n{documents}");
        std::fs::write(&config, text).unwrap();
        let output = Command::new(program)
            .args(["check-config", "--config"])
            .arg(&config)
            .output()
            .unwrap();
        let words = String::from_utf8(output.stdout).unwrap();
        let reason = |line: &str| {
            Some(
                line.strip_prefix("documents are published unchecked: ")?
                    .to_owned(),
            )
        };
        words.lines().filter_map(reason).collect()
    };
    let off = "jury = \"off\"";
    let no_worker = "vyveska-pages is not installed beside this program";
    let is_off = "documents.jury is \"off\"";
    assert_eq!(reasons(whole, off), [is_off]);
    assert_eq!(reasons(&alone, ""), [no_worker]);
    assert_eq!(reasons(&alone, off), [no_worker, is_off]);
    let engines = [("mutool", "mupdf-tools"), ("pdftoppm", "poppler-utils")];
    let missing = engines.iter().filter(|(program, _)| {
        let asked = Command::new(program).arg("-v").output();
        asked.is_err()
    });
    let missing: Vec<String> = missing
        .map(|(_, package)| format!("a second engine is missing, install {package}"))
        .collect();
    assert_eq!(reasons(whole, ""), missing);
}

#[tokio::test]
async fn a_file_of_boards_is_compared_with_what_was_brought_before_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = &folder.path().canonicalize().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("central.toml", "[service]\ndata = \"data\"\n");
    write("lipnice.toml", &table("lipnice", "feed.jsonld", ""));
    let renamed = table("rolava", "feed.jsonld", "town_id = \"lipnice\"");
    write("rolava.toml", &renamed);
    let examine = |file: &str| format!("check-config --provision {file} --config central.toml");
    for file in ["lipnice.toml", "rolava.toml"] {
        check(folder, &examine(file), 0, "no board was brought before");
    }
    assert!(!folder.join("data").exists());

    let bring = "provision lipnice.toml --config central.toml";
    check(folder, bring, 0, "added: board lipnice");
    let same = "nothing contradicts the boards";
    check(folder, &examine("lipnice.toml"), 0, same);
    check(folder, &examine("rolava.toml"), 1, "has another name");
    write("rolava.toml", &table("rolava", "feed.jsonld", ""));
    check(folder, &examine("rolava.toml"), 0, same);
    // It was not brought.
    check(
        folder,
        "provision rolava.toml --config central.toml",
        0,
        "added: board rolava",
    );

    // A source stays where its address does.
    let renamed = table("lipnice", "feed.jsonld", "").replace("Město lipnice", "Lipnice");
    write("lipnice.toml", &format!("{renamed}poll_seconds = 90\n"));
    check(folder, &examine("lipnice.toml"), 0, same);
    // Nor does another one get it, of whichever board.
    let other = table("rolava", "other.jsonld", "");
    write("rolava.toml", &other);
    let bring = "provision rolava.toml --config central.toml";
    check(folder, bring, 0, "changed: source rolava");
    let swapped = table("lipnice", "other.jsonld", "") + &table("rolava", "feed.jsonld", "");
    write("rolava.toml", &swapped);
    check(folder, &examine("rolava.toml"), 1, "gets the address of");
    write("rolava.toml", &other);

    let displays = "[service]\ndata = \"data\"\n[displays]\naccept_new_displays = true\n";
    write("central.toml", displays);
    let former = "displays.accept_new_displays: take [displays] out";
    check(folder, &examine("rolava.toml"), 1, former);

    write("central.toml", "[service]\ndata = \"data\"\n");
    let address = format!("sqlite://{}", folder.join("data/central.sqlite").display());
    let database = SqlitePool::connect(&address).await.unwrap();
    sqlx::query("DELETE FROM _sqlx_migrations WHERE version = 1")
        .execute(&database)
        .await
        .unwrap();
    database.close().await;
    let not_compared = "not compared with the boards that were brought before";
    check(folder, &examine("rolava.toml"), 0, not_compared);
}
