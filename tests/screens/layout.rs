//! Every screen on every panel: nothing cut, nothing over another, targets and type as large as hands and eyes need.
//!
//! Looked at are the items that are really there, with their places, after the screen has come to rest.
//! Sizes are told in millimetres of the glass (`domain.md`, 3.4).

use std::ops::ControlFlow;

use i_slint_core::accessibility::AccessibleStringProperty;
use i_slint_core::item_tree::{ItemRc, ParentItemTraversalMode};
use i_slint_core::items::{
    AccessibleRole, ComplexText, Flickable, Orientation, SimpleText, TouchArea,
};
use i_slint_core::lengths::LogicalRect;
use i_slint_core::window::WindowInner;
use slint::ComponentHandle;
use vyveska::state::TextSize;
use vyveska::ui::Panel;

use crate::Kiosk;
use crate::scenes::{self, Scene};

/// Gloves and rain.
const LEAST_TARGET_MM: f32 = 20.0;

/// Between two keys (`domain.md`, 3.4).
const LEAST_GAP_MM: f32 = 3.0;

/// What the keyboard and the number pad are called in the markup.
const KEYS: &str = "keys";

/// A capital H of Source Sans, of its size.
const CAPITAL: f32 = 0.66;

/// What rounding to whole pixels may take away.
const ROUNDING: f32 = 2.0;

/// A screen to be tried.
#[derive(Debug, Clone, Copy)]
struct Setting {
    inches: f32,
    width: u32,
    height: u32,
    text_size: TextSize,
    reach: bool,
}

/// Something with a place.
struct Piece {
    item: ItemRc,
    place: LogicalRect,
    /// What of it is not hidden by the edges around it.
    seen: LogicalRect,
    /// Whether it lies in something that scrolls.
    scrolls: bool,
}

/// What stands on the screen.
#[derive(Default)]
struct Layout {
    targets: Vec<(Piece, String)>,
    texts: Vec<(Piece, Type)>,
}

/// How a text is set.
struct Type {
    text: String,
    font_size: f32,
    /// How much room it would need: across, and down at the width it has.
    needs: (f32, f32),
    /// How long it is where it breaks only as it was told to.
    whole: f32,
}

fn read(kiosk: &Kiosk) -> Layout {
    let window = WindowInner::from_pub(kiosk.ui.window().window());
    let root = ItemRc::new_root(window.component());
    let mut layout = Layout::default();
    let mut covers: Vec<(usize, ItemRc, LogicalRect)> = Vec::new();
    let mut order = 0;
    let mut ranks = Vec::new();
    root.visit_descendants(|item| {
        order += 1;
        if let Some(piece) = piece_of(item) {
            if item.downcast::<TouchArea>().is_some() {
                covers.push((order, item.clone(), piece.seen));
            }
            if is_target(item) {
                let label = item
                    .accessible_string_property(AccessibleStringProperty::Label)
                    .unwrap_or_default();
                ranks.push(order);
                layout.targets.push((piece, label.to_string()));
            } else if let Some(set) = type_of(item, &piece) {
                layout.texts.push((piece, set));
            }
        }
        ControlFlow::<()>::Continue(())
    });
    // What lies behind a dialog cannot be touched.
    let mut rank = ranks.into_iter();
    layout.targets.retain(|(piece, _)| {
        let rank = rank.next().expect("there is one for each");
        let middle = piece.seen.center();
        !covers.iter().any(|(order, cover, place)| {
            *order > rank && place.contains(middle) && !is_within(cover, &piece.item)
        })
    });
    layout
}

fn is_target(item: &ItemRc) -> bool {
    item.is_accessible()
        && matches!(
            item.accessible_role(),
            AccessibleRole::Button
                | AccessibleRole::Checkbox
                | AccessibleRole::Combobox
                | AccessibleRole::ListItem
                | AccessibleRole::RadioButton
                | AccessibleRole::Switch
                | AccessibleRole::Tab
                | AccessibleRole::TextInput
        )
}

fn piece_of(item: &ItemRc) -> Option<Piece> {
    if !item.is_visible() {
        return None;
    }
    let place = place_of(item);
    let (mut seen, mut scrolls) = (place, false);
    let mut above = item.parent_item(ParentItemTraversalMode::StopAtPopups);
    while let Some(parent) = above {
        if parent.borrow().as_ref().clips_children() {
            seen = seen.intersection(&place_of(&parent))?;
        }
        scrolls |= parent.downcast::<Flickable>().is_some();
        above = parent.parent_item(ParentItemTraversalMode::StopAtPopups);
    }
    (seen.width() > 1.0 && seen.height() > 1.0).then(|| Piece {
        item: item.clone(),
        place,
        seen,
        scrolls,
    })
}

fn is_key(item: &ItemRc) -> bool {
    let mut above = Some(item.clone());
    while let Some(item) = above {
        let id = item.accessible_string_property(AccessibleStringProperty::Id);
        if id.is_some_and(|id| id == KEYS) {
            return true;
        }
        above = item.parent_item(ParentItemTraversalMode::StopAtPopups);
    }
    false
}

