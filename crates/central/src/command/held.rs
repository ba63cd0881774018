//! `held`: lists changes that wait for a person's decision.

use std::path::Path;
use std::process::ExitCode;

use super::in_prague;
use crate::attention::remedy_of_hold;
use crate::storage::ServiceStorage;

#[expect(clippy::print_stdout, reason = "the list is the command's answer")]
pub(super) async fn run(storage: &dyn ServiceStorage, config: &Path) -> anyhow::Result<ExitCode> {
    let held = storage.held().await?;
    if held.is_empty() {
        println!("nothing is held");
    }
    for change in &held {
        let hold = &change.hold;
        println!(
            "{}  source={}  reason={}  gone={}  blanked={}  polls={}  since={}  {} → {}",
            change.id,
            change.source,
            hold.reason.as_str(),
            hold.gone.len(),
            hold.blanked.len(),
            hold.polls,
            in_prague(hold.opened_at),
            change.message,
            remedy_of_hold(change, config),
        );
    }
    storage.close().await;
    Ok(ExitCode::SUCCESS)
}
