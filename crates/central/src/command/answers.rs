//! `answers`: counted survey answers as CSV.

use std::process::ExitCode;

use crate::app::Parts;

#[expect(clippy::print_stdout, reason = "the table is the command's answer")]
pub(super) async fn run(parts: Parts) -> anyhow::Result<ExitCode> {
    println!("board,survey,question,answer,first_day,last_day,count");
    for one in parts.count_answers().await? {
        println!(
            "{},{},{},{},{},{},{}",
            one.board, one.survey, one.question, one.answer, one.first, one.last, one.count
        );
    }
    parts.close().await;
    Ok(ExitCode::SUCCESS)
}
