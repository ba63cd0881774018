//! The data folders that a kiosk and a central service left in November 2026.

#![allow(clippy::unwrap_used, reason = "a module of several tests")]

use std::fs;
use std::path::Path;

/// Copies them into `folder`.
pub(crate) fn copy_to(folder: &Path) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/data-2026-11");
    copy(&fixtures, folder);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
