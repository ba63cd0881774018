//! What is published reaches the displays that it is for.

use std::collections::BTreeSet;
use std::sync::Arc;

use vyveska_fleet::{DisplayTally, Fleet, FleetConfig, Seen};

use crate::towns::{Towns, newest};

#[tokio::test]
async fn every_display_takes_a_new_publication() {
    let towns = Towns::posting(&["lipnice"]).await;
    let mut fleet = towns.showing(towns.fleet(40)).await;
    let before = newest(fleet.tally());
    assert!(fleet.tally().all(|one| one.taken == before));

    towns.post("lipnice", " jinak").await;
    fleet
        .until(|tally| tally.all(|one| one.taken > before))
        .await;
    let after = newest(fleet.tally());
    assert!(fleet.tally().all(|one| {
        // By the event, and what it names by its hash.
        (one.announced, one.manifest, one.taken) == (after, after, after)
            && (one.refused, one.failed, one.streams_opened) == (0, 0, 1)
    }));
    fleet.stop().await;
}

#[tokio::test]
async fn an_alert_reaches_every_display_in_its_event() {
    let towns = Towns::posting(&["lipnice"]).await;
    let mut fleet = towns.showing(towns.fleet(40)).await;
    assert!(fleet.tally().all(|one| one.alerts.is_empty()));

    towns.alert("lipnice", "povoden").await;
    let mut told = BTreeSet::new();
    while !fleet.tally().all(|one| one.alerts.contains("povoden")) {
        let observation = fleet.next().await;
        if let Seen::Announced {
            has_alerts: true,
            jitter_ms: 0,
            ..
        } = observation.seen
        {
            told.insert(observation.display);
        }
    }
    assert_eq!(told.len(), 40);
    let after = newest(fleet.tally());
    fleet
        .until(|tally| tally.all(|one| one.taken == after))
        .await;
    assert!(fleet.tally().all(|one| (one.refused, one.failed) == (0, 0)));
    fleet.stop().await;
}

#[tokio::test]
async fn a_display_gets_its_own_board_and_no_other() {
    const TOWNS: [&str; 3] = ["lipnice", "rolava", "tisova"];
    let towns = Towns::posting(&TOWNS).await;
    for (index, board) in (0..).zip(TOWNS) {
        towns.register(10 * index..10 * (index + 1), board).await;
    }
    let clock = Arc::new(towns.clock.clone());
    let mut fleet = Fleet::start(towns.fleet(30), clock).unwrap();
    fleet
        .until(|tally| tally.all(|one| one.has_stream && one.taken > 0))
        .await;
    for (displays, board) in fleet.tally().displays.chunks(10).zip(TOWNS) {
        assert!(
            displays
                .iter()
                .all(|one| one.board.as_deref() == Some(board))
        );
    }
    let before: Vec<u64> = fleet.tally().displays.iter().map(|one| one.taken).collect();

    towns.post("rolava", " jinak").await;
    towns.alert("rolava", "povoden").await;
    let is_warned =
        |displays: &[DisplayTally]| displays.iter().all(|one| one.alerts.contains("povoden"));
    fleet
        .until(|tally| is_warned(&tally.displays[10..20]))
        .await;
    // Whatever the others are told comes after that.
    for (board, id) in [("lipnice", "sucho"), ("tisova", "vitr")] {
        towns.alert(board, id).await;
    }
    fleet
        .until(|tally| tally.all(|one| !one.alerts.is_empty()))
        .await;
    for (displays, id) in fleet
        .tally()
        .displays
        .chunks(10)
        .zip(["sucho", "povoden", "vitr"])
    {
        assert!(displays.iter().all(|one| one.alerts.iter().eq([id])));
    }
    let after = &fleet.tally().displays;
    assert!(
        after
            .iter()
            .zip(before)
            .all(|(one, before)| one.taken > before)
    );
    // Neither was any of them offered what it has to refuse.
    assert!(fleet.tally().all(|one| (one.refused, one.failed) == (0, 0)));
    fleet.stop().await;
}

#[tokio::test]
async fn displays_that_nobody_knows_enrol_as_many_as_the_token_lets_in() {
    let towns = Towns::posting(&["lipnice"]).await;
    let config = FleetConfig {
        enrolment: Some(towns.enrolment("lipnice", 3).await),
        ..towns.fleet(5)
    };
    let clock = Arc::new(towns.clock.clone());
    let mut fleet = Fleet::start(config, clock).unwrap();
    fleet
        .until(|tally| {
            let is_refused = |one: &DisplayTally| one.failed > 2 && one.taken == 0;
            tally.count(|one| one.has_stream && one.taken > 0) == 3 && tally.count(is_refused) == 2
        })
        .await;
    fleet.stop().await;
}
