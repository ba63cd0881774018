//! A whole town on loopback: its publisher and the central service, for tests and benches of the kiosk.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "a module of several tests and benches, of which each uses the part it needs"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::runtime::Runtime;
use url::Url;
use vyveska::app::{Options, OutputMode, ServiceOptions, Sound};
use vyveska_board::{Clock as _, DocumentHash};
use vyveska_central::app::SystemEntropy;
use vyveska_central::enrolment::new_enrolment;
use vyveska_central::storage::{
    Actor, ServiceStorage as _, SqliteStorage, StatusRepository as _, Storage as _,
};
use vyveska_central::{Background, Central, Config, SystemClock};
use vyveska_pages::WorkerOptions;
use vyveska_sample_town::{Publisher, SampleTown, Today};
use vyveska_wire::enrolment::{EnrolmentFile, EnrolmentToken};
use vyveska_wire::keys::KeyPair;
use vyveska_wire::service_pin::ServicePinHash;

/// The longest wait of a test: far longer than a busy machine takes, since it only ends a test that fails.
pub const PATIENCE: Duration = Duration::from_secs(600);

/// The PIN of the town's displays.
pub const SERVICE_PIN: &str = "482915";

/// The sample town, published, and a central service that polls on request.
pub struct Town {
    pub publisher: Publisher,
    pub central: Central,
    pub runtime: Runtime,
    folder: TempDir,
    today: Today,
    enrolment: EnrolmentToken,
}

impl Town {
    /// Starts both and ingests the feed with all its documents.
    pub fn start() -> Self {
        Self::start_on(Arc::new(today), Arc::new(SystemClock))
    }

    /// The same on another day, with another clock for central.
    pub fn start_on(today: Today, clock: Arc<dyn vyveska_board::Clock>) -> Self {
        Self::start_with(SampleTown::load().unwrap(), "", today, clock)
    }

    /// A town with these notices, beside more boards of central's configuration, which are not polled yet.
    pub fn start_beside(sample: SampleTown, boards: &str) -> Self {
        Self::start_with(sample, boards, Arc::new(today), Arc::new(SystemClock))
    }

    fn start_with(
        sample: SampleTown,
        boards: &str,
        today: Today,
        clock: Arc<dyn vyveska_board::Clock>,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (publisher, central, enrolment) = runtime.block_on(async {
            let address = ([127, 0, 0, 1], 0).into();
            let publisher = Publisher::start(sample, Arc::clone(&today), address)
                .await
                .unwrap();
            vyveska_sample_town::information::write(folder.path(), (today)()).unwrap();
            let config = config(&publisher.feed_url(), folder.path(), boards);
            let now = clock.now().earliest;
            let central = Central::start_with(config, clock, Background::OnCall)
                .await
                .unwrap();
            let database = folder.path().join("central/central.sqlite");
            let storage = SqliteStorage::open(&database).await.unwrap();
            let (what, actor) = (("lipnice", 1000), Actor::Person("technician".to_owned()));
            let made = new_enrolment(&storage, &SystemEntropy, what, actor, now).await;
            storage.close().await;
            (publisher, central, made.unwrap().1)
        });
        let town = Self {
            publisher,
            central,
            runtime,
            folder,
            today,
            enrolment,
        };
        town.poll();
        town
    }

    /// Polls the publisher now, and publishes what changed.
    pub fn poll(&self) {
        self.runtime.block_on(async {
            self.central.poll_now("lipnice").await.unwrap();
            self.central.tick().await;
        });
    }

    /// Counts the pages of every document and extracts its text, which otherwise has the lowest priority.
    pub fn prepare(&self) {
        self.runtime
            .block_on(self.central.prepare_documents())
            .unwrap();
    }

    /// Puts the town's alert in force.
    pub fn alert(&self) {
        vyveska_sample_town::information::write_alert(self.folder.path(), (self.today)()).unwrap();
        self.runtime.block_on(self.central.tick());
    }

    /// Puts an alert of another town in force, whose board names `alerts.toml` in a folder of its id.
    pub fn alert_of(&self, board: &str) {
        let folder = self.folder.path().join(board);
        std::fs::create_dir_all(&folder).unwrap();
        vyveska_sample_town::information::write_alert(&folder, (self.today)()).unwrap();
        self.runtime.block_on(self.central.tick());
    }

    /// How central sees the displays that have told it how they are: the worst that each says, in one word.
    pub fn seen(&self) -> Vec<String> {
        let database = self.folder.path().join("central/central.sqlite");
        self.runtime.block_on(async {
            self.central.tick().await;
            let storage = SqliteStorage::open(&database).await.unwrap();
            let states = storage.display_states().await.unwrap();
            storage.close().await;
            let heard = states.into_iter().filter_map(|one| one.heard);
            heard.map(|heard| heard.state).collect()
        })
    }

