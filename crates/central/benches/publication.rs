//! What a publication costs where 12,508 displays are registered for the board: the time until its first event, and the
//! processor's, which includes reading the event.
//!
//! `--postgres` measures with PostgreSQL, whose own time is not in that. `--smoke` runs with few displays, to see that it
//! still runs.

#![expect(clippy::print_stdout, reason = "a bench prints")]

mod database;
mod feed;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use futures_util::{Stream, StreamExt as _};
use vyveska_board::Clock as _;
use vyveska_central::app::open_storage;
use vyveska_central::storage::Actor;
use vyveska_central::{Background, Central, Config, SystemClock};
use vyveska_wire::DISPLAY_API;
use vyveska_wire::keys::KeyPair;
use vyveska_wire::token::{self, RequestBinding};

const NOTICES: usize = 100;

/// The seed of the display that waits for events.
const LISTENER: [u8; 32] = [1; 32];

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
    let mut config = config(data.path());
    let database = database::choose(&mut config).await;
    let central = Central::start_with(config.clone(), Arc::new(SystemClock), Background::OnCall);
    let central = central.await.expect("central starts");
    central.poll_now("lipnice").await.expect("a poll");
    register(&config, displays).await;
    let mut events = Box::pin(events(&central).await);
    next_event(&mut events).await;

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
    times.sort();
    println!(
        "{database}: a publication for {displays} displays: {busy:.1?} of the processor; first event after {:.1?} in the \
         median, {:.1?} at most",
        times[times.len() / 2],
        times[times.len() - 1],
    );
}

async fn register(config: &Config, displays: u32) {
    let storage = open_storage(config).await.expect("the database");
    let now = SystemClock.now().earliest;
    let unit = storage.begin(Actor::Job("bench"), now).await;
    let mut unit = unit.expect("the database");
    let seeds = (0..displays).map(|number| {
        let mut seed = [0; 32];
        seed[28..].copy_from_slice(&number.to_be_bytes());
        seed
    });
    for seed in seeds.chain([LISTENER]) {
        let key = KeyPair::from_seed(&seed).public();
        let registered = unit.register(&key.id(), &key, "lipnice").await;
        registered.expect("a display");
    }
    unit.save().await.expect("the database");
    storage.close().await;
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
        &KeyPair::from_seed(&LISTENER),
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
