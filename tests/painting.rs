//! What is painted step by step equals a full repaint of the same state.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod town;

use std::iter::zip;
use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;
use image::{Rgba, RgbaImage};
use rand::{RngExt as _, SeedableRng as _};
use town::{PATIENCE, Town};
use vyveska::app::HeadlessKiosk;
use vyveska::ui::view_model::Screen;

const SIZE: (u32, u32) = (1080, 1920);

const STEPS: usize = 48;

/// The one kind of difference that is the renderer's own: where the left edge of a part that is painted cuts the curve of
/// a rounded corner, the pixels of the curve there are smoothed by another share, because the renderer reckons it from
/// the edge of the part. Measured were two pixels, at the top and the bottom of one element, and 12 levels.
const CORNER_PIXELS: usize = 8;
const CORNER_LEVELS: u8 = 16;

/// The rectangle that contains every pixel in which two pictures differ: left, top, right, bottom.
/// None when they differ in a few pixels by a shade only.
fn difference(one: &RgbaImage, other: &RgbaImage) -> Option<[u32; 4]> {
    if one == other {
        return None;
    }
    let levels = |one: &Rgba<u8>, other: &Rgba<u8>| {
        let channels = zip(one.0, other.0).map(|(a, b)| a.abs_diff(b));
        channels.max().unwrap_or(0)
    };
    let differing: Vec<(u32, u32, u8)> = one
        .enumerate_pixels()
        .zip(other.pixels())
        .map(|((x, y, one), other)| (x, y, levels(one, other)))
        .filter(|(.., levels)| *levels > 0)
        .collect();
    if differing.len() <= CORNER_PIXELS
        && differing
            .iter()
            .all(|(.., levels)| *levels <= CORNER_LEVELS)
    {
        return None;
    }
    differing.into_iter().fold(None, |found, (x, y, _)| {
        let [left, top, right, bottom] = found.unwrap_or([x, y, x, y]);
        Some([left.min(x), top.min(y), right.max(x), bottom.max(y)])
    })
}

/// Compares what is painted with a full repaint; the difference is added to `stale`.
fn check(kiosk: &HeadlessKiosk, after: &str, stale: &mut Vec<String>) {
    let painted = kiosk.picture();
    let repainted = kiosk.screen().repainted();
    if let Some(place) = difference(&painted, &repainted) {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let number = stale.len();
        painted
            .save(folder.join(format!("{number}-painted.png")))
            .unwrap();
        repainted
            .save(folder.join(format!("{number}-repainted.png")))
            .unwrap();
        stale.push(format!("{place:?} after {after}"));
    }
}

#[test]
fn incremental_painting_equals_a_full_repaint() {
    let town = Town::start();
    let kiosk = HeadlessKiosk::start_unhurried(&town.options(SIZE.0, SIZE.1)).unwrap();
    kiosk
        .until("the board", PATIENCE, |shown| shown.board.total > 30)
        .unwrap();
    let mut stale = Vec::new();
    // Long sessions in the list and in the search, where texts come and go, while minutes pass.
    for (way_in, screen) in [("Celá deska", Screen::Board), ("Hledat", Screen::Search)] {
        kiosk.touch(way_in).unwrap();
        assert_eq!(kiosk.shown_screen(), Some(screen));
        if screen == Screen::Search {
            for key in ["z", "a"] {
                kiosk
                    .touch_where(key, |element| element.label == key)
                    .unwrap();
            }
            kiosk
                .until("results", PATIENCE, |shown| shown.search.total > 5)
                .unwrap();
        }
        for step in 0..18 {
            let button = if step / 3 % 2 == 0 { "Dolů" } else { "Nahoru" };
            // At an end of the list the button is disabled.
            let _ = kiosk.touch(button);
            kiosk.move_calendar(TimeDelta::seconds(15));
            kiosk.screen().settle(PATIENCE);
            check(
                &kiosk,
                &format!("{button} in {screen:?}, step {step}"),
                &mut stale,
            );
        }
    }
    let mut chance = rand::rngs::StdRng::seed_from_u64(8);
    for step in 0..STEPS {
        let there = kiosk.touchable();
        let element = &there[chance.random_range(0..there.len())];
        let after = format!("step {step}: {:?}", element.label);
        let (x, y) = element.middle();
        if chance.random_range(0..4) == 0 {
            let up = chance.random_range(100.0..900.0);
            kiosk.screen().drag((x, y), (x, (y - up).max(0.0)));
        } else {
            kiosk.screen().tap(x, y);
        }
        kiosk.move_calendar(TimeDelta::seconds(chance.random_range(1..40)));
        if chance.random_range(0..12) == 0 {
            kiosk.skip(Duration::from_secs(30));
        }
        kiosk.until_settled(PATIENCE).unwrap();
        check(&kiosk, &after, &mut stale);
    }
    assert_eq!(
        stale,
        [] as [String; 0],
        "see {}",
        env!("CARGO_TARGET_TMPDIR")
    );
    // The last safety: within a minute everything is painted again.
    kiosk.screen().settle(PATIENCE);
    kiosk.skip(Duration::from_secs(60));
    kiosk
        .until("a full repaint", PATIENCE, |_| {
            kiosk.screen().last_painted() == SIZE
        })
        .unwrap();
    kiosk.stop();
}
