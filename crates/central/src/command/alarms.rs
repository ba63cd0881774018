//! `alarms`: lists what a person has to look into.

use std::process::ExitCode;

use vyveska_board::PRAGUE;

use crate::storage::Storage;

#[expect(clippy::print_stdout, reason = "the list is the command's answer")]
pub(super) async fn run(storage: &dyn Storage) -> anyhow::Result<ExitCode> {
    let alarms = storage.alarms().await?;
    if alarms.is_empty() {
        println!("no alarm is open");
    }
    for alarm in &alarms {
        println!(
            "{}  {}  since={}  {}",
            alarm.kind,
            alarm.subject,
            alarm
                .opened_at
                .with_timezone(&PRAGUE)
                .format("%Y-%m-%d %H:%M"),
            alarm.message,
        );
    }
    storage.close().await;
    Ok(ExitCode::SUCCESS)
}
