//! JPEG, PNG, TIFF and WebP, through `image`.
//!
//! The decoded page is kept, since zooming draws many parts of it. It is downscaled first when it has more pixels than any
//! screen can show.

use super::resample::{Picture, Samples};
use super::session::{Bounds, Pages};
use super::tiff::{self, TiffPage, TiffPageReader};
use crate::geometry::{PageSize, Plan};
use crate::memory::Draft;
use crate::page_image::PageWarning;
use crate::protocol::{DocumentInfo, DocumentKind, Fault};
use crate::text::PageText;
use image::metadata::Orientation;
use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits,
};
use memmap2::Mmap;
use std::io::{BufRead, Cursor, Seek};

/// The assumed density of a picture that states none, that of a screen.
const USUAL_DOTS_PER_INCH: f32 = 96.0;
/// An A4 page scanned at 300 dots per inch has 9 million.
const MAX_KEPT_PIXELS: u64 = 12_000_000;
/// Pictures with more are refused by their header, before anything is decoded.
const MAX_PICTURE_PIXELS: u64 = 300_000_000;

pub(super) struct PicturePages<'a> {
    bytes: &'a Mmap,
    kind: DocumentKind,
    info: DocumentInfo,
    leaves: Vec<Leaf>,
    kept: Option<(usize, Picture)>,
}

enum Leaf {
    Whole,
    Tiff(TiffPage),
}

impl<'a> PicturePages<'a> {
    pub(super) fn new(bytes: &'a Mmap, kind: DocumentKind, bounds: &Bounds) -> Result<Self, Fault> {
        let leaves = if kind == DocumentKind::Tiff {
            let pages = tiff::pages(bytes, bounds.max_pages);
            pages.into_iter().map(Leaf::Tiff).collect()
        } else {
            vec![Leaf::Whole]
        };
        if leaves.len() > bounds.max_pages {
            return Err(Fault::TooLarge(format!(
                "it has more than {} pages",
                bounds.max_pages
            )));
        }
        let mut sizes = Vec::with_capacity(leaves.len());
        let mut first_fault = None;
        for leaf in &leaves {
            match leaf.size(bytes, kind, bounds) {
                Ok(size) => sizes.push(Some(size)),
                Err(fault) => {
                    first_fault.get_or_insert(fault);
                    sizes.push(None);
                }
            }
        }
        // A page that cannot be read is refused when it is drawn; until then it has the size of its neighbours.
        let Some(usual) = sizes.iter().flatten().next().copied() else {
            return Err(first_fault.unwrap_or_else(|| Fault::Broken("it has no pages".into())));
        };
        Ok(Self {
            bytes,
            kind,
            info: DocumentInfo {
                kind,
                pages: sizes
                    .into_iter()
                    .map(|size| size.unwrap_or(usual))
                    .collect(),
            },
            leaves,
            kept: None,
        })
    }
}

impl Pages for PicturePages<'_> {
    fn info(&self) -> &DocumentInfo {
        &self.info
    }

    fn draw(
        &mut self,
        index: usize,
        plan: &Plan,
        bounds: &Bounds,
    ) -> Result<(Draft, Vec<PageWarning>), Fault> {
        let picture = match self.kept.take() {
            Some((kept, picture)) if kept == index => picture,
            _ => self.leaves[index].decode(self.bytes, self.kind, bounds)?,
        };
        let (_, picture) = self.kept.insert((index, picture));
        let mut draft = Bounds::draft(plan)?;
        picture.draw(self.info.pages[index], plan, draft.bytes_mut())?;
        Ok((draft, Vec::new()))
    }

    fn text(&mut self, _: usize) -> Result<PageText, Fault> {
        Ok(PageText::default())
    }
}

impl Leaf {
    fn size(&self, bytes: &[u8], kind: DocumentKind, bounds: &Bounds) -> Result<PageSize, Fault> {
        let (mut width, mut height, orientation) = match self {
            Self::Whole => measure(Cursor::new(bytes), kind, bounds),
            Self::Tiff(page) => measure(TiffPageReader::new(bytes, *page), kind, bounds),
        }?;
        if is_turned(orientation) {
            std::mem::swap(&mut width, &mut height);
        }
        let dots_per_inch = match self {
            Self::Tiff(page) => page
                .dots_per_inch
                .filter(|dots| (50.0..=2400.0).contains(dots)),
            Self::Whole => None,
        };
        let points = 72.0 / dots_per_inch.unwrap_or(USUAL_DOTS_PER_INCH);
        Ok(PageSize {
            width: width as f32 * points,
            height: height as f32 * points,
        })
    }

