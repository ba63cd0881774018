//! The processor time that 672 boards of real sizes take: as many as publish by the norm, with a hundred notices each in
//! the mean. Their first read, a round of polls in which nothing has changed, and one in which every tenth has.
//!
//! `--postgres` measures with PostgreSQL; its own time is not in that of the processor. `--smoke` runs with few boards,
//! to see that it still runs.

#![expect(clippy::print_stdout, reason = "a bench prints")]

mod database;
mod feed;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use vyveska_board::FakeClock;
use vyveska_central::{Background, Central, Config};

/// How many notices boards hold: empty ones, villages, towns, cities, courts.
const SIZES: [usize; 16] = [
    0, 1, 2, 8, 20, 38, 53, 64, 87, 99, 114, 119, 144, 191, 247, 516,
];
/// The largest known.
const LARGEST: [usize; 2] = [1_420, 2_246];
/// What the system counts processor time in.
const TICKS_A_SECOND: u64 = 100;

fn main() {
    let is_smoke = std::env::args().any(|argument| argument == "--smoke");
    let boards = if is_smoke { 4 } else { 672 };
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .init();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure(boards));
}

fn size(board: usize, boards: usize) -> usize {
    match boards - board {
        last @ 1..=2 if boards > SIZES.len() => LARGEST[last - 1],
        _ => SIZES[board % SIZES.len()],
    }
}

async fn measure(boards: usize) {
    let data = tempfile::tempdir().expect("a folder");
    let clock = FakeClock::at("2026-11-21T12:00:00Z".parse().expect("a time"));
    for board in 0..boards {
        write_feed(data.path(), board, size(board, boards), 0);
    }
    let mut config = config(data.path(), boards);
    let database = database::choose(&mut config).await;
    let central = Central::start_with(config, Arc::new(clock.clone()), Background::OnCall);
    let central = central.await.expect("central starts");
    let notices: usize = (0..boards).map(|board| size(board, boards)).sum();
    println!("{database}: {boards} boards with {notices} notices");
    for (what, changed) in [
        ("the first read", false),
        ("an unchanged round", false),
        ("every tenth changed", true),
    ] {
        if changed {
            for board in (0..boards).step_by(10) {
                write_feed(data.path(), board, size(board, boards), 1);
            }
        }
        clock.advance(TimeDelta::minutes(15));
        let (start, before) = (Instant::now(), processor_time());
        for board in 0..boards {
            central.poll_now(&id(board)).await.expect("a poll");
        }
        println!(
            "{what}: {:.1?} of processor time, {:.1?} in all",
            processor_time() - before,
            start.elapsed(),
        );
    }
    central.shutdown().await;
}

/// What this process has used of all processors.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let (_, fields) = stat.rsplit_once(") ").expect("a name in brackets");
    let ticks = fields.split(' ').skip(11).take(2);
    let ticks: u64 = ticks
        .map(|ticks| ticks.parse::<u64>().expect("a number"))
        .sum();
    Duration::from_millis(ticks * 1_000 / TICKS_A_SECOND)
}

fn id(board: usize) -> String {
    format!("obec-{board}")
}

fn write_feed(data: &Path, board: usize, count: usize, change: usize) {
    let id = id(board);
    let notices = (0..count).map(|number| {
        let change = if number == 0 { change } else { 0 };
        (format!("/{change}"), Some("2026-12-24"))
    });
    feed::write_feed(&data.join(format!("{id}.jsonld")), &id, notices);
}

fn config(data: &Path, boards: usize) -> Config {
    let mut text = "[service]\nlisten = \"127.0.0.1:0\"\n".to_owned();
    for board in 0..boards {
        let id = id(board);
        write!(
            text,
            "[[boards]]\nid = \"{id}\"\ntown = \"Obec {board}\"\nweb_address = \"{id}.example\"\n\
             [[boards.sources]]\nkind = \"ofn\"\nurl = \"{id}.jsonld\"\n"
        )
        .expect("memory");
    }
    Config::from_toml(&text, data).expect("a configuration")
}
