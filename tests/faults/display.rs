//! A display without an interface: store, outbox, journal and sync on a disk, against a central service in memory.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use vyveska::journal::{self, AcceptedBoard, JournalConfig, JournalHandle, JournalParts};
use vyveska::store::{BoardStore, Outbox, Reserve, Snapshot, SqliteBoardStore, StoreConfig};
use vyveska::sync::{Backoff, BoardSync, FakeCentralClient, SyncConfig, SyncEvent, SyncParts};
use vyveska_board::{Clock as _, FakeClock};
use vyveska_wire::alert::{AlertRecord, AlertSeverity};
use vyveska_wire::envelope::Envelope;
use vyveska_wire::journal::JournalEvent;
use vyveska_wire::keys::KeyPair;
use vyveska_wire::manifest::{Addressee, ContentHash, ContentRef, Manifest, Sections};
use vyveska_wire::section::{AlertsSection, InformationSection, NoticesSection, SettingsSection};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Of the reserve in these tests.
pub(crate) const RESERVE_BYTES: u64 = 4 * 1024 * 1024;

pub(crate) fn central_key() -> KeyPair {
    KeyPair::from_seed(&[1; 32])
}

fn device_key() -> KeyPair {
    KeyPair::from_seed(&[2; 32])
}

fn clock() -> Arc<FakeClock> {
    Arc::new(FakeClock::at("2026-11-21T13:32:00Z".parse().unwrap()))
}

pub(crate) fn central() -> FakeCentralClient {
    FakeCentralClient::new(central_key(), clock().now().earliest)
}

/// Publishes a board with a notice for each document, and an alert when it is wanted.
pub(crate) fn publish(central: &FakeCentralClient, number: u64, documents: &[&[u8]], alert: bool) {
    let mut sections = BTreeMap::new();
    let mut keep = |bytes: Vec<u8>| {
        let content = ContentRef::to(&bytes);
        sections.insert(content.hash, bytes);
        content
    };
    let notices: Vec<_> = documents
        .iter()
        .enumerate()
        .map(|(index, bytes)| {
            serde_json::json!({
                "id": format!("n{number}-{index}"),
                "revision": 1,
                "title": { "cs": format!("Oznámení {index}") },
                "posted": { "date": "2026-11-01" },
                "relevant_until": "unspecified",
                "documents": [{ "title": {}, "content": ContentRef::to(bytes) }],
                "salt": "salt",
            })
        })
        .collect();
    let notices = serde_json::json!({
        "board": { "iri": "https://lipnice.example/deska", "name": {} },
        "notices": notices,
    });
    let notices: NoticesSection = serde_json::from_value(notices).unwrap();
    assert_eq!(
        notices.notices.len(),
        documents.len(),
        "every notice is read"
    );
    let alerts = AlertsSection {
        alerts: alert.then(message).into_iter().collect(),
    };
    let settings = SettingsSection::of_town("Město Lipnice", "deska.lipnice.example");
    let manifest = Manifest {
        number,
        created: clock().now().earliest,
        to: Addressee::Display(device_key().public().id()),
        sections: Sections {
            notices: keep(serde_json::to_vec(&notices).unwrap()),
            information: keep(serde_json::to_vec(&InformationSection::default()).unwrap()),
            alerts: keep(serde_json::to_vec(&alerts).unwrap()),
            settings: keep(serde_json::to_vec(&settings).unwrap()),
        },
    };
    for (hash, bytes) in &sections {
        central.put(*hash, bytes);
    }
    for bytes in documents {
        central.put(ContentHash::of(bytes), bytes);
    }
    central.publish(
        number,
        &Envelope::seal(&manifest, &central_key()).to_bytes(),
    );
    central.announce();
}

fn message() -> AlertRecord {
    let now = clock().now().earliest;
    AlertRecord {
        id: "povoden".to_owned(),
        severity: AlertSeverity::Moderate,
        status: Default::default(),
        sender: [("cs".to_owned(), "starosta".to_owned())].into(),
        sent: now,
        onset: None,
        expires: now + chrono::TimeDelta::hours(1),
        headline: [("cs".to_owned(), "Povodeň".to_owned())].into(),
        description: BTreeMap::new(),
        instructions: BTreeMap::new(),
        url: None,
    }
}

/// The notices that the manifest names, so that alerts which come first and all the rest are one entry.
fn accepted(snapshot: &Snapshot) -> AcceptedBoard {
    AcceptedBoard {
        notices: snapshot.manifest().sections.notices.hash,
        ..AcceptedBoard::from(snapshot)
    }
}

/// Writes the keys that the program reads: the device's into its data, central's public one into a file.
pub(crate) fn write_keys(data: &Path, central: &Path) {
    std::fs::write(data.join("device-key.pem"), device_key().to_pem()).unwrap();
    std::fs::write(central, central_key().public().to_pem()).unwrap();
}

/// A running display.
pub(crate) struct Display {
    pub(crate) store: Arc<dyn BoardStore>,
    pub(crate) outbox: Arc<Outbox>,
    /// The board that was shown at the start.
    pub(crate) shown_first: Option<u64>,
    journal: JournalHandle,
    journal_thread: vyveska::worker::Worker,
    events: Receiver<SyncEvent>,
    shutdown: CancellationToken,
    running: tokio::task::JoinHandle<()>,
    runtime: Runtime,
}