/// How far two places are from each other: across or down, whichever parts them more.
fn gap(a: &LogicalRect, b: &LogicalRect) -> f32 {
    let across = (a.min_x() - b.max_x()).max(b.min_x() - a.max_x());
    let down = (a.min_y() - b.max_y()).max(b.min_y() - a.max_y());
    across.max(down)
}

pub(crate) fn place_of(item: &ItemRc) -> LogicalRect {
    let place = item.geometry();
    LogicalRect::new(item.map_to_window(place.origin), place.size)
}

pub(crate) fn is_within(item: &ItemRc, outer: &ItemRc) -> bool {
    let mut here = Some(item.clone());
    while let Some(inner) = here {
        if inner == *outer {
            return true;
        }
        here = inner.parent_item(ParentItemTraversalMode::StopAtPopups);
    }
    false
}

fn type_of(item: &ItemRc, piece: &Piece) -> Option<Type> {
    let (text, font_size) = if let Some(text) = item.downcast::<ComplexText>() {
        let text = text.as_pin_ref();
        (text.text(), text.font_size().0)
    } else {
        let text = item.downcast::<SimpleText>()?;
        let text = text.as_pin_ref();
        (text.text(), text.font_size().0)
    };
    if text.trim().is_empty() {
        return None;
    }
    let adapter = item.window_adapter()?;
    let borrowed = item.borrow();
    let needed = |orientation, width| {
        let info = borrowed
            .as_ref()
            .layout_info(orientation, width, &adapter, item);
        (info.min, info.preferred)
    };
    // Across, a text that wraps needs its longest word; one that does not, all of it.
    let (least, whole) = needed(Orientation::Horizontal, -1.0);
    let wraps = item
        .downcast::<ComplexText>()
        .is_some_and(|text| text.as_pin_ref().wrap() != i_slint_core::items::TextWrap::NoWrap);
    let across = if wraps { least } else { whole };
    let (_, down) = needed(Orientation::Vertical, piece.place.width());
    Some(Type {
        text: text.to_string(),
        font_size: if font_size > 0.0 { font_size } else { 34.0 },
        needs: (across, down),
        whole,
    })
}

/// What of the things one can touch the edge of the glass leaves too little of.
pub(crate) fn targets_off_the_glass(kiosk: &Kiosk, width: u32, height: u32) -> Vec<String> {
    let (width, height) = (width as f32, height as f32);
    let mm = 25.4 * Panel::default().diagonal_inches / f32::hypot(width, height);
    let left_of = |from: f32, to: f32, most: f32| (to.min(most) - from.max(0.0)) * mm;
    read(kiosk)
        .targets
        .iter()
        .filter_map(|(piece, label)| {
            let seen = &piece.seen;
            let across = left_of(seen.min_x(), seen.max_x(), width);
            let down = left_of(seen.min_y(), seen.max_y(), height);
            (across < LEAST_TARGET_MM - mm || down < LEAST_TARGET_MM - mm)
                .then(|| format!("{across:.1} × {down:.1} mm are left of {label:?}"))
        })
        .collect()
}

/// Whether a text holds a day, „12. 1. 2027" as it is set.
fn holds_a_day(text: &str) -> bool {
    let mut parts = text.split('\u{a0}').peekable();
    while let Some(part) = parts.next() {
        let day = part.rsplit([' ', '\n']).next().unwrap_or_default();
        let number = day.strip_suffix('.').unwrap_or_default();
        if (1..=2).contains(&number.len())
            && number.bytes().all(|letter| letter.is_ascii_digit())
            && parts.peek().is_some()
        {
            return true;
        }
    }
    false
}

