//! What is wrong with some displays disturbs no other.

use std::time::Duration;

use chrono::TimeDelta;
use vyveska_fleet::{Fault, FleetConfig};

use crate::towns::{Towns, newest};

const YEARS: TimeDelta = TimeDelta::days(20 * 365);

fn fault(index: u32) -> Option<Fault> {
    match index {
        0 | 1 => Some(Fault::Slow {
            bytes_per_second: 20_000,
        }),
        2 | 3 => Some(Fault::Flapping {
            every: Duration::from_millis(20),
        }),
        4 => Some(Fault::WrongClock { ahead_by: -YEARS }),
        5 => Some(Fault::WrongClock { ahead_by: YEARS }),
        8 | 9 => Some(Fault::Replaying),
        10 | 11 => Some(Fault::Malicious),
        _ => None,
    }
}

#[tokio::test]
async fn faults_of_some_displays_disturb_no_other() {
    let towns = Towns::posting(&["lipnice"]).await;
    let config = FleetConfig {
        fault: Box::new(fault),
        ..towns.fleet(40)
    };
    let mut fleet = towns.showing(config).await;
    for round in 0..3 {
        let before = newest(fleet.tally());
        for offline in [6, 7] {
            fleet.set_online(offline, false);
        }
        towns.post("lipnice", &format!(" {round}")).await;
        for offline in [6, 7] {
            fleet.set_online(offline, true);
        }
        fleet
            .until(|tally| tally.all(|one| one.taken > before))
            .await;
    }
    towns.alert("lipnice", "povoden").await;
    fleet
        .until(|tally| tally.all(|one| one.alerts.contains("povoden")))
        .await;
    fleet
        .until(|tally| {
            tally.displays[2..4]
                .iter()
                .all(|one| one.streams_opened > 1)
        })
        .await;
    let tally = fleet.tally();
    assert_eq!(tally.violations, []);
    assert!(tally.all(|one| !one.went_back));
    // Those whose own clock is wrong among them: central's time dates their tokens.
    for one in tally.displays[4..6].iter().chain(&tally.displays[12..]) {
        assert_eq!((one.refused, one.failed, one.streams_opened), (0, 0, 1));
    }
    fleet.stop().await;
}

#[tokio::test]
async fn a_display_that_was_off_the_network_for_a_week_comes_back() {
    let towns = Towns::posting(&["lipnice"]).await;
    let mut fleet = towns.showing(towns.fleet(10)).await;
    let before = newest(fleet.tally());
    for display in 0..5 {
        fleet.set_online(display, false);
    }
    fleet
        .until(|tally| tally.count(|one| one.is_offline && !one.has_stream) == 5)
        .await;
    towns.clock.advance(TimeDelta::weeks(1));
    towns.post("lipnice", " po týdnu").await;
    fleet
        .until(|tally| tally.displays[5..].iter().all(|one| one.taken > before))
        .await;
    assert!(
        fleet.tally().displays[..5]
            .iter()
            .all(|one| one.taken == before)
    );
    for display in 0..5 {
        fleet.set_online(display, true);
    }
    let after = newest(fleet.tally());
    fleet
        .until(|tally| tally.all(|one| one.has_stream && one.taken == after))
        .await;
    assert!(fleet.tally().all(|one| one.refused == 0 && !one.went_back));
    fleet.stop().await;
}
