//! Bytes to text.
//!
//! The norm wants UTF-8. Published feeds also begin with a byte order mark, come in Windows-1250
//! from old systems, and hold halves of surrogate pairs where a title was cut after so many UTF-16 units.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1250};

use super::report::Report;
use super::salvage::{LostPart, Salvaged, salvage};

/// The longest feed that is read.
pub const MAX_FEED_BYTES: usize = 64 * 1024 * 1024;

/// The text of a feed, with what had to be done to get it.
#[derive(Debug)]
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    /// What of it could not be read, where it is no JSON.
    pub(super) lost: Vec<LostPart>,
    notes: Vec<&'static str>,
}

impl Decoded<'_> {
    /// The text that can be read where this one is no JSON; `None` when there is none.
    pub(super) fn salvaged(&self) -> Option<Self> {
        let Salvaged { text, lost, notes } = salvage(&self.text)?;
        Some(Self {
            text: Cow::Owned(text),
            lost,
            notes: [&*self.notes, &*notes].concat(),
        })
    }

    /// Says what was done in the warnings of a board.
    pub(super) fn report(&self, report: &mut Report<'_>) {
        for note in &self.notes {
            report.deviates("kódování", *note);
        }
    }
}

pub(super) fn decode(bytes: &[u8]) -> Decoded<'_> {
    let mut notes = Vec::new();
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, bom)) if encoding == UTF_8 => {
            notes.push("soubor začíná značkou BOM; vynechána");
            decode_unmarked(&bytes[bom..], &mut notes)
        }
        Some((encoding, bom)) => {
            notes.push("soubor je v kódování UTF-16; převeden");
            encoding.decode_without_bom_handling(&bytes[bom..]).0
        }
        None => decode_unmarked(bytes, &mut notes),
    };
    let text = match without_lone_surrogates(&text) {
        Some(mended) => {
            notes.push("rozpůlený znak (zápis \\ud…) nahrazen znakem \u{fffd}");
            Cow::Owned(mended)
        }
        None => text,
    };
    Decoded {
        text,
        lost: Vec::new(),
        notes,
    }
}

fn decode_unmarked<'a>(bytes: &'a [u8], notes: &mut Vec<&'static str>) -> Cow<'a, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    // One damaged letter in a UTF-8 feed must not make it read as Windows-1250.
    let (mut letters, mut damaged) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        letters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        damaged += usize::from(!chunk.invalid().is_empty());
    }
    if letters > damaged {
        notes.push("poškozené znaky UTF-8 nahrazeny znakem \u{fffd}");
        String::from_utf8_lossy(bytes)
    } else {
        notes.push("soubor není v UTF-8; přečten jako Windows-1250");
        WINDOWS_1250.decode_without_bom_handling(bytes).0
    }
}

/// The text with each unpaired `\ud…` escape replaced; `None` when there is none.
fn without_lone_surrogates(text: &str) -> Option<String> {
    if !text.contains("\\ud") && !text.contains("\\uD") {
        return None;
    }
    let bytes = text.as_bytes();
    let mut mended: Option<String> = None;
    let (mut at, mut copied) = (0, 0);
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        match escaped_unit(bytes, at) {
            Some(0xD800..=0xDBFF)
                if matches!(escaped_unit(bytes, at + 6), Some(0xDC00..=0xDFFF)) =>
            {
                at += 12;
            }
            Some(0xD800..=0xDFFF) => {
                let mended = mended.get_or_insert_default();
                mended.push_str(&text[copied..at]);
                mended.push_str("\\ufffd");
                at += 6;
                copied = at;
            }
            // Whatever is escaped is skipped with its backslash, above all another backslash.
            _ => at += 2,
        }
    }
    let mut mended = mended?;
    mended.push_str(&text[copied..]);
    Some(mended)
}

/// The UTF-16 unit of a `\uXXXX` beginning at `at`.
fn escaped_unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], text: &str, notes: usize) {
        let decoded = decode(bytes);
        assert_eq!(decoded.text, text);
        assert_eq!(decoded.notes.len(), notes, "{:?}", decoded.notes);
    }

    #[test]
    fn clean_utf8_is_left_alone() {
        check("příliš".as_bytes(), "příliš", 0);
        check(b"", "", 0);
    }

    #[test]
    fn a_byte_order_mark_goes() {
        check("\u{feff}{}".as_bytes(), "{}", 1);
    }

    #[test]
    fn windows_1250_is_recognised() {
        check(b"\xf8\xedjen \x8elut\xfd k\xf9\xf2", "říjen Žlutý kůň", 1);
    }

    #[test]
    fn utf_16_is_recognised() {
        check(b"\xff\xfe{\0}\0", "{}", 1);
    }

    #[test]
    fn one_damaged_byte_spoils_one_letter() {
        let mut bytes = "příliš žluťoučký".as_bytes().to_vec();
        bytes[1] = b'x';
        check(&bytes, "px\u{fffd}íliš žluťoučký", 1);
    }

    #[test]
    fn half_a_surrogate_pair_becomes_a_replacement_character() {
        check(br#""a\ud83d""#, r#""a\ufffd""#, 1);
        check(br#""\uDE00b\ud83dx""#, r#""\ufffdb\ufffdx""#, 1);
        check(br#""\ud83d\ude00""#, r#""\ud83d\ude00""#, 0);
        check(br#""\\ud83d""#, r#""\\ud83d""#, 0);
        check(br#"\ud8"#, r#"\ud8"#, 0);
    }
}
