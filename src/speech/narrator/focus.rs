//! The focus, and its movement between elements.

use super::queue::Message;
use super::{Effect, Narrator};
use crate::speech::element::{Element, ElementKey, Role, Scroller};

/// What identifies an element after the screen has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) key: ElementKey,
    role: Role,
    label: String,
    group: Option<String>,
    position: usize,
}

impl Identity {
    fn of(elements: &[Element], index: usize) -> Self {
        let element = &elements[index];
        Self {
            key: element.key,
            role: element.role,
            label: element.label.clone(),
            group: element.groups.last().map(|group| group.label.clone()),
            position: index,
        }
    }

    /// The same element, or its replacement.
    fn find(&self, elements: &[Element]) -> Option<usize> {
        let likeness = |element: &Element| {
            let key = element.key == self.key;
            let role = element.role == self.role;
            let label = element.label == self.label;
            let group = element.groups.last().map(|group| &group.label) == self.group.as_ref();
            // A pooled card keeps its key and shows another notice: words have more weight.
            match (role, label, key, group) {
                (true, true, true, _) => 4,
                (true, true, false, true) => 3,
                (true, false, true, _) => 2,
                (true, true, false, false) => 1,
                _ => 0,
            }
        };
        elements
            .iter()
            .enumerate()
            .map(|(index, element)| (likeness(element), index))
            .filter(|(likeness, _)| *likeness > 0)
            // Of equals the nearest.
            .min_by_key(|(likeness, index)| (4 - likeness, index.abs_diff(self.position)))
            .map(|(_, index)| index)
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Focus {
    at: Option<Identity>,
    /// The focus before something came in front, and the name of the page then; the latest last.
    before: Vec<(String, Identity)>,
}

/// The most positions remembered.
const DEPTH: usize = 8;

impl Focus {
    pub(super) fn index(&self, elements: &[Element]) -> Option<usize> {
        self.at.as_ref()?.find(elements)
    }

    pub(super) fn is_set(&self) -> bool {
        self.at.is_some()
    }

    pub(super) fn set(&mut self, elements: &[Element], index: usize) {
        self.at = (index < elements.len()).then(|| Identity::of(elements, index));
    }

    /// Remembers the focus, because something comes in front.
    pub(super) fn push(&mut self, page: &str) {
        if let Some(at) = self.at.take() {
            if self.before.len() >= DEPTH {
                self.before.remove(0);
            }
            self.before.push((page.to_owned(), at));
        }
    }

    /// Returns to the focus from before something came in front, when it is visible again on the same page,
    /// or was visible all the time and what came in front is gone.
    pub(super) fn come_back(&mut self, before: &[Element], now: &[Element], page: &str) -> bool {
        let around = self.at.as_ref().and_then(|at| at.group.as_ref());
        let has_gone = around.is_some_and(|around| {
            let mut groups = now.iter().flat_map(|element| &element.groups);
            !groups.any(|group| group.label == *around)
        });
        let back = self.before.iter().rposition(|(on, at)| {
            on == page && at.find(now).is_some() && (has_gone || at.find(before).is_none())
        });
        let Some(position) = back else { return false };
        let index = self.before[position].1.find(now);
        self.before.truncate(position);
        if let Some(index) = index {
            self.set(now, index);
        }
        true
    }

    /// Finds the element in a changed screen; when it is gone, the focus stays near. Says whether it was found.
    pub(super) fn relocate(&mut self, elements: &[Element]) -> bool {
        let Some(at) = &self.at else { return true };
        let found = at.find(elements);
        let near = at.position.min(elements.len().saturating_sub(1));
        self.set(elements, found.unwrap_or(near));
        found.is_some()
    }
}

impl Narrator {
    /// Moves by one element; a scroller scrolls before the focus leaves it.
    pub(super) fn step(&mut self, direction: isize) -> Vec<Effect> {
        let count = self.elements.len();
        if count == 0 {
            return Vec::new();
        }
        let Some(index) = self.focus.index(&self.elements) else {
            let first = if direction > 0 { 0 } else { count - 1 };
            return self.focus_on(first);
        };
        if let Some(effect) = self.scroll_before_leaving(index, direction) {
            return vec![effect];
        }
        let next = (index + count).saturating_add_signed(direction) % count;
        let wrapped = direction > 0 && next == 0;
        self.focus_with(next, wrapped)
    }

    /// To the first element of the next section, or of this one or the previous one.
    pub(super) fn step_section(&mut self, forward: bool) -> Vec<Effect> {
        let starts = self.section_starts();
        let Some(last) = starts.last().copied() else {
            return Vec::new();
        };
        let index = self.focus.index(&self.elements);
        let to = match (index, forward) {
            (None, true) => 0,
            (None, false) => last,
            (Some(index), true) => starts
                .iter()
                .copied()
                .find(|start| *start > index)
                .unwrap_or(0),
            (Some(index), false) => starts
                .iter()
                .rev()
                .copied()
                .find(|start| *start < index)
                .unwrap_or(last),
        };
        let wrapped = forward && to == 0 && index.is_some();
        self.focus_with(to, wrapped)
    }

    /// To the last section of the screen.
    pub(super) fn go_to_bar(&mut self) -> Vec<Effect> {
        match self.section_starts().last().copied() {
            Some(start) => self.focus_on(start),
            None => Vec::new(),
        }
    }

    fn section_starts(&self) -> Vec<usize> {
        let section = |element: &Element| {
            (
                element.groups.last().map(|group| group.key),
                element.scroller.map(|scroller| scroller.key),
            )
        };
        let mut starts = Vec::new();
        for (index, element) in self.elements.iter().enumerate() {
            if index == 0 || section(element) != section(&self.elements[index - 1]) {
                starts.push(index);
            }
        }
        starts
    }

    pub(super) fn focus_on(&mut self, index: usize) -> Vec<Effect> {
        self.focus_with(index, false)
    }

    fn focus_with(&mut self, index: usize, wrapped: bool) -> Vec<Effect> {
        let Some(element) = self.elements.get(index).cloned() else {
            return Vec::new();
        };
        let entered = self.entered_group(&element);
        self.focus.set(&self.elements, index);
        let mut message = Message::new();
        if wrapped {
            message.own(self.words().first_again(), self.language);
        }
        if let Some(group) = entered {
            self.label(&group, &mut message);
        }
        self.describe(&element, &mut message);
        let mut effects: Vec<Effect> = reveal(&element).into_iter().collect();
        effects.extend(self.say(message));
        effects
    }

    /// The name of the group the focus enters with an element, if it has one.
    fn entered_group(&self, element: &Element) -> Option<String> {
        let entered = element
            .groups
            .last()
            .filter(|group| !group.label.is_empty())?;
        let was_inside = self
            .focused()
            .is_some_and(|before| before.groups.iter().any(|group| group.key == entered.key));
        (!was_inside && entered.label != element.label).then(|| entered.label.clone())
    }

    /// When the last visible element of a scroller is passed, the scroller scrolls first.
    fn scroll_before_leaving(&mut self, index: usize, direction: isize) -> Option<Effect> {
        let element = &self.elements[index];
        let scroller = element.scroller?;
        let neighbour = index
            .checked_add_signed(direction)
            .and_then(|next| self.elements.get(next));
        let stays = neighbour
            .and_then(|next| next.scroller)
            .is_some_and(|next| next.key == scroller.key);
        if stays {
            return None;
        }
        let place = in_content(element, &scroller);
        let offset = if direction > 0 {
            place.0.min(scroller.most)
        } else {
            (place.1 - scroller.place.height).max(0.0)
        };
        let moves = if direction > 0 {
            offset > scroller.offset + 1.0
        } else {
            offset < scroller.offset - 1.0
        };
        if !moves {
            return None;
        }
        self.remembered.scrolling = Some(Scrolling {
            scroller: scroller.key,
            place: place.0,
            x: element.whole.x,
            forward: direction > 0,
        });
        Some(Effect::Scroll {
            key: scroller.key,
            offset,
        })
    }

    /// Continues once the scroller has moved.
    pub(super) fn after_scrolling(&mut self) -> Vec<Effect> {
        let Some(scrolling) = self.remembered.scrolling.take() else {
            return Vec::new();
        };
        let inside = |element: &&(usize, &Element)| {
            element
                .1
                .scroller
                .is_some_and(|scroller| scroller.key == scrolling.scroller)
        };
        let place = |element: &Element| {
            let scroller = element.scroller.unwrap_or(NOTHING);
            (in_content(element, &scroller).0, element.whole.x)
        };
        let left_off = (scrolling.place, scrolling.x);
        let still = |element: &Element| {
            let (top, left) = place(element);
            (top - left_off.0).abs() <= 1.0 && (left - left_off.1).abs() <= 1.0
        };
        let after = |a: (f32, f32), b: (f32, f32)| {
            a.0 > b.0 + 1.0 || ((a.0 - b.0).abs() <= 1.0 && a.1 > b.1 + 1.0)
        };
        let numbered: Vec<(usize, &Element)> = self.elements.iter().enumerate().collect();
        let mut here = numbered
            .iter()
            .filter(inside)
            .filter(|element| still(element.1))
            .map(|element| element.0);
        let neighbour = if scrolling.forward {
            here.next_back().map(|index| index.checked_add(1))
        } else {
            here.next().map(|index| index.checked_sub(1))
        };
        let target = if let Some(neighbour) = neighbour {
            // The order continues from an element that is still there: in columns the next is not always below.
            neighbour
                .and_then(|index| numbered.get(index))
                .filter(|element| inside(element))
        } else if scrolling.forward {
            numbered
                .iter()
                .filter(inside)
                .find(|element| after(place(element.1), left_off))
        } else {
            numbered
                .iter()
                .rev()
                .filter(inside)
                .find(|element| after(left_off, place(element.1)))
        };
        let target = target.map(|element| element.0);
        match target {
            Some(index) => self.focus_on(index),
            // There was nothing more to scroll: the scroller is left.
            None => self.leave(if scrolling.forward { 1 } else { -1 }),
        }
    }

    fn leave(&mut self, direction: isize) -> Vec<Effect> {
        let count = self.elements.len();
        match self.focus.index(&self.elements) {
            Some(index) => self.focus_on((index + count).saturating_add_signed(direction) % count),
            None => Vec::new(),
        }
    }
}

const NOTHING: Scroller = Scroller {
    key: ElementKey(0),
    place: crate::speech::element::Rect {
        x: 0.0,
        y: 0.0,
        width: 0.0,
        height: 0.0,
    },
    offset: 0.0,
    most: 0.0,
};

/// A scroll in progress on behalf of the focus.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scrolling {
    scroller: ElementKey,
    place: f32,
    x: f32,
    forward: bool,
}

/// The extent of an element within its scroller's content.
fn in_content(element: &Element, scroller: &Scroller) -> (f32, f32) {
    let top = element.whole.y - scroller.place.y + scroller.offset;
    (top, top + element.whole.height)
}

/// Scrolls an element fully into view, when it is clipped and fits.
fn reveal(element: &Element) -> Option<Effect> {
    let scroller = element.scroller?;
    let (top, bottom) = in_content(element, &scroller);
    if element.whole.height > scroller.place.height {
        return None;
    }
    let offset = if top < scroller.offset - 1.0 {
        top
    } else if bottom > scroller.offset + scroller.place.height + 1.0 {
        bottom - scroller.place.height
    } else {
        return None;
    };
    Some(Effect::Scroll {
        key: scroller.key,
        offset: offset.clamp(0.0, scroller.most),
    })
}
