//! Clients that say nothing, send slowly or do not read: they cost others nothing.

use axum::http::StatusCode;
use futures_util::StreamExt as _;
use reqwest::Response;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use vyveska_board::DocumentHash;
use vyveska_central::app::raise_descriptors;

use crate::device::{Device, refusal};
use crate::events::next_event;
use crate::publisher::Publisher;
use crate::town::{Town, config};

/// More than the system takes of a response that nobody reads.
const DOCUMENT_BYTES: usize = 8_000_000;

/// A third of them says nothing, a third sends a part of a head, and a third does not read.
const CLIENTS: u16 = 5_000;

async fn town(limits: &str) -> Town {
    let publisher = Publisher::start(1).await;
    publisher.edit(|shared| {
        let mut document = b"%PDF-1.7 ".to_vec();
        document.resize(DOCUMENT_BYTES, b'x');
        let document = ("application/pdf", document);
        shared.documents.insert("0.pdf".into(), document);
    });
    let feed = publisher.feed_url();
    let limits = format!("[service.limits]\n{limits}");
    let town = Town::with(publisher, |data| config(data, &feed, &limits)).await;
    town.poll().await;
    town
}

/// Connects as a client with an address of its own.
async fn connect(town: &Town, client: u16) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let [high, low] = client.to_be_bytes();
    socket.bind(([127, 1, high, low], 0).into()).unwrap();
    let url = town.central.url();
    let address = url.socket_addrs(|| None).unwrap().remove(0);
    socket.connect(address).await.unwrap()
}

async fn send(town: &Town, client: u16, text: &str) -> TcpStream {
    let mut stream = connect(town, client).await;
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

async fn status(stream: &mut TcpStream) -> u16 {
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.unwrap();
    let start = std::str::from_utf8(&start).unwrap();
    start.strip_prefix("HTTP/1.1 ").unwrap().parse().unwrap()
}

fn is_busy(response: &Response) -> bool {
    response.status() == StatusCode::SERVICE_UNAVAILABLE
        && response.headers().contains_key("retry-after")
}

#[tokio::test]
async fn a_display_gets_its_board_and_a_download_goes_on_beside_five_thousand_slow_clients() {
    // Both ends of each are here, and what they download.
    let needed = 3 * u64::from(CLIENTS);
    let allowed = raise_descriptors();
    assert!(
        allowed.is_none_or(|allowed| allowed > needed),
        "too few files may be open: {allowed:?}"
    );
    let town = town("").await;
    let document = Device::new(&town, 1)
        .notices()
        .await
        .notices
        .remove(0)
        .documents
        .remove(0);
    let path = format!("/lipnice/document/{}", document.content.unwrap().hash);

    let mut silent = connect(&town, 0).await;
    let mut waiting = Vec::new();
    for client in (1..CLIENTS).filter(|client| client % 3 > 0) {
        waiting.push(match client % 3 {
            1 => connect(&town, client).await,
            _ => send(&town, client, "GET /lipnice/ HT").await,
        });
    }
    let mut downloads = Vec::new();
    let mut refused = Vec::new();
    for client in (1..CLIENTS).filter(|client| client % 3 == 0) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: deska\r\nconnection: close\r\n\r\n");
        let mut stream = send(&town, client, &request).await;
        match status(&mut stream).await {
            200 => downloads.push(stream),
            _ => refused.push(stream),
        }
    }
    // Everybody has what they get; whoever waited longest has made room.
    assert_eq!(silent.read(&mut [0]).await.unwrap(), 0);
    assert!(is_busy(&town.get("/lipnice/").await));

    let other = Device::new(&town, 2);
    assert_eq!(other.notices().await.notices.len(), 1);
    let mut events = Box::pin(other.get("events").await.bytes_stream());
    assert!(next_event(&mut events).await.is_some());

    // Nobody of the public was served meanwhile, and the oldest download goes on.
    assert!(is_busy(&town.get("/lipnice/").await));
    let mut response = Vec::new();
    downloads[0].read_to_end(&mut response).await.unwrap();
    let body = &response[response.len() - DOCUMENT_BYTES..];
    assert_eq!(DocumentHash::of(body), document.content.unwrap().hash.0);
    while is_busy(&town.get("/lipnice/").await) {}
    assert_eq!(town.get("/lipnice/").await.status(), 200);
}