/// What is wrong on this screen.
fn faults(kiosk: &Kiosk, setting: &Setting) -> Vec<String> {
    let Layout { targets, texts } = read(kiosk);
    let diagonal = f32::hypot(setting.width as f32, setting.height as f32);
    let mm = 25.4 * setting.inches / diagonal;
    let mut faults = Vec::new();
    assert!(targets.len() > 6, "the bar at least is there");
    let keys: Vec<bool> = targets
        .iter()
        .map(|(piece, _)| is_key(&piece.item))
        .collect();
    let writes = targets.iter().any(|(_, label)| label == "q");
    assert!(
        !writes || keys.contains(&true),
        "the keyboard is known by its id"
    );
    for (index, (piece, label)) in targets.iter().enumerate() {
        let (width, height) = (piece.place.width() * mm, piece.place.height() * mm);
        if width < LEAST_TARGET_MM - mm || height < LEAST_TARGET_MM - mm {
            faults.push(format!("{label:?} is {width:.1} × {height:.1} mm"));
        }
        if !piece.scrolls && is_cut(piece) {
            faults.push(format!(
                "{label:?} is cut: {:?} of {:?}",
                piece.seen, piece.place
            ));
        }
        if label.trim().is_empty() {
            faults.push(format!("a target at {:?} has no name", piece.place));
        }
        if setting.reach {
            let above_ground = |y: f32| 700.0 + (setting.height as f32 - y) * mm;
            let (top, bottom) = (
                above_ground(piece.seen.min_y()),
                above_ground(piece.seen.max_y()),
            );
            if top > 1200.0 + mm || bottom < 700.0 - mm {
                faults.push(format!(
                    "{label:?} is {bottom:.0} to {top:.0} mm above the ground"
                ));
            }
        }
        for (other_index, (other, other_label)) in targets[..index].iter().enumerate() {
            let over = piece.seen.intersection(&other.seen);
            let nested = is_within(&piece.item, &other.item) || is_within(&other.item, &piece.item);
            if keys[index] && keys[other_index] {
                let gap = mm * gap(&piece.place, &other.place);
                if gap < LEAST_GAP_MM - mm / 2.0 {
                    faults.push(format!("{label:?} is {gap:.1} mm from {other_label:?}"));
                }
            }
            if !nested
                && over.is_some_and(|over| over.width() > ROUNDING && over.height() > ROUNDING)
            {
                faults.push(format!("{label:?} lies over {other_label:?}"));
            }
        }
    }
    let least = if setting.text_size >= TextSize::Larger {
        7.3
    } else {
        4.8
    };
    for (piece, set) in &texts {
        let capital = set.font_size * CAPITAL * mm;
        if capital < least {
            faults.push(format!("{:?}: a capital H is {capital:.1} mm", set.text));
        }
        let (across, down) = set.needs;
        if across > piece.place.width() + ROUNDING || down > piece.place.height() * 1.06 + ROUNDING
        {
            faults.push(format!(
                "{:?} needs {across:.0} × {down:.0} and has {:.0} × {:.0}",
                set.text,
                piece.place.width(),
                piece.place.height()
            ));
        }
        if !piece.scrolls && is_cut(piece) {
            faults.push(format!("{:?} is cut", set.text));
        }
        // The toolkit breaks lines at spaces that must not break.
        if set.whole > piece.place.width() + ROUNDING && holds_a_day(&set.text) {
            faults.push(format!("the day in {:?} may be torn apart", set.text));
        }
    }
    faults
}

fn is_cut(piece: &Piece) -> bool {
    piece.place.width() - piece.seen.width() > ROUNDING
        || piece.place.height() - piece.seen.height() > ROUNDING
}

impl Kiosk {
    /// Brings a scene onto a screen of this kind.
    fn show_as(&mut self, scene: &Scene, setting: &Setting) {
        self.ui.set_panel(Panel {
            diagonal_inches: setting.inches,
            bottom_mm: 700.0,
        });
        self.headless.resize(setting.width, setting.height);
        self.show_with(scene, |view_model| {
            view_model.look.text_size = setting.text_size;
            view_model.look.reach = setting.reach;
        });
    }
}

fn settings(width: u32, height: u32) -> Vec<Setting> {
    [
        (32.0, TextSize::Normal, false),
        (43.0, TextSize::Larger, false),
        (32.0, TextSize::Largest, false),
        (32.0, TextSize::Largest, true),
        (43.0, TextSize::Normal, true),
        (55.0, TextSize::Larger, true),
    ]
    .map(|(inches, text_size, reach)| Setting {
        inches,
        width,
        height,
        text_size,
        reach,
    })
    .to_vec()
}

/// The scenes named by `LAYOUT=scene,scene`, or all of them.
fn asked_for(scene: &Scene) -> bool {
    std::env::var("LAYOUT").map_or(true, |names| {
        names.split(',').any(|name| scene.name.starts_with(name))
    })
}

/// Measures every scene on the panels that stand or lie so.
fn measure(width: u32, height: u32) {
    let mut kiosk = Kiosk::new(width, height, |_| ());
    kiosk.headless.paint_only_for_pictures();
    let scenes: Vec<Scene> = scenes::all().into_iter().filter(asked_for).collect();
    let mut wrong = Vec::new();
    for setting in settings(width, height) {
        for scene in &scenes {
            kiosk.show_as(scene, &setting);
            wrong.extend(
                faults(&kiosk, &setting)
                    .into_iter()
                    .map(|fault| format!("{} on {setting:?}: {fault}", scene.name)),
            );
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
fn nothing_is_cut_or_too_small_or_out_of_reach_on_panels_that_stand() {
    measure(1080, 1920);
}

#[test]
fn nothing_is_cut_or_too_small_or_out_of_reach_on_panels_that_lie() {
    measure(1920, 1080);
}

#[test]
fn the_largest_panel_is_drawn_as_large_as_its_millimetres_say() {
    let mut kiosk = Kiosk::new(2160, 3840, |_| ());
    let setting = Setting {
        inches: 55.0,
        width: 2160,
        height: 3840,
        text_size: TextSize::Larger,
        reach: true,
    };
    for name in ["board", "notice"] {
        kiosk.show_as(&scenes::named(name), &setting);
        let found = faults(&kiosk, &setting);
        assert!(found.is_empty(), "{name}\n{}", found.join("\n"));
    }
}