    fn decode(&self, bytes: &[u8], kind: DocumentKind, bounds: &Bounds) -> Result<Picture, Fault> {
        let image = match self {
            Self::Whole => decode(Cursor::new(bytes), kind, bounds),
            Self::Tiff(page) => decode(TiffPageReader::new(bytes, *page), kind, bounds),
        }?;
        let picture = plain(image);
        let pixels = u64::from(picture.width) * u64::from(picture.height);
        if pixels <= MAX_KEPT_PIXELS {
            return Ok(picture);
        }
        let factor = (MAX_KEPT_PIXELS as f64 / pixels as f64).sqrt();
        let side = |pixels: u32| ((f64::from(pixels) * factor) as u32).max(1);
        picture.resized(side(picture.width), side(picture.height))
    }
}

fn decoder<'a, R: BufRead + Seek + 'a>(
    reader: R,
    kind: DocumentKind,
    bounds: &Bounds,
) -> Result<impl ImageDecoder + 'a, Fault> {
    let format = match kind {
        DocumentKind::Jpeg => ImageFormat::Jpeg,
        DocumentKind::Png => ImageFormat::Png,
        DocumentKind::Webp => ImageFormat::WebP,
        DocumentKind::Tiff | DocumentKind::Pdf => ImageFormat::Tiff,
    };
    let mut reader = ImageReader::with_format(reader, format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(bounds.max_picture_bytes);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(fault)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        return Err(Fault::Broken("its picture has no pixels".into()));
    }
    if pixels > MAX_PICTURE_PIXELS || decoder.total_bytes() > bounds.max_picture_bytes {
        return Err(Fault::TooLarge(format!(
            "its picture has {width} by {height} pixels"
        )));
    }
    Ok(decoder)
}

fn measure<'a>(
    reader: impl BufRead + Seek + 'a,
    kind: DocumentKind,
    bounds: &Bounds,
) -> Result<(u32, u32, Orientation), Fault> {
    let mut decoder = decoder(reader, kind, bounds)?;
    let (width, height) = decoder.dimensions();
    Ok((width, height, orientation(&mut decoder)))
}

fn decode<'a>(
    reader: impl BufRead + Seek + 'a,
    kind: DocumentKind,
    bounds: &Bounds,
) -> Result<DynamicImage, Fault> {
    let mut decoder = decoder(reader, kind, bounds)?;
    let orientation = orientation(&mut decoder);
    let mut image = DynamicImage::from_decoder(decoder).map_err(fault)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// The Exif orientation; unreadable metadata count as none.
fn orientation(decoder: &mut impl ImageDecoder) -> Orientation {
    decoder.orientation().unwrap_or(Orientation::NoTransforms)
}

fn is_turned(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// Grey or RGB, eight bits, on white paper.
fn plain(image: DynamicImage) -> Picture {
    let (width, height) = image.dimensions();
    let samples = match image {
        DynamicImage::ImageLuma8(grey) => Samples::Grey(grey.into_raw()),
        DynamicImage::ImageLuma16(_) => Samples::Grey(image.into_luma8().into_raw()),
        image if image.color().has_alpha() => {
            let rgba = image.into_rgba8();
            let on_white = |sample: u8, alpha: u8| {
                let (sample, alpha) = (u32::from(sample), u32::from(alpha));
                ((sample * alpha + 255 * (255 - alpha) + 127) / 255) as u8
            };
            let mut rgb = Vec::with_capacity(rgba.as_raw().len() / 4 * 3);
            for [red, green, blue, alpha] in rgba.as_raw().as_chunks::<4>().0 {
                rgb.extend([red, green, blue].map(|sample| on_white(*sample, *alpha)));
            }
            Samples::Rgb(rgb)
        }
        image => Samples::Rgb(image.into_rgb8().into_raw()),
    };
    Picture {
        width,
        height,
        samples,
    }
}

fn fault(error: ImageError) -> Fault {
    match error {
        ImageError::Limits(_) => {
            Fault::TooLarge("its picture needs more memory than a worker may use".into())
        }
        ImageError::Unsupported(error) => Fault::Unsupported(format!("its picture: {error}")),
        error => Fault::Broken(format!("its picture: {error}")),
    }
}
