//! The type sizes of all elements on the screen.

use std::collections::HashMap;

use i_slint_core::item_rendering::HasFont;
use i_slint_core::item_tree::{ItemRc, ensure_item_tree_instantiated};
use i_slint_core::items::{ComplexText, SimpleText, StyledTextItem, TextInput};
use i_slint_core::window::WindowInner;

use crate::app::elements::{ElementKey, key_of};

/// The height of a capital letter of Source Sans 3, for a size of 1.
pub(super) const CAPITAL_HEIGHT: f32 = 0.66;

/// The size of the smallest text in each element, in logical pixels.
pub(super) fn smallest(window: &slint::Window) -> HashMap<ElementKey, f32> {
    let mut sizes = HashMap::new();
    if let Some(component) = WindowInner::from_pub(window).try_component() {
        ensure_item_tree_instantiated(&component);
        visit(&ItemRc::new_root(component), &mut sizes);
    }
    sizes
}

/// The smallest text in an item and its descendants.
fn visit(item: &ItemRc, sizes: &mut HashMap<ElementKey, f32>) -> Option<f32> {
    let place = item.geometry();
    let is_there = place.size.width > 0.0 && place.size.height > 0.0;
    let mut smallest = own_size(item).filter(|_| is_there);
    let mut child = item.first_child();
    while let Some(inner) = child {
        if let Some(size) = visit(&inner, sizes) {
            smallest = Some(smallest.map_or(size, |known| known.min(size)));
        }
        child = inner.next_sibling();
    }
    if let Some(size) = smallest
        && item.is_accessible()
    {
        sizes.insert(key_of(item), size);
    }
    smallest
}

fn own_size(item: &ItemRc) -> Option<f32> {
    let request = if let Some(text) = item.downcast::<SimpleText>() {
        text.as_pin_ref().font_request(item)
    } else if let Some(text) = item.downcast::<ComplexText>() {
        text.as_pin_ref().font_request(item)
    } else if let Some(text) = item.downcast::<StyledTextItem>() {
        text.as_pin_ref().font_request(item)
    } else {
        item.downcast::<TextInput>()?
            .as_pin_ref()
            .font_request(item)
    };
    request.pixel_size.map(|size| size.get())
}

#[cfg(test)]
mod tests {
    use skrifa::instance::{LocationRef, Size};
    use skrifa::{FontRef, MetadataProvider};

    use super::*;

    #[test]
    fn the_height_of_capitals_is_that_of_the_font() {
        let font = include_bytes!("../../../ui/fonts/SourceSans3-Regular.ttf");
        let metrics = FontRef::new(font)
            .unwrap()
            .metrics(Size::new(1.0), LocationRef::default());
        assert!((metrics.cap_height.unwrap() - CAPITAL_HEIGHT).abs() < 0.002);
    }
}
