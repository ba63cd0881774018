//! What cannot be shown gets a named error within its deadline, and the next document is shown.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

mod support;

use std::time::Duration;
use support::{PdfBuilder, document, endless, fixture, half_black, options};
use vyveska_pages::{Document, PageError, PageService, RenderRequest, WorkerOptions};

/// Requests a document that must be refused, then one that must not.
#[track_caller]
fn refusal_with(options: WorkerOptions, refused: &Document) -> PageError {
    let service = PageService::start(options).unwrap();
    let outcome = service.render_blocking(refused, RenderRequest::fit_width(0, 1080));
    let next = service.render_blocking(&document(half_black()), RenderRequest::fit_width(0, 40));
    assert_eq!(next.unwrap().image.width(), 40, "the next document");
    outcome.unwrap_err()
}

#[track_caller]
fn check(refused: &Document, code: &str) {
    let error = refusal_with(options(), refused);
    assert_eq!(error.code(), code, "{error}");
}

#[test]
fn password_protected() {
    let document = Document::open(&fixture("locked.pdf")).unwrap();
    check(&document, "password_protected");
}

#[test]
fn empty() {
    check(&document(b""), "empty");
}

#[test]
fn broken() {
    check(
        &document(b"%PDF-1.7\nand nothing of the kind\n%%EOF"),
        "broken",
    );
    check(&document(&half_black()[..60]), "broken");
    // Content that claims to be deflated and is not.
    let mut pdf = PdfBuilder::new();
    let content = pdf.stream("/Filter /FlateDecode", &[0x55; 500]);
    pdf.page(100.0, 100.0, "", b"");
    let mut bytes = pdf.build();
    let find = b"/Contents 4 0 R";
    let place = bytes
        .windows(find.len())
        .position(|part| part == find)
        .unwrap();
    bytes[place + 10] = b'0' + u8::try_from(content).unwrap();
    check(&document(bytes), "broken");
}

