//! Recognises the kind of a document by its bytes.

use crate::container::Container;
use crate::protocol::{DocumentKind, Fault};

/// PDF readers accept this many foreign bytes before the header.
const PDF_HEAD_BYTES: usize = 1024;

pub(super) fn recognise(bytes: &[u8]) -> Result<DocumentKind, Fault> {
    if bytes.is_empty() {
        return Err(Fault::Empty);
    }
    if let Some(container) = Container::of(bytes) {
        return Err(Fault::Unsupported(name_of_the_container(container).into()));
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        return Ok(DocumentKind::Jpeg);
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Ok(DocumentKind::Png);
    }
    if [&b"II*\0"[..], b"MM\0*", b"II+\0", b"MM\0+"]
        .iter()
        .any(|magic| bytes.starts_with(magic))
    {
        return Ok(DocumentKind::Tiff);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Ok(DocumentKind::Webp);
    }
    let head = &bytes[..bytes.len().min(PDF_HEAD_BYTES)];
    let tail = &bytes[bytes.len().saturating_sub(PDF_HEAD_BYTES)..];
    // A PDF without its header is still recognised by its trailer.
    if contains(head, b"%PDF-") || contains(tail, b"%%EOF") {
        return Ok(DocumentKind::Pdf);
    }
    Err(Fault::Unsupported(name_of_the_unshowable(head).into()))
}

fn name_of_the_container(container: Container) -> &'static str {
    match container {
        Container::Archive => "it is an Office document or a ZIP archive",
        Container::SignedArchive => "it is a signed archive (ASiC) and not the PDF itself",
        Container::SignedData => "it is a signed envelope (.p7m) and not the PDF itself",
        Container::DataMessage => "it is a message of a data box (ZFO) and not the PDF itself",
    }
}

fn name_of_the_unshowable(head: &[u8]) -> &'static str {
    let known: [(&[u8], &str); 8] = [
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "it is an old Office document",
        ),
        (b"{\\rtf", "it is an RTF document"),
        (b"GIF8", "it is a GIF picture"),
        (b"BM", "it is a BMP picture"),
        (b"%!PS", "it is a PostScript document"),
        (b"Rar!", "it is a RAR archive"),
        (b"7z\xbc\xaf", "it is a 7z archive"),
        (b"\x1f\x8b", "it is a gzip archive"),
    ];
    if let Some((_, name)) = known.iter().find(|(magic, _)| head.starts_with(magic)) {
        return name;
    }
    if head.get(4..8) == Some(b"ftyp") {
        return "it is a video or a HEIF picture";
    }
    let lower = head.to_ascii_lowercase();
    if contains(&lower, b"<html") || contains(&lower, b"<!doctype html") {
        return "it is a web page, perhaps the publisher's error message";
    }
    if lower.trim_ascii_start().starts_with(b"<?xml") {
        return "it is an XML file";
    }
    if std::str::from_utf8(head).is_ok() && !head.contains(&0) {
        return "it is plain text";
    }
    "its bytes are of no known kind"
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|part| part == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: Result<DocumentKind, &str>) {
        match (recognise(bytes), expected) {
            (Ok(kind), Ok(expected)) => assert_eq!(kind, expected),
            (Err(Fault::Unsupported(detail)), Err(part)) => {
                assert!(detail.contains(part), "{detail}");
            }
            (outcome, _) => panic!("{outcome:?}"),
        }
    }

    #[test]
    fn documents_are_known_by_their_bytes() {
        check(b"%PDF-1.7\n", Ok(DocumentKind::Pdf));
        check(b"\r\n\r\nrubbish %PDF-1.4", Ok(DocumentKind::Pdf));
        check(b"\xff\xd8\xff\xe0", Ok(DocumentKind::Jpeg));
        check(b"\x89PNG\r\n\x1a\n....", Ok(DocumentKind::Png));
        check(b"II*\0....", Ok(DocumentKind::Tiff));
        check(b"MM\0*....", Ok(DocumentKind::Tiff));
        check(b"RIFF\0\0\0\0WEBPVP8 ", Ok(DocumentKind::Webp));
    }

    #[test]
    fn what_cannot_be_shown_is_named() {
        check(b"PK\x03\x04....%PDF-1.7", Err("Office"));
        check(
            b"\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0\x80%PDF-1.7\n%%EOF",
            Err("signed envelope (.p7m)"),
        );
        check(b"\n<!DOCTYPE HTML><title>404", Err("web page"));
        check("Vyhláška".as_bytes(), Err("plain text"));
        check(&[0; 100], Err("no known kind"));
        assert_eq!(recognise(b""), Err(Fault::Empty));
    }
}
