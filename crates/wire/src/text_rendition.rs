//! The text of a document, as central prepared it: for search, find in the document, the reading view and speech.
//!
//! It accompanies the document and never replaces it: what is posted are the document's own bytes.
//! It is JSON fetched by its hash, named by [`crate::section::DocumentRecord::text`].
//!
//! A budget of three hundred pages has a hundred thousand words, so a word is an array of five numbers and letters
//! (`["rozpočet",71.5,102.3,44.1,12]`), places are rounded to a tenth of a point, and everything is bounded:
//! what exceeds the bounds is cut, and the rendition says so.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeSeq as _};
use vyveska_board::Language;

/// The largest rendition that is made or read, in bytes.
pub const MAX_BYTES: u64 = 8_000_000;
/// The most pages one may have.
pub const MAX_PAGES: usize = 2_000;
/// The most words one may have.
pub const MAX_WORDS: usize = 200_000;
/// The most letters of one page that a display shows and searches: many times what a page of A3 in small print holds.
pub const MAX_PAGE_LETTERS: usize = 60_000;
/// Below this confidence (of 100) recognised words are doubtful, and the interface has to say so.
pub const DOUBTFUL_BELOW: u8 = 70;

/// Gaps between words from here on, in letter heights, are between the cells of a table.
pub const CELL_GAP: f32 = 1.8;

/// What renditions are, as a media type.
pub const MEDIA_TYPE: &str = "application/json";

/// The text of one document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TextRendition {
    /// The pages, in the document's order; fewer than the document has only when [`Self::truncated`].
    pub pages: Vec<TextPage>,
    /// Whether the document has more text than is kept.
    #[serde(default, skip_serializing_if = "is_false")]
    pub truncated: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextPage {
    /// The width of the page as it is drawn, in points.
    pub width: f32,
    pub height: f32,
    /// Where the text comes from.
    #[serde(default)]
    pub source: TextSource,
    /// How sure the recognition was of the page's words on the whole, of 100; only where they were recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u8>,
    /// The language it is written in (`cs`, `de`, `en`), where its words say so clearly; for speech.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The text in reading order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paragraphs: Vec<Paragraph>,
    /// Whether the page has more text than is kept.
    #[serde(default, skip_serializing_if = "is_false")]
    pub truncated: bool,
}

/// Where the text of a page comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextSource {
    /// From the document itself.
    Pdf,
    /// Recognised from the picture of the page: may be wrong.
    Ocr,
    /// There is none: a picture, an empty page, or a scan that was not recognised.
    #[default]
    #[serde(other)]
    None,
}

/// Lines that belong together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Paragraph {
    #[serde(default, skip_serializing_if = "ParagraphKind::is_text")]
    pub kind: ParagraphKind,
    /// Its lines as they stand on the page.
    pub lines: Vec<TextLine>,
}

