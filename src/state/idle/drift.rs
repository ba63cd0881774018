//! Moves the whole picture slowly, against burn-in.
//!
//! Header, footer and bar look the same all day. After months in one place their edges would stay visible in the panel.
//! Three things prevent that: pages and notices rotate; at night the screen is dark, so that no pixel is bright for a
//! whole day; and this module moves the whole picture on a small circle. The circle is wider than the strokes of the
//! bar's letters and icons, so that each pixel near an edge is on either side of it at times. A step is at most two
//! pixels and a minute apart: nobody sees it.

use std::time::Duration;

/// Diameter of the circle in millimetres: more than the strokes of the bar's icons.
const DIAMETER_MM: f32 = 4.0;

/// Duration of a step, and the number of steps in a circle.
const STEP: Duration = Duration::from_secs(60);
const STEPS: u64 = 60;

/// The picture's offset to the right and down in millimetres: -2 to 2 each.
pub fn drift(monotonic: Duration) -> (f32, f32) {
    let step = (monotonic.as_secs() / STEP.as_secs()) % STEPS;
    let angle = step as f32 / STEPS as f32 * std::f32::consts::TAU;
    let radius = DIAMETER_MM / 2.0;
    (radius * angle.cos(), radius * angle.sin())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(minute: u64) -> (f32, f32) {
        drift(Duration::from_secs(minute * 60))
    }

    #[test]
    fn the_picture_walks_a_circle_each_hour_in_steps_nobody_sees() {
        for at in 0..200 {
            let (here, next) = (minute(at), minute(at + 1));
            let radius = here.0.hypot(here.1);
            assert!((radius - DIAMETER_MM / 2.0).abs() < 0.01, "{radius}");
            let step = (next.0 - here.0).hypot(next.1 - here.1);
            assert!((0.1..0.25).contains(&step), "{step}");
        }
        let back = minute(60);
        assert!((back.0 - minute(0).0).abs() < 0.001 && (back.1 - minute(0).1).abs() < 0.001);
    }
}
