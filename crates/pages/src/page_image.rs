//! A drawn page.

use crate::geometry::{PageRect, PageSize};
use memmap2::Mmap;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// A part of the page that could not be drawn as the document specifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageWarning {
    /// A font of an unknown kind was replaced by another.
    UnsupportedFont,
    /// Letters are missing: their font has no outlines for them.
    LettersMissing,
    /// A picture, or a part of one, could not be decoded and is missing.
    PictureMissing,
    /// A note, mark or stamp without a readable appearance is missing.
    AnnotationMissing,
    /// The value of a form field is missing: the field has no readable appearance.
    FieldMissing,
    /// A form field shows another value than it holds, since its appearance was not made anew.
    FieldOutdated,
}

/// For technicians.
impl fmt::Display for PageWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnsupportedFont => "a font of an unknown kind was replaced",
            Self::LettersMissing => "letters are missing",
            Self::PictureMissing => "a picture is missing",
            Self::AnnotationMissing => "a note or mark is missing",
            Self::FieldMissing => "the value of a form field is missing",
            Self::FieldOutdated => "a form field shows an old value",
        })
    }
}

/// A drawn page or part of one: opaque RGBA, eight bits each, row by row without padding.
///
/// The pixels are sealed memory shared with the worker that drew them; it is freed with this value, whether or not the
/// worker still runs.
#[derive(Debug)]
pub struct PageImage {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) pixels: Mmap,
}

impl PageImage {
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// `width * height * 4` bytes.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}

/// A drawn page or part of one, with its cost.
#[derive(Debug)]
pub struct RenderedPage {
    /// The page, counted from zero.
    pub page: u32,
    pub page_count: u32,
    /// The size of the whole page in points.
    pub page_size: PageSize,
    /// The part that was drawn, in points.
    pub region: PageRect,
    /// Pixels per point.
    pub scale: f32,
    pub image: PageImage,
    /// What is missing from the image.
    pub warnings: Vec<PageWarning>,
    /// From sending the request to the worker to receiving its pixels.
    pub took: Duration,
    /// The most memory the worker has had resident so far.
    pub worker_peak_bytes: u64,
}
