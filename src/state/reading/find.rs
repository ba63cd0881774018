//! Finding words in the open document.
//!
//! What is typed here is looked for as it stands, letter by letter. Where a search of the whole board led here, each of
//! its words is looked for by itself, at the beginning of words.

use std::sync::Arc;

use vyveska_board::search::fold;
use vyveska_wire::text_rendition::TextBox;

use super::layout::{Frame, MARGIN, Placed};
use super::{Panel, Reading, SearchableText, Sheets};
use crate::state::event::Size;
use crate::state::typing::{Strike, Typing, TypingIntent};

/// More places than this are not counted: nobody goes through them.
const MOST_HITS: usize = 2000;

/// A word of a search with more bytes than this is not looked for.
const MOST_LETTERS: usize = 80;

/// What is looked for in the document, and where it was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Finding {
    wish: Wish,
    hits: Arc<[Hit]>,
    at: usize,
    /// The page from which on it is looked for.
    from: usize,
    /// Whether the text was there and was looked through.
    looked: bool,
    /// The field in which one types what is to be found here.
    typing: Typing,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Wish {
    #[default]
    Nothing,
    /// What stands in the field: these letters in this order.
    Typed,
    /// Words of a search: each by itself.
    Words(Vec<String>),
}

/// A place where it was found.
#[derive(Debug, Clone, PartialEq)]
struct Hit {
    page: usize,
    /// One box for each line it stands on.
    boxes: Vec<TextBox>,
}

