//! Every screen, upright and lying, compared with the reference pictures in `tests/snapshots`.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test --test screens` stores new ones: look at them before they are committed.
//! With `SCENES=board,notice-reach` the scenes whose names begin so are drawn into `target/screens`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod board;
mod buttons;
mod contrast;
mod drift;
mod ends;
mod layout;
mod motion;
mod painted;
mod palette;
mod pictures;
mod reading;
mod repainting;
mod rotation;
mod safe;
mod scenes;
mod snapshot;
mod spoken;
mod touch;
mod translations;
mod trouble;

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use slint::ComponentHandle;
use vyveska::headless::{Headless, Time};
use vyveska::state::{Event, Size};
use vyveska::ui::Ui;
use vyveska::ui::view_model::ViewModel;
use vyveska_board::Language;

use scenes::{Act, Scene};

/// The interface on a screen in memory, and the last viewer size it reported.
pub(crate) struct Kiosk {
    pub(crate) headless: Headless,
    pub(crate) ui: Ui,
    viewer: Rc<Cell<Size>>,
}

impl Kiosk {
    /// On a screen of this size; events go to `on_event`.
    pub(crate) fn new(width: u32, height: u32, on_event: impl Fn(Event) + Clone + 'static) -> Self {
        let headless = Headless::install(width, height, Time::set()).unwrap();
        let ui = Ui::new().unwrap();
        let viewer = Rc::new(Cell::new(Size {
            width: 0.0,
            height: 0.0,
        }));
        let size = viewer.clone();
        ui.connect(move |event| {
            if let Event::ViewerResized(viewer) = event {
                size.set(viewer);
            }
            on_event(event);
        });
        ui.window().show().unwrap();
        Self {
            headless,
            ui,
            viewer,
        }
    }

    /// Shows a scene, once nothing moves any more.
    pub(crate) fn show(&mut self, scene: &Scene) {
        self.show_with(scene, |_| ());
    }

    /// Shows a changed scene.
    pub(crate) fn show_with(&mut self, scene: &Scene, change: impl Fn(&mut ViewModel)) {
        let made = |viewer| {
            let mut view_model = (scene.view)(viewer);
            change(&mut view_model);
            view_model
        };
        // Starting from idle, so that nothing of the scene before is left.
        self.ui.render(&scenes::waiting());
        self.headless.dispatch();
        let viewer = self.viewer.get();
        self.ui.render(&made(viewer));
        self.settle();
        if self.viewer.get() != viewer {
            // Again, with the viewer's size known.
            self.ui.render(&made(self.viewer.get()));
            self.settle();
        }
        if let Some(Act::Touch(label)) = scene.act {
            let label = translations::in_language(label, made(self.viewer.get()).language);
            // On a lying panel there may be room for what has to be opened on an upright one.
            if let Some((x, y)) = touch::find(&self.ui, &label) {
                self.headless.tap(x, y);
                self.settle();
            }
        }
    }

    /// Shows this after the present screen.
    pub(crate) fn show_view(&mut self, view_model: &ViewModel) {
        self.ui.render(view_model);
        self.settle();
    }

    /// Shows it in another language, if given: the town's own words stay as they are.
    pub(crate) fn show_in(&mut self, scene: &Scene, language: Option<Language>) {
        self.show_with(scene, |view_model| {
            view_model.language = language.unwrap_or(view_model.language);
        });
    }

    /// From now on paints only on request, and draws no pages.
    pub(crate) fn stop_painting(&self) {
        self.headless.paint_only_for_pictures();
        pictures::draw_pages_coarsely();
    }

    pub(crate) fn settle(&self) {
        assert!(
            self.headless.settle(Duration::from_secs(3)),
            "the interface comes to rest"
        );
    }
}

/// The reference pictures: together they show every screen, scheme, text size, language and orientation.
/// The layout of all other scenes is measured (`layout.rs`).
const KEPT_PORTRAIT: &[&str] = &[
    "idle-titles",
    "idle-english",
    "idle-notice",
    "idle-ending",
    "idle-information",
    "idle-night",
    "idle-reach-contrast",
    "idle-empty",
    "board",
    "board-all-categories",
    "board-by-name",
    "board-large",
    "board-german-larger",
    "board-stale",
    "board-contrast",
    "board-night",
    "board-largest",
    "board-reach",
    "board-thousand",
    "board-empty",
    "board-after-outage",
    "notice",
    "notice-reach",
    "notice-contrast-largest",
    "notice-attachments",
    "notice-more",
    "notice-strip",
    "notice-found",
    "notice-find",
    "notice-text",
    "notice-plan",
    "notice-qr-code",
    "notice-unreadable",
    "search-empty",
    "search-results",
    "search-nothing",
    "search-reach",
    "information-index",
    "information-hours",
    "information-grants",
    "information-tourism-german-contrast",
    "information-outages",
    "survey-faces",
    "survey-thanks",
    "alert-extreme",
    "alert-banner-idle",
    "alert-strip-board",
    "waiting",
    "countdown",
    "service-pin",
    "service-device",
    "service-network",
    "service-display",
    "service-restart",
];
const KEPT_LANDSCAPE: &[&str] = &[
    "idle-titles",
    "idle-notice",
    "board",
    "board-largest",
    "notice",
    "notice-long-title",
    "search-results",
    "information-index",
    "alert-reach",
];

#[test]
fn every_screen_looks_as_it_was_approved() {
    let mut kiosk = Kiosk::new(1080, 1920, |_| ());
    let mut wrong = Vec::new();
    for (orientation, width, height, kept) in [
        ("portrait", 1080, 1920, KEPT_PORTRAIT),
        ("landscape", 1920, 1080, KEPT_LANDSCAPE),
    ] {
        kiosk.headless.resize(width, height);
        for scene in kept.iter().map(|name| scenes::named(name)) {
            kiosk.show(&scene);
            let name = format!("{}-{orientation}", scene.name);
            wrong.extend(snapshot::compare(&name, &kiosk.headless.snapshot()).err());
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// `SCENES=notice,board-reach` draws the scenes whose names begin so into `target/screens`.
#[test]
fn scenes_that_are_asked_for_are_drawn() {
    let Ok(names) = std::env::var("SCENES") else {
        return;
    };
    let mut kiosk = Kiosk::new(1080, 1920, |_| ());
    for (orientation, width, height) in [("portrait", 1080, 1920), ("landscape", 1920, 1080)] {
        kiosk.headless.resize(width, height);
        for scene in scenes::all() {
            if names.split(',').any(|name| scene.name.starts_with(name)) {
                kiosk.show(&scene);
                let name = format!("{}-{orientation}", scene.name);
                snapshot::save_full(&name, &kiosk.headless.snapshot());
            }
        }
    }
}
