//! Layouts of the on-screen keyboard.
//!
//! The large keyboard shows everything at once, with accented letters in rows of their own, without dead keys.
//! The small one, for low heights, has the same letters in layers.

use crate::state::{KeyboardLayout, Layer};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyDoes {
    /// Inserts this text.
    Letter(char),
    Space,
    /// Deletes the last letter.
    Erase,
    /// Deletes everything.
    Clear,
    /// Hides the keyboard.
    Done,
    /// Switches to the letters of another language.
    Layout(KeyboardLayout),
    Layer(Layer),
}

/// A key and how wide it is; a letter is one wide.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cap {
    pub(super) does: KeyDoes,
    pub(super) width: f32,
}

/// A row of keys. The space it takes is shared as if it were at least so many letters wide.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) caps: Vec<Cap>,
    pub(super) units: f32,
}

/// How many letters wide a row of the large keyboard is at least.
const LARGE: f32 = 11.0;

/// The same, of the small one.
const SMALL: f32 = 10.0;

/// Everything at once.
pub(super) fn large(layout: KeyboardLayout) -> Vec<Row> {
    let letters: &[&str] = match layout {
        KeyboardLayout::Czech => &["qwertzuiopú", "asdfghjklů<", "yxcvbnmťďňó", "ěščřžýáíé"],
        KeyboardLayout::German => &["qwertzuiopü", "asdfghjklöä", "yxcvbnmß.<<"],
        KeyboardLayout::English => &["qwertyuiop", "asdfghjkl<<", "zxcvbnm.'"],
    };
    let mut rows = vec![row("1234567890/-", LARGE)];
    rows.extend(letters.iter().map(|letters| row(letters, LARGE)));
    rows.push(wide(
        &[
            (KeyDoes::Clear, 3.1),
            (KeyDoes::Layout(next(layout)), 1.4),
            (KeyDoes::Space, 3.8),
            (KeyDoes::Done, 2.7),
        ],
        LARGE,
    ));
    rows
}

/// One layer at a time, always four rows.
pub(super) fn small(layout: KeyboardLayout, layer: Layer) -> Vec<Row> {
    let mut rows: Vec<Row> = match (layer, layout) {
        (Layer::Letters, KeyboardLayout::Czech | KeyboardLayout::German) => {
            ["qwertzuiop", "asdfghjkl<", "yxcvbnm/-"]
                .map(letters)
                .into()
        }
        (Layer::Letters, KeyboardLayout::English) => ["qwertyuiop", "asdfghjkl<", "zxcvbnm/-"]
            .map(letters)
            .into(),
        (Layer::Marks, KeyboardLayout::German) => {
            ["äöüßáéíó", "ěščřžýúů<", "ďťň/-"].map(letters).into()
        }
        (Layer::Marks, _) => ["ěščřžýáíé", "úůóďťň<", "äöüß/-"].map(letters).into(),
        (Layer::Digits, _) => vec![
            numbers("123/", 2.5),
            numbers("456-", 2.5),
            numbers("7890<", 2.0),
        ],
    };
    if layer != Layer::Digits
        && let Some(last) = rows.last_mut()
    {
        last.caps.push(Cap {
            does: KeyDoes::Layout(next(layout)),
            width: 1.0,
        });
    }
    let first = match layer {
        Layer::Digits => Layer::Letters,
        Layer::Letters | Layer::Marks => Layer::Digits,
    };
    let second = match layer {
        Layer::Marks => Layer::Letters,
        Layer::Letters | Layer::Digits => Layer::Marks,
    };
    rows.push(wide(
        &[
            (KeyDoes::Layer(first), 1.3),
            (KeyDoes::Layer(second), 1.3),
            (KeyDoes::Space, 3.1),
            (KeyDoes::Clear, 2.2),
            (KeyDoes::Done, 2.1),
        ],
        SMALL,
    ));
    rows
}

fn letters(letters: &str) -> Row {
    row(letters, SMALL)
}

