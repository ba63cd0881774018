//! Changes of the screen, and which of them are announced.

use vyveska_board::Language;

use super::focus::Scrolling;
use super::queue::{Message, Piece};
use super::{Effect, Narrator};
use crate::speech::element::{Element, ElementKey, Group, Live, Role};
use crate::speech::record::RecordTexts;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScreenNow {
    /// All named elements, in reading order.
    pub elements: Vec<Element>,
    pub language: Language,
    /// The texts that are Czech in every language of the interface: the record's own.
    pub record: Vec<RecordTexts>,
    /// Whether it shows the countdown to the idle reset.
    pub asks_for_a_sign: bool,
}

/// After this many looks at an unchanged screen the completion of an action is announced.
const LOOKS_UNTIL_DONE: u8 = 8;

/// When fewer than one in this many elements of a page remain, it counts as another page.
const MOST_STAYING: usize = 3;

/// The most texts read out of something that came in front.
const MOST_TEXTS: usize = 12;

#[derive(Debug, Clone, Default)]
pub(super) struct Remembered {
    /// The element the user acted on last.
    acted_on: Option<ElementKey>,
    page: String,
    /// An action whose effect has not been announced yet.
    unanswered: Option<Unanswered>,
    pub(super) scrolling: Option<Scrolling>,
}

/// An action whose effect has not been announced yet.
#[derive(Debug, Clone, Copy, Default)]
struct Unanswered {
    /// Number of looks at the screen since.
    looks: u8,
    /// Whether anything on the screen has changed.
    changed: bool,
}

/// What is announced when nothing was for this long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// A change without words: larger, rotated.
    Done,
    /// No change, as after a repeated key that was ignored.
    Nothing,
}

impl Remembered {
    pub(super) fn acted(&mut self, key: Option<ElementKey>) {
        self.acted_on = key;
        self.unanswered = key.map(|_| Unanswered::default());
    }

    /// Another action began, or something was announced.
    pub(super) fn answered(&mut self) {
        self.unanswered = None;
    }

    /// Counts a look at the screen without an announcement;
    /// returns the outcome once it has to be announced.
    fn look(&mut self, changed: bool) -> Option<Outcome> {
        let waiting = self.unanswered.as_mut()?;
        waiting.looks += 1;
        waiting.changed |= changed;
        if waiting.looks < LOOKS_UNTIL_DONE {
            return None;
        }
        let outcome = if waiting.changed {
            Outcome::Done
        } else {
            Outcome::Nothing
        };
        self.unanswered = None;
        Some(outcome)
    }
}

impl Narrator {
    /// Announces what came in front, changes of the element acted on, and live elements.
    pub fn screen(&mut self, now: ScreenNow) -> Vec<Effect> {
        if !self.on {
            return Vec::new();
        }
        let effects = self.handle_screen(now);
        self.remembered.page = page_name(&self.elements);
        effects
    }

    fn handle_screen(&mut self, now: ScreenNow) -> Vec<Effect> {
        let language_changed = now.language != self.language;
        let before = std::mem::replace(&mut self.elements, now.elements);
        self.language = now.language;
        self.record = now.record;
        if self.asks {
            return Vec::new();
        }
        if self.remembered.scrolling.is_some() {
            return self.after_scrolling();
        }
        let mut message = Message::new();
        let mut at_once = true;
        if language_changed {
            // Every word has changed; the position has not.
            self.focus.relocate(&self.elements);
            self.title(&mut message);
            self.describe_focus(&mut message);
        } else if self.focused().is_none()
            && self
                .focus
                .come_back(&before, &self.elements, &page_name(&self.elements))
        {
            let group = appeared(&before, &self.elements);
            if let Some(group) = group.or_else(|| renamed(&before, &self.elements)) {
                self.name(&group, &mut message);
            }
            self.describe_focus(&mut message);
        } else if let Some(group) = appeared(&before, &self.elements) {
            self.enter(&group, &mut message);
        } else if self.focused().is_none()
            && let Some(group) = renamed(&before, &self.elements)
        {
            // The same page with different content.
            self.enter(&group, &mut message);
        } else {
            at_once = self.announce_changes(&before, &mut message);
        }
        message.warning = now.asks_for_a_sign;
        if message.is_empty() {
            let Some(outcome) = self.remembered.look(before != self.elements) else {
                return Vec::new();
            };
            match (outcome, self.field()) {
                // A key that was ignored: the field's content says so.
                (Outcome::Nothing, Some(field)) => message.push(Piece {
                    text: self.state(field).join(", "),
                    language: self.language,
                }),
                _ => message.own(self.words().done(), self.language),
            }
        }
        self.remembered.answered();
        if at_once {
            self.reading = None;
            self.say(message)
        } else {
            self.queue.say_after(message, self.rate, self.volume)
        }
    }

