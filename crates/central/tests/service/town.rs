//! A central service with one board and a fake clock.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Response;
use sqlx::SqlitePool;
use tempfile::TempDir;
use vyveska_board::FakeClock;
use vyveska_central::app::open_storage;
use vyveska_central::storage::{
    Actor, DisplayRepository as _, ServiceStorage as _, SqliteStorage, Storage as _,
};
use vyveska_central::{Background, Central, Config, ServiceClock};
use vyveska_wire::keys::{KeyPair, PublicKey};

use crate::publisher::Publisher;

pub(crate) struct Town {
    pub(crate) central: Central,
    pub(crate) clock: FakeClock,
    pub(crate) publisher: Publisher,
    pub(crate) data: TempDir,
    pub(crate) http: reqwest::Client,
}

/// The seeds of the keys of displays that Lipnice has.
const DISPLAYS: [u8; 3] = [1, 2, 3];

pub(crate) fn start_of_test() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

pub(crate) fn config(data: &Path, feed: &str, more: &str) -> Config {
    let text = format!(
        r#"
        [service]
        listen = "127.0.0.1:0"
        public_url = "https://deska.example/"
        data = "{}"
        [documents]
        pause_ms = 0
        first_wait_ms = 60000
        {more}
        [[boards]]
        id = "lipnice"
        town = {{ cs = "Město Lipnice nad Rolavou" }}
        web_address = "lipnice.example/deska"
        [[boards.sources]]
        kind = "ofn"
        url = "{feed}"
        "#,
        data.display()
    );
    Config::from_toml(&text, data).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is a composition root of its own"
)]
pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

impl Town {
    /// A town whose board was polled and published once.
    pub(crate) async fn posting(count: usize) -> Self {
        let town = Self::quiet(count).await;
        town.poll().await;
        town
    }

    /// A town that has not been polled yet.
    pub(crate) async fn quiet(count: usize) -> Self {
        Self::configured(count, |_| {}).await
    }

    /// The same with another configuration.
    pub(crate) async fn configured(count: usize, edit: impl FnOnce(&mut Config)) -> Self {
        let publisher = Publisher::start(count).await;
        let feed = publisher.feed_url();
        let config = |data: &Path| {
            let mut config = config(data, &feed, "");
            edit(&mut config);
            config
        };
        Self::with(publisher, config).await
    }

    /// A town that has not been polled yet, with the alerts of `alerts.toml` in its data folder.
    pub(crate) async fn with_alerts(count: usize) -> Self {
        let alerts = |config: &mut Config| {
            config.boards[0].alerts = Some(config.service.data.join("alerts.toml"));
        };
        Self::configured(count, alerts).await
    }

    /// Writes the alerts of this town, and has them published.
    pub(crate) async fn alert(&self, alerts: &str) {
        std::fs::write(self.data.path().join("alerts.toml"), alerts).unwrap();
        self.central.tick().await;
    }

    /// Lipnice beside another town, Rolava: both boards were polled and published once.
    pub(crate) async fn beside_another() -> (Self, Publisher) {
        let (publisher, other) = (Publisher::start(1).await, Publisher::start(1).await);
        let feed = publisher.feed_url();
        let board = format!(
            r#"
            [[boards]]
            id = "rolava"
            town = "Rolava"
            web_address = "rolava.example/deska"
            [[boards.sources]]
            kind = "ofn"
            url = "{}"
            "#,
            other.feed_url()
        );
        let town = Self::with(publisher, |data| config(data, &feed, &board)).await;
        town.poll().await;
        town.central.poll_now("rolava").await.unwrap();
        (town, other)
    }

    /// The database as another process would open it.
    pub(crate) async fn storage(&self) -> SqliteStorage {
        let path = self.data.path().join("central.sqlite");
        SqliteStorage::open(&path).await.unwrap()
    }

    /// The database itself, for what storage has no word for.
    pub(crate) async fn database(&self) -> SqlitePool {
        let path = self.data.path().join("central.sqlite");
        let address = format!("sqlite://{}", path.display());
        SqlitePool::connect(&address).await.unwrap()
    }

    /// Registers a display for a board, or moves it there.
    pub(crate) async fn register(&self, key: &PublicKey, board: &str) {
        let storage = self.storage().await;
        let actor = Actor::Person("technician".to_owned());
        let mut unit = storage.begin(actor, start_of_test()).await.unwrap();
        let registered = storage.display(&key.id()).await.unwrap();
        if registered.is_none() {
            unit.register(&key.id(), key, board).await.unwrap();
        } else if registered.is_some_and(|display| display.board != board) {
            unit.move_display(&key.id(), board).await.unwrap();
        }
        unit.save().await.unwrap();
        storage.close().await;
    }

    pub(crate) async fn with(publisher: Publisher, config: impl FnOnce(&Path) -> Config) -> Self {
        let clock = FakeClock::at(start_of_test());
        let believed = Arc::new(clock.clone());
        Self::on_clock(publisher, clock, believed, config).await
    }

    /// A town whose central service has a clock of its own.
    pub(crate) async fn on_clock(
        publisher: Publisher,
        clock: FakeClock,
        centrals: impl Into<ServiceClock>,
        config: impl FnOnce(&Path) -> Config,
    ) -> Self {
        let data = TempDir::new().unwrap();
        // It may hold the town's files before the service has been there.
        let private = Permissions::from_mode(0o700);
        std::fs::set_permissions(data.path(), private).unwrap();
        let config = config(data.path());
        let central = Central::start_with(config.clone(), centrals, Background::OnCall)
            .await
            .unwrap();
        let storage = open_storage(&config).await.unwrap();
        let actor = Actor::Person("technician".to_owned());
        let mut unit = storage.begin(actor, start_of_test()).await.unwrap();
        if config.board("lipnice").is_some() {
            for seed in DISPLAYS {
                let key = KeyPair::from_seed(&[seed; 32]).public();
                unit.register(&key.id(), &key, "lipnice").await.unwrap();
            }
        }
        unit.save().await.unwrap();
        storage.close().await;
        Self {
            central,
            clock,
            publisher,
            data,
            http: http(),
        }
    }

    /// The same town after a restart of central.
    pub(crate) async fn restart(self, centrals: impl Into<ServiceClock>) -> Self {
        self.central.shutdown().await;
        let config = config(self.data.path(), &self.publisher.feed_url(), "");
        let central = Central::start_with(config, centrals, Background::OnCall)
            .await
            .unwrap();
        Self { central, ..self }
    }

    pub(crate) async fn poll(&self) -> vyveska_central::ingest::PollReport {
        self.central.poll_now("lipnice").await.unwrap()
    }

    pub(crate) async fn poll_after(&self, minutes: i64) -> vyveska_central::ingest::PollReport {
        self.clock.advance(TimeDelta::minutes(minutes));
        self.poll().await
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        let url = self.central.url().join(path).unwrap();
        self.http.get(url).send().await.unwrap()
    }

    pub(crate) async fn page(&self, path: &str) -> String {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.text().await.unwrap()
    }
}
