//! Compares what is painted step by step with a full repaint.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "a module of several tests, of which each uses the part it needs"
)]

use std::iter::zip;
use std::path::Path;

use image::{Rgba, RgbaImage};

/// The one kind of difference that is the renderer's own. Where a part that is painted again begins within the curve of a
/// rounded corner, the renderer reckons the smoothing of that line's pixels from the edge of the part: it cuts off where
/// the curve begins, but not where it ends (`draw_rounded_rectangle_line`). That concerns the few pixels over which the
/// curve's first and last lines reach, and at most a third of the contrast there. Measured were two pixels and 12 levels,
/// on the pale borders of cards; darker ones or more of them fail.
const CORNER_PIXELS: usize = 8;
const CORNER_LEVELS: u8 = 16;

/// The rectangle that contains every pixel in which two pictures differ: left, top, right, bottom.
/// None when they differ in a few pixels by a shade only.
pub fn difference(one: &RgbaImage, other: &RgbaImage) -> Option<[u32; 4]> {
    assert_eq!(one.dimensions(), other.dimensions());
    if one == other {
        return None;
    }
    let levels = |one: &Rgba<u8>, other: &Rgba<u8>| {
        let channels = zip(one.0, other.0).map(|(a, b)| a.abs_diff(b));
        channels.max().unwrap_or(0)
    };
    let differing: Vec<(u32, u32, u8)> = one
        .enumerate_pixels()
        .zip(other.pixels())
        .map(|((x, y, one), other)| (x, y, levels(one, other)))
        .filter(|(.., levels)| *levels > 0)
        .collect();
    if differing.len() <= CORNER_PIXELS
        && differing
            .iter()
            .all(|(.., levels)| *levels <= CORNER_LEVELS)
    {
        return None;
    }
    differing.into_iter().fold(None, |found, (x, y, _)| {
        let [left, top, right, bottom] = found.unwrap_or([x, y, x, y]);
        Some([left.min(x), top.min(y), right.max(x), bottom.max(y)])
    })
}

/// Keeps two pictures that differ, for whoever looks into it.
pub fn keep(name: &str, painted: &RgbaImage, repainted: &RgbaImage) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (picture, of) in [(painted, "painted"), (repainted, "repainted")] {
        picture
            .save(folder.join(format!("{name}-{of}.png")))
            .unwrap();
    }
}
