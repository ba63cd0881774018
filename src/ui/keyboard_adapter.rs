//! Serves `ui/widgets/keyboard.slint`: its keys and what pressing one does.

use std::rc::Rc;

use slint::{ModelRc, VecModel};

use super::keyboard::{self, KeyDoes, Row};
use super::markup::{KeyKind, KeyboardKey, KeyboardRow};
use crate::state::{Key, KeyboardLayout, Layer, TypingIntent};

/// The rows of the large keyboard, and those of the small one.
pub(super) fn rows(
    layout: KeyboardLayout,
    layer: Layer,
) -> (ModelRc<KeyboardRow>, ModelRc<KeyboardRow>) {
    (
        model(keyboard::large(layout)),
        model(keyboard::small(layout, layer)),
    )
}

/// The intent of a key; `None` for the one that hides the keyboard.
pub(super) fn intent_of(key: &KeyboardKey) -> Option<TypingIntent> {
    Some(match key.kind {
        KeyKind::Letter => {
            TypingIntent::KeyPress(Key::Letter(key.text.chars().next().unwrap_or(' ')))
        }
        KeyKind::Space => TypingIntent::KeyPress(Key::Letter(' ')),
        KeyKind::Erase => TypingIntent::KeyPress(Key::Erase),
        KeyKind::Clear => TypingIntent::Clear,
        KeyKind::Done => return None,
        KeyKind::Czech => TypingIntent::ChooseLayout(KeyboardLayout::Czech),
        KeyKind::German => TypingIntent::ChooseLayout(KeyboardLayout::German),
        KeyKind::English => TypingIntent::ChooseLayout(KeyboardLayout::English),
        KeyKind::Letters => TypingIntent::ChooseLayer(Layer::Letters),
        KeyKind::Marks => TypingIntent::ChooseLayer(Layer::Marks),
        KeyKind::Digits => TypingIntent::ChooseLayer(Layer::Digits),
    })
}

/// The text of a physical keyboard's key; `None` when it is not printable.
pub(super) fn typed(text: &str) -> Option<TypingIntent> {
    is_printable(text).then(|| TypingIntent::Type(text.to_owned()))
}

/// Whether a physical key is printable: the toolkit names its other keys by private-use characters.
fn is_printable(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|letter| !letter.is_control() && !('\u{e000}'..='\u{f8ff}').contains(&letter))
}

fn model(rows: Vec<Row>) -> ModelRc<KeyboardRow> {
    let rows: Vec<KeyboardRow> = rows.into_iter().map(KeyboardRow::from).collect();
    ModelRc::from(Rc::new(VecModel::from(rows)))
}

impl From<Row> for KeyboardRow {
    fn from(row: Row) -> Self {
        let used: f32 = row.caps.iter().map(|cap| cap.width).sum();
        // A row of fewer keys is centred.
        let mut at = (row.units - used) / 2.0;
        let mut keys = Vec::with_capacity(row.caps.len());
        for cap in row.caps {
            let (kind, text) = match cap.does {
                KeyDoes::Letter(letter) => (KeyKind::Letter, letter.to_string()),
                KeyDoes::Space => (KeyKind::Space, String::new()),
                KeyDoes::Erase => (KeyKind::Erase, String::new()),
                KeyDoes::Clear => (KeyKind::Clear, String::new()),
                KeyDoes::Done => (KeyKind::Done, String::new()),
                KeyDoes::Layout(KeyboardLayout::Czech) => (KeyKind::Czech, "CZ".to_owned()),
                KeyDoes::Layout(KeyboardLayout::German) => (KeyKind::German, "DE".to_owned()),
                KeyDoes::Layout(KeyboardLayout::English) => (KeyKind::English, "EN".to_owned()),
                KeyDoes::Layer(Layer::Letters) => (KeyKind::Letters, "abc".to_owned()),
                KeyDoes::Layer(Layer::Marks) => (KeyKind::Marks, "ěšč".to_owned()),
                KeyDoes::Layer(Layer::Digits) => (KeyKind::Digits, "123".to_owned()),
            };
            keys.push(KeyboardKey {
                kind,
                text: text.into(),
                at,
                units: cap.width,
            });
            at += cap.width;
        }
        Self {
            keys: ModelRc::from(Rc::new(VecModel::from(keys))),
            units: row.units,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_write_nothing_are_distinguished() {
        for text in ["a", "ř", "/", " ", "5"] {
            assert!(is_printable(text), "{text:?}");
        }
        for text in [
            "", "\t", "\u{8}", "\u{7f}", "\u{1b}", "\n", "\u{f700}", "\u{10}",
        ] {
            assert!(!is_printable(text), "{text:?}");
        }
    }
}
