//! Runs a fleet beside a central service, until Ctrl+C.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chrono::TimeDelta;
use clap::Parser;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing_subscriber::EnvFilter;
use vyveska_board::{Clock, ClockBounds};
use vyveska_fleet::fault::Shares;
use vyveska_fleet::{Fault, Fleet, FleetConfig, Tally, Timing};
use vyveska_wire::enrolment::EnrolmentFile;

/// How often a summary is printed.
const SUMMARY_EVERY: Duration = Duration::from_secs(10);

/// So many displays come in a second.
const ARRIVALS_PER_SECOND: u32 = 500;

/// Simulated displays of Vývěska.
///
/// Ends with status 3 when central accepted what it has to refuse.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// The enrolment file, as `vyveska-central enrol` prints it, of a central service that is asked over plain HTTP.
    #[arg(long, value_name = "FILE")]
    enrolment: PathBuf,
    /// How many displays.
    #[arg(long, value_name = "N")]
    count: u32,
    /// Displays of the same seed are the same at each run.
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// Fetch documents as well.
    #[arg(long)]
    documents: bool,
    /// So many of a hundred read 500 bytes a second.
    #[arg(long, value_name = "PERCENT", default_value_t = 0)]
    slow: u32,
    /// So many of a hundred drop their event stream every 20 seconds.
    #[arg(long, value_name = "PERCENT", default_value_t = 0)]
    flapping: u32,
    /// So many of a hundred have a clock that is ten years behind.
    #[arg(long, value_name = "PERCENT", default_value_t = 0)]
    wrong_clock: u32,
    /// So many of a hundred have a network for a minute, and none for the next two.
    #[arg(long, value_name = "PERCENT", default_value_t = 0)]
    offline: u32,
    /// So many of a hundred send earlier requests again.
    #[arg(long, value_name = "PERCENT", default_value_t = 0)]
    replaying: u32,
    /// So many of a hundred send what central has to refuse.
    #[arg(long, value_name = "PERCENT", default_value_t = 0)]
    malicious: u32,
}

impl Arguments {
    fn shares(&self) -> Shares {
        let minute = Duration::from_secs(60);
        Shares::default()
            .with(
                Fault::Slow {
                    bytes_per_second: 500,
                },
                self.slow,
            )
            .with(Fault::Flapping { every: minute / 3 }, self.flapping)
            .with(
                Fault::WrongClock {
                    ahead_by: -TimeDelta::days(3_652),
                },
                self.wrong_clock,
            )
            .with(
                Fault::Offline {
                    after: minute,
                    lasting: 2 * minute,
                },
                self.offline,
            )
            .with(Fault::Replaying, self.replaying)
            .with(Fault::Malicious, self.malicious)
    }
}

/// The clock of this computer.
struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the composition root is where the real clock lives"
    )]
    fn now(&self) -> ClockBounds {
        ClockBounds::exact(chrono::Utc::now())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let arguments = Arguments::parse();
    raise_descriptors();
    let file = &arguments.enrolment;
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let EnrolmentFile {
        central,
        central_key,
        token,
    } = EnrolmentFile::from_toml(&text)
        .with_context(|| format!("{} is no enrolment file", file.display()))?;
    let shares = arguments.shares();
    let config = FleetConfig {
        seed: arguments.seed,
        timing: Timing {
            arrival: Duration::from_secs(1) * arguments.count / ARRIVALS_PER_SECOND,
            ..Timing::default()
        },
        with_documents: arguments.documents,
        fault: Box::new(move |index| shares.of(index)),
        enrolment: Some(token),
        ..FleetConfig::new(central, central_key, arguments.count)
    };
    let mut fleet = Fleet::start(config, Arc::new(SystemClock))?;
    let mut summaries = tokio::time::interval(SUMMARY_EVERY);
    loop {
        tokio::select! {
            _ = fleet.next() => {}
            _ = summaries.tick() => summarise(fleet.tally()),
            signal = tokio::signal::ctrl_c() => {
                signal.context("cannot listen for signals")?;
                break;
            }
        }
    }
    summarise(fleet.tally());
    let is_violated = !fleet.tally().violations.is_empty();
    fleet.stop().await;
    Ok(if is_violated {
        ExitCode::from(3)
    } else {
        ExitCode::SUCCESS
    })
}

#[expect(
    clippy::print_stdout,
    reason = "the summary is what the program is for"
)]
fn summarise(tally: &Tally) {
    let newest = tally
        .displays
        .iter()
        .map(|one| one.taken)
        .max()
        .unwrap_or(0);
    println!(
        "{} displays: {} with an event stream, {} with a board, {} with manifest {newest}, {} with an alert, {} offline; \
         {} went back, {} requests failed, {} answers refused, {} violations",
        tally.displays.len(),
        tally.count(|one| one.has_stream),
        tally.count(|one| one.taken > 0),
        tally.count(|one| one.taken == newest),
        tally.count(|one| !one.alerts.is_empty()),
        tally.count(|one| one.is_offline),
        tally.count(|one| one.went_back),
        tally
            .displays
            .iter()
            .map(|one| u64::from(one.failed))
            .sum::<u64>(),
        tally
            .displays
            .iter()
            .map(|one| u64::from(one.refused))
            .sum::<u64>(),
        tally.violations.len(),
    );
}

/// A display has one or two connections, and most systems start a program with 1,024 descriptors.
fn raise_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "no more files may be open than before");
    }
}