#[tokio::test]
async fn a_token_is_judged_before_the_body_is_there() {
    let town = town("").await;
    let head = "POST /display/v1/answers HTTP/1.1\r\nhost: deska\r\ncontent-length: 60000\r\n";
    for token in ["", "authorization: Bearer a.b.c\r\n"] {
        let mut stream = send(&town, 0, &format!("{head}{token}\r\n")).await;
        assert_eq!(status(&mut stream).await, 401);
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let town = town("head_seconds = 1\ntransfer_bytes_per_second = 100000").await;
    let device = Device::new(&town, 1);
    let body = b"answers of which the second half never comes";
    let half = bytes::Bytes::from_static(&body[..20]);
    let never = futures_util::stream::once(async { Ok::<_, std::io::Error>(half) })
        .chain(futures_util::stream::pending());
    let request = device.posting("answers", body);
    let response = request.body(reqwest::Body::wrap_stream(never)).send();
    assert_eq!(
        refusal(response.await.unwrap()).await,
        (408, "slow_body".into())
    );
}

#[tokio::test]
async fn forms_that_do_not_come_keep_no_page_of_the_admin_from_being_made() {
    let town = town("").await;
    let head = "POST /admin/sign-in HTTP/1.1\r\nhost: deska\r\ncontent-length: 60\r\n\
                expect: 100-continue\r\ncontent-type: application/x-www-form-urlencoded\r\n\r\n";
    let mut silent = Vec::new();
    for client in 1..=8 {
        let mut stream = send(&town, client, head).await;
        // It is waited for.
        if client <= 4 {
            assert_eq!(status(&mut stream).await, 100);
        }
        silent.push(stream);
    }
    assert_eq!(town.get("/admin/sign-in").await.status(), StatusCode::OK);
    // Not because one of them was given up: beside the rest of its head none has an answer.
    let mut rest = [0; 64];
    for stream in &silent[..4] {
        let ended = stream.try_read(&mut rest).unwrap_or(0);
        assert!(ended <= "Continue\r\n\r\n".len() + 1, "{rest:?}");
    }
}

#[tokio::test]
async fn a_display_has_only_so_many_streams_and_its_newest_counts() {
    let town = town("streams_per_display = 1").await;
    let device = Device::new(&town, 1);
    let open = async |device: &Device<'_>| {
        let mut stream = Box::pin(device.get("events").await.bytes_stream());
        next_event(&mut stream).await.unwrap();
        stream
    };
    let mut others = open(&Device::new(&town, 2)).await;
    let mut older = open(&device).await;
    let mut newer = open(&device).await;
    assert!(next_event(&mut older).await.is_none());
    town.publisher
        .edit(|shared| shared.notices[0]["název"]["cs"] = "Jinak".into());
    town.poll_after(15).await;
    for stream in [&mut newer, &mut others] {
        assert!(next_event(stream).await.is_some());
    }
}

#[tokio::test]
async fn one_address_with_many_keys_does_not_take_the_streams_of_others() {
    let publisher = Publisher::start(1).await;
    let feed = publisher.feed_url();
    let limits = "[service.limits]\ndisplay_streams_per_address = 1";
    let town = Town::with(publisher, |data| {
        let mut config = config(data, &feed, limits);
        config.service.proxies.push([127, 0, 0, 1].into());
        config
    })
    .await;
    let open = async |seed: u8, client: &str| {
        let request = Device::new(&town, seed).request("events");
        let request = request.header("x-forwarded-for", client);
        request.send().await.unwrap()
    };
    let first = open(1, "192.0.2.1").await;
    assert!(is_busy(&open(2, "192.0.2.1").await));
    let other = open(3, "192.0.2.2").await;
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(other.status(), StatusCode::OK);
}
