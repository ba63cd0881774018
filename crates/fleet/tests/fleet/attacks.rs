//! Nothing that central has to refuse is accepted.

use std::time::Duration;

use chrono::TimeDelta;
use vyveska_fleet::{Fault, FleetConfig, Tally, Timing};

use crate::towns::Towns;

/// What a malicious display sends; that all of it is told apart, unit tests see.
const ATTACKS: usize = 19;

fn with(towns: &Towns, fault: Fault) -> FleetConfig {
    let config = towns.fleet(20);
    FleetConfig {
        timing: Timing {
            poll_interval: Duration::from_millis(200),
            ..config.timing
        },
        fault: Box::new(move |index| (index < 3).then_some(fault)),
        ..config
    }
}

fn others_are_undisturbed(tally: &Tally) -> bool {
    let others = &mut tally.displays[3..].iter();
    others.all(|one| one.has_stream && one.refused == 0)
}

#[tokio::test]
async fn nothing_malicious_is_accepted() {
    let towns = Towns::posting(&["lipnice"]).await;
    let mut fleet = towns.showing(with(&towns, Fault::Malicious)).await;
    fleet
        .until(|tally| {
            let malicious = &mut tally.displays[..3].iter();
            let is_done = malicious.all(|one| one.attacks_refused.len() == ATTACKS);
            is_done || !tally.violations.is_empty()
        })
        .await;
    assert_eq!(fleet.tally().violations, []);
    assert!(others_are_undisturbed(fleet.tally()));
    fleet.stop().await;
}

#[tokio::test]
async fn what_is_sent_again_is_refused_after_a_minute_and_with_another_request_at_once() {
    const LATER: &str = "a request of more than a minute ago";
    let towns = Towns::posting(&["lipnice"]).await;
    let mut fleet = towns.showing(with(&towns, Fault::Replaying)).await;
    let refused = |tally: &Tally, attack: &str| {
        let replaying = &mut tally.displays[..3].iter();
        replaying.all(|one| one.attacks_refused.contains(attack))
    };
    for attack in [
        "a token of another path",
        "a token of another method and body",
    ] {
        fleet.until(|tally| refused(tally, attack)).await;
    }
    assert!(!refused(fleet.tally(), LATER));
    towns.clock.advance(TimeDelta::seconds(62));
    fleet
        .until(|tally| refused(tally, LATER) || !tally.violations.is_empty())
        .await;
    assert_eq!(fleet.tally().violations, []);
    assert!(others_are_undisturbed(fleet.tally()));
    fleet.stop().await;
}
