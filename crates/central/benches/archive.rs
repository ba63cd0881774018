//! What a poll costs beside 100 and beside 10,000 archived notices: reading, comparing, writing and publishing a feed of
//! 100 notices that changes in one of them.
//!
//! `--postgres` measures with PostgreSQL. `--smoke` runs with few notices, to see that it still runs.

#![expect(clippy::print_stdout, reason = "a bench prints")]

mod database;
mod feed;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use chrono::TimeDelta;
use vyveska_board::FakeClock;
use vyveska_central::{Background, Central, Config};

const LIVE: usize = 100;

fn main() {
    let is_smoke = std::env::args().any(|argument| argument == "--smoke");
    let (archives, polls) = if is_smoke {
        ([1, 10], 2)
    } else {
        ([100, 10_000], 100)
    };
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .init();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for archived in archives {
        runtime.block_on(measure(archived, polls));
    }
}

async fn measure(archived: usize, polls: usize) {
    let data = tempfile::tempdir().expect("a folder");
    let clock = FakeClock::at("2026-11-21T12:00:00Z".parse().expect("a time"));
    let mut config = config(data.path());
    let database = database::choose(&mut config).await;
    let central = Central::start_with(config, Arc::new(clock.clone()), Background::OnCall);
    let central = central.await.expect("central starts");
    write_feed(data.path(), LIVE + archived, 0);
    central.poll_now("lipnice").await.expect("a poll");
    clock.advance(TimeDelta::days(3));
    let mut times = Vec::new();
    for poll in 0..=polls {
        write_feed(data.path(), LIVE, poll);
        clock.advance(TimeDelta::minutes(15));
        let start = Instant::now();
        central.poll_now("lipnice").await.expect("a poll");
        times.push(start.elapsed());
    }
    // The first of them archives.
    times.remove(0);
    times.sort();
    println!(
        "{database}: a poll beside {archived} archived notices: median {:.1?}, 95th percentile {:.1?}",
        times[times.len() / 2],
        times[times.len() * 95 / 100],
    );
    central.shutdown().await;
}

/// The notices after the first [`LIVE`] end on the next day.
fn write_feed(data: &Path, count: usize, poll: usize) {
    let notices = (0..count).map(|number| {
        let end = (number >= LIVE).then_some("2026-11-22");
        let change = if number == 0 { poll } else { 0 };
        (format!("/{change}"), end)
    });
    feed::write_feed(&data.join("feed.jsonld"), "lipnice", notices);
}

fn config(data: &Path) -> Config {
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
