//! A wrong clock of central takes nothing from its boards.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::IF_NONE_MATCH;
use vyveska_board::{Clock as _, FakeClock};
use vyveska_central::CheckedClock;
use vyveska_wire::envelope::Envelope;
use vyveska_wire::manifest::Manifest;
use vyveska_wire::now::Now;

use crate::device::Device;
use crate::publisher::Publisher;
use crate::town::{Town, config, start_of_test};

const NOTICES: usize = 5;
const YEAR: TimeDelta = TimeDelta::days(365);

/// The clocks of a town and of the computer that central runs on.
pub(crate) struct Clocks {
    pub(crate) truth: FakeClock,
    system: FakeClock,
    monotonic: Arc<AtomicU64>,
}

impl Clocks {
    pub(crate) fn new() -> Self {
        Self {
            truth: FakeClock::at(start_of_test()),
            system: FakeClock::at(start_of_test()),
            monotonic: Arc::default(),
        }
    }

    pub(crate) fn checked(&self) -> CheckedClock {
        let monotonic = self.monotonic.clone();
        let read = move || Duration::from_secs(monotonic.load(Ordering::Relaxed));
        CheckedClock::new(Arc::new(self.system.clone()), Box::new(read))
    }

    async fn town(&self) -> Town {
        let publisher = Publisher::start(NOTICES).await;
        publisher.edit(|shared| shared.date = Some(start_of_test()));
        let feed = publisher.feed_url();
        let config = |data: &std::path::Path| config(data, &feed, "");
        Town::on_clock(publisher, self.truth.clone(), self.checked(), config).await
    }

    /// Lets minutes pass everywhere.
    pub(crate) fn pass(&self, minutes: u32) {
        let by = TimeDelta::minutes(minutes.into());
        self.truth.advance(by);
        self.system.advance(by);
        let seconds = u64::from(minutes) * 60;
        self.monotonic.fetch_add(seconds, Ordering::Relaxed);
    }

    /// The same, and polls.
    async fn poll_after(&self, town: &Town, minutes: u32) {
        self.pass(minutes);
        let truth = self.truth.now().earliest;
        town.publisher.edit(|shared| shared.date = Some(truth));
        town.central.tick().await;
        town.poll().await;
        town.central.tick().await;
    }
}

async fn time_of(device: &Device<'_>) -> DateTime<Utc> {
    let response = device.get("now?nonce=x").await;
    let envelope = Envelope::from_bytes(&response.bytes().await.unwrap()).unwrap();
    let now: Now = envelope.open(&device.town.central.public_key()).unwrap();
    now.instant
}

async fn on_web(town: &Town) -> usize {
    town.page("/lipnice/")
        .await
        .matches("href=\"/lipnice/notice/")
        .count()
}

async fn alarms(town: &Town) -> Vec<String> {
    let alarms = town.central.alarms().await.unwrap();
    alarms.into_iter().map(|alarm| alarm.kind).collect()
}

#[tokio::test]
async fn a_clock_that_jumps_a_year_ahead_changes_nothing_and_is_an_alarm() {
    let clocks = Clocks::new();
    let town = clocks.town().await;
    town.poll().await;
    let device = Device::new(&town, 1);
    let before = device.manifest().await;
    assert_eq!(device.notices().await.notices.len(), NOTICES);
    clocks.system.advance(YEAR);
    for _ in 0..20 {
        clocks.poll_after(&town, 15).await;
        assert_eq!(device.manifest().await, before);
        assert_eq!(on_web(&town).await, NOTICES);
        assert_eq!(time_of(&device).await, clocks.truth.now().earliest);
        assert_eq!(alarms(&town).await, ["clock"]);
    }
    clocks.system.advance(-YEAR);
    clocks.poll_after(&town, 15).await;
    assert_eq!(device.manifest().await, before);
    assert_eq!(alarms(&town).await, [""; 0]);
    // Notices end at their time all the same, with a wrong clock too.
    clocks.system.advance(YEAR);
    clocks.poll_after(&town, 16 * 24 * 60).await;
    assert_eq!(device.notices().await.notices.len(), 0);
}

#[tokio::test]
async fn a_restart_with_a_wrong_clock_changes_nothing() {
    let clocks = Clocks::new();
    let town = clocks.town().await;
    town.poll().await;
    town.central.tick().await;
    let before = Device::new(&town, 1).manifest().await;
    let mut town = town;
    for wrong_by in [YEAR, -YEAR * 50] {
        clocks.system.advance(wrong_by);
        town = town.restart(clocks.checked()).await;
        let device = Device::new(&town, 1);
        assert_eq!(device.manifest().await, before);
        clocks.poll_after(&town, 15).await;
        assert_eq!(device.manifest().await, before);
        assert_eq!(on_web(&town).await, NOTICES);
        assert_eq!(time_of(&device).await, clocks.truth.now().earliest);
        clocks.system.advance(-wrong_by);
    }
}