#[test]
fn broken_pictures() {
    check(&document(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "broken");
    check(&document(b"\xff\xd8\xff\xe0\0\x10JFIF\0"), "broken");
    check(&document(b"II*\0\x08\0\0\0"), "broken");
    check(&document(b"RIFF\x10\0\0\0WEBPVP8 "), "broken");
}

#[test]
fn of_no_known_kind() {
    check(&document(b"PK\x03\x04 a text document"), "unsupported");
    check(&document("prostý text"), "unsupported");
}

#[track_caller]
fn check_container(start: &[u8], name: &str) {
    // The PDF stands in it whole, so that it could be drawn.
    let file = [start, &half_black()].concat();
    let error = refusal_with(options(), &document(&file));
    assert_eq!(error.code(), "unsupported");
    assert!(error.to_string().contains(name), "{error}");
}

#[test]
fn a_container_is_not_the_document_in_it() {
    let oid = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0";
    let signed = |length: &[u8], more: &[u8]| [b"\x30", length, oid, more].concat();
    check_container(&signed(b"\x80", b"\x80"), "signed envelope (.p7m)");
    check_container(
        &signed(b"\x82\x04\x00", b"\x82\x03\xF0"),
        "signed envelope (.p7m)",
    );
    check_container(&signed(b"\x80", b"\x80<MessageDownloadResponse>"), "ZFO");
    check_container(b"-----BEGIN PKCS7-----\nMIIJ\n", "signed envelope (.p7m)");
    let entry = |name: &[u8]| [b"PK\x03\x04".as_slice(), &[0; 26], name].concat();
    check_container(&entry(b"mimetypeapplication/vnd.etsi.asic-e+zip"), "ASiC");
    check_container(&entry(b"word/document.xml"), "Office");
}

#[test]
fn a_decompression_bomb() {
    let document = Document::open(&fixture("bomb.pdf")).unwrap();
    check(&document, "too_large");
}

/// A page that is a scan by a fax method, of which every row is white.
fn white_scan(side: u32, entries: &str) -> Document {
    let mut pdf = PdfBuilder::new();
    // Group 4: each line as the line above, which is white.
    let scan = pdf.stream(
        &format!(
            "/Type /XObject /Subtype /Image /Width {side} /Height {side} /BitsPerComponent 1 {entries} \
             /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns {side} /Rows {side} >>"
        ),
        &vec![0xff; side as usize / 8],
    );
    let resources = format!("/Resources << /XObject << /X {scan} 0 R >> >>");
    pdf.page(595.0, 842.0, &resources, b"595 0 0 842 0 0 cm /X Do");
    document(pdf.build())
}

#[test]
fn a_giant_scan_in_colours() {
    let two = "/ColorSpace [/Indexed /DeviceRGB 1 <00000000ff00>]";
    check(&white_scan(100_000, two), "too_large");
}

#[test]
fn a_scan_of_more_pixels_than_there_is_time_for() {
    check(&white_scan(100_000, "/ColorSpace /DeviceGray"), "too_large");
}

#[test]
fn a_giant_page() {
    let mut pdf = PdfBuilder::new();
    pdf.page(1e7, 1e7, "", b"");
    check(&document(pdf.build()), "too_large");
    // A strip that would be millions of pixels long.
    let mut pdf = PdfBuilder::new();
    pdf.page(5.0, 90_000.0, "", b"");
    check(&document(pdf.build()), "too_large");
}

/// The head of a PNG that claims to be of that size.
fn png_head(width: u32, height: u32) -> Vec<u8> {
    let mut chunk = b"IHDR".to_vec();
    chunk.extend_from_slice(&width.to_be_bytes());
    chunk.extend_from_slice(&height.to_be_bytes());
    chunk.extend_from_slice(&[8, 2, 0, 0, 0]);
    let mut sum = u32::MAX;
    for byte in &chunk {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 {
                sum >> 1 ^ 0xedb8_8320
            } else {
                sum >> 1
            };
        }
    }
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    png.extend_from_slice(&chunk);
    png.extend_from_slice(&(!sum).to_be_bytes());
    png.extend_from_slice(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    png
}

#[test]
fn a_giant_picture() {
    check(&document(png_head(60_000, 60_000)), "too_large");
}

#[test]
fn a_file_beyond_the_bound() {
    let options = WorkerOptions {
        max_document_bytes: 2000,
        ..options()
    };
    let error = refusal_with(options, &document([b' '; 2001]));
    assert_eq!(error.code(), "too_large");
}

#[test]
fn more_pages_than_the_bound() {
    let mut pdf = PdfBuilder::new();
    for _ in 0..4 {
        pdf.page(10.0, 10.0, "", b"");
    }
    let options = WorkerOptions {
        max_pages: 3,
        ..options()
    };
    assert_eq!(
        refusal_with(options, &document(pdf.build())).code(),
        "too_large"
    );
}

#[test]
fn an_endless_page() {
    let options = WorkerOptions {
        request_deadline: Duration::from_secs(1),
        ..options()
    };
    let after = options.request_deadline;
    let error = refusal_with(options, &document(endless()));
    assert_eq!(error, PageError::TimedOut { after });
}

#[test]
fn a_page_tree_that_contains_itself() {
    let bytes = b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n\
        <</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF";
    check(&document(bytes), "broken");
}

#[test]
fn a_worker_that_cannot_be_started_is_named() {
    let service = PageService::start(WorkerOptions::new("/nonexistent/vyveska-pages")).unwrap();
    let error = service.open_blocking(&document(half_black())).unwrap_err();
    assert_eq!(error.code(), "worker_unavailable");
    assert!(error.to_string().contains("/nonexistent/vyveska-pages"));
}

#[test]
fn a_worker_that_is_another_program_is_named() {
    for program in ["/bin/false", "/bin/true"] {
        let service = PageService::start(WorkerOptions::new(program)).unwrap();
        let error = service.open_blocking(&document(half_black())).unwrap_err();
        assert_eq!(error.code(), "worker_unavailable");
    }
}

#[test]
fn what_is_not_a_plain_file_is_named() {
    let error = Document::open(std::path::Path::new("/dev/zero")).unwrap_err();
    assert_eq!(error.code(), "unreadable");
    let error = Document::open(std::path::Path::new("/nonexistent")).unwrap_err();
    assert_eq!(error.code(), "unreadable");
    let error = Document::open(std::path::Path::new("/")).unwrap_err();
    assert_eq!(error.code(), "unreadable");
}