    /// Announces the screen when reading aloud starts.
    pub(super) fn introduce_screen(&mut self, message: &mut Message) {
        self.remembered.page = page_name(&self.elements);
        match main_group(&self.elements) {
            Some(group) => self.enter(&group, message),
            None => {
                self.focus.set(&self.elements, 0);
                self.describe_focus(message);
            }
        }
    }

    fn title(&self, message: &mut Message) {
        if let Some(group) = main_group(&self.elements) {
            self.name(&group, message);
        }
    }

    /// The name and description of something in front.
    fn name(&self, group: &Group, message: &mut Message) {
        self.label(&group.label, message);
        if !group.description.is_empty() {
            self.label(&group.description, message);
        }
    }

    /// The field that announces what is typed into it, when one is in front.
    fn field(&self) -> Option<&Element> {
        self.elements
            .iter()
            .find(|element| element.role == Role::TextInput && element.live != Live::Off)
    }

    fn describe_focus(&self, message: &mut Message) {
        if let Some(element) = self.focused() {
            self.describe(element, message);
        }
    }

    /// Moves the focus into something that came in front, and announces it:
    /// its name, its text up to the first control, and that control.
    fn enter(&mut self, group: &Group, message: &mut Message) {
        let inside = |element: &Element| element.groups.iter().any(|other| other.key == group.key);
        let mut indices = (0..self.elements.len()).filter(|index| inside(&self.elements[*index]));
        let indices: Vec<usize> = indices.by_ref().collect();
        self.name(group, message);
        let Some(first) = indices.first().copied() else {
            self.focus.relocate(&self.elements);
            return;
        };
        let words = indices
            .iter()
            .map(|index| &self.elements[*index])
            .take_while(|element| !element.role.is_touchable())
            .filter(|element| !group.label.contains(element.label.as_str()))
            .take(MOST_TEXTS);
        for element in words {
            self.describe(element, message);
        }
        // The selected one of several, else the first control, else the first element.
        let all = || indices.iter().copied();
        let chosen = all().find(|index| {
            self.elements[*index].selected == Some(true)
                && self.elements[*index].role == Role::ListItem
        });
        let acting = all().find(|index| self.elements[*index].role.is_touchable());
        let index = chosen.or(acting);
        if self.focus.is_set() {
            self.focus.push(&self.remembered.page);
        }
        self.focus.set(&self.elements, index.unwrap_or(first));
        if index.is_some() {
            self.describe_focus(message);
        }
    }

    /// Whether it is said at once rather than after the present utterance.
    fn announce_changes(&mut self, before: &[Element], message: &mut Message) -> bool {
        let old_focus = self.focused_in(before);
        let stayed = self.focus.relocate(&self.elements);
        let mut at_once = false;
        if stayed {
            // While a document is read, the reading itself announces its pages.
            if self.reading.is_none()
                && let (Some(old), Some(new)) = (old_focus, self.focused())
                && self.remembered.acted_on == Some(new.key)
                && old.key == new.key
            {
                let (was, is) = (self.state(&old), self.state(new));
                if old.label != new.label {
                    self.describe(new, message);
                } else if was != is {
                    // Its earlier text is known: only the difference is said.
                    let differs = is.iter().filter(|word| !was.contains(word));
                    let text = differs.cloned().collect::<Vec<_>>().join(", ");
                    message.push(Piece {
                        text,
                        language: self.language,
                    });
                }
                at_once = !message.is_empty();
            }
        } else {
            // The element in focus is gone.
            self.describe_focus(message);
            at_once = true;
        }
        if let Some(group) = renamed(before, &self.elements) {
            self.name(&group, message);
        }
        for element in changed_live(before, &self.elements) {
            // While a document is read, the reading itself announces its pages.
            if self.reading.is_some() && element.live == Live::Polite {
                continue;
            }
            at_once |= element.live == Live::Assertive;
            self.announce_live(before, element, message);
        }
        at_once
    }

