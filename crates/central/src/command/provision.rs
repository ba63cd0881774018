//! `provision FILE`: brings towns, boards and sources into the database.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use vyveska_board::Clock as _;

use super::accept::who;
use super::{CANNOT_OPEN, check_config, load_boards};
use crate::app::{SystemClock, open_storage};
use crate::config::{BoardConfig, Config};
use crate::provision::{Changes, enabled_boards, provision};
use crate::storage::{Actor, Storage};

#[expect(clippy::print_stdout, reason = "what was done is the command's answer")]
pub(super) async fn run(config: Config, file: &Path) -> anyhow::Result<ExitCode> {
    let boards = load_boards(file)?;
    check_config::check_files(&config.fetch, &boards)?;
    let storage = open_storage(&config).await.context(CANNOT_OPEN)?;
    let changes = bring(config, &*storage, &boards).await;
    storage.close().await;
    let changes = changes?;
    if changes == Changes::default() {
        println!(
            "nothing changed: the database has what {} says",
            file.display()
        );
        return Ok(ExitCode::SUCCESS);
    }
    for (what, names) in [
        ("added", &changes.added),
        ("changed", &changes.changed),
        ("out of service", &changes.disabled),
    ] {
        for name in names {
            println!("{what}: {name}");
        }
    }
    println!("a service that is running serves this after its restart");
    Ok(ExitCode::SUCCESS)
}

/// Brings boards, unless new displays would have no board afterwards; `config` has these and those of the configuration.
async fn bring(
    mut config: Config,
    storage: &dyn Storage,
    boards: &[BoardConfig],
) -> anyhow::Result<Changes> {
    let stored = enabled_boards(storage).await?.boards;
    let others = stored
        .into_iter()
        .filter(|one| config.board(&one.id).is_none());
    let others: Vec<BoardConfig> = others.collect();
    config.boards.extend(others);
    config.boards.retain(|board| board.enabled);
    config.check_displays()?;
    let now = SystemClock.now().earliest;
    Ok(provision(storage, boards, Actor::Person(who(None)), now).await?)
}
