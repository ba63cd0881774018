//! Ten thousand connected displays on one central service: its memory, how long news take, and a `kill -9`.
//!
//! Central is a process of its own, `vyveska-central serve` linked into this program, and the fleet another one. The fleet
//! pays what displays pay: a key and a connection each, a signature for every request, and every signature and hash
//! verified. The same fleet is measured first with a server that only writes events, so that the limits of fleet and
//! computer are seen.
//!
//! Publications and alerts come by a schedule that waits for nobody. A time begins with the instant that central has
//! written into the signed manifest, before it stores and announces it; a display that never heard has waited for ever.
//! The manifest counts as in hand when its signature was verified, which is at the event that carries it; everything that
//! it names is fetched after a random part of the jitter that the event told, and that time includes it.
//!
//! `--count N` is how many displays, `--settle SECONDS` how long they do nothing before memory is read, `--pinned` keeps
//! central on the first processor and the fleet on the second. `--smoke` runs with few displays, to see that it still runs.

#![expect(clippy::print_stdout, reason = "a bench prints")]

#[path = "../../../central/benches/feed/mod.rs"]
mod feed;
mod latency;
mod null_server;
mod process;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser;
use tokio::time::{Instant, interval_at, sleep_until, timeout_at};
use url::Url;
use vyveska_board::Clock as _;
use vyveska_central::app::{open_storage, raise_descriptors};
use vyveska_central::command::Cli;
use vyveska_central::storage::Actor;
use vyveska_central::{Background, Central, Config, SystemClock};
use vyveska_fleet::{Fleet, FleetConfig, Seen, Tally, Timing, key_of};
use vyveska_wire::envelope::Envelope;
use vyveska_wire::event::ManifestAnnounced;
use vyveska_wire::keys::PublicKey;
use vyveska_wire::manifest::{Addressee, ContentRef, Manifest, Sections};

use latency::Latencies;
use process::Server;

const NOTICES: usize = 100;

const ARRIVALS_PER_SECOND: u32 = 250;

/// Beside the jitter.
const PATIENCE: Duration = Duration::from_secs(20);

/// Between two alerts.
const ALERT_EVERY: Duration = Duration::from_secs(5);

/// For all displays to be back, and then to see whether they stay.
const LONGEST_RETURN: Duration = Duration::from_secs(180);
const SECOND_WAVE_WITHIN: Duration = Duration::from_secs(70);

#[derive(Debug, Parser)]
struct Arguments {
    #[arg(long, default_value_t = 10_000)]
    count: u32,
    #[arg(long, default_value_t = 5)]
    publications: u32,
    #[arg(long, default_value_t = 600)]
    settle: u64,
    #[arg(long)]
    pinned: bool,
    #[arg(long)]
    smoke: bool,
    /// Given by cargo.
    #[arg(long = "bench", hide = true)]
    _bench: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let is_pinned = arguments.iter().any(|argument| argument == "--pinned");
    match arguments.get(1).map(String::as_str) {
        Some("serve-central") => {
            pin(is_pinned, 0);
            serve_central(&arguments[2])
        }
        Some("serve-nothing") => {
            pin(is_pinned, 0);
            let port = arguments[2].parse().expect("a port");
            runtime().block_on(null_server::serve(port));
            ExitCode::SUCCESS
        }
        _ => {
            pin(is_pinned, 1);
            let arguments = Arguments::parse();
            let needed = 2 * u64::from(arguments.count) + 200;
            let allowed = raise_descriptors();
            if allowed.is_some_and(|allowed| allowed < needed) {
                println!("{allowed:?} descriptors: displays that ask at once wait for each other");
            }
            runtime().block_on(measure(&arguments));
            ExitCode::SUCCESS
        }
    }
}

fn pin(is_pinned: bool, processor: usize) {
    if is_pinned {
        process::pin(processor);
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().expect("a runtime")
}

fn serve_central(config: &str) -> ExitCode {
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::ERROR)
        .with_writer(std::io::stderr)
        .init();
    let program = "vyveska-central";
    let arguments = [program, "serve", "--config", config, "--trust-system-clock"];
    let ended = runtime().block_on(Cli::parse_from(arguments).run());
    ended.expect("central runs")
}

