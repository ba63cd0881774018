//! Several nodes: services over one database and one folder of documents, each a process with a data folder of its own.

use std::path::PathBuf;
use std::pin::Pin;
use std::process::Command;
use std::sync::Arc;

use bytes::Bytes;
use chrono::TimeDelta;
use futures_util::{Stream, StreamExt as _};
use reqwest::Response;
use serde_json::json;
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;
use tokio::sync::Semaphore;
use vyveska_board::{Clock as _, DocumentHash};
use vyveska_central::SystemClock;
use vyveska_central::storage::testing::PostgresServer;
use vyveska_central::storage::{Actor, PostgresStorage, ServiceStorage as _, Storage as _};
use vyveska_wire::envelope::Envelope;
use vyveska_wire::event::ManifestAnnounced;
use vyveska_wire::keys::KeyPair;
use vyveska_wire::manifest::{ContentHash, Manifest};
use vyveska_wire::section::NoticesSection;
use vyveska_wire::token::{self, RequestBinding};

use crate::data_folder::Service;
use crate::limits::ALERT;
use crate::publisher::Publisher;
use crate::town::{board_table, http};

const TOWNS: [&str; 3] = ["lipnice", "rolava", "tisova"];

/// The documents of each town.
const DOCUMENTS: usize = 4;

/// How many of them are fetched at once: half of what a host is asked for.
const AT_ONCE: usize = 2;

/// The key that all nodes sign with.
fn signing_key() -> KeyPair {
    KeyPair::from_seed(&[9; 32])
}

/// Towns with a publisher each, and what their nodes share.
struct Towns {
    folder: TempDir,
    database: String,
    publishers: Vec<Publisher>,
    /// Publishers send documents only with its permits.
    gate: Arc<Semaphore>,
}

impl Towns {
    /// Towns whose boards are in the database, each with a display. Their publishers send no document yet.
    async fn quiet() -> Self {
        let mut towns = Self {
            folder: tempfile::tempdir().unwrap(),
            database: PostgresServer::of_this_process().schema().await,
            publishers: Vec::new(),
            gate: Arc::new(Semaphore::new(0)),
        };
        let mut boards = String::new();
        for town in TOWNS {
            let publisher = Publisher::start(DOCUMENTS).await;
            publisher.edit(|shared| {
                shared.gate = Some(towns.gate.clone());
                for (n, notice) in shared.notices.iter_mut().enumerate() {
                    notice["relevantní_do"]["datum"] = json!("2099-12-31");
                    // Nothing is made of it, so that nothing is published after it.
                    let bytes = format!("{{\\rtf1 {town} {n}}}").into_bytes();
                    let document = ("application/rtf", bytes);
                    shared.documents.insert(format!("{n}.pdf"), document);
                }
            });
            let alerts = "alerts = \"alerts.toml\"";
            boards.push_str(&board_table(town, &publisher.feed_url(), alerts));
            towns.publishers.push(publisher);
        }
        towns.bring(&boards).await;
        towns
    }

    /// Brings boards into the database, and registers a display for each.
    async fn bring(&self, boards: &str) {
        let file = self.folder.path().join("boards.toml");
        std::fs::write(&file, boards).unwrap();
        let brought = Command::new(env!("CARGO_BIN_EXE_vyveska-central"))
            .arg("provision")
            .arg(&file)
            .arg("--config")
            .arg(self.config("first"))
            .output()
            .unwrap();
        assert!(brought.status.success(), "{brought:?}");
        let storage = PostgresStorage::open(&self.database).await.unwrap();
        let actor = Actor::Person("technician".to_owned());
        let now = SystemClock.now().earliest;
        let mut unit = storage.begin(actor, now).await.unwrap();
        for town in TOWNS {
            let key = display_key(town).public();
            unit.register(&key.id(), &key, town).await.unwrap();
        }
        unit.save().await.unwrap();
        storage.close().await;
    }

