//! The commands of the binary.
//!
//! Results go to standard output, logs to standard error.
//!
//! A command acts as the service, with the storage of all towns: whoever may start it can open the database anyway.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand};
use vyveska_board::PRAGUE;

use crate::app::{Parts, checked_system_clock, open_storage_to_read};
use crate::config::{self, BoardConfig, Config, check_boards};
use crate::error::causes;
use crate::storage::ServiceStorage;

mod accept;
mod administrator_link;
mod answers;
mod attention;
mod check_config;
mod check_feed;
mod enrol;
mod examine;
mod hash_pin;
mod held;
mod provision;
mod public_key;
mod serve;

/// The central service of Vývěska.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct ConfigArgument {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Poll the sources, publish the boards and answer displays.
    Serve {
        #[command(flatten)]
        config: ConfigArgument,
        /// A file of boards to bring first, as `provision` does.
        #[arg(long, value_name = "FILE")]
        provision: Option<PathBuf>,
        /// Believe the clock of this computer, whatever publishers and the time before say.
        #[arg(long)]
        trust_system_clock: bool,
    },
    /// List what waits for a person: held changes, alarms and documents, with the remedy of each.
    ///
    /// Ends with status 0 when nothing waits, 3 when something does.
    Attention {
        #[command(flatten)]
        config: ConfigArgument,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// List the changes that are held and why.
    Held(ConfigArgument),
    /// Apply a change that is held.
    Accept {
        #[command(flatten)]
        config: ConfigArgument,
        /// Its number, as listed by `held`.
        #[arg(value_parser = parse_held)]
        id: i64,
        /// Who accepts, for the audit log; the user of the system when missing.
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// Print counted survey answers as CSV.
    Answers(ConfigArgument),
    /// Read a feed and say what it holds and where it deviates from the norm.
    ///
    /// Ends with status 0 when a board could be read, 3 when not.
    CheckFeed {
        /// A file or an HTTP(S) address.
        #[arg(value_name = "PATH_OR_URL")]
        feed: String,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Examine a document as the preparation does: whether what displays draw is what other engines draw.
    ///
    /// Ends with status 0 when every page is drawn right, if need be from a rendition, and 3 when not.
    Examine {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The folder for `rendition.pdf`, where one is made; created when missing.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Print one JSON object a line: the document, then each page.
        #[arg(long)]
        json: bool,
    },
    /// Check the configuration, and a file of boards, without starting or changing anything.
    ///
    /// The boards are compared with those that were brought before, where the database can be read.
    CheckConfig {
        #[command(flatten)]
        config: ConfigArgument,
        /// A file of boards that `provision` is to bring.
        #[arg(long, value_name = "FILE")]
        provision: Option<PathBuf>,
    },
    /// Bring towns, boards and sources from a file into the database.
    ///
    /// Boards that the file does not have stay as they are. A service that is running serves what is brought after its
    /// restart.
    Provision {
        #[command(flatten)]
        config: ConfigArgument,
        /// The boards, in tables `[[boards]]` with `[[boards.sources]]`.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Let new displays in: make an enrolment file, which is good for seven days; list and revoke them.
    ///
    /// `vyveska --enrolment FILE` is started with it. Use and revocation count at once, also for a service that is running.
    Enrol {
        #[command(flatten)]
        config: ConfigArgument,
        #[command(flatten)]
        arguments: enrol::EnrolArguments,
    },
    /// Hash a PIN for the service screen of displays, for `service_pin_hash` of a board.
    ///
    /// The PIN is read from standard input, so that it stays out of the shell's history.
    HashPin,
    /// Print a link that makes an account of an administrator, once and within 24 hours; an earlier such link ends.
    ///
    /// For when nobody can sign in any more. The first start of the service prints one by itself.
    AdministratorLink(ConfigArgument),
    /// Print the public key that displays need.
    PublicKey(ConfigArgument),
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    ///
    /// When the command fails.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Serve {
                config,
                provision,
                trust_system_clock,
            } => {
                // What is wrong with the files that a board names is an alarm, and keeps no other from being served.
                let config = load_to_serve(&config.config, provision.as_deref())?;
                serve::run(config, trust_system_clock).await
            }
            Command::Attention { config, json } => {
                attention::run(&*storage(&config.config).await?, &config.config, json).await
            }
            Command::Held(ConfigArgument { config }) => {
                held::run(&*storage(&config).await?, &config).await
            }
            Command::Accept { config, id, by } => {
                accept::run(open(&config.config).await?, id, by).await
            }
            Command::Answers(ConfigArgument { config }) => {
                answers::run(&*storage(&config).await?).await
            }
            Command::CheckFeed { feed, json } => check_feed::run(&feed, json).await,
            Command::Examine { file, out, json } => examine::run(&file, &out, json).await,
            Command::CheckConfig { config, provision } => {
                let config = load_with_boards(&config.config, provision.as_deref())?;
                check_config::check_files(&config.fetch, &config.boards)?;
                check_config::run(&config).await
            }
            Command::Provision { config, file } => {
                // What the configuration has as well would be brought from there at every start.
                let config = load_with_boards(&config.config, Some(&file))?;
                provision::run(config, &file).await
            }
            Command::Enrol { config, arguments } => {
                storage(&config.config).await?.close().await;
                enrol::run(&load(&config.config)?, arguments).await
            }
            Command::HashPin => hash_pin::run(),
            Command::AdministratorLink(ConfigArgument { config }) => {
                storage(&config).await?.close().await;
                administrator_link::run(&load(&config)?).await
            }
            Command::PublicKey(ConfigArgument { config }) => public_key::run(&load(&config)?).await,
        }
    }
}

