//! Pixels to the markup's images.

use slint::Image;

use super::view_model::{Picture, Pixels};

/// The markup's image of these pixels; nothing is copied.
pub(super) fn image(picture: Option<&Picture>) -> Image {
    match picture.map(|picture| &picture.pixels) {
        Some(Pixels::Opaque(pixels)) => Image::from_rgb8(pixels.clone()),
        Some(Pixels::Transparent(pixels)) => Image::from_rgba8(pixels.clone()),
        None => Image::default(),
    }
}
