//! Tells central each minute, and soon after every switch to another board, how this display is.
//!
//! A status that cannot be sent is not kept: the next one says more.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tracing::{debug, warn};
use vyveska_wire::manifest::next_number;
use vyveska_wire::status::MAX_NUMBER_OFFSET_MS;

use super::backoff::spread;
use super::client::{CentralClient, ClientError};
use super::{Shared, blocking};

/// How often it is told, on average.
const EVERY: Duration = Duration::from_secs(60);

/// How long the interface has to show a new board before that is told.
const SHOWN_AFTER: Duration = Duration::from_secs(1);

/// Goes on for as long as sync runs. Begins once central's time is known, which dates and numbers statuses.
pub(super) async fn tell<C: CentralClient>(shared: &Arc<Shared<C>>) {
    let Some(tell) = shared.tell_status.clone() else {
        return std::future::pending().await;
    };
    shared.time.known().await;
    let mut number = 0;
    loop {
        number = next_after(number, shared.time.now());
        let told = Arc::clone(&tell);
        match blocking(move || told(number)).await {
            Ok(status) => {
                let sent = shared
                    .client
                    .send_status(shared.time.now(), status.to_bytes());
                match sent.await {
                    Ok(()) => {}
                    Err(ClientError::NotFound) => debug!("central is older, and takes no status"),
                    Err(error) => debug!(%error, "a status is lost"),
                }
            }
            Err(error) => warn!(%error, "there is no status"),
        }
        let pause = spread(EVERY * 9 / 10, EVERY / 5, shared.random());
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shared.switched.notified() => tokio::time::sleep(SHOWN_AFTER).await,
        }
    }
}

/// The number after this one. Where central's time has gone back they go on from there, since it takes none that is far
/// beyond its time.
fn next_after(number: u64, now: DateTime<Utc>) -> u64 {
    let newest = next_number(0, now).saturating_add(MAX_NUMBER_OFFSET_MS);
    next_number(if number < newest { number } else { 0 }, now)
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;
    use vyveska_wire::status::{ClockStatus, ClockTrustStatus, ScreenShown, Status};

    use super::super::http_tests::parts;
    use super::super::{BoardSync, FakeCentralClient};
    use super::*;
    use crate::store::FakeBoardStore;
    use crate::store::samples::{self, SampleBoard};

    fn status(number: u64) -> Status {
        let clock = ClockStatus {
            trust: ClockTrustStatus::Unsure,
            earliest: "1970-01-01T00:00:00Z".parse().unwrap(),
            latest: None,
        };
        Status::new(number, "0.1.0", ScreenShown::Idle, clock)
    }

    fn publish(central: &FakeCentralClient, board: &SampleBoard) {
        for (hash, bytes) in board.sections.iter().chain(&board.documents) {
            central.put(*hash, bytes);
        }
        central.publish(board.number, &board.envelope);
    }

    fn start(central: &FakeCentralClient) -> CancellationToken {
        let (sender, _receiver) = tokio::sync::mpsc::unbounded_channel();
        let store = Arc::new(FakeBoardStore::new());
        let sync = BoardSync::new(parts(central.clone(), store, sender)).telling(Arc::new(status));
        let shutdown = CancellationToken::new();
        tokio::spawn(sync.run(shutdown.clone()));
        shutdown
    }

    async fn pass(seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    fn numbers(central: &FakeCentralClient) -> Vec<u64> {
        let statuses = central.statuses();
        statuses.iter().map(|status| status.number).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_display_tells_each_minute_and_after_a_switch() {
        let now = "2026-11-21T13:32:00Z".parse().unwrap();
        let central = FakeCentralClient::new(samples::central(), now);
        let shutdown = start(&central);
        pass(10).await;
        assert_eq!(numbers(&central).len(), 1);
        // By central's time, since its own is lost.
        assert!(numbers(&central)[0].abs_diff(now.timestamp_millis() as u64) < 10_000);
        pass(600).await;
        let told = numbers(&central);
        assert!((9..=12).contains(&told.len()), "{told:?}");
        assert!(told.is_sorted_by(|one, next| one < next), "{told:?}");

        publish(&central, &samples::board(1_000, &[b"one"]));
        central.announce();
        pass(5).await;
        assert_eq!(numbers(&central).len(), told.len() + 1);
        shutdown.cancel();
    }

    #[test]
    fn numbers_grow_unless_central_would_take_none_of_them() {
        let now: DateTime<Utc> = "2026-11-21T13:32:00Z".parse().unwrap();
        let number = next_after(0, now);
        assert_eq!(next_after(number, now), number + 1);
        let hours_back = now - chrono::TimeDelta::hours(5);
        assert_eq!(next_after(number, hours_back), next_number(0, hours_back));
        let seconds_back = now - chrono::TimeDelta::seconds(5);
        assert_eq!(next_after(number, seconds_back), number + 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_sent_is_lost_and_delays_nothing() {
        let now = "2026-11-21T13:32:00Z".parse().unwrap();
        let central = FakeCentralClient::new(samples::central(), now);
        central.take_no_statuses();
        let shutdown = start(&central);
        publish(&central, &samples::board(1_000, &[b"one"]));
        pass(600).await;
        assert_eq!(numbers(&central), [0; 0]);
        assert!(central.asked().iter().any(|asked| asked == "manifest"));
        let asked = central.asked();
        let tries = asked.iter().filter(|asked| *asked == "status").count();
        assert!((9..=13).contains(&tries), "{tries}");
        shutdown.cancel();
    }
}
