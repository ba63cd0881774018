//! Reading one notice: which document, how large, and which part of it is in the window.

use vyveska_board::NoticeId;
use vyveska_wire::manifest::ContentHash;

use super::board::BoardNotice;
use super::event::Size;
use super::information::{Published, PublishedId};

mod drawings;
mod find;
mod intent;
mod layout;
mod movement;
mod panel;
mod searchable_text;
mod strip;
#[cfg(test)]
mod tests;
mod text_width;
mod zoom;

pub use drawings::{Drawing, Region, Wanted};
pub use find::{Finding, Mark};
pub use intent::ReadingIntent;
pub use layout::{Frame, Placed, Turns};
pub use movement::{Onward, Sideways};
pub use panel::{Leads, Panel};
pub use searchable_text::SearchableText;
pub use strip::Strip;

use layout::Layout;
use text_width::TextWidth;
use zoom::Fit;

/// What a reading is laid out from.
#[derive(Debug, Clone, Copy)]
pub struct Sheets<'a> {
    /// The room for pages, in logical pixels.
    pub viewer: Size,
    /// The sizes of the document's pages in points; empty while they are not known.
    pub sizes: &'a [Size],
    /// The document's text, when it has one and it is here.
    pub text: Option<&'a SearchableText>,
}

/// What is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A notice.
    Notice(NoticeId),
    /// A document of the town's information.
    Published(PublishedId),
}

/// Where a reader is in a notice, or in a document of the town's information.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    subject: Subject,
    chosen: usize,
    document: Option<ContentHash>,
    /// Whether the document was chosen among the attachments, so that one goes back to them.
    from_attachments: bool,
    fit: Fit,
    zoom: f32,
    turns: Turns,
    text_width: Option<TextWidth>,
    x: f32,
    y: f32,
    jumps: u32,
    /// The window the offsets are for.
    laid_out_for: Size,
    /// The page to go to as soon as the pages are known.
    opens_at: Option<usize>,
    /// The page of the text that is read, when it is read instead of the pages.
    text_page: Option<usize>,
    /// How many steps larger than usual the text is set.
    text_steps: u8,
    panel: Option<Panel>,
    jump: String,
    strip: Strip,
    finding: Finding,
}

impl Reading {
    /// Opens a notice at its first document that can be shown here.
    pub(super) fn of(entry: &BoardNotice) -> Self {
        let first = entry
            .notice
            .documents
            .iter()
            .position(|document| document.hash.is_some())
            .unwrap_or(0);
        Self::of_document(entry, first)
    }

    /// Opens a notice at one of its documents.
    pub(super) fn of_document(entry: &BoardNotice, index: usize) -> Self {
        let document = entry.notice.documents.get(index);
        Self::opening(
            Subject::Notice(entry.notice.id.clone()),
            index,
            document.and_then(|document| document.hash).map(ContentHash),
        )
    }

    /// Opens a document of the town's information.
    pub(super) fn of_published(published: &Published) -> Self {
        let document = Some(published.id.document);
        Self::opening(Subject::Published(published.id.clone()), 0, document)
    }

    fn opening(subject: Subject, chosen: usize, document: Option<ContentHash>) -> Self {
        Self {
            subject,
            chosen,
            document,
            from_attachments: false,
            fit: Fit::Text,
            zoom: 1.0,
            turns: Turns::default(),
            text_width: None,
            x: 0.0,
            y: 0.0,
            jumps: 0,
            laid_out_for: Size {
                width: 0.0,
                height: 0.0,
            },
            opens_at: None,
            text_page: None,
            text_steps: 0,
            panel: None,
            jump: String::new(),
            strip: Strip::default(),
            finding: Finding::default(),
        }
    }

    /// Opens a notice at a page of one of its documents, where words were found.
    ///
    /// At its first document when it has none of that hash (any more).
    pub(super) fn at_page(
        entry: &BoardNotice,
        document: &ContentHash,
        page: usize,
        words: &[String],
    ) -> Self {
        let position = entry
            .notice
            .documents
            .iter()
            .position(|candidate| candidate.hash == Some(document.0));
        let Some(position) = position else {
            return Self::of(entry);
        };
        Self {
            opens_at: Some(page),
            finding: Finding::of_words(words),
            ..Self::of_document(entry, position)
        }
    }