    /// The configuration of a node, whose data folder holds the key of all.
    fn config(&self, name: &str) -> PathBuf {
        let data = self.folder.path().join(name);
        std::fs::create_dir_all(&data).unwrap();
        std::fs::write(data.join("central-key.pem"), signing_key().to_pem()).unwrap();
        let text = format!(
            r#"
            [service]
            listen = "127.0.0.1:0"
            data = "{name}"
            documents = "documents"
            database = "{}"
            [documents]
            per_host = {}
            pause_ms = 0
            first_wait_ms = 60000
            ocr = "off"
            jury = "off"
            "#,
            self.database,
            2 * AT_ONCE
        );
        let path = self.folder.path().join(format!("{name}.toml"));
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Starts a node.
    fn node(&self, name: &str) -> Node {
        Node {
            service: Service::start(&self.config(name), &[]),
            ahead: TimeDelta::zero(),
            http: http(),
        }
    }

    /// Starts a node whose clock is ahead.
    fn node_ahead(&self, name: &str, ahead: TimeDelta) -> Node {
        let mut command = Service::command(&self.config(name));
        command
            .arg("--trust-system-clock")
            .env("LD_PRELOAD", faketime())
            .env("FAKETIME", format!("{:+}", ahead.num_seconds()))
            .env("DONT_FAKE_MONOTONIC", "1");
        Node {
            service: Service::spawn(&mut command),
            ahead,
            http: http(),
        }
    }

    /// How often each document of each town was requested.
    fn documents_asked(&self) -> Vec<usize> {
        let asked = |publisher: &Publisher| {
            let asked = |n| publisher.asked(&format!("/files/{n}.pdf"));
            (0..DOCUMENTS).map(asked).collect::<Vec<_>>()
        };
        self.publishers.iter().flat_map(asked).collect()
    }

    /// How often each feed was requested.
    fn feeds_asked(&self) -> Vec<usize> {
        let publishers = self.publishers.iter();
        publishers.map(|one| one.asked("/feed")).collect()
    }

    /// Waits until as many documents of each town are requested as may be at once.
    async fn until_documents_are_asked_for(&self) {
        let publishers = &self.publishers;
        while publishers.iter().any(|one| one.files_asked() < AT_ONCE) {
            tokio::task::yield_now().await;
        }
    }

    /// How often each board was published.
    async fn publications(&self) -> Vec<i64> {
        let mut connection = PgConnection::connect(&self.database).await.unwrap();
        let mut counts = Vec::new();
        for town in TOWNS {
            let count = "SELECT count(*) FROM publication WHERE board_id = $1";
            let count = sqlx::query_scalar(count).bind(town);
            counts.push(count.fetch_one(&mut connection).await.unwrap());
        }
        connection.close().await.unwrap();
        counts
    }

    /// Puts an alert in force on all boards, at one moment.
    fn alert(&self) {
        let written = self.folder.path().join("alerts.new");
        std::fs::write(&written, ALERT).unwrap();
        std::fs::rename(written, self.folder.path().join("alerts.toml")).unwrap();
    }
}

/// The key of the display of a town.
fn display_key(town: &str) -> KeyPair {
    KeyPair::from_seed(DocumentHash::of(town.as_bytes()).as_bytes())
}

/// The library that fakes the system clock of a program with several threads.
fn faketime() -> String {
    let found = Command::new("faketime")
        .args(["-m", "-f", "+0d", "printenv", "LD_PRELOAD"])
        .output()
        .expect("faketime is installed (Debian package faketime)");
    String::from_utf8(found.stdout).unwrap().trim().to_owned()
}

/// A node that runs, killed when dropped.
struct Node {
    service: Service,
    /// How far its clock is ahead.
    ahead: TimeDelta,
    http: reqwest::Client,
}

impl Node {
    /// A request of the display of a town.
    async fn get(&self, town: &str, path: &str) -> Response {
        let path = format!("{}/{path}", vyveska_wire::DISPLAY_API);
        let binding = RequestBinding {
            method: "GET",
            path_and_query: &path,
            body: b"",
        };
        let now = SystemClock.now().earliest + self.ahead;
        let token = token::issue(&display_key(town), binding, now);
        let url = self.service.url.join(&path).unwrap();
        let response = self.http.get(url).bearer_auth(token).send().await.unwrap();
        assert_eq!(response.status(), 200, "{town} {path}");
        response
    }

    async fn manifest(&self, town: &str) -> Manifest {
        let bytes = self.get(town, "manifest").await.bytes().await.unwrap();
        let envelope = Envelope::from_bytes(&bytes).unwrap();
        envelope.open(&signing_key().public()).unwrap()
    }

    async fn content(&self, town: &str, hash: ContentHash) -> Bytes {
        let response = self.get(town, &format!("content/{hash}")).await;
        let bytes = response.bytes().await.unwrap();
        assert_eq!(ContentHash::of(&bytes), hash);
        bytes
    }

