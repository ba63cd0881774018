//! How large pictures are, and may be.

use image::metadata::Orientation;

/// The assumed density of a picture that states none, that of a screen.
pub(super) const USUAL_DOTS_PER_INCH: f32 = 96.0;
/// Pictures with more are refused by their header, before anything is decoded.
pub(super) const MAX_PICTURE_PIXELS: u64 = 300_000_000;

/// The largest size of the same shape that has at most so many pixels.
pub(super) fn size_within(most: u64, (width, height): (u32, u32)) -> (u32, u32) {
    let pixels = u64::from(width) * u64::from(height);
    if pixels <= most {
        return (width, height);
    }
    let factor = (most as f64 / pixels as f64).sqrt();
    let side = |pixels: u32| ((f64::from(pixels) * factor) as u32).max(1);
    (side(width), side(height))
}

pub(super) fn is_turned(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}
