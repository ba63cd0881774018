//! The positions of pages in the window: one below the other, all of one width.
//!
//! All values are whole logical pixels, so that a drawing fits its place without being scaled.

use crate::state::document::Size;

/// The gap between and around pages, in logical pixels.
pub(super) const MARGIN: f32 = 16.0;

/// A page taller than this many widths is made narrower, so that its height stays bounded.
const TALLEST: f32 = 8.0;

/// The most pages laid out: whoever needs more takes the document along by QR code.
const MOST_PAGES: usize = 5000;

/// The rotation of pages against the document, in quarters clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Rotation(u8);

impl Rotation {
    /// This many quarters clockwise.
    pub fn quarters(number: u8) -> Self {
        Self(number % 4)
    }

    /// Quarters clockwise: 0 to 3.
    pub fn number(self) -> u8 {
        self.0
    }

    /// One quarter more.
    pub(super) fn right(self) -> Self {
        Self((self.0 + 1) % 4)
    }

    /// One quarter less.
    pub(super) fn left(self) -> Self {
        Self((self.0 + 3) % 4)
    }

    /// A page's size after rotation.
    pub fn size(self, page: Size) -> Size {
        if self.0.is_multiple_of(2) {
            page
        } else {
            Size {
                width: page.height,
                height: page.width,
            }
        }
    }

    /// The position of a part of a page of this size after rotation.
    pub fn frame(self, part: Frame, page: Size) -> Frame {
        match self.0 {
            0 => part,
            1 => Frame {
                x: page.height - part.y - part.height,
                y: part.x,
                width: part.height,
                height: part.width,
            },
            2 => Frame {
                x: page.width - part.x - part.width,
                y: page.height - part.y - part.height,
                ..part
            },
            _ => Frame {
                x: part.y,
                y: page.width - part.x - part.width,
                width: part.height,
                height: part.width,
            },
        }
    }

    /// The inverse rotation.
    pub fn back(self) -> Self {
        Self((4 - self.0) % 4)
    }
}

/// A rectangle; the unit is stated where it is used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

/// A page's position among the pages, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    /// Counted from 0.
    pub index: usize,
    pub x: f32,
    pub y: f32,
    pub size: Size,
}

impl Placed {
    /// The lower edge.
    pub(super) fn bottom(&self) -> f32 {
        self.y + self.size.height
    }
}

/// Lays out pages of these sizes, rotated and zoomed, in a window of this size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout<'a> {
    pub(super) viewer: Size,
    pub(super) sizes: &'a [Size],
    pub(super) rotation: Rotation,
    pub(super) zoom: f32,
}

impl<'a> Layout<'a> {
    pub(super) fn placed(self) -> impl Iterator<Item = Placed> + use<'a> {
        let full = page_width(self.viewer) * self.zoom;
        let across = self.width();
        let mut y = MARGIN;
        self.sizes
            .iter()
            .take(MOST_PAGES)
            .enumerate()
            .map(move |(index, page)| {
                let page = self.rotation.size(*page);
                let ratio = (page.height / page.width.max(0.1)).clamp(0.01, 1000.0);
                let width = full.min(full * TALLEST / ratio).round().max(1.0);
                let size = Size {
                    width,
                    height: (width * ratio).round().max(1.0),
                };
                let placed = Placed {
                    index,
                    x: ((across - width) / 2.0).floor(),
                    y,
                    size,
                };
                y += size.height + MARGIN;
                placed
            })
    }

    pub(super) fn page(self, index: usize) -> Option<Placed> {
        self.placed().nth(index)
    }

    /// The page at this height, or the one above it.
    pub(super) fn page_at(self, y: f32) -> Option<Placed> {
        let mut held = None;
        for page in self.placed() {
            if held.is_some() && page.y > y {
                break;
            }
            held = Some(page);
        }
        held
    }

    fn width(self) -> f32 {
        let full = (page_width(self.viewer) * self.zoom).round();
        (full + 2.0 * MARGIN).max(self.viewer.width)
    }

    /// The extent of all pages together.
    pub(super) fn content(self) -> Size {
        let bottom = self
            .placed()
            .last()
            .map_or(0.0, |last| last.bottom() + MARGIN);
        Size {
            width: self.width(),
            height: bottom.max(self.viewer.height),
        }
    }
}

/// The width of a page at zoom 1.
pub(super) fn page_width(viewer: Size) -> f32 {
    (viewer.width - 2.0 * MARGIN).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Size = Size {
        width: 600.0,
        height: 800.0,
    };

    const PART: Frame = Frame {
        x: 100.0,
        y: 50.0,
        width: 40.0,
        height: 10.0,
    };

    #[test]
    fn a_part_of_a_turned_page_is_found_where_it_comes_to_stand() {
        let right = Rotation::quarters(1).frame(PART, PAGE);
        assert_eq!(
            (right.x, right.y, right.width, right.height),
            (740.0, 100.0, 10.0, 40.0)
        );
        let over = Rotation::quarters(2).frame(PART, PAGE);
        assert_eq!((over.x, over.y), (460.0, 740.0));
        let left = Rotation::quarters(3).frame(PART, PAGE);
        assert_eq!((left.x, left.y), (50.0, 460.0));
    }

    #[test]
    fn turning_there_and_back_changes_nothing() {
        for number in 0..8 {
            let rotation = Rotation::quarters(number);
            let there = rotation.frame(PART, PAGE);
            assert_eq!(rotation.back().frame(there, rotation.size(PAGE)), PART);
            assert_eq!(rotation.right().left(), rotation);
        }
    }

    #[test]
    fn pages_stand_on_whole_pixels_below_each_other() {
        let sizes = [
            PAGE,
            Size {
                width: 842.0,
                height: 595.0,
            },
            Size {
                width: 1.0,
                height: 90.0,
            },
        ];
        let layout = Layout {
            viewer: Size {
                width: 901.3,
                height: 700.7,
            },
            sizes: &sizes,
            rotation: Rotation::default(),
            zoom: 1.37,
        };
        let placed: Vec<Placed> = layout.placed().collect();
        for page in &placed {
            for number in [page.x, page.y, page.size.width, page.size.height] {
                assert_eq!(number.fract(), 0.0);
            }
        }
        assert!(
            placed
                .windows(2)
                .all(|two| two[1].y == two[0].bottom() + MARGIN)
        );
        // The narrow width is rounded before the height is computed from it.
        assert!(placed[2].size.height <= 1.01 * TALLEST * placed[0].size.width);
        assert_eq!(layout.page_at(0.0).map(|page| page.index), Some(0));
        assert_eq!(layout.page_at(placed[1].y).map(|page| page.index), Some(1));
        assert_eq!(layout.page_at(1e9).map(|page| page.index), Some(2));
        assert_eq!(layout.content().height, placed[2].bottom() + MARGIN);
    }
}
