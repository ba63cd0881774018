//! Towns on one central service that can be killed, and their displays.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use vyveska_board::FakeClock;
use vyveska_central::app::SystemEntropy;
use vyveska_central::enrolment::new_enrolment;
use vyveska_central::storage::{Actor, ServiceStorage as _, SqliteStorage, Storage as _};
use vyveska_central::{Background, Central, Config};
use vyveska_fleet::{Fleet, FleetConfig, Tally, Timing, key_of};
use vyveska_wire::enrolment::EnrolmentToken;

use crate::feed::write_feed;

const NOTICES: u32 = 5;

pub(crate) struct Towns {
    pub(crate) clock: FakeClock,
    pub(crate) data: TempDir,
    boards: &'static [&'static str],
    running: Option<Running>,
    /// The port that central got first, and keeps.
    port: u16,
}

/// A central service with all of its tasks.
struct Running {
    central: Arc<Central>,
    runtime: Runtime,
}

/// A runtime cannot be waited for in the tests' own.
impl Drop for Towns {
    fn drop(&mut self) {
        if let Some(Running { runtime, .. }) = self.running.take() {
            runtime.shutdown_background();
        }
    }
}

fn start_of_test() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

impl Towns {
    /// Towns with a board each, which were polled and published once.
    pub(crate) async fn posting(boards: &'static [&'static str]) -> Self {
        let mut towns = Self {
            clock: FakeClock::at(start_of_test()),
            data: TempDir::new().unwrap(),
            boards,
            running: None,
            port: 0,
        };
        towns.start().await;
        for board in boards {
            towns.post(board, "").await;
        }
        towns
    }

    pub(crate) async fn start(&mut self) {
        let config = self.config();
        let clock = Arc::new(self.clock.clone());
        let started = tokio::task::spawn_blocking(|| {
            let runtime = Runtime::new().unwrap();
            let central = Central::start_with(config, clock, Background::OnCall);
            let central = Arc::new(runtime.block_on(central).unwrap());
            Running { central, runtime }
        });
        let running = started.await.unwrap();
        self.port = running.central.url().port().unwrap();
        self.running = Some(running);
    }

    /// Ends every task of central wherever it is.
    pub(crate) async fn kill(&mut self) {
        let Running { central, runtime } = self.running.take().unwrap();
        let killed = tokio::task::spawn_blocking(move || {
            runtime.shutdown_timeout(Duration::from_secs(60));
            drop(central);
        });
        killed.await.unwrap();
    }

    /// Ends central as a person would.
    pub(crate) async fn stop(&mut self) {
        let Running { central, runtime } = self.running.take().unwrap();
        let stopped = tokio::task::spawn_blocking(move || {
            runtime.block_on(Arc::into_inner(central).unwrap().shutdown());
            runtime.shutdown_timeout(Duration::from_secs(60));
        });
        stopped.await.unwrap();
    }

    fn config(&self) -> Config {
        let base = self.data.path();
        let mut text = format!(
            "[service]\nlisten = \"127.0.0.1:{}\"\ndata = \"data\"\n",
            self.port
        );
        for board in self.boards {
            text += &format!(
                r#"
                [[boards]]
                id = "{board}"
                town = "{board}"
                web_address = "{board}.example"
                alerts = "{board}-alerts.toml"
                [[boards.sources]]
                kind = "ofn"
                url = "{board}.jsonld"
                "#
            );
            let alerts = base.join(format!("{board}-alerts.toml"));
            if !alerts.exists() {
                std::fs::write(alerts, "").unwrap();
            }
            let feed = base.join(format!("{board}.jsonld"));
            if !feed.exists() {
                self.write(&feed, board, "");
            }
        }
        Config::from_toml(&text, base).unwrap()
    }

    fn write(&self, feed: &Path, board: &str, more: &str) {
        let notices = (0..NOTICES).map(|_| (more.to_owned(), None));
        write_feed(feed, board, notices);
    }

    fn central(&self) -> Arc<Central> {
        self.running.as_ref().unwrap().central.clone()
    }

    /// Has all notices of a board say something more.
    pub(crate) async fn post(&self, board: &'static str, more: &str) {
        let feed = self.data.path().join(format!("{board}.jsonld"));
        self.write(&feed, board, more);
        // Tokens may be a minute old.
        self.clock.advance(TimeDelta::seconds(1));
        let central = self.central();
        let polled = self.spawn(async move { central.poll_now(board).await });
        polled.await.unwrap().unwrap();
    }

    /// Has a board publish one alert.
    pub(crate) async fn alert(&self, board: &str, id: &str) {
        let alert = format!(
            "[[alerts]]\nid = \"{id}\"\nseverity = \"extreme\"\nsender = \"starosta\"\nheadline = \"Povodeň\"\n\
             sent = 2026-11-21T12:30:00\nexpires = 2026-12-22T12:00:00\n"
        );
        let file = self.data.path().join(format!("{board}-alerts.toml"));
        std::fs::write(file, alert).unwrap();
        // A town's files are read again after a second.
        self.clock.advance(TimeDelta::seconds(1));
        let central = self.central();
        let published = self.spawn(async move { central.tick().await });
        published.await.unwrap();
    }

    fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        self.running.as_ref().unwrap().runtime.spawn(work)
    }

    /// Registers displays for a board.
    pub(crate) async fn register(&self, displays: std::ops::Range<u32>, board: &str) {
        let path = self.data.path().join("data/central.sqlite");
        let storage = SqliteStorage::open(&path).await.unwrap();
        let actor = Actor::Person("technician".to_owned());
        let mut unit = storage.begin(actor, start_of_test()).await.unwrap();
        for index in displays {
            let key = key_of(0, index).public();
            unit.register(&key.id(), &key, board).await.unwrap();
        }
        unit.save().await.unwrap();
        storage.close().await;
    }

    /// Makes a token that lets so many displays of a board in.
    pub(crate) async fn enrolment(&self, board: &str, displays: u32) -> EnrolmentToken {
        let path = self.data.path().join("data/central.sqlite");
        let storage = SqliteStorage::open(&path).await.unwrap();
        let (what, actor) = ((board, displays), Actor::Person("technician".to_owned()));
        let made = new_enrolment(&storage, &SystemEntropy, what, actor, start_of_test()).await;
        storage.close().await;
        made.unwrap().1
    }

    /// A fleet to be started, which loses no time.
    pub(crate) fn fleet(&self, count: u32) -> FleetConfig {
        let central = self.central();
        FleetConfig {
            timing: Timing {
                first_backoff: Duration::from_millis(50),
                longest_backoff: Duration::from_millis(400),
                shortest_pause: Duration::from_millis(10),
                ..Timing::default()
            },
            ..FleetConfig::new(central.url().clone(), central.public_key(), count)
        }
    }

    /// Displays of the first board, each of which has had an event stream and everything that is published.
    pub(crate) async fn showing(&self, config: FleetConfig) -> Fleet {
        self.register(0..config.count, self.boards[0]).await;
        let mut fleet = Fleet::start(config, Arc::new(self.clock.clone())).unwrap();
        fleet
            .until(|tally| tally.all(|one| one.streams_opened > 0 && one.taken > 0))
            .await;
        fleet
    }
}

/// The largest number that a display has whole.
pub(crate) fn newest(tally: &Tally) -> u64 {
    tally.displays.iter().map(|one| one.taken).max().unwrap()
}
