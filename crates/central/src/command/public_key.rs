//! `public-key`: prints the key that displays verify signatures with.

use std::process::ExitCode;

use anyhow::Context as _;

use crate::app::signing_key;
use crate::config::Config;

#[expect(clippy::print_stdout, reason = "the key is the command's answer")]
pub(super) fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let data = &config.service.data;
    std::fs::create_dir_all(data)
        .with_context(|| format!("service.data: cannot make {}", data.display()))?;
    print!("{}", signing_key(data)?.public().to_pem());
    Ok(ExitCode::SUCCESS)
}
