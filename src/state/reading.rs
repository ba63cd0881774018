//! The document viewer: which document of a notice is open, its zoom, and the part of it in the window.

use vyveska_board::{Document, NoticeId};
use vyveska_wire::manifest::ContentHash;

use super::board::BoardNotice;
use super::document::Size;
use super::published::{Published, PublishedId};

mod find;
mod intent;
mod layout;
mod movement;
mod render_requests;
mod searchable_text;
mod strip;
#[cfg(test)]
mod tests;
mod text_width;
mod tiles;
mod tool_panel;
mod zoom;

pub use find::{Finding, Mark};
pub use intent::ReadingIntent;
pub use layout::{Frame, Placed, Rotation};
pub use movement::{Onward, Sideways};
pub use render_requests::{Drawing, Region, RenderRequests};
pub use searchable_text::SearchableText;
pub use strip::Strip;
pub use tool_panel::{Leads, ToolPanel};

use layout::Layout;
use text_width::TextWidth;
use zoom::Fit;

#[derive(Debug, Clone, Copy)]
pub struct PageLayoutInput<'a> {
    /// The size of the viewer, in logical pixels.
    pub viewer: Size,
    /// What is drawn of the open document: itself, or its rendition.
    pub drawn: Option<ContentHash>,
    /// Page sizes in points; empty while unknown.
    pub sizes: &'a [Size],
    /// The document's text, once loaded.
    pub text: Option<&'a SearchableText>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Notice(NoticeId),
    Published(PublishedId),
}

/// What the viewer shows: a notice with its documents, or one document of the town's information.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Read<'a> {
    Notice(&'a BoardNotice),
    /// A document of an information page.
    Published(&'a Published),
}

impl<'a> Read<'a> {
    /// The documents the viewer can switch between.
    pub fn documents(self) -> &'a [Document] {
        match self {
            Self::Notice(entry) => &entry.notice.documents,
            Self::Published(published) => std::slice::from_ref(&published.document),
        }
    }

    pub fn notice(self) -> Option<&'a BoardNotice> {
        match self {
            Self::Notice(entry) => Some(entry),
            Self::Published(_) => None,
        }
    }
}

/// The position in a notice, or in a document of the town's information.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    subject: Subject,
    chosen: usize,
    document: Option<ContentHash>,
    /// Whether the document was chosen from the list of attachments, to which „back" then leads.
    from_attachments: bool,
    fit: Fit,
    zoom: f32,
    rotation: Rotation,
    text_width: Option<TextWidth>,
    x: f32,
    y: f32,
    jumps: u32,
    /// The window size the offsets are valid for.
    laid_out_for: Size,
    /// The page to go to once the page sizes are known.
    opens_at: Option<usize>,
    /// The page of the text shown in the reading view, in place of the pages.
    text_page: Option<usize>,
    /// Enlargement of the reading view, in steps.
    text_steps: u8,
    panel: Option<ToolPanel>,
    jump: String,
    strip: Strip,
    finding: Finding,
}

impl Reading {
    /// Opens a notice at its first document that can be shown on the kiosk.
    pub(super) fn of(entry: &BoardNotice) -> Self {
        let first = entry
            .notice
            .documents
            .iter()
            .position(|document| document.hash.is_some())
            .unwrap_or(0);
        Self::of_document(entry, first)
    }

    pub(super) fn of_document(entry: &BoardNotice, index: usize) -> Self {
        let document = entry.notice.documents.get(index);
        Self::opening(
            Subject::Notice(entry.notice.id.clone()),
            index,
            document.and_then(|document| document.hash).map(ContentHash),
        )
    }

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
            rotation: Rotation::default(),
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

    /// Opens a notice at the page of a document where words were found.
    ///
    /// Opens its first document when none has that hash (any more).
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

    /// Opens another document of the same notice, chosen from its attachments.
    pub(super) fn choose(&mut self, entry: &BoardNotice, index: usize) {
        *self = Self {
            from_attachments: true,
            // Another document has to be scrolled to even when the offsets are equal.
            jumps: self.jumps.wrapping_add(1),
            strip: self.strip.anew(),
            text_steps: self.text_steps,
            ..Self::of_document(entry, index)
        };
    }

    /// Takes a new revision of the notice; the position is kept while the document is unchanged.
    pub(super) fn apply_revision(&mut self, entry: &BoardNotice) {
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

    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The index of the open document, counted from 0.
    pub fn chosen(&self) -> usize {
        self.chosen
    }

    /// The open document's hash; `None` when the notice has none or it could not be fetched.
    pub fn document(&self) -> Option<ContentHash> {
        self.document
    }

    /// The window's upper left corner within the pages, in logical pixels.
    pub fn offset(&self) -> (f32, f32) {
        (self.x, self.y)
    }

    /// Changes when the window has to scroll to [`Self::offset`] by itself.
    pub fn jumps(&self) -> u32 {
        self.jumps
    }

    pub fn rotation(&self) -> Rotation {
        self.rotation
    }

    fn layout<'a>(&self, layout_input: &PageLayoutInput<'a>) -> Layout<'a> {
        Layout {
            viewer: layout_input.viewer,
            sizes: layout_input.sizes,
            rotation: self.rotation,
            zoom: self.zoom,
        }
    }

    /// The extent of all pages together.
    pub fn content(&self, layout_input: &PageLayoutInput<'_>) -> Size {
        self.layout(layout_input).content()
    }

    pub(super) fn visible(&self, layout_input: &PageLayoutInput<'_>) -> Vec<Placed> {
        self.within(layout_input, self.y, self.y + layout_input.viewer.height)
    }

    /// The pages in the window and half a window around it.
    pub fn near(&self, layout_input: &PageLayoutInput<'_>) -> Vec<Placed> {
        let around = layout_input.viewer.height / 2.0;
        let bottom = self.y + layout_input.viewer.height + around;
        self.within(layout_input, self.y - around, bottom)
    }

    fn within(&self, layout_input: &PageLayoutInput<'_>, top: f32, bottom: f32) -> Vec<Placed> {
        self.layout(layout_input)
            .placed()
            .filter(|page| page.y < bottom && page.bottom() > top)
            .collect()
    }

    /// The current page, counted from 0: the one that fills most of the window.
    pub fn current(&self, layout_input: &PageLayoutInput<'_>) -> usize {
        if let Some(page) = self.text_page {
            return page;
        }
        let window = (self.y, self.y + layout_input.viewer.height);
        let mut best = (0.0, 0);
        for page in self.layout(layout_input).placed() {
            let shown = page.bottom().min(window.1) - page.y.max(window.0);
            if shown > best.0 + 0.5 {
                best = (shown, page.index);
            }
        }
        best.1
    }

    #[cfg(test)]
    pub(super) fn verify_invariants(&self, layout_input: &PageLayoutInput<'_>) {
        let (least, most) = self.zoom_bounds(layout_input);
        assert!(self.zoom > 0.0 && least <= most);
        assert!(self.zoom.is_finite() && self.zoom <= zoom::MOST);
        assert!(self.x.is_finite() && self.y.is_finite() && self.x >= 0.0 && self.y >= 0.0);
        assert!(self.jump.len() <= 4);
    }
}
