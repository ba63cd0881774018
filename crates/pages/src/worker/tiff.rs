//! The pages of a TIFF.
//!
//! Scanners and fax servers write many kinds of page, and mix them in one file: a page of a kind that is not known is
//! refused by its name, and the others are drawn. A page is decoded strip by strip and brought down to the size that is
//! wanted meanwhile, so that a plan of gigapixels is drawn, and again, sharp, where somebody enlarges it.

mod directories;
mod fax;
mod samples;

use super::area::Area;
use super::pages::Bounds;
use super::picture_size::{MAX_PICTURE_PIXELS, USUAL_DOTS_PER_INCH, is_turned};
use super::reduction::{Channels, Reduction};
use super::resample::Picture;
use crate::geometry::PageSize;
use crate::page_image::PageWarning;
use crate::protocol::Fault;
use directories::{PageDirectory, PageReader};
use fax::FaxMethod;
use image::metadata::Orientation;
use samples::SampleLayout;
use tiff::decoder::ifd::Value;
use tiff::decoder::{ChunkType, Decoder};
use tiff::tags::{CompressionMethod, ResolutionUnit, Tag};
use tiff::{ColorType, TiffError, TiffUnsupportedError};

/// Pages in black and white with more are refused: they have 63,000 pixels a side.
const MAX_BILEVEL_PIXELS: u64 = 4_000_000_000;
/// Fax paper of 25 metres at 300 dots per inch.
const MAX_SIDE: u32 = 300_000;
const LOWEST_BIT_FIRST: u16 = 2;

#[derive(Debug)]
pub(super) struct TiffPage {
    directory: PageDirectory,
    width: u32,
    height: u32,
    orientation: Orientation,
    /// Across and down, before it is turned.
    dots_per_inch: (f32, f32),
    coding: Coding,
}

#[derive(Debug)]
enum Coding {
    Fax(FaxMethod),
    Samples(SampleLayout),
}

/// Each page, or why it cannot be read; at most `max + 1`.
pub(super) fn pages(bytes: &[u8], max: usize) -> Vec<Result<TiffPage, Fault>> {
    directories::pages(bytes, max)
        .into_iter()
        .map(|directory| TiffPage::read(bytes, directory))
        .collect()
}

impl TiffPage {
    fn read(bytes: &[u8], directory: PageDirectory) -> Result<Self, Fault> {
        let mut decoder = directory.decoder(bytes).map_err(fault)?;
        let coding = Coding::of(&mut decoder, directory.has_palette)?;
        let (width, height) = decoder.dimensions().map_err(fault)?;
        let (chunk_width, _) = decoder.chunk_dimensions();
        let pixels = u64::from(width) * u64::from(height);
        let most = match &coding {
            Coding::Fax(_) => MAX_BILEVEL_PIXELS,
            Coding::Samples(layout) if layout.is_bilevel() => MAX_BILEVEL_PIXELS,
            Coding::Samples(_) => MAX_PICTURE_PIXELS,
        };
        if pixels > most || width.max(height).max(chunk_width) > MAX_SIDE {
            return Err(Fault::TooLarge(format!(
                "a page has {width} by {height} pixels"
            )));
        }
        Ok(Self {
            directory,
            width,
            height,
            orientation: orientation(&mut decoder),
            dots_per_inch: dots_per_inch(&mut decoder),
            coding,
        })
    }

    /// The pixels of the page as it is read.
    pub(super) fn pixels(&self) -> (u32, u32) {
        turned(self.orientation, (self.width, self.height))
    }

    pub(super) fn size(&self) -> PageSize {
        let (across, down) = self.dots_per_inch;
        let (width, height) = turned(
            self.orientation,
            (
                self.width as f32 * 72.0 / across,
                self.height as f32 * 72.0 / down,
            ),
        );
        PageSize { width, height }
    }

    /// A part of the page, in its pixels as it is read, brought down to a size that is not larger.
    pub(super) fn decode(
        &self,
        bytes: &[u8],
        part: Area,
        size: (u32, u32),
        bounds: &Bounds,
    ) -> Result<(Picture, Vec<PageWarning>), Fault> {
        let channels = match &self.coding {
            Coding::Fax(_) => Channels::Grey,
            Coding::Samples(layout) => layout.channels(),
        };
        let size = turned(self.orientation, size);
        let mut reduction = Reduction::new(self.stored(part), size, channels);
        let mut decoder = self.directory.decoder(bytes).map_err(fault)?;
        let is_whole = match &self.coding {
            Coding::Fax(method) => method.decode(&mut decoder, bytes, &mut reduction)?,
            Coding::Samples(layout) => {
                layout.decode(&mut decoder, bounds, &mut reduction)?;
                true
            }
        };
        let warnings = if is_whole {
            Vec::new()
        } else {
            vec![PageWarning::PictureMissing]
        };
        Ok((reduction.finish().turned(self.orientation), warnings))
    }