async fn measure(arguments: &Arguments) {
    let (count, publications, settle) = match arguments.smoke {
        true => (arguments.count.min(30), 2, 1),
        false => (arguments.count, arguments.publications, arguments.settle),
    };
    println!(
        "{count} displays{}",
        if arguments.pinned { ", pinned" } else { "" }
    );
    measure_null(count, publications, arguments.pinned).await;

    let data = tempfile::tempdir().expect("a folder");
    let port = process::free_port();
    let file = data.path().join("central.toml");
    let config = config(data.path(), port);
    std::fs::write(&file, &config).expect("a writable folder");
    let config = Config::from_toml(&config, data.path()).expect("a configuration");
    let key = prepare(config, count).await;
    let file = file.to_str().expect("a path in UTF-8");
    let start = || Server::start("serve-central", file, arguments.pinned);

    let central = start();
    let began = Instant::now();
    let mut fleet = start_fleet(port, key, count);
    fleet
        .until(|tally| tally.all(|one| one.has_stream && one.taken > 0))
        .await;
    println!("all are there after {:.1?}", began.elapsed());
    let busy = central.processor_time();
    watch_for(&mut fleet, Duration::from_secs(settle), |_, _| {}).await;
    let busy = (central.processor_time() - busy).as_secs_f64() / settle as f64;
    let (memory, most) = central.memory();
    println!(
        "after {settle} s: central has {memory:.0} MB (PSS; at most {most:.0} MB resident), {:.1} KB a display, and uses \
         {:.1} % of a core",
        memory * 1024.0 / f64::from(count),
        busy * 100.0,
    );

    let jitter = Duration::from_millis(u64::from(count));
    let schedule = Schedule {
        every: jitter + PATIENCE / 2,
        times: publications,
    };
    let busy = central.processor_time();
    let news = schedule
        .run(&mut fleet, |number| information(data.path(), number))
        .await;
    let busy = (central.processor_time() - busy) / publications;
    println!("a publication: {busy:.1?} of the processor");
    println!("  event at the display: {}", news.announced);
    println!("  manifest in hand: {}", news.manifest);
    println!(
        "  all it names, with up to {jitter:?} of jitter: {}",
        news.taken
    );

    let schedule = Schedule {
        every: ALERT_EVERY,
        times: publications,
    };
    let news = schedule
        .run(&mut fleet, |number| alert(data.path(), number))
        .await;
    println!("an alert:");
    println!("  event at the display: {}", news.announced);
    println!("  alert in hand: {}", news.alerts);

    measure_storm(&mut fleet, central, start).await;
    let (failed, refused) = sums(fleet.tally());
    let (back, violations) = (
        fleet.tally().count(|one| one.went_back),
        fleet.tally().violations.len(),
    );
    println!(
        "requests that failed: {failed}; refused by displays: {refused}; went back: {back}; violations: {violations}"
    );
    fleet.stop().await;
}

fn sums(tally: &Tally) -> (u64, u64) {
    let displays = tally.displays.iter();
    displays.fold((0, 0), |(failed, refused), one| {
        (
            failed + u64::from(one.failed),
            refused + u64::from(one.refused),
        )
    })
}

/// The same fleet with a server that only writes events.
async fn measure_null(count: u32, publications: u32, is_pinned: bool) {
    let port = process::free_port();
    let mut server = Server::start("serve-nothing", &port.to_string(), is_pinned);
    let mut fleet = start_fleet(port, null_server::key().public(), count);
    fleet.until(|tally| tally.all(|one| one.has_stream)).await;
    let (busy, busy_here) = (server.processor_time(), process::processor_time("self"));
    let schedule = Schedule {
        every: ALERT_EVERY,
        times: publications,
    };
    let news = schedule
        .run(&mut fleet, |_| server.tell(&null_event()))
        .await;
    let busy = (server.processor_time() - busy) / publications;
    let busy_here = (process::processor_time("self") - busy_here) / publications;
    println!(
        "a server that only writes events: {busy:.1?} of the processor, {busy_here:.1?} of the fleet's"
    );
    println!("  event at the display: {}", news.announced);
    println!("  manifest in hand: {}", news.manifest);
    fleet.stop().await;
    server.kill();
}

