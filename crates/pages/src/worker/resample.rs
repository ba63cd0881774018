//! Resamples pictures to the size of the screen.

use super::area::Area;
use crate::geometry::{PageRect, PageSize, Plan};
use crate::protocol::Fault;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use pic_scale::{
    ImageSize, ImageStore, ImageStoreMut, PicScaleError, Resampling, ResamplingFunction, Scaler,
};
use std::borrow::Cow;
use std::sync::Arc;

/// The same filter as hayro's for pictures inside a PDF.
const FUNCTION: ResamplingFunction = ResamplingFunction::Hermite;

/// A decoded picture: one byte a pixel if grey, otherwise three.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) samples: Samples,
}

#[derive(Debug)]
pub(super) enum Samples {
    Grey(Vec<u8>),
    Rgb(Vec<u8>),
}

impl Picture {
    fn channels(&self) -> usize {
        match self.samples {
            Samples::Grey(_) => 1,
            Samples::Rgb(_) => 3,
        }
    }

    fn bytes(&self) -> &[u8] {
        match &self.samples {
            Samples::Grey(bytes) | Samples::Rgb(bytes) => bytes,
        }
    }

    pub(super) fn turned(self, orientation: Orientation) -> Self {
        const AS_MANY: &str = "a picture has as many samples as pixels";
        if orientation == Orientation::NoTransforms {
            return self;
        }
        let (width, height) = (self.width, self.height);
        let mut image = match self.samples {
            Samples::Grey(samples) => DynamicImage::ImageLuma8(
                GrayImage::from_raw(width, height, samples).expect(AS_MANY),
            ),
            Samples::Rgb(samples) => {
                DynamicImage::ImageRgb8(RgbImage::from_raw(width, height, samples).expect(AS_MANY))
            }
        };
        image.apply_orientation(orientation);
        let (width, height) = (image.width(), image.height());
        let samples = match image {
            DynamicImage::ImageLuma8(grey) => Samples::Grey(grey.into_raw()),
            image => Samples::Rgb(image.into_rgb8().into_raw()),
        };
        Self {
            width,
            height,
            samples,
        }
    }

    /// Draws the planned part of a page that this picture fills. Outside of the page is white.
    pub(super) fn draw(&self, page: PageSize, plan: &Plan, target: &mut [u8]) -> Result<(), Fault> {
        match Cut::new((self.width, self.height), page, plan) {
            Some(cut) => self.fill(&self.crop(cut.source), cut.source, &cut, plan, target),
            None => {
                target.fill(255);
                Ok(())
            }
        }
    }

    /// Draws the same where this picture is the source of the cut alone, of whatever size.
    pub(super) fn draw_part(&self, cut: &Cut, plan: &Plan, target: &mut [u8]) -> Result<(), Fault> {
        let whole = Area::whole((self.width, self.height));
        self.fill(self.bytes(), whole, cut, plan, target)
    }

    fn fill(
        &self,
        source: &[u8],
        area: Area,
        cut: &Cut,
        plan: &Plan,
        target: &mut [u8],
    ) -> Result<(), Fault> {
        target.fill(255);
        let pixels = self.resize(source, (area.width, area.height), (cut.width, cut.height))?;
        let channels = self.channels();
        let row_bytes = cut.width as usize * channels;
        let target_row_bytes = plan.width as usize * 4;
        let rows = target
            .chunks_exact_mut(target_row_bytes)
            .skip(cut.top as usize)
            .zip(pixels.chunks_exact(row_bytes));
        for (target, row) in rows {
            let target = &mut target[cut.left as usize * 4..];
            for (target, pixel) in target
                .as_chunks_mut::<4>()
                .0
                .iter_mut()
                .zip(row.chunks_exact(channels))
            {
                *target = match pixel {
                    [red, green, blue] => [*red, *green, *blue, 255],
                    other => [other[0], other[0], other[0], 255],
                };
            }
        }
        Ok(())
    }

    fn crop(&self, area: Area) -> Cow<'_, [u8]> {
        let bytes = self.bytes();
        if area == Area::whole((self.width, self.height)) {
            return Cow::Borrowed(bytes);
        }
        let channels = self.channels();
        let start = area.left as usize * channels;
        let length = area.width as usize * channels;
        let rows = bytes
            .chunks_exact(self.width as usize * channels)
            .skip(area.top as usize)
            .take(area.height as usize);
        let mut cropped = Vec::with_capacity(length * area.height as usize);
        for row in rows {
            cropped.extend_from_slice(&row[start..start + length]);
        }
        Cow::Owned(cropped)
    }

    fn resize(&self, bytes: &[u8], from: (u32, u32), to: (u32, u32)) -> Result<Vec<u8>, Fault> {
        if from == to {
            return Ok(bytes.to_vec());
        }
        match self.samples {
            Samples::Grey(_) => resize::<1>(bytes, from, to, Scaler::plan_planar_resampling),
            Samples::Rgb(_) => resize::<3>(bytes, from, to, Scaler::plan_rgb_resampling),
        }
        .map_err(|error| Fault::Broken(format!("its picture cannot be resized: {error}")))
    }
}

