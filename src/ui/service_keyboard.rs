//! Keyboards for the fields of the service screen: digits for addresses, letters of host names for the rest.

use vyveska_board::Language;

use super::keyboard::{Cap, KeyDoes, Row};
use crate::state::service_mode::Field;

pub(super) fn rows(field: Field, language: Language) -> Vec<Row> {
    if field.is_of_fixed_address() {
        return vec![
            row("123", &[(KeyDoes::Erase, 1.0)]),
            row("456", &[(KeyDoes::Letter('.'), 1.0)]),
            row("789", &[(KeyDoes::Letter('/'), 1.0)]),
            row("0,", &[(KeyDoes::Clear, 1.0), (KeyDoes::Done, 1.0)]),
        ];
    }
    // The layout people here are used to.
    let (top, bottom) = match language {
        Language::Czech | Language::German => ("qwertzuiop", "yxcvbnm._"),
        Language::English => ("qwertyuiop", "zxcvbnm._"),
    };
    vec![
        row("1234567890", &[]),
        row(top, &[]),
        row("asdfghjkl-", &[]),
        row(bottom, &[(KeyDoes::Erase, 1.0)]),
        row(":/@", &[(KeyDoes::Clear, 3.5), (KeyDoes::Done, 3.5)]),
    ]
}

fn row(letters: &str, wide: &[(KeyDoes, f32)]) -> Row {
    let letters = letters.chars().map(|letter| (KeyDoes::Letter(letter), 1.0));
    let caps: Vec<Cap> = letters
        .chain(wide.iter().copied())
        .map(|(does, width)| Cap { does, width })
        .collect();
    let units = caps.iter().map(|cap| cap.width).sum();
    Row { caps, units }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_can_be_written_erased_and_left() {
        let needed = |field: Field| match field {
            Field::Address | Field::Gateway => "0123456789.",
            Field::Mask => "0123456789./",
            Field::Dns => "0123456789.,",
            Field::TimeServer => "abcdefghijklmnopqrstuvwxyz0123456789.-",
            Field::Proxy => "abcdefghijklmnopqrstuvwxyz0123456789.-:/@_",
        };
        for field in Field::ALL {
            for language in Language::ALL {
                let rows = rows(field, language);
                let does: Vec<KeyDoes> = rows
                    .iter()
                    .flat_map(|row| &row.caps)
                    .map(|cap| cap.does)
                    .collect();
                for letter in needed(field).chars() {
                    assert!(
                        does.contains(&KeyDoes::Letter(letter)),
                        "{field:?}: {letter}"
                    );
                }
                for key in [KeyDoes::Erase, KeyDoes::Clear, KeyDoes::Done] {
                    assert_eq!(does.iter().filter(|does| **does == key).count(), 1);
                }
            }
        }
    }
}
