//! `public-key`: prints the key that displays verify signatures with.

use std::process::ExitCode;

use anyhow::Context as _;

use crate::app::signing_key;
use crate::config::Config;

#[expect(clippy::print_stdout, reason = "the key is the command's answer")]
pub(super) async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let key = signing_key(config)
        .await
        .context(super::cannot_open(config))?;
    print!("{}", key.public().to_pem());
    Ok(ExitCode::SUCCESS)
}
