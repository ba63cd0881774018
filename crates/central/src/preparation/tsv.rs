//! Reads tesseract's output table.
//!
//! Photographs and dotted rules are read as stray signs with little confidence, so words with low confidence
//! and words without a letter or digit are dropped, and a page with hardly any words left has no text.

use vyveska_wire::text_rendition::{TextBox, TextWord};

use super::layout::{Line, letters};

/// The page's words are in this level of the table; levels above are blocks, paragraphs and lines.
const WORD_LEVEL: &str = "5";
/// Words with less confidence are dropped.
const WORTHLESS_BELOW: f32 = 25.0;
/// A page with fewer letters, or less confidence on the whole, has no text.
const FEWEST_LETTERS: usize = 12;
const WORTHLESS_PAGE_BELOW: u8 = 45;
/// The most words of a page.
const MAX_WORDS: usize = 20_000;
/// The longest word.
const MAX_LETTERS: usize = 200;

/// The recognised text of a page.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Recognised {
    pub(super) lines: Vec<Line>,
    /// The mean confidence in percent.
    pub(super) confidence: u8,
}

/// Reads the table; `points_per_pixel` converts pixels to points. Malformed rows are skipped.
pub(super) fn read(table: &str, points_per_pixel: f32) -> Recognised {
    let mut lines: Vec<Line> = Vec::new();
    let mut last_line = None;
    let mut paragraphs = Counter::default();
    let (mut sure, mut weight, mut words) = (0.0_f64, 0_usize, 0_usize);
    for row in table.lines() {
        let Some(word) = Row::read(row) else {
            continue;
        };
        let count = letters(word.text);
        if count == 0 || word.confidence < WORTHLESS_BELOW || words >= MAX_WORDS {
            continue;
        }
        words += 1;
        sure += f64::from(word.confidence) * count as f64;
        weight += count;
        if last_line != Some(word.line) {
            last_line = Some(word.line);
            lines.push(Line {
                words: Vec::new(),
                paragraph: Some(paragraphs.number(&word.line[..2])),
            });
        }
        let place = word.place.map(|pixels| pixels * points_per_pixel);
        if let Some(line) = lines.last_mut() {
            line.words.push(TextWord {
                text: word.text.chars().take(MAX_LETTERS).collect(),
                place: TextBox::new(place[0], place[1], place[2], place[3]),
                confidence: Some(word.confidence as u8),
            });
        }
    }
    let confidence = (sure / weight.max(1) as f64).round() as u8;
    if weight < FEWEST_LETTERS || confidence < WORTHLESS_PAGE_BELOW {
        return Recognised::default();
    }
    Recognised { lines, confidence }
}

/// Numbers paragraphs in order.
#[derive(Default)]
struct Counter {
    last: Vec<u32>,
    number: u32,
}

impl Counter {
    fn number(&mut self, name: &[u32]) -> u32 {
        if self.last != name {
            self.last = name.to_vec();
            self.number += 1;
        }
        self.number
    }
}

/// A word of the table.
struct Row<'a> {
    /// Block, paragraph and line.
    line: [u32; 3],
    /// Left, top, width and height in pixels.
    place: [f32; 4],
    confidence: f32,
    text: &'a str,
}

impl<'a> Row<'a> {
    fn read(row: &'a str) -> Option<Self> {
        let mut cells = row.splitn(12, '\t');
        if cells.next()? != WORD_LEVEL {
            return None;
        }
        let _page = cells.next()?;
        let line = [
            cells.next()?.parse().ok()?,
            cells.next()?.parse().ok()?,
            cells.next()?.parse().ok()?,
        ];
        let _word = cells.next()?;
        let mut place = [0.0; 4];
        for number in &mut place {
            *number = cells.next()?.parse().ok()?;
        }
        let confidence: f32 = cells.next()?.parse().ok()?;
        if !confidence.is_finite() {
            return None;
        }
        Some(Self {
            line,
            place,
            confidence: confidence.clamp(0.0, 100.0),
            text: cells.next()?.trim(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n";

    fn table(words: &[(&str, [u32; 3], f32)]) -> String {
        let mut table = HEAD.to_owned();
        table.push_str("1\t1\t0\t0\t0\t0\t0\t0\t2481\t3509\t-1\t\n");
        for (n, (text, [block, paragraph, line], confidence)) in words.iter().enumerate() {
            let left = n * 300;
            table.push_str(&format!(
                "5\t1\t{block}\t{paragraph}\t{line}\t1\t{left}\t600\t250\t50\t{confidence}\t{text}\n"
            ));
        }
        table
    }

    #[test]
    fn words_come_with_their_place_and_confidence_and_lines_with_their_paragraph() {
        let table = table(&[
            ("Městský", [1, 1, 1], 96.4),
            ("úřad", [1, 1, 1], 95.0),
            ("Lipnice", [1, 1, 2], 60.0),
            ("ROZHODNUTÍ", [1, 2, 1], 93.0),
        ]);
        let found = read(&table, 72.0 / 300.0);
        let lines: Vec<(Option<u32>, Vec<&str>)> = found
            .lines
            .iter()
            .map(|line| {
                let words = line.words.iter().map(|word| word.text.as_str());
                (line.paragraph, words.collect())
            })
            .collect();
        assert_eq!(
            lines,
            [
                (Some(1), vec!["Městský", "úřad"]),
                (Some(1), vec!["Lipnice"]),
                (Some(2), vec!["ROZHODNUTÍ"]),
            ]
        );
        let word = &found.lines[0].words[1];
        assert_eq!(word.place, TextBox::new(72.0, 144.0, 60.0, 12.0));
        assert_eq!(word.confidence, Some(95));
        assert_eq!(found.confidence, 86);
    }

    #[test]
    fn a_photograph_read_as_stray_signs_has_no_text() {
        let stray = table(&[
            (" ", [1, 1, 1], 95.0),
            ("|", [2, 1, 1], 90.0),
            ("—~", [2, 1, 1], 40.0),
            ("es", [3, 1, 1], 31.0),
            ("Tisová", [4, 1, 1], 12.0),
        ]);
        assert_eq!(read(&stray, 0.24), Recognised::default());
        let doubtful = table(&[("nejspíšněconapsáno", [1, 1, 1], 30.0)]);
        assert_eq!(read(&doubtful, 0.24), Recognised::default());
    }

    #[test]
    fn malformed_rows_are_skipped() {
        let mut text = table(&[("dostatečnědlouhé", [1, 1, 1], 90.0)]);
        text.push_str("5\t1\t1\nnonsense\n5\t1\t1\t1\t1\t1\t-3\t0\t5\t5\tNaN\tx\n5\t1\ta\t1\t1\t1\t1\t1\t1\t1\t90\ty\n");
        assert_eq!(read(&text, 0.24).lines.len(), 1);
        assert_eq!(read("", 0.24), Recognised::default());
    }
}
