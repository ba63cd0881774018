//! A server that only writes events, to see how fast the fleet itself and this computer are.
//!
//! It signs the time for whoever asks, and writes to every stream what it is told on standard input, a line an event.

use std::io::BufRead as _;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use vyveska_board::Clock as _;
use vyveska_central::SystemClock;
use vyveska_wire::envelope::Envelope;
use vyveska_wire::keys::KeyPair;
use vyveska_wire::now::Now;

const MOST_HEAD_BYTES: usize = 8192;

/// The key that it signs with.
pub(crate) fn key() -> KeyPair {
    KeyPair::from_seed(&[1; 32])
}

#[expect(clippy::print_stdout, reason = "it says that it listens")]
pub(crate) async fn serve(port: u16) {
    let address = ([127, 0, 0, 1], port).into();
    let listener: TcpListener =
        vyveska_central::http_service::listen(address).expect("a free port");
    println!("listening");
    let events = watch::Sender::new(Arc::<str>::from(""));
    let told = events.clone();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let data = line.expect("a line");
            told.send_replace(format!("event: manifest\ndata: {data}\n\n").into());
        }
    });
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let events = events.subscribe();
        // Whoever goes away is no longer served.
        tokio::spawn(async move { drop(answer(stream, events).await) });
    }
}

async fn answer(
    mut stream: TcpStream,
    mut events: watch::Receiver<Arc<str>>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut head = Vec::new();
    loop {
        head.clear();
        while !head.ends_with(b"\r\n\r\n") && head.len() < MOST_HEAD_BYTES {
            if stream.read_buf(&mut head).await? == 0 {
                return Ok(());
            }
        }
        let text = String::from_utf8_lossy(&head);
        let path = text.split(' ').nth(1).unwrap_or_default();
        if path.ends_with("/events") {
            break;
        }
        let now = Now {
            nonce: path.rsplit('=').next().unwrap_or_default().to_owned(),
            instant: SystemClock.now().earliest,
            manifest_number: 0,
            assignment_number: 0,
            display: None,
        };
        let body = Envelope::seal(&now, &key()).to_bytes();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), &body].concat()).await?;
    }
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n:\n\n";
    stream.write_all(head.as_bytes()).await?;
    loop {
        if events.changed().await.is_err() {
            return Ok(());
        }
        let event = events.borrow_and_update().clone();
        stream.write_all(event.as_bytes()).await?;
    }
}