    /// Opens another document of the same notice, chosen among its attachments.
    pub(super) fn choose(&mut self, entry: &BoardNotice, index: usize) {
        *self = Self {
            from_attachments: true,
            // Another document stands elsewhere even if its offsets are the same.
            jumps: self.jumps.wrapping_add(1),
            strip: self.strip.anew(),
            text_steps: self.text_steps,
            ..Self::of_document(entry, index)
        };
    }

    /// Goes along with a new revision of the notice; the place is kept while the document is the same.
    pub(super) fn follow_revision(&mut self, entry: &BoardNotice) {
        let documents = &entry.notice.documents;
        let here = documents
            .get(self.chosen)
            .and_then(|d| d.hash)
            .map(ContentHash);
        if here == self.document {
            return;
        }
        let moved = documents
            .iter()
            .position(|document| document.hash.map(ContentHash) == self.document)
            .filter(|_| self.document.is_some());
        match moved {
            Some(position) => self.chosen = position,
            None if self.chosen < documents.len() => {
                *self = Self::of_document(entry, self.chosen);
            }
            None => *self = Self::of(entry),
        }
    }

    /// What is read.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Which of its documents is open, counted from 0.
    pub fn chosen(&self) -> usize {
        self.chosen
    }

    /// The open document's hash; `None` when the notice has none or it could not be fetched.
    pub fn document(&self) -> Option<ContentHash> {
        self.document
    }

    /// The window's upper left corner over the pages, in logical pixels.
    pub fn offset(&self) -> (f32, f32) {
        (self.x, self.y)
    }

    /// Changes when the window should go to [`Self::offset`] by itself.
    pub fn jumps(&self) -> u32 {
        self.jumps
    }

    /// How pages are turned.
    pub fn turns(&self) -> Turns {
        self.turns
    }

    fn layout<'a>(&self, sheets: &Sheets<'a>) -> Layout<'a> {
        Layout {
            viewer: sheets.viewer,
            sizes: sheets.sizes,
            turns: self.turns,
            zoom: self.zoom,
        }
    }

    /// How large all pages are together.
    pub fn content(&self, sheets: &Sheets<'_>) -> Size {
        self.layout(sheets).content()
    }

    /// The pages in the window.
    pub(super) fn visible(&self, sheets: &Sheets<'_>) -> Vec<Placed> {
        self.within(sheets, self.y, self.y + sheets.viewer.height)
    }

    /// The pages in the window and half a window around it.
    pub fn near(&self, sheets: &Sheets<'_>) -> Vec<Placed> {
        let around = sheets.viewer.height / 2.0;
        let bottom = self.y + sheets.viewer.height + around;
        self.within(sheets, self.y - around, bottom)
    }

    fn within(&self, sheets: &Sheets<'_>, top: f32, bottom: f32) -> Vec<Placed> {
        self.layout(sheets)
            .placed()
            .filter(|page| page.y < bottom && page.bottom() > top)
            .collect()
    }

    /// The page that is read, counted from 0: the one that fills most of the window.
    pub fn current(&self, sheets: &Sheets<'_>) -> usize {
        if let Some(page) = self.text_page {
            return page;
        }
        let window = (self.y, self.y + sheets.viewer.height);
        let mut best = (0.0, 0);
        for page in self.layout(sheets).placed() {
            let shown = page.bottom().min(window.1) - page.y.max(window.0);
            if shown > best.0 + 0.5 {
                best = (shown, page.index);
            }
        }
        best.1
    }

    #[cfg(test)]
    pub(super) fn verify_invariants(&self, sheets: &Sheets<'_>) {
        let (least, most) = self.zoom_bounds(sheets);
        assert!(self.zoom > 0.0 && least <= most);
        assert!(self.zoom.is_finite() && self.zoom <= zoom::MOST);
        assert!(self.x.is_finite() && self.y.is_finite() && self.x >= 0.0 && self.y >= 0.0);
        assert!(self.jump.len() <= 4);
    }
}
