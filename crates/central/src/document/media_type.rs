//! Media type detection from a document's bytes.
//!
//! Publishers' file names and content types are wrong or missing too often to be used;
//! an HTML page saying "permission denied" is not a document whatever its content type.
//! Containers are told apart before a PDF is looked for, because what they hold may stand near their start unpacked.

use vyveska_pages::Container;

/// How many bytes from the start detection needs.
pub const HEAD_BYTES: usize = 64 * 1024;
/// How many bytes from the end [`is_cut_off`] needs: readers of PDF look for its end there.
pub const TAIL_BYTES: usize = 4 * 1024;

const SIGNED_DATA: &str = "application/pkcs7-mime";
const DATA_MESSAGE: &str = "application/vnd.software602.filler.form-xml-zip";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A document, with its media type.
    Document(&'static str),
    /// An HTML page, which is not a document.
    Html,
}

/// Detects the kind of a document from its first bytes; `claims_html` is whether its content type was HTML.
pub fn detect(head: &[u8], claims_html: bool) -> Kind {
    if let Some(media_type) = by_signature(head) {
        return Kind::Document(media_type);
    }
    if looks_like_html(head) || claims_html {
        return Kind::Html;
    }
    Kind::Document(if is_text(head) {
        "text/plain"
    } else {
        "application/octet-stream"
    })
}

/// Whether the last bytes of a file lack what its kind ends with.
pub fn is_cut_off(media_type: &str, tail: &[u8]) -> bool {
    let end: &[u8] = match media_type {
        "application/pdf" => b"%%EOF",
        "image/png" => b"IEND",
        "image/jpeg" => b"\xFF\xD9",
        // The directory at the end of every archive.
        media_type if is_archive(media_type) => b"PK\x05\x06",
        _ => return false,
    };
    find(tail, end).is_none()
}

fn is_archive(media_type: &str) -> bool {
    media_type == "application/zip"
        || media_type.starts_with("application/vnd.openxmlformats")
        || NAMED_ARCHIVES.contains(&media_type)
}

/// Whether a page asks for a log-in: it has a field for a password, or its address says so.
pub fn asks_for_login(head: &[u8], path: &str) -> bool {
    let (head, path) = (head.to_ascii_lowercase(), path.to_ascii_lowercase());
    let fields = [
        &b"type=\"password\""[..],
        b"type='password'",
        b"type=password",
    ];
    fields.iter().any(|field| find(&head, field).is_some())
        || ["login", "logon", "signin", "sign-in", "prihlas"]
            .iter()
            .any(|word| path.contains(word))
}

/// Whether files of this type are documents together with their signature, which a display does not open.
pub fn is_signed_container(media_type: &str) -> bool {
    [SIGNED_DATA, DATA_MESSAGE].contains(&media_type)
        || media_type.starts_with("application/vnd.etsi.asic-")
}

/// Whether a browser may safely show it inline, that is without running scripts.
pub fn is_safe_inline(media_type: &str) -> bool {
    matches!(
        media_type,
        "application/pdf"
            | "image/jpeg"
            | "image/png"
            | "image/gif"
            | "image/tiff"
            | "image/webp"
            | "text/plain"
    )
}

fn by_signature(head: &[u8]) -> Option<&'static str> {
    let starts = |signature: &[u8]| head.starts_with(signature);
    if let Some(container) = Container::of(head) {
        return Some(match container {
            Container::Archive | Container::SignedArchive => archive(head),
            Container::SignedData => SIGNED_DATA,
            Container::DataMessage => DATA_MESSAGE,
        });
    }
    // The PDF header need not be at the start; readers search the first 1024 bytes.
    let beginning = &head[..head.len().min(1024)];
    if find(beginning, b"%PDF-").is_some() {
        return Some("application/pdf");
    }
    let known: [(&[u8], &str); 9] = [
        (b"\xFF\xD8\xFF", "image/jpeg"),
        (b"\x89PNG\r\n\x1A\n", "image/png"),
        (b"GIF8", "image/gif"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"{\\rtf", "application/rtf"),
        (
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
            "application/x-ole-storage",
        ),
        (b"7z\xBC\xAF\x27\x1C", "application/x-7z-compressed"),
        (b"Rar!\x1A\x07", "application/vnd.rar"),
    ];
    if let Some((_, media_type)) = known.iter().find(|(signature, _)| starts(signature)) {
        return Some(media_type);
    }
    if starts(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Some("image/webp");
    }
    let text = beginning.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(beginning);
    if text.trim_ascii_start().starts_with(b"<?xml") && !looks_like_html(head) {
        return Some("application/xml");
    }
    None
}

