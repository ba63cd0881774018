//! The picture moves slowly against burn-in. The edge that comes into view looks like the picture beside it, and no
//! target leaves the glass.

use image::RgbaImage;

use crate::{Kiosk, layout, scenes};

/// Positions on the circle, in millimetres: one in each corner.
const DIRECTIONS: [(f32, f32); 4] = [(1.4, 1.4), (-1.4, 1.4), (-1.4, -1.4), (1.4, -1.4)];

/// What is shown while nobody is there.
const SCENES: [&str; 8] = [
    "idle-titles",
    "idle-notice",
    "idle-information",
    "idle-empty",
    "alert-extreme",
    "alert-one-of-two",
    "alert-strip-idle",
    "waiting",
];

/// A length in millimetres of the usual panel, in pixels of a screen of this size.
fn pixels(width: u32, height: u32, mm: f32) -> i64 {
    (mm * f32::hypot(width as f32, height as f32) / (25.4 * 43.0)).round() as i64
}

fn light(picture: &RgbaImage, x: i64, y: i64) -> i32 {
    let pixel = picture.get_pixel(x as u32, y as u32).0;
    pixel[..3].iter().map(|channel| i32::from(*channel)).sum()
}

/// Counts the pixels of a newly visible edge that are clearly brighter than the picture beside them.
fn bright_beside(picture: &RgbaImage, dx: i64, dy: i64) -> (usize, usize) {
    let (width, height) = (i64::from(picture.width()), i64::from(picture.height()));
    let bright = |(x, y), (beside_x, beside_y)| {
        light(picture, x, y) > light(picture, beside_x, beside_y) + 60
    };
    let mut rows = 0;
    if dx != 0 {
        let (edge, beside) = if dx > 0 {
            (0, dx)
        } else {
            (width - 1, width - 1 + dx)
        };
        rows = (0..height)
            .filter(|y| bright((edge, *y), (beside, *y)))
            .count();
    }
    let mut columns = 0;
    if dy != 0 {
        let (edge, beside) = if dy > 0 {
            (0, dy)
        } else {
            (height - 1, height - 1 + dy)
        };
        columns = (0..width)
            .filter(|x| bright((*x, edge), (*x, beside)))
            .count();
    }
    (rows, columns)
}

#[test]
fn no_bright_edge_shows_beside_the_walking_picture_and_nothing_leaves_the_glass() {
    let mut kiosk = Kiosk::new(1080, 1920, |_| ());
    let mut wrong = Vec::new();
    for (width, height) in [(1080, 1920), (1920, 1080)] {
        kiosk.headless.resize(width, height);
        for name in SCENES {
            for drift in DIRECTIONS {
                kiosk.show_with(&scenes::named(name), |view_model| {
                    view_model.drift_mm = drift;
                });
                let scene = format!("{name} {width}×{height} {drift:?}");
                let (dx, dy) = (
                    pixels(width, height, drift.0),
                    pixels(width, height, drift.1),
                );
                assert!(dx != 0 || dy != 0, "the picture has moved");
                let (rows, columns) = bright_beside(&kiosk.headless.snapshot(), dx, dy);
                // Lines across the whole screen end with the picture: hairlines and the progress bar.
                if rows > 14 || columns > 14 {
                    wrong.push(format!("{scene}: {rows} rows and {columns} columns shine"));
                }
                let off = layout::targets_off_the_glass(&kiosk, width, height);
                wrong.extend(off.iter().map(|target| format!("{scene}: {target}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