    /// Says the text of a live element; of a field, only its content, where the rest is known.
    fn announce_live(&self, before: &[Element], element: &Element, message: &mut Message) {
        let holds_other = before
            .iter()
            .any(|old| old.key == element.key && old.label == element.label);
        if !holds_other {
            self.label(&element.label, message);
        }
        if holds_other || !element.value.is_empty() {
            message.push(Piece {
                text: self.state(element).join(", "),
                language: self.language,
            });
        }
    }

    fn focused_in(&self, elements: &[Element]) -> Option<Element> {
        self.focus
            .index(elements)
            .map(|index| elements[index].clone())
    }
}

/// Every named group once, in the order of its first element.
fn groups(elements: &[Element]) -> Vec<&Group> {
    let mut found: Vec<&Group> = Vec::new();
    for group in elements.iter().flat_map(|element| &element.groups) {
        if !group.label.trim().is_empty() && !found.iter().any(|other| other.key == group.key) {
            found.push(group);
        }
    }
    found
}

/// What came in front: the outermost named group that is new, or of whose elements hardly any remain.
fn appeared(before: &[Element], now: &[Element]) -> Option<Group> {
    if before.is_empty() {
        return main_group(now);
    }
    let old = groups(before);
    groups(now)
        .into_iter()
        .find(|group| {
            !group.frame
                && !old.iter().any(|other| other.label == group.label)
                && (!old.iter().any(|other| other.key == group.key)
                    || is_about_else(before, now, group.key))
        })
        .cloned()
}

/// Whether hardly any element of a group was there before: it is another page in the same place.
fn is_about_else(before: &[Element], now: &[Element], key: ElementKey) -> bool {
    let inside = |element: &&Element| element.groups.iter().any(|group| group.key == key);
    let was = |element: &&Element| {
        before
            .iter()
            .any(|old| old.role == element.role && old.label == element.label)
    };
    let held = now.iter().filter(inside).count();
    let stayed = now.iter().filter(inside).filter(was).count();
    MOST_STAYING * stayed < held
}

/// A group that stays but was renamed: another category, another notice beside the list.
fn renamed(before: &[Element], now: &[Element]) -> Option<Group> {
    let old = groups(before);
    groups(now)
        .into_iter()
        .find(|group| {
            !group.frame
                && old
                    .iter()
                    .any(|other| other.key == group.key && other.label != group.label)
        })
        .cloned()
}

/// The outermost named group with the most elements: the page.
fn main_group(elements: &[Element]) -> Option<Group> {
    let held = |key: ElementKey| {
        elements
            .iter()
            .filter(|element| element.groups.first().is_some_and(|group| group.key == key))
            .count()
    };
    groups(elements)
        .into_iter()
        .filter(|group| held(group.key) > 0)
        .max_by_key(|group| (!group.frame, held(group.key)))
        .cloned()
}

/// The name of the page, including what covers it.
fn page_name(elements: &[Element]) -> String {
    main_group(elements).map_or_else(String::new, |group| group.label)
}

/// Live elements whose text is new.
fn changed_live<'a>(before: &[Element], now: &'a [Element]) -> Vec<&'a Element> {
    let same = |element: &&Element| {
        before.iter().any(|old| {
            old.live != Live::Off && old.label == element.label && old.value == element.value
        })
    };
    now.iter()
        .filter(|element| element.live != Live::Off && !same(element))
        .collect()
}
