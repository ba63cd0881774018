//! For tests: programs that stand in for others.

use std::path::Path;
use std::process::Command;

/// Writes an executable script.
///
/// Another process does so: a child that a parallel test starts would inherit the file open for writing, and then the
/// script could not be executed.
///
/// # Panics
///
/// When it cannot be written.
pub fn write_script(path: &Path, script: &str) {
    let written = Command::new("sh")
        .args(["-c", "printf %s \"$2\" >\"$1\" && chmod 755 \"$1\"", "sh"])
        .args([path.as_os_str(), script.as_ref()])
        .status();
    assert!(
        written.is_ok_and(|status| status.success()),
        "{} cannot be written",
        path.display()
    );
}
