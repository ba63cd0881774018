//! Sync over real HTTP on loopback.

use std::sync::Arc;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use vyveska_board::FakeClock;
use vyveska_wire::manifest::{ContentHash, ContentRef};

use super::sample_central::{SampleCentral, central_now};
use super::*;
use crate::store::{FakeBoardStore, samples};

pub(crate) fn http_client(address: std::net::SocketAddr) -> HttpCentralClient {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test is its own composition root"
    )]
    let clients = HttpClients::build(reqwest::Client::builder).unwrap();
    let base = format!("http://{address}/base/").parse().unwrap();
    HttpCentralClient::new(clients, base, Arc::new(samples::device()))
}

pub(crate) fn parts<C>(
    client: C,
    store: Arc<dyn BoardStore>,
    sender: mpsc::UnboundedSender<SyncEvent>,
) -> SyncParts<C> {
    SyncParts {
        client,
        store,
        outbox: outbox(),
        central: samples::central().public(),
        display: samples::display(),
        enrolment: None,
        // A device that lost its time.
        clock: Arc::new(FakeClock::at("1970-01-01T00:00:00Z".parse().unwrap())),
        rng: StdRng::seed_from_u64(7),
        config: SyncConfig::default(),
        before_switch: Box::new(|_| Ok(())),
        emit: Box::new(move |event| {
            let _ = sender.send(event);
        }),
    }
}

pub(crate) fn outbox() -> Arc<Outbox> {
    // Without a folder it is in memory.
    let folder = std::path::Path::new("/nonexistent");
    Arc::new(Outbox::open(folder, Box::new(|| Ok([7; 32]))).unwrap())
}

async fn until_taken(events: &mut mpsc::UnboundedReceiver<SyncEvent>) -> u64 {
    loop {
        match events.recv().await.unwrap() {
            SyncEvent::Taken(board) => return board.manifest,
            event @ (SyncEvent::Trouble { .. } | SyncEvent::Refused(_)) => panic!("{event:?}"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_display_lost_in_1970_gets_its_board_and_hears_of_the_next() {
    let central = SampleCentral::new();
    central.publish(samples::board(1, &[b"one"]));
    let store = Arc::new(FakeBoardStore::new());
    let (sender, mut events) = mpsc::unbounded_channel();
    let sync = BoardSync::new(parts(http_client(central.serve()), store.clone(), sender));
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(sync.run(shutdown.clone()));
    assert_eq!(until_taken(&mut events).await, 1);
    assert!(matches!(events.recv().await, Some(SyncEvent::Heard(at)) if at == central_now()));
    while !matches!(events.recv().await.unwrap(), SyncEvent::ContentArrived(_)) {}

    // Listening begins by itself at some time; what is published before that is found by the round it begins with.
    central.publish(samples::board(2, &[b"one", b"two"]));
    assert_eq!(until_taken(&mut events).await, 2);
    assert!(store.has(&ContentHash::of(b"two")));
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_stopped_download_goes_on_by_range() {
    let central = SampleCentral::new();
    let document: Vec<u8> = (0..50_000_u32).map(|n| n as u8).collect();
    let content = ContentRef::to(&document);
    central.publish(samples::board(1, &[&document]));
    let store = Arc::new(FakeBoardStore::new());
    store
        .begin(&content)
        .unwrap()
        .write(&document[..12_345])
        .unwrap();
    let (sender, mut events) = mpsc::unbounded_channel();
    let sync = BoardSync::new(parts(http_client(central.serve()), store.clone(), sender));
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(sync.run(shutdown.clone()));
    loop {
        if let Some(SyncEvent::ContentArrived(hash)) = events.recv().await {
            assert_eq!(hash, content.hash);
            break;
        }
    }
    assert_eq!(*central.ranges.lock().unwrap(), ["bytes=12345-"]);
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn nothing_is_asked_over_http_beyond_this_computer() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test is its own composition root"
    )]
    let clients = HttpClients::build(reqwest::Client::builder).unwrap();
    let at = central_now();
    let refused = async |base: &str| {
        let base = base.parse().unwrap();
        let client = HttpCentralClient::new(clients.clone(), base, Arc::new(samples::device()));
        let refused = Err(ClientError::PlainHttp);
        let all = [
            client.now(at, "n").await.map(drop) == refused,
            client.manifest(at, None).await.map(drop) == refused,
            client.assignment(at, None).await.map(drop) == refused,
            client
                .content(at, &ContentHash::of(b"a"), 0)
                .await
                .map(drop)
                == refused,
            client.send_answers(at, Vec::new()).await.map(drop) == refused,
            client.enrol(at, Vec::new()).await == refused,
            client.events(at).await.map(drop) == refused,
        ];
        assert!(all.iter().all(|one| *one == all[0]), "{all:?}");
        all[0]
    };
    // Nobody listens at these; the names do not resolve.
    for base in [
        "http://central.invalid/",
        "http://[100::1]/",
        "http://127.0.0.1.invalid/",
    ] {
        assert!(refused(base).await, "{base}");
    }
    for base in [
        "http://127.8.8.8:1/",
        "http://[::1]:1/",
        "http://localhost:1/",
        "https://central.invalid/",
    ] {
        assert!(!refused(base).await, "{base}");
    }
}

#[tokio::test]
async fn a_kiosk_with_an_http_central_says_why_it_fetches_nothing() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test is its own composition root"
    )]
    let clients = HttpClients::build(reqwest::Client::builder).unwrap();
    let base = "http://central.invalid/".parse().unwrap();
    let client = HttpCentralClient::new(clients, base, Arc::new(samples::device()));
    let (sender, mut events) = mpsc::unbounded_channel();
    let sync = BoardSync::new(parts(client, Arc::new(FakeBoardStore::new()), sender));
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(sync.run(shutdown.clone()));
    assert!(
        matches!(events.recv().await, Some(SyncEvent::Trouble { reason }) if reason.contains("--allow-http"))
    );
    assert!(matches!(
        events.recv().await,
        Some(SyncEvent::Link(Link::PlainHttp))
    ));
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_central_that_is_not_there_is_trouble_not_the_end() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (sender, mut events) = mpsc::unbounded_channel();
    let sync = BoardSync::new(parts(
        http_client(address),
        Arc::new(FakeBoardStore::new()),
        sender,
    ));
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(sync.run(shutdown.clone()));
    assert!(matches!(
        events.recv().await,
        Some(SyncEvent::Trouble { reason }) if reason.starts_with("central cannot be reached")
    ));
    shutdown.cancel();
    running.await.unwrap();
}
