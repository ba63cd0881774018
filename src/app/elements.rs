//! Reads the elements on the screen from the accessibility tree, as a screen reader would, and acts on them.
//!
//! Only what a person could see or touch counts: elements that are clipped, scrolled out of view or covered by something
//! that takes the touches are left out.
//! Scripted sessions touch the middle of the element they look for;
//! speech uses the default action that the markup declares.

use i_slint_core::accessibility::{
    AccessibilityAction, AccessibleStringProperty, SupportedAccessibilityAction,
};
use i_slint_core::item_tree::{ItemRc, ItemTreeRc, ensure_item_tree_instantiated};
use i_slint_core::items::{AccessibleRole, Flickable, TouchArea};
use i_slint_core::lengths::{LogicalLength, LogicalPoint};
use i_slint_core::window::WindowInner;

pub use crate::speech::element::{Element, ElementKey, Group, Live, Rect, Role, Scroller};

/// The id prefix of elements that belong to speech itself and are not read aloud.
pub const SPEECH_OVERLAY: &str = "speech-overlay";

/// An element counts as visible when at least this share of it is, or this many pixels are.
const ENOUGH: (f32, f32) = (0.4, 48.0);

/// Every visible element with an accessible name, in reading order.
pub fn on_screen(window: &slint::Window) -> Vec<Element> {
    let Some(root) = root(window) else {
        return Vec::new();
    };
    let mut scan = ElementScan::default();
    scan.visit(&root, &Surroundings::of_window(&root));
    scan.finish()
}

/// Every element that can be touched, in reading order.
pub fn touchable(window: &slint::Window) -> Vec<Element> {
    let mut elements = on_screen(window);
    elements.retain(|element| element.role.is_touchable());
    elements
}

/// Performs an element's default action. Returns whether the element still exists.
pub fn act(window: &slint::Window, key: ElementKey) -> bool {
    let Some(item) = find(window, key) else {
        return false;
    };
    item.accessible_action(&AccessibilityAction::Default);
    true
}

/// Scrolls the content of an element to an offset.
pub fn scroll(window: &slint::Window, key: ElementKey, offset: f32) {
    let flickable = find(window, key).and_then(|item| item.downcast::<Flickable>());
    if let Some(flickable) = flickable {
        flickable
            .as_pin_ref()
            .content_y
            .set(LogicalLength::new(-offset));
    }
}

/// Whether any element has the keyboard focus.
pub fn takes_keys(window: &slint::Window) -> bool {
    let focused = WindowInner::from_pub(window).focus_item.borrow().upgrade();
    focused.is_some_and(|item| item.is_visible())
}

fn root(window: &slint::Window) -> Option<ItemRc> {
    let component = WindowInner::from_pub(window).try_component()?;
    ensure_item_tree_instantiated(&component);
    Some(ItemRc::new_root(component))
}

fn find(window: &slint::Window, key: ElementKey) -> Option<ItemRc> {
    fn search(item: &ItemRc, key: ElementKey) -> Option<ItemRc> {
        if key_of(item) == key {
            return Some(item.clone());
        }
        children(item).find_map(|child| search(&child, key))
    }
    search(&root(window)?, key)
}

fn children(item: &ItemRc) -> impl Iterator<Item = ItemRc> {
    std::iter::successors(item.first_child(), ItemRc::next_sibling)
}

