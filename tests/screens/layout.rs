//! The layout of every screen on every panel: nothing clipped, no overlaps, targets and type large enough.
//!
//! Measured are the real items with their positions, once the screen is at rest (`reading`).
//! `faults` has the rules.

mod faults;
mod reading;

use vyveska::state::TextSize;
use vyveska::ui::PhysicalPanel;
use vyveska_board::Language;

use crate::Kiosk;
use crate::scenes::{self, Scene};

pub(crate) use faults::targets_off_the_glass;
pub(crate) use reading::{is_within, place_of};

/// Tolerance for rounding to whole pixels.
const ROUNDING: f32 = 2.0;

/// The settings of a measurement.
#[derive(Debug, Clone, Copy)]
struct Setting {
    inches: f32,
    width: u32,
    height: u32,
    bottom_mm: f32,
    text_size: TextSize,
    reach: bool,
    /// Replaces the scene's own.
    language: Option<Language>,
}

impl Setting {
    /// Millimetres per pixel.
    fn mm(&self) -> f32 {
        25.4 * self.inches / f32::hypot(self.width as f32, self.height as f32)
    }

    fn panel(&self) -> PhysicalPanel {
        PhysicalPanel {
            diagonal_inches: self.inches,
            bottom_mm: self.bottom_mm,
        }
    }
}

/// The orientation of a panel.
#[derive(Debug, Clone, Copy)]
enum Orientation {
    Upright,
    Lying,
}

/// The supported panels: 32″ and 43″ in full HD, 55″ in 4K.
const PANELS: [(f32, (u32, u32)); 3] = [
    (32.0, (1080, 1920)),
    (43.0, (1080, 1920)),
    (55.0, (2160, 3840)),
];

/// Each panel 700 mm above the ground, the default.
fn panels(orientation: Orientation) -> [Setting; 3] {
    PANELS.map(|(inches, (short, long))| {
        let (width, height) = match orientation {
            Orientation::Upright => (short, long),
            Orientation::Lying => (long, short),
        };
        Setting {
            inches,
            width,
            height,
            bottom_mm: 700.0,
            text_size: TextSize::Normal,
            reach: false,
            language: None,
        }
    })
}

/// Every text size, and low reach with the smallest and the largest.
fn steps(panel: Setting) -> [Setting; 6] {
    [
        (TextSize::Normal, false),
        (TextSize::Large, false),
        (TextSize::Larger, false),
        (TextSize::Largest, false),
        (TextSize::Normal, true),
        (TextSize::Largest, true),
    ]
    .map(|(text_size, reach)| Setting {
        text_size,
        reach,
        ..panel
    })
}

/// Low reach, with the panel mounted as high and as low as allowed, and in between.
fn heights(panel: Setting) -> [Setting; 3] {
    let allowed = panel.panel().lower_edges(panel.width, panel.height);
    let (least, most) = (*allowed.start(), *allowed.end());
    [
        (most, TextSize::Largest),
        (least, TextSize::Largest),
        ((least + 700.0) / 2.0, TextSize::Normal),
    ]
    .map(|(bottom_mm, text_size)| Setting {
        bottom_mm,
        text_size,
        reach: true,
        ..panel
    })
}

/// The other languages, where screens are fullest and where space is scarcest.
fn languages([small, usual, _]: [Setting; 3]) -> [Setting; 4] {
    [
        (usual, Language::German, TextSize::Normal, false),
        (small, Language::German, TextSize::Largest, true),
        (small, Language::English, TextSize::Largest, false),
        (usual, Language::English, TextSize::Normal, true),
    ]
    .map(|(panel, language, text_size, reach)| Setting {
        text_size,
        reach,
        language: Some(language),
        ..panel
    })
}

impl Kiosk {
    /// Shows a scene with these settings.
    fn show_as(&mut self, scene: &Scene, setting: &Setting) {
        self.ui.set_panel(setting.panel());
        self.headless.resize(setting.width, setting.height);
        self.show_with(scene, |view_model| {
            view_model.look.text_size = setting.text_size;
            view_model.look.reach = setting.reach;
            if let Some(language) = setting.language {
                view_model.language = language;
            }
        });
    }
}

/// Whether `LAYOUT=scene,scene` names the scene; without it all are measured.
fn asked_for(scene: &Scene) -> bool {
    std::env::var("LAYOUT").map_or(true, |names| {
        names.split(',').any(|name| scene.name.starts_with(name))
    })
}

/// Measures every scene with these settings.
fn measure(settings: &[Setting]) {
    let began = settings[0];
    let mut kiosk = Kiosk::new(began.width, began.height, |_| ());
    kiosk.stop_painting();
    let scenes: Vec<Scene> = scenes::all().into_iter().filter(asked_for).collect();
    let mut wrong = Vec::new();
    for setting in settings {
        setting
            .panel()
            .check(setting.width, setting.height)
            .unwrap();
        for scene in &scenes {
            kiosk.show_as(scene, setting);
            let layout = reading::read(&kiosk, setting.mm());
            let found = faults::faults(&layout, setting).into_iter();
            wrong.extend(found.map(|fault| format!("{} on {setting:?}: {fault}", scene.name)));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} faults\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_screen_is_right_on_panels_that_stand() {
    measure(panels(Orientation::Upright).map(steps).as_flattened());
}

#[test]
fn every_screen_is_right_on_panels_that_lie() {
    measure(panels(Orientation::Lying).map(steps).as_flattened());
}

#[test]
fn what_can_be_touched_is_within_reach_however_high_a_panel_stands() {
    measure(panels(Orientation::Upright).map(heights).as_flattened());
}

#[test]
fn what_can_be_touched_is_within_reach_however_high_a_panel_lies() {
    measure(panels(Orientation::Lying).map(heights).as_flattened());
}

#[test]
fn every_language_finds_room_on_panels_that_stand() {
    measure(&languages(panels(Orientation::Upright)));
}

#[test]
fn every_language_finds_room_on_panels_that_lie() {
    measure(&languages(panels(Orientation::Lying)));
}
