//! What is on the screen, as a screen reader would find it: role, label and place.
//!
//! Scripted walks look for what a person would look for and then touch its middle, a pixel on the glass;
//! nothing is pressed behind the screen's back.

use std::ops::ControlFlow;

use i_slint_core::accessibility::AccessibleStringProperty;
use i_slint_core::item_tree::ItemRc;
use i_slint_core::items::AccessibleRole;
use i_slint_core::window::WindowInner;

/// Something on the screen that can be touched.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    /// What it says it is.
    pub label: String,
    /// From the window's left, in logical pixels.
    pub x: f32,
    /// From the window's top.
    pub y: f32,
    /// Across.
    pub width: f32,
    /// Down.
    pub height: f32,
}

impl Element {
    /// Its middle.
    pub fn middle(&self) -> (f32, f32) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }
}

/// Every button, list item and choice that is visible, in the order it is drawn.
pub fn touchable(window: &slint::Window) -> Vec<Element> {
    let Some(component) = WindowInner::from_pub(window).try_component() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    ItemRc::new_root(component).visit_descendants(|item| {
        let touchable = item.is_accessible()
            && item.is_visible()
            && matches!(
                item.accessible_role(),
                AccessibleRole::Button | AccessibleRole::Combobox | AccessibleRole::ListItem
            );
        if touchable {
            let place = item.geometry();
            let corner = item.map_to_window(place.origin);
            let label = item
                .accessible_string_property(AccessibleStringProperty::Label)
                .unwrap_or_default();
            if place.size.width > 0.0 && place.size.height > 0.0 {
                found.push(Element {
                    label: label.to_string(),
                    x: corner.x,
                    y: corner.y,
                    width: place.size.width,
                    height: place.size.height,
                });
            }
        }
        ControlFlow::<()>::Continue(())
    });
    found
}