/// What a paragraph is, as far as its shape tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParagraphKind {
    /// Larger than the page's text.
    Heading,
    /// Separate lines: a table, an address.
    Lines,
    /// A header, footer or page number: left out when the text is read continuously.
    Margin,
    /// Running text: its lines may be joined and broken anew.
    #[default]
    #[serde(other)]
    Text,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TextLine {
    /// Its words in reading order.
    pub words: Vec<TextWord>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TextWord {
    pub text: String,
    pub place: TextBox,
    /// How sure the recognition was, of 100; only where it was recognised.
    pub confidence: Option<u8>,
}

/// A place on a page in points, from the page's upper left corner as it is drawn, after its own rotation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextBox {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

/// Why bytes are not a rendition.
#[derive(Debug, thiserror::Error)]
pub enum TextRenditionError {
    /// It is over a bound.
    #[error("the text of a document has {found} {what}, the bound is {bound}")]
    TooLarge {
        what: &'static str,
        found: u64,
        bound: u64,
    },
    #[error("the text of a document cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

impl TextRendition {
    /// Reads a rendition. Its hash is the caller's to verify.
    ///
    /// # Errors
    ///
    /// When it is over a bound or not a rendition.
    pub fn from_json(bytes: &[u8]) -> Result<Self, TextRenditionError> {
        within("bytes", bytes.len() as u64, MAX_BYTES)?;
        let read: Self = serde_json::from_slice(bytes)?;
        within("pages", read.pages.len() as u64, MAX_PAGES as u64)?;
        within("words", read.word_count() as u64, MAX_WORDS as u64)?;
        Ok(read)
    }

    /// Its exact bytes, within all bounds: pages at the end that are over one are left out.
    pub fn to_json(&self) -> Vec<u8> {
        let mut pages = self.pages.len().min(MAX_PAGES);
        let mut words = 0;
        // The bound on words comes first; it usually satisfies the bound on bytes too.
        for (index, page) in self.pages[..pages].iter().enumerate() {
            words += page.words().count();
            if words > MAX_WORDS {
                pages = index;
                break;
            }
        }
        loop {
            let bytes = self.first_pages(pages);
            if bytes.len() as u64 <= MAX_BYTES || pages == 0 {
                return bytes;
            }
            pages -= pages.div_ceil(10);
        }
    }

    fn first_pages(&self, count: usize) -> Vec<u8> {
        #[derive(Serialize)]
        struct Cut<'a> {
            pages: &'a [TextPage],
            #[serde(skip_serializing_if = "is_false")]
            truncated: bool,
        }
        serde_json::to_vec(&Cut {
            pages: &self.pages[..count],
            truncated: self.truncated || count < self.pages.len(),
        })
        .expect("a text rendition serialises")
    }

    /// How many words it has.
    pub fn word_count(&self) -> usize {
        self.pages.iter().map(|page| page.words().count()).sum()
    }

    /// Whether no page has a word.
    pub fn is_empty(&self) -> bool {
        self.pages.iter().all(TextPage::is_empty)
    }
}

impl TextPage {
    /// A page of this size without text.
    pub fn empty(width: f32, height: f32) -> Self {
        Self {
            width: tenths(width),
            height: tenths(height),
            source: TextSource::None,
            confidence: None,
            language: None,
            paragraphs: Vec::new(),
            truncated: false,
        }
    }

    /// The language it is written in, where that is known and the interface speaks it.
    pub fn written_in(&self) -> Option<Language> {
        let code = self.language.as_deref()?;
        Language::ALL
            .into_iter()
            .find(|language| language.code() == code)
    }

    /// Its words in reading order.
    pub fn words(&self) -> impl Iterator<Item = &TextWord> {
        self.paragraphs
            .iter()
            .flat_map(|paragraph| &paragraph.lines)
            .flat_map(|line| &line.words)
    }

    /// Whether it has no word.
    pub fn is_empty(&self) -> bool {
        self.words().next().is_none()
    }

    /// Whether the confidence of its words is so low that the interface has to say so.
    pub fn is_doubtful(&self) -> bool {
        self.confidence
            .is_some_and(|confidence| confidence < DOUBTFUL_BELOW)
    }

    /// The whole text, one paragraph a line.
    pub fn plain(&self) -> String {
        let paragraphs: Vec<String> = self.paragraphs.iter().map(Paragraph::text).collect();
        paragraphs.join("\n")
    }
}

impl Paragraph {
    /// The paragraph to be read or broken into lines anew: words divided at a line's end are whole again.
    ///
    /// The lines of [`ParagraphKind::Lines`] and [`ParagraphKind::Margin`] stay lines, with an em space between the cells of a table.
    pub fn text(&self) -> String {
        let stays_lines = matches!(self.kind, ParagraphKind::Lines | ParagraphKind::Margin);
        let mut text = String::new();
        for line in &self.lines {
            if !text.is_empty() {
                if stays_lines {
                    text.push('\n');
                } else if line
                    .words
                    .first()
                    .is_some_and(|word| is_divided(&text, &word.text))
                {
                    text.pop();
                } else {
                    text.push(' ');
                }
            }
            let mut before: Option<&TextWord> = None;
            for word in &line.words {
                if let Some(before) = before {
                    let gap = word.place.x - before.place.right();
                    let is_cell =
                        stays_lines && gap > CELL_GAP * before.place.height.max(word.place.height);
                    text.push(if is_cell { '\u{2003}' } else { ' ' });
                }
                text.push_str(&word.text);
                before = Some(word);
            }
        }
        text
    }

    /// Whether the last word of the line before goes on in this one, counted from 0.
    pub fn goes_on_in(&self, line: usize) -> bool {
        let stays_lines = matches!(self.kind, ParagraphKind::Lines | ParagraphKind::Margin);
        let before = line
            .checked_sub(1)
            .and_then(|before| self.lines.get(before));
        let last = before.and_then(|before| before.words.last());
        let first = self.lines.get(line).and_then(|line| line.words.first());
        !stays_lines
            && last
                .zip(first)
                .is_some_and(|(last, first)| is_divided(&last.text, &first.text))
    }
}

/// Whether the last word of a line goes on in the first of the next: „po-" and „platek", but not „Karlovy Vary -" or
/// „2025-".
pub fn is_divided(before: &str, after: &str) -> bool {
    let mut end = before.chars().rev();
    matches!(end.next(), Some('-' | '\u{2010}'))
        && end.next().is_some_and(char::is_alphabetic)
        && after.chars().next().is_some_and(char::is_lowercase)
}

impl TextWord {
    /// Whether its confidence is so low that the interface has to say so.
    pub fn is_doubtful(&self) -> bool {
        self.confidence
            .is_some_and(|confidence| confidence < DOUBTFUL_BELOW)
    }
}

impl TextBox {
    /// A place rounded to a tenth of a point; what is no number counts as 0.
    pub fn new(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self {
            x: tenths(x),
            y: tenths(y),
            width: tenths(width),
            height: tenths(height),
        }
    }

    pub fn right(&self) -> f32 {
        self.x + self.width
    }

    pub fn bottom(&self) -> f32 {
        self.y + self.height
    }
}

impl Serialize for TextWord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let length = 5 + usize::from(self.confidence.is_some());
        let mut word = serializer.serialize_seq(Some(length))?;
        word.serialize_element(&self.text)?;
        for number in [
            self.place.x,
            self.place.y,
            self.place.width,
            self.place.height,
        ] {
            serialize_number(&mut word, number)?;
        }
        if let Some(confidence) = self.confidence {
            word.serialize_element(&confidence)?;
        }
        word.end()
    }
}

