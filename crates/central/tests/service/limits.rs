//! What displays refuse is never published: `vyveska_wire::limits`.

use serde_json::json;
use vyveska_board::ofn;
use vyveska_wire::limits::{MAX_DOCUMENT_BYTES, MAX_SECTION_BYTES};
use vyveska_wire::section::{AlertsSection, NoticeRecord, NoticesSection};

use crate::device::Device;
use crate::publisher::{Publisher, notice};
use crate::town::{Town, config};

/// As many notices with descriptions of 48,000 characters have more bytes than a section may have.
const TOO_MANY: usize = 360;

pub(crate) const ALERT: &str = r#"
    [[alerts]]
    id = "povoden"
    severity = "extreme"
    sender = "starosta"
    headline = "Povodeň"
    sent = 2026-11-21T12:30:00
    expires = 2026-11-22T12:00:00
"#;

pub(crate) fn long_notices(base: &str) -> Vec<serde_json::Value> {
    let long = |n| {
        let mut notice = notice(base, n);
        notice["popis"] = json!({ "cs": "slovo ".repeat(8_000) });
        notice["dokument"] = json!([]);
        notice
    };
    (0..TOO_MANY).map(long).collect()
}

async fn section(town: &Town) -> NoticesSection {
    let device = Device::new(town, 1);
    let manifest = device.manifest().await;
    assert!(manifest.sections.notices.size_bytes <= MAX_SECTION_BYTES);
    device.section(manifest.sections.notices).await
}

#[tokio::test]
async fn a_board_that_does_not_fit_is_shortened_with_an_alarm() {
    let publisher = Publisher::start(1).await;
    let feed = publisher.feed_url();
    let town = Town::with(publisher, |data| {
        let mut config = config(data, &feed, "");
        std::fs::write(data.join("alerts.toml"), "").unwrap();
        config.boards[0].alerts = Some(data.join("alerts.toml"));
        config
    })
    .await;
    let notices = long_notices(&town.publisher.base);
    town.publisher.edit(|shared| shared.notices = notices);
    town.poll().await;
    let shortened = section(&town).await;
    // Another display, which had nothing, gets the same bytes.
    let sections = async |seed| Device::new(&town, seed).manifest().await.sections;
    assert_eq!(sections(2).await, sections(1).await);
    assert_eq!(shortened.notices.len(), TOO_MANY);
    let is_cut = |record: &&NoticeRecord| record.description["cs"].ends_with("(popis je zkrácen)");
    let count = shortened.notices.iter().filter(is_cut).count();
    assert!((1..TOO_MANY / 5).contains(&count), "{count}");
    let alarms = town.central.alarms().await.unwrap();
    assert_eq!(alarms.len(), 1);
    assert!(alarms[0].is("shortened", "lipnice"));
    let message = &alarms[0].message;
    assert!(
        message.contains(&format!("shortened, of lipnice: {count} description")),
        "{message}"
    );

    // The web and the open data say the same as the displays.
    let response = town.get("/lipnice/opendata.jsonld").await;
    let base = "https://deska.example/".parse().unwrap();
    let open = ofn::read(&response.bytes().await.unwrap(), &base)
        .unwrap()
        .remove(0);
    let cut = shortened.notices.iter().find(is_cut).unwrap();
    let mut same = open.notices.iter();
    let same = same.find(|one| one.iri.as_ref().map(|iri| iri.as_str()) == cut.iri.as_deref());
    let description = same.unwrap().description.get("cs");
    assert_eq!(description, cut.description.get("cs").map(String::as_str));

    // An alert does not wait, and neither does a withdrawal.
    std::fs::write(town.data.path().join("alerts.toml"), ALERT).unwrap();
    town.central.tick().await;
    let device = Device::new(&town, 1);
    let alerts: AlertsSection = device
        .section(device.manifest().await.sections.alerts)
        .await;
    assert_eq!(alerts.alerts.len(), 1);
    town.publisher.edit(|shared| drop(shared.notices.remove(7)));
    town.poll_after(15).await;
    town.poll_after(31).await;
    assert_eq!(section(&town).await.notices.len(), TOO_MANY - 1);

    town.publisher.edit(|shared| {
        let notices = shared.notices.iter_mut();
        notices.for_each(|notice| notice["popis"] = json!({ "cs": "slovo" }));
    });
    town.poll_after(15).await;
    let whole = section(&town).await;
    assert_eq!(whole.notices[0].description["cs"], "slovo");
    assert_eq!(sections(2).await, sections(1).await);
    assert_eq!(town.central.alarms().await.unwrap(), []);
}

/// The revision is what the publisher wrote; the salted hash says in journals what was shown of it.
#[tokio::test]
async fn a_notice_is_shortened_and_whole_again_in_the_same_revision() {
    let town = Town::quiet(1).await;
    town.publisher
        .edit(|shared| shared.notices[0]["popis"] = json!({ "cs": "slovo ".repeat(8_100) }));
    town.poll().await;
    let iri = town.publisher.shared.lock().unwrap().notices[0]["iri"].clone();
    let first = async || {
        let section = section(&town).await;
        let mut notices = section.notices.into_iter();
        let record = notices.find(|one| one.iri.as_deref() == iri.as_str());
        record.unwrap()
    };
    let whole = first().await;
    let mut many = long_notices(&town.publisher.base);
    town.publisher.edit(|shared| {
        many[0] = shared.notices[0].clone();
        shared.notices = many;
    });
    town.poll_after(15).await;
    let shortened = first().await;
    assert_eq!(
        (&whole.id, whole.revision),
        (&shortened.id, shortened.revision)
    );
    assert_eq!(whole.salt, shortened.salt);
    assert_ne!(whole.salted_hash(), shortened.salted_hash());
    town.publisher.edit(|shared| {
        let others = shared.notices.iter_mut().skip(1);
        others.for_each(|notice| notice["popis"] = json!({ "cs": "slovo" }));
    });
    town.poll_after(15).await;
    assert_eq!(first().await.salted_hash(), whole.salted_hash());
}

#[tokio::test]
async fn a_document_that_displays_refuse_is_only_named() {
    let town = Town::posting(1).await;
    let database = town.database().await;
    // As an older version fetched it.
    sqlx::query("UPDATE document SET size_bytes = ?")
        .bind(i64::try_from(MAX_DOCUMENT_BYTES).unwrap() + 1)
        .execute(&database)
        .await
        .unwrap();
    database.close().await;
    town.poll_after(15).await;
    let record = section(&town).await.notices.remove(0);
    assert_eq!(record.documents[0].content, None);
    assert!(record.documents[0].url.is_some());
    assert_eq!(record.revision, 2);
}
