//! After any sequence of touches the board is one touch away.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod town;

use std::collections::HashSet;
use std::process::Command;
use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use town::{PATIENCE, Town};
use vyveska::app::HeadlessKiosk;
use vyveska::app::elements::Element;
use vyveska::ui::view_model::Screen;

/// An upright and a lying panel, each with its random seed.
const PANELS: [(&str, (u32, u32), u64); 2] =
    [("stands", (1080, 1920), 3), ("lies", (1920, 1080), 4)];

/// Names the panel of the child process: each kiosk needs a process of its own.
const PANEL: &str = "VYVESKA_TOUCHED_PANEL";

/// Per panel: 5,000 together.
const TOUCHES: usize = 2500;

/// Usable with gloves and in rain: the least size of a target, in millimetres.
const LEAST_TARGET_MM: f32 = 20.0;

fn whole_board(kiosk: &HeadlessKiosk) -> Element {
    let there = kiosk.touchable();
    let found = there.iter().find(|element| {
        ["Celá deska", "Ganze Tafel", "Whole board"]
            .iter()
            .any(|name| element.label.starts_with(name))
    });
    found
        .unwrap_or_else(|| {
            let labels: Vec<&str> = there.iter().map(|element| element.label.as_str()).collect();
            panic!("the whole board can be touched from everywhere; there are {labels:?}")
        })
        .clone()
}

#[test]
fn whatever_is_touched_the_whole_board_is_one_touch_away() {
    if let Ok(chosen) = std::env::var(PANEL) {
        let (_, size, seed) = PANELS.into_iter().find(|panel| panel.0 == chosen).unwrap();
        touch_at_random(size, seed);
        return;
    }
    let programs = PANELS.map(|(name, ..)| {
        let mut program = Command::new(std::env::current_exe().unwrap());
        let this = "whatever_is_touched_the_whole_board_is_one_touch_away";
        program.args(["--exact", this, "--nocapture"]);
        (name, program.env(PANEL, name).spawn().unwrap())
    });
    for (name, mut program) in programs {
        let status = program.wait().unwrap();
        assert!(status.success(), "what was touched on a panel that {name}");
    }
}

fn touch_at_random(size: (u32, u32), seed: u64) {
    let town = Town::start();
    // The alert covers the idle board.
    town.alert();
    let options = town.options(size.0, size.1);
    let mm = 25.4 * options.panel.diagonal_inches / f32::hypot(size.0 as f32, size.1 as f32);
    let kiosk = HeadlessKiosk::start_unhurried(&options).unwrap();
    kiosk
        .until("the board", PATIENCE, |shown| shown.board.total > 30)
        .unwrap();
    kiosk.screen().paint_only_for_pictures();

    let mut chance = rand::rngs::StdRng::seed_from_u64(seed);
    let mut met = HashSet::new();
    for touch in 0..TOUCHES {
        let x = chance.random_range(0.0..size.0 as f32);
        let y = chance.random_range(0.0..size.1 as f32);
        kiosk.screen().tap(x, y);
        met.extend(kiosk.shown_screen());
        let element = whole_board(&kiosk);
        assert!(
            element.width * mm >= LEAST_TARGET_MM && element.height * mm >= LEAST_TARGET_MM,
            "touch {touch}: {element:?}"
        );
        let moment = kiosk.moment();
        let (x, y) = element.middle();
        kiosk.screen().tap(x, y);
        if moment.preferences().speech {
            // The first touch only announced it.
            kiosk.screen().tap(x, y);
        }
        assert_eq!(kiosk.shown_screen(), Some(Screen::Board), "touch {touch}");
        // A session goes some touches deep before it continues from the list or ends.
        if chance.random_range(0..6) != 0 {
            kiosk.return_to(moment);
        } else if chance.random_range(0..6) == 0 {
            kiosk.skip(Duration::from_secs(600));
            kiosk.return_to(kiosk.moment());
            met.extend(kiosk.shown_screen());
        }
    }
    for screen in [
        Screen::Board,
        Screen::Search,
        Screen::Notice,
        Screen::Information,
        // The alert, in place of the idle board.
        Screen::Alert,
    ] {
        assert!(
            met.contains(&screen),
            "{screen:?} was met, not only {met:?}"
        );
    }
    kiosk.stop();
}
