//! What changes on the screen, and what of it is told.

use vyveska_board::Language;

use super::focus::Scrolling;
use super::queue::{Message, Piece};
use super::{Effect, Narrator};
use crate::speech::element::{Element, ElementKey, Group, Live, Role};

/// What is on the screen now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScreenNow {
    /// Everything that can be named, in reading order.
    pub elements: Vec<Element>,
    /// The language of the interface.
    pub language: Language,
    /// The texts that are Czech whatever the interface's language: the record's own.
    pub record: Vec<String>,
    /// Whether it asks if anybody is still there.
    pub asks_for_a_sign: bool,
}

/// After how many looks at a screen on which nothing changes it is said that what was wanted is done.
const LOOKS_UNTIL_DONE: u8 = 8;

/// A page of which less than one in so many elements stays is another one.
const MOST_STAYING: usize = 3;

/// How many texts of something that came in front are read out with it.
const MOST_TEXTS: usize = 12;

#[derive(Debug, Clone, Default)]
pub(super) struct Remembered {
    /// The element that the user acted on last.
    acted_on: Option<ElementKey>,
    /// What the page is called.
    page: String,
    /// What nobody has told anything of yet.
    unanswered: Option<Unanswered>,
    pub(super) scrolling: Option<Scrolling>,
}

/// Something was touched, and nothing was told of what came of it.
#[derive(Debug, Clone, Copy, Default)]
struct Unanswered {
    /// How often the screen was looked at since.
    looks: u8,
    /// Whether anything on it has changed.
    changed: bool,
}

/// What is said when nothing was told for so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Something changed that has no words: larger, turned.
    Done,
    /// All is as it was, as after a key that was struck twice by a trembling hand.
    Nothing,
}

impl Remembered {
    pub(super) fn acted(&mut self, key: Option<ElementKey>) {
        self.acted_on = key;
        self.unanswered = key.map(|_| Unanswered::default());
    }

    /// Something else is done, or something was told.
    pub(super) fn answered(&mut self) {
        self.unanswered = None;
    }

    /// Takes note of a look at the screen of which nothing is to be told;
    /// what came of it, when nothing was told for so long that it has to be said.
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
    /// Follows the screen: tells what came in front, how what the user acted on has changed, and what is live.
    pub fn screen(&mut self, now: ScreenNow) -> Vec<Effect> {
        if !self.on {
            return Vec::new();
        }
        let effects = self.follow_screen(now);
        self.remembered.page = page_name(&self.elements);
        effects
    }

    fn follow_screen(&mut self, now: ScreenNow) -> Vec<Effect> {
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
            // Every word has changed; the place has not.
            self.focus.follow(&self.elements);
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
            // The same page with something else on it.
            self.enter(&group, &mut message);
        } else {
            at_once = self.tell_changes(&before, &mut message);
        }
        message.warning = now.asks_for_a_sign;
        if message.is_empty() {
            let Some(outcome) = self.remembered.look(before != self.elements) else {
                return Vec::new();
            };
            match (outcome, self.field()) {
                // A key that did not count: what stands in the field says so.
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

    /// Tells what a screen is when reading aloud begins on it.
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

    /// What something in front is called, and what it says of itself.
    fn name(&self, group: &Group, message: &mut Message) {
        self.label(&group.label, message);
        if !group.description.is_empty() {
            self.label(&group.description, message);
        }
    }

    /// The field that tells what is typed into it, when one is in front.
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

    /// Puts the focus into something that came in front, and says what that is:
    /// its name, its words up to what can first be done there, and that.
    fn enter(&mut self, group: &Group, message: &mut Message) {
        let inside = |element: &Element| element.groups.iter().any(|other| other.key == group.key);
        let mut indices = (0..self.elements.len()).filter(|index| inside(&self.elements[*index]));
        let indices: Vec<usize> = indices.by_ref().collect();
        self.name(group, message);
        let Some(first) = indices.first().copied() else {
            self.focus.follow(&self.elements);
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
        // The chosen one of several, else the first that does something, else the first.
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

    /// Says whether it is said at once rather than after what is being said.
    fn tell_changes(&mut self, before: &[Element], message: &mut Message) -> bool {
        let old_focus = self.focused_in(before);
        let stayed = self.focus.follow(&self.elements);
        let mut at_once = false;
        if stayed {
            // While a document is read, its pages are told by the reading.
            if self.reading.is_none()
                && let (Some(old), Some(new)) = (old_focus, self.focused())
                && self.remembered.acted_on == Some(new.key)
                && old.key == new.key
            {
                let (was, is) = (self.state(&old), self.state(new));
                if old.label != new.label {
                    self.describe(new, message);
                } else if was != is {
                    // What was said of it is known: only what differs.
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
            // What was in focus is gone.
            self.describe_focus(message);
            at_once = true;
        }
        if let Some(group) = renamed(before, &self.elements) {
            self.name(&group, message);
        }
        for element in changed_live(before, &self.elements) {
            // While a document is read, its pages are told by the reading.
            if self.reading.is_some() && element.live == Live::Polite {
                continue;
            }
            at_once |= element.live == Live::Assertive;
            self.tell_live(before, element, message);
        }
        at_once
    }

    /// Says the words of something live; of what holds something, only that, where the rest is known.
    fn tell_live(&self, before: &[Element], element: &Element, message: &mut Message) {
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

/// Every named group, each once, in the order of its first element.
fn groups(elements: &[Element]) -> Vec<&Group> {
    let mut found: Vec<&Group> = Vec::new();
    for group in elements.iter().flat_map(|element| &element.groups) {
        if !group.label.trim().is_empty() && !found.iter().any(|other| other.key == group.key) {
            found.push(group);
        }
    }
    found
}

/// What came in front: the outermost named group that was not there before, or holds hardly anything of what it did.
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

/// Whether hardly anything in a group was there before: it is another page in the same place.
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

/// A group that stays and is called otherwise: another category, another notice beside the list.
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

/// The outermost named group that holds the most elements: the page.
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

/// What the page is called that is in front, with whatever lies over it.
fn page_name(elements: &[Element]) -> String {
    main_group(elements).map_or_else(String::new, |group| group.label)
}

/// Live elements whose words are new.
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
