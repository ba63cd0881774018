//! What the bytes of a PDF say about its wholeness.
//!
//! The engine reads a damaged file as far as it can and does not say so: it searches for objects where the table of them
//! is unusable, and draws what is left of a file that was cut. So the head, the end and the table are looked at here.

use crate::protocol::DocumentWarning;

/// Readers search for the head and for the end in this many bytes.
const SEARCHED_BYTES: usize = 1024;
/// How much may stand between the place that the file states for its table and the table.
const TABLE_BYTES: usize = 64;
const HEAD: &[u8] = b"%PDF-";
const END: &[u8] = b"%%EOF";
const TABLE_AT: &[u8] = b"startxref";

pub(super) fn inspect(file: &[u8]) -> Vec<DocumentWarning> {
    let mut warnings = Vec::new();
    let head = find(&file[..file.len().min(SEARCHED_BYTES)], HEAD);
    if head != Some(0) {
        warnings.push(DocumentWarning::ForeignHead);
    }
    if !contains(tail(file), END) {
        warnings.push(DocumentWarning::CutShort);
    } else if table(file).is_none() && table(&file[head.unwrap_or(0)..]).is_none() {
        warnings.push(DocumentWarning::Rebuilt);
    }
    warnings
}

/// Where the table of objects is, if it is where the end of the file says.
pub(super) fn table(file: &[u8]) -> Option<usize> {
    let tail = tail(file);
    let stated = tail
        .windows(TABLE_AT.len())
        .rposition(|part| part == TABLE_AT)?;
    let place = number(tail[stated + TABLE_AT.len()..].trim_ascii_start())?;
    let rest = file.get(place..)?;
    let rest = rest[..rest.len().min(TABLE_BYTES)].trim_ascii_start();
    let is_table = rest.starts_with(b"xref") || (number(rest).is_some() && contains(rest, b" obj"));
    is_table.then_some(place)
}

pub(super) fn contains(bytes: &[u8], part: &[u8]) -> bool {
    find(bytes, part).is_some()
}

/// The last bytes before what fills the file up.
fn tail(file: &[u8]) -> &[u8] {
    let is_filling = |byte: &u8| *byte == 0 || byte.is_ascii_whitespace();
    let last = file.iter().rposition(|byte| !is_filling(byte));
    let whole = &file[..last.map_or(0, |last| last + 1)];
    &whole[whole.len().saturating_sub(SEARCHED_BYTES)..]
}

/// The number in decimal digits at the start of these bytes.
fn number(bytes: &[u8]) -> Option<usize> {
    let digits = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    std::str::from_utf8(&bytes[..digits]).ok()?.parse().ok()
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|found| found == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] = b"%PDF-1.7\nxref\n0 1\ntrailer << >>\nstartxref\n9\n%%EOF\n";

    #[track_caller]
    fn check(file: &[u8], expected: &[DocumentWarning]) {
        assert_eq!(inspect(file), expected);
    }

    #[test]
    fn a_whole_file_is_not_warned_of() {
        check(WHOLE, &[]);
        check(&[WHOLE, &[0; 5000]].concat(), &[]);
        check(
            b"%PDF-1.7\n12 0 obj\n<< /Type /XRef >>\nstartxref\r\n9\r\n%%EOF",
            &[],
        );
    }

    #[test]
    fn a_file_without_its_end_is_cut_short() {
        check(&WHOLE[..WHOLE.len() - 8], &[DocumentWarning::CutShort]);
        // The first part of a file that can be shown while it is loaded has an end of its own.
        check(
            &[WHOLE, &[b'x'; 5000]].concat(),
            &[DocumentWarning::CutShort],
        );
        check(b"%PDF-1.7", &[DocumentWarning::CutShort]);
    }

    #[test]
    fn a_table_that_is_elsewhere_is_told() {
        check(
            b"%PDF-1.7\n\n\nstartxref\n4\n%%EOF",
            &[DocumentWarning::Rebuilt],
        );
        check(b"%PDF-1.7\n%%EOF", &[DocumentWarning::Rebuilt]);
        check(
            b"%PDF-1.7\nstartxref\n99999999999999999999999\n%%EOF",
            &[DocumentWarning::Rebuilt],
        );
    }

    #[test]
    fn bytes_before_the_head_are_told() {
        check(
            &[b"\r\n<p>notice</p>".as_slice(), WHOLE].concat(),
            &[DocumentWarning::ForeignHead],
        );
        check(
            &WHOLE[9..],
            &[DocumentWarning::ForeignHead, DocumentWarning::Rebuilt],
        );
    }
}
