//! Contrast of every word, icon and state for people with low vision.
//!
//! Every scene is checked in every scheme, upright and lying, item by item, against the ground under it;
//! then each kind of target is pressed and checked again.

use std::collections::BTreeSet;

use slint::{Color, ComponentHandle};
use vyveska::ui::town_colour::{LEAST_CONTRAST, contrast};
use vyveska::ui::{Palette, Scheme};

use crate::painted::{Painting, Target};
use crate::{Kiosk, scenes};

/// For icons, borders of fields and marks of state (EN 301 549, 9.1.4.11).
const LEAST_OF_SHAPES: f32 = 3.0;

/// Least thickness of a mark of state, on a panel of 43″ in full HD.
const LEAST_THICKNESS_MM: f32 = 1.5;
const MM: f32 = 25.4 * 43.0 / 2202.9;

const SCHEMES: [Scheme; 3] = [Scheme::Day, Scheme::HighContrast, Scheme::Night];

/// Faults, each reported once, where it was found first.
#[derive(Default)]
struct Faults {
    known: BTreeSet<String>,
    found: Vec<String>,
}

impl Faults {
    fn note(&mut self, place: &str, fault: String, kind: String) {
        if self.known.insert(kind) {
            self.found.push(format!("{place}: {fault}"));
        }
    }
}

fn hex(colour: Color) -> String {
    format!(
        "#{:02X}{:02X}{:02X}",
        colour.red(),
        colour.green(),
        colour.blue()
    )
}

/// Checks every word and icon against its ground.
fn look_at_marks(
    painting: &Painting,
    only: Option<&Target>,
    place: &str,
    faults: &mut Faults,
) -> usize {
    let mut seen = 0;
    for mark in &painting.marks {
        if only.is_some_and(|target| !Painting::is_in(mark, target)) {
            continue;
        }
        let least = if mark.words {
            LEAST_CONTRAST
        } else {
            LEAST_OF_SHAPES
        };
        for ground in painting.grounds(mark) {
            seen += 1;
            let found = contrast(mark.colour, ground);
            if found < least {
                let pair = format!("{} on {}", hex(mark.colour), hex(ground));
                faults.note(
                    place,
                    format!("{} is {pair}, {found:.2} : 1", mark.what),
                    format!("{pair} {}", mark.words),
                );
            }
        }
    }
    seen
}

/// Whether something in a target stands out from its ground: a filled area, a thick line.
fn stands_out(painting: &Painting, target: &Target) -> Option<bool> {
    let around = painting.around(target)?;
    let mut shapes = painting.shapes(target);
    Some(shapes.any(|(colour, thickness)| {
        thickness * MM >= LEAST_THICKNESS_MM && contrast(colour, around) >= LEAST_OF_SHAPES
    }))
}

/// A selected or checked target differs by more than a shade, any other does not; a field shows its extent.
fn look_at_states(painting: &Painting, place: &str, faults: &mut Faults) -> usize {
    let mut seen = 0;
    for target in painting.targets.iter().filter(|target| target.enabled) {
        if let Some(on) = target.on
            && let Some(stands_out) = stands_out(painting, target)
        {
            seen += 1;
            if on != stands_out {
                let what = if on { "is on" } else { "is off" };
                faults.note(
                    place,
                    format!(
                        "{:?} ({}) {what} and does not look so",
                        target.label, target.component
                    ),
                    format!("{} {on} {place}", target.component),
                );
            }
        }
        if target.is_field
            && let Some(around) = painting.around(target)
        {
            let mut shapes = painting.shapes(target);
            if !shapes.any(|(colour, _)| contrast(colour, around) >= LEAST_OF_SHAPES) {
                faults.note(
                    place,
                    format!("the field {:?} does not show where it is", target.label),
                    target.label.clone(),
                );
            }
        }
    }
    seen
}

/// Presses each kind of target that was not pressed before.
fn press(
    kiosk: &Kiosk,
    painting: &Painting,
    place: &str,
    pressed: &mut BTreeSet<String>,
    faults: &mut Faults,
) {
    for target in painting.targets.iter().filter(|target| target.enabled) {
        let colours: BTreeSet<String> = painting
            .shapes(target)
            .map(|(colour, _)| hex(colour))
            .collect();
        let Some(around) = painting.around(target) else {
            continue;
        };
        let kind = format!(
            "{} {colours:?} on {} {:?}",
            target.component,
            hex(around),
            target.on
        );
        if !pressed.insert(kind) {
            continue;
        }
        let middle = target.place.center();
        kiosk.headless.press(middle.x, middle.y);
        let now = Painting::of(kiosk);
        let same = now.targets.iter().find(|now| now.label == target.label);
        if let Some(same) = same {
            let place = format!("{place}, {:?} pressed", target.label);
            look_at_marks(&now, Some(same), &place, faults);
        }
        // Released elsewhere, so that the press has no effect.
        kiosk
            .headless
            .release(target.place.max_x() + 4000.0, middle.y);
        kiosk.settle();
    }
}

fn look_at_everything(width: u32, height: u32) {
    let mut kiosk = Kiosk::new(width, height, |_| ());
    kiosk.stop_painting();
    let mut faults = Faults::default();
    let mut pressed = BTreeSet::new();
    let (mut marks, mut states) = (0, 0);
    for scene in scenes::all() {
        kiosk.show(&scene);
        let before = kiosk.ui.window().global::<Palette<'_>>().get_scheme();
        for scheme in SCHEMES {
            kiosk.ui.window().global::<Palette<'_>>().set_scheme(scheme);
            kiosk.settle();
            let place = format!("{} {scheme:?}", scene.name);
            let painting = Painting::of(&kiosk);
            marks += look_at_marks(&painting, None, &place, &mut faults);
            states += look_at_states(&painting, &place, &mut faults);
            press(&kiosk, &painting, &place, &mut pressed, &mut faults);
        }
        kiosk.ui.window().global::<Palette<'_>>().set_scheme(before);
    }
    assert!(
        marks > 5_000 && states > 500,
        "{marks} marks, {states} states"
    );
    assert!(pressed.len() > 50, "{} kinds were pressed", pressed.len());
    let found = faults.found;
    assert!(found.is_empty(), "{}\n{}", found.len(), found.join("\n"));
}

#[test]
fn everything_upright_stands_out_from_its_ground() {
    look_at_everything(1080, 1920);
}

#[test]
fn everything_lying_stands_out_from_its_ground() {
    look_at_everything(1920, 1080);
}