/// Whole numbers without „.0".
fn serialize_number<S: serde::ser::SerializeSeq>(to: &mut S, number: f32) -> Result<(), S::Error> {
    if number.fract() == 0.0 && number.abs() < 1e6 {
        to.serialize_element(&(number as i32))
    } else {
        to.serialize_element(&number)
    }
}

impl<'de> Deserialize<'de> for TextWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word;
        impl<'de> de::Visitor<'de> for Word {
            type Value = TextWord;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a word with its place")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<TextWord, A::Error> {
                fn next<'de, A: de::SeqAccess<'de>, T: Deserialize<'de>>(
                    seq: &mut A,
                    place: usize,
                ) -> Result<T, A::Error> {
                    seq.next_element()?
                        .ok_or_else(|| de::Error::invalid_length(place, &Word))
                }
                let word = TextWord {
                    text: next(&mut seq, 0)?,
                    place: TextBox {
                        x: next(&mut seq, 1)?,
                        y: next(&mut seq, 2)?,
                        width: next(&mut seq, 3)?,
                        height: next(&mut seq, 4)?,
                    },
                    confidence: seq.next_element::<u8>()?.map(|of_100| of_100.min(100)),
                };
                while seq.next_element::<de::IgnoredAny>()?.is_some() {}
                Ok(word)
            }
        }
        deserializer.deserialize_seq(Word)
    }
}

impl ParagraphKind {
    fn is_text(&self) -> bool {
        *self == Self::Text
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

fn tenths(number: f32) -> f32 {
    let rounded = (f64::from(number) * 10.0).round() / 10.0;
    if rounded.is_finite() {
        rounded.clamp(-1e6, 1e6) as f32
    } else {
        0.0
    }
}

fn within(what: &'static str, found: u64, bound: u64) -> Result<(), TextRenditionError> {
    if found > bound {
        return Err(TextRenditionError::TooLarge { what, found, bound });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> TextWord {
        TextWord {
            text: text.to_owned(),
            place: TextBox::new(71.5, 102.34, 44.09, 12.0),
            confidence: None,
        }
    }

    fn line(text: &str) -> TextLine {
        TextLine {
            words: text.split(' ').map(word).collect(),
        }
    }

    fn paragraph(kind: ParagraphKind, lines: &[&str]) -> Paragraph {
        Paragraph {
            kind,
            lines: lines.iter().copied().map(line).collect(),
        }
    }

    fn page(words: usize) -> TextPage {
        TextPage {
            source: TextSource::Pdf,
            paragraphs: vec![Paragraph {
                kind: ParagraphKind::Text,
                lines: vec![TextLine {
                    words: vec![word("rozpočet"); words],
                }],
            }],
            ..TextPage::empty(595.28, 841.89)
        }
    }

    #[test]
    fn a_rendition_travels_without_loss_and_in_few_bytes() {
        let mut recognised = page(1);
        recognised.source = TextSource::Ocr;
        recognised.confidence = Some(88);
        recognised.language = Some("cs".to_owned());
        recognised.paragraphs[0].kind = ParagraphKind::Heading;
        recognised.paragraphs[0].lines[0].words[0].confidence = Some(64);
        let rendition = TextRendition {
            pages: vec![page(1), recognised, TextPage::empty(595.28, 841.89)],
            truncated: false,
        };
        let bytes = rendition.to_json();
        assert_eq!(
            String::from_utf8_lossy(&bytes),
            r#"{"pages":[{"width":595.3,"height":841.9,"source":"pdf","paragraphs":[{"lines":[[["rozpočet",71.5,102.3,44.1,12]]]}]},{"width":595.3,"height":841.9,"source":"ocr","confidence":88,"language":"cs","paragraphs":[{"kind":"heading","lines":[[["rozpočet",71.5,102.3,44.1,12,64]]]}]},{"width":595.3,"height":841.9,"source":"none"}]}"#
        );
        assert_eq!(TextRendition::from_json(&bytes).unwrap(), rendition);
        assert_eq!(rendition.pages[1].written_in(), Some(Language::Czech));
        assert_eq!(rendition.pages[0].written_in(), None);
        assert!(rendition.pages[1].words().all(TextWord::is_doubtful));
        assert!(!rendition.pages[1].is_doubtful());
    }

    #[test]
    fn what_a_newer_central_adds_is_passed_over() {
        let json = r#"{"mood":1,"pages":[{"width":1,"height":2,"source":"dream","paragraphs":
            [{"kind":"poem","lines":[[["a",1,2,3,4,101,"x"]]]}]}]}"#;
        let read = TextRendition::from_json(json.as_bytes()).unwrap();
        assert_eq!(read.pages[0].source, TextSource::None);
        assert_eq!(read.pages[0].paragraphs[0].kind, ParagraphKind::Text);
        assert_eq!(read.pages[0].words().next().unwrap().confidence, Some(100));
    }