fn null_event() -> String {
    let bytes = ContentRef::to(b"{}");
    let created = SystemClock.now().earliest;
    let number = u64::try_from(created.timestamp_micros()).expect("after 1970");
    let manifest = Manifest {
        number,
        created,
        to: Addressee::Group("nobody".to_owned()),
        sections: Sections {
            notices: bytes,
            information: bytes,
            alerts: bytes,
            settings: bytes,
        },
    };
    let manifest = Some(Envelope::seal(&manifest, &null_server::key()));
    // Nothing is asked after it while the next one is measured.
    let announced = ManifestAnnounced {
        number,
        manifest,
        jitter_ms: u64::MAX,
        ..ManifestAnnounced::default()
    };
    announced.into_data()
}

/// Central is killed, and started again at once.
async fn measure_storm(fleet: &mut Fleet, central: Server, start: impl Fn() -> Server) {
    let count = fleet.tally().displays.len();
    let overflows = process::listen_overflows();
    let (failed_before, _) = sums(fleet.tally());
    central.kill();
    let began = Instant::now();
    let central = start();
    let started = began.elapsed();
    let mut back: BTreeMap<u32, Instant> = BTreeMap::new();
    let mut opened = 0;
    let by = began + LONGEST_RETURN;
    // Streams that ended with central are not those of now.
    while back.len() < count {
        let Ok(seen) = timeout_at(by, fleet.next()).await else {
            break;
        };
        if seen.seen == Seen::StreamOpened && seen.at > began {
            opened += 1;
            back.entry(seen.display).or_insert(seen.at);
        }
    }
    let busy = central.processor_time();
    let times = back.values().map(|at| Some(*at - began));
    let mut times: Vec<_> = times.collect();
    times.resize(count, None);
    let mut ended = 0;
    watch_for(
        fleet,
        SECOND_WAVE_WITHIN.min(by - Instant::now()),
        |_, seen| {
            ended += u32::from(*seen == Seen::StreamEnded);
            opened += u32::from(*seen == Seen::StreamOpened);
        },
    )
    .await;
    let (failed, _) = sums(fleet.tally());
    println!(
        "kill -9: central was there again after {started:.1?}, and used {busy:.1?} until all were back"
    );
    println!("  back with a stream: {}", Latencies::of(times));
    println!(
        "  requests that failed: {}; streams opened: {opened}, ended again: {ended}; listen overflows: {}",
        failed - failed_before,
        process::listen_overflows() - overflows,
    );
    central.kill();
}

/// Reads what displays see for so long.
async fn watch_for(fleet: &mut Fleet, time: Duration, mut see: impl FnMut(u32, &Seen)) {
    let until = Instant::now() + time;
    while let Ok(observation) = timeout_at(until, fleet.next()).await {
        see(observation.display, &observation.seen);
    }
    sleep_until(until).await;
}

/// News that come one after the other, whether or not those before were heard.
struct Schedule {
    every: Duration,
    times: u32,
}

struct News {
    announced: Latencies,
    manifest: Latencies,
    alerts: Latencies,
    taken: Latencies,
}

#[derive(Default)]
struct Heard {
    /// When central made the manifest.
    created: Option<Instant>,
    announced: BTreeMap<u32, Instant>,
    manifest: BTreeMap<u32, Instant>,
    alerts: BTreeMap<u32, Instant>,
    taken: BTreeMap<u32, Instant>,
}

