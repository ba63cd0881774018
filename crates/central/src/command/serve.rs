//! `serve`: runs the service until a signal.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

use crate::account::invitation::FirstAdministrator;
use crate::app::{Central, checked_system_clock, raise_descriptors};
use crate::config::Config;
use crate::lifecycle::{GRACE, Signals};

#[expect(clippy::print_stdout, reason = "the address is the command's answer")]
pub(super) async fn run(config: Config, trust_system_clock: bool) -> anyhow::Result<ExitCode> {
    let clock = checked_system_clock();
    if trust_system_clock {
        clock.trust_system();
    }
    let needed = config.service.limits.descriptors();
    if let Some(allowed) = raise_descriptors().filter(|allowed| *allowed < needed) {
        tracing::warn!(
            allowed,
            needed,
            "fewer files may be open than [service.limits] needs: raise the system's limit or lower those"
        );
    }
    let signals = Signals::listen().context("cannot listen for signals")?;
    let central = Central::start(config, clock)
        .await
        .context("the service does not start")?;
    let administrator = central.first_administrator_link().await?;
    println!("listening on {}", central.url());
    let administrator = match administrator {
        FirstAdministrator::Known => None,
        FirstAdministrator::LinkBefore => Some(
            "nobody administers yet: the link that was printed before is still good, and \
             `vyveska-central administrator-link` prints another in its place"
                .to_owned(),
        ),
        FirstAdministrator::Link(link) => Some(format!(
            "nobody administers yet: whoever opens {link} within 24 hours does"
        )),
    };
    if let Some(said) = administrator {
        // Whoever started the service may have read what it waited for.
        let _ = writeln!(std::io::stdout(), "{said}");
    }
    let graceful = CancellationToken::new();
    let second_signal = tokio::spawn(signals.run(graceful.clone()));
    graceful.cancelled().await;
    tokio::select! {
        () = central.shutdown() => Ok(ExitCode::SUCCESS),
        _ = second_signal => Ok(ExitCode::FAILURE),
        () = tokio::time::sleep(GRACE) => {
            tracing::warn!("leaving before everything was finished");
            Ok(ExitCode::FAILURE)
        }
    }
}