#[tokio::test]
async fn a_first_start_with_a_clock_ahead_of_its_publisher_ends_nothing_and_is_an_alarm() {
    let clocks = Clocks::new();
    clocks.system.advance(YEAR);
    let town = clocks.town().await;
    town.poll().await;
    town.central.tick().await;
    assert_eq!(on_web(&town).await, NOTICES);
    assert_eq!(alarms(&town).await, ["clock"]);
    clocks.system.advance(-YEAR);
    clocks.poll_after(&town, 15).await;
    let device = Device::new(&town, 1);
    assert_eq!(device.notices().await.notices.len(), NOTICES);
    assert_eq!(on_web(&town).await, NOTICES);
    assert_eq!(alarms(&town).await, [""; 0]);
}

#[tokio::test]
async fn a_slow_publisher_empties_no_board_of_a_first_start() {
    let clocks = Clocks::new();
    let town = clocks.town().await;
    let slow = start_of_test() - YEAR * 5;
    town.publisher.edit(|shared| shared.date = Some(slow));
    town.poll().await;
    assert_eq!(on_web(&town).await, NOTICES);
    let device = Device::new(&town, 1);
    assert_eq!(time_of(&device).await, clocks.truth.now().earliest);
}

#[tokio::test]
async fn a_clock_that_goes_back_is_followed_before_anything_is_served() {
    // A clock that nobody checks.
    let town = Town::posting(NOTICES).await;
    town.clock.advance(YEAR);
    town.central.tick().await;
    let device = Device::new(&town, 1);
    let wrong = device.manifest().await;
    assert_eq!(device.notices().await.notices.len(), 0);
    town.clock.advance(-YEAR);
    let clock = town.clock.clone();
    let town = town.restart(Arc::new(clock)).await;
    let device = Device::new(&town, 1);
    assert_eq!(device.notices().await.notices.len(), NOTICES);
    assert!(device.manifest().await.number > wrong.number);

    town.clock.advance(YEAR);
    town.central.tick().await;
    assert_eq!(device.notices().await.notices.len(), 0);
    town.clock.advance(-YEAR);
    town.central.tick().await;
    assert_eq!(device.notices().await.notices.len(), NOTICES);
}

#[tokio::test]
async fn what_a_poll_ended_by_a_clock_ahead_hangs_again_as_it_was() {
    let town = Town::posting(NOTICES).await;
    let device = Device::new(&town, 1);
    let before = device.notices().await;
    town.clock.advance(YEAR);
    town.poll().await;
    town.central.tick().await;
    assert_eq!(device.notices().await.notices.len(), 0);
    town.clock.advance(-YEAR);
    town.central.tick().await;
    assert_eq!(device.notices().await, before);
    let report = town.poll_after(15).await;
    assert_eq!((report.added, report.revised), (0, 0));
    assert_eq!(device.notices().await, before);
}

#[tokio::test]
async fn a_display_that_knows_a_larger_number_gets_one_beyond_it() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let newest = device.manifest().await;
    let asked_with = async |held: &str| -> Option<Manifest> {
        let request = device.request("manifest").header(IF_NONE_MATCH, held);
        let response = request.send().await.unwrap();
        if response.status() == 304 {
            return None;
        }
        let envelope = Envelope::from_bytes(&response.bytes().await.unwrap()).unwrap();
        Some(envelope.open(&town.central.public_key()).unwrap())
    };
    let same = format!("\"{}\"", newest.number);
    assert_eq!(asked_with(&same).await, None);
    for nonsense in ["\"abc\"", "\"-1\"", "\"18446744073709551615\"", "*"] {
        let number = asked_with(nonsense)
            .await
            .map_or(newest.number, |one| one.number);
        assert_eq!(number, newest.number, "{nonsense}");
    }
    // The database was restored from a backup of before a year in the future.
    let held = newest.number + u64::try_from(YEAR.num_milliseconds()).unwrap();
    let beyond = asked_with(&format!("\"{held}\"")).await.unwrap();
    assert_eq!(beyond.number, held + 1);
    assert_eq!(beyond.sections, newest.sections);
    assert_eq!(device.manifest().await, beyond);
    let other = Device::new(&town, 2).manifest().await;
    assert_eq!(other, beyond, "the others of the board are not left behind");

    // A display that claims a number of a later century moves nothing.
    let claimed = beyond.number + 100 * u64::try_from(YEAR.num_milliseconds()).unwrap();
    asked_with(&format!("\"{claimed}\"")).await;
    assert_eq!(device.manifest().await, beyond);
}
