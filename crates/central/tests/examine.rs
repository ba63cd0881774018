//! The command `examine`, as a technician or a script runs it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn examine(file: &Path, out: &Path, options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vyveska-central"));
    command.arg("examine").arg(file).arg("--out").arg(out);
    command.args(options).output().unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn is_installed(program: &str) -> bool {
    Command::new(program).arg("-v").output().is_ok()
}

#[test]
fn a_document_and_each_of_its_pages_are_a_line_of_json() {
    let out = tempfile::tempdir().unwrap();
    let documents =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/sample-town/documents");
    let document = documents.join("pozvanka-21-zasedani.pdf");
    let output = examine(&document, out.path(), &["--json"]);
    let lines = lines(&output);
    assert_eq!(lines[0]["type"], "pdf");
    assert_eq!(lines[0]["pages"], lines.len() - 1);
    let (verdict, status) = if is_installed("mutool") && is_installed("pdftoppm") {
        ("agreed", 0)
    } else {
        ("unchecked", 3)
    };
    for (index, page) in lines[1..].iter().enumerate() {
        assert_eq!(page["page"], index + 1);
        assert_eq!(page["verdict"], verdict);
        assert_eq!(page["warnings"], serde_json::json!([]));
    }
    assert_eq!(output.status.code(), Some(status));
    let words = examine(&document, out.path(), &[]).stdout;
    let words = String::from_utf8(words).unwrap();
    assert!(words.contains(&format!("page 1: {verdict}")), "{words}");
    assert!(!out.path().join("rendition.pdf").exists());
}

#[test]
fn what_is_no_document_for_displays_has_no_page_and_is_not_right() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("letter");
    std::fs::write(&file, "{\\rtf1\\ansi Oznámení}").unwrap();
    let output = examine(&file, &out.path().join("made"), &["--json"]);
    assert_eq!(output.status.code(), Some(3));
    let lines = lines(&output);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["type"], "application/rtf");
    assert_eq!(lines[0]["pages"], 0);
    assert_eq!(lines[0]["warnings"], serde_json::json!(["unsupported"]));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let out = tempfile::tempdir().unwrap();
    let output = examine(Path::new("/nonexistent/notice.pdf"), out.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nonexistent/notice.pdf"));
}
