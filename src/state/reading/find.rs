//! Search for words in the open document.
//!
//! Text typed here is searched literally. Where a search of the whole board led here, each of its words is searched
//! separately, at the beginning of words.

use std::sync::Arc;

use vyveska_board::search::fold;
use vyveska_wire::text_rendition::TextBox;

use super::layout::{Frame, MARGIN, Placed};
use super::{PageLayoutInput, Reading, SearchableText, ToolPanel};
use crate::state::document::Size;
use crate::state::typing::{KeyPress, Typing, TypingIntent};

/// Hits beyond this number are not counted: nobody goes through them.
const MOST_HITS: usize = 2000;

/// A search word with more bytes than this is ignored.
const MOST_LETTERS: usize = 80;

/// The query within the document, and its hits.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Finding {
    request: FindRequest,
    hits: Arc<[Hit]>,
    at: usize,
    /// The page from which the search starts.
    from: usize,
    /// Whether the text was available and has been searched.
    looked: bool,
    /// The field for a query within the document.
    typing: Typing,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum FindRequest {
    #[default]
    Nothing,
    /// Text typed into the field: these letters in this order.
    Typed,
    /// Words of a board search: each separately.
    Words(Vec<String>),
}

#[derive(Debug, Clone, PartialEq)]
struct Hit {
    page: usize,
    /// One box per line it spans.
    boxes: Vec<TextBox>,
}

/// A highlighted rectangle, in logical pixels within the pages.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    pub frame: Frame,
    /// Whether it is the current hit.
    pub current: bool,
}

impl Finding {
    pub(super) fn of_words(words: &[String]) -> Self {
        let words: Vec<String> = words
            .iter()
            .map(|word| fold(word.trim()))
            .filter(|word| !word.is_empty() && word.len() <= MOST_LETTERS)
            .collect();
        Self {
            request: if words.is_empty() {
                FindRequest::Nothing
            } else {
                FindRequest::Words(words)
            },
            ..Self::default()
        }
    }

    /// The query as it was typed; empty when there is none.
    pub fn words(&self) -> String {
        match &self.request {
            FindRequest::Nothing => String::new(),
            FindRequest::Typed => self.typing.text().to_owned(),
            FindRequest::Words(words) => words.join(" "),
        }
    }

    /// The field for a query within the document.
    pub fn typing(&self) -> &Typing {
        &self.typing
    }

    /// Whether there is a query.
    pub fn is_on(&self) -> bool {
        self.request != FindRequest::Nothing
    }

    /// Number of hits.
    pub fn count(&self) -> usize {
        self.hits.len()
    }

    /// The current hit, counted from 0.
    pub fn position(&self) -> usize {
        self.at
    }

    /// The page of the current hit, counted from 0.
    pub fn page(&self) -> Option<usize> {
        self.hits.get(self.at).map(|hit| hit.page)
    }

    fn look(&mut self, text: &SearchableText) {
        let typed = fold(&one_spaced(self.typing.text()));
        let pages = text.pages().len();
        let mut hits = Vec::new();
        // Starting at the current page, so that the limit never cuts off hits nearby.
        let from = self.from.min(pages);
        for page in (from..pages).chain(0..from) {
            let mut found = match &self.request {
                FindRequest::Nothing => Vec::new(),
                FindRequest::Typed => text.places(page, &typed, false, MOST_HITS),
                FindRequest::Words(words) => words
                    .iter()
                    .flat_map(|word| text.places(page, word, true, MOST_HITS))
                    .collect(),
            };
            found.sort_unstable();
            found.dedup();
            hits.extend(found.into_iter().map(|stretch| Hit {
                page,
                boxes: text.boxes(page, stretch),
            }));
            if hits.len() >= MOST_HITS {
                hits.truncate(MOST_HITS);
                break;
            }
        }
        hits.sort_by_key(|hit| hit.page);
        self.hits = hits.into();
        self.looked = true;
    }
}

