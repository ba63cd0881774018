//! `hash-pin`: hashes the PIN of the service screen for the configuration.

use std::io::{BufRead as _, IsTerminal as _, Read as _};
use std::process::ExitCode;

use anyhow::Context as _;
use vyveska_wire::service_pin::ServicePinHash;

/// The longest line that is read.
const MAX_LINE_BYTES: u64 = 64;

#[expect(clippy::print_stdout, reason = "the hash is the command's answer")]
pub(super) fn run() -> anyhow::Result<ExitCode> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprintln!("PIN (four to eight digits):");
    }
    let mut line = String::new();
    input
        .lock()
        .take(MAX_LINE_BYTES)
        .read_line(&mut line)
        .context("cannot read the PIN")?;
    let mut salt = [0; 16];
    getrandom::fill(&mut salt)
        .map_err(|error| anyhow::anyhow!("the system gives no random numbers: {error}"))?;
    println!("{}", ServicePinHash::of(line.trim(), &salt)?.as_str());
    Ok(ExitCode::SUCCESS)
}
