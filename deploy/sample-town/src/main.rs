//! Publishes the sample town over HTTP.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use chrono::{NaiveDate, Utc};
use chrono_tz::Europe::Prague;
use clap::{Parser, Subcommand};
use vyveska_sample_town::{Publisher, SampleTown, information};

/// The sample town of Lipnice nad Rolavou.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Publish the open-data feed, the pages and the documents.
    Serve {
        /// Where to listen; port 0 takes a free one, which the first line of output names.
        #[arg(long, default_value = "127.0.0.1:8040")]
        listen: SocketAddr,
        /// The day that counts as today; by default the one it is in Prague.
        #[arg(long, value_name = "YYYY-MM-DD")]
        today: Option<NaiveDate>,
        /// The folder with notices.json and documents/.
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
    /// Write pages and a survey as files for the central service.
    Information {
        /// The folder for information.toml and its pictures.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Write an alert as well, alerts.toml.
        #[arg(long)]
        alert: bool,
        /// The day that counts as today; by default the one it is in Prague.
        #[arg(long, value_name = "YYYY-MM-DD")]
        today: Option<NaiveDate>,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Serve {
            listen,
            today,
            data,
        } => serve(listen, today, data).await,
        Command::Information { out, alert, today } => {
            let today = today.unwrap_or_else(prague_today);
            information::write(&out, today)?;
            if alert {
                information::write_alert(&out, today)?;
            }
            Ok(())
        }
    }
}

async fn serve(
    listen: SocketAddr,
    today: Option<NaiveDate>,
    data: Option<PathBuf>,
) -> anyhow::Result<()> {
    let town = match data {
        Some(folder) => SampleTown::load_from(&folder)?,
        None => SampleTown::load()?,
    };
    let publisher = Publisher::start(
        town,
        Arc::new(move || today.unwrap_or_else(prague_today)),
        listen,
    )
    .await?;
    writeln!(std::io::stdout(), "listening on {}", publisher.url())
        .context("cannot say where it listens")?;
    std::io::stdout()
        .flush()
        .context("cannot say where it listens")?;
    wait_for_signal().await?;
    publisher.shutdown().await;
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the composition root of the publisher"
)]
fn prague_today() -> NaiveDate {
    Utc::now().with_timezone(&Prague).date_naive()
}

async fn wait_for_signal() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for a signal")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for a signal")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
