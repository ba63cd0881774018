//! What a publication costs where 12,508 displays are registered for the board: the time until its first event, and the
//! processor's, which includes reading the event.
//!
//! `--smoke` runs with few displays, to see that it still runs.

#![expect(clippy::print_stdout, reason = "a bench prints")]

mod feed;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use futures_util::{Stream, StreamExt as _};
use sqlx::sqlite::SqlitePool;
use vyveska_board::Clock as _;
use vyveska_central::{Background, Central, Config, SystemClock};
use vyveska_wire::DISPLAY_API;
use vyveska_wire::keys::KeyPair;
use vyveska_wire::token::{self, RequestBinding};

const NOTICES: usize = 100;

/// What `/proc` counts the processor's time in.
const TICK: Duration = Duration::from_millis(10);

fn main() {
    let is_smoke = std::env::args().any(|argument| argument == "--smoke");
    let (displays, publications) = if is_smoke { (100, 3) } else { (12_508, 100) };
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .init();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure(displays, publications));
    runtime.shutdown_background();
}

async fn measure(displays: u32, publications: u32) {
    let data = tempfile::tempdir().expect("a folder");
    let central = Central::start_with(
        config(data.path()),
        Arc::new(SystemClock),
        Background::OnCall,
    )
    .await
    .expect("central starts");
    central.poll_now("lipnice").await.expect("a poll");
    let database = data.path().join("data/central.sqlite");
    let database = format!("sqlite://{}", database.display());
    let database = SqlitePool::connect(&database).await.expect("the database");
    register(&database, displays).await;
    let mut events = Box::pin(events(&central).await);
    next_event(&mut events).await;

    let signed = manifests(&database).await;
    let mut times = Vec::new();
    let busy = processor_time();
    for number in 0..publications {
        write_alert(data.path(), number);
        let start = Instant::now();
        let announced = async {
            next_event(&mut events).await;
            start.elapsed()
        };
        let ((), time) = tokio::join!(central.tick(), announced);
        times.push(time);
    }
    let busy = (processor_time() - busy) / publications;
    let signed = manifests(&database).await - signed;
    times.sort();
    println!(
        "a publication for {displays} displays: {busy:.1?} of the processor, {} manifests signed; first event after {:.1?} \
         in the median, {:.1?} at most",
        signed / i64::from(publications),
        times[times.len() / 2],
        times[times.len() - 1],
    );
    database.close().await;
}

async fn register(database: &SqlitePool, displays: u32) {
    let register = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1) \
                    INSERT INTO display (id, public_key, board_id, registered_at) \
                    SELECT printf('%032x', n), '', 'lipnice', '2026-11-21T12:00:00Z' FROM numbers";
    let registered = sqlx::query(register).bind(displays).execute(database);
    registered.await.expect("displays");
}

async fn manifests(database: &SqlitePool) -> i64 {
    let count = sqlx::query_scalar("SELECT count(*) FROM manifest").fetch_one(database);
    count.await.expect("a number")
}

#[expect(
    clippy::disallowed_methods,
    reason = "a bench is a composition root of its own"
)]
async fn events(central: &Central) -> impl Stream<Item = reqwest::Result<bytes::Bytes>> {
    let path = format!("{DISPLAY_API}/events");
    let binding = RequestBinding {
        method: "GET",
        path_and_query: &path,
        body: b"",
    };
    let token = token::issue(
        &KeyPair::from_seed(&[1; 32]),
        binding,
        SystemClock.now().earliest,
    );
    let client = reqwest::Client::builder().no_proxy().build();
    let url = central.url().join(&path).expect("an address");
    let request = client.expect("a client").get(url).bearer_auth(token);
    request.send().await.expect("events").bytes_stream()
}

async fn next_event(events: &mut (impl Stream<Item = reqwest::Result<bytes::Bytes>> + Unpin)) {
    let mut read = Vec::new();
    while !read.ends_with(b"\n\n") {
        let more = events.next().await.expect("more").expect("bytes");
        read.extend_from_slice(&more);
    }
}

/// The time that this process has had of the processor, in all its threads.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("/proc");
    // What follows the name, which may have spaces: user and system time are the 12th and 13th.
    let (_, fields) = stat.rsplit_once(") ").expect("a name");
    let ticks = fields.split(' ').skip(11).take(2);
    let ticks = ticks.map(|ticks| ticks.parse::<u32>().expect("a number"));
    TICK * ticks.sum::<u32>()
}

fn write_alert(data: &Path, number: u32) {
    let now = SystemClock.now().earliest;
    let alert = format!(
        "[[alerts]]\nid = \"povoden-{number}\"\nseverity = \"extreme\"\nsender = \"starosta\"\n\
         headline = \"Povodeň {number}\"\nsent = {}\nexpires = {}\n",
        now.format("%Y-%m-%dT%H:%M:%S"),
        (now + TimeDelta::days(1)).format("%Y-%m-%dT%H:%M:%S"),
    );
    std::fs::write(data.join("alerts.toml"), alert).expect("a writable folder");
}

fn config(data: &Path) -> Config {
    let notices = (0..NOTICES).map(|_| (String::new(), None));
    feed::write_feed(&data.join("feed.jsonld"), "lipnice", notices);
    let text = r#"
        [service]
        listen = "127.0.0.1:0"
        data = "data"
        [displays]
        accept_new_displays = true
        [[boards]]
        id = "lipnice"
        town = "Lipnice"
        web_address = "lipnice.example"
        alerts = "alerts.toml"
        [[boards.sources]]
        kind = "ofn"
        url = "feed.jsonld"
    "#;
    Config::from_toml(text, data).expect("a configuration")
}
