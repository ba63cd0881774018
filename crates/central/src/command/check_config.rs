//! `check-config`: validates the configuration, the files it names and the boards that it brings, without starting anything.

use std::process::ExitCode;

use anyhow::Context as _;
use vyveska_pages::WorkerOptions;

use super::cannot_open;
use crate::app::{check_folders, open_storage_to_read, source_client};
use crate::coat_of_arms;
use crate::config::{BoardConfig, Config, FetchConfig, UseOfJury, board_key};
use crate::counting::counted;
use crate::error::causes;
use crate::fetch::host_limits::of_town_at_host;
use crate::information::{BoardInformation, read_alerts_file};
use crate::jury::Jury;
use crate::provision;
use crate::storage::StorageError;

/// Reads the files that boards name.
pub(super) fn check_files(fetch: &FetchConfig, boards: &[BoardConfig]) -> anyhow::Result<()> {
    for (index, board) in boards.iter().enumerate() {
        let key = board_key(index, board);
        if let Some(path) = &board.coat_of_arms {
            coat_of_arms::read(path).with_context(|| format!("{key}.coat_of_arms"))?;
        }
        if let Some(path) = &board.information {
            BoardInformation::read(path).with_context(|| format!("{key}.information"))?;
        }
        if let Some(path) = &board.alerts {
            read_alerts_file(path).with_context(|| format!("{key}.alerts"))?;
        }
        for (number, source) in board.sources.iter().enumerate() {
            source_client(fetch, source)
                .with_context(|| format!("{key}.sources[{number}].extra_ca"))?;
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the verdict is the command's answer")]
pub(super) async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    check_folders(&config.service)?;
    let before = match open_storage_to_read(config).await {
        // Without its server the service does not start; an older database it brings up to date.
        Err(
            error @ (StorageError::Address { .. }
            | StorageError::Unreachable { .. }
            | StorageError::Refused { .. }
            | StorageError::NoDatabase { .. }),
        ) => return Err(error).context(cannot_open(config)),
        before => before,
    };
    if let Ok(Some(storage)) = &before {
        provision::check(&**storage, &config.boards).await?;
        storage.close().await;
    }
    let sources: usize = config.boards.iter().map(|board| board.sources.len()).sum();
    println!(
        "the configuration is right: {}, {}, data in {}, documents in {}",
        counted(config.boards.len(), "board"),
        counted(sources, "source"),
        config.service.data.display(),
        config.service.document_folder().display()
    );
    match before {
        Ok(Some(_)) => println!("nothing contradicts the boards that were brought before"),
        Ok(None) => println!("no board was brought before"),
        Err(error) => println!(
            "not compared with the boards that were brought before: {}",
            causes(&error)
        ),
    }
    let at_one_host = config.documents.at_one_host();
    println!(
        "at most {at_one_host} documents are fetched from one host at once (documents.per_host), {} of them for one town",
        of_town_at_host(at_one_host)
    );
    for reason in unchecked(config).await {
        println!("documents are published unchecked: {reason}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Why documents are not compared with what other engines draw.
async fn unchecked(config: &Config) -> Vec<String> {
    let mut reasons = Vec::new();
    if WorkerOptions::beside_current_exe().is_none() {
        reasons.push("vyveska-pages is not installed beside this program".to_owned());
    }
    if config.documents.jury == UseOfJury::Off {
        reasons.push("documents.jury is \"off\"".to_owned());
    }
    if reasons.is_empty() {
        let jury = Jury::find().await;
        reasons.extend(jury.versions().missing().map(|engine| {
            let package = engine.package();
            format!("a second engine is missing, install {package}")
        }));
    }
    reasons
}
