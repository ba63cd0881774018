//! The text of an open document, indexed for searching in it.
//!
//! A page's words are folded and joined by single spaces, so that a query matches across words and lines, regardless of
//! accents and capitals. Folding three hundred pages takes too long for the interface thread: the thread that reads the
//! text also builds the index.

use vyveska_board::search::fold;
use vyveska_wire::text_rendition::{TextBox, TextPage, TextRendition, TextWord};

/// A document's text with its folded words.
#[derive(Debug, PartialEq)]
pub struct SearchableText {
    rendition: TextRendition,
    folded: Vec<FoldedPage>,
}

#[derive(Debug, PartialEq)]
struct FoldedPage {
    text: String,
    /// The offset in `text` at which each word of the page starts.
    starts: Vec<usize>,
}

/// The range of words that a hit spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stretch {
    from: usize,
    through: usize,
}

impl From<TextRendition> for SearchableText {
    fn from(rendition: TextRendition) -> Self {
        let folded = rendition.pages.iter().map(FoldedPage::of).collect();
        Self { rendition, folded }
    }
}

impl SearchableText {
    /// The document's original text, page by page.
    pub fn pages(&self) -> &[TextPage] {
        &self.rendition.pages
    }

    /// The hits on a page, at most `most`, in the order of the words.
    pub(super) fn places(
        &self,
        page: usize,
        letters: &str,
        at_beginnings: bool,
        most: usize,
    ) -> Vec<Stretch> {
        match self.folded.get(page) {
            Some(folded) if !letters.is_empty() => folded.places(letters, at_beginnings, most),
            _ => Vec::new(),
        }
    }

    /// The boxes of words on their page, merged per line.
    pub(super) fn boxes(&self, page: usize, stretch: Stretch) -> Vec<TextBox> {
        let mut boxes: Vec<TextBox> = Vec::new();
        let words = self.rendition.pages.get(page).into_iter().flat_map(words);
        for word in words.take(stretch.through + 1).skip(stretch.from) {
            let place = &word.place;
            match boxes.last_mut() {
                Some(line) if goes_on(line, place) => {
                    let (top, bottom) = (line.y.min(place.y), line.bottom().max(place.bottom()));
                    *line = TextBox {
                        x: line.x,
                        y: top,
                        width: place.right() - line.x,
                        height: bottom - top,
                    };
                }
                _ => boxes.push(*place),
            }
        }
        boxes
    }
}

impl FoldedPage {
    fn of(page: &TextPage) -> Self {
        let mut text = String::new();
        let mut starts = Vec::new();
        for paragraph in &page.paragraphs {
            for (number, line) in paragraph.lines.iter().enumerate() {
                let mut goes_on = paragraph.goes_on_in(number);
                for word in &line.words {
                    if std::mem::take(&mut goes_on) {
                        // „po-" and „platek" are one word.
                        if text.ends_with(['-', '\u{2010}']) {
                            text.pop();
                        }
                    } else if !text.is_empty() && !text.ends_with(' ') {
                        text.push(' ');
                    }
                    starts.push(text.len());
                    text.push_str(&fold(&word.text));
                }
            }
        }
        Self { text, starts }
    }

    fn places(&self, letters: &str, at_beginnings: bool, most: usize) -> Vec<Stretch> {
        self.text
            .match_indices(letters)
            .filter(|(at, _)| {
                !at_beginnings
                    || !self.text[..*at]
                        .chars()
                        .next_back()
                        .is_some_and(char::is_alphanumeric)
            })
            .take(most)
            .map(|(at, found)| Stretch {
                from: self.word_at(at),
                through: self.word_at(at + found.len() - 1),
            })
            .collect()
    }

    fn word_at(&self, letter: usize) -> usize {
        self.starts
            .partition_point(|start| *start <= letter)
            .saturating_sub(1)
    }
}

fn words(page: &TextPage) -> impl Iterator<Item = &TextWord> {
    let lines = page
        .paragraphs
        .iter()
        .flat_map(|paragraph| &paragraph.lines);
    lines.flat_map(|line| &line.words)
}

fn goes_on(line: &TextBox, place: &TextBox) -> bool {
    let middle = place.y + place.height / 2.0;
    place.x >= line.x && middle > line.y && middle < line.bottom()
}
