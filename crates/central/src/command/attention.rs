//! `attention`: lists what waits for a person.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use vyveska_board::Clock as _;

use super::in_prague;
use crate::app::SystemClock;
use crate::attention::{self, BoardAttention};
use crate::provision::enabled_boards;
use crate::storage::Storage;

/// The exit status when something waits.
const WAITING: u8 = 3;

#[derive(Serialize)]
struct Report {
    boards: Vec<BoardAttention>,
}

pub(super) async fn run(
    storage: &dyn Storage,
    config: &Path,
    json: bool,
) -> anyhow::Result<ExitCode> {
    let boards = enabled_boards(storage).await?.boards;
    let report = Report {
        boards: attention::gather(storage, &boards, config, &SystemClock.now()).await?,
    };
    let text = if json {
        serde_json::to_string(&report)? + "\n"
    } else {
        as_text(&report.boards)?
    };
    // Writing fails when the reader, such as `head`, has closed the pipe; the exit status is still right.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(if report.boards.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(WAITING)
    })
}

fn as_text(boards: &[BoardAttention]) -> Result<String, std::fmt::Error> {
    if boards.is_empty() {
        return Ok("nothing waits for a person\n".to_owned());
    }
    let mut text = String::new();
    for BoardAttention { board, waiting } in boards {
        writeln!(text, "{}:", board.as_deref().unwrap_or("no board"))?;
        for one in waiting {
            writeln!(
                text,
                "  {}  {}  since={}  {} → {}",
                one.kind,
                one.subject,
                in_prague(one.since),
                one.message,
                one.remedy
            )?;
            for item in &one.items {
                writeln!(text, "    {item}")?;
            }
        }
    }
    Ok(text)
}
