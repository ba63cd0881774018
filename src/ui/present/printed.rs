//! The part of a page that is printed.
//!
//! The idle rotation shows a notice with its first page, whose margins waste space when it is read from two metres:
//! the page is cropped to its printed part, from its first line on.

use slint::{Rgb8Pixel, SharedPixelBuffer};

use crate::ui::view_model::{Picture, Pixels};

/// Anything darker than this is print; scanned paper is not quite white.
const PRINT: u16 = 3 * 170;

/// The least number of dark pixels in a printed line or column.
const FEWEST_POINTS: usize = 3;

/// The margin kept around the print, in thousandths of the page's width.
const MARGIN: usize = 25;

/// Print narrower than this part of the page, in percent, is a stamp or a title: then more of the page is shown.
const NARROWEST_PERCENT: usize = 60;

/// The printed part of the page that was shown last.
#[derive(Debug, Default)]
pub(super) struct PrintedPart {
    /// The number of the whole page's picture, and its printed part.
    last: Option<(u64, Picture)>,
}

impl PrintedPart {
    /// The printed part of a page.
    pub(super) fn of(&mut self, page: &Picture) -> Picture {
        match &self.last {
            Some((number, part)) if *number == page.number => part.clone(),
            _ => {
                let part = match &page.pixels {
                    Pixels::Opaque(pixels) => Picture {
                        number: page.number,
                        pixels: Pixels::Opaque(printed_part(pixels)),
                    },
                    Pixels::Transparent(_) => page.clone(),
                };
                self.last = Some((page.number, part.clone()));
                part
            }
        }
    }
}

/// Cropped at the left, the right and the top; the markup decides how much is visible below.
fn printed_part(page: &SharedPixelBuffer<Rgb8Pixel>) -> SharedPixelBuffer<Rgb8Pixel> {
    let (width, height) = (page.width() as usize, page.height() as usize);
    let (mut columns, mut rows) = (vec![0_usize; width], vec![0_usize; height]);
    for (y, line) in page.as_slice().chunks_exact(width.max(1)).enumerate() {
        for (x, pixel) in line.iter().enumerate() {
            if u16::from(pixel.r) + u16::from(pixel.g) + u16::from(pixel.b) < PRINT {
                columns[x] += 1;
                rows[y] += 1;
            }
        }
    }
    let printed = |points: &usize| *points >= FEWEST_POINTS;
    let (Some(left), Some(right), Some(top)) = (
        columns.iter().position(printed),
        columns.iter().rposition(printed),
        rows.iter().position(printed),
    ) else {
        return page.clone();
    };
    let margin = width * MARGIN / 1000;
    let (mut left, mut right) = (left.saturating_sub(margin), (right + 1 + margin).min(width));
    let least = width * NARROWEST_PERCENT / 100;
    if right - left < least {
        left = ((left + right).saturating_sub(least) / 2).min(width - least);
        right = left + least;
    }
    let top = top.saturating_sub(margin);
    let size = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let mut part = SharedPixelBuffer::new(size(right - left), size(height - top));
    let lines = page.as_slice().chunks_exact(width).skip(top);
    let cut = part.make_mut_slice().chunks_exact_mut(right - left);
    for (to, from) in cut.zip(lines) {
        to.copy_from_slice(&from[left..right]);
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHITE: Rgb8Pixel = Rgb8Pixel {
        r: 250,
        g: 250,
        b: 248,
    };
    const BLACK: Rgb8Pixel = Rgb8Pixel {
        r: 20,
        g: 20,
        b: 20,
    };

    /// A white page of 1000 × 1400 with black rectangles from `x`, `y` of a width and height.
    fn page(black: &[(usize, usize, usize, usize)]) -> SharedPixelBuffer<Rgb8Pixel> {
        let mut page = SharedPixelBuffer::new(1000, 1400);
        page.make_mut_slice().fill(WHITE);
        for (x, y, width, height) in black.iter().copied() {
            for line in page
                .make_mut_slice()
                .chunks_exact_mut(1000)
                .skip(y)
                .take(height)
            {
                line[x..x + width].fill(BLACK);
            }
        }
        page
    }

    fn size(page: &SharedPixelBuffer<Rgb8Pixel>) -> (u32, u32) {
        (page.width(), page.height())
    }

    #[test]
    fn margins_go_and_a_little_air_stays() {
        let part = printed_part(&page(&[(100, 200, 780, 1000)]));
        assert_eq!(size(&part), (780 + 50, 1400 - 200 + 25));
        assert_eq!(part.as_slice()[0], WHITE);
        assert_eq!(part.as_slice()[25 * 830 + 25], BLACK);
    }

    #[test]
    fn a_speck_is_not_print() {
        let part = printed_part(&page(&[(100, 200, 780, 1000), (2, 2, 1, 2)]));
        assert_eq!(part.width(), 830);
    }

    #[test]
    fn of_a_page_with_little_on_it_more_is_seen() {
        let part = printed_part(&page(&[(450, 600, 100, 40)]));
        assert_eq!(part.width(), 600);
        let part = printed_part(&page(&[(0, 600, 100, 40)]));
        assert_eq!(part.width(), 600);
    }

    #[test]
    fn a_page_that_is_dark_to_its_edges_or_empty_stays_whole() {
        assert_eq!(
            size(&printed_part(&page(&[(0, 0, 1000, 1400)]))),
            (1000, 1400)
        );
        assert_eq!(size(&printed_part(&page(&[]))), (1000, 1400));
        let nothing = SharedPixelBuffer::<Rgb8Pixel>::new(0, 0);
        assert_eq!(size(&printed_part(&nothing)), (0, 0));
    }

    #[test]
    fn the_same_page_is_cut_once() {
        let mut printed = PrintedPart::default();
        let whole = |number| Picture {
            number,
            pixels: Pixels::Opaque(page(&[(100, 200, 780, 1000)])),
        };
        let first = printed.of(&whole(3));
        let again = printed.of(&whole(3));
        let (Pixels::Opaque(a), Pixels::Opaque(b)) = (&first.pixels, &again.pixels) else {
            panic!("a page is opaque");
        };
        assert!(std::ptr::eq(a.as_slice().as_ptr(), b.as_slice().as_ptr()));
        assert_eq!(printed.of(&whole(4)).number, 4);
    }
}
