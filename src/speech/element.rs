//! The accessibility elements on the screen: roles, labels and positions.
//!
//! The markup is the only source: its accessibility declarations are what the narrator says, what a scripted session
//! searches for, and what tests check. There is no code for particular screens here.

/// An element of the screen that has a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    /// The item of the markup, for as long as that exists.
    pub key: ElementKey,
    pub role: Role,
    pub label: String,
    /// The text of a field.
    pub value: String,
    pub enabled: bool,
    /// Whether it is checked, if it can be.
    pub checked: Option<bool>,
    /// Whether it is selected, if it is one of several.
    pub selected: Option<bool>,
    /// Whether it is expanded, if it can be.
    pub expanded: Option<bool>,
    /// Whether its changes are announced.
    pub live: Live,
    /// Whether a touch has an effect.
    pub acts: bool,
    /// The left edge of its visible part, in logical pixels from the window's left.
    pub x: f32,
    /// The top edge of its visible part, from the window's top.
    pub y: f32,
    /// The width of its visible part.
    pub width: f32,
    /// The height of its visible part.
    pub height: f32,
    /// Its whole area, including what is clipped by a scroller.
    pub whole: Rect,
    pub scroller: Option<Scroller>,
    /// The groups that contain it, the outermost first.
    pub groups: Vec<Group>,
}

impl Element {
    /// The middle of its visible part.
    pub fn middle(&self) -> (f32, f32) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// Its visible part.
    pub fn place(&self) -> Rect {
        Rect {
            x: self.x,
            y: self.y,
            width: self.width,
            height: self.height,
        }
    }
}

/// An opaque identifier of an item of the markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ElementKey(pub u64);

/// A group of elements: a page, a dialog, a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    pub key: ElementKey,
    /// Its label; may be empty. While it stays the same, the page counts as the same.
    pub label: String,
    /// Its description, such as the number of entries; may be empty.
    pub description: String,
    /// Whether it can be closed or gone back from.
    pub leaves: bool,
    /// Whether it surrounds every page: the header, the bar.
    pub frame: bool,
}

/// A scrollable part of the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scroller {
    pub key: ElementKey,
    /// Its area in the window.
    pub place: Rect,
    /// How far its content is scrolled, in logical pixels.
    pub offset: f32,
    /// The largest that `offset` can be.
    pub most: f32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Button,
    /// An entry of a list that can be touched.
    ListItem,
    /// Opens a list.
    Combobox,
    Checkbox,
    /// One of several options.
    RadioButton,
    /// One of several pages.
    Tab,
    TextInput,
    Slider,
    Progress,
    Text,
    /// An image with a name.
    Image,
}

impl Role {
    /// Whether elements of this role can be touched.
    pub const fn is_touchable(self) -> bool {
        !matches!(self, Self::Progress | Self::Text | Self::Image)
    }
}

/// Whether changes of an element are announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Live {
    #[default]
    Off,
    /// After the present utterance.
    Polite,
    /// At once.
    Assertive,
}

/// A rectangle on the screen, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

impl Rect {
    /// Whether it has no area.
    pub fn is_empty(&self) -> bool {
        self.width <= 0.0 || self.height <= 0.0
    }

    pub fn contains(&self, x: f32, y: f32) -> bool {
        x >= self.x && x < self.x + self.width && y >= self.y && y < self.y + self.height
    }

    /// The common area with another rectangle.
    pub fn intersection(&self, other: &Self) -> Self {
        let left = self.x.max(other.x);
        let top = self.y.max(other.y);
        Self {
            x: left,
            y: top,
            width: ((self.x + self.width).min(other.x + other.width) - left).max(0.0),
            height: ((self.y + self.height).min(other.y + other.height) - top).max(0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_do_not_meet_have_nothing_in_common() {
        let left = Rect {
            width: 10.0,
            height: 10.0,
            ..Rect::default()
        };
        let right = Rect { x: 20.0, ..left };
        assert!(left.intersection(&right).is_empty());
        assert_eq!(left.intersection(&left), left);
        assert!(left.contains(0.0, 9.0));
        assert!(!left.contains(10.0, 9.0));
    }
}