/// A row of letters; `<` erases, and is wider when it is written several times.
fn row(letters: &str, least: f32) -> Row {
    let mut caps: Vec<Cap> = Vec::new();
    for letter in letters.chars() {
        match (letter, caps.last_mut()) {
            ('<', Some(last)) if last.does == KeyDoes::Erase => last.width += 1.0,
            ('<', _) => caps.push(Cap {
                does: KeyDoes::Erase,
                width: 1.0,
            }),
            (letter, _) => caps.push(Cap {
                does: KeyDoes::Letter(letter),
                width: 1.0,
            }),
        }
    }
    fit(caps, least)
}

fn numbers(letters: &str, width: f32) -> Row {
    let mut row = row(letters, SMALL);
    for cap in &mut row.caps {
        cap.width = width;
    }
    fit(row.caps, SMALL)
}

fn wide(keys: &[(KeyDoes, f32)], least: f32) -> Row {
    let caps = keys.iter().map(|(does, width)| Cap {
        does: *does,
        width: *width,
    });
    fit(caps.collect(), least)
}

fn fit(caps: Vec<Cap>, least: f32) -> Row {
    let units = caps.iter().map(|cap| cap.width).sum::<f32>().max(least);
    Row { caps, units }
}

/// The language selected by the next touch of the language key.
fn next(layout: KeyboardLayout) -> KeyboardLayout {
    match layout {
        KeyboardLayout::Czech => KeyboardLayout::German,
        KeyboardLayout::German => KeyboardLayout::English,
        KeyboardLayout::English => KeyboardLayout::Czech,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rows: &[Row]) -> String {
        let caps = rows.iter().flat_map(|row| &row.caps);
        caps.filter_map(|cap| match cap.does {
            KeyDoes::Letter(letter) => Some(letter),
            _ => None,
        })
        .collect()
    }

    fn all_small(layout: KeyboardLayout) -> Vec<Row> {
        [Layer::Letters, Layer::Marks, Layer::Digits]
            .into_iter()
            .flat_map(|layer| small(layout, layer))
            .collect()
    }

    #[test]
    fn every_letter_of_the_language_is_there_large_and_small() {
        for (layout, letters) in [
            (
                KeyboardLayout::Czech,
                "abcdefghijklmnopqrstuvwxyzáčďéěíňóřšťúůýž0123456789/-",
            ),
            (
                KeyboardLayout::German,
                "abcdefghijklmnopqrstuvwxyzäöüß0123456789/-",
            ),
            (
                KeyboardLayout::English,
                "abcdefghijklmnopqrstuvwxyz0123456789/-",
            ),
        ] {
            for rows in [large(layout), all_small(layout)] {
                let written = written(&rows);
                for letter in letters.chars() {
                    assert!(written.contains(letter), "{layout:?} has {letter}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_letter_is_always_there() {
        for layout in [
            KeyboardLayout::Czech,
            KeyboardLayout::German,
            KeyboardLayout::English,
        ] {
            let layers = [Layer::Letters, Layer::Marks, Layer::Digits];
            let keyboards = layers.map(|layer| small(layout, layer)).into_iter();
            for rows in keyboards.chain([large(layout)]) {
                let all: Vec<KeyDoes> = rows
                    .iter()
                    .flat_map(|row| &row.caps)
                    .map(|cap| cap.does)
                    .collect();
                for does in [
                    KeyDoes::Space,
                    KeyDoes::Erase,
                    KeyDoes::Clear,
                    KeyDoes::Done,
                ] {
                    assert_eq!(
                        all.iter().filter(|other| **other == does).count(),
                        1,
                        "{does:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn three_touches_of_the_languages_key_pass_every_language() {
        for layout in [
            KeyboardLayout::Czech,
            KeyboardLayout::German,
            KeyboardLayout::English,
        ] {
            assert_ne!(next(layout), layout);
            assert_eq!(next(next(next(layout))), layout);
        }
    }

    #[test]
    fn rows_are_as_wide_as_their_keys() {
        for row in large(KeyboardLayout::Czech)
            .iter()
            .chain(&all_small(KeyboardLayout::German))
        {
            let keys: f32 = row.caps.iter().map(|cap| cap.width).sum();
            assert!(keys <= row.units + 0.01 && row.caps.len() <= 12);
        }
    }
}