impl Schedule {
    async fn run(&self, fleet: &mut Fleet, mut publish: impl FnMut(u32)) -> News {
        let (now, wall) = (Instant::now(), SystemClock.now().earliest);
        let instant = |at: DateTime<Utc>| {
            let since = (at - wall).to_std();
            since.map_or(now, |since| now + since)
        };
        let before = fleet.tally().displays.iter().map(|one| one.manifest).max();
        let before = before.unwrap_or(0);
        let mut manifests: BTreeMap<u64, Heard> = BTreeMap::new();
        let mut ids = BTreeMap::new();
        let mut due = interval_at(now + Duration::from_millis(100), self.every);
        let mut published = 0;
        let mut end = None;
        loop {
            let observation = tokio::select! {
                _ = due.tick(), if published < self.times => {
                    publish(published);
                    published += 1;
                    end = Some(Instant::now() + self.every.max(PATIENCE));
                    continue;
                }
                () = sleep_until(end.unwrap_or(now)), if published == self.times => break,
                observation = fleet.next() => observation,
            };
            let (display, at) = (observation.display, observation.at);
            match observation.seen {
                Seen::Announced { number, .. } if number > before => {
                    let heard = manifests.entry(number).or_default();
                    heard.announced.entry(display).or_insert(at);
                    ids.insert(display, number);
                }
                Seen::Manifest { number, created } if number > before => {
                    let heard = manifests.entry(number).or_default();
                    heard.created = Some(instant(created));
                    heard.manifest.entry(display).or_insert(at);
                }
                Seen::Alerts { .. } => {
                    // Those of the manifest that it was told of last.
                    if let Some(heard) = ids.get(&display).and_then(|id| manifests.get_mut(id)) {
                        heard.alerts.entry(display).or_insert(at);
                    }
                }
                Seen::Taken { number } if number > before => {
                    let heard = manifests.entry(number).or_default();
                    heard.taken.entry(display).or_insert(at);
                }
                _ => {}
            }
        }
        let count = fleet.tally().displays.len();
        let latencies = |of: fn(&Heard) -> &BTreeMap<u32, Instant>| {
            let mut times = Vec::new();
            for heard in manifests.values() {
                let created = heard.created.unwrap_or(now);
                times.extend(
                    of(heard)
                        .values()
                        .map(|at| Some(at.duration_since(created))),
                );
            }
            // Also those of a publication of which nobody heard.
            times.resize(times.len().max(count * self.times as usize), None);
            Latencies::of(times)
        };
        News {
            announced: latencies(|heard| &heard.announced),
            manifest: latencies(|heard| &heard.manifest),
            alerts: latencies(|heard| &heard.alerts),
            taken: latencies(|heard| &heard.taken),
        }
    }
}

fn start_fleet(port: u16, key: PublicKey, count: u32) -> Fleet {
    let url = Url::parse(&format!("http://127.0.0.1:{port}/")).expect("an address");
    let config = FleetConfig {
        timing: Timing {
            arrival: Duration::from_secs(1) * count / ARRIVALS_PER_SECOND,
            ..Timing::default()
        },
        ..FleetConfig::new(url, key, count)
    };
    Fleet::start(config, Arc::new(SystemClock)).expect("an address of plain HTTP")
}

/// Has the board published, and the displays registered, before they are measured.
async fn prepare(config: Config, count: u32) -> PublicKey {
    let central = Central::start_with(config.clone(), Arc::new(SystemClock), Background::OnCall);
    let central = central.await.expect("central starts");
    central.poll_now("lipnice").await.expect("a poll");
    let key = central.public_key();
    central.shutdown().await;
    let storage = open_storage(&config).await.expect("the database");
    let now = SystemClock.now().earliest;
    let unit = storage.begin(Actor::Job("bench"), now).await;
    let mut unit = unit.expect("the database");
    for index in 0..count {
        let key = key_of(0, index).public();
        let registered = unit.register(&key.id(), &key, "lipnice").await;
        registered.expect("a display");
    }
    unit.save().await.expect("the database");
    storage.close().await;
    key
}

fn information(data: &Path, number: u32) {
    let page = format!(
        "[[pages]]\nid = \"kontakty\"\nkind = \"contacts\"\ntitle = \"Kontakty {number}\"\n\
         [[pages.contacts]]\nname = \"Starostka\"\nphone = \"352 000 101\"\n"
    );
    process::write(&data.join("information.toml"), &page);
}

fn alert(data: &Path, number: u32) {
    let now = SystemClock.now().earliest;
    let alert = format!(
        "[[alerts]]\nid = \"povoden-{number}\"\nseverity = \"extreme\"\nsender = \"starosta\"\n\
         headline = \"Povodeň {number}\"\nsent = {}\nexpires = {}\n",
        now.format("%Y-%m-%dT%H:%M:%S"),
        (now + TimeDelta::days(1)).format("%Y-%m-%dT%H:%M:%S"),
    );
    process::write(&data.join("alerts.toml"), &alert);
}

fn config(data: &Path, port: u16) -> String {
    let notices = (0..NOTICES).map(|_| (String::new(), None));
    feed::write_feed(&data.join("feed.jsonld"), "lipnice", notices);
    for name in ["alerts.toml", "information.toml"] {
        std::fs::write(data.join(name), "").expect("a writable folder");
    }
    format!(
        r#"
        [service]
        listen = "127.0.0.1:{port}"
        data = "data"
        [[boards]]
        id = "lipnice"
        town = "Lipnice"
        web_address = "lipnice.example"
        alerts = "alerts.toml"
        information = "information.toml"
        [[boards.sources]]
        kind = "ofn"
        url = "feed.jsonld"
        "#
    )
}
