//! Resamples pictures to the size of the screen.

use crate::geometry::{PageRect, PageSize, Plan};
use crate::protocol::Fault;
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

    pub(super) fn resized(&self, width: u32, height: u32) -> Result<Self, Fault> {
        let resized = self.resize(self.bytes(), (self.width, self.height), (width, height))?;
        Ok(Self {
            width,
            height,
            samples: match self.samples {
                Samples::Grey(_) => Samples::Grey(resized),
                Samples::Rgb(_) => Samples::Rgb(resized),
            },
        })
    }

    /// Draws the planned part of a page that this picture fills. Outside of the page is white.
    pub(super) fn draw(&self, page: PageSize, plan: &Plan, target: &mut [u8]) -> Result<(), Fault> {
        target.fill(255);
        let Some(cut) = Cut::new(self, page, plan) else {
            return Ok(());
        };
        let source = self.crop(&cut);
        let pixels = self.resize(
            &source,
            (cut.source_width, cut.source_height),
            (cut.width, cut.height),
        )?;
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

    fn crop(&self, cut: &Cut) -> Cow<'_, [u8]> {
        let bytes = self.bytes();
        if (cut.source_width, cut.source_height) == (self.width, self.height) {
            return Cow::Borrowed(bytes);
        }
        let channels = self.channels();
        let start = cut.source_left as usize * channels;
        let length = cut.source_width as usize * channels;
        let rows = bytes
            .chunks_exact(self.width as usize * channels)
            .skip(cut.source_top as usize)
            .take(cut.source_height as usize);
        let mut cropped = Vec::with_capacity(length * cut.source_height as usize);
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

/// Maps pixels of the picture to pixels of the drawing.
#[derive(Debug, PartialEq, Eq)]
struct Cut {
    source_left: u32,
    source_top: u32,
    source_width: u32,
    source_height: u32,
    left: u32,
    top: u32,
    width: u32,
    height: u32,
}

impl Cut {
    fn new(picture: &Picture, page: PageSize, plan: &Plan) -> Option<Self> {
        let PageRect {
            x,
            y,
            width,
            height,
        } = plan.region;
        let (source_left, source_width, left, across) =
            cut_side(picture.width, page.width, x, width, plan.width)?;
        let (source_top, source_height, top, down) =
            cut_side(picture.height, page.height, y, height, plan.height)?;
        Some(Self {
            source_left,
            source_top,
            source_width,
            source_height,
            left,
            top,
            width: across,
            height: down,
        })
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