pub(super) fn key_of(item: &ItemRc) -> ElementKey {
    // Several items of one component may have the same place and size: the index distinguishes them.
    let address = item.borrow().as_ptr() as u64;
    // A new page may be allocated where a destroyed one was: the name of its type distinguishes them.
    let tree = ItemTreeRc::borrow_pin(item.item_tree());
    let kind = tree.as_ref().get_item_tree().as_ptr() as u64;
    let mixed = (address ^ kind.rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ElementKey(mixed ^ u64::from(item.index()))
}

/// What an item inherits from the items around it.
#[derive(Clone)]
struct Surroundings {
    /// The visible part of the parent.
    clip: Rect,
    scroller: Option<Scroller>,
    groups: Vec<Group>,
    /// Whether an element around it already names it.
    spoken_for: bool,
}

impl Surroundings {
    fn of_window(root: &ItemRc) -> Self {
        Self {
            clip: place(root),
            scroller: None,
            groups: Vec::new(),
            spoken_for: false,
        }
    }
}

/// An element with the range of items that it and its descendants occupy.
struct Found {
    element: Element,
    ends: usize,
}

/// An area that takes touches away from everything drawn before it.
struct Cover {
    at: usize,
    place: Rect,
}

#[derive(Default)]
struct ElementScan {
    visited: usize,
    found: Vec<Found>,
    covers: Vec<Cover>,
}

impl ElementScan {
    fn visit(&mut self, item: &ItemRc, around: &Surroundings) {
        let at = self.visited;
        self.visited += 1;
        let whole = place(item);
        let seen = whole.intersection(&around.clip);
        self.note_cover(item, at, seen);

        let role = if item.is_accessible() {
            item.accessible_role()
        } else {
            AccessibleRole::None
        };
        if role != AccessibleRole::None
            && text(item, AccessibleStringProperty::Id).as_deref() == Some(SPEECH_OVERLAY)
        {
            // It covers the screen, but nothing lies behind it.
            self.covers.retain(|cover| cover.at != at);
            return;
        }
        let kind = kind(role).filter(|_| !around.spoken_for);
        let position = kind.map(|kind| {
            let element = element(item, kind, whole, seen, around);
            self.found.push(Found { element, ends: at });
            self.found.len() - 1
        });

        let inside = self.inside(item, role, whole, around, kind.is_some());
        if !inside.clip.is_empty() {
            for child in children(item) {
                self.visit(&child, &inside);
            }
        }
        if let Some(position) = position {
            let found = &mut self.found[position];
            found.ends = self.visited;
            if found.element.label.is_empty() && found.element.role != Role::Image {
                found.element.label = words_inside(item);
            }
        }
    }

    fn inside(
        &self,
        item: &ItemRc,
        role: AccessibleRole,
        whole: Rect,
        around: &Surroundings,
        is_element: bool,
    ) -> Surroundings {
        let mut inside = around.clone();
        inside.spoken_for |= is_element;
        if item.borrow().as_ref().clips_children() {
            inside.clip = whole.intersection(&around.clip);
        }
        if let Some(flickable) = item.downcast::<Flickable>() {
            let flickable = flickable.as_pin_ref();
            inside.scroller = Some(Scroller {
                key: key_of(item),
                place: inside.clip,
                offset: -flickable.content_y().get(),
                most: (flickable.content_height().get() - whole.height).max(0.0),
            });
        }
        if is_group(role) {
            inside.groups.push(Group {
                key: key_of(item),
                label: text(item, AccessibleStringProperty::Label).unwrap_or_default(),
                description: text(item, AccessibleStringProperty::Description).unwrap_or_default(),
                leaves: has_default_action(item),
                frame: matches!(
                    role,
                    AccessibleRole::Banner
                        | AccessibleRole::ContentInfo
                        | AccessibleRole::Navigation
                ),
            });
        }
        inside
    }

    fn note_cover(&mut self, item: &ItemRc, at: usize, seen: Rect) {
        let takes_touches = item
            .downcast::<TouchArea>()
            .is_some_and(|area| area.as_pin_ref().enabled())
            || item
                .downcast::<Flickable>()
                .is_some_and(|flickable| flickable.as_pin_ref().interactive());
        if takes_touches && !seen.is_empty() {
            self.covers.push(Cover { at, place: seen });
        }
    }

    fn finish(self) -> Vec<Element> {
        let Self { found, covers, .. } = self;
        let elements = found
            .into_iter()
            .filter(|found| {
                let element = &found.element;
                let (x, y) = element.middle();
                let behind = covers
                    .iter()
                    .any(|cover| cover.at >= found.ends && cover.place.contains(x, y));
                !behind && enough_is_visible(element) && !element.label.trim().is_empty()
            })
            .map(|found| found.element)
            .collect();
        in_reading_order(elements)
    }
}

fn enough_is_visible(element: &Element) -> bool {
    let enough =
        |seen: f32, whole: f32| seen > 0.0 && (seen >= ENOUGH.0 * whole || seen >= ENOUGH.1);
    enough(element.width, element.whole.width) && enough(element.height, element.whole.height)
}

/// A scrolling element may hold its content in any order, as a pool of cards does: there the positions decide.
fn in_reading_order(elements: Vec<Element>) -> Vec<Element> {
    let mut ordered: Vec<Element> = Vec::with_capacity(elements.len());
    let mut rest = elements.into_iter().peekable();
    while let Some(first) = rest.next() {
        let Some(scroller) = first.scroller.map(|scroller| scroller.key) else {
            ordered.push(first);
            continue;
        };
        let mut together = vec![first];
        while let Some(next) =
            rest.next_if(|next| next.scroller.map(|scroller| scroller.key) == Some(scroller))
        {
            together.push(next);
        }
        ordered.extend(by_rows(together));
    }
    ordered
}

fn by_rows(mut elements: Vec<Element>) -> Vec<Element> {
    elements.sort_by(|a, b| a.whole.y.total_cmp(&b.whole.y));
    let mut rows: Vec<Vec<Element>> = Vec::new();
    for element in elements {
        match rows.last_mut() {
            // An element belongs to the row whose upper half it begins in.
            Some(row) if element.whole.y < row[0].whole.y + row[0].whole.height / 2.0 => {
                row.push(element);
            }
            _ => rows.push(vec![element]),
        }
    }
    for row in &mut rows {
        row.sort_by(|a, b| a.whole.x.total_cmp(&b.whole.x));
    }
    rows.into_iter().flatten().collect()
}

fn element(item: &ItemRc, role: Role, whole: Rect, seen: Rect, around: &Surroundings) -> Element {
    let said = |what| text(item, what);
    let flag = |what| said(what).map(|value| value == "true");
    let state = |can, is| flag(can).filter(|can| *can).and_then(|_| flag(is));
    Element {
        key: key_of(item),
        role,
        label: said(AccessibleStringProperty::Label).unwrap_or_default(),
        value: said(AccessibleStringProperty::Value).unwrap_or_default(),
        enabled: flag(AccessibleStringProperty::Enabled).unwrap_or(true),
        checked: state(
            AccessibleStringProperty::Checkable,
            AccessibleStringProperty::Checked,
        ),
        selected: flag(AccessibleStringProperty::ItemSelected),
        expanded: state(
            AccessibleStringProperty::Expandable,
            AccessibleStringProperty::Expanded,
        ),
        live: live(said(AccessibleStringProperty::LiveRegion).as_deref()),
        acts: has_default_action(item),
        x: seen.x,
        y: seen.y,
        width: seen.width,
        height: seen.height,
        whole,
        scroller: around.scroller,
        groups: around.groups.clone(),
    }
}

fn place(item: &ItemRc) -> Rect {
    let geometry = item.geometry();
    let corner: LogicalPoint = item.map_to_window(geometry.origin);
    Rect {
        x: corner.x,
        y: corner.y,
        width: geometry.size.width,
        height: geometry.size.height,
    }
}

fn text(item: &ItemRc, what: AccessibleStringProperty) -> Option<String> {
    item.accessible_string_property(what)
        .map(|text| text.to_string())
}

/// The text inside an element that has no label of its own.
fn words_inside(item: &ItemRc) -> String {
    fn gather(item: &ItemRc, words: &mut Vec<String>) {
        for child in children(item) {
            if child.is_accessible() && child.accessible_role() == AccessibleRole::Text {
                words.extend(text(&child, AccessibleStringProperty::Label));
            }
            gather(&child, words);
        }
    }
    let mut words = Vec::new();
    gather(item, &mut words);
    words.retain(|word| !word.trim().is_empty());
    words.join(", ")
}

fn has_default_action(item: &ItemRc) -> bool {
    item.supported_accessibility_actions()
        .contains(SupportedAccessibilityAction::Default)
}

fn live(said: Option<&str>) -> Live {
    match said {
        Some(said) if said.eq_ignore_ascii_case("polite") => Live::Polite,
        Some(said) if said.eq_ignore_ascii_case("assertive") => Live::Assertive,
        _ => Live::Off,
    }
}

fn is_group(role: AccessibleRole) -> bool {
    matches!(
        role,
        AccessibleRole::Groupbox
            | AccessibleRole::List
            | AccessibleRole::TabList
            | AccessibleRole::TabPanel
            | AccessibleRole::Table
            | AccessibleRole::RadioGroup
            | AccessibleRole::Banner
            | AccessibleRole::Complementary
            | AccessibleRole::ContentInfo
            | AccessibleRole::Form
            | AccessibleRole::Main
            | AccessibleRole::Navigation
            | AccessibleRole::Region
            | AccessibleRole::Search
    )
}

fn kind(role: AccessibleRole) -> Option<Role> {
    Some(match role {
        AccessibleRole::Button => Role::Button,
        AccessibleRole::ListItem => Role::ListItem,
        AccessibleRole::Combobox => Role::Combobox,
        AccessibleRole::Checkbox | AccessibleRole::Switch => Role::Checkbox,
        AccessibleRole::RadioButton => Role::RadioButton,
        AccessibleRole::Tab => Role::Tab,
        AccessibleRole::TextInput => Role::TextInput,
        AccessibleRole::Slider | AccessibleRole::Spinbox => Role::Slider,
        AccessibleRole::ProgressIndicator => Role::Progress,
        AccessibleRole::Text => Role::Text,
        AccessibleRole::Image => Role::Image,
        _ => return None,
    })
}
