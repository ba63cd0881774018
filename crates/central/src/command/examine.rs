//! `examine`: puts a file before the jury, as the preparation does.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use serde::Serialize;
use vyveska_pages::{Document, WorkerOptions};
use vyveska_wire::limits::MAX_DOCUMENT_BYTES;

use crate::counting::counted;
use crate::document::media_type::{self, Kind};
use crate::document::reader::PageReader;
use crate::file;
use crate::jury::{Examination, Jury, PageExamination};

/// The exit status when a page is not drawn right, or when that is not known.
const NOT_RIGHT: u8 = 3;

#[derive(Serialize)]
struct DocumentLine<'a> {
    #[serde(rename = "type")]
    kind: serde_json::Value,
    pages: usize,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct PageLine<'a> {
    page: usize,
    #[serde(flatten)]
    examined: &'a PageExamination,
}

pub(super) async fn run(path: &Path, out: &Path, json: bool) -> anyhow::Result<ExitCode> {
    let bytes = file::read_small(path, MAX_DOCUMENT_BYTES)
        .with_context(|| format!("cannot read {}", path.display()))?;
    std::fs::create_dir_all(out)
        .with_context(|| format!("cannot make the folder {}", out.display()))?;
    let worker = WorkerOptions::beside_current_exe()
        .context("vyveska-pages is not installed beside this program")?;
    let reader = PageReader::new(worker);
    let document = Document::from_bytes(&bytes)?;
    let jury = Jury::find().await;
    let examination = jury.examine(&reader, &document, &bytes).await?;
    if let Some(rendition) = &examination.rendition {
        let path = out.join("rendition.pdf");
        std::fs::write(&path, rendition)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let text = if json {
        as_json(&examination, &bytes)?
    } else {
        as_text(&examination, &bytes)
    };
    // Writing fails when the reader, such as `head`, has closed the pipe; the exit status is still right.
    let _ = std::io::stdout().write_all(text.as_bytes());
    let mut pages = examination.pages.iter();
    let is_right = !examination.pages.is_empty() && pages.all(|page| page.verdict.is_right());
    Ok(if is_right {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(NOT_RIGHT)
    })
}

/// A short name for what displays draw, and the media type of anything else.
fn kind(examination: &Examination, bytes: &[u8]) -> serde_json::Value {
    let drawn = examination.kind.map(serde_json::to_value);
    drawn.and_then(Result::ok).unwrap_or_else(|| {
        let media_type = match media_type::detect(bytes, false) {
            Kind::Document("application/pdf") => "pdf",
            Kind::Document(media_type) => media_type,
            Kind::Html => "text/html",
        };
        media_type.into()
    })
}

fn as_json(examination: &Examination, bytes: &[u8]) -> serde_json::Result<String> {
    let mut text = serde_json::to_string(&DocumentLine {
        kind: kind(examination, bytes),
        pages: examination.pages.len(),
        warnings: &examination.warnings,
    })?;
    for (index, examined) in examination.pages.iter().enumerate() {
        text.push('\n');
        text.push_str(&serde_json::to_string(&PageLine {
            page: index + 1,
            examined,
        })?);
    }
    text.push('\n');
    Ok(text)
}

fn as_text(examination: &Examination, bytes: &[u8]) -> String {
    let mut text = format!(
        "{}: {} {}\n",
        kind(examination, bytes).as_str().unwrap_or_default(),
        counted(examination.pages.len(), "page"),
        examination.warnings.join(" ")
    );
    for (index, page) in examination.pages.iter().enumerate() {
        let verdict = serde_json::to_value(page.verdict).unwrap_or_default();
        text.push_str(&format!(
            "page {}: {} {}\n",
            index + 1,
            verdict.as_str().unwrap_or_default(),
            page.warnings.join(" ")
        ));
    }
    text
}
