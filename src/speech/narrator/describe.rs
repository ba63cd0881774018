//! The description of an element in words.

use vyveska_board::Language;
use vyveska_board::format::counting::one_of;

use super::Narrator;
use super::queue::{Message, Piece};
use crate::speech::element::{Element, Role};
use crate::speech::record::by_language;

impl Narrator {
    pub(super) fn describe(&self, element: &Element, message: &mut Message) {
        self.label(&element.label, message);
        let mut about: Vec<String> = Vec::new();
        about.push(self.words().role(element.role).to_owned());
        about.extend(self.state(element));
        about.retain(|word| !word.is_empty());
        if !about.is_empty() {
            message.push(Piece {
                text: about.join(", "),
                language: self.language,
            });
        }
    }

    /// What can change about an element without its becoming another.
    pub(super) fn state(&self, element: &Element) -> Vec<String> {
        let words = self.words();
        let mut state = Vec::new();
        if element.role == Role::TextInput && element.value.is_empty() {
            state.push(words.empty().to_owned());
        }
        if !element.value.is_empty() {
            state.push(self.value(&element.value));
        }
        if let Some(on) = element.checked {
            state.push(words.on_or_off(on).to_owned());
        }
        if element.selected == Some(true) {
            state.push(words.selected().to_owned());
        }
        if let Some(unfolded) = element.expanded {
            state.push(words.unfolded(unfolded).to_owned());
        }
        if !element.enabled {
            state.push(words.not_now().to_owned());
        }
        state
    }

    /// „2/4" is one of four.
    fn value(&self, value: &str) -> String {
        let numbers = value
            .split_once('/')
            .and_then(|(step, steps)| Some((step.parse().ok()?, steps.parse().ok()?)));
        match numbers {
            Some((step, steps)) => one_of(self.language, step, steps),
            None => value.to_owned(),
        }
    }

    /// Says a label, each part in its own language.
    pub(super) fn label(&self, label: &str, message: &mut Message) {
        let label = plain(label);
        if self.language == Language::Czech {
            message.own(&label, Language::Czech);
            return;
        }
        for (text, language) in by_language(&label, self.language, &self.record) {
            message.own(text, language);
        }
    }
}

/// With ordinary spaces; the end of a line separates words like a full stop. Where a label joins texts by full stops,
/// a sentence that ended already does not end twice.
pub(super) fn plain(text: &str) -> String {
    let spaced = text
        .replace(['\u{a0}', '\u{202f}'], " ")
        .replace('\n', ", ");
    let mut said = String::with_capacity(spaced.len());
    let mut letters = spaced.chars().peekable();
    while let Some(letter) = letters.next() {
        let joins = letter == '.' && letters.peek().is_none_or(|next| *next == ' ');
        let ended = said.ends_with(['?', '!', '…']) || said.ends_with('.') && !said.ends_with("..");
        if !(joins && ended) {
            said.push(letter);
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_once() {
        for (label, said) in [
            (
                "Jak se vám u nás vedlo?. Anketa",
                "Jak se vám u nás vedlo? Anketa",
            ),
            (
                "Prodej s.\u{a0}r.\u{a0}o.. vyvěšeno 5.\u{a0}11.",
                "Prodej s. r. o. vyvěšeno 5. 11.",
            ),
            ("Pozor!. Anketa", "Pozor! Anketa"),
            ("Kdo přijde... uvidí", "Kdo přijde... uvidí"),
            ("web mesto.example", "web mesto.example"),
        ] {
            assert_eq!(plain(label), said);
        }
    }
}
