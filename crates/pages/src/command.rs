//! `vyveska pages FILE --width 1080 --out DIR --json`: draws a document with the worker, for technicians.

use crate::document::Document;
use crate::error::PageError;
use crate::options::WorkerOptions;
use crate::page_image::{PageImage, PageWarning, RenderedPage};
use crate::protocol::DocumentWarning;
use crate::service::{PageService, RenderRequest};
use anyhow::Context as _;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Every page was drawn.
pub const STATUS_DRAWN: u8 = 0;
/// The document or a page of it was refused.
pub const STATUS_REFUSED: u8 = 3;

#[derive(Debug, Clone)]
pub struct PagesCommand {
    pub file: PathBuf,
    /// Width of each drawn page in pixels.
    pub width: u32,
    /// The folder for `page-001.png` and so on; created when missing. `None` draws without saving.
    pub out: Option<PathBuf>,
    /// One JSON object a line instead of prose.
    pub json: bool,
    pub worker: WorkerOptions,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Line<'a> {
    Document {
        pages: usize,
        warnings: &'a [DocumentWarning],
    },
    Drawn {
        page: u32,
        ms: f64,
        width: u32,
        height: u32,
        worker_peak_mib: u64,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        warnings: &'a [PageWarning],
    },
    Refused {
        page: u32,
        error: &'a str,
        message: String,
    },
}

/// Draws every page and reports on each; returns the exit status.
///
/// Pages are counted from one; a document that cannot be opened at all is reported as page 0. The time of the
/// first page includes opening the document. What is wrong with the document as a whole comes before its pages.
///
/// # Errors
///
/// When the pictures or the report cannot be written. What is wrong with the document is in the report.
pub fn run(command: &PagesCommand, report: &mut impl Write) -> anyhow::Result<u8> {
    if let Some(folder) = &command.out {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let service = PageService::start(command.worker.clone()).context("cannot start the service")?;
    let document = match Document::open(&command.file) {
        Ok(document) => document,
        Err(error) => return refuse_document(command, report, &error),
    };
    let started = Instant::now();
    let info = match service.open_blocking(&document) {
        Ok(info) => info,
        Err(error) => return refuse_document(command, report, &error),
    };
    let mut opening = started.elapsed();
    if !info.warnings.is_empty() {
        let line = Line::Document {
            pages: info.pages.len(),
            warnings: &info.warnings,
        };
        write_line(command, report, &line)?;
    }

    let mut status = STATUS_DRAWN;
    for page in 0..u32::try_from(info.pages.len())? {
        let started = Instant::now();
        let outcome =
            service.render_blocking(&document, RenderRequest::fit_width(page, command.width));
        let took = started.elapsed() + std::mem::take(&mut opening);
        match outcome {
            Ok(drawn) => {
                if let Some(folder) = &command.out {
                    write_png(folder, &drawn)?;
                }
                write_line(command, report, &drawn_line(&drawn, took))?;
            }
            Err(error) => {
                status = STATUS_REFUSED;
                write_line(command, report, &refused_line(page + 1, &error))?;
            }
        }
    }
    Ok(status)
}

fn refuse_document(
    command: &PagesCommand,
    report: &mut impl Write,
    error: &PageError,
) -> anyhow::Result<u8> {
    write_line(command, report, &refused_line(0, error))?;
    Ok(STATUS_REFUSED)
}

fn drawn_line(drawn: &RenderedPage, took: Duration) -> Line<'_> {
    Line::Drawn {
        page: drawn.page + 1,
        ms: (took.as_secs_f64() * 10_000.0).round() / 10.0,
        width: drawn.image.width(),
        height: drawn.image.height(),
        worker_peak_mib: drawn.worker_peak_bytes.div_ceil(1024 * 1024),
        warnings: &drawn.warnings,
    }
}

fn refused_line(page: u32, error: &PageError) -> Line<'_> {
    Line::Refused {
        page,
        error: error.code(),
        message: error.to_string(),
    }
}

fn write_line(
    command: &PagesCommand,
    report: &mut impl Write,
    line: &Line<'_>,
) -> anyhow::Result<()> {
    if command.json {
        serde_json::to_writer(&mut *report, line)?;
        writeln!(report)?;
    } else {
        match line {
            Line::Document { warnings, .. } => {
                for warning in *warnings {
                    writeln!(report, "{}: {warning}", command.file.display())?;
                }
            }
            Line::Drawn {
                page,
                ms,
                width,
                height,
                worker_peak_mib,
                warnings,
            } => {
                writeln!(
                    report,
                    "page {page}: {width}×{height} in {ms} ms, worker peak {worker_peak_mib} MiB"
                )?;
                for warning in *warnings {
                    writeln!(report, "page {page}: {warning}")?;
                }
            }
            Line::Refused {
                page: 0, message, ..
            } => {
                writeln!(report, "{}: {message}", command.file.display())?;
            }
            Line::Refused { page, message, .. } => writeln!(report, "page {page}: {message}")?,
        }
    }
    report.flush()?;
    Ok(())
}

fn write_png(folder: &Path, drawn: &RenderedPage) -> anyhow::Result<()> {
    let path = folder.join(format!("page-{:03}.png", drawn.page + 1));
    let problem = || format!("cannot write {}", path.display());
    let file = BufWriter::new(File::create(&path).with_context(problem)?);
    encode_png(&drawn.image, file).with_context(problem)
}

fn encode_png(image: &PageImage, target: impl Write) -> anyhow::Result<()> {
    // Pages are opaque.
    let pixels = image.pixels().as_chunks::<4>().0;
    let rgb: Vec<u8> = pixels
        .iter()
        .flat_map(|[red, green, blue, _]| [*red, *green, *blue])
        .collect();
    PngEncoder::new_with_quality(target, CompressionType::Fast, FilterType::Adaptive).write_image(
        &rgb,
        image.width(),
        image.height(),
        ExtendedColorType::Rgb8,
    )?;
    Ok(())
}
