//! The reference folder that lies beside the workspace on the machines the project is built on.

use std::path::{Path, PathBuf};

/// The folder `shared/<name>` beside the workspace; says so when it is not there.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|ancestor| ancestor.join("shared").join(name))
        .find(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("shared/{name} is not beside the workspace: what it holds was not checked");
    }
    found
}
