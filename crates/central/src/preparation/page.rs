//! One page: from the output of the worker or the recogniser to the published text.

use vyveska_pages::{PageSize, PageText, RenderRequest, Scale};
use vyveska_wire::text_rendition::{Paragraph, TextBox, TextPage, TextSource, TextWord};

use super::layout::{self, Line, letters};
use super::tsv::Recognised;

/// The density at which letters are recognised best.
const DOTS_PER_INCH: f32 = 300.0;
/// An A4 page at that density has 9 million; a plan is drawn coarser.
const MAX_PIXELS: f32 = 25_000_000.0;
/// A page with fewer letters may be a scan under a stamp or a number of the page.
const FEWEST_LETTERS: usize = 25;
/// What an unmapped glyph is read as.
const UNKNOWN: char = '\u{fffd}';

/// A page with its own text.
pub(super) struct Made {
    pub(super) text: TextPage,
    /// Whether it should be recognised: it has hardly any text, or unmapped glyphs.
    pub(super) wants_recognition: bool,
}

impl Made {
    /// A page without readable text; it may still be recognised.
    pub(super) fn empty(size: PageSize) -> Self {
        Self {
            text: TextPage::empty(size.width, size.height),
            wants_recognition: true,
        }
    }
}

/// The page with the text the document itself has.
pub(super) fn from_document(size: PageSize, text: PageText) -> Made {
    let mut lines: Vec<Line> = Vec::new();
    let mut number = None;
    let mut known = 0;
    for word in text.words {
        // Unmapped glyphs can be neither searched nor spoken.
        let readable: String = word.text.chars().filter(|c| *c != UNKNOWN).collect();
        if readable.is_empty() {
            continue;
        }
        known += letters(&readable);
        let bounds = word.bounds;
        let place = TextBox::new(bounds.x, bounds.y, bounds.width, bounds.height);
        if number != Some(word.line) {
            number = Some(word.line);
            let goes_on = is_upright(&readable, &place)
                && lines.last().is_some_and(|line| continues(line, &place));
            if !goes_on {
                lines.push(Line {
                    words: Vec::new(),
                    paragraph: None,
                });
            }
        }
        if let Some(line) = lines.last_mut() {
            line.words.push(TextWord {
                text: readable,
                place,
                confidence: None,
            });
        }
    }
    let unknown = text.unknown_letters as usize;
    let paragraphs = layout::paragraphs(lines);
    Made {
        wants_recognition: known < FEWEST_LETTERS || unknown * 4 > known,
        text: TextPage {
            source: source_of(&paragraphs, TextSource::Pdf),
            paragraphs,
            truncated: text.truncated,
            ..TextPage::empty(size.width, size.height)
        },
    }
}

/// Whether a word continues a line: some programs write every cell or word separately.
fn continues(line: &Line, place: &TextBox) -> bool {
    let Some(last) = line.words.last().map(|word| word.place) else {
        return false;
    };
    let (top, bottom) = (last.y.max(place.y), last.bottom().min(place.bottom()));
    let height = last.height.min(place.height);
    height > 0.0 && bottom - top > 0.6 * height && place.x >= last.right() - 0.2 * height
}

/// Whether a word stands as it is read, and not turned: then it is higher than its letters are wide.
fn is_upright(text: &str, place: &TextBox) -> bool {
    place.width > 0.15 * text.chars().count() as f32 * place.height
}

/// The page with the text recognised from its picture.
pub(super) fn from_picture(size: PageSize, found: Recognised) -> TextPage {
    TextPage {
        source: TextSource::Ocr,
        confidence: Some(found.confidence),
        paragraphs: layout::paragraphs(found.lines),
        ..TextPage::empty(size.width, size.height)
    }
}

/// Replaces the page's own text where the recognised one is clearly longer.
pub(super) fn prefer(own: &mut TextPage, recognised: TextPage) {
    let count = |page: &TextPage| -> usize { page.words().map(|word| letters(&word.text)).sum() };
    if count(&recognised) > 2 * count(own) {
        *own = recognised;
    }
}

/// The request for the picture of a page to recognise.
pub(super) fn picture_request(page: u32, size: PageSize) -> RenderRequest {
    let area = (size.width * size.height).max(1.0);
    let scale = (DOTS_PER_INCH / 72.0).min((MAX_PIXELS / area).sqrt());
    RenderRequest {
        page,
        region: None,
        scale: Scale::PerPoint(scale),
    }
}

fn source_of(paragraphs: &[Paragraph], source: TextSource) -> TextSource {
    if paragraphs.is_empty() {
        TextSource::None
    } else {
        source
    }
}

#[cfg(test)]
mod tests {
    use vyveska_pages::{PageRect, Word};

    use super::*;

    const A4: PageSize = PageSize {
        width: 595.0,
        height: 842.0,
    };

    fn word(text: &str, x: f32, line: u32) -> Word {
        Word {
            text: text.to_owned(),
            bounds: PageRect {
                x,
                y: 100.0,
                width: 40.0,
                height: 10.0,
            },
            line,
        }
    }

    fn page(words: Vec<Word>, unknown_letters: u32) -> Made {
        let text = PageText {
            words,
            unknown_letters,
            hidden_letters: 0,
            truncated: false,
        };
        from_document(A4, text)
    }

    #[test]
    fn a_page_with_text_needs_no_recognition() {
        let words = vec![
            word("Zastupitelstvo", 10.0, 0),
            word("schválilo", 55.0, 0),
            word("rozpočet", 100.0, 1),
        ];
        let made = page(words, 0);
        assert!(!made.wants_recognition);
        assert_eq!(made.text.source, TextSource::Pdf);
        assert_eq!(made.text.plain(), "Zastupitelstvo schválilo rozpočet");
    }

    #[test]
    fn scans_and_letters_without_meaning_want_recognition() {
        assert!(page(Vec::new(), 0).wants_recognition);
        assert_eq!(page(Vec::new(), 0).text.source, TextSource::None);
        assert!(page(vec![word("č. j. 1", 10.0, 0)], 0).wants_recognition);
        let meaningless = word("\u{fffd}\u{fffd}\u{fffd}", 10.0, 0);
        let long = word("Zastupitelstvo města Lipnice", 60.0, 0);
        let made = page(vec![meaningless, long], 50);
        assert!(made.wants_recognition);
        assert_eq!(made.text.words().count(), 1);
    }

    #[test]
    fn recognised_text_is_taken_where_it_says_more() {
        let recognised = |text: &str| {
            let mut page = page(vec![word(text, 10.0, 0)], 0).text;
            page.source = TextSource::Ocr;
            page
        };
        let mut own = page(vec![word("Strana 1", 10.0, 0)], 0).text;
        prefer(&mut own, recognised("Strana1"));
        assert_eq!(own.source, TextSource::Pdf);
        prefer(&mut own, recognised("Rozhodnutí o povolení záměru"));
        assert_eq!(own.source, TextSource::Ocr);
    }

    #[test]
    fn pictures_for_recognition_are_sharp_but_bounded() {
        let scale = |size| match picture_request(0, size).scale {
            Scale::PerPoint(scale) => scale,
            other => panic!("{other:?}"),
        };
        assert!((scale(A4) - 300.0 / 72.0).abs() < 1e-3);
        let plan = PageSize {
            width: 2384.0,
            height: 3370.0,
        };
        assert!(scale(plan).powi(2) * 2384.0 * 3370.0 < 25_100_000.0);
    }
}
