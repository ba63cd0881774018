//! `alarms`: lists what a person has to look into.

use std::process::ExitCode;

use vyveska_board::PRAGUE;

use crate::app::Parts;

#[expect(clippy::print_stdout, reason = "the list is the command's answer")]
pub(super) async fn run(parts: Parts) -> anyhow::Result<ExitCode> {
    let alarms = parts.alarms().await?;
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
    parts.close().await;
    Ok(ExitCode::SUCCESS)
}