fn one_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Reading {
    /// The query in the open document, and its hits.
    pub fn finding(&self) -> &Finding {
        &self.finding
    }

    /// Searches again, because the text arrived or was dropped.
    pub(super) fn refresh_finding(&mut self, layout_input: &PageLayoutInput<'_>) {
        match layout_input.text {
            Some(text) if self.finding.is_on() && !self.finding.looked => {
                self.finding.look(text);
                let page = self.current(layout_input);
                self.finding.at = self.first_from(page);
                self.show_hit(layout_input);
            }
            _ => {}
        }
    }

    fn first_from(&self, page: usize) -> usize {
        let hits = &self.finding.hits;
        hits.iter().position(|hit| hit.page >= page).unwrap_or(0)
    }

    /// Edits the field and searches for its new content.
    pub(in crate::state) fn type_to_find(
        &mut self,
        intent: TypingIntent,
        key_press: KeyPress,
        layout_input: &PageLayoutInput<'_>,
    ) {
        if !self.finding.typing.handle(intent, key_press) {
            return;
        }
        self.finding.request = if self.finding.typing.text().trim().is_empty() {
            FindRequest::Nothing
        } else {
            FindRequest::Typed
        };
        if let Some(text) = layout_input.text {
            self.finding.look(text);
        }
        self.finding.at = self.first_from(self.finding.from);
        self.show_hit(layout_input);
    }

    /// The next query starts from the page that is current now.
    pub(super) fn find_from_here(&mut self, layout_input: &PageLayoutInput<'_>) {
        self.finding.from = self.current(layout_input);
    }

    pub(super) fn find_next(&mut self, layout_input: &PageLayoutInput<'_>) {
        let count = self.finding.hits.len();
        if count > 0 {
            self.finding.at = (self.finding.at + 1) % count;
            self.show_hit(layout_input);
        }
    }

    pub(super) fn find_previous(&mut self, layout_input: &PageLayoutInput<'_>) {
        let count = self.finding.hits.len();
        if count > 0 {
            self.finding.at = (self.finding.at + count - 1) % count;
            self.show_hit(layout_input);
        }
    }

    pub(super) fn find_end(&mut self) {
        self.finding.typing.replace("");
        self.finding.request = FindRequest::Nothing;
        self.finding.hits = Arc::default();
        self.finding.at = 0;
        self.close_panel();
    }

    /// Scrolls the current hit into the window.
    fn show_hit(&mut self, layout_input: &PageLayoutInput<'_>) {
        let Some(hit) = self.finding.hits.get(self.finding.at).cloned() else {
            return;
        };
        if self.text_page.is_some() {
            self.text_page = Some(hit.page);
        }
        let place = hit.boxes.first().copied();
        let Some((page, place)) = self.layout(layout_input).page(hit.page).zip(place) else {
            return;
        };
        let Some(frame) = self.on_page(&page, place, layout_input) else {
            return;
        };
        let Size { width, height } = layout_input.viewer;
        let inside = |from: f32, to: f32, start: f32, room: f32| {
            from >= start + MARGIN && to <= start + room - MARGIN
        };
        // A hit in view does not move.
        // While typing, the field and the keyboard leave only a strip of the pages.
        let (top, room) = match self.panel {
            Some(ToolPanel::Find) => (self.y + height * 0.22, height * 0.2),
            _ => (self.y, height),
        };
        if !inside(frame.y, frame.y + frame.height, top, room) {
            self.y = (frame.y - height * 0.3).round();
        }
        if !inside(frame.x, frame.x + frame.width, self.x, width) {
            // Of a hit wider than the window, its beginning is shown.
            let middle = frame.x + frame.width / 2.0 - width / 2.0;
            self.x = middle.min(frame.x - MARGIN).round();
        }
        self.jumps = self.jumps.wrapping_add(1);
        self.clamp(layout_input);
    }

    /// A rectangle of a page in the coordinates of all pages.
    fn on_page(
        &self,
        page: &Placed,
        place: TextBox,
        layout_input: &PageLayoutInput<'_>,
    ) -> Option<Frame> {
        let points = layout_input.text?.pages().get(page.index)?;
        let size = Size {
            width: points.width.max(1.0),
            height: points.height.max(1.0),
        };
        let part = Frame {
            x: place.x,
            y: place.y,
            width: place.width,
            height: place.height,
        };
        let part = self.rotation.frame(part, size);
        let turned = self.rotation.size(size);
        let (across, down) = (
            page.size.width / turned.width,
            page.size.height / turned.height,
        );
        Some(Frame {
            x: page.x + part.x * across,
            y: page.y + part.y * down,
            width: part.width * across,
            height: part.height * down,
        })
    }

    /// The highlights on the pages in and near the window.
    pub fn marks(&self, layout_input: &PageLayoutInput<'_>) -> Vec<Mark> {
        if !self.finding.is_on() || self.reads_text() {
            return Vec::new();
        }
        let near = self.near(layout_input);
        let mut marks = Vec::new();
        for (number, hit) in self.finding.hits.iter().enumerate() {
            let Some(page) = near.iter().find(|page| page.index == hit.page) else {
                continue;
            };
            marks.extend(hit.boxes.iter().filter_map(|place| {
                Some(Mark {
                    frame: self.on_page(page, *place, layout_input)?,
                    current: number == self.finding.at,
                })
            }));
        }
        marks
    }
}
