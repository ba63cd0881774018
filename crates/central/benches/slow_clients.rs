//! How long a display waits for its manifest beside 5,000 clients that say nothing, send the head of a request byte by
//! byte, or do not read the board that they asked for. Whoever is ended comes again after a second.
//!
//! `--postgres` measures with PostgreSQL. `--smoke` runs with few clients, to see that it still runs.

#![expect(clippy::print_stdout, reason = "a bench prints")]

mod database;
mod feed;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use vyveska_board::Clock as _;
use vyveska_central::app::{open_storage, raise_descriptors};
use vyveska_central::storage::Actor;
use vyveska_central::{Background, Central, Config, SystemClock};
use vyveska_wire::DISPLAY_API;
use vyveska_wire::keys::KeyPair;
use vyveska_wire::token::{self, RequestBinding};

const NOTICES: usize = 1_400;
/// The seed of the key of the display.
const DISPLAY: [u8; 32] = [1; 32];
const REQUEST: &[u8] = b"GET /lipnice/ HTTP/1.1\r\nhost: deska.example\r\n\r\n";

#[derive(Debug, Clone, Copy)]
enum Client {
    Silent,
    Trickling,
    NotReading,
}

fn main() {
    let is_smoke = std::env::args().any(|argument| argument == "--smoke");
    let (clients, manifests) = if is_smoke { (30, 3) } else { (5_000, 200) };
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .init();
    let allowed = raise_descriptors();
    assert!(
        allowed.is_none_or(|allowed| allowed > 2 * clients as u64 + 1_000),
        "too few files may be open: {allowed:?}"
    );
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure(clients, manifests));
    // The clients never end.
    runtime.shutdown_background();
}

async fn measure(clients: usize, manifests: usize) {
    let data = tempfile::tempdir().expect("a folder");
    let mut config = config(data.path());
    let database = database::choose(&mut config).await;
    let central = Central::start_with(config.clone(), Arc::new(SystemClock), Background::OnCall);
    let central = central.await.expect("central starts");
    central.poll_now("lipnice").await.expect("a poll");
    register(&config).await;
    let display = new_connections();
    let url = central.url();
    let address = url.socket_addrs(|| None).expect("an address")[0];
    fetch_manifest(&display, &central).await;
    for number in 0..clients {
        let client = [Client::Silent, Client::Trickling, Client::NotReading][number % 3];
        tokio::spawn(hold(client, number, address));
    }
    // Everybody has come, and those beyond the limits have come again.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut times = Vec::new();
    for _ in 0..manifests {
        let start = Instant::now();
        fetch_manifest(&display, &central).await;
        times.push(start.elapsed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    times.sort();
    println!(
        "{database}: a manifest beside {clients} slow clients: median {:.1?}, 95th percentile {:.1?}, longest {:.1?}",
        times[times.len() / 2],
        times[times.len() * 95 / 100],
        times[times.len() - 1],
    );
}

async fn register(config: &Config) {
    let storage = open_storage(config).await.expect("the database");
    let unit = storage.begin(Actor::Job("bench"), SystemClock.now().earliest);
    let mut unit = unit.await.expect("the database");
    let key = KeyPair::from_seed(&DISPLAY).public();
    let registered = unit.register(&key.id(), &key, "lipnice").await;
    registered.expect("a display");
    unit.save().await.expect("the database");
    storage.close().await;
}

/// A client that makes a connection for every request.
#[expect(
    clippy::disallowed_methods,
    reason = "a bench is a composition root of its own"
)]
fn new_connections() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy();
    client.pool_max_idle_per_host(0).build().expect("a client")
}

async fn fetch_manifest(client: &reqwest::Client, central: &Central) {
    let path = format!("{DISPLAY_API}/manifest");
    let binding = RequestBinding {
        method: "GET",
        path_and_query: &path,
        body: b"",
    };
    let key = KeyPair::from_seed(&DISPLAY);
    let token = token::issue(&key, binding, SystemClock.now().earliest);
    let url = central.url().join(&path).expect("an address");
    let response = client.get(url).bearer_auth(token).send().await;
    let response = response.expect("an answer");
    assert_eq!(response.status(), 200);
    response.bytes().await.expect("a manifest");
}

/// Every client has an address of its own.
async fn hold(client: Client, number: usize, address: SocketAddr) {
    let [high, low] = u16::try_from(number).expect("few clients").to_be_bytes();
    let own = SocketAddr::from((Ipv4Addr::new(127, 1, high, low), 0));
    loop {
        if let Ok(stream) = connect(own, address).await {
            // An error is the end of the connection.
            let _ = client.hold(stream).await;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn connect(own: SocketAddr, address: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4096)?;
    socket.bind(own)?;
    socket.connect(address).await
}

impl Client {
    async fn hold(self, mut stream: TcpStream) -> std::io::Result<()> {
        match self {
            Self::Silent => {}
            Self::Trickling => {
                for byte in REQUEST {
                    stream.write_all(&[*byte]).await?;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            Self::NotReading => stream.write_all(REQUEST).await?,
        }
        // One byte a second, until it ends.
        while stream.read_u8().await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Ok(())
    }
}

fn config(data: &Path) -> Config {
    let notices = (0..NOTICES).map(|_| (String::new(), None));
    feed::write_feed(&data.join("feed.jsonld"), "lipnice", notices);
    let text = r#"
        [service]
        listen = "127.0.0.1:0"
        [[boards]]
        id = "lipnice"
        town = "Lipnice"
        web_address = "lipnice.example"
        [[boards.sources]]
        kind = "ofn"
        url = "feed.jsonld"
    "#;
    Config::from_toml(text, data).expect("a configuration")
}