    /// The part as it is stored, before it is turned.
    fn stored(&self, part: Area) -> Area {
        let mut stored = part;
        if is_turned(self.orientation) {
            stored = Area {
                left: part.top,
                top: part.left,
                width: part.height,
                height: part.width,
            };
        }
        let (from_right, from_bottom) = match self.orientation {
            Orientation::NoTransforms | Orientation::Rotate90FlipH => (false, false),
            Orientation::FlipHorizontal | Orientation::Rotate270 => (true, false),
            Orientation::FlipVertical | Orientation::Rotate90 => (false, true),
            Orientation::Rotate180 | Orientation::Rotate270FlipH => (true, true),
        };
        if from_right {
            stored.left = self.width - stored.left - stored.width;
        }
        if from_bottom {
            stored.top = self.height - stored.top - stored.height;
        }
        stored
    }
}

impl Coding {
    fn of(decoder: &mut Decoder<PageReader<'_>>, has_palette: bool) -> Result<Self, Fault> {
        let compression = CompressionMethod::from_u16_exhaustive(
            decoder
                .find_tag_unsigned(Tag::Compression)
                .map_err(fault)?
                .unwrap_or(CompressionMethod::None.to_u16()),
        );
        let reverses_bits = decoder
            .find_tag_unsigned::<u16>(Tag::FillOrder)
            .map_err(fault)?
            .is_some_and(|order| order == LOWEST_BIT_FIRST);
        let fax = FaxMethod::of(decoder, compression, reverses_bits).map_err(fault)?;
        if let Some(method) = fax {
            return match decoder.colortype().map_err(fault)? {
                ColorType::Gray(1)
                    if decoder.get_chunk_type() == ChunkType::Strip && !has_palette =>
                {
                    Ok(Self::Fax(method))
                }
                _ => Err(Fault::Unsupported(
                    "a page is TIFF by a fax method in tiles or colours".into(),
                )),
            };
        }
        let is_jpeg = compression == CompressionMethod::ModernJPEG;
        if let Some(name) = name_of_the_unreadable(compression) {
            return Err(Fault::Unsupported(format!(
                "a page is TIFF compressed by {name}"
            )));
        }
        // JPEG has an order of its own.
        SampleLayout::of(decoder, has_palette, reverses_bits && !is_jpeg).map(Self::Samples)
    }
}

fn name_of_the_unreadable(compression: CompressionMethod) -> Option<String> {
    Some(match compression {
        CompressionMethod::None
        | CompressionMethod::LZW
        | CompressionMethod::PackBits
        | CompressionMethod::Deflate
        | CompressionMethod::OldDeflate
        | CompressionMethod::ModernJPEG => return None,
        CompressionMethod::JPEG => "JPEG of the old style (compression 6)".into(),
        CompressionMethod::ZSTD => "Zstandard".into(),
        CompressionMethod::WebP => "WebP".into(),
        CompressionMethod::Unknown(32771) => "fax (Group 3) with lines of whole words".into(),
        CompressionMethod::Unknown(34661) => "JBIG".into(),
        CompressionMethod::Unknown(34712) => "JPEG 2000".into(),
        other => format!("method {}", other.to_u16()),
    })
}

fn turned<T>(orientation: Orientation, (width, height): (T, T)) -> (T, T) {
    if is_turned(orientation) {
        (height, width)
    } else {
        (width, height)
    }
}

/// Unreadable metadata count as none.
fn orientation(decoder: &mut Decoder<PageReader<'_>>) -> Orientation {
    decoder
        .find_tag_unsigned(Tag::Orientation)
        .ok()
        .flatten()
        .and_then(Orientation::from_exif)
        .unwrap_or(Orientation::NoTransforms)
}

/// What a page states of its density, across and down, if that can be; otherwise at least its proportion.
fn dots_per_inch(decoder: &mut Decoder<PageReader<'_>>) -> (f32, f32) {
    let mut number = |tag: Tag| match decoder.find_tag(tag).ok()?? {
        Value::Rational(dots, per) => Some(dots as f32 / per as f32),
        Value::Float(dots) => Some(dots),
        Value::Short(number) => Some(number.into()),
        _ => None,
    };
    let usual = (USUAL_DOTS_PER_INCH, USUAL_DOTS_PER_INCH);
    let (across, down) = (number(Tag::XResolution), number(Tag::YResolution));
    let Some((across, down)) = across.or(down).zip(down.or(across)) else {
        return usual;
    };
    let per_inch = match number(Tag::ResolutionUnit) {
        Some(unit) if unit == f32::from(ResolutionUnit::None.to_u16()) => 0.0,
        Some(unit) if unit == f32::from(ResolutionUnit::Centimeter.to_u16()) => 2.54,
        _ => 1.0,
    };
    let sound = |dots: f32| (50.0..=2400.0).contains(&(dots * per_inch));
    if sound(across) && sound(down) {
        return (across * per_inch, down * per_inch);
    }
    let proportion = down / across;
    if (0.1..=10.0).contains(&proportion) {
        (USUAL_DOTS_PER_INCH, USUAL_DOTS_PER_INCH * proportion)
    } else {
        usual
    }
}

fn fault(error: TiffError) -> Fault {
    match error {
        TiffError::LimitsExceeded => {
            Fault::TooLarge("a page needs more memory than a worker may use".into())
        }
        TiffError::UnsupportedError(TiffUnsupportedError::UnknownInterpretation) => {
            Fault::Unsupported("a page is TIFF with colours of an unknown kind".into())
        }
        TiffError::UnsupportedError(error) => {
            Fault::Unsupported(format!("a page is TIFF of a rare kind: {error}"))
        }
        error => Fault::Broken(format!("a page: {error}")),
    }
}
