//! Comparison of drawn pictures with the reference pictures.
//!
//! Reference pictures have half the size and as many colours as make no visible difference (`palette`):
//! they show every letter and every shade of paper, and keep the repository small.

use std::path::PathBuf;

use image::{RgbImage, RgbaImage};

use crate::palette::Palette;

/// A larger difference of a channel counts; the palette causes smaller ones.
const CHANNEL: u8 = 24;

/// The largest share of differing pixels.
const SHARE: f64 = 0.0005;

/// Compares a picture with the reference picture of this name, or stores it when asked to.
pub(crate) fn compare(name: &str, drawn: &RgbaImage) -> Result<(), String> {
    let drawn_small = halved(drawn);
    let (width, height) = drawn_small.dimensions();
    let kept = folder("tests/snapshots").join(format!("{name}.png"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        save(&drawn_small, &kept);
        save_full(name, drawn);
        return Ok(());
    }
    let expected = image::open(&kept)
        .map_err(|error| format!("{name}: no picture is kept ({error})"))?
        .to_rgb8();
    let differing = if expected.dimensions() == drawn_small.dimensions() {
        let pairs = expected.pixels().zip(drawn_small.pixels());
        pairs.filter(|(a, b)| differs(a.0, b.0)).count()
    } else {
        usize::MAX
    };
    let allowed = f64::from(width * height) * SHARE;
    if differing as f64 <= allowed {
        return Ok(());
    }
    let seen = folder("target/screens").join(format!("{name}.png"));
    drawn.save(&seen).unwrap();
    Err(format!(
        "{name}: {differing} pixels differ from {}, see {}",
        kept.display(),
        seen.display()
    ))
}

/// Writes a picture in full size into `target/screens`.
pub(crate) fn save_full(name: &str, drawn: &RgbaImage) {
    let path = folder("target/screens").join(format!("{name}.png"));
    drawn.save(path).unwrap();
}

/// In half the size, as it is stored.
fn halved(drawn: &RgbaImage) -> RgbImage {
    let across = drawn.width() as usize;
    let (width, height) = (across / 2, drawn.height() as usize / 2);
    let bytes: &[u8] = drawn.as_raw();
    let mut small = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            let at = (2 * y * across + 2 * x) * 4;
            let below = at + across * 4;
            for channel in 0..3 {
                let four = [at, at + 4, below, below + 4].map(|at| u16::from(bytes[at + channel]));
                let mean = (four[0] + four[1] + four[2] + four[3]) / 4;
                small.push(mean as u8);
            }
        }
    }
    RgbImage::from_raw(width as u32, height as u32, small).unwrap()
}

fn differs(a: [u8; 3], b: [u8; 3]) -> bool {
    a.iter().zip(b).any(|(a, b)| a.abs_diff(b) > CHANNEL)
}

fn save(picture: &RgbImage, path: &std::path::Path) {
    let palette = Palette::of(picture.pixels().map(|pixel| pixel.0));
    let file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let mut encoder = png::Encoder::new(file, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.colours().concat());
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let indices: Vec<u8> = picture
        .pixels()
        .map(|pixel| palette.index(pixel.0))
        .collect();
    let near = picture
        .pixels()
        .zip(&indices)
        .all(|(pixel, index)| !differs(pixel.0, palette.colours()[usize::from(*index)]));
    assert!(near, "{}: the palette has too few colours", path.display());
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&indices).unwrap();
}

fn folder(path: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
