//! Pixels for the screen.

use slint::{Rgb8Pixel, Rgba8Pixel, SharedPixelBuffer};

/// Pixels, compared by their number so that view models compare quickly.
#[derive(Clone)]
pub struct Picture {
    /// Two pictures of one number are the same.
    pub number: u64,
    pub pixels: Pixels,
}

/// Shared pixels.
#[derive(Clone)]
pub enum Pixels {
    /// Three bytes each: pages of documents.
    Opaque(SharedPixelBuffer<Rgb8Pixel>),
    /// Four bytes each: what stands on a coloured ground.
    Transparent(SharedPixelBuffer<Rgba8Pixel>),
}

impl PartialEq for Picture {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({})", self.number)
    }
}