/// What archives say of themselves in a first entry `mimetype`, not packed: ODF 1.3 part 2, 3.3, and ETSI EN 319 162-1, A.1.
const NAMED_ARCHIVES: [&str; 5] = [
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
    "application/vnd.etsi.asic-e+zip",
    "application/vnd.etsi.asic-s+zip",
];

/// Office files are ZIP archives; the names of their first entries say which.
fn archive(head: &[u8]) -> &'static str {
    if let Some(rest) = head
        .get(30..)
        .and_then(|rest| rest.strip_prefix(b"mimetype"))
    {
        return NAMED_ARCHIVES
            .into_iter()
            .find(|media_type| rest.starts_with(media_type.as_bytes()))
            .unwrap_or("application/zip");
    }
    let named = |folder: &[u8]| {
        let mut from = 0;
        while let Some(at) = head.get(from..).and_then(|rest| find(rest, b"PK\x03\x04")) {
            let name = from + at + 30;
            if head
                .get(name..)
                .is_some_and(|name| name.starts_with(folder))
            {
                return true;
            }
            from += at + 4;
        }
        false
    };
    if named(b"word/") {
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    } else if named(b"xl/") {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    } else if named(b"ppt/") {
        "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    } else {
        "application/zip"
    }
}

fn looks_like_html(head: &[u8]) -> bool {
    let beginning = head[..head.len().min(2048)].to_ascii_lowercase();
    let text = beginning
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(&beginning);
    let text = text.trim_ascii_start();
    let whole = [&b"<!doctype html"[..], b"<html", b"<head", b"<body"];
    // A message of a program of the server is often only a part of a page.
    let parts = [
        &b"<script"[..],
        b"<title",
        b"<meta",
        b"<div",
        b"<table",
        b"<h1",
        b"<p>",
        b"<br",
    ];
    let has = |tags: &[&[u8]]| tags.iter().any(|tag| find(text, tag).is_some());
    text.starts_with(b"<") && (has(&whole) || (!text.starts_with(b"<?xml") && has(&parts)))
}

