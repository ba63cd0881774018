//! `held`: lists changes that wait for a person's decision.

use std::process::ExitCode;

use vyveska_board::PRAGUE;

use crate::storage::ServiceStorage;

#[expect(clippy::print_stdout, reason = "the list is the command's answer")]
pub(super) async fn run(storage: &dyn ServiceStorage) -> anyhow::Result<ExitCode> {
    let held = storage.held().await?;
    if held.is_empty() {
        println!("nothing is held");
    }
    for change in &held {
        let hold = &change.hold;
        println!(
            "{}  source={}  reason={}  gone={}  blanked={}  polls={}  since={}  {}",
            change.id,
            change.source,
            hold.reason.as_str(),
            hold.gone.len(),
            hold.blanked.len(),
            hold.polls,
            hold.opened_at
                .with_timezone(&PRAGUE)
                .format("%Y-%m-%d %H:%M"),
            change.message,
        );
    }
    storage.close().await;
    Ok(ExitCode::SUCCESS)
}
