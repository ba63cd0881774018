//! What an engine says beside what it draws.
//!
//! Two engines that lose the same draw the same, and agree on a page that lacks half of its text. What tells it are their
//! complaints on standard error. Most of those are about manners and mends (a table rebuilt, a font replaced that was
//! never embedded, a colour profile ignored), so a complaint counts by its words. These are MuPDF's of 1.21 and poppler's
//! of 22.12 about documents that were damaged in every way; of one cause both may say several.
//!
//! A word in what draws a page that is no operator takes what stands before it along, or is text that lacks its brackets:
//! `(text) TJx` and `text Tj` draw nothing. MuPDF reads numbers that others understand as such words, too: `1e5`, and
//! `0.5w` for `0.5 w`.

use std::collections::BTreeSet;

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// What a complaint is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Complaint {
    /// Content that is not there or cannot be read is not drawn.
    Lost,
    /// Compressed data stop before their end. The last that they have is a checksum, which some programs never write.
    Unended,
    /// Compressed data are whole, and are not those of their checksum.
    Damaged,
}

use Complaint::{Damaged, Lost, Unended};

pub(super) type Complaints = BTreeSet<Complaint>;

const WORDS: [(&str, Complaint); 36] = [
    // MuPDF.
    ("cannot load content stream part", Lost),
    ("content stream is not a stream", Lost),
    ("syntax error in content stream", Lost),
    ("syntax error after inline image", Lost),
    ("ignoring rest of page", Lost),
    ("no XObject subtype specified", Lost),
    ("cannot find XObject resource", Lost),
    ("cannot find Pattern resource", Lost),
    ("read error; treating as end of file", Lost),
    ("zlib error: invalid", Lost),
    ("zlib error: unknown", Lost),
    ("zlib error: too many", Lost),
    ("zlib error: incorrect header", Lost),
    ("premature end of file in jpeg", Lost),
    ("padding truncated image", Lost),
    ("ignored error when loading embedded font", Lost),
    ("cannot render glyph", Lost),
    ("invalid key in dict", Lost),
    ("premature end of data in flate filter", Unended),
    ("incorrect data check", Damaged),
    // Poppler.
    ("Weird page contents", Lost),
    (" in flate stream", Lost),
    ("XObject '", Lost),
    ("No font in show", Lost),
    ("args to 'Tj' operator", Lost),
    ("args to 'TJ' operator", Lost),
    ("to 'Tj' operator is wrong type", Lost),
    ("to 'TJ' operator is wrong type", Lost),
    ("Bad image parameters", Lost),
    ("Embedded font object is wrong type", Lost),
    ("Could not find start of jpeg data", Lost),
    ("Unknown filter '", Lost),
    ("Missing or bad Type3 CharProc", Lost),
    ("Unterminated string", Lost),
    ("End of file inside dictionary", Lost),
    // Both.
    ("non-embedded font using identity encoding", Lost),
];
/// How MuPDF begins to tell of a word that is no operator; the word follows.
const UNKNOWN: &str = "unknown keyword: '";
/// No words are longer.
const LONGEST: usize = 64;
const CHUNK: usize = 4096;
/// More than a program says of any page that people would publish. A few kilobytes of a document can have it say hundreds
/// of megabytes, which takes it minutes.
const MOST: usize = 4_000_000;

/// Hears a program out. However much it says, no more than a chunk is held.
///
/// # Errors
///
/// When it cannot be read, or says more than [`MOST`] bytes.
pub(super) async fn hear(mut said: impl AsyncRead + Unpin) -> std::io::Result<Complaints> {
    let mut heard = Complaints::new();
    let mut chunk = Vec::with_capacity(CHUNK);
    let mut left = MOST;
    loop {
        let before = chunk.len();
        if said.read_buf(&mut chunk).await? == 0 {
            return Ok(heard);
        }
        left = left
            .checked_sub(chunk.len() - before)
            .ok_or_else(|| std::io::Error::other("it complains of more than a page can have"))?;
        let text = String::from_utf8_lossy(&chunk);
        let found = WORDS.iter().filter(|(words, _)| text.contains(words));
        heard.extend(found.map(|(_, complaint)| *complaint));
        heard.extend(has_unknown_word(&text).then_some(Lost));
        // Words may go on in the next chunk.
        chunk.drain(..chunk.len().saturating_sub(LONGEST));
    }
}

/// Whether a word that is no operator is told of, and no number.
fn has_unknown_word(said: &str) -> bool {
    let mut words = said.split(UNKNOWN).skip(1);
    let is_of_number = |c: char| c.is_ascii_digit() || "+-.".contains(c);
    words.any(|word| !word.is_empty() && !word.starts_with(is_of_number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &[u8], expected: &[Complaint]) {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let heard = runtime.unwrap().block_on(hear(said)).unwrap();
        assert_eq!(Vec::from_iter(heard), expected);
    }

    #[test]
    fn lost_content_is_told_from_manners() {
        check(b"", &[]);
        check(
            b"warning: ICC support is not available\nerror: cannot find startxref\nwarning: repairing PDF document\n\
              warning: PDF stream Length incorrect\nerror: unknown keyword: '0.5w'\nerror: unknown keyword: '1e5'\n",
            &[],
        );
        check(
            b"error: object is not a stream\nwarning: cannot load content stream part 2/2\n",
            &[Lost],
        );
        check(
            b"warning: premature end of data in flate filter\nwarning: ... repeated 2 times...\n",
            &[Unended],
        );
        check(
            b"warning: ignoring zlib error: incorrect data check\n",
            &[Damaged],
        );
        check(
            b"Syntax Error (432): Unexpected end of file in flate stream\n",
            &[Lost],
        );
    }

    #[test]
    fn letters_that_are_not_drawn_are_lost() {
        check(b"warning: cannot render glyph\n", &[Lost]);
        check(b"error: invalid key in dict\n", &[Lost]);
        check(b"Syntax Error (97): Unterminated string\n", &[Lost]);
    }

    #[test]
    fn text_by_a_word_that_is_no_operator_is_lost() {
        check(b"error: unknown keyword: 'TJx'\n", &[Lost]);
        check(
            b"error: unknown keyword: '1e5'\nerror: unknown keyword: 'WORDS'\n",
            &[Lost],
        );
        check(
            b"Syntax Error (325): Too few (0) args to 'Tj' operator\n",
            &[Lost],
        );
        check(
            b"Syntax Error: Arg #0 to 'TJ' operator is wrong type (string)\n",
            &[Lost],
        );
    }

    #[test]
    fn whoever_complains_without_end_is_not_heard_out() {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let heard = runtime.unwrap().block_on(hear(tokio::io::repeat(b' ')));
        assert!(heard.is_err());
    }

    #[test]
    fn words_are_heard_wherever_they_come() {
        assert!(WORDS.iter().all(|(words, _)| words.len() <= LONGEST));
        assert!(UNKNOWN.len() < LONGEST);
        for before in [CHUNK - 20, CHUNK - UNKNOWN.len(), CHUNK, 1_000_000] {
            for words in ["padding truncated image", "unknown keyword: 'TJx'"] {
                let said = ["x".repeat(before), words.to_owned()].concat();
                check(said.as_bytes(), &[Lost]);
            }
        }
    }
}