/// Lays a sample on white paper.
pub(super) fn on_white(sample: u8, alpha: u8) -> u8 {
    let (sample, alpha) = (u32::from(sample), u32::from(alpha));
    ((sample * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

/// Maps pixels of the picture to pixels of the drawing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) source: Area,
    left: u32,
    top: u32,
    width: u32,
    height: u32,
}

impl Cut {
    /// The planned part of a page that is a picture of so many pixels; `None` where the plan lies beside the page.
    pub(super) fn new(pixels: (u32, u32), page: PageSize, plan: &Plan) -> Option<Self> {
        let PageRect {
            x,
            y,
            width,
            height,
        } = plan.region;
        let (source_left, source_width, left, across) =
            cut_side(pixels.0, page.width, x, width, plan.width)?;
        let (source_top, source_height, top, down) =
            cut_side(pixels.1, page.height, y, height, plan.height)?;
        Some(Self {
            source: Area {
                left: source_left,
                top: source_top,
                width: source_width,
                height: source_height,
            },
            left,
            top,
            width: across,
            height: down,
        })
    }

    /// Whether the drawing can show more of the picture than is left when it is brought down to a size.
    pub(super) fn shows_more_than(&self, pixels: (u32, u32), size: (u32, u32)) -> bool {
        let is_finer = |drawn: u32, source: u32, pixels: u32, left: u32| {
            left < pixels
                && u64::from(drawn) * u64::from(pixels) > u64::from(left) * u64::from(source)
        };
        is_finer(self.width, self.source.width, pixels.0, size.0)
            || is_finer(self.height, self.source.height, pixels.1, size.1)
    }

    /// The size to which the source can be brought down without loss for the drawing.
    pub(super) fn reduced_size(&self) -> (u32, u32) {
        (
            self.width.min(self.source.width),
            self.height.min(self.source.height),
        )
    }
}

/// One axis of a cut: first and number of the picture's pixels, first and number of the drawing's.
fn cut_side(
    pixels: u32,
    page: f32,
    start: f32,
    length: f32,
    drawn: u32,
) -> Option<(u32, u32, u32, u32)> {
    let (page, start, length) = (f64::from(page), f64::from(start), f64::from(length));
    let from = start.max(0.0);
    let to = (start + length).min(page);
    if to <= from {
        return None;
    }
    let per_point = f64::from(pixels) / page;
    let first = ((from * per_point).floor() as u32).min(pixels - 1);
    let last = ((to * per_point).ceil() as u32).clamp(first + 1, pixels);
    let drawn_per_point = f64::from(drawn) / length;
    let drawn_first = (((from - start) * drawn_per_point).round() as u32).min(drawn - 1);
    let drawn_last =
        (((to - start) * drawn_per_point).round() as u32).clamp(drawn_first + 1, drawn);
    Some((first, last - first, drawn_first, drawn_last - drawn_first))
}

fn resize<const N: usize>(
    bytes: &[u8],
    from: (u32, u32),
    to: (u32, u32),
    plan: impl FnOnce(&Scaler, ImageSize, ImageSize) -> Result<Arc<Resampling<u8, N>>, PicScaleError>,
) -> Result<Vec<u8>, PicScaleError> {
    let (from, to) = (size(from), size(to));
    let source = ImageStore::<u8, N>::from_slice(bytes, from.width, from.height)?;
    let mut resized = vec![0; to.width * to.height * N];
    let mut target = ImageStoreMut::<u8, N>::from_slice(&mut resized, to.width, to.height)?;
    plan(&Scaler::new(FUNCTION), from, to)?.resample(&source, &mut target)?;
    Ok(resized)
}

fn size((width, height): (u32, u32)) -> ImageSize {
    ImageSize::new(width as usize, height as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Scale, plan};

    /// Left half black, right half white.
    fn halves() -> Picture {
        let row: Vec<u8> = [vec![0; 50], vec![255; 50]].concat();
        Picture {
            width: 100,
            height: 40,
            samples: Samples::Grey(row.repeat(40)),
        }
    }

    const PAGE: PageSize = PageSize {
        width: 50.0,
        height: 20.0,
    };

    fn drawn(region: Option<PageRect>, width: u32) -> (Plan, Vec<u8>) {
        let plan = plan(PAGE, region, Scale::FitWidth(width), 1_000_000).unwrap();
        let mut target = vec![0; (plan.width * plan.height * 4) as usize];
        halves().draw(PAGE, &plan, &mut target).unwrap();
        (plan, target)
    }

    #[test]
    fn the_whole_page_is_the_whole_picture() {
        let (plan, target) = drawn(None, 30);
        assert_eq!((plan.width, plan.height), (30, 12));
        assert_eq!(target[..4], [0, 0, 0, 255]);
        assert_eq!(target[29 * 4..30 * 4], [255, 255, 255, 255]);
    }

    #[test]
    fn a_part_of_the_page_is_that_part_of_the_picture() {
        let right = PageRect {
            x: 30.0,
            y: 0.0,
            width: 20.0,
            height: 10.0,
        };
        let (_, target) = drawn(Some(right), 40);
        assert!(target.iter().all(|sample| *sample == 255));
    }

    #[test]
    fn beside_the_page_there_is_white() {
        let beyond = PageRect {
            x: -50.0,
            y: 0.0,
            width: 100.0,
            height: 10.0,
        };
        let (_, target) = drawn(Some(beyond), 100);
        assert_eq!(target[..4], [255; 4]);
        assert_eq!(target[60 * 4..61 * 4], [0, 0, 0, 255]);
        let elsewhere = PageRect {
            x: 500.0,
            y: 500.0,
            width: 10.0,
            height: 10.0,
        };
        assert!(
            drawn(Some(elsewhere), 10)
                .1
                .iter()
                .all(|sample| *sample == 255)
        );
    }
}
