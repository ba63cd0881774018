//! The limits of connections over streams in memory, under a clock that stands still while anything can be done.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Extension, Router};
use futures_util::{StreamExt as _, future, stream};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::time::{Instant, sleep, timeout};
use vyveska_wire::keys::KeyPair;

use super::connections::{Connection, Connections};
use super::serve_connection;
use crate::config::{LimitsConfig, ServiceConfig};

const LONG: usize = 300_000;

struct Server {
    connections: Arc<Connections>,
    router: Router,
    graceful: GracefulShutdown,
}

impl Server {
    fn start(change: impl FnOnce(&mut LimitsConfig)) -> Self {
        let mut service = ServiceConfig::default();
        service.proxies.push("10.0.0.7".parse().unwrap());
        change(&mut service.limits);
        let connections = Connections::new(&service);
        let watched = connections.clone();
        tokio::spawn(async move { watched.end_overdue().await });
        let router = Router::new()
            .route("/public/{length}", get(public))
            .route("/admin/{length}", get(admin))
            .route("/enrolment/{length}", get(enrolment))
            .route("/display/{seed}/{length}", get(display))
            .route("/stream/{seed}", get(events))
            .route("/judging", get(future::pending::<()>));
        let graceful = GracefulShutdown::new();
        Self {
            connections,
            router,
            graceful,
        }
    }

    fn connect(&self, address: &str) -> Client {
        let (client, server) = tokio::io::duplex(1024);
        let open = self
            .connections
            .open(address.parse::<IpAddr>().unwrap())
            .unwrap();
        let (router, watcher) = (self.router.clone(), self.graceful.watcher());
        tokio::spawn(serve_connection(server, open, router, watcher));
        Client(client)
    }

    /// The status of a request over a connection of its own, which stays open without reading the response's body.
    async fn ask(&self, address: &str, path: &str) -> (u16, Client) {
        let mut client = self.connect(address);
        (client.ask(path).await, client)
    }
}

async fn public(
    Extension(connection): Extension<Connection>,
    Path(length): Path<usize>,
    headers: HeaderMap,
) -> Result<Vec<u8>, StatusCode> {
    let slot = connection.serve_public(&headers);
    slot.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(vec![b'x'; length])
}

async fn admin(
    Extension(connection): Extension<Connection>,
    Path(length): Path<usize>,
    headers: HeaderMap,
) -> Result<Vec<u8>, StatusCode> {
    let slot = connection.serve_admin(&headers);
    slot.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(vec![b'x'; length])
}

async fn enrolment(
    Extension(connection): Extension<Connection>,
    Path(length): Path<usize>,
    headers: HeaderMap,
) -> Result<Vec<u8>, StatusCode> {
    let slot = connection.serve_enrolment(&headers);
    slot.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(vec![b'x'; length])
}

async fn display(
    Extension(connection): Extension<Connection>,
    Path((seed, length)): Path<(u8, usize)>,
    headers: HeaderMap,
) -> Result<Vec<u8>, StatusCode> {
    let id = KeyPair::from_seed(&[seed; 32]).public().id();
    let slot = connection.serve_display(&id, &headers);
    slot.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(vec![b'x'; length])
}

/// A stream that stays silent after its first event.
async fn events(
    Extension(connection): Extension<Connection>,
    Path(seed): Path<u8>,
    headers: HeaderMap,
) -> Result<Body, StatusCode> {
    let id = KeyPair::from_seed(&[seed; 32]).public().id();
    let slot = connection.serve_stream(&id, &headers);
    slot.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let first = future::ready(Ok::<_, std::io::Error>(Bytes::from_static(b"first")));
    Ok(Body::from_stream(
        stream::once(first).chain(stream::pending()),
    ))
}

struct Client(DuplexStream);

impl Client {
    /// Sends a request and reads the head of its response.
    async fn ask(&mut self, path: &str) -> u16 {
        self.ask_with(path, "").await
    }