fn parse_held(text: &str) -> Result<i64, &'static str> {
    let wrong = "expected the number of a held change; `vyveska-central held` lists them";
    text.parse().map_err(|_| wrong)
}

/// An instant as it is printed, with the zone that it is in.
fn in_prague(instant: DateTime<Utc>) -> impl Display {
    instant.with_timezone(&PRAGUE).format("%Y-%m-%d %H:%M %Z")
}

/// What cannot be opened, by the key that names it.
fn cannot_open(config: &Config) -> &'static str {
    match config.service.database {
        Some(_) => "cannot open the database (service.database)",
        None => "cannot open the data folder (service.data)",
    }
}

fn load(path: &Path) -> anyhow::Result<Config> {
    Config::load(path).with_context(|| format!("the configuration {} is wrong", path.display()))
}

fn load_boards(file: &Path) -> anyhow::Result<Vec<BoardConfig>> {
    config::load_boards(file).with_context(|| format!("the boards in {} are wrong", file.display()))
}

/// The configuration with the boards that it and a file bring.
fn load_with_boards(path: &Path, file: Option<&Path>) -> anyhow::Result<Config> {
    let mut config = load(path)?;
    if !config.boards.is_empty() {
        tracing::warn!(
            configuration = %path.display(),
            "boards are rows of the database now: move the [[boards]] into a file of their own and bring it with `vyveska-central provision FILE`"
        );
    }
    if let Some(file) = file {
        config.boards.extend(load_boards(file)?);
        check_boards(&config.boards).with_context(|| {
            format!(
                "the boards in {} and {} contradict each other",
                path.display(),
                file.display()
            )
        })?;
    }
    Ok(config)
}

/// The same for a service: what is wrong with a file of boards keeps those that were brought before from nothing.
fn load_to_serve(path: &Path, file: Option<&Path>) -> anyhow::Result<Config> {
    match load_with_boards(path, file) {
        Err(error) if file.is_some() => {
            let refused = Some(causes(&*error));
            let config = load(path)?;
            Ok(Config { refused, ..config })
        }
        loaded => loaded,
    }
}

/// A command that only reads works when central itself does not, as without its signing key. It makes nothing: a path that
/// is mistyped is not to say that nothing waits.
async fn storage(path: &Path) -> anyhow::Result<Arc<dyn ServiceStorage>> {
    let config = load(path)?;
    let storage = open_storage_to_read(&config).await;
    let storage = storage.context(cannot_open(&config))?;
    storage.with_context(|| {
        format!(
            "{}: nothing of a central service is there; the service makes it at its first start",
            cannot_open(&config)
        )
    })
}

async fn open(path: &Path) -> anyhow::Result<Parts> {
    storage(path).await?.close().await;
    let config = load(path)?;
    let what = cannot_open(&config);
    let parts = Parts::open(config, checked_system_clock()).await;
    parts.context(what)
}
