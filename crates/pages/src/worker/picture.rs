//! Pictures: JPEG, PNG and WebP through `image`, and the pages of a TIFF.
//!
//! The decoded page is kept, since zooming draws many parts of it. It is brought down first when it has more pixels than
//! any screen can show. What a larger scale then lacks is decoded anew from a TIFF, which can be read in parts.

use super::area::Area;
use super::pages::{Bounds, Pages};
use super::picture_size::{MAX_PICTURE_PIXELS, USUAL_DOTS_PER_INCH, is_turned, size_within};
use super::reduction::{Channels, Reduction};
use super::resample::{Cut, Picture, Samples, on_white};
use super::tiff::{self, TiffPage};
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
use std::io::Cursor;

/// An A4 page scanned at 300 dots per inch has 9 million.
const MAX_KEPT_PIXELS: u64 = 12_000_000;

pub(super) struct PicturePages<'a> {
    bytes: &'a Mmap,
    kind: DocumentKind,
    info: DocumentInfo,
    leaves: Vec<Result<Leaf, Fault>>,
    kept: Option<KeptPage>,
}

enum Leaf {
    Whole(PageSize),
    Tiff(TiffPage),
}

struct KeptPage {
    index: usize,
    picture: Picture,
    warnings: Vec<PageWarning>,
}

impl<'a> PicturePages<'a> {
    pub(super) fn new(bytes: &'a Mmap, kind: DocumentKind, bounds: &Bounds) -> Result<Self, Fault> {
        let leaves: Vec<_> = if kind == DocumentKind::Tiff {
            let pages = tiff::pages(bytes, bounds.max_pages);
            pages.into_iter().map(|page| page.map(Leaf::Tiff)).collect()
        } else {
            vec![measure(bytes, kind, bounds).map(Leaf::Whole)]
        };
        if leaves.len() > bounds.max_pages {
            return Err(Fault::TooLarge(format!(
                "it has more than {} pages",
                bounds.max_pages
            )));
        }
        // A page that cannot be read is refused when it is drawn; until then it has the size of its neighbours.
        let Some(usual) = leaves.iter().flatten().next().map(Leaf::size) else {
            let fault = leaves.into_iter().find_map(Result::err);
            return Err(fault.unwrap_or_else(|| Fault::Broken("it has no pages".into())));
        };
        let sizes = leaves
            .iter()
            .map(|leaf| leaf.as_ref().map_or(usual, Leaf::size));
        Ok(Self {
            bytes,
            kind,
            info: DocumentInfo {
                kind,
                pages: sizes.collect(),
                warnings: Vec::new(),
            },
            leaves,
            kept: None,
        })
    }

    /// The whole page, brought down to what is kept.
    fn decode(&self, leaf: &Leaf, bounds: &Bounds) -> Result<(Picture, Vec<PageWarning>), Fault> {
        match leaf {
            Leaf::Tiff(page) => {
                let pixels = page.pixels();
                page.decode(self.bytes, Area::whole(pixels), kept_size(pixels), bounds)
            }
            Leaf::Whole(_) => {
                let picture = decode(self.bytes, self.kind, bounds)?;
                Ok((brought_down(picture), Vec::new()))
            }
        }
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
        let size = self.info.pages[index];
        let leaf = self.leaves[index].as_ref().map_err(Clone::clone)?;
        if let Leaf::Tiff(page) = leaf
            && let Some(cut) = Cut::new(page.pixels(), size, plan)
            && cut.shows_more_than(page.pixels(), kept_size(page.pixels()))
        {
            let (part, warnings) =
                page.decode(self.bytes, cut.source, cut.reduced_size(), bounds)?;
            let mut draft = Bounds::draft(plan)?;
            part.draw_part(&cut, plan, draft.bytes_mut())?;
            return Ok((draft, warnings));
        }
        let kept = match self.kept.take() {
            Some(kept) if kept.index == index => kept,
            _ => {
                let (picture, warnings) = self.decode(leaf, bounds)?;
                KeptPage {
                    index,
                    picture,
                    warnings,
                }
            }
        };
        let kept = self.kept.insert(kept);
        let mut draft = Bounds::draft(plan)?;
        kept.picture.draw(size, plan, draft.bytes_mut())?;
        Ok((draft, kept.warnings.clone()))
    }

    fn text(&mut self, _: usize) -> Result<PageText, Fault> {
        Ok(PageText::default())
    }
}

impl Leaf {
    fn size(&self) -> PageSize {
        match self {
            Self::Whole(size) => *size,
            Self::Tiff(page) => page.size(),
        }
    }
}

/// The size in which a page of so many pixels is kept.
fn kept_size(pixels: (u32, u32)) -> (u32, u32) {
    size_within(MAX_KEPT_PIXELS, pixels)
}

fn brought_down(picture: Picture) -> Picture {
    let pixels = (picture.width, picture.height);
    let size = kept_size(pixels);
    if size == pixels {
        return picture;
    }
    let (channels, samples, pixel_bytes) = match &picture.samples {
        Samples::Grey(samples) => (Channels::Grey, samples, 1),
        Samples::Rgb(samples) => (Channels::Rgb, samples, 3),
    };
    let mut reduction = Reduction::new(Area::whole(pixels), size, channels);
    for row in samples.chunks_exact(pixels.0 as usize * pixel_bytes) {
        reduction.push(row);
    }
    reduction.finish()
}

fn decoder<'a>(
    bytes: &'a [u8],
    kind: DocumentKind,
    bounds: &Bounds,
) -> Result<impl ImageDecoder + 'a, Fault> {
    let format = match kind {
        DocumentKind::Jpeg => ImageFormat::Jpeg,
        DocumentKind::Png => ImageFormat::Png,
        DocumentKind::Webp => ImageFormat::WebP,
        DocumentKind::Tiff | DocumentKind::Pdf => {
            return Err(Fault::Unsupported("it is no single picture".into()));
        }
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
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

fn measure(bytes: &[u8], kind: DocumentKind, bounds: &Bounds) -> Result<PageSize, Fault> {
    let mut decoder = decoder(bytes, kind, bounds)?;
    let (mut width, mut height) = decoder.dimensions();
    if is_turned(orientation(&mut decoder)) {
        std::mem::swap(&mut width, &mut height);
    }
    let points = 72.0 / USUAL_DOTS_PER_INCH;
    Ok(PageSize {
        width: width as f32 * points,
        height: height as f32 * points,
    })
}

fn decode(bytes: &[u8], kind: DocumentKind, bounds: &Bounds) -> Result<Picture, Fault> {
    let mut decoder = decoder(bytes, kind, bounds)?;
    let orientation = orientation(&mut decoder);
    let mut image = DynamicImage::from_decoder(decoder).map_err(fault)?;
    image.apply_orientation(orientation);
    Ok(plain(image))
}

/// The Exif orientation; unreadable metadata count as none.
fn orientation(decoder: &mut impl ImageDecoder) -> Orientation {
    decoder.orientation().unwrap_or(Orientation::NoTransforms)
}

/// Grey or RGB, eight bits, on white paper.
fn plain(image: DynamicImage) -> Picture {
    let (width, height) = image.dimensions();
    let samples = match image {
        DynamicImage::ImageLuma8(grey) => Samples::Grey(grey.into_raw()),
        DynamicImage::ImageLuma16(_) => Samples::Grey(image.into_luma8().into_raw()),
        image if image.color().has_alpha() => {
            let rgba = image.into_rgba8();
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