    /// The documents that a manifest's notices name and that can be fetched.
    async fn documents(&self, town: &str, manifest: &Manifest) -> Vec<ContentHash> {
        let notices = self.content(town, manifest.sections.notices.hash).await;
        let notices: NoticesSection = serde_json::from_slice(&notices).unwrap();
        let documents = notices.notices.iter().flat_map(|notice| &notice.documents);
        let contents = documents.filter_map(|document| document.content);
        contents.map(|content| content.hash).collect()
    }

    /// The events of the display of a town.
    async fn events(&self, town: &'static str) -> Events<'_> {
        let response = self.get(town, "events").await;
        Events {
            node: self,
            town,
            stream: Box::pin(response.bytes_stream()),
            received: Vec::new(),
        }
    }
}

/// What a node announces to the display of a town.
struct Events<'a> {
    node: &'a Node,
    town: &'static str,
    stream: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + 'a>>,
    received: Vec<u8>,
}

impl Events<'_> {
    /// The next manifest, verified.
    async fn next(&mut self) -> Manifest {
        loop {
            let end = self.received.windows(2).position(|two| two == b"\n\n");
            let Some(end) = end else {
                let piece = self.stream.next().await.expect("the stream goes on");
                self.received.extend(piece.unwrap());
                continue;
            };
            let event: Vec<u8> = self.received.drain(..end + 2).collect();
            let event = String::from_utf8(event).unwrap();
            // Anything else keeps the connection alive.
            let data = event.lines().find_map(|line| line.strip_prefix("data: "));
            if let Some(data) = data {
                let announced: ManifestAnnounced = serde_json::from_str(data).unwrap();
                let manifest = announced.manifest.expect("it has room");
                return manifest.open(&signing_key().public()).unwrap();
            }
        }
    }

    /// The first manifest from here on that names every document.
    async fn complete(&mut self) -> Manifest {
        loop {
            let manifest = self.next().await;
            if self.node.documents(self.town, &manifest).await.len() == DOCUMENTS {
                return manifest;
            }
        }
    }

    /// The first manifest from here on with other alerts than this one.
    async fn with_other_alerts(&mut self, before: &Manifest) -> Manifest {
        loop {
            let manifest = self.next().await;
            if manifest.sections.alerts != before.sections.alerts {
                return manifest;
            }
        }
    }
}

#[tokio::test]
async fn nodes_share_the_work_and_nothing_is_done_twice() {
    let towns = Towns::quiet().await;
    let nodes = [towns.node("first"), towns.node("second")];
    let mut streams = Vec::new();
    for town in TOWNS {
        for node in &nodes {
            streams.push(node.events(town).await);
        }
    }
    towns.until_documents_are_asked_for().await;
    towns.gate.add_permits(100);
    let mut complete = Vec::new();
    for events in &mut streams {
        complete.push(events.complete().await);
    }
    assert_eq!(towns.feeds_asked(), [1; TOWNS.len()]);
    assert_eq!(towns.documents_asked(), [1; TOWNS.len() * DOCUMENTS]);

    // Both see the alert, and one publishes it.
    let before = towns.publications().await;
    towns.alert();
    for (events, before) in streams.iter_mut().zip(&complete) {
        events.with_other_alerts(before).await;
    }
    let once_more: Vec<i64> = before.iter().map(|count| count + 1).collect();
    assert_eq!(towns.publications().await, once_more);

    // A display may ask either of them, whichever published and fetched.
    for town in TOWNS {
        let [first, second] = [nodes[0].manifest(town).await, nodes[1].manifest(town).await];
        assert_eq!(first, second);
        for node in &nodes {
            let documents = node.documents(town, &first).await;
            assert_eq!(documents.len(), DOCUMENTS);
            for document in documents {
                node.content(town, document).await;
            }
        }
    }
    assert_eq!(towns.feeds_asked(), [1; TOWNS.len()]);
    assert_eq!(towns.documents_asked(), [1; TOWNS.len() * DOCUMENTS]);
}

#[tokio::test]
async fn what_a_killed_node_was_doing_is_done_by_another() {
    let towns = Towns::quiet().await;
    let killed = towns.node("first");
    towns.until_documents_are_asked_for().await;
    drop(killed);
    let before = towns.documents_asked();
    for publisher in &towns.publishers {
        publisher.edit(|shared| shared.gate = None);
    }
    // No job is leased for so long.
    let other = towns.node_ahead("second", TimeDelta::minutes(10));
    for town in TOWNS {
        let manifest = other.events(town).await.complete().await;
        for document in other.documents(town, &manifest).await {
            other.content(town, document).await;
        }
    }
    let once_more: Vec<usize> = before.iter().map(|count| count + 1).collect();
    assert_eq!(towns.documents_asked(), once_more);
}
