//! The mark of personal data, from the feed to the record, the displays and the open data.

use serde_json::json;
use vyveska_board::ofn;
use vyveska_board::posting::{PostingRules, PostingStatus, posting_status};
use vyveska_board::{Clock as _, ClockBounds};
use vyveska_central::storage::{PublicationRepository as _, ServiceStorage as _};

use crate::device::Device;
use crate::town::Town;

/// A town whose first notice is marked itself, whose second by its document, and whose third is not.
async fn marked_town() -> Town {
    let town = Town::quiet(3).await;
    let terms = json!({ "typ": "Podmínky užití", "obsahuje_osobní_údaje": true });
    town.publisher.edit(|shared| {
        shared.notices[0]["podmínky_užití"] = terms.clone();
        shared.notices[1]["dokument"][0]["podmínky_užití"] = terms;
    });
    town
}

/// The iri of a notice and whether it is marked, by iri.
type Marks = Vec<(String, bool)>;

fn sorted(marks: impl Iterator<Item = (String, bool)>) -> Marks {
    let mut marks: Marks = marks.collect();
    marks.sort();
    marks
}

async fn in_open_data(town: &Town) -> Marks {
    let response = town.get("/lipnice/opendata.jsonld").await;
    let base = "https://deska.example/".parse().unwrap();
    let board = ofn::read(&response.bytes().await.unwrap(), &base)
        .unwrap()
        .remove(0);
    let notices = board.notices.into_iter();
    sorted(notices.map(|one| (one.iri.unwrap().to_string(), one.personal_data)))
}

async fn on_displays(town: &Town) -> Marks {
    let section = Device::new(town, 1).notices().await;
    let notices = section.notices.iter().map(|one| one.to_notice());
    sorted(notices.map(|one| (one.iri.unwrap().to_string(), one.personal_data)))
}

async fn in_storage(town: &Town) -> Marks {
    let storage = town.storage().await;
    let notices = storage.current_notices("lipnice").await.unwrap();
    storage.close().await;
    let notices = notices.into_iter();
    sorted(notices.map(|one| (one.facts.iri.unwrap(), one.facts.personal_data)))
}

fn expected() -> Marks {
    let iri = |n: usize| format!("https://lipnice.example/deska/{n}");
    vec![(iri(0), true), (iri(1), true), (iri(2), false)]
}

#[tokio::test]
async fn the_mark_goes_from_the_feed_to_the_record_the_displays_and_the_open_data() {
    let town = marked_town().await;
    town.poll().await;
    assert_eq!(in_storage(&town).await, expected());
    assert_eq!(on_displays(&town).await, expected());
    assert_eq!(in_open_data(&town).await, expected());
}

#[tokio::test]
async fn a_marked_notice_leaves_a_display_that_is_not_sure_of_the_time() {
    let town = marked_town().await;
    town.poll().await;
    let section = Device::new(&town, 1).notices().await;
    // The end was two days ago at the latest, or is still to come.
    let now = ClockBounds {
        earliest: town.clock.now().earliest,
        latest: "2026-12-09T12:00:00Z".parse().unwrap(),
        ..town.clock.now()
    };
    let left = section.notices.iter().map(|one| one.to_notice());
    let left = left.map(|notice| {
        let status = posting_status(&notice, &now, &PostingRules::default());
        (
            notice.iri.unwrap().to_string(),
            status == PostingStatus::Ended,
        )
    });
    assert_eq!(sorted(left), expected());
}

#[tokio::test]
async fn records_of_an_older_version_are_marked_by_the_next_poll() {
    let town = marked_town().await;
    town.poll().await;
    let before = Device::new(&town, 1).notices().await;
    let database = town.database().await;
    let forget = "UPDATE revision SET facts = json_remove(facts, '$.personal_data')";
    sqlx::query(forget).execute(&database).await.unwrap();
    database.close().await;
    let unmarked = expected().into_iter().map(|(iri, _)| (iri, false));
    assert_eq!(in_storage(&town).await, sorted(unmarked));

    // The publisher answers that nothing changed.
    let report = town.poll_after(15).await;
    assert_eq!((report.added, report.revised, report.withdrawn), (0, 2, 0));
    assert_eq!(in_storage(&town).await, expected());
    assert_eq!(on_displays(&town).await, expected());
    let after = Device::new(&town, 1).notices().await;
    let ids = |section: &vyveska_wire::section::NoticesSection| -> Vec<String> {
        section.notices.iter().map(|one| one.id.clone()).collect()
    };
    assert_eq!(ids(&before), ids(&after), "they stay the same notices");
}
