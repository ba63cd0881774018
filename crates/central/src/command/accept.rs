//! `accept ID`: applies a held change on a person's decision.

use std::process::ExitCode;

use anyhow::Context as _;

use crate::app::Parts;

#[expect(clippy::print_stdout, reason = "what was done is the command's answer")]
pub(super) async fn run(parts: Parts, id: i64, by: Option<String>) -> anyhow::Result<ExitCode> {
    let who = who(by);
    let accepted = parts.accept(id, &who).await;
    parts.close().await;
    let report = accepted.with_context(|| format!("cannot accept {id}"))?;
    println!(
        "accepted {id}: {} added, {} changed, {} withdrawn; the service publishes it, or does when it starts",
        report.added, report.revised, report.withdrawn
    );
    Ok(ExitCode::SUCCESS)
}

/// Who does it, for the audit log; the user of the system when nobody is named.
pub(super) fn who(by: Option<String>) -> String {
    by.or_else(|| std::env::var("SUDO_USER").ok())
        .or_else(|| std::env::var("USER").ok())
        .filter(|name| !name.trim().is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
}
