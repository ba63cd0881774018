//! From the worker's pixels to the screen's: rotated, cropped and opaque.

use slint::{Rgb8Pixel, SharedPixelBuffer};

use crate::state::Rotation;

/// Pixels as the worker gives them: four bytes each.
#[derive(Clone, Copy)]
pub(super) struct Drawn<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) pixels: &'a [u8],
}

/// A part of a picture that is drawn.
#[derive(Clone, Copy)]
pub(super) struct Cut {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Drawn<'_> {
    /// The size of the picture once it is turned.
    pub(super) fn turned(&self, rotation: Rotation) -> (u32, u32) {
        if rotation.number().is_multiple_of(2) {
            (self.width, self.height)
        } else {
            (self.height, self.width)
        }
    }

    /// A part of the turned picture.
    ///
    /// Three bytes a pixel: pages are opaque, and a quarter of the memory is worth having.
    /// What lies outside by a pixel, because scales were rounded, repeats the edge.
    pub(super) fn cut(&self, rotation: Rotation, cut: Cut) -> SharedPixelBuffer<Rgb8Pixel> {
        let mut buffer = SharedPixelBuffer::new(cut.width, cut.height);
        let (last_x, last_y) = (self.width.saturating_sub(1), self.height.saturating_sub(1));
        let row_length = cut.width.max(1) as usize;
        let rows = buffer.make_mut_slice().chunks_exact_mut(row_length);
        for (y, row) in (cut.y..).zip(rows) {
            for (x, to) in (cut.x..).zip(row) {
                let (from_x, from_y) = match rotation.number() {
                    0 => (x, y),
                    1 => (y, last_y.saturating_sub(x)),
                    2 => (last_x.saturating_sub(x), last_y.saturating_sub(y)),
                    _ => (last_x.saturating_sub(y), x),
                };
                let at =
                    from_y.min(last_y) as usize * self.width as usize + from_x.min(last_x) as usize;
                if let Some([r, g, b, _]) = self.pixels.get(4 * at..4 * at + 4) {
                    *to = Rgb8Pixel::new(*r, *g, *b);
                }
            }
        }
        buffer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three by two, numbered row by row.
    fn drawn() -> Vec<u8> {
        (0..6_u8).flat_map(|number| [number, 0, 0, 255]).collect()
    }

    #[track_caller]
    fn check(rotation: u8, cut: (u32, u32, u32, u32), expected: &[u8]) {
        let pixels = drawn();
        let drawn = Drawn {
            width: 3,
            height: 2,
            pixels: &pixels,
        };
        let (x, y, width, height) = cut;
        let cut = Cut {
            x,
            y,
            width,
            height,
        };
        let buffer = drawn.cut(Rotation::quarters(rotation), cut);
        let reds: Vec<u8> = buffer.as_slice().iter().map(|pixel| pixel.r).collect();
        assert_eq!(reds, expected);
    }

    #[test]
    fn a_picture_is_turned_clockwise() {
        check(0, (0, 0, 3, 2), &[0, 1, 2, 3, 4, 5]);
        check(1, (0, 0, 2, 3), &[3, 0, 4, 1, 5, 2]);
        check(2, (0, 0, 3, 2), &[5, 4, 3, 2, 1, 0]);
        check(3, (0, 0, 2, 3), &[2, 5, 1, 4, 0, 3]);
    }

    #[test]
    fn a_part_is_cut_out_and_the_edge_is_repeated() {
        check(0, (1, 1, 1, 1), &[4]);
        check(1, (1, 1, 1, 2), &[1, 2]);
        check(0, (2, 1, 2, 1), &[5, 5]);
    }
}
