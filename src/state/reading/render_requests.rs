//! Which drawings of pages a reading needs.
//!
//! Every page in or near the window is wanted whole, at the width at which its document opens or less.
//! Above that zoom the window is covered with tiles of a fixed grid: pushing a page asks only for those that come into
//! view, and those that have been drawn stay good. The whole page stands in until they are there.

use vyveska_wire::manifest::ContentHash;

use super::layout::{Layout, Placed, Turns};
use super::{Reading, Sheets};
use crate::state::event::Size;

/// The most pixels a page is drawn whole with: an upright A4 page of 1240 pixels.
const WHOLE_PIXELS: f32 = 2_200_000.0;

/// How many tiles fit into the longer side of the window.
const TILES_ALONG: f32 = 4.0;

/// A drawing that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Drawing {
    /// Of which document.
    pub document: ContentHash,
    /// Of which page, counted from 0.
    pub page: u32,
    /// How the page is turned.
    pub turns: Turns,
    /// How wide the whole page, turned, is at the scale of this drawing, in pixels.
    pub page_width: u32,
    /// Which part; `None` for the whole page.
    pub region: Option<Region>,
}

/// A part of a page at the scale of its drawing, in pixels from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// Across.
    pub width: u32,
    /// Down.
    pub height: u32,
}

/// What should be drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    /// What is seen, the most urgent first.
    pub now: Vec<Drawing>,
    /// What will be seen next.
    pub soon: Vec<Drawing>,
}

impl Wanted {
    /// Everything, the most urgent first.
    pub fn iter(&self) -> impl Iterator<Item = &Drawing> {
        self.now.iter().chain(&self.soon)
    }

    /// Whether a drawing is among them.
    pub fn contains(&self, drawing: &Drawing) -> bool {
        self.now.contains(drawing) || self.soon.contains(drawing)
    }
}

impl Reading {
    /// What should be drawn.
    pub(in crate::state) fn wanted(&self, sheets: &Sheets<'_>) -> Wanted {
        let mut wanted = Wanted::default();
        let Some(document) = self.document else {
            return wanted;
        };
        if sheets.sizes.is_empty() {
            // The first page is asked for together with opening the document.
            wanted.now.push(Drawing {
                document,
                page: 0,
                turns: self.turns,
                page_width: super::layout::page_width(sheets.viewer).round().max(1.0) as u32,
                region: None,
            });
            return wanted;
        }
        if self.reads_text() {
            return wanted;
        }
        wanted.now.extend(self.wanted_thumbnails(sheets));
        let window = self.visible(sheets);
        let whole = |page: &Placed| self.whole(page, sheets);
        wanted.now.extend(window.iter().filter_map(whole));
        for page in &window {
            wanted.now.extend(self.tiles(page, sheets, 0));
        }
        for page in &window {
            let around = self.tiles(page, sheets, 1);
            wanted
                .soon
                .extend(around.into_iter().filter(|tile| !wanted.now.contains(tile)));
        }
        for page in self.near(sheets) {
            let beside = whole(&page).filter(|page| !wanted.now.contains(page));
            wanted.soon.extend(beside);
        }
        wanted
    }

    /// The drawing of a whole page, at most as wide as the page is when its document opens.
    pub fn whole(&self, page: &Placed, sheets: &Sheets<'_>) -> Option<Drawing> {
        Some(Drawing {
            document: self.document?,
            page: u32::try_from(page.index).ok()?,
            turns: self.turns,
            page_width: self.whole_width(page, sheets),
            region: None,
        })
    }

    fn whole_width(&self, page: &Placed, sheets: &Sheets<'_>) -> u32 {
        let opening = Layout {
            zoom: self.opening_zoom(sheets),
            ..self.layout(sheets)
        };
        let opens = opening
            .page(page.index)
            .map_or(page.size.width, |opens| opens.size.width);
        let ratio = (page.size.height / page.size.width).max(0.001);
        let bound = (WHOLE_PIXELS / ratio).sqrt().floor();
        page.size.width.min(opens).min(bound).max(1.0) as u32
    }

    /// The tiles that make a page sharp in the window and so many tiles around it; none while the whole page is.
    pub fn tiles(&self, page: &Placed, sheets: &Sheets<'_>, around: u32) -> Vec<Drawing> {
        let Some(whole) = self.whole(page, sheets) else {
            return Vec::new();
        };
        let width = page.size.width as u32;
        if whole.page_width >= width {
            return Vec::new();
        }
        let side = tile_side(sheets.viewer);
        let columns = steps(
            self.x - page.x,
            sheets.viewer.width,
            page.size.width,
            side,
            around,
        );
        let rows = steps(
            self.y - page.y,
            sheets.viewer.height,
            page.size.height,
            side,
            around,
        );
        let (page_width, page_height) = (page.size.width as u32, page.size.height as u32);
        let mut tiles = Vec::new();
        for row in rows {
            for column in columns.clone() {
                let (x, y) = (column * side, row * side);
                let region = Region {
                    x,
                    y,
                    width: side.min(page_width.saturating_sub(x)),
                    height: side.min(page_height.saturating_sub(y)),
                };
                if region.width > 0 && region.height > 0 {
                    tiles.push(Drawing {
                        page_width: width,
                        region: Some(region),
                        ..whole
                    });
                }
            }
        }
        tiles
    }
}

/// How wide and high tiles are, in pixels.
fn tile_side(viewer: Size) -> u32 {
    let side = viewer.width.max(viewer.height) / TILES_ALONG;
    (side.clamp(128.0, 1024.0) as u32).next_multiple_of(64)
}

/// Which tiles of a page lie in a part of it, and so many beside them.
fn steps(offset: f32, window: f32, length: f32, side: u32, around: u32) -> std::ops::Range<u32> {
    let (from, to) = (offset.max(0.0), (offset + window).min(length));
    if to <= from {
        return 0..0;
    }
    let side = side as f32;
    let (first, last) = ((from / side).floor() as u32, (to / side).ceil() as u32);
    let end = (length / side).ceil() as u32;
    first.saturating_sub(around)..(last + around).min(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tiles_in_a_part_cover_it_and_no_more() {
        assert_eq!(steps(0.0, 900.0, 5000.0, 256, 0), 0..4);
        assert_eq!(steps(256.0, 512.0, 5000.0, 256, 0), 1..3);
        assert_eq!(steps(256.0, 512.0, 5000.0, 256, 1), 0..4);
        assert_eq!(steps(4900.0, 900.0, 5000.0, 256, 3), 16..20);
        assert_eq!(steps(-2000.0, 900.0, 5000.0, 256, 1), 0..0);
    }
}