    #[test]
    fn what_is_over_the_bounds_is_cut_and_says_so() {
        let rendition = TextRendition {
            pages: vec![page(1_000); MAX_WORDS / 1_000 + 50],
            truncated: false,
        };
        let read = TextRendition::from_json(&rendition.to_json()).unwrap();
        assert!(read.truncated);
        assert!((1..=MAX_WORDS).contains(&read.word_count()));
        assert!(read.word_count() > MAX_WORDS / 2);

        let many_pages = TextRendition {
            pages: vec![page(1); MAX_PAGES + 1],
            truncated: false,
        };
        let read = TextRendition::from_json(&many_pages.to_json()).unwrap();
        assert!(read.truncated);
        assert_eq!(read.pages.len(), MAX_PAGES);
    }

    #[test]
    fn more_than_the_bounds_is_not_read() {
        let too_long = vec![b' '; usize::try_from(MAX_BYTES).unwrap() + 1];
        assert!(matches!(
            TextRendition::from_json(&too_long),
            Err(TextRenditionError::TooLarge { what: "bytes", .. })
        ));
        let pages = vec![r#"{"width":1,"height":1}"#; MAX_PAGES + 1].join(",");
        assert!(matches!(
            TextRendition::from_json(format!(r#"{{"pages":[{pages}]}}"#).as_bytes()),
            Err(TextRenditionError::TooLarge { what: "pages", .. })
        ));
        assert!(
            TextRendition::from_json(
                br#"{"pages":[{"width":1,"height":1,"paragraphs":[{"lines":[[["a",1,2,3]]]}]}]}"#
            )
            .is_err()
        );
    }

    #[test]
    fn divided_words_are_whole_again_and_lines_of_a_table_stay_lines() {
        let check = |kind, lines: &[&str], expected: &str| {
            assert_eq!(paragraph(kind, lines).text(), expected);
        };
        check(
            ParagraphKind::Text,
            &[
                "místní po-",
                "platek za",
                "rok 2025-",
                "2026 Praha-",
                "Libeň",
            ],
            "místní poplatek za rok 2025- 2026 Praha- Libeň",
        );
        check(
            ParagraphKind::Lines,
            &["daně 12", "dary 3"],
            "daně 12\ndary 3",
        );
        let mut row = paragraph(ParagraphKind::Lines, &["Daňové příjmy 90 825"]);
        for (word, x) in row.lines[0].words.iter_mut().zip([0.0, 50.0, 200.0, 245.0]) {
            word.place.x = x;
        }
        assert_eq!(row.text(), "Daňové příjmy\u{2003}90 825");
        check(ParagraphKind::Text, &[], "");
    }

    #[test]
    fn a_place_that_is_no_number_is_none() {
        let place = TextBox::new(f32::NAN, f32::INFINITY, -1.26, 1e20);
        assert_eq!(
            (place.x, place.y, place.width, place.height),
            (0.0, 0.0, -1.3, 1e6)
        );
    }
}
