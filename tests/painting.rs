//! What is painted step by step equals a full repaint of the same state.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod pictures;
mod town;

use std::process::Command;
use std::time::Duration;

use chrono::TimeDelta;
use pictures::difference;
use rand::{RngExt as _, SeedableRng as _};
use town::{PATIENCE, Town};
use vyveska::app::HeadlessKiosk;
use vyveska::ui::view_model::Screen;

/// A panel, and how many steps are taken on it.
struct Panel {
    name: &'static str,
    size: (u32, u32),
    /// How often the text is made larger.
    text_steps: usize,
    /// Steps up and down in the list, and in the results of a search.
    scrolls: usize,
    /// Touches at random.
    touches: usize,
}

/// On small panels and with large text parts of the interface have positions between the pixels.
const PANELS: [Panel; 5] = [
    Panel {
        name: "stands",
        size: (1080, 1920),
        text_steps: 0,
        scrolls: 18,
        touches: 48,
    },
    Panel {
        name: "stands-small",
        size: (720, 1280),
        text_steps: 0,
        scrolls: 4,
        touches: 48,
    },
    Panel {
        name: "lies-small",
        size: (1280, 720),
        text_steps: 0,
        scrolls: 4,
        touches: 48,
    },
    Panel {
        name: "lies",
        size: (1920, 1080),
        text_steps: 1,
        scrolls: 4,
        touches: 24,
    },
    Panel {
        name: "large-text",
        size: (1080, 1920),
        text_steps: 3,
        scrolls: 4,
        touches: 24,
    },
];

/// Names the panel of the child process: each kiosk needs a process of its own.
const PANEL: &str = "VYVESKA_PAINTED_PANEL";

/// Compares what is painted with a full repaint; the difference is added to `stale`.
fn check(kiosk: &HeadlessKiosk, panel: &Panel, after: &str, stale: &mut Vec<String>) {
    let painted = kiosk.picture();
    let repainted = kiosk.screen().repainted();
    if let Some(place) = difference(&painted, &repainted) {
        let name = format!("{}-{}", panel.name, stale.len());
        pictures::keep(&name, &painted, &repainted);
        stale.push(format!("{place:?} after {after}"));
    }
}

#[test]
fn incremental_painting_equals_a_full_repaint() {
    if let Ok(chosen) = std::env::var(PANEL) {
        let panel = PANELS.iter().find(|panel| panel.name == chosen).unwrap();
        paint_step_by_step(panel);
        return;
    }
    let programs = PANELS.each_ref().map(|Panel { name, .. }| {
        let mut program = Command::new(std::env::current_exe().unwrap());
        let this = "incremental_painting_equals_a_full_repaint";
        program.args(["--exact", this, "--nocapture"]);
        (name, program.env(PANEL, name).spawn().unwrap())
    });
    let failed = programs
        .into_iter()
        .filter_map(|(name, mut program)| (!program.wait().unwrap().success()).then_some(name));
    assert_eq!(failed.collect::<Vec<_>>(), [] as [&&str; 0]);
}

fn paint_step_by_step(panel: &Panel) {
    let town = Town::start();
    let options = town.options(panel.size.0, panel.size.1);
    let kiosk = HeadlessKiosk::start_unhurried(&options).unwrap();
    kiosk
        .until("the board", PATIENCE, |shown| shown.board.total > 30)
        .unwrap();
    let mut stale = Vec::new();
    for step in 0..panel.text_steps {
        kiosk.touch("Větší písmo").unwrap();
        kiosk.until_settled(PATIENCE).unwrap();
        check(&kiosk, panel, &format!("text step {step}"), &mut stale);
    }
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
        for step in 0..panel.scrolls {
            let button = if step / 3 % 2 == 0 { "Dolů" } else { "Nahoru" };
            // At an end of the list the button is disabled.
            let _ = kiosk.touch(button);
            kiosk.move_calendar(TimeDelta::seconds(15));
            kiosk.screen().settle(PATIENCE);
            check(
                &kiosk,
                panel,
                &format!("{button} in {screen:?}, step {step}"),
                &mut stale,
            );
        }
    }
    let mut chance = rand::rngs::StdRng::seed_from_u64(8);
    for step in 0..panel.touches {
        let mut there = kiosk.touchable();
        // Not forever on the keyboard, which has most keys.
        there.retain(|element| element.label.chars().count() > 1);
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
        check(&kiosk, panel, &after, &mut stale);
    }
    assert_eq!(
        stale,
        [] as [String; 0],
        "{}, see {}",
        panel.name,
        env!("CARGO_TARGET_TMPDIR")
    );
    // The last safety: within a minute everything is painted again.
    kiosk.screen().settle(PATIENCE);
    kiosk.skip(Duration::from_secs(60));
    kiosk
        .until("a full repaint", PATIENCE, |_| {
            kiosk.screen().last_painted() == panel.size
        })
        .unwrap();
    kiosk.stop();
}
