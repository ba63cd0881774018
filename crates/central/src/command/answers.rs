//! `answers`: counted survey answers as CSV.

use std::process::ExitCode;

use crate::storage::ServiceStorage;

#[expect(clippy::print_stdout, reason = "the table is the command's answer")]
pub(super) async fn run(storage: &dyn ServiceStorage) -> anyhow::Result<ExitCode> {
    println!("board,survey,question,answer,first_day,last_day,count");
    for one in storage.count_answers().await? {
        println!(
            "{},{},{},{},{},{},{}",
            one.board, one.survey, one.question, one.answer, one.first, one.last, one.count
        );
    }
    storage.close().await;
    Ok(ExitCode::SUCCESS)
}
