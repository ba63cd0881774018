//! The page drawings that a document viewer needs.
//!
//! Every page in or near the window is requested whole, at most at the width at which its document opens.
//! Above that zoom the window is covered with tiles of a fixed grid: scrolling requests only tiles that come into view,
//! and drawn tiles stay valid. The whole page is shown in their place until they arrive.

use vyveska_wire::manifest::ContentHash;

use super::layout::{Layout, Placed, Rotation};
use super::{PageLayoutInput, Reading};

/// The most pixels of a page drawn whole: an upright A4 page 1240 pixels wide.
const WHOLE_PIXELS: f32 = 2_200_000.0;

/// A request for a drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Drawing {
    /// The bytes that are drawn: the document's own, or its rendition's.
    pub document: ContentHash,
    /// The page, counted from 0.
    pub page: u32,
    pub rotation: Rotation,
    /// The width of the whole rotated page at the scale of this drawing, in pixels.
    pub page_width: u32,
    /// The part of the page; `None` for the whole page.
    pub region: Option<Region>,
}

/// A part of a page at the scale of its drawing, in pixels from the page's upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

/// The drawings needed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RenderRequests {
    /// Those in view, the most urgent first.
    pub now: Vec<Drawing>,
    /// Those that will be in view next.
    pub soon: Vec<Drawing>,
}

impl RenderRequests {
    /// All requests, the most urgent first.
    pub fn iter(&self) -> impl Iterator<Item = &Drawing> {
        self.now.iter().chain(&self.soon)
    }

    pub fn contains(&self, drawing: &Drawing) -> bool {
        self.now.contains(drawing) || self.soon.contains(drawing)
    }
}

impl Reading {
    pub(in crate::state) fn wanted(&self, layout_input: &PageLayoutInput<'_>) -> RenderRequests {
        let mut wanted = RenderRequests::default();
        let Some(document) = layout_input.drawn else {
            return wanted;
        };
        if layout_input.sizes.is_empty() {
            // The first page is requested together with opening the document.
            wanted.now.push(Drawing {
                document,
                page: 0,
                rotation: self.rotation,
                page_width: super::layout::page_width(layout_input.viewer)
                    .round()
                    .max(1.0) as u32,
                region: None,
            });
            return wanted;
        }
        if self.reads_text() {
            return wanted;
        }
        wanted.now.extend(self.wanted_thumbnails(layout_input));
        let window = self.visible(layout_input);
        let whole = |page: &Placed| self.whole(page, layout_input);
        wanted.now.extend(window.iter().filter_map(whole));
        for page in &window {
            wanted.now.extend(self.tiles(page, layout_input, 0));
        }
        for page in &window {
            let around = self.tiles(page, layout_input, 1);
            wanted
                .soon
                .extend(around.into_iter().filter(|tile| !wanted.now.contains(tile)));
        }
        for page in self.near(layout_input) {
            let beside = whole(&page).filter(|page| !wanted.now.contains(page));
            wanted.soon.extend(beside);
        }
        wanted
    }

    /// The drawing of a whole page, at most at the width at which its document opens.
    pub fn whole(&self, page: &Placed, layout_input: &PageLayoutInput<'_>) -> Option<Drawing> {
        Some(Drawing {
            document: layout_input.drawn?,
            page: u32::try_from(page.index).ok()?,
            rotation: self.rotation,
            page_width: self.whole_width(page, layout_input),
            region: None,
        })
    }

    fn whole_width(&self, page: &Placed, layout_input: &PageLayoutInput<'_>) -> u32 {
        let opening = Layout {
            zoom: self.opening_zoom(layout_input),
            ..self.layout(layout_input)
        };
        let opens = opening
            .page(page.index)
            .map_or(page.size.width, |opens| opens.size.width);
        let ratio = (page.size.height / page.size.width).max(0.001);
        let bound = (WHOLE_PIXELS / ratio).sqrt().floor();
        page.size.width.min(opens).min(bound).max(1.0) as u32
    }
}