fn is_text(head: &[u8]) -> bool {
    let whole = match std::str::from_utf8(head) {
        Ok(_) => true,
        // The head may end in the middle of a UTF-8 sequence.
        Err(error) => error.error_len().is_none(),
    };
    whole
        && head
            .iter()
            .all(|byte| *byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C))
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes
        .windows(pattern.len())
        .position(|window| window == pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(head: &[u8], expected: &'static str) {
        assert_eq!(detect(head, false), Kind::Document(expected));
    }

    fn zip_entry(name: &str, content: &str) -> Vec<u8> {
        let mut entry = b"PK\x03\x04".to_vec();
        entry.extend([0; 26]);
        entry.extend(name.bytes());
        entry.extend(content.bytes());
        entry
    }

    #[test]
    fn the_bytes_say_what_a_document_is() {
        check(b"%PDF-1.7\n", "application/pdf");
        check(b"\r\n\r\n%PDF-1.4", "application/pdf");
        check(b"\xFF\xD8\xFF\xE0..JFIF", "image/jpeg");
        check(b"\x89PNG\r\n\x1A\n....", "image/png");
        check(b"II*\0....", "image/tiff");
        check(b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp");
        check(b"{\\rtf1\\ansi", "application/rtf");
        check(
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
            "application/x-ole-storage",
        );
        check("Oznámení o konání".as_bytes(), "text/plain");
        check(b"\0\x01\x02", "application/octet-stream");
        check(b"<?xml version=\"1.0\"?><a/>", "application/xml");
    }

    #[test]
    fn office_files_are_told_apart_inside_their_archive() {
        let docx = [
            zip_entry("[Content_Types].xml", "<x/>"),
            zip_entry("word/document.xml", ""),
        ];
        check(
            &docx.concat(),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        );
        check(
            &zip_entry(
                "mimetype",
                "application/vnd.oasis.opendocument.spreadsheetPK",
            ),
            "application/vnd.oasis.opendocument.spreadsheet",
        );
        check(&zip_entry("plan.pdf", ""), "application/zip");
    }

    #[test]
    fn a_container_is_not_the_pdf_in_it() {
        const SIGNED: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0\x80";
        let signed = |start: &[u8], content: &str| [start, SIGNED, content.as_bytes()].concat();
        let p7m = "application/pkcs7-mime";
        let zfo = "application/vnd.software602.filler.form-xml-zip";
        // Of an unknown length (BER), of two and of four bytes (DER).
        for start in [
            &b"\x30\x80"[..],
            b"\x30\x81\xF0",
            b"\x30\x82\x30\x39",
            b"\x30\x84\0\x98\x96\x80",
        ] {
            check(&signed(start, "%PDF-1.4"), p7m);
            check(
                &signed(
                    start,
                    "<?xml?><q:MessageDownloadResponse xmlns:q=\"http://isds.czechpoint.cz/v20\">",
                ),
                zfo,
            );
        }
        check(b"-----BEGIN PKCS7-----\nMIIJ", p7m);
        check(
            &zip_entry(
                "mimetype",
                "application/vnd.etsi.asic-e+zipPK\x03\x04 a.pdf%PDF-1.7",
            ),
            "application/vnd.etsi.asic-e+zip",
        );
        check(
            &zip_entry("mimetype", "application/vnd.etsi.asic-s+zip"),
            "application/vnd.etsi.asic-s+zip",
        );
        check(&zip_entry("plan.pdf", "%PDF-1.7"), "application/zip");
        // The OID elsewhere says nothing, a certificate may name it.
        check(
            &[&b"\x30\x82\x30\x39\x30\x82\x30\x39"[..], SIGNED].concat(),
            "application/octet-stream",
        );
    }

    #[test]
    fn a_file_without_its_end_is_cut_off() {
        for (media_type, end) in [
            ("application/pdf", &b"startxref\n9\n%%EOF\r\n"[..]),
            ("image/png", b"\0\0\0\0IEND\xAE\x42\x60\x82"),
            ("image/jpeg", b"..\xFF\xD9"),
            ("application/zip", b"PK\x05\x06\0\0"),
            ("application/vnd.etsi.asic-e+zip", b"PK\x05\x06\0\0"),
        ] {
            assert!(!is_cut_off(media_type, end), "{media_type}");
            assert!(is_cut_off(media_type, b"endobj"), "{media_type}");
        }
        assert!(!is_cut_off("text/plain", b""));
    }

    #[test]
    fn a_page_that_asks_for_a_login_is_told_from_others() {
        let form = b"<form><input name='p' TYPE=\"Password\"></form>";
        assert!(asks_for_login(form, "/portal"));
        assert!(asks_for_login(b"<html>", "/Account/LogOn"));
        assert!(!asks_for_login(b"<html>404</html>", "/deska/detail"));
    }

    #[test]
    fn a_page_is_not_a_document() {
        assert_eq!(detect(b"\n<!DOCTYPE html><html>", false), Kind::Html);
        assert_eq!(
            detect(b"<?xml version='1.0'?><html xmlns='x'>", false),
            Kind::Html
        );
        assert_eq!(detect(b"permission denied", true), Kind::Html);
        assert_eq!(
            detect(b"<br />\n<b>Warning</b>: file not found", false),
            Kind::Html
        );
        check(
            b"<?xml version='1.0'?><svg><title>x</title></svg>",
            "application/xml",
        );
        assert_eq!(
            detect(b"%PDF-1.4", true),
            Kind::Document("application/pdf"),
            "the bytes decide, not what the publisher calls them"
        );
    }

    #[test]
    fn nothing_panics_on_short_heads() {
        for length in 0..40 {
            detect(
                &b"PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"[..length],
                false,
            );
            detect(&b"RIFFaaaaWEBP\xC5\x99"[..length.min(14)], false);
        }
    }
}