    /// A folder for a kiosk's data.
    pub fn kiosk_data(&self) -> PathBuf {
        self.folder.path().join("kiosk")
    }

    /// The same for a kiosk that is registered for another board.
    pub fn kiosk_data_of(&self, board: &str) -> PathBuf {
        let data = self.folder.path().join(format!("kiosk-{board}"));
        std::fs::create_dir(&data).unwrap();
        let key = KeyPair::from_seed(DocumentHash::of(board.as_bytes()).as_bytes());
        std::fs::write(data.join("device-key.pem"), key.to_pem()).unwrap();
        let database = self.folder.path().join("central/central.sqlite");
        self.runtime.block_on(async {
            let storage = SqliteStorage::open(&database).await.unwrap();
            let actor = Actor::Person("technician".to_owned());
            let mut unit = storage
                .begin(actor, SystemClock.now().earliest)
                .await
                .unwrap();
            let key = key.public();
            unit.register(&key.id(), &key, board).await.unwrap();
            unit.save().await.unwrap();
            storage.close().await;
        });
        data
    }

    /// An enrolment file for kiosks of Lipnice.
    pub fn enrolment(&self) -> PathBuf {
        self.enrolment_at(self.central.url(), "enrolment.toml")
    }

    /// The same where central is said to be elsewhere.
    pub fn enrolment_at(&self, central: &Url, name: &str) -> PathBuf {
        let file = EnrolmentFile {
            central: central.clone(),
            central_key: self.central.public_key(),
            token: self.enrolment.clone(),
        };
        let path = self.folder.path().join(name);
        std::fs::write(&path, file.to_toml()).unwrap();
        path
    }

    /// A headless kiosk of this town.
    pub fn options(&self, width: u32, height: u32) -> Options {
        Options {
            central: self.central.url().clone(),
            central_key: self.central.public_key(),
            enrolment: Some(self.enrolment.clone()),
            allow_http: false,
            data: self.kiosk_data(),
            width,
            height,
            panel: vyveska::ui::PhysicalPanel::default(),
            output_mode: OutputMode::Headless,
            sound: Sound::None,
            service: ServiceOptions::default(),
            clock_verifier: vyveska::clock::SystemClockVerifier::default(),
            worker: Some(worker()),
        }
    }
}

/// The page worker, built beside the tests.
pub fn worker() -> WorkerOptions {
    let program = Path::new(env!("CARGO_BIN_EXE_vyveska")).with_file_name("vyveska-pages");
    assert!(
        program.exists(),
        "{} is missing: `cargo build --workspace --bins` makes it, with `--release` for a bench",
        program.display()
    );
    let mut options = WorkerOptions::new(program);
    options.start_deadline = PATIENCE;
    options.request_deadline = PATIENCE;
    options
}

#[expect(
    clippy::disallowed_methods,
    reason = "the kiosk under test reads the real clock, so the town has to live today"
)]
pub fn today() -> chrono::NaiveDate {
    chrono::Utc::now()
        .with_timezone(&vyveska_board::PRAGUE)
        .date_naive()
}

/// The table of a board with one source.
pub fn board_table(id: &str, town: &str, feed: &str, more: &str) -> String {
    format!(
        r#"
        [[boards]]
        id = "{id}"
        town = "{town}"
        web_address = "{id}.example/deska"
        {more}
        [[boards.sources]]
        kind = "ofn"
        url = "{feed}"
        "#
    )
}

fn config(feed: &str, folder: &Path, boards: &str) -> Config {
    let arms = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/sample-town/coat-of-arms.png");
    let more = format!(
        r#"
        part = "část 1 ze 2, druhá je na nádraží"
        coat_of_arms = "{arms}"
        copies = {{ place = "podatelna městského úřadu, přízemí, dveře č. 12", telephone = "352 000 111", hours = "po a st 8.00–17.00" }}
        service_pin_hash = "{pin}"
        information = "information.toml"
        alerts = "alerts.toml"
        "#,
        arms = arms.display(),
        pin = ServicePinHash::of(SERVICE_PIN, &[7; 16]).unwrap().as_str(),
    );
    let lipnice = board_table("lipnice", "Město Lipnice nad Rolavou", feed, &more);
    let text = format!(
        r#"
        [service]
        listen = "127.0.0.1:0"
        data = "{data}"
        public_url = "https://lipnice.example/"

        [documents]
        pause_ms = 0
        first_wait_ms = 60000
        ocr = "off"
        jury = "off"

        {lipnice}
        {boards}
        "#,
        data = folder.join("central").display(),
    );
    Config::from_toml(&text, folder).unwrap()
}
