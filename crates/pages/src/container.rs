//! Containers of documents.
//!
//! What they hold may stand in them unpacked, or torn into pieces, and near their start: so they are told apart before
//! a document is looked for.

/// A file that holds documents and is none that can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// A ZIP archive; many office documents are such.
    Archive,
    /// A ZIP archive of documents and the signatures of them: ASiC (ETSI EN 319 162-1).
    SignedArchive,
    /// A document inside its signature: `SignedData` of CMS (RFC 5652), earlier PKCS #7.
    SignedData,
    /// `SignedData` that is a message of the Czech data boxes.
    DataMessage,
}

impl Container {
    /// How many bytes from the start are needed to tell containers apart.
    pub const HEAD_BYTES: usize = 4096;

    /// The container that a file with these first bytes is.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"PK\x03\x04") {
            // The first entry of an ASiC names its kind, not packed.
            let entry = head.get(30..).unwrap_or_default();
            let is_signed = entry.starts_with(b"mimetypeapplication/vnd.etsi.asic-");
            return Some(if is_signed {
                Self::SignedArchive
            } else {
                Self::Archive
            });
        }
        is_signed_data(head).then(|| {
            if is_data_message(head) {
                Self::DataMessage
            } else {
                Self::SignedData
            }
        })
    }
}

/// Whether it is a sequence, in DER or BER, that begins with the OID of `SignedData`, or the same as PEM.
fn is_signed_data(head: &[u8]) -> bool {
    const OID: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02";
    // The length of the sequence has one to five bytes.
    let is_binary = head.first() == Some(&0x30)
        && (2..=6).any(|at| head.get(at..).is_some_and(|rest| rest.starts_with(OID)));
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let text = text.trim_ascii_start();
    is_binary
        || text.starts_with(b"-----BEGIN PKCS7-----")
        || text.starts_with(b"-----BEGIN CMS-----")
}

/// Whether signed data are a message of the data boxes: the signed XML is near the start.
fn is_data_message(head: &[u8]) -> bool {
    let beginning = &head[..head.len().min(Container::HEAD_BYTES)];
    [
        &b"isds.czechpoint.cz"[..],
        b"MessageDownloadResponse",
        b"GetDeliveryInfoResponse",
    ]
    .iter()
    .any(|mark| beginning.windows(mark.len()).any(|part| part == *mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02\xA0\x80";

    #[track_caller]
    fn check(parts: &[&[u8]], expected: Option<Container>) {
        assert_eq!(Container::of(&parts.concat()), expected);
    }

    #[test]
    fn a_container_is_not_the_pdf_in_it() {
        // Of an unknown length (BER), of one, of two and of four bytes (DER).
        for start in [
            &b"\x30\x80"[..],
            b"\x30\x70",
            b"\x30\x81\xF0",
            b"\x30\x82\x30\x39",
            b"\x30\x84\0\x98\x96\x80",
        ] {
            check(&[start, SIGNED, b"%PDF-1.4"], Some(Container::SignedData));
            let message =
                b"<?xml?><q:MessageDownloadResponse xmlns:q=\"http://isds.czechpoint.cz/v20\">";
            check(&[start, SIGNED, message], Some(Container::DataMessage));
        }
        for text in [
            "-----BEGIN PKCS7-----\nMIIJ",
            "\u{feff}\r\n-----BEGIN CMS-----\nMIIJ",
        ] {
            check(&[text.as_bytes()], Some(Container::SignedData));
        }
        let entry = &[b"PK\x03\x04".as_slice(), &[0; 26]].concat()[..];
        for (name, expected) in [
            (
                "mimetypeapplication/vnd.etsi.asic-e+zipPK",
                Container::SignedArchive,
            ),
            (
                "mimetypeapplication/vnd.etsi.asic-s+zipPK",
                Container::SignedArchive,
            ),
            (
                "mimetypeapplication/vnd.oasis.opendocument.textPK",
                Container::Archive,
            ),
            ("plan.pdf%PDF-1.7", Container::Archive),
        ] {
            check(&[entry, name.as_bytes()], Some(expected));
        }
        check(&[b"PK\x03\x04"], Some(Container::Archive));
    }

    #[test]
    fn what_is_like_a_container_is_none() {
        check(&[b""], None);
        check(&[b"\x30"], None);
        check(&[b"\r\n0\x80 rubbish %PDF-1.4"], None);
        // The OID elsewhere says nothing; a certificate may name it.
        check(&[b"\x30\x82\x30\x39\x30\x82\x30\x39", SIGNED], None);
        check(&[b"-----BEGIN CERTIFICATE-----\nMIIJ"], None);
    }
}