    async fn send(&mut self, path: &str, header: &str) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: deska.example\r\n{header}\r\n");
        self.0.write_all(request.as_bytes()).await.unwrap();
    }

    async fn ask_with(&mut self, path: &str, header: &str) -> u16 {
        self.send(path, header).await;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// Reads so many bytes every second; gives how many came before the end of the connection, `wanted` at most.
    async fn take(&mut self, bytes_per_second: usize, wanted: usize) -> usize {
        let mut taken = 0;
        let mut buffer = vec![0; bytes_per_second];
        while taken < wanted {
            let most = bytes_per_second.min(wanted - taken);
            if self.0.read_exact(&mut buffer[..most]).await.is_err() {
                break;
            }
            taken += most;
            sleep(Duration::from_secs(1)).await;
        }
        taken
    }

    /// After how many seconds the connection ends, whatever still comes.
    async fn ends_after(&mut self) -> u64 {
        let start = Instant::now();
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).await.unwrap();
        start.elapsed().as_secs()
    }

    /// Whether there is no end once everything has been read that there is.
    async fn is_open(&mut self) -> bool {
        let mut buffer = [0; 100];
        loop {
            // Whatever can happen has happened when the clock goes on.
            match timeout(Duration::from_millis(1), self.0.read(&mut buffer)).await {
                Ok(Ok(0)) => return false,
                Ok(read) => assert!(read.unwrap() > 0),
                Err(_) => return true,
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_says_nothing_is_left_after_ten_seconds() {
    let server = Server::start(|_| {});
    let mut client = server.connect("192.0.2.1");
    let seconds = client.ends_after().await;
    assert!((10..=12).contains(&seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn a_head_that_trickles_is_left_after_ten_seconds() {
    let server = Server::start(|_| {});
    let mut client = server.connect("192.0.2.1");
    // The head of a later request has no more time than the first.
    assert_eq!(client.ask("/public/0").await, 200);
    sleep(Duration::from_secs(20)).await;
    let start = Instant::now();
    while client.0.write_all(b"G").await.is_ok() {
        sleep(Duration::from_secs(3)).await;
    }
    let seconds = start.elapsed().as_secs();
    assert!((10..=15).contains(&seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_serves_again_until_it_was_idle_for_thirty_seconds() {
    let server = Server::start(|_| {});
    let mut client = server.connect("192.0.2.1");
    for _ in 0..3 {
        assert_eq!(client.ask("/public/0").await, 200);
        sleep(Duration::from_secs(28)).await;
    }
    assert_eq!(client.ask("/public/0").await, 200);
    let seconds = client.ends_after().await;
    assert!((30..=32).contains(&seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn a_response_is_taken_at_a_thousand_bytes_a_second_or_ended() {
    let server = Server::start(|_| {});
    for (bytes_per_second, whole) in [(1_000, true), (10, false), (500, false)] {
        let path = format!("/public/{LONG}");
        let (status, mut client) = server.ask("192.0.2.1", &path).await;
        assert_eq!(status, 200);
        let taken = client.take(bytes_per_second, LONG).await;
        assert_eq!(taken == LONG, whole, "{taken} at {bytes_per_second}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_that_nobody_reads_frees_its_slot() {
    let server = Server::start(|limits| limits.public_requests = 1);
    let path = format!("/public/{LONG}");
    let (status, mut client) = server.ask("192.0.2.1", &path).await;
    assert_eq!(status, 200);
    assert_eq!(server.ask("192.0.2.2", "/public/0").await.0, 503);
    sleep(Duration::from_secs(63)).await;
    assert_eq!(server.ask("192.0.2.2", "/public/0").await.0, 200);
    assert!(client.take(LONG, LONG).await < LONG);
}

#[tokio::test(start_paused = true)]
async fn an_event_stream_without_news_is_not_slow() {
    let server = Server::start(|_| {});
    let (status, mut client) = server.ask("192.0.2.1", "/stream/1").await;
    assert_eq!(status, 200);
    sleep(Duration::from_secs(36_000)).await;
    // The first event, and no end.
    assert_eq!(client.take(5, 5).await, 5);
    assert!(client.is_open().await);
}

#[tokio::test(start_paused = true)]
async fn the_connection_that_waits_longest_ends_for_another() {
    let server = Server::start(|limits| limits.waiting_connections = 2);
    let (mut first, mut second) = (server.connect("192.0.2.1"), server.connect("192.0.2.2"));
    assert!(first.is_open().await);
    // Whoever had a response just now has not waited long.
    assert_eq!(first.ask("/public/0").await, 200);
    let mut third = server.connect("192.0.2.3");
    assert!(!second.is_open().await);
    assert!(first.is_open().await && third.is_open().await);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_has_come_is_not_ended_for_another() {
    let server = Server::start(|limits| limits.waiting_connections = 2);
    let (mut first, mut second) = (server.connect("192.0.2.1"), server.connect("192.0.2.2"));
    first.send("/judging", "").await;
    assert!(first.is_open().await);
    let mut third = server.connect("192.0.2.3");
    assert!(first.is_open().await && !second.is_open().await);
    third.send("/judging", "").await;
    assert!(third.is_open().await);
    let fourth = server.connections.open("192.0.2.4".parse().unwrap());
    assert!(fourth.is_none());
    // However long that takes.
    sleep(Duration::from_secs(15)).await;
    assert!(first.is_open().await && third.is_open().await);
}

#[tokio::test(start_paused = true)]
async fn an_address_has_its_share_of_connections_and_no_more() {
    let server = Server::start(|limits| limits.connections_per_address = 4);
    let mut other = server.connect("192.0.2.2");
    let mut silent: Vec<Client> = (0..3).map(|_| server.connect("192.0.2.1")).collect();
    assert!(!silent[0].is_open().await);
    assert!(silent[1].is_open().await && silent[2].is_open().await);

    let path = format!("/public/{LONG}");
    let mut busy = Vec::new();
    for expected in [200, 200, 503] {
        let (status, client) = server.ask("192.0.2.1", &path).await;
        assert_eq!(status, expected);
        busy.push(client);
    }
    assert_eq!(other.ask("/public/0").await, 200);
    // A display behind the same address is not counted with it.
    assert_eq!(server.ask("192.0.2.1", "/display/1/0").await.0, 200);
    assert_eq!(busy[0].take(LONG, LONG).await, LONG);
    assert_eq!(server.ask("192.0.2.1", "/public/0").await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn behind_a_proxy_every_client_has_its_own_share() {
    let server = Server::start(|limits| limits.connections_per_address = 2);
    let path = format!("/public/{LONG}");
    let ask = async |address: &str, header: &str| {
        let mut client = server.connect(address);
        (client.ask_with(&path, header).await, client)
    };
    let mut busy = Vec::new();
    for (address, header, expected) in [
        ("10.0.0.7", "x-forwarded-for: 192.0.2.1\r\n", 200),
        ("10.0.0.7", "x-forwarded-for: 192.0.2.1\r\n", 503),
        ("10.0.0.7", "x-forwarded-for: 192.0.2.9, 192.0.2.1\r\n", 503),
        ("10.0.0.7", "x-forwarded-for: 192.0.2.2\r\n", 200),
        // Whoever is not the proxy cannot say who they are.
        ("192.0.2.3", "x-forwarded-for: 192.0.2.4\r\n", 200),
        ("192.0.2.3", "x-forwarded-for: 192.0.2.5\r\n", 503),
    ] {
        let (status, client) = ask(address, header).await;
        assert_eq!(status, expected, "{address} {header}");
        busy.push(client);
    }
}

#[tokio::test(start_paused = true)]
async fn displays_have_slots_that_the_public_cannot_take() {
    let server = Server::start(|limits| {
        limits.public_requests = 3;
        limits.display_requests = 2;
        limits.requests_per_display = 1;
    });
    let long = format!("/public/{LONG}");
    let mut downloads = Vec::new();
    for expected in [200, 200, 200, 503] {
        let (status, client) = server.ask("192.0.2.1", &long).await;
        assert_eq!(status, expected);
        downloads.push(client);
    }
    let mut displays = Vec::new();
    for (path, expected) in [
        (format!("/display/1/{LONG}"), 200),
        // One display has one slot here, and both displays have all.
        ("/display/1/0".to_owned(), 503),
        (format!("/display/2/{LONG}"), 200),
        ("/display/3/0".to_owned(), 503),
    ] {
        let (status, client) = server.ask("192.0.2.1", &path).await;
        assert_eq!(status, expected, "{path}");
        displays.push(client);
    }
    assert_eq!(displays[0].take(LONG, LONG).await, LONG);
    assert_eq!(server.ask("192.0.2.1", "/display/3/0").await.0, 200);
    // A download goes on however full it is.
    assert_eq!(server.ask("192.0.2.2", "/public/0").await.0, 503);
    assert_eq!(downloads[0].take(5_000, LONG).await, LONG);
    assert_eq!(server.ask("192.0.2.2", "/public/0").await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn the_admin_has_slots_that_the_public_cannot_take() {
    let server = Server::start(|limits| {
        limits.public_requests = 1;
        limits.admin_requests = 2;
    });
    let (public, admin) = (format!("/public/{LONG}"), format!("/admin/{LONG}"));
    let mut busy = Vec::new();
    for (path, expected) in [
        (&public, 200),
        (&public, 503),
        (&admin, 200),
        (&admin, 200),
        (&admin, 503),
    ] {
        let (status, client) = server.ask("192.0.2.1", path).await;
        assert_eq!(status, expected, "{path}");
        busy.push(client);
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_is_to_enrol_has_few_slots_and_takes_none_of_a_display() {
    let server = Server::start(|limits| limits.display_requests = 1);
    let long = format!("/enrolment/{LONG}");
    let mut strangers = Vec::new();
    for network in 1..=9 {
        let address = format!("192.0.2.{network}");
        for number in 1..=5 {
            let (status, client) = server.ask(&address, &long).await;
            let has_room = network <= 8 && number <= 4;
            assert_eq!(status == 200, has_room, "{address} {number}");
            strangers.push(client);
        }
    }
    assert_eq!(server.ask("192.0.2.1", "/display/1/0").await.0, 200);
    assert_eq!(server.ask("192.0.2.1", "/public/0").await.0, 200);
    assert_eq!(strangers[0].take(LONG, LONG).await, LONG);
    assert_eq!(server.ask("192.0.2.9", "/enrolment/0").await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn the_oldest_stream_of_a_display_ends_for_another() {
    let server = Server::start(|limits| limits.display_streams = 3);
    let mut streams = Vec::new();
    for (path, expected) in [
        ("/stream/1", 200),
        ("/stream/1", 200),
        ("/stream/2", 200),
        // The display's oldest makes room for its newest; nobody else's does.
        ("/stream/1", 200),
        ("/stream/3", 503),
        // It may have lost the one before.
        ("/stream/2", 200),
    ] {
        let (status, mut client) = server.ask("192.0.2.1", path).await;
        assert_eq!(status, expected, "{path}");
        assert!(status == 503 || client.take(5, 5).await == 5);
        streams.push(client);
    }
    for (number, is_open) in [(0, false), (1, true), (2, false), (3, true), (5, true)] {
        assert_eq!(streams[number].is_open().await, is_open, "{number}");
    }
}

/// Whoever has many keys has no more than one network has.
#[tokio::test(start_paused = true)]
async fn the_displays_of_one_address_have_their_share_and_no_more() {
    let server = Server::start(|limits| {
        limits.display_streams_per_address = 2;
        limits.display_requests_per_address = 2;
    });
    let asked = async |address: &str, path: String, client: &str| {
        let mut connection = server.connect(address);
        let header = match client {
            "" => String::new(),
            client => format!("x-forwarded-for: {client}\r\n"),
        };
        (connection.ask_with(&path, &header).await, connection)
    };
    for path in [
        |seed: u8| format!("/stream/{seed}"),
        |seed: u8| format!("/display/{seed}/{LONG}"),
    ] {
        let mut open = Vec::new();
        for (seed, address, client, expected) in [
            (1, "192.0.2.1", "", 200),
            (2, "192.0.2.1", "", 200),
            (3, "192.0.2.1", "", 503),
            (3, "192.0.2.2", "", 200),
            (4, "2001:db8::1", "", 200),
            (5, "2001:db8::2", "", 200),
            (6, "2001:db8::3", "", 503),
            (6, "2001:db8:0:1::3", "", 200),
            // Behind the proxy every client is one.
            (7, "10.0.0.7", "192.0.2.7", 200),
            (8, "10.0.0.7", "192.0.2.7", 200),
            (9, "10.0.0.7", "192.0.2.7", 503),
            (9, "10.0.0.7", "192.0.2.8", 200),
        ] {
            let (status, connection) = asked(address, path(seed), client).await;
            assert_eq!(status, expected, "{} from {address} {client}", path(seed));
            open.push(connection);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_display_whose_address_has_all_its_streams_has_its_newest() {
    let server = Server::start(|limits| limits.display_streams_per_address = 2);
    let (_, mut lost) = server.ask("192.0.2.1", "/stream/1").await;
    let (_, mut other) = server.ask("192.0.2.1", "/stream/2").await;
    let (status, mut newest) = server.ask("192.0.2.1", "/stream/1").await;
    assert_eq!(status, 200);
    assert!(!lost.is_open().await);
    assert!(other.is_open().await && newest.is_open().await);
}

/// Nor has an address more of them by the streams that its displays have elsewhere.
#[tokio::test(start_paused = true)]
async fn a_stream_elsewhere_makes_no_room_at_an_address_that_is_full() {
    let server = Server::start(|limits| limits.display_streams_per_address = 1);
    let (_, mut elsewhere) = server.ask("192.0.2.1", "/stream/1").await;
    let (_, mut other) = server.ask("192.0.2.2", "/stream/2").await;
    let (status, _client) = server.ask("192.0.2.2", "/stream/1").await;
    assert_eq!(status, 503);
    assert!(elsewhere.is_open().await && other.is_open().await);
}
