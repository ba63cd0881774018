//! Reading a document, page by page and sentence by sentence.

use vyveska_board::Language;
use vyveska_wire::text_rendition::{ParagraphKind, TextPage, TextSource};

use super::queue::{Message, Piece};
use super::{Effect, Narrator, PageWanted};
use crate::speech::sentences::sentences;

/// The separator between the cells of a table.
const CELL: char = '\u{2003}';

/// The text available for the open document.
#[derive(Debug, Clone, PartialEq)]
pub enum PageText {
    NoDocument,
    /// The document has no text; where a copy can be had.
    NoText {
        /// In the interface's language.
        elsewhere: String,
    },
    /// The text has not been loaded yet.
    NotHere,
    Page(ReadablePage),
}

#[derive(Debug, Clone, PartialEq)]
pub struct ReadablePage {
    /// Index, counted from 0.
    pub page: usize,
    /// Number of pages in the document.
    pub pages: usize,
    pub sentences: Vec<String>,
    /// Whether the text comes from OCR.
    pub recognised: bool,
    /// Whether the OCR is doubtful.
    pub doubtful: bool,
    pub language: Language,
    /// Whether the text is truncated.
    pub cut: bool,
}

impl ReadablePage {
    pub fn new(page: usize, pages: usize, text: &TextPage, language: Language) -> Self {
        // Headers and footers that repeat on every page are not read.
        let paragraphs = text
            .paragraphs
            .iter()
            .filter(|paragraph| paragraph.kind != ParagraphKind::Margin);
        let sentences = paragraphs
            .flat_map(|paragraph| {
                let lines = paragraph.text();
                // Every row of a table and every cell is separate.
                let lines = lines.lines().map(|line| line.replace(CELL, ", "));
                lines.collect::<Vec<_>>()
            })
            .flat_map(|line| sentences(&line));
        Self {
            page,
            pages,
            sentences: sentences.collect(),
            recognised: text.source == TextSource::Ocr,
            doubtful: text.source == TextSource::Ocr && text.is_doubtful(),
            language,
            cut: text.truncated,
        }
    }
}

/// Which sentence of which page is said next; no page until its text has come.
#[derive(Debug, Clone)]
pub(super) struct ReadingPosition {
    page: Option<ReadablePage>,
    /// Index of the sentence that is said next.
    next: usize,
    announced: Announced,
}

/// The introduction said before the text.
#[derive(Debug, Clone, Copy, Default)]
struct Announced {
    recognised: bool,
    /// The introduction of the page before.
    doubtful: bool,
}

impl ReadingPosition {
    /// Repeats the interrupted sentence on resuming.
    pub(super) fn again(&mut self) {
        self.next = self.next.saturating_sub(1);
    }
}

impl Narrator {
    /// Starts reading from the current page, or resumes where it was interrupted.
    pub(super) fn read_document(&mut self) -> Vec<Effect> {
        if self
            .reading
            .as_ref()
            .is_some_and(|reading| reading.page.is_some())
        {
            return self.read_sentence_again();
        }
        self.reading = Some(ReadingPosition {
            page: None,
            next: 0,
            announced: Announced::default(),
        });
        vec![Effect::ReadPage(PageWanted::Open)]
    }

    pub fn is_reading_document(&self) -> bool {
        self.reading.is_some()
    }

    /// Starts reading the document at the request of a control on the screen.
    pub fn start_reading(&mut self) -> Vec<Effect> {
        if !self.on {
            return Vec::new();
        }
        self.reading = None;
        let mut effects = self.queue.silence();
        effects.extend(self.read_document());
        effects
    }

    /// Takes the text requested by [`Effect::ReadPage`].
    pub fn page_text(&mut self, text: PageText) -> Vec<Effect> {
        let Some(reading) = &mut self.reading else {
            return Vec::new();
        };
        let page = match text {
            PageText::Page(page) => page,
            PageText::NoDocument => return self.cannot_read(self.words().no_document(), ""),
            PageText::NotHere => return self.cannot_read(self.words().text_not_here(), ""),
            PageText::NoText { elsewhere } => {
                return self.cannot_read(self.words().document_without_text(), &elsewhere);
            }
        };
        let before = reading.announced;
        reading.announced = Announced {
            recognised: before.recognised || page.recognised,
            doubtful: page.doubtful,
        };
        reading.next = 0;
        reading.page = Some(page.clone());
        let words = self.words();
        let mut message = Message::new();
        message.own(&words.page(page.page + 1, page.pages), self.language);
        if page.recognised && !before.recognised {
            message.own(words.recognised(), self.language);
        }
        if page.doubtful && !before.doubtful {
            message.own(words.doubtful(), self.language);
        }
        if page.sentences.is_empty() {
            message.own(words.page_without_text(), self.language);
        }
        self.say(message)
    }

    fn cannot_read(&mut self, why: &str, elsewhere: &str) -> Vec<Effect> {
        self.reading = None;
        let mut message = Message::new();
        message.own(why, self.language);
        self.label(elsewhere, &mut message);
        self.say(message)
    }

    /// The next sentence, the next page, or the end.
    pub(super) fn read_on(&mut self) -> Vec<Effect> {
        let Some(reading) = &mut self.reading else {
            return Vec::new();
        };
        let Some(page) = &reading.page else {
            return Vec::new();
        };
        if let Some(sentence) = page.sentences.get(reading.next) {
            let piece = Piece {
                text: sentence.clone(),
                language: page.language,
            };
            reading.next += 1;
            let mut message = Message::new();
            message.push(piece);
            return self.say(message);
        }
        let (next, pages, cut) = (page.page + 1, page.pages, page.cut);
        if next < pages {
            reading.page = None;
            return vec![Effect::ReadPage(PageWanted::Number(next))];
        }
        self.reading = None;
        let words = self.words();
        self.say_own(if cut {
            words.cut()
        } else {
            words.end_of_document()
        })
    }

    pub(super) fn read_sentence_again(&mut self) -> Vec<Effect> {
        if let Some(reading) = &mut self.reading {
            reading.again();
        }
        self.read_on()
    }
}