impl Display {
    pub(crate) fn start(data: &Path, central: &FakeCentralClient) -> Self {
        let reserve = Arc::new(Reserve::open(data, RESERVE_BYTES));
        let outbox = Outbox::open(data, Box::new(vyveska::sync::random_seed)).unwrap();
        let outbox = Arc::new(outbox);
        let config = StoreConfig::new(central_key().public(), device_key().public().id());
        let store: Arc<dyn BoardStore> =
            Arc::new(SqliteBoardStore::open(data, config, Arc::clone(&reserve)).unwrap());
        let board = store.current().unwrap();
        let in_use = board.as_ref().map(accepted);
        let (journal, journal_thread) = JournalHandle::start(JournalParts {
            folder: data.join("journal"),
            key: Arc::new(device_key()),
            boot: "3f2c".to_owned(),
            version: "0.1.0".to_owned(),
            monotonic: Arc::new(|| 7),
            clock: clock(),
            in_use,
            reserve,
            in_memory: None,
            config: JournalConfig {
                retry_interval: Duration::from_millis(20),
                ..JournalConfig::default()
            },
        })
        .unwrap();
        let (sender, events) = mpsc::channel();
        let recorder = journal.clone();
        let sync = BoardSync::new(SyncParts {
            client: central.clone(),
            store: Arc::clone(&store),
            outbox: Arc::clone(&outbox),
            central: central_key().public(),
            display: device_key().public().id(),
            enrolment: None,
            clock: clock(),
            rng: StdRng::seed_from_u64(7),
            config: SyncConfig {
                backoff: short(),
                document_backoff: short(),
                document_attempts: 1,
                shortest_pause: Duration::from_millis(5),
                poll_interval: Duration::from_millis(100),
                ..SyncConfig::default()
            },
            before_switch: Box::new(move |snapshot| {
                recorder.accept_board(accepted(snapshot), clock().now())
            }),
            emit: Box::new(move |event| {
                let _ = sender.send(event);
            }),
        });
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let shutdown = CancellationToken::new();
        let running = runtime.spawn(sync.run(shutdown.clone()));
        Self {
            store,
            outbox,
            shown_first: board.map(|board| board.number()),
            journal,
            journal_thread,
            events,
            shutdown,
            running,
            runtime,
        }
    }

    /// Waits until this board is in use.
    #[track_caller]
    pub(crate) fn until_taken(&self, number: u64) {
        self.until(|event| matches!(event, SyncEvent::Taken(board) if board.manifest == number));
    }

    #[track_caller]
    pub(crate) fn until_arrived(&self, bytes: &[u8]) {
        let hash = ContentHash::of(bytes);
        self.until(|event| matches!(event, SyncEvent::ContentArrived(one) if *one == hash));
    }

    #[track_caller]
    fn until(&self, reached: impl Fn(&SyncEvent) -> bool) {
        let mut seen = Vec::new();
        loop {
            match self.events.recv_timeout(PATIENCE) {
                Ok(event) if reached(&event) => return,
                Ok(event) => seen.push(format!("{event:.200?}")),
                Err(error) => panic!("{error}: {seen:#?}"),
            }
        }
    }

    /// Waits for the end of another round.
    #[track_caller]
    pub(crate) fn until_heard(&self) {
        self.until(|event| matches!(event, SyncEvent::Heard(_)));
    }

    /// Waits until the store has this board, and until the round that took it has removed what that does not name.
    #[track_caller]
    pub(crate) fn until_stored(&self, number: u64) {
        let stored = || {
            self.store
                .current()
                .ok()
                .flatten()
                .map(|board| board.number())
        };
        while stored() != Some(number) {
            self.until_heard();
        }
        self.until_heard();
    }

    /// Stops in good order. Whether the journal could record that.
    pub(crate) fn stop(mut self) -> bool {
        self.shutdown.cancel();
        self.runtime.block_on(self.running).unwrap();
        let recorded = self.journal.stop(Vec::new(), clock().now()).is_ok();
        self.journal_thread.join();
        recorded
    }
}

fn short() -> Backoff {
    Backoff {
        first: Duration::from_millis(10),
        cap: Duration::from_millis(50),
    }
}

/// The events of the journal from the last start on, with the gaps before it.
pub(crate) fn journal_events(data: &Path) -> Vec<JournalEvent> {
    let mut segments: Vec<_> = std::fs::read_dir(data.join("journal"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect();
    segments.sort();
    let mut events = Vec::new();
    for segment in segments {
        // A segment in which the disk has an error was set aside by the display, and cannot be read here either.
        let Ok(lines) = std::fs::read_to_string(segment) else {
            continue;
        };
        for line in lines.lines() {
            let entry: vyveska_wire::journal::Entry = serde_json::from_str(line).unwrap();
            if matches!(entry.event, JournalEvent::Started { .. }) {
                let is_gap = |event: &&JournalEvent| matches!(event, JournalEvent::Gap { .. });
                let gaps = events.iter().rev().take_while(is_gap).count();
                events.drain(..events.len() - gaps);
            }
            events.push(entry.event);
        }
    }
    events
}

pub(crate) fn journal_is_whole(data: &Path) -> bool {
    journal::verify(&data.join("journal"), &device_key().public()).is_ok()
}
