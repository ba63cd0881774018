//! `enrol`: makes, lists and revokes the tokens that let new displays in.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{ArgGroup, Args};
use url::Url;
use vyveska_board::Clock as _;
use vyveska_wire::enrolment::{EnrolmentFile, MAX_DISPLAYS, is_address};

use super::accept::who;
use super::{cannot_open, in_prague};
use crate::app::{SystemClock, SystemEntropy, open_storage, signing_key};
use crate::config::Config;
use crate::counting::counted;
use crate::enrolment::new_enrolment;
use crate::storage::{Actor, ServiceStorage, StorageError};

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["board", "list", "revoke"])))]
pub(super) struct EnrolArguments {
    /// Make a token for displays of this board, and print the enrolment file for them.
    #[arg(long, value_name = "ID")]
    board: Option<String>,
    /// How many displays the token lets in.
    #[arg(long, value_name = "N", conflicts_with_all = ["list", "revoke"], default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_DISPLAYS)))]
    count: u32,
    /// Where the displays reach this service; `service.public_url` when missing.
    #[arg(long, value_name = "URL", conflicts_with_all = ["list", "revoke"], value_parser = parse_central)]
    central: Option<Url>,
    /// List the tokens that have not expired.
    #[arg(long)]
    list: bool,
    /// Revoke the token of this id; displays that it has let in stay.
    #[arg(long, value_name = "ID")]
    revoke: Option<String>,
}

fn parse_central(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).ok().filter(is_address);
    url.ok_or(
        "expected an address that begins with https:// or http://, as in https://central.example/",
    )
}

pub(super) async fn run(config: &Config, arguments: EnrolArguments) -> anyhow::Result<ExitCode> {
    let opened = open_storage(config).await;
    let storage = opened.context(cannot_open(config))?;
    let done = match (&arguments.board, &arguments.revoke) {
        (Some(board), _) => make(config, &*storage, board, &arguments).await,
        (None, Some(id)) => revoke(&*storage, id).await,
        (None, None) => list(&*storage).await,
    };
    storage.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "the file is the command's answer")]
async fn make(
    config: &Config,
    storage: &dyn ServiceStorage,
    board: &str,
    arguments: &EnrolArguments,
) -> anyhow::Result<()> {
    let configured = config.service.public_url.as_ref();
    let Some(central) = arguments.central.as_ref().or(configured) else {
        bail!(
            "displays have to know where they reach this service: set service.public_url in the configuration, or say it by --central URL"
        );
    };
    let boards = storage.boards().await?;
    if !boards.iter().any(|one| one.enabled && one.id == board) {
        let ids = boards.iter().filter(|one| one.enabled);
        let ids: Vec<&str> = ids.map(|one| one.id.as_str()).collect();
        bail!(
            "there is no board {board:?} in service; there is: {}",
            ids.join(", ")
        );
    }
    let key = signing_key(config).await.context(cannot_open(config))?;
    let (actor, now) = (Actor::Person(who(None)), SystemClock.now().earliest);
    let what = (board, arguments.count);
    let (enrolment, token) = new_enrolment(storage, &SystemEntropy, what, actor, now).await?;
    let file = EnrolmentFile {
        central: central.clone(),
        central_key: key.public(),
        token,
    };
    println!(
        "# Enrolment {}: lets {} of the board {board} in, until {}.\n\
         # Whoever has this file can have a display let in.\n{}",
        enrolment.id,
        counted(arguments.count as usize, "display"),
        in_prague(enrolment.ends_at),
        file.to_toml().trim_end()
    );
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the list is the command's answer")]
async fn list(storage: &dyn ServiceStorage) -> anyhow::Result<()> {
    let now = SystemClock.now().earliest;
    let enrolments = storage.enrolments(now).await?;
    if enrolments.is_empty() {
        println!("no enrolment token is good");
    }
    for one in enrolments {
        println!(
            "{}  {}  {} of {}  until={}{}",
            one.id,
            one.board,
            one.used,
            counted(one.displays as usize, "display"),
            in_prague(one.ends_at),
            one.revoked_at
                .map(|at| format!("  revoked={}", in_prague(at)))
                .unwrap_or_default()
        );
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what was done is the command's answer")]
async fn revoke(storage: &dyn ServiceStorage, id: &str) -> anyhow::Result<()> {
    let (actor, now) = (Actor::Person(who(None)), SystemClock.now().earliest);
    let mut unit = storage.begin(actor, now).await?;
    match unit.revoke_enrolment(id).await {
        Err(StorageError::NotFound) => bail!(
            "there is no enrolment {id:?} to revoke; `vyveska-central enrol --list` lists them"
        ),
        revoked => revoked?,
    }
    unit.save().await?;
    println!("revoked {id}: it lets no other display in");
    Ok(())
}
