//! The content of the town besides its notices: pages, a survey and, for testing, an alert.
//!
//! They are files that the central service reads; days in them are relative to today, as in `notices.json`.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::day::fill_in;

/// Why the files could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {path}: {cause}")]
pub struct WriteError {
    path: PathBuf,
    cause: std::io::Error,
}

impl WriteError {
    fn at(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self { path, cause }
    }
}

/// The pages and the survey as they are on `today`, in TOML. Their pictures and documents are [`folder`]`/information/…`.
#[must_use]
pub fn pages(today: NaiveDate) -> String {
    fill_in(include_str!("../information.toml.in"), today)
}

/// An alert sent `today` that is valid until tomorrow evening, in TOML.
#[must_use]
pub fn alert(today: NaiveDate) -> String {
    fill_in(include_str!("../alerts.toml.in"), today)
}

/// The folder of the pictures and documents at compile time.
#[must_use]
pub fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Writes `information.toml` with its pictures and documents into `out`.
///
/// # Errors
/// When the source tree is no longer there, or the folder cannot be written.
pub fn write(out: &Path, today: NaiveDate) -> Result<(), WriteError> {
    let pictures = out.join("information");
    std::fs::create_dir_all(&pictures).map_err(WriteError::at(&pictures))?;
    let from = folder().join("information");
    for entry in std::fs::read_dir(&from).map_err(WriteError::at(&from))? {
        let path = entry.map_err(WriteError::at(&from))?.path();
        if let Some(name) = path.file_name() {
            let copy = pictures.join(name);
            std::fs::copy(&path, &copy).map_err(WriteError::at(&copy))?;
        }
    }
    write_file(&out.join("information.toml"), &pages(today))
}

/// Writes `alerts.toml` into `out`.
///
/// # Errors
/// When it cannot be written.
pub fn write_alert(out: &Path, today: NaiveDate) -> Result<(), WriteError> {
    write_file(&out.join("alerts.toml"), &alert(today))
}

fn write_file(path: &Path, text: &str) -> Result<(), WriteError> {
    // Replaced atomically, since the service may be reading the old file.
    let unfinished = path.with_extension("toml.new");
    std::fs::write(&unfinished, text).map_err(WriteError::at(&unfinished))?;
    std::fs::rename(&unfinished, path).map_err(WriteError::at(path))
}
