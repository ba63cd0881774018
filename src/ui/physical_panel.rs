//! The physical panel: its size and its mounting height.
//!
//! Somebody in a wheelchair reaches from 700 to 1,200 mm above the ground (`domain.md`, 3.3).
//! On every screen, all touch targets must fit within that range in low reach mode.
//! A panel mounted too high or too low is refused before anything is shown, while whoever mounted it can correct it.

use std::ops::RangeInclusive;

/// Where reach from a wheelchair begins, in millimetres above the ground.
const LOWEST_REACH: f32 = 700.0;

/// The highest the lower edge of a picture may be, and the lowest its upper edge: the page and the bar, with the
/// largest text and the keyboard, need 300 mm, and the header as well where it has to stand in front of somebody too.
const HIGHEST_LOWER_EDGE: f32 = 900.0;
const LOWEST_UPPER_EDGE: f32 = 1050.0;

/// How large the picture of the panel is, and how high it hangs.
///
/// Sizes are given in millimetres of the panel, not in pixels (`domain.md`, 3.4).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PhysicalPanel {
    /// The diagonal of its picture, in inches: 10 to 120.
    pub diagonal_inches: f32,
    /// How high above the ground the lower edge of its picture is, in millimetres.
    pub bottom_mm: f32,
}

impl Default for PhysicalPanel {
    /// 43 inches, 700 mm above the ground.
    fn default() -> Self {
        Self {
            diagonal_inches: 43.0,
            bottom_mm: 700.0,
        }
    }
}

/// Too little of the picture is within reach from a wheelchair.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "too little of the picture is within reach from a wheelchair: it stands from {lower:.0} to {upper:.0} mm above \
     the ground; hang this panel with its lower edge at {least:.0} to {most:.0} mm and say so with --panel-bottom-mm"
)]
pub struct UnusableMounting {
    lower: f32,
    upper: f32,
    least: f32,
    most: f32,
}

impl PhysicalPanel {
    /// How high its picture is, in millimetres, when it has so many pixels across and down.
    pub fn height_mm(self, width: u32, height: u32) -> f32 {
        let (width, height) = (width as f32, height as f32);
        25.4 * self.diagonal_inches * height / f32::hypot(width, height)
    }

    /// Between which heights above the ground the lower edge of its picture may be, in millimetres.
    pub fn lower_edges(self, width: u32, height: u32) -> RangeInclusive<f32> {
        let picture = self.height_mm(width, height);
        // A small one is within reach as a whole. The tolerance allows for measurements at a wall.
        let least = (LOWEST_UPPER_EDGE - picture)
            .clamp(0.0, LOWEST_REACH)
            .floor();
        least..=HIGHEST_LOWER_EDGE
    }

    /// Checks that all touch targets fit within reach.
    ///
    /// # Errors
    ///
    /// When the panel is mounted too high or too low; the message names the permitted heights.
    pub fn check(self, width: u32, height: u32) -> Result<(), UnusableMounting> {
        let allowed = self.lower_edges(width, height);
        if allowed.contains(&self.bottom_mm) {
            return Ok(());
        }
        Err(UnusableMounting {
            lower: self.bottom_mm,
            upper: self.bottom_mm + self.height_mm(width, height),
            least: *allowed.start(),
            most: *allowed.end(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(inches: f32, (width, height): (u32, u32), bottom_mm: f32, fits: bool) {
        let panel = PhysicalPanel {
            diagonal_inches: inches,
            bottom_mm,
        };
        assert_eq!(panel.check(width, height).is_ok(), fits, "{panel:?}");
    }

    const UPRIGHT: (u32, u32) = (1080, 1920);
    const LYING: (u32, u32) = (1920, 1080);

    #[test]
    fn a_panel_hangs_where_a_wheelchair_comes_to_enough_of_it() {
        for inches in [32.0, 43.0, 55.0, 75.0] {
            for size in [UPRIGHT, LYING] {
                check(inches, size, 700.0, true);
                check(inches, size, 900.0, true);
                check(inches, size, 901.0, false);
                check(inches, size, 2000.0, false);
            }
        }
        check(55.0, UPRIGHT, 0.0, true);
        check(43.0, UPRIGHT, 98.0, true);
        check(43.0, UPRIGHT, 96.0, false);
        check(32.0, LYING, 600.0, false);
        check(10.0, LYING, 700.0, true);
        check(10.0, LYING, 600.0, false);
    }

    #[test]
    fn a_wrong_mounting_height_is_refused_with_the_permitted_ones() {
        let panel = PhysicalPanel {
            diagonal_inches: 43.0,
            bottom_mm: 1000.0,
        };
        assert_eq!(
            panel.check(1080, 1920).unwrap_err().to_string(),
            "too little of the picture is within reach from a wheelchair: it stands from 1000 to 1952 mm above the \
             ground; hang this panel with its lower edge at 98 to 900 mm and say so with --panel-bottom-mm"
        );
    }
}
