//! How long the document of a town takes to hang on its board beside another town whose 10,000 documents, at the same host,
//! come a byte a second.
//!
//! `--postgres` measures with PostgreSQL. `--smoke` runs with few documents, to see that it still runs.

#![expect(clippy::print_stdout, reason = "a bench prints")]

mod database;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use vyveska_board::DocumentHash;
use vyveska_central::{Central, Config, SystemClock};

/// The documents of one notice.
const OF_NOTICE: usize = 100;

const DOCUMENT: &[u8] = b"%PDF-1.7 a byte at a time\n%%EOF";

/// The path of the other town's document, which comes at once.
const QUICK: &str = "/quick.pdf";

/// What has happened at the host.
#[derive(Default)]
struct Host {
    begun: AtomicUsize,
    done: AtomicUsize,
}

fn main() {
    let is_smoke = std::env::args().any(|argument| argument == "--smoke");
    let documents = if is_smoke { 200 } else { 10_000 };
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .init();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure(documents));
    // Most documents never come.
    runtime.shutdown_background();
}

async fn measure(documents: usize) {
    let data = tempfile::tempdir().expect("a folder");
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a listener");
    let address = listener.local_addr().expect("an address").to_string();
    let host = Arc::new(Host::default());
    tokio::spawn(serve(listener, host.clone()));
    let slow = (0..documents).map(|number| format!("http://{address}/{number}.pdf"));
    let slow: Vec<String> = slow.collect();
    write_feed(data.path(), "lipnice", slow.chunks(OF_NOTICE));
    write_feed(data.path(), "rolava", [&[][..]]);
    let mut config = config(data.path(), &address);
    let database = database::choose(&mut config).await;
    let central = Central::start(config, Arc::new(SystemClock)).await;
    let central = central.expect("central starts");
    for town in ["lipnice", "rolava"] {
        central.poll_now(town).await.expect("a poll");
    }
    while host.begun.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    let start = Instant::now();
    let quick = format!("http://{address}{QUICK}");
    write_feed(data.path(), "rolava", [&[quick][..]]);
    central.poll_now("rolava").await.expect("a poll");
    let path = format!("/rolava/document/{}", DocumentHash::of(DOCUMENT));
    let url = central.url().join(&path).expect("an address");
    let visitor = visitor();
    while !is_there(&visitor, &url).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (time, done) = (start.elapsed(), host.done.load(Ordering::SeqCst));
    println!(
        "{database}: a document beside {documents} of another town at the same host that come a byte a second: on its \
         board after {time:.1?}, when {done} of them had come"
    );
    assert!(done < 2, "it waited for the other town's");
}

/// Sends [`QUICK`] at once, and everything else a byte a second.
async fn serve(listener: TcpListener, host: Arc<Host>) {
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let host = host.clone();
        tokio::spawn(async move {
            // An error is the end of the connection.
            let _ = respond(stream, &host).await;
        });
    }
}

async fn respond(mut stream: TcpStream, host: &Host) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        DOCUMENT.len()
    );
    stream.write_all(head.as_bytes()).await?;
    if request.starts_with(format!("GET {QUICK} ").as_bytes()) {
        return stream.write_all(DOCUMENT).await;
    }
    host.begun.fetch_add(1, Ordering::SeqCst);
    for byte in DOCUMENT {
        tokio::time::sleep(Duration::from_secs(1)).await;
        stream.write_all(&[*byte]).await?;
    }
    host.done.fetch_add(1, Ordering::SeqCst);
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a bench is a composition root of its own"
)]
fn visitor() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy().build();
    client.expect("a client")
}

async fn is_there(visitor: &reqwest::Client, url: &url::Url) -> bool {
    let response = visitor.get(url.clone()).send().await;
    response.expect("an answer").status() == 200
}

/// Writes the feed of a board, of a notice for each of these lists of documents.
fn write_feed<'a>(data: &Path, board: &str, notices: impl IntoIterator<Item = &'a [String]>) {
    let mut entries = String::new();
    for (number, documents) in notices.into_iter().enumerate() {
        let comma = if number == 0 { "" } else { "," };
        let documents: Vec<String> = documents
            .iter()
            .map(|url| format!(r#"{{"url": "{url}"}}"#))
            .collect();
        write!(
            entries,
            r#"{comma}{{"iri": "https://{board}.example/deska/{number}",
            "název": {{"cs": "Oznámení č. {number}"}}, "vyvěšení": {{"datum": "2026-01-02"}},
            "relevantní_do": {{"nespecifikovaný": true}}, "dokument": [{}]}}"#,
            documents.join(",")
        )
        .expect("memory");
    }
    let feed = format!(r#"{{"iri": "https://{board}.example/deska", "informace": [{entries}]}}"#);
    let path = data.join(format!("{board}.jsonld"));
    std::fs::write(path, feed).expect("a writable folder");
}

fn config(data: &Path, host: &str) -> Config {
    let mut text = "[service]\nlisten = \"127.0.0.1:0\"\ndata = \"data\"\n".to_owned();
    for town in ["lipnice", "rolava"] {
        write!(
            text,
            r#"
            [[boards]]
            id = "{town}"
            town = "{town}"
            web_address = "{town}.example"
            [[boards.sources]]
            kind = "ofn"
            url = "{town}.jsonld"
            private_hosts = ["{host}"]
            "#
        )
        .expect("memory");
    }
    Config::from_toml(&text, data).expect("a configuration")
}
