//! The command `examine`, as a technician or a script runs it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

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
        assert_eq!(page["warnings"], json!([]));
    }
    assert_eq!(output.status.code(), Some(status));
    let words = examine(&document, out.path(), &[]).stdout;
    let words = String::from_utf8(words).unwrap();
    assert!(words.contains(&format!("page 1: {verdict}")), "{words}");
    assert!(!out.path().join("rendition.pdf").exists());
}

/// A form with one field that is filled and has no appearance, which the page worker leaves empty.
fn form() -> Vec<u8> {
    let text = "BT /F 12 Tf 60 760 Td (Zadost o povoleni) Tj ET";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R /AcroForm << /NeedAppearances true /Fields [6 0 R] \
         /DA (/F 12 Tf 0 g) /DR << /Font << /F 5 0 R >> >> >> >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Annots [6 0 R] \
         /Resources << /Font << /F 5 0 R >> >> >>",
        &format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (jmeno) /V (Jan Novak) /DA (/F 12 Tf 0 g) /F 4 \
         /Rect [60 600 360 624] >>",
    ];
    let (mut file, mut table) = ("%PDF-1.7\n".to_owned(), String::new());
    for (object, number) in objects.iter().zip(1..) {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let (start, count) = (file.len(), objects.len() + 1);
    file.push_str(&format!(
        "xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Root 1 0 R /Size {count} >>\n\
         startxref\n{start}\n%%EOF\n"
    ));
    file.into_bytes()
}

#[test]
fn what_displays_draw_instead_is_written_beside() {
    if !is_installed("mutool") || !is_installed("pdftoppm") {
        println!("mutool or pdftoppm is not installed here, so no rendition was made in this run");
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("form.pdf");
    std::fs::write(&file, form()).unwrap();
    let output = examine(&file, out.path(), &["--json"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        lines(&output),
        [
            json!({ "type": "pdf", "pages": 1, "warnings": [] }),
            json!({ "page": 1, "verdict": "rendition", "warnings": ["field_missing"] }),
        ]
    );
    let rendition = out.path().join("rendition.pdf");
    let again = out.path().join("again");
    let output = examine(&rendition, &again, &["--json"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        lines(&output),
        [
            json!({ "type": "pdf", "pages": 1, "warnings": [] }),
            json!({ "page": 1, "verdict": "agreed", "warnings": [] }),
        ]
    );
    assert!(!again.join("rendition.pdf").exists());
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
    assert_eq!(lines[0]["warnings"], json!(["unsupported"]));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let out = tempfile::tempdir().unwrap();
    let output = examine(Path::new("/nonexistent/notice.pdf"), out.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nonexistent/notice.pdf"));
}
