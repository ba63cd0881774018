//! Repainting one element leaves the areas beside it whole.
//!
//! The renderer clears whole pixels, outwards from the exact edges of what has changed, and paints there again only what
//! reaches over those exact edges. Where two elements meet between two pixels they share one, and the one that did not
//! change loses it. Words and icons have air in their boxes; `tests/painting.rs` compares the pixels.

use std::collections::BTreeMap;

use i_slint_core::lengths::LogicalRect;
use vyveska::state::TextSize;
use vyveska::ui::PhysicalPanel;

use crate::Kiosk;
use crate::painted::Painting;
use crate::scenes;

const PANELS: [(u32, u32); 4] = [(1080, 1920), (1920, 1080), (720, 1280), (1280, 720)];

/// Whether the pixels cleared for one element contain some of an area that is not painted again.
fn cuts(changed: &LogicalRect, area: &LogicalRect) -> bool {
    let (changed, area) = (changed.to_box2d(), area.to_box2d());
    !changed.intersects(&area) && changed.round_out().intersects(&area.round())
}

#[test]
fn a_repainted_element_takes_no_pixel_of_an_area_beside_it() {
    let mut kiosk = Kiosk::new(1080, 1920, |_| ());
    kiosk.stop_painting();
    kiosk.ui.set_panel(PhysicalPanel::default());
    let mut cut = BTreeMap::new();
    for (width, height) in PANELS {
        kiosk.headless.resize(width, height);
        for (text_size, reach) in [(TextSize::Normal, false), (TextSize::Large, true)] {
            for scene in scenes::all() {
                kiosk.show_with(&scene, |view_model| {
                    view_model.look.text_size = text_size;
                    view_model.look.reach = reach;
                });
                let painting = Painting::of(&kiosk);
                let areas: Vec<LogicalRect> = painting.areas().collect();
                assert!(!areas.is_empty(), "{} has no areas", scene.name);
                let between = |place: &LogicalRect| *place != place.round();
                for changed in painting.places().filter(between) {
                    if let Some(area) = areas.iter().find(|area| cuts(&changed, area)) {
                        cut.entry(format!("{area:?} by {changed:?}"))
                            .or_insert_with(|| format!("{} {width}×{height}", scene.name));
                    }
                }
            }
        }
    }
    assert!(cut.is_empty(), "{} areas are cut\n{cut:#?}", cut.len());
}
