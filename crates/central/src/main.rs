//! The binary of the central service.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::EnvFilter;
use vyveska_central::command::Cli;
use vyveska_central::error::causes;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,hyper=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        // Told by printing, which panics: whoever reads the log may go away, and the service goes on.
        .log_internal_errors(false)
        .init();
    // Database, documents and keys are readable by the service's own user only.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    match Cli::parse().run().await {
        Ok(status) => status,
        Err(error) => {
            eprintln!("error: {}", causes(&*error));
            ExitCode::FAILURE
        }
    }
}
