//! Conversion from page points to pixels.
//!
//! Points are 1/72 inch, from the top left corner of the page as it is read, after its rotation and crop.

use serde::{Deserialize, Serialize};

/// The size of a page in points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PageSize {
    pub width: f32,
    pub height: f32,
}

/// A part of a page in points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PageRect {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

impl PageSize {
    /// The whole page.
    #[must_use]
    pub fn rect(self) -> PageRect {
        PageRect {
            x: 0.0,
            y: 0.0,
            width: self.width,
            height: self.height,
        }
    }
}

/// The size of a drawing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Pixels per point.
    PerPoint(f32),
    /// The drawn part is exactly this many pixels wide.
    FitWidth(u32),
    /// As large as fits into this many pixels.
    FitWithin { width: u32, height: u32 },
}

/// Why a drawing cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GeometryFault {
    /// A size that is not a positive finite number.
    Senseless,
    /// More pixels than may be drawn.
    TooManyPixels,
}

/// The exact size of a drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Plan {
    pub(crate) region: PageRect,
    pub(crate) scale: f32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// The rasteriser counts the pixels of a side in 16 bits.
const MAX_SIDE: f64 = 65_535.0;

pub(crate) fn plan(
    page: PageSize,
    region: Option<PageRect>,
    scale: Scale,
    max_pixels: u64,
) -> Result<Plan, GeometryFault> {
    let region = region.unwrap_or_else(|| page.rect());
    let sound = |value: f32| value.is_finite() && value > 0.0;
    if !sound(region.width)
        || !sound(region.height)
        || !region.x.is_finite()
        || !region.y.is_finite()
    {
        return Err(GeometryFault::Senseless);
    }
    let (across, down) = (f64::from(region.width), f64::from(region.height));
    let factor = match scale {
        Scale::PerPoint(factor) => f64::from(factor),
        Scale::FitWidth(width) => f64::from(width) / across,
        Scale::FitWithin { width, height } => {
            (f64::from(width) / across).min(f64::from(height) / down)
        }
    };
    if !factor.is_finite() || factor <= 0.0 {
        return Err(GeometryFault::Senseless);
    }
    let width = (across * factor).round().max(1.0);
    let height = (down * factor).round().max(1.0);
    // The product is compared in floating point, where it cannot overflow.
    if width > MAX_SIDE || height > MAX_SIDE || width * height > max_pixels as f64 {
        return Err(GeometryFault::TooManyPixels);
    }
    Ok(Plan {
        region,
        scale: factor as f32,
        width: width as u32,
        height: height as u32,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const A4: PageSize = PageSize {
        width: 595.28,
        height: 841.89,
    };

    #[track_caller]
    fn check(region: Option<PageRect>, scale: Scale, expected: Result<(u32, u32), GeometryFault>) {
        let planned = plan(A4, region, scale, 32_000_000);
        assert_eq!(planned.map(|plan| (plan.width, plan.height)), expected);
    }

    #[test]
    fn fitting_a_width_gives_exactly_that_width() {
        check(None, Scale::FitWidth(1080), Ok((1080, 1527)));
        let half = PageRect {
            x: 0.0,
            y: 0.0,
            width: 297.64,
            height: 100.0,
        };
        check(Some(half), Scale::FitWidth(1080), Ok((1080, 363)));
    }

    #[test]
    fn fitting_within_keeps_the_proportions() {
        let scale = Scale::FitWithin {
            width: 1000,
            height: 1000,
        };
        check(None, scale, Ok((707, 1000)));
    }

    #[test]
    fn senseless_or_huge_drawings_are_refused() {
        check(None, Scale::PerPoint(0.0), Err(GeometryFault::Senseless));
        check(
            None,
            Scale::PerPoint(f32::NAN),
            Err(GeometryFault::Senseless),
        );
        check(
            None,
            Scale::PerPoint(1e9),
            Err(GeometryFault::TooManyPixels),
        );
        check(
            None,
            Scale::FitWidth(60_000),
            Err(GeometryFault::TooManyPixels),
        );
        let nothing = PageRect {
            x: 0.0,
            y: 0.0,
            width: 0.0,
            height: 10.0,
        };
        check(
            Some(nothing),
            Scale::PerPoint(1.0),
            Err(GeometryFault::Senseless),
        );
    }
}
