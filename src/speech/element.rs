//! What is on the screen, as someone who does not see it meets it: roles, words and places.
//!
//! The markup is the only source: whatever it declares for accessibility is what the narrator says,
//! what a scripted visit looks for, and what tests check. No screen has code of its own here.

/// One thing on the screen that can be named.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    /// Which item of the markup it is, for as long as that exists.
    pub key: ElementKey,
    /// What kind of thing it is.
    pub role: Role,
    /// What it says it is.
    pub label: String,
    /// What it holds: the text of a field.
    pub value: String,
    /// Whether it can be used now.
    pub enabled: bool,
    /// Whether it is ticked, for what can be.
    pub checked: Option<bool>,
    /// Whether it is the chosen one, for one of several.
    pub selected: Option<bool>,
    /// Whether what belongs to it is unfolded, for what can be.
    pub expanded: Option<bool>,
    /// Whether its changes are told without being asked for.
    pub live: Live,
    /// Whether something happens when it is touched.
    pub acts: bool,
    /// The left of what is visible of it, from the window's left, in logical pixels.
    pub x: f32,
    /// The top of what is visible of it, from the window's top.
    pub y: f32,
    /// How much of it is visible across.
    pub width: f32,
    /// How much of it is visible down.
    pub height: f32,
    /// Its whole place, also where it is cut by what scrolls.
    pub whole: Rect,
    /// What scrolls it, if anything does.
    pub scroller: Option<Scroller>,
    /// What it belongs to, the outermost first.
    pub groups: Vec<Group>,
}

impl Element {
    /// The middle of what is visible of it.
    pub fn middle(&self) -> (f32, f32) {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// What is visible of it.
    pub fn place(&self) -> Rect {
        Rect {
            x: self.x,
            y: self.y,
            width: self.width,
            height: self.height,
        }
    }
}

/// Tells items of the markup apart; of no meaning beyond that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ElementKey(pub u64);

/// Several elements that belong together: a page, a dialog, a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Which item of the markup it is.
    pub key: ElementKey,
    /// What it says it is; may be empty. As long as this stays, it is the same page.
    pub label: String,
    /// What it says of itself beside its name, such as how much it holds; may be empty.
    pub description: String,
    /// Whether it can be left by its own means: closed, or gone back from.
    pub leaves: bool,
    /// Whether it stands around every page: the header, the bar.
    pub frame: bool,
}

/// A part of the screen whose content is longer than it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scroller {
    /// Which item of the markup it is.
    pub key: ElementKey,
    /// Its place in the window.
    pub place: Rect,
    /// How far its content is pushed up.
    pub offset: f32,
    /// How far it can be.
    pub most: f32,
}

/// What kind of thing an element is, as far as its users care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Does something.
    Button,
    /// One entry of a list, which does something too.
    ListItem,
    /// Unfolds a list.
    Combobox,
    /// On or off.
    Checkbox,
    /// One of several.
    RadioButton,
    /// One of several pages.
    Tab,
    /// A field to type into.
    TextInput,
    /// Larger or smaller.
    Slider,
    /// How far something is.
    Progress,
    /// Words.
    Text,
    /// A picture with a name.
    Image,
}

impl Role {
    /// Whether it is there to be touched.
    pub const fn is_touchable(self) -> bool {
        !matches!(self, Self::Progress | Self::Text | Self::Image)
    }
}

/// Whether changes of an element are told without being asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Live {
    /// No.
    #[default]
    Off,
    /// Yes, after what is being said.
    Polite,
    /// Yes, at once.
    Assertive,
}

/// A place on the screen, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    /// From the left.
    pub x: f32,
    /// From the top.
    pub y: f32,
    /// Across.
    pub width: f32,
    /// Down.
    pub height: f32,
}

impl Rect {
    /// Whether it has no extent.
    pub fn is_empty(&self) -> bool {
        self.width <= 0.0 || self.height <= 0.0
    }

    /// Whether a point lies in it.
    pub fn contains(&self, x: f32, y: f32) -> bool {
        x >= self.x && x < self.x + self.width && y >= self.y && y < self.y + self.height
    }

    /// What it has in common with another.
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
