//! `administrator-link`: prints a link that makes an account of an administrator.

use std::process::ExitCode;

use anyhow::Context as _;
use url::Url;
use vyveska_board::Clock as _;

use crate::account::invitation::administrator_link;
use crate::app::{SystemClock, SystemEntropy, open_storage};
use crate::config::Config;

#[expect(clippy::print_stdout, reason = "the link is the command's answer")]
pub(super) async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let opened = open_storage(config).await;
    let storage = opened.context(super::cannot_open(config))?;
    let service = &config.service;
    let listened = Url::parse(&format!("http://{}/", service.listen))?;
    let base = service.public_url.as_ref().unwrap_or(&listened);
    let now = SystemClock.now().earliest;
    let link = administrator_link(&*storage, &SystemEntropy, base, false, now).await?;
    println!("{}", link.expect("an earlier link ends"));
    storage.close().await;
    Ok(ExitCode::SUCCESS)
}
