//! The page strip: thumbnails of the pages, as many at a time as there is room for.

use super::layout::{Layout, Placed};
use super::{Drawing, PageLayoutInput, Reading, ToolPanel};

/// More thumbnails at a time would be too small to tell apart.
const MOST_AT_A_TIME: usize = 60;

/// The largest width of a thumbnail.
const WIDEST: u32 = 600;

/// The range of pages in view in the strip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strip {
    first: usize,
    room: usize,
    width: u32,
}

impl Default for Strip {
    fn default() -> Self {
        Self {
            first: 0,
            room: 9,
            width: 200,
        }
    }
}

impl Strip {
    /// The first page in view, counted from 0.
    pub fn first(&self) -> usize {
        self.first
    }

    /// Number of thumbnails that fit.
    pub fn room(&self) -> usize {
        self.room
    }

    /// The same capacity, at the first page.
    pub(super) fn anew(self) -> Self {
        Self { first: 0, ..self }
    }

    fn show(&mut self, page: usize) {
        self.first = page / self.room * self.room;
    }
}

impl Reading {
    pub fn strip(&self) -> &Strip {
        &self.strip
    }

    /// The pages in view in the strip.
    pub fn strip_pages(&self, layout_input: &PageLayoutInput<'_>) -> std::ops::Range<usize> {
        let count = layout_input.sizes.len();
        let first = self.strip.first.min(count);
        first..(first + self.strip.room).min(count)
    }

    /// Sets the strip's capacity: the number of thumbnails of this width.
    pub(super) fn strip_resized(&mut self, room: usize, width: u32) {
        let first = self.strip.first;
        self.strip.room = room.clamp(1, MOST_AT_A_TIME);
        self.strip.width = width.clamp(1, WIDEST);
        self.strip.show(first);
    }

    pub(super) fn strip_at_current(&mut self, layout_input: &PageLayoutInput<'_>) {
        self.strip.show(self.current(layout_input));
    }

    pub(super) fn strip_on(&mut self, layout_input: &PageLayoutInput<'_>) {
        let next = self.strip.first + self.strip.room;
        if next < layout_input.sizes.len() {
            self.strip.first = next;
        }
    }

    pub(super) fn strip_back(&mut self) {
        self.strip.first = self.strip.first.saturating_sub(self.strip.room);
    }

    pub fn thumbnail(&self, page: usize, layout_input: &PageLayoutInput<'_>) -> Option<Drawing> {
        Some(Drawing {
            document: layout_input.drawn?,
            page: u32::try_from(page).ok()?,
            rotation: self.rotation,
            page_width: self.strip.width,
            region: None,
        })
    }

    pub(super) fn wanted_thumbnails(&self, layout_input: &PageLayoutInput<'_>) -> Vec<Drawing> {
        if self.panel != Some(ToolPanel::Strip) {
            return Vec::new();
        }
        let shapes = Layout {
            zoom: 1.0,
            ..self.layout(layout_input)
        };
        let shown = self.strip_pages(layout_input);
        // A page many times as high as wide would be a large picture even when it is narrow.
        let drawable = |page: &Placed| page.size.height <= 4.0 * page.size.width;
        shapes
            .placed()
            .skip(shown.start)
            .take(shown.len())
            .filter(drawable)
            .filter_map(|page| self.thumbnail(page.index, layout_input))
            .collect()
    }
}
