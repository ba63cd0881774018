//! `provision FILE`: brings towns, boards and sources into the database.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use vyveska_board::Clock as _;

use super::accept::who;
use super::{cannot_open, check_config, load_boards};
use crate::app::{SystemClock, open_storage};
use crate::config::Config;
use crate::provision::{Changes, provision};
use crate::storage::Actor;

#[expect(clippy::print_stdout, reason = "what was done is the command's answer")]
pub(super) async fn run(config: Config, file: &Path) -> anyhow::Result<ExitCode> {
    let boards = load_boards(file)?;
    check_config::check_files(&config.fetch, &boards)?;
    let storage = open_storage(&config).await.context(cannot_open(&config))?;
    let (actor, now) = (Actor::Person(who(None)), SystemClock.now().earliest);
    let changes = provision(&*storage, &boards, actor, now).await;
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