/// A part of a page that is marked because it was found, in logical pixels among the pages.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// Where.
    pub frame: Frame,
    /// Whether it is the place one was led to.
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
            wish: if words.is_empty() {
                Wish::Nothing
            } else {
                Wish::Words(words)
            },
            ..Self::default()
        }
    }

    /// What is looked for, as it was typed; empty when nothing is.
    pub fn words(&self) -> String {
        match &self.wish {
            Wish::Nothing => String::new(),
            Wish::Typed => self.typing.text().to_owned(),
            Wish::Words(words) => words.join(" "),
        }
    }

    /// The field in which one types what is to be found here.
    pub fn typing(&self) -> &Typing {
        &self.typing
    }

    /// Whether anything is looked for.
    pub fn is_on(&self) -> bool {
        self.wish != Wish::Nothing
    }

    /// How many places were found.
    pub fn count(&self) -> usize {
        self.hits.len()
    }

    /// The place one was led to, counted from 0.
    pub fn position(&self) -> usize {
        self.at
    }

    /// The page of that place, counted from 0.
    pub fn page(&self) -> Option<usize> {
        self.hits.get(self.at).map(|hit| hit.page)
    }

    fn look(&mut self, text: &SearchableText) {
        let typed = fold(&one_spaced(self.typing.text()));
        let pages = text.pages().len();
        let mut hits = Vec::new();
        // From the page that is read on, so that the bound never hides what is near.
        let from = self.from.min(pages);
        for page in (from..pages).chain(0..from) {
            let mut found = match &self.wish {
                Wish::Nothing => Vec::new(),
                Wish::Typed => text.places(page, &typed, false, MOST_HITS),
                Wish::Words(words) => words
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
    /// What is looked for in the document.
    pub fn finding(&self) -> &Finding {
        &self.finding
    }

    /// Looks again, because the text came or went.
    pub(super) fn refresh_finding(&mut self, sheets: &Sheets<'_>) {
        match sheets.text {
            Some(text) if self.finding.is_on() && !self.finding.looked => {
                self.finding.look(text);
                let page = self.current(sheets);
                self.finding.at = self.first_from(page);
                self.show_hit(sheets);
            }
            _ => {}
        }
    }

    fn first_from(&self, page: usize) -> usize {
        let hits = &self.finding.hits;
        hits.iter().position(|hit| hit.page >= page).unwrap_or(0)
    }

    /// Types into the field, and finds what stands in it then.
    pub(in crate::state) fn type_to_find(
        &mut self,
        intent: TypingIntent,
        strike: Strike,
        sheets: &Sheets<'_>,
    ) {
        if !self.finding.typing.follow(intent, strike) {
            return;
        }
        self.finding.wish = if self.finding.typing.text().trim().is_empty() {
            Wish::Nothing
        } else {
            Wish::Typed
        };
        if let Some(text) = sheets.text {
            self.finding.look(text);
        }
        self.finding.at = self.first_from(self.finding.from);
        self.show_hit(sheets);
    }

    /// What is typed from now on is looked for from the page that is read now.
    pub(super) fn find_from_here(&mut self, sheets: &Sheets<'_>) {
        self.finding.from = self.current(sheets);
    }

    pub(super) fn find_next(&mut self, sheets: &Sheets<'_>) {
        let count = self.finding.hits.len();
        if count > 0 {
            self.finding.at = (self.finding.at + 1) % count;
            self.show_hit(sheets);
        }
    }

    pub(super) fn find_previous(&mut self, sheets: &Sheets<'_>) {
        let count = self.finding.hits.len();
        if count > 0 {
            self.finding.at = (self.finding.at + count - 1) % count;
            self.show_hit(sheets);
        }
    }

    pub(super) fn find_end(&mut self) {
        self.finding.typing.replace("");
        self.finding.wish = Wish::Nothing;
        self.finding.hits = Arc::default();
        self.finding.at = 0;
        self.close_panel();
    }

    /// Brings the place one is led to into the window.
    fn show_hit(&mut self, sheets: &Sheets<'_>) {
        let Some(hit) = self.finding.hits.get(self.finding.at).cloned() else {
            return;
        };
        if self.text_page.is_some() {
            self.text_page = Some(hit.page);
        }
        let place = hit.boxes.first().copied();
        let Some((page, place)) = self.layout(sheets).page(hit.page).zip(place) else {
            return;
        };
        let Some(frame) = self.on_page(&page, place, sheets) else {
            return;
        };
        let Size { width, height } = sheets.viewer;
        let inside = |from: f32, to: f32, start: f32, room: f32| {
            from >= start + MARGIN && to <= start + room - MARGIN
        };
        // What is in sight already stays where it is.
        // While one types, the field and the keyboard leave a strip of the pages.
        let (top, room) = match self.panel {
            Some(Panel::Find) => (self.y + height * 0.22, height * 0.2),
            _ => (self.y, height),
        };
        if !inside(frame.y, frame.y + frame.height, top, room) {
            self.y = (frame.y - height * 0.3).round();
        }
        if !inside(frame.x, frame.x + frame.width, self.x, width) {
            // Of what is wider than the window, the beginning is shown.
            let middle = frame.x + frame.width / 2.0 - width / 2.0;
            self.x = middle.min(frame.x - MARGIN).round();
        }
        self.jumps = self.jumps.wrapping_add(1);
        self.clamp(sheets);
    }

    /// A place on a page among the pages.
    fn on_page(&self, page: &Placed, place: TextBox, sheets: &Sheets<'_>) -> Option<Frame> {
        let points = sheets.text?.pages().get(page.index)?;
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
        let part = self.turns.frame(part, size);
        let turned = self.turns.size(size);
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

    /// What is marked on the pages in and near the window.
    pub fn marks(&self, sheets: &Sheets<'_>) -> Vec<Mark> {
        if !self.finding.is_on() || self.reads_text() {
            return Vec::new();
        }
        let near = self.near(sheets);
        let mut marks = Vec::new();
        for (number, hit) in self.finding.hits.iter().enumerate() {
            let Some(page) = near.iter().find(|page| page.index == hit.page) else {
                continue;
            };
            marks.extend(hit.boxes.iter().filter_map(|place| {
                Some(Mark {
                    frame: self.on_page(page, *place, sheets)?,
                    current: number == self.finding.at,
                })
            }));
        }
        marks
    }
}
