//! Shared by the tests: a service with the real worker, and generated documents.
#![allow(dead_code, reason = "each test executable uses a part")]
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

pub(crate) mod tiff;

use std::fmt::Write as _;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;
use vyveska_pages::{Document, PageService, RenderedPage, WorkerOptions};

pub(crate) fn options() -> WorkerOptions {
    let mut options = WorkerOptions::new(env!("CARGO_BIN_EXE_vyveska-pages"));
    // Much longer than anything takes that a test waits for, on a busy machine too; tests about deadlines set their own.
    options.request_deadline = Duration::from_secs(600);
    options.start_deadline = Duration::from_secs(600);
    options
}

pub(crate) fn service() -> PageService {
    PageService::start(options()).unwrap()
}

pub(crate) fn document(bytes: impl AsRef<[u8]>) -> Document {
    Document::from_bytes(bytes.as_ref()).unwrap()
}

pub(crate) fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// The colour at a pixel.
pub(crate) fn pixel(page: &RenderedPage, x: u32, y: u32) -> [u8; 4] {
    let start = (y * page.image.width() + x) as usize * 4;
    page.image.pixels()[start..start + 4].try_into().unwrap()
}

/// How many pixels are darker than grey.
pub(crate) fn ink(page: &RenderedPage) -> usize {
    let pixels = page.image.pixels().as_chunks::<4>().0;
    pixels.iter().filter(|pixel| pixel[1] < 128).count()
}

/// Whether a part of a page is white.
pub(crate) fn is_blank(page: &RenderedPage, across: Range<u32>, down: Range<u32>) -> bool {
    let white = [255; 4];
    down.into_iter()
        .all(|y| across.clone().all(|x| pixel(page, x, y) == white))
}

/// A PDF under construction. Objects are numbered from 1; the catalogue is 1 and the page tree 2.
pub(crate) struct PdfBuilder {
    objects: Vec<Vec<u8>>,
    pages: Vec<usize>,
    catalogue: String,
}

impl PdfBuilder {
    pub(crate) fn new() -> Self {
        Self {
            objects: vec![Vec::new(), Vec::new()],
            pages: Vec::new(),
            catalogue: String::new(),
        }
    }

    /// Sets further entries of the catalogue.
    pub(crate) fn catalogue(&mut self, entries: String) {
        self.catalogue = entries;
    }

    /// Adds an object and gives its number.
    pub(crate) fn object(&mut self, body: impl AsRef<[u8]>) -> usize {
        self.objects.push(body.as_ref().to_vec());
        self.objects.len()
    }

    pub(crate) fn stream(&mut self, entries: &str, data: &[u8]) -> usize {
        let mut body = format!("<< /Length {} {entries} >>\nstream\n", data.len()).into_bytes();
        body.extend_from_slice(data);
        body.extend_from_slice(b"\nendstream");
        self.object(body)
    }

    /// Adds a page; `entries` are its further entries.
    pub(crate) fn page(&mut self, width: f32, height: f32, entries: &str, content: &[u8]) {
        let content = self.stream("", content);
        let page = self.object(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents {content} 0 R {entries} >>"
        ));
        self.pages.push(page);
    }

    pub(crate) fn build(mut self) -> Vec<u8> {
        let mut kids = String::new();
        for page in &self.pages {
            write!(kids, "{page} 0 R ").unwrap();
        }
        self.objects[0] =
            format!("<< /Type /Catalog /Pages 2 0 R {} >>", self.catalogue).into_bytes();
        self.objects[1] = format!(
            "<< /Type /Pages /Kids [{kids}] /Count {} >>",
            self.pages.len()
        )
        .into_bytes();
        let mut file = b"%PDF-1.7\n".to_vec();
        let mut offsets = Vec::new();
        for (index, body) in self.objects.iter().enumerate() {
            offsets.push(file.len());
            file.extend_from_slice(format!("{} 0 obj\n", index + 1).as_bytes());
            file.extend_from_slice(body);
            file.extend_from_slice(b"\nendobj\n");
        }
        let start = file.len();
        let size = offsets.len() + 1;
        let mut tail = format!("xref\n0 {size}\n0000000000 65535 f \n");
        for offset in offsets {
            writeln!(tail, "{offset:010} 00000 n ").unwrap();
        }
        write!(
            tail,
            "trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
        )
        .unwrap();
        file.extend_from_slice(tail.as_bytes());
        file
    }
}

/// One page of 200 by 100 points whose left half is black.
pub(crate) fn half_black() -> Vec<u8> {
    let mut pdf = PdfBuilder::new();
    pdf.page(200.0, 100.0, "", b"0 0 100 100 re f");
    pdf.build()
}

/// A page whose forms call each other, ten times ten times ten…: 10^10 drawings of nothing.
pub(crate) fn endless() -> Vec<u8> {
    let mut pdf = PdfBuilder::new();
    let mut inner = pdf.stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 9 9]",
        b"0 0 1 1 re f",
    );
    for _ in 0..10 {
        inner = pdf.stream(
            &format!(
                "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {inner} 0 R >> >>"
            ),
            &b"/X Do ".repeat(10),
        );
    }
    let resources = format!("/Resources << /XObject << /X {inner} 0 R >> >>");
    pdf.page(100.0, 100.0, &resources, b"/X Do");
    pdf.build()
}
