//! The tiles that an enlarged page is drawn in: their size and their fixed grid.

use super::layout::Placed;
use super::render_requests::{Drawing, Region};
use super::{PageLayoutInput, Reading};
use crate::state::document::Size;

/// Tiles along the longer side of the window.
const TILES_ALONG: f32 = 4.0;

impl Reading {
    /// The tiles that make a page sharp in the window, plus a margin in tiles; none while the whole page is sharp.
    pub fn tiles(
        &self,
        page: &Placed,
        layout_input: &PageLayoutInput<'_>,
        around: u32,
    ) -> Vec<Drawing> {
        let Some(whole) = self.whole(page, layout_input) else {
            return Vec::new();
        };
        let width = page.size.width as u32;
        if whole.page_width >= width {
            return Vec::new();
        }
        let side = tile_side(layout_input.viewer);
        let columns = steps(
            self.x - page.x,
            layout_input.viewer.width,
            page.size.width,
            side,
            around,
        );
        let rows = steps(
            self.y - page.y,
            layout_input.viewer.height,
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

/// The width and height of tiles, in pixels.
fn tile_side(viewer: Size) -> u32 {
    let side = viewer.width.max(viewer.height) / TILES_ALONG;
    (side.clamp(128.0, 1024.0) as u32).next_multiple_of(64)
}

/// The tiles that cover a part of a page, plus a margin in tiles.
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
