//! `check-config`: validates the configuration and the files it names without starting anything.

use std::process::ExitCode;

use anyhow::Context as _;

use crate::app::source_client;
use crate::config::{BoardConfig, Config, FetchConfig};
use crate::information::{BoardInformation, read_alerts_file};
use crate::jury::Jury;

/// Reads the files that boards name.
pub(super) fn check_files(fetch: &FetchConfig, boards: &[BoardConfig]) -> anyhow::Result<()> {
    for (index, board) in boards.iter().enumerate() {
        if let Some(path) = &board.coat_of_arms {
            let bytes = std::fs::read(path).with_context(|| {
                format!(
                    "boards[{index}].coat_of_arms: cannot read {}",
                    path.display()
                )
            })?;
            anyhow::ensure!(
                bytes.starts_with(b"\x89PNG\r\n\x1A\n"),
                "boards[{index}].coat_of_arms: {} is not a PNG",
                path.display()
            );
        }
        if let Some(path) = &board.information {
            BoardInformation::read(path).with_context(|| format!("boards[{index}].information"))?;
        }
        if let Some(path) = &board.alerts {
            read_alerts_file(path).with_context(|| format!("boards[{index}].alerts"))?;
        }
        for (number, source) in board.sources.iter().enumerate() {
            source_client(fetch, source)
                .with_context(|| format!("boards[{index}].sources[{number}].extra_ca"))?;
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the verdict is the command's answer")]
pub(super) async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    if !config.boards.is_empty() {
        config.check_displays()?;
    }
    let sources: usize = config.boards.iter().map(|board| board.sources.len()).sum();
    println!(
        "the configuration is right: {} board(s), {sources} source(s), data in {}, documents in {}",
        config.boards.len(),
        config.service.data.display(),
        config.service.document_folder().display()
    );
    let jury = Jury::find().await;
    for engine in jury.versions().missing() {
        println!(
            "documents are published unchecked, since a second engine is missing: install {}",
            engine.package()
        );
    }
    Ok(ExitCode::SUCCESS)
}
