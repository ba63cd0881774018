//! Decodes the pictures of information pages off the interface's thread, within bounds of size and memory.

use std::io::{BufRead, BufReader, Seek};
use std::sync::Arc;

use anyhow::Context as _;
use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use slint::{Rgb8Pixel, SharedPixelBuffer};
use vyveska_wire::manifest::ContentHash;

use super::app_event::{AppEvent, EventSender};
use crate::store::BoardStore;
use crate::ui::view_model::Pixels;
use crate::worker::spawn_task;

/// The largest side of a picture that is decoded, in pixels.
const MAX_SIDE: u32 = 6000;
/// How much memory decoding one picture may take, in bytes.
const MAX_MEMORY: u64 = 160 << 20;
/// The largest side that is kept, in pixels: more than a picture takes up on a common screen.
const KEPT_SIDE: u32 = 1600;

/// Decodes pictures one after the other and posts them. Skips those that have not arrived or cannot be decoded.
pub(super) fn fetch(pictures: Vec<ContentHash>, store: Arc<dyn BoardStore>) {
    let started = spawn_task("pictures", move || {
        for hash in pictures {
            match decode_stored(&hash, &*store) {
                Ok(Some(pixels)) => EventSender.post(AppEvent::Picture(hash, pixels)),
                Ok(None) => {}
                Err(error) => {
                    let error = format!("{error:#}");
                    tracing::warn!(picture = %hash, error, "a picture is not shown");
                }
            }
        }
    });
    if let Err(error) = started {
        tracing::warn!(%error, "pictures are not shown");
    }
}

fn decode_stored(hash: &ContentHash, store: &dyn BoardStore) -> anyhow::Result<Option<Pixels>> {
    let Some(file) = store.open(hash)? else {
        return Ok(None);
    };
    decode(BufReader::new(file)).map(Some)
}

/// Decodes a picture of one of these formats that is not larger, with so many bytes of memory.
pub(super) fn decode_within(
    bytes: impl BufRead + Seek,
    formats: &[ImageFormat],
    max_side: u32,
    max_memory: u64,
) -> anyhow::Result<DynamicImage> {
    let mut reader = ImageReader::new(bytes).with_guessed_format()?;
    anyhow::ensure!(
        reader
            .format()
            .is_some_and(|format| formats.contains(&format)),
        "its format is none of {formats:?}"
    );
    let mut limits = Limits::default();
    limits.max_image_width = Some(max_side);
    limits.max_image_height = Some(max_side);
    limits.max_alloc = Some(max_memory);
    reader.limits(limits);
    reader.decode().context("it cannot be decoded")
}

fn decode(bytes: impl BufRead + Seek) -> anyhow::Result<Pixels> {
    let formats = [ImageFormat::Png, ImageFormat::Jpeg];
    let mut picture = decode_within(bytes, &formats, MAX_SIDE, MAX_MEMORY)?;
    if picture.width().max(picture.height()) > KEPT_SIDE {
        picture = picture.thumbnail(KEPT_SIDE, KEPT_SIDE);
    }
    let picture = picture.into_rgb8();
    Ok(Pixels::Opaque(
        SharedPixelBuffer::<Rgb8Pixel>::clone_from_slice(
            picture.as_raw(),
            picture.width(),
            picture.height(),
        ),
    ))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::RgbImage;

    use super::*;

    fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::from(RgbImage::new(width, height))
            .write_to(&mut bytes, format)
            .unwrap();
        bytes.into_inner()
    }

    fn side(bytes: Vec<u8>) -> anyhow::Result<(u32, u32)> {
        match decode(Cursor::new(bytes))? {
            Pixels::Opaque(pixels) => Ok((pixels.width(), pixels.height())),
            Pixels::Transparent(_) => panic!("photographs are opaque"),
        }
    }

    #[test]
    fn png_and_jpeg_are_decoded_and_large_ones_scaled_down() {
        let small = encoded(20, 10, ImageFormat::Png);
        assert_eq!(side(small).unwrap(), (20, 10));
        let large = encoded(3200, 800, ImageFormat::Jpeg);
        assert_eq!(side(large).unwrap(), (1600, 400));
    }

    #[test]
    fn other_formats_and_too_large_pictures_are_errors() {
        assert!(side(b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec()).is_err());
        assert!(side(encoded(20, 10, ImageFormat::Tiff)).is_err());
        assert!(side(encoded(MAX_SIDE + 1, 1, ImageFormat::Png)).is_err());
        let mut cut = encoded(200, 200, ImageFormat::Jpeg);
        cut.truncate(100);
        assert!(side(cut).is_err());
    }
}
