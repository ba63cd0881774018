//! `vyveska pages`, as a technician sees it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use serde_json::Value;
use std::path::Path;
use support::{PdfBuilder, fixture, half_black, options};
use vyveska_pages::command::{PagesCommand, STATUS_DRAWN, STATUS_REFUSED, run};

fn command(file: &Path, out: &Path, json: bool) -> PagesCommand {
    PagesCommand {
        file: file.to_owned(),
        width: 300,
        out: Some(out.to_owned()),
        json,
        worker: options(),
    }
}

fn lines(report: &[u8]) -> Vec<Value> {
    let report = std::str::from_utf8(report).unwrap();
    report
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn every_page_is_written_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notice.anything");
    let mut pdf = PdfBuilder::new();
    pdf.page(200.0, 100.0, "", b"0 0 100 100 re f");
    pdf.page(100.0, 100.0, "", b"");
    std::fs::write(&file, pdf.build()).unwrap();
    let out = folder.path().join("new/pages");

    let mut report = Vec::new();
    let status = run(&command(&file, &out, true), &mut report).unwrap();
    assert_eq!(status, STATUS_DRAWN);
    let lines = lines(&report);
    assert_eq!(lines.len(), 2);
    for (index, (line, height)) in lines.iter().zip([150, 300]).enumerate() {
        assert_eq!(line["page"], index + 1);
        assert_eq!(
            (&line["width"], &line["height"]),
            (&300.into(), &height.into())
        );
        assert!(line["ms"].is_f64());
        assert!(line["worker_peak_mib"].as_u64().unwrap() > 0);
    }
    let first = image::open(out.join("page-001.png")).unwrap().into_rgb8();
    assert_eq!(first.dimensions(), (300, 150));
    assert_eq!(first.get_pixel(10, 10).0, [0; 3]);
    assert_eq!(first.get_pixel(290, 140).0, [255; 3]);
    assert!(out.join("page-002.png").is_file());
}

#[test]
fn a_document_that_cannot_be_opened_is_page_zero() {
    let folder = tempfile::tempdir().unwrap();
    let mut report = Vec::new();
    let status = run(
        &command(&fixture("locked.pdf"), folder.path(), true),
        &mut report,
    )
    .unwrap();
    assert_eq!(status, STATUS_REFUSED);
    let lines = lines(&report);
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["page"], 0);
    assert_eq!(lines[0]["error"], "password_protected");
    assert!(lines[0]["message"].as_str().unwrap().contains("password"));
}

#[test]
fn a_missing_file_is_page_zero() {
    let folder = tempfile::tempdir().unwrap();
    let mut report = Vec::new();
    let file = folder.path().join("missing.pdf");
    let status = run(&command(&file, folder.path(), true), &mut report).unwrap();
    assert_eq!(status, STATUS_REFUSED);
    assert_eq!(lines(&report)[0]["error"], "unreadable");
}

#[test]
fn one_refused_page_leaves_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notice.pdf");
    let mut pdf = PdfBuilder::new();
    pdf.page(1.0, 90_000.0, "", b"");
    pdf.page(100.0, 100.0, "", b"");
    std::fs::write(&file, pdf.build()).unwrap();
    let mut report = Vec::new();
    let status = run(&command(&file, folder.path(), true), &mut report).unwrap();
    assert_eq!(status, STATUS_REFUSED);
    let lines = lines(&report);
    assert_eq!(
        (&lines[0]["page"], &lines[0]["error"]),
        (&1.into(), &"too_large".into())
    );
    assert_eq!(
        (&lines[1]["page"], &lines[1]["width"]),
        (&2.into(), &300.into())
    );
}

#[test]
fn what_is_missing_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notice.pdf");
    let mut pdf = PdfBuilder::new();
    let note = "/Annots [<< /Subtype /Stamp /Rect [10 10 90 30] >>]";
    pdf.page(200.0, 100.0, note, b"");
    let whole = pdf.build();
    std::fs::write(&file, &whole[..whole.len() - 10]).unwrap();

    let mut report = Vec::new();
    let status = run(&command(&file, folder.path(), true), &mut report).unwrap();
    assert_eq!(status, STATUS_DRAWN);
    let lines = lines(&report);
    assert_eq!(
        lines[0],
        serde_json::json!({ "pages": 1, "warnings": ["cut_short"] })
    );
    assert_eq!(
        lines[1]["warnings"],
        serde_json::json!(["annotation_missing"])
    );

    let mut report = Vec::new();
    run(&command(&file, folder.path(), false), &mut report).unwrap();
    let report = String::from_utf8(report).unwrap();
    assert!(
        report.contains("notice.pdf: the end of the file is missing\n"),
        "{report}"
    );
    assert!(
        report.ends_with("page 1: a note or mark is missing\n"),
        "{report}"
    );
}

#[test]
fn people_get_sentences() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notice.pdf");
    std::fs::write(&file, half_black()).unwrap();
    let mut report = Vec::new();
    run(&command(&file, folder.path(), false), &mut report).unwrap();
    let report = String::from_utf8(report).unwrap();
    assert!(report.starts_with("page 1: 300×150 in "), "{report}");
}
