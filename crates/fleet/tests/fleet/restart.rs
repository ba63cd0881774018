//! Central ends, and is started again.

use std::fs;

use crate::towns::{Towns, newest};

#[tokio::test]
async fn every_display_comes_back_after_central_was_killed() {
    let mut towns = Towns::posting(&["lipnice"]).await;
    let mut fleet = towns.showing(towns.fleet(30)).await;
    let before = newest(fleet.tally());

    towns.kill().await;
    fleet.until(|tally| tally.all(|one| !one.has_stream)).await;
    assert!(fleet.tally().all(|one| one.taken == before));
    towns.start().await;
    fleet.until(|tally| tally.all(|one| one.has_stream)).await;

    towns.post("lipnice", " po pádu").await;
    fleet
        .until(|tally| tally.all(|one| one.taken > before))
        .await;
    assert!(fleet.tally().all(|one| !one.went_back && one.refused == 0));
    fleet.stop().await;
}

#[tokio::test]
async fn a_restored_backup_brings_no_display_back_to_an_older_manifest() {
    let mut towns = Towns::posting(&["lipnice"]).await;
    let mut fleet = towns.showing(towns.fleet(30)).await;
    let before = newest(fleet.tally());
    let database = towns.data.path().join("data/central.sqlite");
    let backup = towns.data.path().join("backup.sqlite");

    towns.stop().await;
    fs::copy(&database, &backup).unwrap();
    towns.start().await;
    towns.post("lipnice", " po záloze").await;
    fleet
        .until(|tally| tally.all(|one| one.has_stream && one.taken > before))
        .await;
    let after = newest(fleet.tally());

    towns.stop().await;
    fs::copy(&backup, &database).unwrap();
    towns.start().await;
    // Central numbers what it has anew, beyond what the displays say that they have.
    fleet
        .until(|tally| tally.all(|one| one.has_stream && one.taken > after))
        .await;
    towns.alert("lipnice", "povoden").await;
    fleet
        .until(|tally| tally.all(|one| one.alerts.contains("povoden")))
        .await;
    assert!(fleet.tally().all(|one| !one.went_back));
    fleet.stop().await;
}
